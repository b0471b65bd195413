// SPDX-License-Identifier: GPL-2.0
/*
 * Random operation streams through every arm and both update modes, model_check() all along. A
 * failure prints the seed and the operation.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

#define MAX_UNITS 200000

struct unit {
	u64 pfn;
	u64 ident;
	u32 order;
};

/* A machine and what the test believes is allocated on it; @contig: a whole SPB, 0: none. */
struct world {
	struct model *m;
	struct unit units[MAX_UNITS];
	u32 owner_slot[MAX_UNITS];
	u32 nr;
	u64 pages;
	u64 managed;
	u64 now;
	u64 rng;
	u64 taints;
	u64 moves;
	u64 contig;
	u64 nr_contig;
	u32 max_order;
	u32 spb_order;
	bool pcp;
};

static u64 rnd(struct world *w)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return w->rng;
}

static void on_moved(void *ctx, u32 owner, u64 to)
{
	struct world *w = ctx;

	w->units[owner].pfn = to;
	w->moves++;
}

static void on_taint(void *ctx, const struct model_taint *t)
{
	struct world *w = ctx;

	assert_true(t->from != t->to);
	w->taints++;
}

static const struct model_observer observer = { .moved = on_moved, .taint = on_taint };

/* Units are found by owner = slot; the last one fills the hole, so its owner changes: instead of
 * renaming owners the test keeps slots fixed and a list of used ones. */
static u32 pick(struct world *w, u32 *list_index)
{
	*list_index = (u32)(rnd(w) % w->nr);
	return w->owner_slot[*list_index];
}

static const struct model_zone_config zones[] = {
	{ 0, "DMA32", 700, 40000 },
	{ 0, "Normal", 65536, 20 * 8192 + 3000 },
	{ 1, "Normal", 65536 * 8, 8192 * 3 },
};

static const struct model_range ranges[] = {
	{ 2000, 2300, false },
	{ 8192, 10240, true },
	{ 70000, 70001, false },
};

static const struct model_range cma[] = {
	{ 65536 + 8 * 8192, 65536 + 8 * 8192 + 6 * 1024, false },
};

/**
 * struct geometry - orders of a pageblock, of the largest buddy, of a superpageblock; @cma: areas
 */
struct geometry {
	u32 pageblock, max, spb, cma;
};

static const struct geometry x86 = { 9, 10, 13, 0 };

static void new_world(struct world *w, const struct variant *v, u64 seed, bool page_level,
		      const struct geometry *g)
{
	const struct model_config config = {
		.zones = zones,
		.nr_zones = ARRAY_SIZE(zones),
		.ranges = ranges,
		.nr_ranges = ARRAY_SIZE(ranges),
		.cma = cma,
		.nr_cma = g->cma,
		.pageblock_order = g->pageblock,
		.spb_order = g->spb,
		.max_order = g->max,
		.nr_cpus = 3,
		.seed = seed,
		.page_level = page_level,
	};
	const char *why = NULL;
	struct model_zone_state st;

	memset(w, 0, sizeof(*w));
	w->max_order = g->max;
	w->spb_order = g->spb;
	w->rng = seed * 2654435761U + 88172645463325252ULL;
	w->m = model_new(&config, v, &observer, w, &why);
	assert_null(why);
	assert_non_null(w->m);
	for (u32 z = 0; z < ARRAY_SIZE(zones); z++) {
		model_zone_state(w->m, z, 0, &st);
		w->managed += st.free_pages;
	}
	assert_int_equal(w->managed, 40000 + 20 * 8192 + 3000 + 3 * 8192 - 300 - 2048 - 1);
}

static u32 free_slot(struct world *w)
{
	for (u32 i = 0; i < MAX_UNITS; i++) {
		if (!w->units[i].pfn)
			return i;
	}
	fail();
	return 0;
}

