// SPDX-License-Identifier: GPL-2.0
/*
 * The HIGHATOMIC reserve (S2.7): who fills it, how far, who may use it, how it is given up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/gfp.h"
#include "model/highatomic.h"
#include "model/pageblock.h"
#include "tests/lib/scene.h"

/* 1 % of 16 SPBs of 8192 pages is 1310 pages: three blocks, rounded up */
#define NR_SPBS 16
#define MOST_BLOCKS 3

static struct zone *the_zone(struct machine *mc)
{
	return &mc->m->zones[0];
}

static u64 reserved_blocks(struct machine *mc)
{
	return the_zone(mc)->nr_reserved_highatomic / MACHINE_BLOCK;
}

/* S2.7: the block of the page that a high-order request found joins, its free pages with it */
static void test_s2_7_reserves_the_block(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, NR_SPBS);
	const u32 unit = take(mc, 2, MIGRATE_HIGHATOMIC);
	struct superpageblock *sb = the_spb(mc, spb_of(mc, unit));

	(void)state;
	assert_int_equal(label_of(mc, unit), MIGRATE_HIGHATOMIC);
	assert_int_equal(reserved_blocks(mc), 1);
	assert_int_not_equal(sb->free_area[2].free_list[MIGRATE_HIGHATOMIC].head, FRAME_NIL);
	/* It counts as unmovable content. */
	assert_int_equal(sb->nr_unmovable, 2);
	/* The next one finds the reserve and takes nothing more. */
	take(mc, 2, MIGRATE_HIGHATOMIC);
	assert_outcome(mc, OUTCOME_PASS_1);
	assert_int_equal(reserved_blocks(mc), 1);
	check_machine(mc);
	machine_free(mc);
}

/* S2.7: at most about 1 % of the zone; nothing at all where that is less than a block */
static void test_s2_7_at_most_one_percent(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, NR_SPBS);

	(void)state;
	for (u32 i = 0; i < 40; i++)
		take(mc, 8, MIGRATE_HIGHATOMIC);
	assert_int_equal(reserved_blocks(mc), MOST_BLOCKS);
	check_machine(mc);
	machine_free(mc);
	mc = machine_new(&v, 6);
	take(mc, 8, MIGRATE_HIGHATOMIC);
	assert_int_equal(reserved_blocks(mc), 0);
	machine_free(mc);
}

/* S2.7: the share is rounded down to pages, then up to blocks, once it is a block */
static void test_s2_7_share_at_the_edges(void **state)
{
	static const struct {
		u32 spbs, pages, blocks;
	} cases[] = { { 7, 51199, 0 }, { 7, 51200, 1 }, { 7, 51299, 1 }, { 7, 51300, 2 },
		      { 13, 102400, 2 }, { 13, 102500, 3 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct variant v = machine_variant();
		struct machine *mc = machine_new_clipped(&v, cases[i].spbs,
							 cases[i].spbs * MACHINE_SPB -
								 cases[i].pages);

		for (u32 k = 0; k < 150; k++)
			take(mc, 8, MIGRATE_HIGHATOMIC);
		if (reserved_blocks(mc) != cases[i].blocks)
			fail_msg("case %zu: %u managed %u", i, (unsigned)reserved_blocks(mc), (unsigned)the_zone(mc)->managed_pages);
		check_machine(mc);
		machine_free(mc);
	}
}

/* S2.7: of a request larger than a block all its blocks join */
static void test_s2_7_reserves_large_units_whole(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, NR_SPBS);
	const u32 unit = take(mc, 10, MIGRATE_HIGHATOMIC);

	(void)state;
	assert_int_equal(reserved_blocks(mc), 2);
	for (u32 b = 0; b < 2; b++)
		assert_int_equal(model_label(mc->m, mc->pfn[unit] + b * MACHINE_BLOCK),
				 MIGRATE_HIGHATOMIC);
	check_machine(mc);
	machine_free(mc);
}

/* S2.7: order 0 may use it as the last resort, and does not make it grow */
static void test_s2_7_order_0_is_the_last_resort(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, NR_SPBS);
	u32 unit;

	(void)state;
	take(mc, 2, MIGRATE_HIGHATOMIC);
	unit = take(mc, 0, MIGRATE_HIGHATOMIC);
	assert_int_equal(label_of(mc, unit), UNMOV);
	while (try_take(mc, 0, UNMOV) != UINT32_MAX)
		;
	unit = take(mc, 0, MIGRATE_HIGHATOMIC);
	assert_int_equal(label_of(mc, unit), MIGRATE_HIGHATOMIC);
	assert_int_equal(reserved_blocks(mc), 1);
	check_machine(mc);
	machine_free(mc);
}

static void test_knob_highatomic(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 unit;

	(void)state;
	v.highatomic = 0;
	mc = machine_new(&v, NR_SPBS);
	unit = take(mc, 2, MIGRATE_HIGHATOMIC);
	assert_int_not_equal(label_of(mc, unit), MIGRATE_HIGHATOMIC);
	assert_int_equal(reserved_blocks(mc), 0);
	machine_free(mc);
}

