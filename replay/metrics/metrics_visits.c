// SPDX-License-Identifier: GPL-2.0
#include "replay/metrics/metrics_visits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 16

/* Make room for values below @size; sizes double, so growing is rare. */
static int grow(struct visits *v, u32 size)
{
	u32 bigger = v->size ? v->size : FIRST_SIZE;
	u64 *count;

	while (bigger < size)
		bigger *= 2;
	if (bigger == v->size)
		return 0;
	count = realloc(v->count, bigger * sizeof(*count));
	if (!count)
		return -ENOMEM;
	memset(count + v->size, 0, (bigger - v->size) * sizeof(*count));
	v->count = count;
	v->size = bigger;
	return 0;
}

int visits_add_slow(struct visits *v, u32 value)
{
	int ret;

	if (value > VISITS_MAX) {
		v->over++;
		v->over_sum += value;
		v->over_max = max_u64(v->over_max, value);
		return 0;
	}
	ret = grow(v, value + 1);
	if (!ret)
		v->count[value]++;
	return ret;
}

int visits_pool(struct visits *to, const struct visits *from)
{
	int ret = from->size ? grow(to, from->size) : 0;

	if (ret)
		return ret;
	for (u32 i = 0; i < from->size; i++)
		to->count[i] += from->count[i];
	to->over += from->over;
	to->over_sum += from->over_sum;
	to->over_max = max_u64(to->over_max, from->over_max);
	return 0;
}

u64 visits_total(const struct visits *v)
{
	u64 total = v->over;

	for (u32 i = 0; i < v->size; i++)
		total += v->count[i];
	return total;
}

static u64 percentile(const struct visits *v, u64 total, u32 percent)
{
	/* ceil(total * percent / 100) without overflow */
	u64 need = total / 100 * percent + (total % 100 * percent + 99) / 100;
	u64 seen = 0;

	for (u32 i = 0; i < v->size; i++) {
		seen += v->count[i];
		if (seen >= need)
			return i;
	}
	return VISITS_MAX + 1;
}

/* Thousandths of sum / count, to nearest, for any sum. */
static u64 mean_milli(u64 sum, u64 count)
{
	u64 rest = sum % count;

	if (rest < UINT64_MAX / 2000)
		return sum / count * 1000 + (rest * 1000 + count / 2) / count;
	return sum / count * 1000 + rest / (count / 1000);
}

void visits_stats(const struct visits *v, struct visits_stats *st)
{
	u64 sum = v->over_sum;

	*st = (struct visits_stats){ .count = visits_total(v) };
	if (!st->count)
		return;
	for (u32 i = 0; i < v->size; i++) {
		sum += v->count[i] * i;
		if (v->count[i])
			st->max = i;
	}
	st->max = max_u64(st->max, v->over_max);
	st->mean = mean_milli(sum, st->count);
	st->p50 = percentile(v, st->count, 50);
	st->p99 = percentile(v, st->count, 99);
}

void visits_fini(struct visits *v)
{
	free(v->count);
	*v = (struct visits){ 0 };
}
