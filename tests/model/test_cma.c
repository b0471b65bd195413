// SPDX-License-Identifier: GPL-2.0
/*
 * CMA areas (S2.5, S2.7): what boot makes of them, who may use them and when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/cma.h"
#include "model/gfp.h"
#include "model/pageblock.h"
#include "tests/lib/machine.h"

#define START 0x10000ULL
#define BLOCK 512ULL

static const struct model_zone_config zone = { 0, "Normal", START, 3 * MACHINE_SPB };

static struct model *boot(const struct variant *v, const struct model_range *cma, u32 nr,
			  const char **why)
{
	const struct model_config config = { .zones = &zone, .nr_zones = 1, .cma = cma,
					     .nr_cma = nr, .pageblock_order = 9, .spb_order = 13,
					     .max_order = 10, .nr_cpus = 1 };
	struct model *m = model_new(&config, v, NULL, NULL, why);
	char text[256];

	if (m && model_check(m, text, sizeof(text)))
		fail_msg("%s", text);
	return m;
}

static int get(struct model *m, u32 order, u32 mt, u64 *pfn)
{
	const struct model_req req = { .order = (u8)order, .migratetype = (u8)mt };
	struct model_result res;
	const int ret = model_alloc(m, 0, &req, &res);

	*pfn = ret ? 0 : res.pfn;
	return ret;
}

static bool in_area(const struct model_range *area, u64 pfn)
{
	return pfn >= area->start && pfn < area->end;
}

/* Whole blocks, free, labelled CMA; they count as movable content and leave the SPB clean. */
static void test_boot(void **state)
{
	static const struct model_range area = { START, START + 4 * BLOCK, false };
	const struct variant v = machine_variant();
	const char *why = NULL;
	struct model *m = boot(&v, &area, 1, &why);
	const struct superpageblock *sb;

	(void)state;
	assert_non_null(m);
	sb = &m->zones[0].superpageblocks[0];
	for (u32 f = 0; f < 4 * BLOCK; f += BLOCK)
		assert_int_equal(pageblock_migratetype(sb, f), MIGRATE_CMA);
	assert_int_equal(pageblock_migratetype(sb, 4 * BLOCK), MIGRATE_MOVABLE);
	assert_int_equal(m->zones[0].nr_free_pages, 3 * MACHINE_SPB);
	assert_int_equal(m->zones[0].nr_free_cma, 4 * BLOCK);
	assert_int_equal(sb->nr_free, 16);
	assert_int_equal(sb->nr_reserved + sb->nr_unmovable + sb->nr_reclaimable, 0);
	model_free(m);
}

/* S2.5: unmovable requests never get a CMA page, not by a claim either */
static void test_s2_5_unmovable_keeps_out(void **state)
{
	static const struct model_range area = { START, START + 6 * BLOCK, false };
	struct variant v = machine_variant();

	(void)state;
	for (u32 allocator = ALLOCATOR_SPB; allocator <= ALLOCATOR_VANILLA; allocator++) {
		const char *why = NULL;
		struct model *m;
		char text[256];
		u64 pfn;

		v.allocator = allocator;
		m = boot(&v, &area, 1, &why);
		while (!get(m, 3, MIGRATE_UNMOVABLE, &pfn))
			assert_false(in_area(&area, pfn));
		assert_int_equal(m->zones[0].nr_free_pages, 6 * BLOCK);
		assert_int_equal(m->zones[0].nr_free_cma, 6 * BLOCK);
		/* A movable one does. */
		assert_int_equal(get(m, 3, MIGRATE_MOVABLE, &pfn), 0);
		assert_true(in_area(&area, pfn));
		assert_int_equal(model_check(m, text, sizeof(text)), 0);
		model_free(m);
	}
}

/*
 * S2.5: own lists first, the areas next; they come first while they are over half of what is free
 */
