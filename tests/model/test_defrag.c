// SPDX-License-Identifier: GPL-2.0
/*
 * The defrag worker: predicate, cooldown and its edges, passes, the triggers of the patch, stuck
 * time. Test names quote the item of the spec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/defrag.h"
#include "model/pageblock.h"
#include "model/superpageblock.h"
#include "tests/lib/machine.h"

#define UNMOV MIGRATE_UNMOVABLE
#define MOV MIGRATE_MOVABLE
#define RECL MIGRATE_RECLAIMABLE
#define UNITS 32

/*
 * SPB 0: order-8 movable units, one freed and claimed for unmovable memory; every other SPB full of
 * movable memory. The pass that the taint starts finds no room: no progress.
 */
static struct machine *saturated(const struct variant *v, u32 nr_spbs, u32 *units, u32 *huge)
{
	struct machine *mc = machine_new(v, nr_spbs);

	for (u32 i = 0; i < UNITS; i++) {
		const u32 unit = take(mc, 8, MOV);

		units[(mc->pfn[unit] - the_spb(mc, 0)->start_pfn) / 256] = unit;
	}
	for (u32 i = 0; i < 8 * (nr_spbs - 1); i++)
		huge[i] = take(mc, 10, MOV);
	give(mc, units[0], 8);
	take(mc, 8, UNMOV);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(mc->nr_passes, 1);
	assert_int_equal(mc->passes[0].trigger, TRIGGER_UPDATE);
	assert_false(mc->passes[0].progress);
	assert_int_equal(mc->passes[0].pages_migrated, 0);
	assert_true(mc->passes[0].pages_failed > 0);
	return mc;
}

static u32 verdict_now(struct machine *mc, u32 spb)
{
	const u32 nr = mc->nr_chances;

	spb_maybe_start_defrag(the_spb(mc, spb), TRIGGER_ALLOC);
	assert_int_equal(mc->nr_chances, nr + 1);
	return mc->chances[nr].verdict;
}

/* S4.3: the stamp holds exactly 5 s, in jiffies */
static void test_s4_3_cooldown_exactly_5s(void **state)
{
	const struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc = saturated(&v, 2, units, huge);
	struct superpageblock *sb = the_spb(mc, 0);
	const u64 end = (sb->no_progress_jiffies + 5000) * NSEC_PER_MSEC;

	(void)state;
	assert_int_equal(sb->no_progress_jiffies & 1, 1);
	run_for(mc, end - 1 - mc->now);
	assert_int_equal(verdict_now(mc, 0), VERDICT_COOLDOWN);
	assert_int_equal(mc->chances[mc->nr_chances - 1].cooldown_left, 1);
	run_for(mc, 1);
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
	assert_int_equal(verdict_now(mc, 0), VERDICT_ACTIVE);
	machine_free(mc);
}

/* S4.3: 511 free pages more do not end the cooldown, 512 do */
static void test_s4_3_bypass_511_512(void **state)
{
	const struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc = saturated(&v, 2, units, huge);
	struct superpageblock *sb = the_spb(mc, 0);

	(void)state;
	give(mc, units[3], 8);
	give(mc, units[5], 8);
	assert_int_equal(sb->nr_free_pages, 512);
	sb->no_progress_pages = 1;
	assert_int_equal(verdict_now(mc, 0), VERDICT_COOLDOWN);
	sb->no_progress_pages = 0;
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
	machine_free(mc);
}

/* S4.3: a pass during which nr_free fell counts as progress */
static void test_s4_3_nr_free_fell_is_progress(void **state)
{
	struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc;
	struct superpageblock *sb;

	(void)state;
	v.hints = 0;
	mc = saturated(&v, 2, units, huge);
	sb = the_spb(mc, 0);
	run_for(mc, 6 * NSEC_PER_SEC);
	give(mc, units[4], 8);
	give(mc, units[5], 8);
	assert_int_equal(sb->nr_free, 1);
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
	/* In the middle of a pass that moves nothing, somebody claims the free block. */
	run_for(mc, NSEC_PER_MSEC);
	assert_ptr_equal(mc->m->nodes[0].work->sb, sb);
	take(mc, 9, UNMOV);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(mc->nr_passes, 2);
	assert_int_equal(mc->passes[1].nr_free_before, 1);
	assert_int_equal(mc->passes[1].nr_free_after, 0);
	assert_int_equal(mc->passes[1].pages_migrated, 0);
	assert_true(mc->passes[1].progress);
	assert_int_equal(sb->no_progress_jiffies, 0);
	machine_free(mc);
}

