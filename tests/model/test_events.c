// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel would have traced, event by event and in its order (S1.8, S2.4, S7.5). Test names
 * quote the item of the spec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/pageblock.h"
#include "model/superpageblock.h"
#include "tests/lib/machine.h"

#define UNMOV MIGRATE_UNMOVABLE
#define MOV MIGRATE_MOVABLE
#define RECL MIGRATE_RECLAIMABLE

static void assert_events(struct machine *mc, const char *expected)
{
	char *text = events_text(mc);

	assert_string_equal(text, expected);
	free(text);
	forget(mc);
}

/* Events of a request for one page alone. */
static void take_and_expect(struct machine *mc, u32 order, u32 mt, const char *expected)
{
	forget(mc);
	take(mc, order, mt);
	assert_events(mc, expected);
}

/* Movable units of order 8 in all of SPB 0, order 10 in the others: no free page anywhere. */
static struct machine *full_machine(const struct variant *v, u32 nr_spbs, u32 *units)
{
	struct machine *mc = machine_new(v, nr_spbs);

	for (u32 i = 0; i < 32; i++)
		units[i] = take(mc, 8, MOV);
	for (u32 i = 0; i < 8 * (nr_spbs - 1); i++)
		take(mc, 10, MOV);
	return mc;
}

/* S2.2 row 3 and 1: bits first, then the page, then the walk; a hint visits nothing */
static void test_S2_2_pass_3_pass_1_hint(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	take_and_expect(mc, 0, MOV,
			"taint page=0 mt=1 SET edge\n"
			"taint page=512 mt=1 SET\n"
			"zone_locked page=0 order=0 mt=1 refill=1\n"
			"walk order=0 mt=1 flags=0x100 PASS_3 visits=1\n");
	take_and_expect(mc, 0, MOV,
			"zone_locked page=512 order=0 mt=1 refill=1\n"
			"walk order=0 mt=1 flags=0x100 PASS_1 visits=1\n");
	take_and_expect(mc, 0, MOV,
			"taint page=1024 mt=1 SET\n"
			"taint page=1536 mt=1 SET\n"
			"zone_locked page=1024 order=0 mt=1 refill=1\n"
			"walk order=0 mt=1 flags=0x100 PASS_1 visits=0\n");
	machine_free(mc);
}

/* S2.4: a whole-block claim and a steal have no zone_locked: NO_PAGE walks and extfrag */
static void test_S2_4_whole_block_claim(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	take_and_expect(mc, 9, UNMOV,
			"walk order=9 mt=0 flags=0x100 NO_PAGE visits=2\n"
			"relax order=9 mt=0 gfp=0x0 ADD_TAINTED_OK\n"
			"walk order=9 mt=0 flags=0x1100 NO_PAGE visits=2\n"
			"relax order=9 mt=0 gfp=0x0 DROP_NOFRAGMENT\n"
			"walk order=9 mt=0 flags=0x0 NO_PAGE visits=2\n"
			"taint page=0 mt=0 SET edge\n"
			"taint page=512 mt=0 SET\n"
			"extfrag page=0 order=9 mt=0 from=10/1 owner=1\n");
	/* PASS_1 of the other half, then PASS_2 takes the next free block. */
	take(mc, 9, UNMOV);
	take_and_expect(mc, 9, UNMOV,
			"taint page=1024 mt=0 SET\n"
			"taint page=1536 mt=0 SET\n"
			"zone_locked page=1024 order=9 mt=0 refill=1\n"
			"walk order=9 mt=0 flags=0x100 PASS_2 visits=2\n");
	machine_free(mc);
}

/* S2.4: a sub-block claim: NO_PAGE walk, inner zone_locked and PASS_1 walk, extfrag */
static void test_S2_4_sub_block_claim(void **state)
{
	const struct variant v = machine_variant();
	u32 units[32];
	struct machine *mc = full_machine(&v, 2, units);

	(void)state;
	give(mc, units[0], 8);
	take_and_expect(mc, 0, UNMOV,
			"walk order=0 mt=0 flags=0x100 NO_PAGE visits=0\n"
			"relax order=0 mt=0 gfp=0x0 ADD_TAINTED_OK\n"
			"walk order=0 mt=0 flags=0x1100 NO_PAGE visits=0\n"
			"relax order=0 mt=0 gfp=0x0 DROP_NOFRAGMENT\n"
			"walk order=0 mt=0 flags=0x0 NO_PAGE visits=0\n"
			"taint page=0 mt=0 SET edge\n"
			"zone_locked page=0 order=0 mt=0 refill=1\n"
			"walk order=0 mt=0 flags=0x0 PASS_1 visits=1\n"
			"extfrag page=0 order=0 mt=0 from=8/1 owner=1\n");
	/* S2.2 row 2C: borrow, the label stays */
	take_and_expect(mc, 3, RECL,
			"taint page=128 mt=2 SET edge\n"
			"zone_locked page=128 order=3 mt=2 refill=1\n"
			"walk order=3 mt=2 flags=0x100 PASS_2C visits=4\n");
	machine_free(mc);
}

