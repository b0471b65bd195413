/* SPDX-License-Identifier: GPL-2.0 */
/* One side of a check: its model at work, and what becomes of each operation. */
#ifndef SPB_REPLAY_CHECK_SIDE_H
#define SPB_REPLAY_CHECK_SIDE_H

#include "replay/check/check_match.h"
#include "replay/demand/framemap.h"
#include "replay/engine/engine_arm.h"

/**
 * struct side - a model that replays, and what is compared
 * @arm, @metrics: as of a replay; @matcher: events; @which: open loop or following
 * @touched: SIDE_FOLLOW: frames whose place on a free list follows from the capture, because they,
 *	or a buddy that they were split from or merged with, were taken or freed
 * @ghosts: SIDE_FOLLOW: units taken out of the free lists because the recording shows that they
 *	were not there
 * @passed, @nr_passed: SIDE_FOLLOW: the page that the model wanted last, and how often in a row the
 *	recorded kernel took another one
 * @vanilla: the variant's allocator keeps labels on removals and frees as upstream does
 */
struct side {
	enum check_side which;
	const struct demand_plan *plan;
	struct check_report *report;
	struct arm arm;
	struct metrics metrics;
	struct matcher matcher;
	struct framemap touched;
	struct framemap ghosts;
	u64 passed;
	u32 nr_passed;
	bool vanilla;
};

/**
 * side_init - model in its initial state
 * @side: zeroed; side_fini() is needed either way
 */
int side_init(struct side *side, enum check_side which, const struct check_opts *opts,
	      const struct arm_setup *setup, const struct check_names *names,
	      struct check_report *report, struct error *err) __must_check;
void side_fini(struct side *side);

/**
 * side_ops - the operations [@from, @to) of @ops, all of the anchor event @e
 *
 * Return: 0 or a negative enum err_code
 */
int side_ops(struct side *side, const struct op_block *ops, u32 from, u32 to,
	     const struct event *e, u64 index, struct error *err) __must_check;

/** side_fallback - a recorded fallback @e, whether an operation or not */
int side_fallback(struct side *side, const struct event *e, struct error *err) __must_check;

/** side_end - let the model's worker do what is due until the capture's last moment */
void side_end(struct side *side);

/** side_tainted - is the superpageblock tainted in this model now? */
bool side_tainted(const struct side *side, u32 zone, u32 spb);

#endif /* SPB_REPLAY_CHECK_SIDE_H */