/* S4.1: the tests of the predicate, in order */
static void test_s4_1_predicate(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 3);

	(void)state;
	take(mc, 9, MOV);
	assert_int_equal(verdict_now(mc, 0), VERDICT_CLEAN);
	assert_int_equal(verdict_now(mc, 2), VERDICT_CLEAN);
	taint_spb(mc, 1);
	assert_int_equal(verdict_now(mc, 1), VERDICT_NOTHING_MOVABLE);
	machine_free(mc);
	mc = machine_new(&v, 1);
	for (u32 i = 0; i < 10; i++)
		take(mc, 9, MOV);
	take(mc, 9, UNMOV);
	assert_int_equal(the_spb(mc, 0)->nr_free, 4);
	assert_int_equal(verdict_now(mc, 0), VERDICT_ABOVE_RESERVE);
	machine_free(mc);
}

/* S4.4: movable pages leave mixed blocks, no block becomes free: no progress, yet room */
static void test_s4_4_mixed_blocks(void **state)
{
	const struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc = saturated(&v, 2, units, huge);
	struct superpageblock *sb = the_spb(mc, 0);

	(void)state;
	/* Half of every block turns unmovable; all inside the cooldown. */
	for (u32 i = 2; i < UNITS; i += 2) {
		give(mc, units[i], 8);
		take(mc, 8, UNMOV);
	}
	assert_int_equal(sb->nr_unmovable, 16);
	assert_int_equal(sb->nr_movable, 16);
	assert_int_equal(sb->nr_free_pages, 0);
	assert_int_equal(mc->nr_passes, 1);
	for (u32 i = 0; i < 8; i++)
		give(mc, huge[i], 10);
	run_for(mc, 6 * NSEC_PER_SEC);
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(mc->nr_passes, 2);
	assert_int_equal(mc->passes[1].pages_migrated, 16 * 256);
	assert_false(mc->passes[1].progress);
	assert_int_equal(sb->nr_movable, 0);
	assert_int_equal(sb->nr_free, 0);
	assert_int_equal(sb->nr_free_pages, 16 * 256);
	assert_true(sb->no_progress_jiffies != 0);
	machine_free(mc);
}

/* S4.2: whole movable blocks are emptied until the reserve is back, then the pass stops */
static void test_s4_2_stops_at_reserve(void **state)
{
	struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc;
	struct superpageblock *sb;
	u64 cursor;

	(void)state;
	v.hints = 0;
	mc = saturated(&v, 2, units, huge);
	sb = the_spb(mc, 0);
	for (u32 i = 0; i < 8; i++)
		give(mc, huge[i], 10);
	run_for(mc, 6 * NSEC_PER_SEC);
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	assert_true(mc->passes[1].progress);
	assert_int_equal(sb->nr_free, spb_tainted_reserve(sb));
	assert_int_equal(sb->no_progress_jiffies, 0);
	/* The first pass wrapped and stopped one block behind its start: this one empties 1 and 2. */
	assert_int_equal(mc->passes[1].pages_migrated, 2 * 512);
	/* The cursor stays where it stopped; the next pass begins there and wraps (S4.2). */
	cursor = sb->defrag_cursor;
	assert_int_equal(cursor, sb->start_pfn + 3 * MACHINE_BLOCK);
	sb->defrag_cursor = sb->start_pfn + 15 * MACHINE_BLOCK;
	take(mc, 9, UNMOV);
	take(mc, 9, UNMOV);
	assert_int_equal(sb->nr_free, 0);
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(sb->nr_free, 2);
	assert_true(pageblock_test(sb, 15 * MACHINE_BLOCK, PB_ALL_FREE));
	assert_true(pageblock_test(sb, 3 * MACHINE_BLOCK, PB_ALL_FREE));
	machine_free(mc);
}

