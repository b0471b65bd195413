// SPDX-License-Identifier: GPL-2.0
#include "model/pcp_size.h"

#define BATCH_SCALE_MAX		5 /* CONFIG_PCP_BATCH_SCALE_MAX */

static u64 int_sqrt(u64 x)
{
	u64 r = 0;

	for (u64 bit = 1ULL << 31; bit; bit >>= 1) {
		if ((r | bit) * (r | bit) <= x)
			r |= bit;
	}
	return r;
}

static u64 page_size(const struct zone *zone)
{
	return zone->m->config.page_size ? zone->m->config.page_size : 4096;
}

/* zone_batchsize(): 63 on zones of a gigabyte and more (S7.3); 64 pages of 4 KiB are 256 KiB */
static s64 batch_of(const struct zone *zone)
{
	u64 batch = min_u64(zone->managed_pages >> 12, (256 << 10) / page_size(zone));
	u64 power = 1;

	if (zone->m->v.pcp_batch)
		return zone->m->v.pcp_batch;
	if (batch <= 1)
		return 1;
	while (power * 2 <= batch + batch / 2)
		power *= 2;
	return (s64)power - 1;
}

/*
 * set_recommended_min_free_kbytes(), in pages: what khugepaged, which nearly every host runs,
 * raises min_free_kbytes to. Two blocks a zone and one for each pair of types, but at most a
 * twentieth of memory.
 */
static u64 recommended_min(const struct model *m, u64 all)
{
	u64 blocks = 0;

	for (u32 z = 0; z < m->nr_zones; z++) {
		if (m->zones[z].zone_idx != ZONE_MOVABLE && m->zones[z].zone_idx != ZONE_DEVICE)
			blocks += 2 + MIGRATE_PCPTYPES * MIGRATE_PCPTYPES;
	}
	return min_u64(blocks * m->pageblock_nr_pages, all / 20);
}

/* The zone's share of min_free_kbytes, and the low watermark above it (S7.4); pages */
static u64 low_watermark(const struct zone *zone)
{
	const struct model *m = zone->m;
	u64 all = 0, min;

	for (u32 z = 0; z < m->nr_zones; z++)
		all += m->zones[z].managed_pages;
	/* min_free_kbytes, in pages */
	min = min_u64(max_u64(int_sqrt(all * (page_size(zone) >> 10) * 16), 128), 262144);
	min = max_u64(min / (page_size(zone) >> 10), recommended_min(m, all));
	min = min * zone->managed_pages / (all ? all : 1);
	return min + max_u64(min / 4, zone->managed_pages / 1000);
}

/* Which CPU belongs to which node is not known: they are taken to be spread evenly. */
static s64 cpus_of_node(const struct model *m)
{
	const u32 cpus = m->config.nr_cpus / m->nr_nodes;

	return cpus ? cpus : 1;
}

void pcp_size_init(struct pcp_size *size, const struct zone *zone)
{
	const struct variant *v = &zone->m->v;
	const s64 cpus = cpus_of_node(zone->m);
	const s64 low = (s64)low_watermark(zone) / cpus;

	size->batch = batch_of(zone);
	size->high_min = low > 4 * size->batch ? low : 4 * size->batch;
	if (v->pcp_high_min)
		size->high_min = v->pcp_high_min;
	/* zone_highsize(): room for four batches at either end */
	size->high_max = (s64)(zone->managed_pages / 8) / cpus;
	if (size->high_max < 4 * size->batch)
		size->high_max = 4 * size->batch;
	if (v->pcp_high_max)
		size->high_max = v->pcp_high_max;
	if (size->high_max < size->high_min)
		size->high_max = size->high_min;
	size->high = size->high_min;
}

static s64 clamp(s64 x, s64 lo, s64 hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

s64 pcp_refill_size(struct pcp_size *size, u32 order)
{
	s64 batch = order ? size->batch : size->batch << size->alloc_factor;

	size->high = clamp(size->high, size->high_min, size->high_max);
	if (size->high < size->batch)
		return 1;
	size->high = clamp(size->high + batch, 0, size->high_max);
	if (!order) {
		const s64 room = size->high - size->count - size->batch;
		const s64 most = room > size->batch ? room : size->batch;

		if (batch <= most && size->alloc_factor < BATCH_SCALE_MAX)
			size->alloc_factor++;
		batch = batch < most ? batch : most;
	}
	if (batch <= 1)
		return 1;
	batch >>= order;
	return batch > 2 ? batch : 2;
}

/*
 * Orders 1 to 3 in a row, many of them and nothing allocated in between: they go back to the buddy
 * rather than stay and fragment it.
 */
static bool free_high(struct pcp_size *size, u32 order)
{
	const bool again = size->freed_high_order;

	size->freed_high_order = order && order <= PAGE_ALLOC_COSTLY_ORDER;
	return size->freed_high_order && again &&
	       size->free_count >= size->batch + size->high_min / 2 && size->count >= size->batch;
}

/* nr_pcp_high(): high follows bursts of frees */
static s64 high_for_free(struct pcp_size *size)
{
	const s64 need = size->free_count + size->batch;
	s64 high;

	size->high = clamp(size->high, size->high_min, size->high_max);
	high = size->high;
	if (size->high_min != size->high_max && size->count >= high && size->high < need)
		size->high = clamp(need, size->high_min, size->high_max);
	return high;
}

s64 pcp_portion(const struct pcp_size *size)
{
	return size->batch << BATCH_SCALE_MAX;
}

s64 pcp_decay_size(struct pcp_size *size, bool *fell)
{
	const s64 before = size->high;

	if (before > size->high_min) {
		const s64 full = size->count - pcp_portion(size), less = before - (before >> 3);

		size->high = full > less ? full : less;
		if (size->high < size->high_min)
			size->high = size->high_min;
	}
	*fell = size->high < before;
	return size->count > size->high ? size->count - size->high : 0;
}

s64 pcp_drain_size(struct pcp_size *size, u32 order)
{
	const s64 most = size->batch << BATCH_SCALE_MAX;
	const bool all = free_high(size, order);
	s64 high;

	size->alloc_factor >>= 1;
	if (size->free_count < most)
		size->free_count += 1LL << order;
	if (all) {
		size->high = clamp(clamp(size->high, size->high_min, size->high_max) - most,
				   size->high_min, size->high_max);
		return size->count < most ? size->count : most;
	}
	high = high_for_free(size);
	if (size->count < high)
		return 0;
	if (high < size->batch)
		return 1;
	/* clamp_t() looks at the upper bound first, which is the lesser one when high is low. */
	if (size->free_count >= high - size->batch)
		return high - size->batch;
	return size->free_count > size->batch ? size->free_count : size->batch;
}
