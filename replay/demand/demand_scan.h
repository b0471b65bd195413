/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first pass, block by block. demand_scan() is begin, block for every block, end.
 */
#ifndef SPB_REPLAY_DEMAND_SCAN_H
#define SPB_REPLAY_DEMAND_SCAN_H

#include "replay/demand/demand.h"

struct demand_scanner;

/**
 * demand_scan_begin - start a scan
 * @meta: of the log
 * @opts: copied; the snapshot must outlive the scan
 * @pcp_buddy: the recorded PCP is known to take every order up to the pageblock
 */
struct demand_scanner *demand_scan_begin(const struct log_meta *meta,
					 const struct demand_opts *opts, bool pcp_buddy,
					 struct error *err);

/**
 * demand_scan_fits - would @meta have begun the same scan?
 *
 * For a scan that began before the log was whole. It may have expected losses that did not come.
 */
bool demand_scan_fits(const struct demand_scanner *s, const struct log_meta *meta);

/**
 * demand_scan_tasks - learn which tasks of the next block are the recorded kernel's workers
 * @r: the reader that gave @b. Without this call no task is one.
 */
int demand_scan_tasks(struct demand_scanner *s, const struct log_reader *r,
		      const struct event_block *b, struct error *err) __must_check;

enum scan_result {
	SCAN_MORE = 0,
	SCAN_DONE = 1,		/* past the window: later blocks are not needed */
	SCAN_PCP_BUDDY = 2,	/* an event proves PCP buddy: begin again with @pcp_buddy */
};

/** demand_scan_block - scan the next block. Return: enum scan_result, or negative with @err set */
int demand_scan_block(struct demand_scanner *s, const struct event_block *b,
		      struct error *err) __must_check;

/** demand_scan_end - build the plan and free the scanner. Return: NULL with @err set */
struct demand_plan *demand_scan_end(struct demand_scanner *s, struct error *err);

/** demand_scan_abort - free the scanner */
void demand_scan_abort(struct demand_scanner *s);

#endif /* SPB_REPLAY_DEMAND_SCAN_H */
