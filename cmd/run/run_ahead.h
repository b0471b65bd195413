/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first pass over a capture's events (demand_scan.h) beside the reading of the capture. What
 * only the whole capture can tell is guessed: an x86 machine, no superpageblocks in the recorded
 * kernel, the demand level that the first events speak for. Mostly that is right, and when the
 * capture has been read, there is a plan. Otherwise there is none, and the log is scanned as any
 * other.
 */
#ifndef SPB_CMD_RUN_AHEAD_H
#define SPB_CMD_RUN_AHEAD_H

#include "cmd/common/level.h"
#include "cmd/run/run.h"
#include "replay/demand/demand_scan.h"

/**
 * struct run_ahead - a scan on its way
 * @watch: for struct source_opts; its @ctx is this struct
 * @demand: what is asked of the scan; @level: it was begun for
 * @snapshot: owned, NULL until the first events came
 * @scanner: owned, NULL before and after; @off: it was given up
 * @events: so many were scanned
 */
struct run_ahead {
	struct block_watch watch;
	const struct run_opts *opts;
	struct demand_opts demand;
	const struct level *level;
	struct snapshot *snapshot;
	struct demand_scanner *scanner;
	bool off;
	u64 events;
};

/**
 * run_ahead_init - be ready to scan
 * @demand: the options that are known before the capture is: initial state and fill
 */
void run_ahead_init(struct run_ahead *a, const struct run_opts *opts,
		    const struct demand_opts *demand);
void run_ahead_fini(struct run_ahead *a);

/**
 * run_ahead_plan - the result, when the log is whole
 * @meta: of the log; @demand: what demand_scan() would be asked for, with the snapshot of @a
 *
 * Return: NULL when the guesses were wrong.
 */
struct demand_plan *run_ahead_plan(struct run_ahead *a, const struct log_meta *meta,
				   const struct demand_opts *demand);

#endif /* SPB_CMD_RUN_AHEAD_H */
