/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far lost events reach. A gap lasts from the last event of a CPU before the mark to the mark
 * itself. What other CPUs did meanwhile may stand in the wrong order to what was lost, and the
 * superpageblocks that they touched are those that lost frees and allocations may belong to as
 * well. Frees and allocations that are missing for good show as orphans, lost and double frees.
 */
#ifndef SPB_REPLAY_LOSSES_H
#define SPB_REPLAY_LOSSES_H

#include "replay/base/error.h"

#define LOSSES_MAX_SPBS (1u << 22)

/**
 * struct losses - what gaps bound; all zero: none seen
 * @gaps: marks of lost events
 * @operations: operations in gaps, each counted once
 * @nr_spbs, @spbs: superpageblocks (pfn >> spb_order) that those touched: one bit each
 * @reached: bits set in @spbs
 */
struct losses {
	u64 gaps;
	u64 operations;
	u32 reached;
	u32 nr_spbs;
	u64 *spbs;
};

/**
 * struct loss_scan - the way there
 * @done: operations so far; @counted: those already counted in @sum
 * @at_last: of each CPU: @done at its last event
 * @touched, @nr_touched: of each superpageblock: @done when it was touched last, 0: never
 */
struct loss_scan {
	struct losses sum;
	u32 spb_order;
	u64 done;
	u64 counted;
	u64 *at_last;
	u64 *touched;
	u32 nr_touched;
};

int loss_scan_init(struct loss_scan *s, u32 spb_order, struct error *err) __must_check;
void loss_scan_fini(struct loss_scan *s);
/** loss_scan_reset - the window begins: forget what was counted */
void loss_scan_reset(struct loss_scan *s);

/** loss_scan_ops - the next event of @cpu gave @nr operations on the superpageblock of @pfn */
int loss_scan_ops(struct loss_scan *s, u32 cpu, u64 pfn, u64 nr, struct error *err) __must_check;
/** loss_scan_seen - an event of @cpu without operations */
void loss_scan_seen(struct loss_scan *s, u32 cpu);
/** loss_scan_gap - a mark of lost events on @cpu */
int loss_scan_gap(struct loss_scan *s, u32 cpu, struct error *err) __must_check;

/** loss_reaches - did an operation in a gap touch superpageblock @index (pfn >> spb_order)? */
bool loss_reaches(const struct losses *l, u64 index);
void losses_fini(struct losses *l);

#endif /* SPB_REPLAY_LOSSES_H */