static void do_alloc(struct world *w, u32 bias)
{
	static const u8 types[] = { 0, 0, 1, 1, 1, 1, 2, 2, 3, 4 };
	const u32 slot = w->nr < 1000 ? free_slot(w) : (u32)(rnd(w) % MAX_UNITS);
	struct model_req req = {
		.owner = slot,
		.ident = rnd(w),
		.zone = (u16)(rnd(w) % 8 ? 1 : rnd(w) % 3),
		.cpu = (u16)(rnd(w) % 4),
		.order = (u8)(rnd(w) % 4 ? rnd(w) % 3 : rnd(w) % (w->max_order + 1)),
		.migratetype = types[(rnd(w) + bias) % ARRAY_SIZE(types)],
	};
	struct model_result res;
	int ret;

	if (w->units[slot].pfn)
		return;
	ret = model_alloc(w->m, w->now, &req, &res);
	if (ret == -ENOSPC)
		return;
	assert_int_equal(ret, 0);
	w->units[slot] = (struct unit){ .pfn = res.pfn, .ident = req.ident, .order = req.order };
	w->owner_slot[w->nr++] = slot;
	w->pages += 1ULL << req.order;
}

static void do_free(struct world *w)
{
	u32 at, slot;

	if (!w->nr)
		return;
	slot = pick(w, &at);
	/* The worker may move the unit before the free: let it, then free where it is. */
	model_run(w->m, w->now);
	assert_int_equal(model_free_pages(w->m, w->now, slot % 3, w->units[slot].pfn,
					  w->units[slot].order),
			 0);
	w->pages -= 1ULL << w->units[slot].order;
	w->units[slot].pfn = 0;
	w->owner_slot[at] = w->owner_slot[--w->nr];
}

static void do_split(struct world *w)
{
	u32 at, slot, upper;

	if (!w->nr)
		return;
	slot = pick(w, &at);
	upper = (u32)(rnd(w) % MAX_UNITS);
	if (!w->units[slot].order || w->units[upper].pfn)
		return;
	model_run(w->m, w->now);
	assert_int_equal(model_split(w->m, w->units[slot].pfn, w->units[slot].order, upper, 7), 0);
	w->units[slot].order--;
	w->units[upper] = w->units[slot];
	w->units[upper].pfn += 1ULL << w->units[slot].order;
	w->owner_slot[w->nr++] = upper;
}

/* A whole superpageblock, or back with it. */
static void do_contig(struct world *w)
{
	const u32 zone = rnd(w) % 8 ? 1 : 2;
	int ret;

	model_run(w->m, w->now);
	if (w->contig) {
		assert_int_equal(model_free_contig(w->m, w->now, 0, w->contig), 0);
		assert_int_equal(model_free_contig(w->m, w->now, 0, w->contig), -EINVAL);
		w->pages -= 1ULL << w->spb_order;
		w->contig = 0;
		return;
	}
	ret = model_alloc_contig(w->m, w->now, zone, 1, &w->contig);
	if (ret == -ENOSPC)
		return;
	assert_int_equal(ret, 0);
	w->pages += 1ULL << w->spb_order;
	w->nr_contig++;
}

static void check_world(struct world *w, u64 seed, u32 op, bool full)
{
	char why[256] = "";
	struct model_zone_state st;
	u64 free = 0;
	int ret = full ? model_check(w->m, why, sizeof(why)) :
			 model_check_touched(w->m, why, sizeof(why));

	if (ret)
		fail_msg("seed %llu operation %u: %s", (unsigned long long)seed, op, why);
	for (u32 z = 0; z < ARRAY_SIZE(zones); z++) {
		model_zone_state(w->m, z, w->now, &st);
		free += st.free_pages;
		assert_int_equal(st.spb_total, st.spb_clean + st.spb_tainted + st.spb_empty +
					       st.spb_isolated);
	}
	/* Pages on per-CPU lists are neither free in the buddy nor the test's. */
	if (w->pcp)
		assert_true(free + w->pages <= w->managed);
	else
		assert_int_equal(free + w->pages, w->managed);
}

static void run(const struct variant *v, u64 seed, u32 ops, bool page_level,
		const struct geometry *g)
{
	struct world *w = malloc(sizeof(*w));
	u32 phase = 0;

	assert_non_null(w);
	new_world(w, v, seed, page_level, g);
	w->pcp = page_level;
	for (u32 i = 0; i < ops; i++) {
		w->now += rnd(w) % 3000000;
		if (i % 4096 == 0)
			phase = (u32)rnd(w) % 5;
		if (!(rnd(w) % 400))
			do_contig(w);
		else if (rnd(w) % 10 < 4 + phase)
			do_alloc(w, (u32)(i / 20000 * 2));
		else if (rnd(w) % 16)
			do_free(w);
		else
			do_split(w);
		if (i % 16 == 0 || i < 500)
			check_world(w, seed, i, false);
		if (i % 5000 == 0)
			check_world(w, seed, i, true);
	}
	while (w->nr)
		do_free(w);
	if (w->contig)
		do_contig(w);
	assert_true(w->nr_contig > 0);
	model_run(w->m, w->now + 100 * NSEC_PER_SEC);
	check_world(w, seed, ops, true);
	assert_int_equal(w->pages, 0);
	assert_true(w->taints > 0);
	model_free(w->m);
	free(w);
}

