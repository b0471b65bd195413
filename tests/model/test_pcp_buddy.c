// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists of the series (S2.8): the four phases of a refill, whose CPU a page comes home to,
 * what a drain gives back first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/pageblock.h"
#include "model/pcp.h"
#include "model/pcp_lists.h"
#include "model/superpageblock.h"
#include "tests/lib/scene.h"

/* A batch of 63 as on large zones; high enough that nothing is drained unless a test wants it. */
static struct machine *buddy_machine(u32 nr_spbs, u32 high)
{
	struct variant v = machine_variant();

	v.pcp_mode = PCP_BUDDY;
	v.pcp_batch = 63;
	v.pcp_high_min = high;
	v.pcp_high_max = high;
	return machine_new_page_level(&v, nr_spbs);
}

static u32 take_on(struct machine *mc, u16 cpu, u32 order, u32 mt)
{
	const u32 unit = try_take_on(mc, cpu, order, mt);

	assert_int_not_equal(unit, UINT32_MAX);
	return unit;
}

static void give_on(struct machine *mc, u16 cpu, u32 unit, u32 order)
{
	assert_int_equal(model_free_pages(mc->m, mc->now, cpu, mc->pfn[unit], order), 0);
	mc->pfn[unit] = 0;
}

static u64 zone_free(const struct machine *mc)
{
	return mc->m->zones[0].nr_free_pages;
}

static struct pcp_cpu *lists_of(struct machine *mc, u32 cpu)
{
	return pcp_of(mc->m, &mc->m->zones[0], cpu);
}

static bool owned(struct machine *mc, u32 unit)
{
	return pcpblock_is_owned(the_spb(mc, spb_of(mc, unit)), frame_of(mc, unit));
}

/*
 * S2.8 phase 3: the first refill of order 0 is 63 pages: no whole block fits, nobody owns anything.
 */
static void test_s2_8_phase_3_singles(void **state)
{
	struct machine *mc = buddy_machine(4, 4096);
	const u64 all = zone_free(mc);
	const u32 unit = take_on(mc, 0, 0, MOV);

	(void)state;
	assert_int_equal(all - zone_free(mc), 63);
	assert_outcome(mc, OUTCOME_PASS_3);
	assert_false(owned(mc, unit));
	take_on(mc, 0, 0, MOV);
	assert_outcome(mc, OUTCOME_PCP);
	check_machine(mc);
	machine_free(mc);
}

/* S2.8 phase 1: order 4 asks for max(63 >> 4, 2) units; order 9 for two: whole, owned blocks */
static void test_s2_8_phase_1_whole_blocks(void **state)
{
	struct machine *mc = buddy_machine(4, 4096);
	const u64 all = zone_free(mc);
	u32 unit;

	(void)state;
	take_on(mc, 0, 4, MOV);
	assert_int_equal(all - zone_free(mc), 3 * 16);
	unit = take_on(mc, 0, 9, MOV);
	assert_int_equal(all - zone_free(mc), 3 * 16 + 2 * 512);
	assert_true(owned(mc, unit));
	assert_int_equal(pcpblock_owner(the_spb(mc, spb_of(mc, unit)), frame_of(mc, unit)), 0);
	/* The other block is split for smaller requests of the type, from below. */
	unit = take_on(mc, 0, 8, MOV);
	assert_outcome(mc, OUTCOME_PCP);
	assert_int_equal(frame_of(mc, unit) % MACHINE_BLOCK, 0);
	check_machine(mc);
	machine_free(mc);
}

/* S2.8 phase 1: movable blocks come from the fullest clean SPB, by no pass of the search */
static void test_s2_8_phase_1_fullest_clean(void **state)
{
	struct machine *mc = buddy_machine(3, 100000);
	u32 last;

	(void)state;
	/* SPB 0 is three quarters full, SPB 1 holds two blocks. */
	for (u32 i = 0; i < 12; i++)
		take_on(mc, 0, 9, MOV);
	assert_int_equal(the_spb(mc, 0)->nr_free, 4);
	last = take_on(mc, 1, 9, MOV);
	assert_int_equal(spb_of(mc, last), 0);
	assert_outcome(mc, OUTCOME_PCP);
	check_machine(mc);
	machine_free(mc);
}

/* S2.8 phase 2: the largest own chunk of a tainted SPB, unsplit, owned; no search, no reaction */
static void test_s2_8_phase_2_tainted_chunks(void **state)
{
	struct machine *mc = buddy_machine(4, 4096);
	const u32 first = take_on(mc, 0, 0, UNMOV);
	struct superpageblock *sb = the_spb(mc, spb_of(mc, first));
	u64 before;
	u32 second;

	(void)state;
	assert_int_equal(spb_get_category(sb), SB_TAINTED);
	assert_false(owned(mc, first));
	forget(mc);
	before = zone_free(mc);
	/* CPU 1 has nothing: one chunk of 256 pages covers its 63. */
	second = take_on(mc, 1, 0, UNMOV);
	assert_outcome(mc, OUTCOME_PCP);
	assert_int_equal(before - zone_free(mc), 256);
	assert_int_equal(spb_of(mc, second), spb_of(mc, first));
	assert_true(owned(mc, second));
	assert_int_equal(pcpblock_owner(sb, frame_of(mc, second)), 1);
	assert_int_equal(mc->nr_chances, 0);
	check_machine(mc);
	machine_free(mc);
}

