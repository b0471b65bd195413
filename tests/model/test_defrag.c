// SPDX-License-Identifier: GPL-2.0
/*
 * The defrag worker: predicate, what a pass does, time, stuck time. Cooldown and cursor are in
 * test_paper_s4.c. Test names quote the item of the spec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/defrag.h"
#include "model/pageblock.h"
#include "model/superpageblock.h"
#include "tests/lib/scene.h"

/* S4.1: the tests of the predicate, in order */
static void test_s4_1_predicate(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 3);

	(void)state;
	take(mc, 9, MOV);
	assert_int_equal(ask_defrag(mc, 0), VERDICT_CLEAN);
	assert_int_equal(ask_defrag(mc, 2), VERDICT_CLEAN);
	taint_spb(mc, 1);
	assert_int_equal(ask_defrag(mc, 1), VERDICT_NOTHING_MOVABLE);
	machine_free(mc);
	mc = machine_new(&v, 1);
	for (u32 i = 0; i < 10; i++)
		take(mc, 9, MOV);
	take(mc, 9, UNMOV);
	assert_int_equal(the_spb(mc, 0)->nr_free, 4);
	assert_int_equal(ask_defrag(mc, 0), VERDICT_ABOVE_RESERVE);
	machine_free(mc);
}

/* S7.1: upstream queues nothing, whatever the other knobs say */
static void test_s7_1_vanilla_has_no_defrag(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	v.trigger_update = 1;
	v.defrag_clean = DEFRAG_CLEAN_STUB;
	mc = machine_new(&v, 2);
	for (u32 i = 0; i < 20; i++)
		take(mc, 9, i % 2 ? MOV : UNMOV);
	spb_maybe_start_defrag(the_spb(mc, 0), TRIGGER_ALLOC);
	run_for(mc, 10 * NSEC_PER_SEC);
	assert_int_equal(mc->nr_chances, 0);
	assert_int_equal(mc->nr_passes, 0);
	machine_free(mc);
}

/* Ours: what boot's passes left behind holds nothing back, however long the cooldown */
static void test_start_ends_cooldowns(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	v.defrag_cooldown_ms = 3600000;
	mc = stuck_scene(&v, 2).mc;
	assert_int_equal(ask_defrag(mc, 0), VERDICT_COOLDOWN);
	model_start(mc->m, mc->now);
	assert_int_equal(ask_defrag(mc, 0), VERDICT_QUEUED);
	machine_free(mc);
}

