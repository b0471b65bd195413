// SPDX-License-Identifier: GPL-2.0
/*
 * Slab shrinks and what they free (S5, S10 item 7). Test names quote the item of the spec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/shrink.h"
#include "tests/lib/machine.h"

#define UNMOV MIGRATE_UNMOVABLE
#define MOV MIGRATE_MOVABLE
#define RECL MIGRATE_RECLAIMABLE
#define NR_SLABS 600

static struct variant shrinking_variant(u32 pages)
{
	struct variant v = machine_variant();

	v.shrink_pages_per_run = pages;
	v.shrink_run_us = 1000;
	v.worker_latency_us = 50;
	return v;
}

/* A shrink now, until it has ended. Return: units that it dropped */
static u32 shrink(struct machine *mc)
{
	const u32 before = mc->nr_dropped;

	queue_spb_slab_shrink(&mc->m->zones[0]);
	run_for(mc, 2 * NSEC_PER_MSEC);
	return mc->nr_dropped - before;
}

static u32 count_live(const struct machine *mc, const u32 *units, u32 nr)
{
	u32 live = 0;

	for (u32 i = 0; i < nr; i++)
		live += mc->pfn[units[i]] != 0;
	return live;
}

/* S10 item 7: only counted by default */
static void test_S10_7_no_effect_by_default(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	take(mc, 0, RECL);
	assert_int_equal(shrink(mc), 0);
	assert_int_equal(model_counters(mc->m, 0)->shrink_runs, 1);
	assert_int_equal(model_counters(mc->m, 0)->pages_shrunk, 0);
	machine_free(mc);
}

/*
 * S10 item 7: frees reclaimable units and no others, when the run ends; the last one may be larger
 */
static void test_S10_7_frees_reclaimable(void **state)
{
	const struct variant v = shrinking_variant(20);
	struct machine *mc = machine_new(&v, 2);
	u32 units[3 * 40];

	(void)state;
	for (u32 i = 0; i < 40; i++) {
		units[i] = take(mc, 2, RECL);
		units[40 + i] = take(mc, 2, UNMOV);
		units[80 + i] = take(mc, 2, MOV);
	}
	/* What requests asked for on the way has run. */
	run_for(mc, NSEC_PER_SEC);
	mc->nr_dropped = 0;
	queue_spb_slab_shrink(&mc->m->zones[0]);
	run_for(mc, 1049 * NSEC_PER_USEC);
	assert_int_equal(mc->nr_dropped, 0);
	run_for(mc, NSEC_PER_USEC);
	assert_int_equal(mc->nr_dropped, 5);
	assert_int_equal(count_live(mc, units + 40, 80), 80);
	/* Until nothing is left. */
	while (count_live(mc, units, 40))
		assert_true(shrink(mc) > 0);
	assert_int_equal(shrink(mc), 0);
	assert_int_equal(model_counters(mc->m, 0)->pages_shrunk, 160);
	machine_free(mc);
}

/* Which of the units lived on after half was dropped: one bit each. */
static void survivors(const struct variant *v, u32 extra, u8 *alive)
{
	struct machine *mc = machine_new(v, 4);
	u32 units[NR_SLABS];

	/* Other placement, same identities: machine units count from 0. */
	for (u32 i = 0; i < NR_SLABS; i++)
		units[i] = take(mc, 0, RECL);
	for (u32 i = 0; i < extra; i++)
		take(mc, 5, UNMOV);
	while (count_live(mc, units, NR_SLABS) > NR_SLABS / 2)
		shrink(mc);
	for (u32 i = 0; i < NR_SLABS; i++)
		alive[i] = mc->pfn[units[i]] != 0;
	machine_free(mc);
}

/* S10 item 7: the same allocations go first in every variant, wherever they are */
static void test_S10_7_paired_by_identity(void **state)
{
	struct variant v = shrinking_variant(10);
	u8 a[NR_SLABS], b[NR_SLABS];
	u32 low = 0;

	(void)state;
	survivors(&v, 0, a);
	v.pass1_whole_first = 0;
	v.pass_2 = 0;
	survivors(&v, 30, b);
	assert_memory_equal(a, b, sizeof(a));
	/* Not by age nor address. */
	for (u32 i = 0; i < NR_SLABS / 2; i++)
		low += a[i];
	assert_in_range(low, NR_SLABS / 8, 3 * NR_SLABS / 8);
}

