// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists for page-level demand (S7.3): batches, ends of the lists, drains.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/pcp.h"
#include "model/pcp_size.h"

#define START 0x10000ULL
#define NR_UNITS 8192

/** struct host - @drains: what the model told of drains, @nr_drains of them */
struct host {
	struct model *m;
	struct model_event drains[64];
	u32 nr_drains;
	struct model_result last;
	u64 pfn[NR_UNITS];
	u32 nr;
};

static void on_event(void *ctx, const struct model_event *e)
{
	struct host *h = ctx;

	if (e->kind == MODEL_PCPU_DRAIN)
		h->drains[h->nr_drains++ % 64] = *e;
}

static const struct model_observer observer = { .event = on_event };

static struct host *new_host(u32 mode, u32 batch, u32 high)
{
	static const struct model_zone_config zone = { 0, "Normal", START, 8 * 8192 };
	const struct model_config config = { .zones = &zone, .nr_zones = 1, .pageblock_order = 9,
					     .spb_order = 13, .max_order = 10, .nr_cpus = 2,
					     .page_level = true };
	struct host *h = calloc(1, sizeof(*h));
	const char *why = NULL;
	struct variant v;

	variant_init(&v);
	v.pcp_mode = mode;
	v.pcp_batch = batch;
	v.pcp_high_min = high;
	v.pcp_high_max = high;
	v.pass1_whole_first = 0;
	h->m = model_new(&config, &v, &observer, h, &why);
	assert_non_null(h->m);
	return h;
}

static void free_host(struct host *h)
{
	char why[256];

	if (model_check(h->m, why, sizeof(why)))
		fail_msg("%s", why);
	model_free(h->m);
	free(h);
}

static u64 get(struct host *h, u16 cpu, u32 order, u32 mt)
{
	const struct model_req req = { .owner = h->nr, .cpu = cpu, .order = (u8)order,
				       .migratetype = (u8)mt };

	assert_int_equal(model_alloc(h->m, 0, &req, &h->last), 0);
	h->pfn[h->nr++] = h->last.pfn;
	return h->last.pfn;
}

static void put(struct host *h, u16 cpu, u64 pfn, u32 order)
{
	assert_int_equal(model_free_pages(h->m, 0, cpu, pfn, order), 0);
}

static u64 free_pages(const struct host *h)
{
	struct model_zone_state st;

	model_zone_state(h->m, 0, 0, &st);
	return st.free_pages;
}

/* A refill takes a batch, appended to the tail; the next requests come from the head. */
static void test_s7_3_refill(void **state)
{
	struct host *h = new_host(PCP_VANILLA, 8, 64);
	const u64 all = free_pages(h);
	u64 first;

	(void)state;
	first = get(h, 0, 0, MIGRATE_MOVABLE);
	assert_int_equal(h->last.outcome, OUTCOME_PASS_3);
	assert_int_equal(free_pages(h), all - 8);
	for (u32 i = 1; i < 8; i++) {
		assert_int_equal(get(h, 0, 0, MIGRATE_MOVABLE), first + i);
		assert_int_equal(h->last.outcome, OUTCOME_PCP);
	}
	/* Twice the pages on the next refill: the factor grew (S7.3). */
	get(h, 0, 0, MIGRATE_MOVABLE);
	assert_int_equal(free_pages(h), all - 8 - 16);
	/* Another CPU, another type: lists of their own. */
	get(h, 1, 0, MIGRATE_MOVABLE);
	assert_int_equal(h->last.outcome, OUTCOME_PASS_1);
	get(h, 0, 0, MIGRATE_UNMOVABLE);
	assert_int_equal(h->last.outcome, OUTCOME_CLAIM);
	free_host(h);
}

/* The last page freed is the first handed out; it never saw the buddy. */
static void test_s7_3_free_goes_to_head(void **state)
{
	struct host *h = new_host(PCP_VANILLA, 8, 64);
	const u64 a = get(h, 0, 0, MIGRATE_MOVABLE);
	const u64 b = get(h, 0, 0, MIGRATE_MOVABLE);
	const u64 before = free_pages(h);

	(void)state;
	put(h, 0, a, 0);
	put(h, 0, b, 0);
	assert_int_equal(free_pages(h), before);
	assert_int_equal(get(h, 0, 0, MIGRATE_MOVABLE), b);
	assert_int_equal(get(h, 0, 0, MIGRATE_MOVABLE), a);
	/* A page on a list belongs to nobody. */
	assert_int_equal(model_free_pages(h->m, 0, 0, b + 1, 0), -EINVAL);
	free_host(h);
}