struct arm {
	u32 mode, rotate, alloc, fallthrough, fail_ppm, quirk, hints, allocator, search, evac, pcp;
};

static void test_streams(void **state)
{
	static const struct arm arms[] = {
		{ UPDATE_LIST_BUCKET, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0 },
		{ UPDATE_LIST_BUCKET, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0 },
		{ UPDATE_LIST_BUCKET, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0 },
		{ UPDATE_LIST_BUCKET, 0, 1, 1, 100000, 1, 1, 0, 0, 0, 0 },
		{ UPDATE_LIST_BUCKET, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0 },
		{ UPDATE_LIST_ALWAYS, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0 },
		{ UPDATE_LIST_ALWAYS, 0, 0, 0, 300000, 0, 1, 0, 0, 0, 0 },
		{ UPDATE_LIST_ALWAYS, 0, 1, 1, 50000, 1, 1, 0, SEARCH_LIST, 1, 0 },
		{ UPDATE_LIST_ALWAYS, 0, 1, 1, 0, 1, 0, 0, SEARCH_BITMAP, 1, 0 },
		{ UPDATE_LIST_BUCKET, 0, 1, 1, 0, 1, 1, 0, SEARCH_LIST, 0, 1 },
		{ UPDATE_LIST_ALWAYS, 0, 1, 1, 0, 1, 1, 0, SEARCH_LIST, 1, PCP_BUDDY },
		{ UPDATE_LIST_BUCKET, 0, 1, 1, 100000, 1, 0, 0, SEARCH_BITMAP, 0, PCP_BUDDY },
		{ .allocator = ALLOCATOR_VANILLA },
		{ .allocator = ALLOCATOR_VANILLA, .pcp = 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(arms); i++) {
		struct variant v;

		variant_init(&v);
		v.update_list_mode = arms[i].mode;
		v.update_list_rotate = arms[i].rotate;
		v.trigger_alloc = arms[i].alloc;
		v.trigger_fallthrough = arms[i].fallthrough;
		v.migrate_fail_ppm = arms[i].fail_ppm;
		v.order10_quirk = arms[i].quirk;
		v.hints = arms[i].hints;
		v.allocator = arms[i].allocator;
		v.search = arms[i].search;
		v.evac_deferred = arms[i].evac;
		if (arms[i].pcp)
			v.pcp_mode = arms[i].pcp;
		v.trigger_update = v.allocator == ALLOCATOR_SPB;
		for (u64 seed = 1; seed <= 2; seed++)
			run(&v, seed + 10 * i, 60000, arms[i].pcp, &x86);
	}
}

/*
 * S10 item 17: a pageblock may be as large as the largest buddy, as on arm64 with 16 or 64 KiB
 * pages (orders 11 and 13), or a small part of it.
 */
static void test_s10_17_geometries(void **state)
{
	static const struct geometry geometries[] = {
		{ 10, 10, 14, 0 }, { 9, 9, 13, 1 }, { 7, 10, 12, 0 }, { 5, 6, 15, 1 },
		{ 9, 10, 13, 1 }, { 11, 11, 13, 0 }, { 13, 13, 14, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(geometries); i++) {
		struct variant v;

		variant_init(&v);
		v.update_list_mode = UPDATE_LIST_ALWAYS;
		v.trigger_alloc = 1;
		v.trigger_fallthrough = 1;
		v.evac_deferred = 1;
		run(&v, 700 + i, 15000, false, &geometries[i]);
		v.pcp_mode = PCP_BUDDY;
		run(&v, 710 + i, 15000, true, &geometries[i]);
		variant_init(&v);
		v.allocator = ALLOCATOR_VANILLA;
		v.trigger_update = 0;
		run(&v, 720 + i, 15000, true, &geometries[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_s10_17_geometries),
	};

	return cmocka_run_group_tests_name("model: random streams", tests, NULL, NULL);
}