/* S2.4: PASS_2B emits the inner search's pair, then its own for the same page */
static void test_S2_4_pass_2b_emits_twice(void **state)
{
	const struct variant v = machine_variant();
	u32 units[32];
	struct machine *mc = full_machine(&v, 2, units);

	(void)state;
	give(mc, units[0], 8);
	take(mc, 8, UNMOV);
	give(mc, units[9], 8);
	take_and_expect(mc, 5, UNMOV,
			"taint page=4608 mt=0 SET\n"
			"zone_locked page=4608 order=5 mt=0 refill=1\n"
			"walk order=5 mt=0 flags=0x0 PASS_1 visits=1\n"
			"zone_locked page=4608 order=5 mt=0 refill=1\n"
			"walk order=5 mt=0 flags=0x100 PASS_2B visits=3\n");
	machine_free(mc);
}

/* S2.2 row 2D: the bit of the list's type, then that of the request */
static void test_S2_2_pass_2d(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 units[32];

	(void)state;
	v.pass_2b = 0;
	mc = full_machine(&v, 2, units);
	give(mc, units[0], 8);
	take(mc, 8, UNMOV);
	give(mc, units[5], 8);
	take_and_expect(mc, 3, UNMOV,
			"taint page=2560 mt=0 SET\n"
			"zone_locked page=2560 order=3 mt=0 refill=1\n"
			"walk order=3 mt=0 flags=0x100 PASS_2D visits=4\n");
	machine_free(mc);
}

/* S2.2 row 4 */
static void test_S2_2_pass_4(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	taint_spb(mc, 0);
	for (u32 i = 0; i < 8; i++)
		take(mc, 10, MOV);
	take_and_expect(mc, 9, MOV,
			"taint page=1024 mt=1 SET edge\n"
			"taint page=1536 mt=1 SET\n"
			"zone_locked page=1024 order=9 mt=1 refill=1\n"
			"walk order=9 mt=1 flags=0x100 PASS_4 visits=2\n");
	machine_free(mc);
}

/* S2.5: refused at 7, and each step of the slow path walks anew; the steal has no zone_locked */
static void test_S2_4_steal(void **state)
{
	const struct variant v = machine_variant();
	u32 units[32];
	struct machine *mc = full_machine(&v, 2, units);

	(void)state;
	give(mc, units[3], 8);
	take(mc, 7, MOV);
	take_and_expect(mc, 2, UNMOV,
			"walk order=2 mt=0 flags=0x100 NO_PAGE visits=0\n"
			"relax order=2 mt=0 gfp=0x0 ADD_TAINTED_OK\n"
			"walk order=2 mt=0 flags=0x1100 NO_PAGE visits=0\n"
			"relax order=2 mt=0 gfp=0x0 DROP_NOFRAGMENT\n"
			"walk order=2 mt=0 flags=0x0 NO_PAGE visits=0\n"
			"refused page=1664 mt=0 block=1 INSUFFICIENT_COMPAT\n"
			"taint page=1664 mt=0 SET edge\n"
			"extfrag page=1664 order=2 mt=0 from=7/1 owner=0\n");
	machine_free(mc);
}

/* S1.8: CROSS_TYPE_NOT_FREE */
static void test_S1_8_refused_cross_type(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 units[32];

	(void)state;
	v.pass_2c = 0;
	v.slowpath_mode = SLOWPATH_DIRECT;
	mc = full_machine(&v, 2, units);
	give(mc, units[0], 8);
	take(mc, 7, UNMOV);
	forget(mc);
	assert_int_equal(try_take(mc, 7, RECL), UINT32_MAX);
	assert_events(mc,
			"walk order=7 mt=2 flags=0x0 NO_PAGE visits=4\n"
			"refused page=128 mt=2 block=0 CROSS_TYPE_NOT_FREE\n");
	machine_free(mc);
}