/* S4.2: whole movable blocks are emptied until the reserve is back, then the pass stops */
static void test_s4_2_stops_at_reserve(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct machine *mc;
	struct superpageblock *sb;
	u64 cursor;

	(void)state;
	v.hints = 0;
	sc = stuck_scene(&v, 2);
	mc = sc.mc;
	sb = the_spb(mc, 0);
	give_huge(&sc);
	run_for(mc, 6 * NSEC_PER_SEC);
	assert_int_equal(ask_defrag(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	assert_true(mc->passes[1].progress);
	assert_int_equal(sb->nr_free, spb_tainted_reserve(sb));
	assert_int_equal(sb->no_progress_jiffies, 0);
	/*
	 * The first pass wrapped and stopped one block behind its start: this one empties 1 and 2.
	 */
	assert_int_equal(mc->passes[1].pages_migrated, 2 * 512);
	/* The cursor stays where it stopped; the next pass begins there and wraps (S4.2). */
	cursor = sb->defrag_cursor;
	assert_int_equal(cursor, sb->start_pfn + 3 * MACHINE_BLOCK);
	sb->defrag_cursor = sb->start_pfn + 15 * MACHINE_BLOCK;
	take(mc, 9, UNMOV);
	take(mc, 9, UNMOV);
	assert_int_equal(sb->nr_free, 0);
	assert_int_equal(ask_defrag(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(sb->nr_free, 2);
	assert_true(pageblock_test(sb, 15 * MACHINE_BLOCK, PB_ALL_FREE));
	assert_true(pageblock_test(sb, 3 * MACHINE_BLOCK, PB_ALL_FREE));
	machine_free(mc);
}

/* S4.2, S10 item 6: a block is left at its first page that does not move */
static void test_s4_2_pinned_stops_block(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct machine *mc;

	(void)state;
	v.migrate_fail_ppm = 1000000;
	sc = stuck_scene(&v, 2);
	mc = sc.mc;
	give_huge(&sc);
	run_for(mc, 6 * NSEC_PER_SEC);
	assert_int_equal(ask_defrag(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(mc->passes[1].pages_migrated, 0);
	/* One unit of 256 pages a block, 16 blocks; the first block again at the wrap. */
	assert_int_equal(mc->passes[1].pages_failed, 17 * 256);
	machine_free(mc);
}

/* S4.2: clean page cache is dropped, not moved */
static void test_s4_2_clean_cache_dropped(void **state)
{
	struct variant v = machine_variant();
	u32 units[SCENE_UNITS];
	struct machine *mc;

	(void)state;
	v.clean_drop_ppm = 1000000;
	mc = machine_new(&v, 1);
	for (u32 i = 0; i < SCENE_UNITS; i++)
		units[i] = take(mc, 8, MOV);
	give(mc, units[7], 8);
	take(mc, 8, UNMOV);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(mc->nr_passes, 1);
	assert_true(mc->passes[0].progress);
	assert_true(mc->nr_dropped > 0);
	assert_int_equal(mc->passes[0].pages_migrated, 0);
	assert_int_equal(mc->passes[0].pages_dropped, mc->nr_dropped * 256);
	assert_int_equal(the_spb(mc, 0)->nr_free, 2);
	machine_free(mc);
}

/* S4.2: isolation passes over units as large as a pageblock; they are no failure either */
static void test_s4_2_huge_units_stay(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 1);
	struct superpageblock *sb = the_spb(mc, 0);

	(void)state;
	for (u32 i = 0; i < 14; i++)
		take(mc, 9, MOV);
	take(mc, 9, UNMOV);
	assert_int_equal(sb->nr_free, 0);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(mc->nr_passes, 1);
	assert_int_equal(mc->passes[0].pages_migrated, 0);
	assert_int_equal(mc->passes[0].pages_failed, 0);
	assert_int_equal(sb->nr_movable, 14);
	machine_free(mc);
}

/* S4.2: the unit that was isolated last is the first one that gets a new place */
static void test_s4_2_last_isolated_moves_first(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;

	(void)state;
	v.hints = 0;
	sc = stuck_scene(&v, 2);
	give(sc.mc, sc.huge[0], 10);
	take(sc.mc, 9, MOV);
	take(sc.mc, 8, MOV);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	forget(sc.mc);
	sc.mc->m->v.migrate_batch = 2 * 256;	/* a block at a time, more than the knob allows */
	the_spb(sc.mc, 0)->defrag_cursor = the_spb(sc.mc, 0)->start_pfn + MACHINE_BLOCK;
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(sc.mc->passes[0].pages_migrated, 256);
	assert_int_equal(spb_of(sc.mc, sc.units[2]), 0);
	assert_int_equal(spb_of(sc.mc, sc.units[3]), 1);
	machine_free(sc.mc);
}

/* S4.2: when the own node has no room, pages move to another one */
static void test_s4_2_targets_on_another_node(void **state)
{
	static const struct model_zone_config zones[] = {
		{ 0, "Normal", 0x10000, MACHINE_SPB },
		{ 1, "Normal", 0x20000, MACHINE_SPB },
	};
	const struct model_config config = { .zones = zones, .nr_zones = 2, .pageblock_order = 9,
					     .spb_order = 13, .max_order = 10, .nr_cpus = 1 };
	struct variant v = machine_variant();
	struct model_req req = { .migratetype = MIGRATE_MOVABLE, .order = 8 };
	struct model_result res;
	struct model_zone_state st;
	const char *why = NULL;
	struct model *m;

	(void)state;
	v.hints = 0;	/* a stale one would send pages back into the SPB */
	m = model_new(&config, &v, NULL, NULL, &why);
	assert_non_null(m);
	for (u32 i = 0; i < 31; i++)
		assert_int_equal(model_alloc(m, NSEC_PER_SEC, &req, &res), 0);
	req.migratetype = MIGRATE_UNMOVABLE;
	assert_int_equal(model_alloc(m, NSEC_PER_SEC, &req, &res), 0);
	assert_int_equal(res.zone, 0);
	model_run(m, 2 * NSEC_PER_SEC);
	/* Two whole blocks for the reserve, and the unit beside the unmovable one. */
	assert_int_equal(model_counters(m, 0)->pages_migrated, 5 * 256);
	model_zone_state(m, 1, 2 * NSEC_PER_SEC, &st);
	assert_int_equal(st.free_pages, MACHINE_SPB - 5 * 256);
	model_free(m);
}

/* Wake-up latency, cost of a page, one pass at a time in FIFO order */
static void test_worker_time(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct machine *mc;
	const struct model_defrag_pass *p;

	(void)state;
	v.worker_latency_us = 300;
	v.migrate_us_per_page = 10;
	sc = stuck_scene(&v, 2);
	mc = sc.mc;
	give_huge(&sc);
	run_for(mc, 6 * NSEC_PER_SEC);
	assert_int_equal(ask_defrag(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	p = &mc->passes[1];
	assert_int_equal(p->start - p->queued, 300 * NSEC_PER_USEC);
	assert_int_equal(p->end - p->start, p->pages_migrated * 10 * NSEC_PER_USEC);
	machine_free(mc);
}

/* What a pass has moved counts from then on, not from its end: a run may end before it. */
static void test_pages_count_as_they_move(void **state)
{
	struct variant v = machine_variant();
	const struct model_counters *c;
	struct model_defrag_pass p;
	struct scene sc;
	u64 moved;

	(void)state;
	v.hints = 0;
	sc = stuck_scene(&v, 2);
	sc.mc->m->v.migrate_us_per_page = 1000;
	give_huge(&sc);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	c = model_counters(sc.mc->m, 0);
	moved = c->pages_migrated;
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	/* A unit of 256 pages a batch: two have moved, the third comes at 512 ms. */
	run_for(sc.mc, 400 * NSEC_PER_MSEC);
	assert_true(model_open_defrag(sc.mc->m, 0, 0, &p));
	assert_int_equal(c->pages_migrated - moved, 2 * 256);
	assert_int_equal(p.pages_migrated, 2 * 256);
	/* Time begins to count in the middle of it. */
	model_start(sc.mc->m, sc.mc->now);
	run_for(sc.mc, 10 * NSEC_PER_SEC);
	assert_false(model_open_defrag(sc.mc->m, 0, 0, &p));
	assert_int_equal(c->pages_migrated, 2 * 256);
	assert_int_equal(sc.mc->passes[1].pages_migrated, 2 * 256);
	machine_free(sc.mc);
}

/* The lazily kept stuck time equals what sampling the definition gives */
static void test_stuck_time_by_sampling(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = stuck_scene(&v, 2);
	struct machine *mc = sc.mc;
	struct superpageblock *sb = the_spb(mc, 0);
	struct model_spb_state st;
	u64 sampled = 0, before;

	(void)state;
	model_spb_state(mc->m, 0, 0, mc->now, &st);
	before = st.stuck_ns;
	for (u32 ms = 0; ms < 20000; ms++) {
		const bool cooling = sb->no_progress_jiffies &&
				     mc->now / NSEC_PER_MSEC < sb->no_progress_jiffies + 5000 &&
				     sb->nr_free_pages < sb->no_progress_pages + 512;

		if (sb->nr_unmovable && sb->nr_movable && sb->nr_free < 2 && !cooling &&
		    !sb->defrag_active)
			sampled += NSEC_PER_MSEC;
		if (ms == 1000)		/* lifts the cooldown */
			give_unit(&sc, 3), give_unit(&sc, 5);
		if (ms == 1500)		/* and back */
			take(mc, 8, UNMOV);
		if (ms == 7000)
			spb_maybe_start_defrag(sb, TRIGGER_ALLOC);
		if (ms == 15000)
			give(mc, sc.huge[0], 10);
		if (ms == 16000)
			spb_maybe_start_defrag(sb, TRIGGER_ALLOC);
		run_for(mc, NSEC_PER_MSEC);
	}
	model_spb_state(mc->m, 0, 0, mc->now, &st);
	assert_true(sampled > NSEC_PER_SEC);
	/* Changes fall inside a sample of 1 ms at most six times. */
	assert_in_range(st.stuck_ns - before + 6 * NSEC_PER_MSEC, sampled,
			sampled + 12 * NSEC_PER_MSEC);
	machine_free(mc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s4_1_predicate),
		cmocka_unit_test(test_s7_1_vanilla_has_no_defrag),
		cmocka_unit_test(test_start_ends_cooldowns),
		cmocka_unit_test(test_s4_2_stops_at_reserve),
		cmocka_unit_test(test_s4_2_pinned_stops_block),
		cmocka_unit_test(test_s4_2_clean_cache_dropped),
		cmocka_unit_test(test_s4_2_huge_units_stay),
		cmocka_unit_test(test_s4_2_last_isolated_moves_first),
		cmocka_unit_test(test_s4_2_targets_on_another_node),
		cmocka_unit_test(test_worker_time),
		cmocka_unit_test(test_pages_count_as_they_move),
		cmocka_unit_test(test_stuck_time_by_sampling),
	};

	return cmocka_run_group_tests_name("model: defrag", tests, NULL, NULL);
}