/* S2.7: given up one block at a time; the last one only by force; its free pages change lists */
static void test_s2_7_unreserve(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, NR_SPBS);
	u32 unit;

	(void)state;
	unit = take(mc, 2, MIGRATE_HIGHATOMIC);
	assert_false(unreserve_highatomic_pageblock(the_zone(mc), RECL, false));
	assert_int_equal(label_of(mc, unit), MIGRATE_HIGHATOMIC);
	assert_true(unreserve_highatomic_pageblock(the_zone(mc), RECL, true));
	assert_int_equal(label_of(mc, unit), RECL);
	assert_int_equal(reserved_blocks(mc), 0);
	assert_false(unreserve_highatomic_pageblock(the_zone(mc), RECL, true));
	check_machine(mc);
	machine_free(mc);
}

/*
 * S2.7: a wholly free block loses the label, in the series also without leaving the reserve's count
 */
static void test_s2_7_a_free_block_loses_the_label(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, NR_SPBS);
	const u32 unit = take(mc, 2, MIGRATE_HIGHATOMIC);
	struct superpageblock *sb = the_spb(mc, spb_of(mc, unit));

	(void)state;
	give(mc, unit, 2);
	assert_int_equal(pageblock_migratetype(sb, 0), MOV);
	assert_int_equal(reserved_blocks(mc), 1);
	check_machine(mc);
	machine_free(mc);
}

/* Upstream keeps the same reserve, on the lists of the zone, and its labels persist. */
static void test_s2_7_vanilla(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 unit;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	mc = machine_new(&v, NR_SPBS);
	unit = take(mc, 2, MIGRATE_HIGHATOMIC);
	assert_int_equal(label_of(mc, unit), MIGRATE_HIGHATOMIC);
	assert_int_equal(reserved_blocks(mc), 1);
	check_machine(mc);
	give(mc, unit, 2);
	assert_int_equal(pageblock_migratetype(the_spb(mc, 0), 0), MIGRATE_HIGHATOMIC);
	assert_true(unreserve_highatomic_pageblock(the_zone(mc), MOV, true));
	assert_int_equal(pageblock_migratetype(the_spb(mc, 0), 0), MOV);
	check_machine(mc);
	machine_free(mc);
}

/*
 * S2.6, S2.7: a caller that reclaimed in vain gets the reserve, all of it, before NOFRAGMENT falls
 */
static void test_s2_7_reclaim_exhausts_the_reserve(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	struct model_req req = { .order = 0, .migratetype = MIGRATE_RECLAIMABLE,
				 .gfp = GFP_KERNEL };
	struct model_result res;

	(void)state;
	v.slowpath_mode = SLOWPATH_GFP;
	mc = machine_new(&v, NR_SPBS);
	take(mc, 2, MIGRATE_HIGHATOMIC);
	while (try_take(mc, 0, UNMOV) != UINT32_MAX)
		;
	assert_int_equal(reserved_blocks(mc), 1);
	assert_int_equal(model_alloc(mc->m, mc->now, &req, &res), 0);
	assert_int_equal(reserved_blocks(mc), 0);
	check_machine(mc);
	machine_free(mc);
}

/*
 * S2.7: a reclaim that freed too little takes a block of the reserve, but not its last one, also
 * for callers that never retry
 */
static void test_s2_7_reclaim_takes_a_block(void **state)
{
	(void)state;
	for (u32 blocks = 1; blocks <= 2; blocks++) {
		struct variant v = machine_variant();
		struct machine *mc;

		v.slowpath_evacuate = 0;
		v.highorder_optional = 0;
		v.clean_drop_ppm = 1000000;
		v.reclaim_gives_pages = 1;
		mc = machine_new(&v, NR_SPBS);
		/* The first page is what reclaim will drop. */
		take(mc, 0, MOV);
		while (reserved_blocks(mc) < blocks)
			take(mc, 8, MIGRATE_HIGHATOMIC);
		while (try_take(mc, 0, MOV) != UINT32_MAX || try_take(mc, 0, UNMOV) != UINT32_MAX)
			;
		assert_int_equal(reserved_blocks(mc), blocks);
		assert_int_equal(try_take_gfp(mc, 0, 3, RECL, GFP_KERNEL | ___GFP_NORETRY) !=
					 UINT32_MAX,
				 blocks == 2);
		assert_true(mc->nr_dropped > 0);
		assert_int_equal(reserved_blocks(mc), 1);
		check_machine(mc);
		machine_free(mc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s2_7_reserves_the_block),
		cmocka_unit_test(test_s2_7_at_most_one_percent),
		cmocka_unit_test(test_s2_7_share_at_the_edges),
		cmocka_unit_test(test_s2_7_reserves_large_units_whole),
		cmocka_unit_test(test_s2_7_reclaim_takes_a_block),
		cmocka_unit_test(test_s2_7_order_0_is_the_last_resort),
		cmocka_unit_test(test_knob_highatomic),
		cmocka_unit_test(test_s2_7_unreserve),
		cmocka_unit_test(test_s2_7_a_free_block_loses_the_label),
		cmocka_unit_test(test_s2_7_vanilla),
		cmocka_unit_test(test_s2_7_reclaim_exhausts_the_reserve),
	};

	return cmocka_run_group_tests_name("model: HIGHATOMIC reserve", tests, NULL, NULL);
}