static void test_s2_5_over_half(void **state)
{
	static const struct model_range area = { START, START + 16 * BLOCK, false };
	struct variant v = machine_variant();
	const char *why = NULL;
	struct model *m;
	u64 pfn;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	m = boot(&v, &area, 1, &why);
	/* 16 blocks of 48 are CMA: not over half until 17 of the others are gone. */
	for (u32 i = 0; i < 17; i++) {
		assert_int_equal(get(m, 9, MIGRATE_MOVABLE, &pfn), 0);
		assert_false(in_area(&area, pfn));
	}
	assert_int_equal(get(m, 9, MIGRATE_MOVABLE, &pfn), 0);
	assert_true(in_area(&area, pfn));
	model_free(m);
}

/*
 * S2.3 item 5: the series looks for CMA pages in tainted and in empty SPBs only: those of a clean
 * SPB that is in use cannot be found
 */
static void test_s2_3_5_clean_spbs_hide_their_areas(void **state)
{
	static const struct model_range area = { START, START + MACHINE_SPB, false };
	const struct variant v = machine_variant();
	const char *why = NULL;
	struct model *m = boot(&v, &area, 1, &why);
	u64 pfn;

	(void)state;
	for (u32 i = 0; i < 32; i++)
		assert_int_equal(get(m, 9, MIGRATE_MOVABLE, &pfn), 0);
	while (!get(m, 9, MIGRATE_MOVABLE, &pfn))
		;
	assert_true(m->zones[0].nr_free_cma > 0);
	assert_int_equal(m->zones[0].nr_free_cma, m->zones[0].nr_free_pages);
	model_free(m);
}

/*
 * S2.7: the search of the HIGHATOMIC reserve is no __rmqueue(). A movable request that may use the
 * reserve looks into the areas with its own search only: before it, as they are all that is free,
 * and after it. Nothing is found, as they lie in a clean SPB (S2.3 item 5).
 */
static void test_s2_7_the_reserve_is_not_cma(void **state)
{
	static const struct model_range area = { START, START + 4 * BLOCK, false };
	struct variant v = machine_variant();
	const struct model_config config = { .zones = &zone, .nr_zones = 1, .cma = &area, .nr_cma = 1,
					     .pageblock_order = 9, .spb_order = 13, .max_order = 10,
					     .nr_cpus = 1 };
	struct machine *mc = machine_new_config(&v, &config);
	u32 walks[MIGRATE_TYPES] = { 0 };

	(void)state;
	while (try_take(mc, 9, MIGRATE_MOVABLE) != UINT32_MAX)
		;
	forget(mc);
	assert_int_equal(try_take_gfp(mc, 0, 1, MIGRATE_MOVABLE, ___GFP_HIGH | ___GFP_MOVABLE),
			 UINT32_MAX);
	for (u32 i = 0; i < mc->nr_events; i++) {
		if (mc->events[i].kind == MODEL_ALLOC_WALK)
			walks[mc->events[i].migratetype]++;
	}
	assert_true(walks[MIGRATE_HIGHATOMIC]);
	assert_int_equal(walks[MIGRATE_CMA], 2 * walks[MIGRATE_MOVABLE]);
	machine_free(mc);
}

static void test_what_is_refused(void **state)
{
	static const struct {
		struct model_range area;
		const char *why;
	} rows[] = {
		{ { START + 1, START + BLOCK, false }, "a CMA area is not made of whole pageblocks" },
		{ { START + BLOCK, START + BLOCK, false }, "a CMA area is not made of whole pageblocks" },
		{ { START - BLOCK, START + BLOCK, false }, "a CMA area lies in no zone" },
	};
	const struct variant v = machine_variant();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *why = NULL;

		assert_null(boot(&v, &rows[i].area, 1, &why));
		assert_string_equal(why, rows[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot),
		cmocka_unit_test(test_s2_5_unmovable_keeps_out),
		cmocka_unit_test(test_s2_5_over_half),
		cmocka_unit_test(test_s2_3_5_clean_spbs_hide_their_areas),
		cmocka_unit_test(test_s2_7_the_reserve_is_not_cma),
		cmocka_unit_test(test_what_is_refused),
	};

	return cmocka_run_group_tests_name("model: CMA areas", tests, NULL, NULL);
}
