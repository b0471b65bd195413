/* SPDX-License-Identifier: GPL-2.0 */
/* Which variant is compared with which. */
#ifndef SPB_CMD_PAIRS_H
#define SPB_CMD_PAIRS_H

#include "cmd/common/results.h"

/** struct pair - two sides */
struct pair {
	struct side baseline;
	struct side variant;
};

/** struct pairs - what diff compares */
struct pairs {
	struct pair list[RESULTS_MAX_VARIANTS];
	u32 nr;
};

/** pairs_inside - the first variant of @r against each other one */
void pairs_inside(struct pairs *p, const struct results *r);

/**
 * pairs_between - variants of @a against those of @b
 *
 * Equal names where there are any; else the first of @a against each of @b.
 */
void pairs_between(struct pairs *p, const struct results *a, const struct results *b);

#endif /* SPB_CMD_PAIRS_H */
