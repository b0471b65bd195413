// SPDX-License-Identifier: GPL-2.0
/*
 * S4.2, S4.3: edges of the cooldown and of the cursor, and S4.4: mixed blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/pageblock.h"
#include "model/superpageblock.h"
#include "tests/lib/scene.h"

/* The stamp is in jiffies; it holds for exactly 5 s of them. */
static void test_S4_3_cooldown_ends_after_exactly_5_s(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = stuck_scene(&v, 2);
	struct superpageblock *sb = the_spb(sc.mc, 0);
	const u64 end = (sb->no_progress_jiffies + 5000) * NSEC_PER_MSEC;

	(void)state;
	run_for(sc.mc, end - 1 - sc.mc->now);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_COOLDOWN);
	assert_int_equal(sc.mc->chances[sc.mc->nr_chances - 1].cooldown_left, 1);
	run_for(sc.mc, 1);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_ACTIVE);
	machine_free(sc.mc);
}

/* One jiffy less is 4 ms less when a second has 250 of them. */
static void test_S4_3_cooldown_counts_jiffies(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	u64 end;

	(void)state;
	v.hz = 250;
	sc = stuck_scene(&v, 2);
	end = (the_spb(sc.mc, 0)->no_progress_jiffies + 1250) * 4 * NSEC_PER_MSEC;
	run_for(sc.mc, end - 1 - sc.mc->now);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_COOLDOWN);
	run_for(sc.mc, 1);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	machine_free(sc.mc);
}

/* 0 means none, so the stamp is odd: "now | 1". */
static void test_S4_3_stamp_is_never_zero(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = packed_scene(&v, 2);
	u64 jiffies;

	(void)state;
	run_for(sc.mc, NSEC_PER_SEC);
	jiffies = sc.mc->passes[0].end / NSEC_PER_MSEC;
	assert_int_equal(the_spb(sc.mc, 0)->no_progress_jiffies, jiffies | 1);
	machine_free(sc.mc);
}

/* Expiry has no timer: an SPB that nobody asks about stays as it is. */
static void test_S4_3_expiry_needs_a_caller(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = stuck_scene(&v, 2);

	(void)state;
	give_huge(&sc);
	run_for(sc.mc, 3600 * NSEC_PER_SEC);
	assert_int_equal(sc.mc->nr_passes, 1);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(sc.mc->nr_passes, 2);
	machine_free(sc.mc);
}

/* 511 free pages more than at the stamp do not end the cooldown, 512 do. */
static void test_S4_3_bypass_511_pages_no_512_yes(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = stuck_scene(&v, 2);
	struct superpageblock *sb = the_spb(sc.mc, 0);

	(void)state;
	assert_int_equal(sb->no_progress_pages, 0);
	give_unit(&sc, 3);
	give_unit(&sc, 5);
	/* 512 free; one page goes and comes back. */
	give_unit(&sc, 7);
	take(sc.mc, 0, UNMOV);
	take(sc.mc, 8, MOV);
	assert_int_equal(sb->nr_free_pages, 511);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_COOLDOWN);
	give(sc.mc, sc.mc->nr_units - 2, 0);
	assert_int_equal(sb->nr_free_pages, 512);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	machine_free(sc.mc);
}

/* A pass during which nr_free fell counts as progress. */
static void test_S4_3_nr_free_that_fell_is_progress(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct superpageblock *sb;
	const struct model_defrag_pass *p;

	(void)state;
	v.hints = 0;
	sc = stuck_scene(&v, 2);
	sb = the_spb(sc.mc, 0);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	give_unit(&sc, 4);
	give_unit(&sc, 5);
	assert_int_equal(sb->nr_free, 1);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	/* In the middle of a pass that moves nothing, somebody claims the free block. */
	run_for(sc.mc, NSEC_PER_MSEC);
	assert_ptr_equal(sc.mc->m->nodes[0].workers[0]->work->sb, sb);
	take(sc.mc, 9, UNMOV);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(sc.mc->nr_passes, 2);
	p = &sc.mc->passes[1];
	assert_int_equal(p->nr_free_before, 1);
	assert_int_equal(p->nr_free_after, 0);
	assert_int_equal(p->pages_migrated, 0);
	assert_true(p->progress);
	assert_int_equal(sb->no_progress_jiffies, 0);
	machine_free(sc.mc);
}

/*
 * S10 item 2: spb_update_list() alone asks about clean SPBs. The stub's pass moves nothing, and its
 * stamp holds the SPB back once it is tainted.
 */
static void test_S4_1_clean_spb_only_by_the_stub(void **state)
{
	(void)state;
	for (u32 stub = 0; stub < 2; stub++) {
		struct variant v = machine_variant();
		struct machine *mc;

		v.defrag_clean = stub;
		mc = machine_new(&v, 1);
		take(mc, 0, MOV);
		assert_int_equal(count_verdicts(mc, TRIGGER_UPDATE, VERDICT_QUEUED), stub);
		assert_int_equal(ask_defrag(mc, 0), VERDICT_CLEAN);
		run_for(mc, NSEC_PER_MSEC);
		assert_int_equal(mc->nr_passes, stub);
		if (stub) {
			assert_int_equal(mc->passes[0].pages_migrated, 0);
			assert_false(mc->passes[0].progress);
		}
		run_for(mc, NSEC_PER_SEC);
		take(mc, 0, UNMOV);
		assert_int_equal(ask_defrag(mc, 0),
				 stub ? VERDICT_COOLDOWN : VERDICT_ABOVE_RESERVE);
		check_machine(mc);
		machine_free(mc);
	}
}

