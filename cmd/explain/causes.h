/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a variant diverges from the baseline, and why a superpageblock is tainted on one side only.
 * Found in the CSV tables alone, so two earlier runs can be compared as well.
 */
#ifndef SPB_CMD_CAUSES_H
#define SPB_CMD_CAUSES_H

#include "cmd/common/results.h"

#define NO_ROW UINT32_MAX

/**
 * struct parting - the first difference of one kind
 * @table: where it is seen; @row: in that table; @of_variant: whose table (divergence.csv: both)
 * @time: ns of the capture's clock
 */
struct parting {
	enum result_table table;
	u32 row;
	bool of_variant;
	u64 time;
};

#define MAX_PARTINGS 5	/* three kinds of placement, defrag, taint */

/**
 * struct cause - a superpageblock that turned tainted on one side while the other side's was not
 * tainted then nor later
 * @by_variant: the side with the taint is the variant
 * @taint: row of that side's taint.csv; @divergence: row of the run's divergence.csv, or NO_ROW
 * @pass: row of the other side's defrag.csv: the last pass before the taint that only this side
 *	had, in the superpageblock where it placed the operation where that is known; or NO_ROW
 */
struct cause {
	bool by_variant;
	u32 taint;
	u32 divergence;
	u32 pass;
	u64 time;
};

/**
 * struct causes - all of it for one pair
 * @partings, @causes: in order of time
 */
struct causes {
	struct side baseline;
	struct side variant;
	struct parting partings[MAX_PARTINGS];
	u32 nr_partings;
	struct cause *causes;
	u32 nr_causes;
	u32 max_causes;
};

/** causes_find - compare the two sides. Return: 0 or -ENOMEM; needs causes_fini() either way */
int causes_find(struct causes *c, const struct side *baseline,
		const struct side *variant) __must_check;
void causes_fini(struct causes *c);

/** causes_tainted, causes_other - the side with the taint, and the other one */
const struct side *causes_tainted(const struct causes *c, const struct cause *cause);
const struct side *causes_other(const struct causes *c, const struct cause *cause);

#endif /* SPB_CMD_CAUSES_H */
