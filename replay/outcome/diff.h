/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences of a metric between a variant and the baseline (diff.csv). The arithmetic is on its
 * own, so that two finished runs can be compared as well.
 */
#ifndef SPB_REPLAY_DIFF_H
#define SPB_REPLAY_DIFF_H

#include "replay/csv/csv.h"

/**
 * struct diff_cells - one comparison, ready to print
 * @baseline, @value: the numbers; @delta: value - baseline, signed
 * @ratio: value / baseline in thousandths, rounded to nearest; CSV_EMPTY when the baseline is 0
 */
struct diff_cells {
	struct csv_cell baseline;
	struct csv_cell value;
	struct csv_cell delta;
	struct csv_cell ratio;
};

/**
 * diff_metric - compare two values of one metric
 * @type: CSV_UINT or CSV_MILLI (both values in thousandths)
 *
 * A delta or ratio beyond 63 bits is held at the limit.
 */
struct diff_cells diff_metric(enum csv_type type, u64 baseline, u64 value);

#endif /* SPB_REPLAY_DIFF_H */
