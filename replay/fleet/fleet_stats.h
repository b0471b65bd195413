/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics over hosts, in integers: the same on every machine. Values are in thousandths.
 * docs/fleet.md has the formulas.
 */
#ifndef SPB_REPLAY_FLEET_STATS_H
#define SPB_REPLAY_FLEET_STATS_H

#include "replay/base/error.h"

/** stats_sort - ascending */
void stats_sort(s64 *values, u32 n);
/**
 * stats_quantile - the @part / @whole quantile of @n (at least 1) @sorted values, by linear
 * interpolation between neighbours (type 7 of Hyndman and Fan), to nearest
 */
s64 stats_quantile(const s64 *sorted, u32 n, u32 part, u32 whole);
/** stats_mean - of @n (at least 1) values, to nearest */
s64 stats_mean(const s64 *values, u32 n);

/** struct stats_interval - both ends belong to it */
struct stats_interval {
	s64 low;
	s64 high;
};

/**
 * struct stats_bootstrap - how to resample
 * @seed: of the generator; @resamples: at least 100; @confidence: percent, 50 to 99
 */
struct stats_bootstrap {
	u64 seed;
	u32 resamples;
	u32 confidence;
};

/**
 * stats_bootstrap - percentile bootstrap intervals of means
 * @series: @nr_series arrays of @n (at least 1) values; one resample draws the same hosts in all
 * @out: @nr_series intervals
 *
 * Return: 0 or -ERR_IO (memory).
 */
int stats_bootstrap(const s64 *const *series, u32 nr_series, u32 n,
		    const struct stats_bootstrap *opts, struct stats_interval *out) __must_check;

#endif /* SPB_REPLAY_FLEET_STATS_H */
