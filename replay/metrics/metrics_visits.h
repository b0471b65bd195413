/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many superpageblocks an allocation visited: exact counts by value, so that means and
 * percentiles need no sampling. One array increment an allocation.
 */
#ifndef SPB_REPLAY_METRICS_VISITS_H
#define SPB_REPLAY_METRICS_VISITS_H

#include "model/types.h"

#define VISITS_MAX 65535	/* larger values share one bucket; sum and maximum stay exact */

/**
 * struct visits - distribution of one group of allocations
 * @count: how often each value below @size was seen
 * @over: allocations above VISITS_MAX; @over_sum, @over_max: their visits
 */
struct visits {
	u64 *count;
	u32 size;
	u64 over;
	u64 over_sum;
	u64 over_max;
};

/**
 * struct visits_stats - what is reported
 * @count: allocations; @mean: thousandths, rounded to nearest
 * @p50, @p99: smallest value that at least that share does not exceed; VISITS_MAX + 1 when it
 *	lies among the larger ones; @max: largest
 */
struct visits_stats {
	u64 count;
	u64 mean;
	u64 p50;
	u64 p99;
	u64 max;
};

/** visits_add_slow - visits_add() for a value that has no counter yet. Return: 0 or -ENOMEM */
int visits_add_slow(struct visits *v, u32 value) __must_check;

/** visits_add - count one allocation. Return: 0 or -ENOMEM */
static inline int __must_check visits_add(struct visits *v, u32 value)
{
	if (value >= v->size)
		return visits_add_slow(v, value);
	v->count[value]++;
	return 0;
}

/** visits_pool - add @from to @to. Return: 0 or -ENOMEM */
int visits_pool(struct visits *to, const struct visits *from) __must_check;
void visits_stats(const struct visits *v, struct visits_stats *st);
/** visits_total - allocations counted */
u64 visits_total(const struct visits *v);
void visits_fini(struct visits *v);

#endif /* SPB_REPLAY_METRICS_VISITS_H */