/* At high, a drain gives at least a batch back to the buddy, from the tail. */
static void test_s7_3_drain_at_high(void **state)
{
	struct host *h = new_host(PCP_VANILLA, 8, 32);
	u64 before;

	(void)state;
	/*
	 * Refills of 8, 16 and 24 pages (room is high - count - batch): 48 in all, none left over.
	 */
	for (u32 i = 0; i < 48; i++)
		get(h, 0, 0, MIGRATE_MOVABLE);
	before = free_pages(h);
	for (u32 i = 0; i < 31; i++)
		put(h, 0, h->pfn[i], 0);
	assert_int_equal(free_pages(h), before);
	put(h, 0, h->pfn[31], 0);
	/* free_count is 32, clamped to high - batch = 24. */
	assert_int_equal(free_pages(h), before + 24);
	/* The oldest 24 are gone, in that order, the youngest is handed out first. */
	assert_int_equal(h->nr_drains, 24);
	for (u32 i = 0; i < 24; i++) {
		assert_int_equal(h->drains[i].pfn, h->pfn[i]);
		assert_int_equal(h->drains[i].order, 0);
		assert_int_equal(h->drains[i].migratetype, MIGRATE_MOVABLE);
	}
	assert_int_equal(get(h, 0, 0, MIGRATE_MOVABLE), h->pfn[31]);
	free_host(h);
}

/* Orders 0-3 and the THP order only. */
static void test_s7_3_orders(void **state)
{
	struct host *h = new_host(PCP_VANILLA, 8, 64);
	u64 all = free_pages(h);

	(void)state;
	get(h, 0, 4, MIGRATE_MOVABLE);
	assert_int_equal(free_pages(h), all - 16);
	all = free_pages(h);
	/* order > 0: max(batch >> order, 2) blocks */
	get(h, 0, 3, MIGRATE_MOVABLE);
	assert_int_equal(free_pages(h), all - 2 * 8);
	all = free_pages(h);
	get(h, 0, 9, MIGRATE_MOVABLE);
	assert_int_equal(free_pages(h), all - 2 * 512);
	free_host(h);
}

static void test_pcp_mode_none(void **state)
{
	struct host *h = new_host(PCP_NONE, 8, 64);
	const u64 all = free_pages(h);

	(void)state;
	put(h, 0, get(h, 0, 0, MIGRATE_MOVABLE), 0);
	assert_int_equal(free_pages(h), all);
	free_host(h);
}

/* S7.3: nr_pcp_free() gives back high - batch where that is less than a batch */
static void test_s7_3_low_high(void **state)
{
	struct host *h = new_host(PCP_VANILLA, 63, 100);
	u64 other[38], before;

	(void)state;
	for (u32 i = 0; i < 38; i++)
		other[i] = get(h, 1, 0, MIGRATE_MOVABLE);
	get(h, 0, 0, MIGRATE_MOVABLE);
	before = free_pages(h);
	/* 62 are there. The 38th free reaches high, and only as many were freed in a row. */
	for (u32 i = 0; i < 38; i++)
		put(h, 0, other[i], 0);
	assert_int_equal(free_pages(h), before + 37);
	free_host(h);
}

