/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far lost events reach. A gap lasts from the last event of a CPU before the mark to the mark
 * itself. It makes three kinds of operations uncertain, and the superpageblocks that those touch
 * are where the lost ones most likely belong:
 *
 * - what other CPUs did meanwhile: its order relative to what was lost may be wrong;
 * - the last LOSSES_BESIDE operations of the CPU before the gap and the first ones behind it: the
 *   gap may cut a burst of refills or drains (63 pages) in two;
 * - anywhere behind the first gap, what only a lost operation would explain: an allocation of a
 *   page in use, a free of a free page, and a free of a page that neither an event nor the snapshot
 *   shows in use.
 *
 * At most as many operations are missing as events were lost, where the kernel counted them.
 */
#ifndef SPB_REPLAY_LOSSES_H
#define SPB_REPLAY_LOSSES_H

#include "replay/base/error.h"

#define LOSSES_MAX_SPBS (1u << 22)
#define LOSSES_BESIDE 64u

/**
 * struct losses - what gaps bound; all zero: none seen
 * @gaps: marks of lost events; @unknown_gaps: of them, without a count; @events: sum of the others
 * @operations: operations of other CPUs in gaps, each counted once
 * @beside: of the CPU itself, just before and behind gaps, each counted once
 * @unexplained: operations behind the first gap that a lost one would explain
 * @nr_spbs, @spbs: superpageblocks (pfn >> spb_order) that all those touched: one bit each
 * @reached: bits set in @spbs
 */
struct losses {
	u64 gaps;
	u64 events;
	u64 unknown_gaps;
	u64 operations;
	u64 beside;
	u64 unexplained;
	u32 reached;
	u32 nr_spbs;
	u64 *spbs;
};

/** struct loss_figure - a count of struct losses: its name in run.json, and one line of meaning */
struct loss_figure {
	const char *name;
	size_t offset;		/* of the u64 in struct losses */
	const char *doc;
};

extern const struct loss_figure loss_figure_table[];
extern const size_t nr_loss_figures;
/** loss_figure - value of row @i of loss_figure_table */
u64 loss_figure(const struct losses *l, size_t i);

/** struct loss_op - what an event of a CPU did: @nr operations on superpageblock @index */
struct loss_op {
	u32 index;
	u32 nr;
};

/**
 * struct loss_cpu - the last operations of a CPU
 * @nr, @next: entries used in @last, and where the next one goes
 * @behind: how many more stand beside the gap that was
 */
struct loss_cpu {
	u32 nr;
	u32 next;
	u32 behind;
	struct loss_op last[LOSSES_BESIDE];
};

/**
 * struct loss_scan - the way there
 * @done: operations so far; @counted: those already counted in @sum
 * @at_last: of each CPU: @done at its last event
 * @cpu: of each CPU, NULL: no operation yet
 * @touched, @nr_touched: of each superpageblock: @done when it was touched last, 0: never
 */
struct loss_scan {
	struct losses sum;
	u32 spb_order;
	u64 done;
	u64 counted;
	u64 *at_last;
	struct loss_cpu **cpu;
	u64 *touched;
	u32 nr_touched;
};

/** loss_scan_init - no gap is open on any CPU. Return: 0 or -ERR_IO: no memory */
int loss_scan_init(struct loss_scan *s, u32 spb_order, struct error *err) __must_check;
void loss_scan_fini(struct loss_scan *s);
/** loss_scan_reset - the window begins: forget what was counted */
void loss_scan_reset(struct loss_scan *s);

/** loss_scan_ops - the next event of @cpu gave @nr operations on the superpageblock of @pfn */
int loss_scan_ops(struct loss_scan *s, u32 cpu, u64 pfn, u64 nr, struct error *err) __must_check;
/** loss_scan_seen - an event of @cpu without operations */
void loss_scan_seen(struct loss_scan *s, u32 cpu);
/** loss_scan_gap - a mark of lost events on @cpu: @events of them, 0: unknown */
int loss_scan_gap(struct loss_scan *s, u32 cpu, u64 events, struct error *err) __must_check;
/** loss_scan_unexplained - @nr operations around @pfn that a lost one would explain */
int loss_scan_unexplained(struct loss_scan *s, u64 pfn, u64 nr, struct error *err) __must_check;

/**
 * loss_reaches - did an operation that is uncertain touch superpageblock @index (pfn >> spb_order)?
 */
bool loss_reaches(const struct losses *l, u64 index);
void losses_fini(struct losses *l);

#endif /* SPB_REPLAY_LOSSES_H */