/*
 * S2.8: a page of a block that another CPU owns goes to that CPU, at its next allocation or drain
 */
static void test_s2_8_frees_go_to_the_owner(void **state)
{
	struct machine *mc = buddy_machine(4, 4096);
	const u32 a = take_on(mc, 0, 9, MOV);
	const u32 b = take_on(mc, 0, 3, MOV);
	const u64 pfn = mc->pfn[b];
	s64 count;

	(void)state;
	(void)a;
	assert_true(owned(mc, b));
	count = lists_of(mc, 0)->size.count;
	give_on(mc, 1, b, 3);
	assert_int_equal(lists_of(mc, 1)->size.count, 0);
	assert_int_equal(lists_of(mc, 0)->size.count, count);
	check_machine(mc);
	assert_int_equal(mc->pfn[take_on(mc, 0, 3, MOV)], pfn);
	assert_int_equal(lists_of(mc, 0)->size.count, count);
	machine_free(mc);
}

/*
 * S2.8: a drain merges first, and gives whole blocks back before anything else; they are disowned
 */
static void test_s2_8_drain_merges_and_gives_blocks(void **state)
{
	struct machine *mc = buddy_machine(4, 600);
	const u32 whole = take_on(mc, 0, 9, MOV);
	const u32 whole_frame = frame_of(mc, whole);
	struct superpageblock *sb = the_spb(mc, spb_of(mc, whole));
	u32 unit[32];
	u64 before;

	(void)state;
	/*
	 * The second block of the refill, in pieces; order 4 is beyond the rule for orders 1 to 3
	 */
	for (u32 i = 0; i < ARRAY_SIZE(unit); i++)
		unit[i] = take_on(mc, 0, 4, MOV);
	for (u32 i = 0; i < ARRAY_SIZE(unit); i++)
		assert_true(owned(mc, unit[i]));
	before = zone_free(mc);
	for (u32 i = 0; i < ARRAY_SIZE(unit); i++)
		give_on(mc, 0, unit[i], 4);
	assert_int_equal(zone_free(mc), before);
	/* 512 are there; 512 more exceed high */
	give_on(mc, 0, whole, 9);
	assert_true(zone_free(mc) >= before + 512);
	assert_false(pcpblock_is_owned(sb, whole_frame));
	assert_true(pageblock_test(sb, whole_frame, PB_ALL_FREE));
	check_machine(mc);
	machine_free(mc);
}

/*
 * S7.3: many frees of orders 1 to 3 in a row, nothing allocated in between: all goes back, below
 * high, too
 */
static void test_s7_3_free_high(void **state)
{
	struct machine *mc = buddy_machine(4, 600);
	u32 unit[64];
	u64 before;

	(void)state;
	take_on(mc, 0, 9, MOV);
	for (u32 i = 0; i < ARRAY_SIZE(unit); i++)
		unit[i] = take_on(mc, 0, 3, MOV);
	before = zone_free(mc);
	/* free_count reaches batch + high_min / 2 = 363 with the 46th. */
	for (u32 i = 0; i < 46; i++)
		give_on(mc, 0, unit[i], 3);
	assert_int_equal(zone_free(mc), before);
	give_on(mc, 0, unit[46], 3);
	assert_true(zone_free(mc) > before);
	check_machine(mc);
	machine_free(mc);
}

/* S2.8 phase 0: fragments that a drain gave back are fetched before anything new is taken */
static void test_s2_8_phase_0_own_fragments(void **state)
{
	struct machine *mc = buddy_machine(4, 300);
	struct superpageblock *sb;
	u32 unit[64], kept;
	u64 before;

	(void)state;
	take_on(mc, 0, 9, MOV);
	kept = take_on(mc, 0, 3, MOV);
	sb = the_spb(mc, spb_of(mc, kept));
	for (u32 i = 1; i < ARRAY_SIZE(unit); i++)
		unit[i] = take_on(mc, 0, 3, MOV);
	for (u32 i = 1; i < ARRAY_SIZE(unit); i++)
		give_on(mc, 0, unit[i], 3);
	assert_int_not_equal(lists_of(mc, 0)->owned_blocks.head, PCP_NIL);
	before = zone_free(mc);
	/* Empty the CPU's lists of the type, then refill. */
	while (lists_of(mc, 0)->size.count >= 8)
		take_on(mc, 0, 3, MOV);
	assert_int_equal(zone_free(mc), before);
	take_on(mc, 0, 3, MOV);
	assert_outcome(mc, OUTCOME_PCP);
	assert_int_equal(lists_of(mc, 0)->owned_blocks.head, PCP_NIL);
	assert_true(pcpblock_is_owned(sb, frame_of(mc, kept)));
	check_machine(mc);
	machine_free(mc);
}