/* S1.8: ISOLATE and CMA labels are refused before anything is counted */
static void test_S1_8_refused_by_label(void **state)
{
	static const u8 labels[] = { MIGRATE_ISOLATE, MIGRATE_CMA };
	static const char *const expected[] = {
			"walk order=8 mt=0 flags=0x0 NO_PAGE visits=0\n"
			"refused page=0 mt=0 block=1 ISOLATE\n",
			"walk order=8 mt=0 flags=0x0 NO_PAGE visits=0\n"
			"refused page=0 mt=0 block=1 CMA\n" };
	struct variant v = machine_variant();

	(void)state;
	v.slowpath_mode = SLOWPATH_DIRECT;
	v.fallback_steal = 0;
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		u32 units[32];
		struct machine *mc = full_machine(&v, 2, units);

		give(mc, units[0], 8);
		set_pageblock_migratetype(the_spb(mc, 0), 0, labels[i]);
		forget(mc);
		assert_int_equal(try_take(mc, 8, UNMOV), UINT32_MAX);
		assert_events(mc, expected[i]);
		set_pageblock_migratetype(the_spb(mc, 0), 0, MOV);
		machine_free(mc);
	}
}

/* S1.8: ZONE_BOUNDARY: a block that the zone spans in part is never relabelled */
static void test_S1_8_refused_zone_boundary(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc = machine_new_clipped(&v, 2, MACHINE_BLOCK / 2);
	u32 unit = 0;

	(void)state;
	while (try_take(mc, 8, MOV) != UINT32_MAX)
		;
	assert_int_equal(mc->nr_units, 63);
	while (mc->pfn[unit] != MACHINE_START + 31 * MACHINE_BLOCK)
		unit++;
	give(mc, unit, 8);
	take_and_expect(mc, 8, UNMOV,
			"walk order=8 mt=0 flags=0x100 NO_PAGE visits=0\n"
			"relax order=8 mt=0 gfp=0x0 ADD_TAINTED_OK\n"
			"walk order=8 mt=0 flags=0x1100 NO_PAGE visits=0\n"
			"relax order=8 mt=0 gfp=0x0 DROP_NOFRAGMENT\n"
			"walk order=8 mt=0 flags=0x0 NO_PAGE visits=0\n"
			"refused page=15872 mt=0 block=1 ZONE_BOUNDARY\n"
			"taint page=15872 mt=0 SET edge\n"
			"extfrag page=15872 order=8 mt=0 from=8/1 owner=0\n");
	machine_free(mc);
}

/* S3, S1.5: freeing a wholly used block clears each bit that it has, in this order */
static void test_S1_5_clear_on_free(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);
	u32 units[2];

	(void)state;
	units[0] = take(mc, 9, UNMOV);
	units[1] = take(mc, 8, UNMOV);
	take(mc, 9, UNMOV);
	forget(mc);
	give(mc, units[0], 9);
	assert_events(mc, "taint page=0 mt=0 CLEAR\n");
	give(mc, units[1], 8);
	assert_events(mc, "taint page=512 mt=0 CLEAR\n");
	machine_free(mc);
}

/* S4.5: blocks that a deferred evacuation tried, told by the worker; v2 has one phase */
static void test_S4_5_evacuate_done(void **state)
{
	struct variant v = machine_variant();
	u32 units[32];
	struct machine *mc;

	(void)state;
	v.evac_deferred = 1;
	v.evac_pb_per_sb = 3;
	v.trigger_update = 0;
	v.migrate_fail_ppm = 1000000;
	mc = full_machine(&v, 2, units);
	give(mc, units[0], 8);
	take(mc, 8, UNMOV);
	forget(mc);
	run_for(mc, NSEC_PER_SEC);
	assert_events(mc, "worker: evacuated order=8 mt=0 p1=3 p2=0 did=1\n");
	machine_free(mc);
}

/* S7.5: vanilla fires the two old tracepoints, no bit, no walk, no relax */
static void test_S7_5_vanilla(void **state)
{
	struct variant v = machine_variant();
	u32 units[32];
	struct machine *mc;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	mc = machine_new(&v, 2);
	take_and_expect(mc, 0, MOV, "zone_locked page=0 order=0 mt=1 refill=1\n");
	/* Orders 4 to 8 do not go through per-CPU lists (S7.3). */
	take_and_expect(mc, 4, MOV, "zone_locked page=16 order=4 mt=1 refill=0\n");
	take_and_expect(mc, 9, UNMOV, "extfrag page=1024 order=9 mt=0 from=10/1 owner=1\n");
	machine_free(mc);
	mc = full_machine(&v, 2, units);
	give(mc, units[0], 8);
	take_and_expect(mc, 3, UNMOV,
			"zone_locked page=0 order=3 mt=0 refill=1\n"
			"extfrag page=0 order=3 mt=0 from=8/1 owner=1\n");
	machine_free(mc);
}

