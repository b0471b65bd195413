/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of batch: what is to be done (manifest x variants), and how one capture is done. Each
 * capture has a process of its own, so that whatever happens there does not stop the rest.
 */
#ifndef SPB_CMD_BATCH_H
#define SPB_CMD_BATCH_H

#include "cmd/run/run.h"
#include "replay/base/hash.h"
#include "replay/fleet/manifest.h"

/** struct batch_opts - @run: those that replay has too; its input and snapshot stay empty */
struct batch_opts {
	struct run_opts run;
	struct str_list grid;
	const char *shard;
	bool list;
	bool json;
	bool dry_run;
	bool retry_failed;
};

#define BATCH_OPTIONS_TEXT 1024

/**
 * struct batch - one call
 * @variants, @knobs: @nr_variants of them, with the hash of their knobs; the first is the baseline
 * @options: canonical text of the options that results depend on
 * @shard: from 0, of @nr_shards
 * @mine: indexes in manifest.entries of this shard, @nr_mine of them
 */
struct batch {
	const struct command *cmd;
	const struct batch_opts *opts;
	struct manifest manifest;
	struct variant variants[RUN_MAX_VARIANTS];
	char knobs[RUN_MAX_VARIANTS][HASH64_TEXT];
	u32 nr_variants;
	char options[BATCH_OPTIONS_TEXT];
	u32 shard;
	u32 nr_shards;
	u32 *mine;
	u32 nr_mine;
};

#define BATCH_ARM_TEXT 12

/** batch_plan_row - what is asked of @entry under @variant; @arm: room for its number */
struct fleet_row batch_plan_row(const struct batch *b, u32 entry, u32 variant,
				char arm[BATCH_ARM_TEXT]);

/** batch_variants - load the variants and multiply them by the grids (batch_grid.c) */
int batch_variants(struct batch *b, struct error *err) __must_check;

/** batch_shard - the shard from --shard or from the environment (batch_shard.c) */
int batch_shard(struct batch *b, struct error *err) __must_check;

/**
 * enum batch_mode - how far to go with a capture
 * @BATCH_RUN: replay what is missing; @BATCH_CHECK: only look; @BATCH_SAMPLE: replay all of it,
 * write nothing
 */
enum batch_mode { BATCH_RUN, BATCH_CHECK, BATCH_SAMPLE };

/**
 * struct batch_result - what became of the units of a capture
 * @kept: were done before; @ran: replayed now; @failed, @partial: of all of them
 * @bytes: of the capture
 */
struct batch_result {
	u32 entry;
	u32 units;
	u32 kept;
	u32 ran;
	u32 failed;
	u32 partial;
	u64 bytes;
};

/**
 * batch_entry - do one capture (batch_entry.c)
 * @threads: for the replay
 *
 * A capture that fails is not an error: it is recorded. Return: 0 or -ERR_IO (results cannot be
 * written).
 */
int batch_entry(const struct batch *b, u32 entry, enum batch_mode mode, u32 threads,
		struct batch_result *r, struct error *err) __must_check;
/** batch_entry_crashed - record that the process of @entry died: @code and @why */
int batch_entry_crashed(const struct batch *b, u32 entry, enum err_code code, const char *why,
			struct batch_result *r, struct error *err) __must_check;

/**
 * batch_pool - do captures in processes of their own (batch_pool.c)
 * @which: indexes in manifest.entries, @nr of them
 * @done: called after each; @rss: bytes the largest process took
 */
int batch_pool(const struct batch *b, enum batch_mode mode, const u32 *which, u32 nr,
	       void (*done)(void *ctx, const struct batch_result *r), void *ctx, u64 *rss,
	       struct error *err) __must_check;
/** batch_jobs - processes at a time for @nr captures */
u32 batch_jobs(const struct batch *b, u32 nr);

/** batch_dry_run - say what is left, and what it will take (batch_dry.c). Return: status */
int batch_dry_run(const struct batch *b, struct error *err) __must_check;

#endif /* SPB_CMD_BATCH_H */
