/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Superpageblocks over time as a grid of classes: rows are superpageblocks in physical order,
 * columns are samples. Where a cell covers several of either, it shows the worst.
 */
#ifndef SPB_REPLAY_HEATMAP_H
#define SPB_REPLAY_HEATMAP_H

#include "replay/outcome/outcome_view.h"

/** enum heat_class - of one variant, from best to worst */
enum heat_class { HEAT_EMPTY, HEAT_CLEAN, HEAT_TAINTED, HEAT_STUCK, NR_HEAT_CLASSES };

/**
 * enum heat_diff_class - of a variant against the baseline
 * @HEAT_ELSEWHERE: in use here, empty there, or the other way round
 * @HEAT_BETTER: not tainted where the baseline's is, or tainted where the baseline's is stuck
 * @HEAT_WORSE: the other way round
 */
enum heat_diff_class { HEAT_SAME, HEAT_ELSEWHERE, HEAT_BETTER, HEAT_WORSE, NR_HEAT_DIFF_CLASSES };

/** struct heatmap - @cells: rows x cols, row by row, owned */
struct heatmap {
	u32 rows;
	u32 cols;
	u8 *cells;
};

/**
 * heatmap_of - the grid of one variant in one zone
 * @rows, @cols: at most; there are never more than superpageblocks and samples
 *
 * Return: 0 or -ENOMEM.
 */
int heatmap_of(const struct outcome_view *v, u32 variant, u32 zone, u32 rows, u32 cols,
	       struct heatmap *map) __must_check;
/** heatmap_diff - the same for the differences of @variant from the baseline */
int heatmap_diff(const struct outcome_view *v, u32 variant, u32 zone, u32 rows, u32 cols,
		 struct heatmap *map) __must_check;
void heatmap_fini(struct heatmap *map);

/** heatmap_first - first superpageblock of row @row out of @rows; that of row @rows is @nr */
static inline u32 heatmap_first(u32 row, u32 rows, u32 nr)
{
	return (u32)((u64)row * nr / rows);
}

#endif /* SPB_REPLAY_HEATMAP_H */