static void assert_move(const struct machine *mc, u32 i, u32 spb, u32 from, u32 to, u32 nr_free)
{
	assert_true(i < mc->nr_moves);
	assert_int_equal(mc->moves[i].spb, spb);
	assert_string_equal(spb_list_name(mc->moves[i].from), spb_list_name(from));
	assert_string_equal(spb_list_name(mc->moves[i].to), spb_list_name(to));
	assert_int_equal(mc->moves[i].nr_free, nr_free);
}

/* S1.6: told when the list changes, in either update mode, not when the SPB rotates */
static void test_S1_6_list_moves(void **state)
{
	static const u32 modes[] = { UPDATE_LIST_BUCKET, UPDATE_LIST_ALWAYS };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct variant v = machine_variant();
		struct machine *mc;
		u32 unit;

		v.update_list_mode = modes[i];
		mc = machine_new(&v, 2);
		unit = take(mc, 10, MOV);
		assert_int_equal(mc->nr_moves, 1);
		assert_move(mc, 0, 0, SPB_LIST_EMPTY, SPB_LIST(SB_CLEAN, SB_ALMOST_EMPTY), 15);
		assert_int_equal(mc->moves[0].nr_free_pages, MACHINE_SPB);
		assert_int_equal(mc->moves[0].time, mc->now);
		take(mc, 9, MOV);
		assert_int_equal(mc->nr_moves, 2);
		assert_move(mc, 1, 0, SPB_LIST(SB_CLEAN, SB_ALMOST_EMPTY),
			    SPB_LIST(SB_CLEAN, SB_FULL_25), 12);
		take(mc, 10, UNMOV);
		/* The first block's bit comes after its list update, so the SPB passes by clean. */
		assert_int_equal(mc->nr_moves, 4);
		assert_move(mc, 2, 1, SPB_LIST_EMPTY, SPB_LIST(SB_CLEAN, SB_ALMOST_EMPTY), 15);
		assert_move(mc, 3, 1, SPB_LIST(SB_CLEAN, SB_ALMOST_EMPTY),
			    SPB_LIST(SB_TAINTED, SB_ALMOST_EMPTY), 14);
		give(mc, unit, 10);
		assert_int_equal(mc->nr_moves, 5);
		assert_move(mc, 4, 0, SPB_LIST(SB_CLEAN, SB_FULL_25),
			    SPB_LIST(SB_CLEAN, SB_ALMOST_EMPTY), 13);
		machine_free(mc);
	}
}

/* S1.8: the symbols that the kernel prints */
static void test_S1_8_names(void **state)
{
	(void)state;
	assert_string_equal(model_event_name(MODEL_ZONE_LOCKED), "mm_page_alloc_zone_locked");
	assert_string_equal(model_event_name(MODEL_FALL_THROUGH), "spb_alloc_fall_through");
	assert_string_equal(model_event_name(NR_MODEL_EVENT_KINDS), "?");
	assert_string_equal(relax_step_name(RELAX_NOWARN_LOWER_ORDER), "NOWARN_LOWER_ORDER");
	assert_string_equal(spb_list_name(SPB_LIST(SB_TAINTED, SB_FULL_75)), "tainted/75pct");
	assert_string_equal(spb_list_name(SPB_LIST_ISOLATED), "isolated");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S2_2_pass_3_pass_1_hint),
		cmocka_unit_test(test_S2_4_whole_block_claim),
		cmocka_unit_test(test_S2_4_sub_block_claim),
		cmocka_unit_test(test_S2_4_pass_2b_emits_twice),
		cmocka_unit_test(test_S2_2_pass_2d),
		cmocka_unit_test(test_S2_2_pass_4),
		cmocka_unit_test(test_S2_4_steal),
		cmocka_unit_test(test_S1_8_refused_cross_type),
		cmocka_unit_test(test_S1_8_refused_by_label),
		cmocka_unit_test(test_S1_8_refused_zone_boundary),
		cmocka_unit_test(test_S1_5_clear_on_free),
		cmocka_unit_test(test_S4_5_evacuate_done),
		cmocka_unit_test(test_S7_5_vanilla),
		cmocka_unit_test(test_S1_6_list_moves),
		cmocka_unit_test(test_S1_8_names),
	};

	return cmocka_run_group_tests_name("model: events", tests, NULL, NULL);
}
