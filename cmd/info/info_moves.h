/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the recorded kernel moved on its own: compaction and migration, counted from their events.
 */
#ifndef SPB_CMD_INFO_MOVES_H
#define SPB_CMD_INFO_MOVES_H

#include "replay/log/event.h"

#define INFO_REASONS 11u	/* of enum migrate_reason; the last one: all that are not known */
#define INFO_RUNS_MAX 64u	/* compactions that run at a time */

/** struct info_batches - calls of migrate_pages(), and pages that it moved and did not */
struct info_batches {
	u64 nr;
	u64 moved;
	u64 failed;
};

/**
 * struct info_moves - all zero: no such events
 * @runs, @runs_ns: compactions from mm_compaction_begin to _end, and ns in them
 * @isolated_free, @isolated_used: pages that compaction took as targets, and to migrate
 * @compacted: by mm_compaction_migratepages; @migrated: by mm_migrate_pages, by reason
 * @run, @nr_open: compactions that have begun
 */
struct info_moves {
	u64 runs;
	u64 runs_ns;
	u64 isolated_free;
	u64 isolated_used;
	struct info_batches compacted;
	struct info_batches migrated[INFO_REASONS];
	u32 nr_open;
	struct {
		u32 task;
		u64 from;
	} run[INFO_RUNS_MAX];
};

/** info_moves_event - event @i of @b; @extra: its extra words */
void info_moves_event(struct info_moves *m, const struct event_block *b, u32 i, const u64 *extra);
/** info_moves_reason - name of @reason as the kernel prints it */
const char *info_moves_reason(u32 reason);

#endif /* SPB_CMD_INFO_MOVES_H */