/* Units that were freed, split or replaced by others leave nothing behind that could be dropped */
static void test_S10_7_only_live_units(void **state)
{
	const struct variant v = shrinking_variant(1U << 20);
	struct machine *mc = machine_new(&v, 2);
	u32 units[2000], upper;

	(void)state;
	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < 2000; i++)
			units[i] = take(mc, 0, RECL);
		for (u32 i = 0; i < 2000; i++)
			give(mc, units[i], 0);
	}
	/* The same frames, in other hands. */
	for (u32 i = 0; i < 2000; i++)
		units[i] = take(mc, 0, i % 2 ? UNMOV : RECL);
	mc->nr_dropped = 0;
	assert_int_equal(shrink(mc), 1000);
	assert_int_equal(count_live(mc, units, 2000), 1000);
	/* Both halves of a split unit are slab. */
	units[0] = take(mc, 1, RECL);
	upper = mc->nr_units++;
	assert_int_equal(model_split(mc->m, mc->pfn[units[0]], 1, upper, upper), 0);
	mc->pfn[upper] = mc->pfn[units[0]] + 1;
	assert_int_equal(shrink(mc), 2);
	machine_free(mc);
}

/* Slab that is placed at the start is slab, too */
static void test_S10_7_placed_units(void **state)
{
	const struct variant v = shrinking_variant(4);
	struct machine *mc = machine_new(&v, 2);
	const struct model_req req = { .owner = 0, .ident = 7, .order = 1, .migratetype = RECL };

	(void)state;
	assert_int_equal(model_place(mc->m, &req, MACHINE_START + 1024), 0);
	mc->pfn[mc->nr_units++] = MACHINE_START + 1024;
	assert_int_equal(shrink(mc), 1);
	machine_free(mc);
}

/* S5: a shrink that frees a block changes its SPB: pressure can end through it */
static void test_S5_shrink_frees_a_block(void **state)
{
	const struct variant v = shrinking_variant(1024);
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	take(mc, 10, RECL);
	assert_int_equal(the_spb(mc, 0)->nr_reclaimable, 2);
	forget(mc);
	assert_int_equal(shrink(mc), 1);
	assert_int_equal(the_spb(mc, 0)->nr_reclaimable, 0);
	assert_int_equal(mc->taints[0].to, SB_CLEAN);
	assert_int_equal(mc->taints[0].cause, CAUSE_FREE);
	machine_free(mc);
}

/*
 * S6.3: irq_work turns the order of what is raised under one hold of the zone lock round. Each page
 * that a shrink frees has a hold of its own: the superpageblock that asked first is served first.
 */
static void test_S6_3_each_free_is_a_hold_of_its_own(void **state)
{
	struct variant v = shrinking_variant(1024);
	struct machine *mc;
	u32 units[2 * MACHINE_BLOCKS], queued[2], nr = 0;

	(void)state;
	v.update_list_mode = UPDATE_LIST_ALWAYS;
	v.defrag_cooldown_ms = 0;
	v.worker_threads = 1;
	mc = machine_new(&v, 2);
	for (u32 i = 0; i < 2 * MACHINE_BLOCKS; i++)
		units[i] = take(mc, 9, MOV);
	/* A claim asks for a shrink, which is not to be served yet. */
	mc->m->v.shrink_enable = 0;
	for (u32 spb = 0; spb < 2; spb++) {
		give(mc, units[spb * MACHINE_BLOCKS], 9);
		give(mc, units[spb * MACHINE_BLOCKS + 2], 9);
		take(mc, 9, UNMOV);
		take(mc, 9, RECL);
	}
	run_for(mc, NSEC_PER_SEC);
	mc->m->v.shrink_enable = 1;
	mc->nr_chances = mc->nr_passes = 0;
	assert_int_equal(shrink(mc), 2);
	for (u32 i = 0; i < mc->nr_chances; i++) {
		if (mc->chances[i].verdict == VERDICT_QUEUED && nr < 2)
			queued[nr++] = mc->chances[i].spb;
	}
	assert_int_equal(nr, 2);
	assert_int_equal(mc->nr_passes, 2);
	assert_int_equal(mc->passes[0].spb, queued[0]);
	assert_int_equal(mc->passes[1].spb, queued[1]);
	machine_free(mc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S10_7_no_effect_by_default),
		cmocka_unit_test(test_S10_7_frees_reclaimable),
		cmocka_unit_test(test_S10_7_paired_by_identity),
		cmocka_unit_test(test_S10_7_only_live_units),
		cmocka_unit_test(test_S10_7_placed_units),
		cmocka_unit_test(test_S5_shrink_frees_a_block),
		cmocka_unit_test(test_S6_3_each_free_is_a_hold_of_its_own),
	};

	return cmocka_run_group_tests_name("model: slab shrink", tests, NULL, NULL);
}