/* S7.3, S7.4: the sizes that /proc/zoneinfo of a host of 24 GiB with 2 CPUs shows, Linux 6.18 */
static void test_s7_3_sizes_of_a_host(void **state)
{
	static const struct model_zone_config zones[] = {
		{ 0, "DMA", 0, 3840 },
		{ 0, "DMA32", 0x100000, 772497 },
		{ 0, "Normal", 0x400000, 5394267 },
	};
	static const s64 recorded[][3] = { { 1, 6, 240 }, { 63, 1443, 48281 }, { 63, 10082, 337141 } };
	const struct model_config config = { .zones = zones, .nr_zones = 3, .pageblock_order = 9,
					     .spb_order = 18, .max_order = 10, .nr_cpus = 2,
					     .page_level = true };
	const char *why = NULL;
	struct variant v;
	struct model *m;

	(void)state;
	variant_init(&v);
	m = model_new(&config, &v, &observer, NULL, &why);
	assert_non_null(m);
	for (u32 z = 0; z < 3; z++) {
		struct pcp_size size = { 0 };

		pcp_size_init(&size, &m->zones[z]);
		assert_int_equal(size.batch, recorded[z][0]);
		assert_int_equal(size.high_min, recorded[z][1]);
		assert_int_equal(size.high_max, recorded[z][2]);
	}
	model_free(m);
}

/*
 * S7.3: by the timer high falls by an eighth, or to what is left of the pages after a large drain
 */
static void test_s7_3_decay(void **state)
{
	struct pcp_size size = { .count = 3000, .high = 4000, .high_min = 2600, .batch = 63 };
	bool fell;

	(void)state;
	assert_int_equal(pcp_decay_size(&size, &fell), 0);
	assert_int_equal(size.high, 3500);
	assert_int_equal(pcp_decay_size(&size, &fell), 0);
	assert_int_equal(size.high, 3063);
	assert_int_equal(pcp_decay_size(&size, &fell), 319);
	assert_int_equal(size.high, 2681);
	assert_true(fell);
	size.count = 9000;
	size.high = 7500;
	assert_int_equal(pcp_decay_size(&size, &fell), 9000 - 6984);	/* 32 batches */
	size.count = 2000;
	size.high = 2601;
	assert_int_equal(pcp_decay_size(&size, &fell), 0);
	assert_int_equal(size.high, 2600);
	assert_int_equal(pcp_decay_size(&size, &fell), 0);
	assert_false(fell);
	size = (struct pcp_size){ .high = 7, .high_min = 6, .batch = 1 };
	assert_int_equal(pcp_decay_size(&size, &fell), 0);
	assert_int_equal(size.high, 7);
	assert_false(fell);
}

/* The timer: once a second, and no more once nothing falls; what goes back is told */
static void test_s7_3_timer(void **state)
{
	static const u32 modes[] = { PCP_VANILLA, PCP_BUDDY };
	const u64 high_min = 2047;	/* half of the low watermark, 4095 pages */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct host *h = new_host(modes[i], 63, 0);
		u64 before, after, pfn;

		for (u32 n = 0; n < 4000; n++)
			get(h, 0, 0, MIGRATE_MOVABLE);
		for (u32 n = 0; n < 4000; n++)
			put(h, 0, h->pfn[n], 0);
		assert_true(pcp_check(h->m, &before, &pfn));
		assert_true(before > high_min);
		h->nr_drains = 0;
		model_run(h->m, NSEC_PER_SEC - 1);
		assert_int_equal(h->nr_drains, 0);
		model_run(h->m, 20 * NSEC_PER_SEC);
		assert_true(pcp_check(h->m, &after, &pfn));
		/* The series gives back whole blocks first, one at least for each batch. */
		if (modes[i] == PCP_VANILLA)
			assert_int_equal(after, high_min);
		else
			assert_true(after < high_min && (before - after) % 512 == 0);
		assert_true(h->nr_drains > 0);
		assert_int_equal(h->drains[0].cpu, 0);
		assert_int_equal(h->drains[0].time % NSEC_PER_SEC, 0);
		assert_int_equal(h->m->pcp_tick, UINT64_MAX);
		free_host(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s7_3_refill),
		cmocka_unit_test(test_s7_3_free_goes_to_head),
		cmocka_unit_test(test_s7_3_drain_at_high),
		cmocka_unit_test(test_s7_3_orders),
		cmocka_unit_test(test_s7_3_low_high),
		cmocka_unit_test(test_s7_3_sizes_of_a_host),
		cmocka_unit_test(test_s7_3_decay),
		cmocka_unit_test(test_s7_3_timer),
		cmocka_unit_test(test_pcp_mode_none),
	};

	return cmocka_run_group_tests_name("model: per-CPU lists", tests, NULL, NULL);
}