/*
 * S2.3 item 3 meets S4.2: the worker's own requests follow the movable hint, so pages may move
 * inside the SPB that is being emptied.
 */
static void test_s2_3_3_hint_sends_pages_back(void **state)
{
	const struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc = saturated(&v, 2, units, huge);

	(void)state;
	for (u32 i = 0; i < 8; i++)
		give(mc, huge[i], 10);
	run_for(mc, 6 * NSEC_PER_SEC);
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	/* The whole SPB was gone through, more pages moved, and the reserve is still not there. */
	assert_true(mc->passes[1].pages_migrated > 2 * 512);
	assert_int_equal(the_spb(mc, 0)->nr_free, 1);
	machine_free(mc);
}

/* S4.2, S10 item 6: a block is left at its first page that does not move */
static void test_s4_2_pinned_stops_block(void **state)
{
	struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc;

	(void)state;
	v.migrate_fail_ppm = 1000000;
	mc = saturated(&v, 2, units, huge);
	for (u32 i = 0; i < 8; i++)
		give(mc, huge[i], 10);
	run_for(mc, 6 * NSEC_PER_SEC);
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
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
	u32 units[UNITS];
	struct machine *mc;

	(void)state;
	v.clean_drop_ppm = 1000000;
	mc = machine_new(&v, 1);
	for (u32 i = 0; i < UNITS; i++)
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

/* Design section 7: wake-up latency, cost of a page, one pass at a time in FIFO order */
static void test_worker_time(void **state)
{
	struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc;
	const struct model_defrag_pass *p;

	(void)state;
	v.worker_latency_us = 300;
	v.migrate_us_per_page = 10;
	mc = saturated(&v, 2, units, huge);
	for (u32 i = 0; i < 8; i++)
		give(mc, huge[i], 10);
	run_for(mc, 6 * NSEC_PER_SEC);
	assert_int_equal(verdict_now(mc, 0), VERDICT_QUEUED);
	run_for(mc, NSEC_PER_SEC);
	p = &mc->passes[1];
	assert_int_equal(p->start - p->queued, 300 * NSEC_PER_USEC);
	assert_int_equal(p->end - p->start, p->pages_migrated * 10 * NSEC_PER_USEC);
	machine_free(mc);
}

/* S6.2: high water and need are different tests: trigger 1 misses what trigger 2 catches */
static void test_s6_2_high_water_is_not_need(void **state)
{
	struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc;
	struct superpageblock *sb;

	(void)state;
	v.trigger_alloc = 1;
	v.trigger_fallthrough = 1;
	mc = saturated(&v, 2, units, huge);
	sb = the_spb(mc, 0);
	run_for(mc, 6 * NSEC_PER_SEC);
	/* 8 blocks half free: nr_free stays 0, 2048 free pages are above high water (1024). */
	for (u32 i = 2; i < 18; i += 2)
		give(mc, units[i], 8);
	sb->no_progress_jiffies = 0;
	forget(mc);
	take(mc, 0, UNMOV);
	assert_int_equal(mc->last.outcome, OUTCOME_PASS_2B);
	assert_false(spb_below_shrink_high_water(sb));
	assert_int_equal(mc->nr_chances, 0);
	/* A movable request that misses everything but the tainted SPB's fragments: T2 runs. */
	try_take(mc, 10, MOV);
	assert_true(count_verdicts(mc, TRIGGER_FALLTHROUGH, VERDICT_QUEUED) == 1);
	machine_free(mc);
}

/* S6.2: site 6 reacts twice, once for the inner PASS_1 and once for PASS_2B */
static void test_s6_2_site_6_reacts_twice(void **state)
{
	struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc;

	(void)state;
	v.trigger_alloc = 1;
	mc = saturated(&v, 2, units, huge);
	give(mc, units[4], 8);
	forget(mc);
	take(mc, 0, UNMOV);
	assert_int_equal(mc->last.outcome, OUTCOME_PASS_2B);
	assert_int_equal(count_verdicts(mc, TRIGGER_ALLOC, VERDICT_COOLDOWN), 2);
	machine_free(mc);
}

/*
 * S6.4: the four arms in both update modes. A saturated SPB after its cooldown; one unmovable page
 * is allocated from it, then memory appears elsewhere and a movable request opens an empty SPB.
 */
static void test_s6_4_arms(void **state)
{
	static const struct {
		u32 mode, alloc, fallthrough;
		u32 after_alloc, after_miss;	/* passes queued */
	} arms[] = {
		{ UPDATE_LIST_BUCKET, 0, 0, 0, 0 },
		{ UPDATE_LIST_BUCKET, 1, 0, 1, 1 },
		{ UPDATE_LIST_BUCKET, 0, 1, 0, 1 },
		{ UPDATE_LIST_BUCKET, 1, 1, 1, 1 },
		{ UPDATE_LIST_ALWAYS, 0, 0, 1, 1 },
		{ UPDATE_LIST_ALWAYS, 1, 0, 1, 1 },
		{ UPDATE_LIST_ALWAYS, 0, 1, 1, 1 },
		{ UPDATE_LIST_ALWAYS, 1, 1, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(arms); i++) {
		struct variant v = machine_variant();
		u32 units[UNITS], huge[16];
		struct machine *mc;
		u32 q = 0;

		v.update_list_mode = arms[i].mode;
		v.trigger_alloc = arms[i].alloc;
		v.trigger_fallthrough = arms[i].fallthrough;
		v.hints = 0;
		mc = saturated(&v, 3, units, huge);
		/* Free room in the unmovable block, without any list change. */
		give(mc, units[1], 8);
		run_for(mc, 6 * NSEC_PER_SEC);
		forget(mc);
		take(mc, 4, UNMOV);
		for (u32 t = 0; t < NR_DEFRAG_TRIGGERS; t++)
			q += count_verdicts(mc, t, VERDICT_QUEUED);
		assert_int_equal(q, arms[i].after_alloc);
		/* An SPB becomes empty before the worker could take it as a target. */
		for (u32 h = 0; h < 8; h++)
			give(mc, huge[h], 10);
		take(mc, 10, MOV);
		q = 0;
		for (u32 t = 0; t < NR_DEFRAG_TRIGGERS; t++)
			q += count_verdicts(mc, t, VERDICT_QUEUED);
		assert_int_equal(q, arms[i].after_miss);
		machine_free(mc);
	}
}

/* The lazily kept stuck time equals what sampling the definition gives (design, section 10) */
static void test_stuck_time_by_sampling(void **state)
{
	const struct variant v = machine_variant();
	u32 units[UNITS], huge[16];
	struct machine *mc = saturated(&v, 2, units, huge);
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
			give(mc, units[3], 8), give(mc, units[5], 8);
		if (ms == 1500)		/* and back */
			take(mc, 8, UNMOV);
		if (ms == 7000)
			spb_maybe_start_defrag(sb, TRIGGER_ALLOC);
		if (ms == 15000)
			give(mc, huge[0], 10);
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
		cmocka_unit_test(test_s4_3_cooldown_exactly_5s),
		cmocka_unit_test(test_s4_3_bypass_511_512),
		cmocka_unit_test(test_s4_3_nr_free_fell_is_progress),
		cmocka_unit_test(test_s4_1_predicate),
		cmocka_unit_test(test_s4_4_mixed_blocks),
		cmocka_unit_test(test_s4_2_stops_at_reserve),
		cmocka_unit_test(test_s2_3_3_hint_sends_pages_back),
		cmocka_unit_test(test_s4_2_pinned_stops_block),
		cmocka_unit_test(test_s4_2_clean_cache_dropped),
		cmocka_unit_test(test_worker_time),
		cmocka_unit_test(test_s6_2_high_water_is_not_need),
		cmocka_unit_test(test_s6_2_site_6_reacts_twice),
		cmocka_unit_test(test_s6_4_arms),
		cmocka_unit_test(test_stuck_time_by_sampling),
	};

	return cmocka_run_group_tests_name("model: defrag", tests, NULL, NULL);
}
