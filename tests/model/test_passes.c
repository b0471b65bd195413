// SPDX-License-Identifier: GPL-2.0
/*
 * Each pass, claim and steal on a small machine, row by row of S2.2. The consequences of S2.3 are
 * in test_paper_s2.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/pageblock.h"
#include "tests/lib/scene.h"

/* S2.2 row 1 and 3: movable opens an empty SPB, then stays there */
static void test_s2_2_pass_1_pass_3(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 3);

	(void)state;
	take_by(mc, 0, MOV, OUTCOME_PASS_3);
	assert_int_equal(mc->last.visits, 1);
	take_by(mc, 0, MOV, OUTCOME_PASS_1);
	assert_int_equal(mc->last.visits, 1);
	/* From now on the CPU hint serves it without a visit (H1). */
	take_by(mc, 0, MOV, OUTCOME_PASS_1);
	assert_int_equal(mc->last.visits, 0);
	assert_int_equal(mc->nr_taints, 0);
	machine_free(mc);
}

/* S2.2 H2: another CPU has no hint of its own and uses the zone's */
static void test_s2_2_h2_zone_hint(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 3);
	struct model_req req = { .order = 0, .migratetype = MOV, .cpu = 1 };
	struct model_result res;

	(void)state;
	take(mc, 0, MOV);
	take(mc, 0, MOV);
	req.owner = mc->nr_units++;
	assert_int_equal(model_alloc(mc->m, mc->now, &req, &res), 0);
	assert_int_equal(res.visits, 0);
	assert_int_equal(res.outcome, OUTCOME_PASS_1);
	machine_free(mc);
}

/* S2.2 row 2: a tainted SPB's free block changes type; S2.5: the first one came from a claim */
static void test_s2_2_pass_2(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 3);
	const struct superpageblock *sb = the_spb(mc, 0);

	(void)state;
	take_by(mc, 9, UNMOV, OUTCOME_CLAIM);
	assert_int_equal(mc->last.fallback_order, 10);
	assert_int_equal(mc->last.fallback_mt, MOV);
	assert_int_equal(mc->last.category, SB_CLEAN);
	assert_int_equal(sb->nr_free, 14);
	/* The order-10 buddy was relabelled as a whole, its other half is on the own list. */
	take_by(mc, 9, UNMOV, OUTCOME_PASS_1);
	assert_int_equal(mc->last.category, SB_TAINTED);
	take_by(mc, 9, UNMOV, OUTCOME_PASS_2);
	assert_int_equal(sb->nr_free, 12);
	assert_int_equal(sb->nr_unmovable, 4);
	assert_int_equal(mc->nr_taints, 1);
	assert_int_equal(mc->taints[0].outcome, OUTCOME_CLAIM);
	machine_free(mc);
}

/* S2.2 row 2B: no 50 % rule inside a tainted SPB, the block is relabelled, both bits stand */
static void test_s2_2_pass_2b(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = full_scene(&v, 2);
	struct machine *mc = sc.mc;
	struct superpageblock *sb = the_spb(mc, 0);
	u32 b;

	(void)state;
	/* Half of a freed half block is filled again: 25 % of that block is free. */
	give_unit(&sc, 9);
	take(mc, 7, MOV);
	give_unit(&sc, 0);
	take_by(mc, 8, UNMOV, OUTCOME_CLAIM);
	b = take_by(mc, 5, UNMOV, OUTCOME_PASS_2B);
	assert_int_equal(pageblock_migratetype(sb, (u32)(mc->pfn[b] - sb->start_pfn)), UNMOV);
	assert_true(pageblock_test(sb, (u32)(mc->pfn[b] - sb->start_pfn), PB_HAS_MOVABLE));
	assert_true(pageblock_test(sb, (u32)(mc->pfn[b] - sb->start_pfn), PB_HAS_UNMOVABLE));
	machine_free(mc);
}

/* S2.2 row 2C: borrow from the opposite type without relabelling */
static void test_s2_2_pass_2c(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = full_scene(&v, 2);
	struct machine *mc = sc.mc;
	struct superpageblock *sb = the_spb(mc, 0);
	u32 r, frame;

	(void)state;
	give_unit(&sc, 0);
	take_by(mc, 0, UNMOV, OUTCOME_CLAIM);
	r = take_by(mc, 3, RECL, OUTCOME_PASS_2C);
	frame = (u32)(mc->pfn[r] - sb->start_pfn);
	assert_int_equal(pageblock_migratetype(sb, frame), UNMOV);
	assert_int_equal(sb->nr_reclaimable, 1);
	/* On free it returns to the list of the label (S3). */
	give(mc, r, 3);
	take_by(mc, 3, UNMOV, OUTCOME_PASS_1);
	machine_free(mc);
}