/* The next pass begins where the last one stopped and wraps once. */
static void test_S4_2_cursor_wraps_once(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct superpageblock *sb;

	(void)state;
	v.hints = 0;
	sc = stuck_scene(&v, 2);
	sb = the_spb(sc.mc, 0);
	give_huge(&sc);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	/* Last block first; one more is needed for the reserve of 2, and that lies at the start. */
	sb->defrag_cursor = sb->start_pfn + 15 * MACHINE_BLOCK;
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_true(sc.mc->passes[1].progress);
	assert_int_equal(sb->nr_free, 2);
	assert_true(pageblock_test(sb, 15 * MACHINE_BLOCK, PB_ALL_FREE));
	/* Block 0 is mixed: emptying it freed no block, so block 1 came next. */
	assert_true(pageblock_test(sb, 1 * MACHINE_BLOCK, PB_ALL_FREE));
	assert_int_equal(sb->defrag_cursor, sb->start_pfn + 2 * MACHINE_BLOCK);
	machine_free(sc.mc);
}

/* Nothing can move: every block once, the one it began with a second time, then the pass ends. */
static void test_S4_2_pass_ends_after_one_wrap(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct superpageblock *sb;

	(void)state;
	v.migrate_fail_ppm = 1000000;
	sc = stuck_scene(&v, 2);
	sb = the_spb(sc.mc, 0);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	sb->defrag_cursor = sb->start_pfn + 7 * MACHINE_BLOCK;
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(sc.mc->passes[1].pages_failed, 17 * 256);
	assert_int_equal(sb->defrag_cursor, sb->start_pfn + 8 * MACHINE_BLOCK);
	assert_false(sc.mc->passes[1].progress);
	machine_free(sc.mc);
}

/* A cursor out of range starts again at the first block. */
static void test_S4_2_cursor_out_of_range(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct superpageblock *sb;

	(void)state;
	v.hints = 0;
	sc = stuck_scene(&v, 2);
	sb = the_spb(sc.mc, 0);
	give_huge(&sc);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	sb->defrag_cursor = sb->start_pfn + MACHINE_SPB;
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(sb->nr_free, 2);
	assert_true(pageblock_test(sb, 1 * MACHINE_BLOCK, PB_ALL_FREE));
	assert_true(pageblock_test(sb, 2 * MACHINE_BLOCK, PB_ALL_FREE));
	machine_free(sc.mc);
}

/*
 * Movable pages leave mixed blocks: free pages rise, no block becomes free. That is "no progress",
 * and the SPB waits out a cooldown with half of its memory free. nr_movable falls at once where the
 * rescan of a block does not heed the skip hint. Where it does, has_movable stays until a scan
 * finds nothing: here in the block that the pass comes to twice; in the others the next pass does.
 */
static void mixed_blocks(bool compact_skip, u32 nr_movable_left)
{
	struct variant v = machine_variant();
	struct superpageblock *sb;
	struct scene sc;

	v.compact_skip = compact_skip;
	sc = stuck_scene(&v, 2);
	sb = the_spb(sc.mc, 0);
	/* Half of every block turns unmovable; all inside the cooldown. */
	for (u32 i = 2; i < SCENE_UNITS; i += 2) {
		give_unit(&sc, i);
		take_by(sc.mc, 8, UNMOV, OUTCOME_PASS_2B);
	}
	assert_int_equal(sb->nr_unmovable, 16);
	assert_int_equal(sb->nr_movable, 16);
	assert_int_equal(sb->nr_free_pages, 0);
	assert_int_equal(sc.mc->nr_passes, 1);
	give_huge(&sc);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(sc.mc->nr_passes, 2);
	assert_int_equal(sc.mc->passes[1].pages_migrated, 16 * 256);
	assert_false(sc.mc->passes[1].progress);
	assert_int_equal(sb->nr_movable, nr_movable_left);
	assert_int_equal(sb->nr_free, 0);
	assert_int_equal(sb->nr_free_pages, 16 * 256);
	assert_int_not_equal(sb->no_progress_jiffies, 0);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	assert_int_equal(ask_defrag(sc.mc, 0), nr_movable_left ? VERDICT_QUEUED :
							VERDICT_NOTHING_MOVABLE);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(sb->nr_movable, 0);
	machine_free(sc.mc);
}

static void test_S4_4_emptying_mixed_blocks_is_no_progress(void **state)
{
	(void)state;
	mixed_blocks(false, 0);
	mixed_blocks(true, 15);
}

#define T(name) cmocka_unit_test(test_##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(S4_3_cooldown_ends_after_exactly_5_s),
		T(S4_3_cooldown_counts_jiffies),
		T(S4_3_stamp_is_never_zero),
		T(S4_3_expiry_needs_a_caller),
		T(S4_3_bypass_511_pages_no_512_yes),
		T(S4_3_nr_free_that_fell_is_progress),
		T(S4_1_clean_spb_only_by_the_stub),
		T(S4_2_cursor_wraps_once),
		T(S4_2_pass_ends_after_one_wrap),
		T(S4_2_cursor_out_of_range),
		T(S4_4_emptying_mixed_blocks_is_no_progress),
	};

	return cmocka_run_group_tests_name("paper: S4 cooldown, cursor, mixed blocks", tests, NULL,
					   NULL);
}
