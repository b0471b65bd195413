// SPDX-License-Identifier: GPL-2.0
#include "replay/fleet/fleet_stats.h"

#include <stdlib.h>
#include <string.h>

#include "replay/demand/demand_core.h"

typedef __int128 s128;

static s64 divide(s128 sum, u64 by)
{
	s128 half = (s128)(by / 2);

	return (s64)(sum >= 0 ? (sum + half) / (s128)by : -((-sum + half) / (s128)by));
}

static int ascending(const void *a, const void *b)
{
	const s64 x = *(const s64 *)a, y = *(const s64 *)b;

	return (x > y) - (x < y);
}

void stats_sort(s64 *values, u32 n)
{
	qsort(values, n, sizeof(*values), ascending);
}

s64 stats_quantile(const s64 *sorted, u32 n, u32 part, u32 whole)
{
	u64 place = (u64)(n - 1) * part;
	u64 below = place / whole, rest = place % whole;
	s128 step;

	if (!rest)
		return sorted[below];
	step = ((s128)sorted[below + 1] - sorted[below]) * (s128)rest;
	return sorted[below] + divide(step, whole);
}

s64 stats_mean(const s64 *values, u32 n)
{
	s128 sum = 0;

	for (u32 i = 0; i < n; i++)
		sum += values[i];
	return divide(sum, n);
}

/* How often each of @n hosts is in resample number @k. */
static void draw(u32 *counts, u32 n, u64 seed, u32 k)
{
	u64 state = demand_mix(seed) + k;

	memset(counts, 0, n * sizeof(*counts));
	state = demand_mix(state);
	for (u32 i = 0; i < n; i++) {
		u64 random = demand_mix(state + i);

		counts[(unsigned __int128)random * n >> 64]++;
	}
}

static s64 resampled_mean(const s64 *values, const u32 *counts, u32 n)
{
	s128 sum = 0;

	for (u32 i = 0; i < n; i++)
		sum += (s128)values[i] * counts[i];
	return divide(sum, n);
}

/* The middle @confidence percent of the sorted @means. */
static struct stats_interval middle(const s64 *means, const struct stats_bootstrap *opts)
{
	u64 tail = (u64)opts->resamples * (100 - opts->confidence) / 200;

	return (struct stats_interval){ means[tail], means[opts->resamples - 1 - tail] };
}

int stats_bootstrap(const s64 *const *series, u32 nr_series, u32 n,
		    const struct stats_bootstrap *opts, struct stats_interval *out)
{
	s64 *means = calloc((size_t)nr_series * opts->resamples + 1, sizeof(*means));
	u32 *counts = calloc(n, sizeof(*counts));
	int ret = means && counts ? 0 : -(int)ERR_IO;

	for (u32 k = 0; k < opts->resamples && !ret; k++) {
		draw(counts, n, opts->seed, k);
		for (u32 i = 0; i < nr_series; i++)
			means[(size_t)i * opts->resamples + k] =
				resampled_mean(series[i], counts, n);
	}
	for (u32 i = 0; i < nr_series && !ret; i++) {
		stats_sort(means + (size_t)i * opts->resamples, opts->resamples);
		out[i] = middle(means + (size_t)i * opts->resamples, opts);
	}
	free(means);
	free(counts);
	return ret;
}