/* S2.2 row 2D: borrow from the movable list; 2B would relabel, so it is off */
static void test_s2_2_pass_2d(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	u32 d;
	struct machine *mc;
	struct superpageblock *sb;

	(void)state;
	v.pass_2b = 0;
	sc = full_scene(&v, 2);
	mc = sc.mc;
	sb = the_spb(mc, 0);
	give_unit(&sc, 0);
	take_by(mc, 8, UNMOV, OUTCOME_CLAIM);
	give_unit(&sc, 5);
	d = take_by(mc, 3, UNMOV, OUTCOME_PASS_2D);
	assert_int_equal(pageblock_migratetype(sb, (u32)(mc->pfn[d] - sb->start_pfn)), MOV);
	assert_int_equal(sb->nr_unmovable, 2);
	machine_free(mc);
}

/* S2.2 row 4: movable takes tainted SPBs down to the reserve, no further */
static void test_s2_2_pass_4_reserve(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);
	u32 nr = 0;

	(void)state;
	taint_spb(mc, 0);
	for (u32 i = 0; i < 8; i++)
		take(mc, 10, MOV);
	assert_int_equal(the_spb(mc, 1)->nr_free, 0);
	while (try_take(mc, 9, MOV) != UINT32_MAX) {
		assert_outcome(mc, OUTCOME_PASS_4);
		nr++;
	}
	/* Six order-10 splits bring 14 to 2; the free half of the last one is out of reach. */
	assert_int_equal(nr, 11);
	assert_int_equal(the_spb(mc, 0)->nr_free, 2);
	machine_free(mc);
}

/* S2.5: claim refuses below 50 % in a clean SPB, so one page is stolen and the label stays */
static void test_s2_5_steal(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = full_scene(&v, 2);
	struct machine *mc = sc.mc;
	struct superpageblock *sb = the_spb(mc, 0);
	u32 s;

	(void)state;
	give_unit(&sc, 3);
	take(mc, 7, MOV);
	s = take_by(mc, 2, UNMOV, OUTCOME_STEAL);
	assert_int_equal(pageblock_migratetype(sb, (u32)(mc->pfn[s] - sb->start_pfn)), MOV);
	assert_int_equal(mc->last.fallback_order, 7);
	assert_int_equal(sb->nr_unmovable, 1);
	assert_int_equal(sb->nr_movable, 16);
	/* It tried with NOFRAGMENT, then with TAINTED_OK, then refused at 10 .. 7 at the drop. */
	assert_true(model_counters(mc->m, 0)->claims_refused >= 1);
	machine_free(mc);
}

/* S2.1: UNMOVABLE and RECLAIMABLE do not share a block unless it is wholly free */
static void test_s2_1_cross_type_refused(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct machine *mc;

	(void)state;
	v.pass_2c = 0;
	sc = full_scene(&v, 2);
	mc = sc.mc;
	give_unit(&sc, 0);
	take_by(mc, 0, UNMOV, OUTCOME_CLAIM);
	/* Only unmovable pages are free: no claim, and steal skips the cross type. */
	assert_int_equal(try_take(mc, 0, RECL), UINT32_MAX);
	machine_free(mc);
}

/* S1.6: holes stay reserved and tainted; memblock memory leaves its SPB clean */
static void test_s1_6_reserved_ranges(void **state)
{
	static const struct model_zone_config zone = { 0, "Normal", 0x10000, 4 * MACHINE_SPB };
	static const struct model_range ranges[] = {
		{ 0x10000 + MACHINE_SPB, 0x10000 + MACHINE_SPB + 1024, true },
		{ 0x10000 + 2 * MACHINE_SPB + 10, 0x10000 + 2 * MACHINE_SPB + 20, false },
	};
	const struct model_config config = { .zones = &zone, .nr_zones = 1, .ranges = ranges,
					     .nr_ranges = 2, .pageblock_order = 9,
					     .spb_order = 13, .max_order = 10, .nr_cpus = 1 };
	const struct variant v = machine_variant();
	struct model_spb_state st;
	const char *why = NULL;
	struct model *m = model_new(&config, &v, NULL, NULL, &why);
	char text[256];

	(void)state;
	assert_non_null(m);
	model_spb_state(m, 0, 1, 0, &st);
	assert_int_equal(st.category, SB_TAINTED);
	assert_int_equal(st.nr_reserved, 2);
	assert_int_equal(st.nr_free, 14);
	model_spb_state(m, 0, 2, 0, &st);
	assert_int_equal(st.category, SB_CLEAN);
	assert_int_equal(st.nr_reserved, 0);
	assert_int_equal(st.nr_free, 15);
	assert_int_equal(st.nr_movable, 1);
	assert_int_equal(st.free_pages, MACHINE_SPB - 10);
	assert_int_equal(model_check(m, text, sizeof(text)), 0);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s2_2_pass_1_pass_3),
		cmocka_unit_test(test_s2_2_h2_zone_hint),
		cmocka_unit_test(test_s2_2_pass_2),
		cmocka_unit_test(test_s2_2_pass_2b),
		cmocka_unit_test(test_s2_2_pass_2c),
		cmocka_unit_test(test_s2_2_pass_2d),
		cmocka_unit_test(test_s2_2_pass_4_reserve),
		cmocka_unit_test(test_s2_5_steal),
		cmocka_unit_test(test_s2_1_cross_type_refused),
		cmocka_unit_test(test_s1_6_reserved_ranges),
	};

	return cmocka_run_group_tests_name("model: passes and fallback", tests, NULL, NULL);
}
