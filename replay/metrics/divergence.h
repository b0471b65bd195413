/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a variant diverges from the baseline (divergence.csv).
 *
 * Placements are compared operation by operation, in lockstep: after each block of operations, and
 * only until each kind of difference has been seen once. Taints are matched by SPB over the whole
 * run: an SPB counts as tainted by one side only when that side turned it from clean to tainted
 * while the other side's SPB of the same zone and index was not tainted at that moment and did not
 * become tainted from then to the end. The first such taint of each SPB and side is a row.
 */
#ifndef SPB_REPLAY_DIVERGENCE_H
#define SPB_REPLAY_DIVERGENCE_H

#include "replay/metrics/metrics.h"
#include "replay/demand/op.h"

#define PLACED_FAILED 0xff	/* outcome of an allocation that found no place */
#define PLACED_NONE 0xfe	/* no such allocation: a free, or not an operation */

/**
 * struct placement - where one allocation of a block went
 * @spb: index in @zone; @category: enum sb_category before it; @outcome: enum spb_outcome or
 *	PLACED_*
 */
struct placement {
	u32 spb;
	u16 zone;
	u8 category;
	u8 outcome;
};

/** enum divergence_kind - rows of divergence.csv */
enum divergence_kind {
	DIVERGE_CATEGORY,	/* first allocation placed in another category */
	DIVERGE_SPB,		/* first placed in another SPB */
	DIVERGE_FAILED,		/* first that fails on one side only */
	DIVERGE_TAINT_VARIANT,	/* a taint that only the variant has */
	DIVERGE_TAINT_BASELINE,	/* a taint that only the baseline has */
	NR_DIVERGENCE_KINDS
};

const char *divergence_kind_name(u32 kind);

/**
 * struct divergence_row - one difference
 * @at: the operation, or the worker's moment; @seq: breaks ties in time and event
 * @baseline, @variant: what each side did with the operation; PLACED_NONE: see @kind
 */
struct divergence_row {
	struct metrics_moment at;
	u64 seq;
	u32 spb;
	u16 zone;
	u8 kind;
	u8 order;
	u8 migratetype;
	struct placement baseline;
	struct placement variant;
};

/** struct placement_list - the other side's placements, one for each taint row of a zone */
struct placement_list {
	struct placement *list;
	u32 nr;
	u32 max;
};

/**
 * struct divergence - differences of one variant from the baseline
 * @found: which of the first three kinds have been seen
 * @of_variant, @of_baseline: per zone: what the other side did where the variant (the baseline)
 *	has a taint row
 */
struct divergence {
	bool found[DIVERGE_FAILED + 1];
	u32 nr_zones;
	struct placement_list *of_variant;
	struct placement_list *of_baseline;
	struct divergence_row *rows;
	u32 nr_rows;
	u32 max_rows;
};

/** struct divergence_side - one side of a comparison: its metrics and its block's placements */
struct divergence_side {
	const struct metrics *metrics;
	const struct placement *placed;
};

/** divergence_init - Return: 0 or -ENOMEM (then nothing is held) */
int divergence_init(struct divergence *d, u32 nr_zones) __must_check;
void divergence_fini(struct divergence *d);

/** divergence_block - compare one block of operations. Return: 0 or -ENOMEM */
int divergence_block(struct divergence *d, const struct op_block *ops,
		     const struct divergence_side *baseline,
		     const struct divergence_side *variant) __must_check;

/**
 * divergence_finish - match the taints and put the rows in the order of operations
 *
 * Call after metrics_finish() of both sides. Return: 0 or -ENOMEM.
 */
int divergence_finish(struct divergence *d, const struct metrics *baseline,
		      const struct metrics *variant) __must_check;

#endif /* SPB_REPLAY_DIVERGENCE_H */
