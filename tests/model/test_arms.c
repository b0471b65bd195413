// SPDX-License-Identifier: GPL-2.0
/*
 * Arms beyond the patch's four: deferred evacuation (S4.5), search by bitmap (S8), vanilla (S7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/evac.h"
#include "model/pageblock.h"
#include "tests/lib/scene.h"

/*
 * Tainted SPB 0 without a free page, half of it movable; SPB 1 empty. An unmovable request claims
 * from SPB 1 and, with the knob, asks for room in SPB 0.
 */
static struct machine *about_to_taint(const struct variant *v)
{
	struct machine *mc = machine_new(v, 3);
	u32 units[32], huge[8];

	for (u32 i = 0; i < 32; i++)
		units[i] = take(mc, 8, MOV);
	for (u32 i = 0; i < 8; i++)
		huge[i] = take(mc, 10, MOV);
	for (u32 i = 0; i < 8; i++)
		take(mc, 10, MOV);
	for (u32 i = 0; i < 32; i += 2) {
		give(mc, units[i], 8);
		take(mc, 8, UNMOV);
	}
	run_for(mc, 10 * NSEC_PER_SEC);
	for (u32 i = 0; i < 8; i++)
		give(mc, huge[i], 10);
	assert_int_equal(the_spb(mc, 0)->nr_free_pages, 0);
	forget(mc);
	return mc;
}

/*
 * S4.5: queued by the claim, empties at most evac_pb_per_sb blocks of a candidate, then a shrink. A
 * block that bears a skip hint counts, but is not emptied: here block 0, where a pass ended.
 */
static void test_s4_5_deferred_evacuation(void **state)
{
	struct variant v = machine_variant();
	struct model_counters before;
	struct machine *mc;

	(void)state;
	v.evac_pb_per_sb = 5;
	/*
	 * The taint queues an evacuation, too: it shall run before the pass, which clears its
	 * hints.
	 */
	v.irq_work_order = IRQ_WORK_FIFO;
	mc = about_to_taint(&v);
	take(mc, 0, UNMOV);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(model_counters(mc->m, 0)->evac_queued, 0);
	assert_int_equal(the_spb(mc, 0)->nr_free_pages, 0);
	machine_free(mc);

	v.evac_deferred = 1;
	mc = about_to_taint(&v);
	before = *model_counters(mc->m, 0);
	take(mc, 0, UNMOV);
	assert_outcome(mc, OUTCOME_CLAIM);
	assert_int_equal(mc->nr_taints, 1);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(model_counters(mc->m, 0)->evac_queued, before.evac_queued + 1);
	assert_int_equal(model_counters(mc->m, 0)->evac_runs, before.evac_runs + 1);
	assert_int_equal(model_counters(mc->m, 0)->pages_migrated,
			 before.pages_migrated + 4 * 256);
	assert_int_equal(the_spb(mc, 0)->nr_free_pages, 4 * 256);
	machine_free(mc);

	v.compact_skip = 0;
	mc = about_to_taint(&v);
	take(mc, 0, UNMOV);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(the_spb(mc, 0)->nr_free_pages, 5 * 256);
	machine_free(mc);
}

/* S1.1, S4.5: one in flight, and one request in 10 ms of a type */
static void test_s4_5_throttle(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	const struct model_counters *c;
	u64 before;

	(void)state;
	v.evac_deferred = 1;
	v.evac_pb_per_sb = 1;
	v.fallback_steal = 0;
	mc = about_to_taint(&v);
	c = model_counters(mc->m, 0);
	before = c->evac_queued;
	take(mc, 10, UNMOV);
	assert_int_equal(c->evac_queued, before + 1);
	/* Another type has its own throttle. */
	run_for(mc, 9 * NSEC_PER_MSEC);
	queue_spb_evacuate(&mc->m->zones[0], 10, RECL);
	assert_int_equal(c->evac_queued, before + 2);
	queue_spb_evacuate(&mc->m->zones[0], 9, UNMOV);
	assert_int_equal(c->evac_queued, before + 2);
	run_for(mc, NSEC_PER_MSEC);
	/* A tainted SPB has a buddy of exactly this order and type: evacuation would not help. */
	take(mc, 9, UNMOV);
	queue_spb_evacuate(&mc->m->zones[0], 9, UNMOV);
	assert_int_equal(c->evac_queued, before + 2);
	queue_spb_evacuate(&mc->m->zones[0], 7, UNMOV);
	assert_int_equal(c->evac_queued, before + 3);
	machine_free(mc);
}

/* S8: the bitmap finds the SPB that has a page without visiting the others */
static void test_s8_bitmap_visits(void **state)
{
	static const u32 modes[] = { SEARCH_LIST, SEARCH_BITMAP };
	u32 visits[2];

	(void)state;
	for (u32 i = 0; i < 2; i++) {
		struct variant v = machine_variant();
		struct machine *mc;
		u32 hole;

		v.hints = 0;
		v.search = modes[i];
		mc = machine_new(&v, 70);
		hole = 0;
		for (u32 k = 0; k < 70 * 8; k++)
			hole = take(mc, 10, MOV);
		give(mc, hole, 10);
		take(mc, 10, MOV);
		assert_int_equal(mc->pfn[mc->nr_units - 1], mc->last.pfn);
		assert_outcome(mc, OUTCOME_PASS_1);
		visits[i] = mc->last.visits;
		machine_free(mc);
	}
	assert_true(visits[0] >= 1);
	assert_int_equal(visits[1], 1);
	assert_true(visits[0] > visits[1]);
}