/* Orders above a pageblock do not go through the lists; the variant must be the series'. */
static void test_s2_8_limits(void **state)
{
	struct machine *mc = buddy_machine(4, 4096);
	struct variant v = machine_variant();
	u64 before = zone_free(mc);

	(void)state;
	take_on(mc, 0, 10, MOV);
	assert_int_equal(before - zone_free(mc), 1024);
	assert_true(pcp_serves(mc->m, 8, UNMOV));
	assert_false(pcp_serves(mc->m, 0, MIGRATE_CMA));
	machine_free(mc);
	v.pcp_mode = PCP_BUDDY;
	v.allocator = ALLOCATOR_VANILLA;
	assert_non_null(variant_check(&v));
}

/*
 * A refill may taint several superpageblocks. model_result tells what that of the page was before
 * the request, not before the last page of the refill.
 */
static void test_category_before_a_refill(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 units[MACHINE_BLOCKS], given[2] = { 0 };

	(void)state;
	v.pcp_mode = PCP_BUDDY;
	v.pcp_batch = 4 * MACHINE_BLOCK;
	v.pcp_high_min = v.pcp_high_max = 16 * MACHINE_BLOCK;
	mc = machine_new_page_level(&v, 2);
	for (u32 i = 0; i < MACHINE_BLOCKS; i++)
		units[i] = take_on(mc, 0, 10, MOV);
	/* Two free blocks in each SPB, and both are clean; a refill takes four. */
	for (u32 i = 0; i < MACHINE_BLOCKS; i++) {
		if (!given[spb_of(mc, units[i])]++)
			give(mc, units[i], 10);
	}
	mc->nr_taints = 0;
	take_on(mc, 0, 9, UNMOV);
	assert_int_equal(mc->nr_taints, 2);
	assert_int_equal(mc->last.category, SB_CLEAN);
	check_machine(mc);
	machine_free(mc);
}

/*
 * S2.8: drain_all_pages() passes over a CPU that counts nothing, whatever other CPUs have freed for
 * it
 */
static void test_s2_8_drain_passes_over_remote_frees(void **state)
{
	struct machine *mc = buddy_machine(2, 4096);
	u32 units[2];
	u64 before;

	(void)state;
	for (u32 i = 0; i < 2; i++)
		units[i] = take_on(mc, 0, 9, MOV);
	assert_int_equal(lists_of(mc, 0)->size.count, 0);
	give_on(mc, 1, units[0], 9);
	before = zone_free(mc);
	pcp_drain_zone(&mc->m->zones[0]);
	assert_int_equal(zone_free(mc), before);
	give_on(mc, 0, units[1], 9);
	pcp_drain_zone(&mc->m->zones[0]);
	assert_int_equal(zone_free(mc), before + 1024);
	machine_free(mc);
}

/* S7.3: zone_highsize() has room for four batches at the upper end, too, however small the zone */
static void test_s7_3_high_max_of_a_small_zone(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	v.pcp_mode = PCP_BUDDY;
	v.pcp_batch = 1024;
	v.pcp_high_min = 1024;
	mc = machine_new_page_level(&v, 4);
	assert_int_equal(lists_of(mc, 0)->size.high_min, 1024);
	assert_int_equal(lists_of(mc, 0)->size.high_max, 4 * 1024);
	machine_free(mc);
}

/* Who made an SPB clean: the timer is no worker, though both run between requests. */
static void test_timer_is_no_worker(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 unit[4];

	(void)state;
	v.pcp_mode = PCP_BUDDY;
	v.pcp_batch = 63;
	v.pcp_high_min = 63;
	v.pcp_high_max = 8000;
	mc = machine_new_page_level(&v, 2);
	for (size_t i = 0; i < ARRAY_SIZE(unit); i++)
		unit[i] = take_on(mc, 0, 9, MIGRATE_UNMOVABLE);
	for (size_t i = 0; i < ARRAY_SIZE(unit); i++)
		give_on(mc, 0, unit[i], 9);
	assert_int_equal(mc->nr_taints, 1);
	run_for(mc, 60 * NSEC_PER_SEC);
	assert_int_equal(mc->nr_taints, 2);
	assert_int_equal(mc->taints[1].to, SB_CLEAN);
	assert_false(mc->taints[1].worker);
	machine_free(mc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s2_8_phase_3_singles),
		cmocka_unit_test(test_s2_8_phase_1_whole_blocks),
		cmocka_unit_test(test_s2_8_phase_1_fullest_clean),
		cmocka_unit_test(test_s2_8_phase_2_tainted_chunks),
		cmocka_unit_test(test_s2_8_frees_go_to_the_owner),
		cmocka_unit_test(test_s2_8_drain_merges_and_gives_blocks),
		cmocka_unit_test(test_s7_3_free_high),
		cmocka_unit_test(test_s2_8_phase_0_own_fragments),
		cmocka_unit_test(test_s2_8_limits),
		cmocka_unit_test(test_category_before_a_refill),
		cmocka_unit_test(test_s7_3_high_max_of_a_small_zone),
		cmocka_unit_test(test_timer_is_no_worker),
		cmocka_unit_test(test_s2_8_drain_passes_over_remote_frees),
	};

	return cmocka_run_group_tests_name("model: PCP buddy", tests, NULL, NULL);
}
