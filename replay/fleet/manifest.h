/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The manifest of a fleet: a CSV file with one capture a row. Column capture is required;
 * snapshot, host, kernel and workload are known; every other column is a label.
 */
#ifndef SPB_REPLAY_MANIFEST_H
#define SPB_REPLAY_MANIFEST_H

#include "replay/fleet/fleet.h"
#include "replay/base/hash.h"

#define MANIFEST_MAX_ENTRIES 1000000u
#define MANIFEST_MAX_CELL 4096u

/**
 * struct manifest_entry - one row; texts are owned by the manifest
 * @cells: the plan cells that a row gives: FLEET_HOST to FLEET_ENTRY
 * @capture, @snapshot: paths to open: relative ones begin at the manifest's folder; @snapshot is
 *	NULL when there is none
 * @id: number in FLEET_ENTRY: XXH64 of both as the manifest names them; decides the shard
 */
struct manifest_entry {
	struct fleet_row cells;
	const char *capture;
	const char *snapshot;
	u64 id;
	u32 line;
};

/** struct manifest - entries in the order of fleet_order() */
struct manifest {
	struct manifest_entry *entries;
	u32 nr;
	struct text_store texts;
};

/** manifest_load - read @path. Return: 0, -ERR_IO, -ERR_DAMAGED (no CSV) or -ERR_USAGE */
int manifest_load(struct manifest *m, const char *path, struct error *err) __must_check;
void manifest_fini(struct manifest *m);

/** manifest_in_shard - does @e belong to shard @shard (from 0) of @nr? */
bool manifest_in_shard(const struct manifest_entry *e, u32 shard, u32 nr);

#endif /* SPB_REPLAY_MANIFEST_H */