/* S7.2: own list ascending, then claim a whole block, the rest on the own list */
static void test_s7_2_vanilla_claim(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 a, b;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	v.slowpath_mode = SLOWPATH_NOFRAGMENT;
	mc = machine_new(&v, 3);
	a = take(mc, 0, MOV);
	assert_outcome(mc, OUTCOME_NORMAL);
	b = take(mc, 0, UNMOV);
	assert_outcome(mc, OUTCOME_CLAIM);
	assert_int_equal(mc->last.fallback_order, 10);
	assert_int_equal(mc->last.fallback_mt, MOV);
	assert_int_equal(label_of(mc, b), UNMOV);
	take(mc, 9, UNMOV);
	assert_outcome(mc, OUTCOME_NORMAL);
	/* Upstream does not spare SPBs: both lie in the first. */
	assert_int_equal(spb_of(mc, a), 0);
	assert_int_equal(spb_of(mc, b), 0);
	assert_int_equal(mc->nr_taints, 1);
	machine_free(mc);
}

/* S7.1: labels persist when a block becomes free */
static void test_s7_1_vanilla_label_persists(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 a;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	mc = machine_new(&v, 2);
	a = take(mc, 9, UNMOV);
	give(mc, a, 9);
	assert_int_equal(the_spb(mc, 0)->nr_free, 16);
	assert_int_equal(the_spb(mc, 0)->nr_unmovable, 0);
	take(mc, 10, UNMOV);
	assert_outcome(mc, OUTCOME_NORMAL);
	machine_free(mc);
}

/* S7.4, S7.2: NOFRAGMENT may not claim below order 9 nor steal; after the drop it steals */
static void test_s7_2_vanilla_steal(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 units[64], s;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	v.slowpath_mode = SLOWPATH_NOFRAGMENT;
	mc = machine_new(&v, 1);
	for (u32 i = 0; i < 64; i++)
		units[i] = take(mc, 7, MOV);
	give(mc, units[5], 7);
	s = take(mc, 2, UNMOV);
	/* 128 of 512 pages free, the rest movable: below 50 %, so no claim. */
	assert_outcome(mc, OUTCOME_STEAL);
	assert_int_equal(label_of(mc, s), MOV);
	give(mc, units[6], 7);
	give(mc, units[4], 7);
	take(mc, 2, UNMOV);
	assert_outcome(mc, OUTCOME_CLAIM);
	machine_free(mc);
}

/* S7.2: a refill that steals goes on stealing, and does not ask for a claim again each time */
static void test_s7_2_mode_of_a_refill(void **state)
{
	static const u32 allocators[] = { ALLOCATOR_SPB, ALLOCATOR_VANILLA };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(allocators); i++) {
		struct variant v = machine_variant();
		struct machine *mc;
		u32 units[16 * 512];

		v.allocator = allocators[i];
		v.slowpath_mode = SLOWPATH_DIRECT;
		v.pcp_batch = 8;
		v.pcp_high_min = 32;
		v.pcp_high_max = 32;
		mc = machine_new_page_level(&v, 1);
		for (u32 u = 0; u < ARRAY_SIZE(units); u++)
			units[u] = take(mc, 0, MOV);
		/* Single pages, a few of each block; the CPU's list lets go of some. */
		for (u32 u = 0; u < ARRAY_SIZE(units); u += 16)
			give(mc, units[u], 0);
		assert_true(mc->m->zones[0].nr_free_pages >= 4);
		model_start(mc->m, mc->now);
		take(mc, 0, UNMOV);
		assert_outcome(mc, OUTCOME_STEAL);
		assert_true(model_counters(mc->m, 0)->steals >= 4);
		assert_int_equal(model_counters(mc->m, 0)->claims_refused, 1);
		machine_free(mc);
	}
}

/* S10 item 11: as the messages tell PASS_3, it takes an empty SPB's block for any type */
static void test_s10_11_pass3_literal(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 unit;

	(void)state;
	v.pass3_literal = 0;
	mc = machine_new(&v, 2);
	unit = take(mc, 0, UNMOV);
	assert_int_equal(mc->last.outcome, OUTCOME_PASS_3);
	assert_int_equal(mc->taints[0].outcome, OUTCOME_PASS_3);
	assert_int_equal(pageblock_migratetype(the_spb(mc, 0),
					       (u32)(mc->pfn[unit] - MACHINE_START)), UNMOV);
	machine_free(mc);
	v.pass3_literal = 1;
	mc = machine_new(&v, 2);
	take(mc, 0, UNMOV);
	assert_int_equal(mc->last.outcome, OUTCOME_CLAIM);
	machine_free(mc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s4_5_deferred_evacuation),
		cmocka_unit_test(test_s4_5_throttle),
		cmocka_unit_test(test_s8_bitmap_visits),
		cmocka_unit_test(test_s7_2_vanilla_claim),
		cmocka_unit_test(test_s7_1_vanilla_label_persists),
		cmocka_unit_test(test_s7_2_vanilla_steal),
		cmocka_unit_test(test_s7_2_mode_of_a_refill),
		cmocka_unit_test(test_s10_11_pass3_literal),
	};

	return cmocka_run_group_tests_name("model: other arms", tests, NULL, NULL);
}
