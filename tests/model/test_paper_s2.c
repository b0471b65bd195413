// SPDX-License-Identifier: GPL-2.0
/*
 * S2.3: consequences of the passes that are easy to miss, item by item, and S3: taint is sticky.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/pageblock.h"
#include "model/passes.h"
#include "model/superpageblock.h"
#include "tests/lib/scene.h"

/* Wholly free blocks are relabelled, so nothing non-movable is on the lists of an empty SPB. */
static void test_S2_3_item_1_pass_3_cannot_taint_an_empty_spb(void **state)
{
	static const u8 types[] = { UNMOV, RECL };
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		mc = machine_new(&v, 2);
		give(mc, take_by(mc, 10, types[i], OUTCOME_CLAIM), 10);
		assert_ptr_equal(the_spb(mc, 0)->on, &mc->m->zones[0].spb_empty);
		take_by(mc, 0, types[i], OUTCOME_CLAIM);
		assert_int_equal(mc->taints[mc->nr_taints - 1].outcome, OUTCOME_CLAIM);
		machine_free(mc);
	}
	/* Without the fallbacks the request fails, with all memory free. */
	v.fallback_claim = 0;
	v.fallback_steal = 0;
	mc = machine_new(&v, 2);
	assert_int_equal(try_take(mc, 0, UNMOV), UINT32_MAX);
	assert_int_equal(try_take(mc, 10, RECL), UINT32_MAX);
	take_by(mc, 0, MOV, OUTCOME_PASS_3);
	machine_free(mc);
}

/* Order-0 movable requests open block after block before they use any fragment. */
static void test_S2_3_item_2_pass_1_takes_whole_blocks_first(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	for (u32 hints = 0; hints < 2; hints++) {
		v.hints = hints;
		mc = machine_new(&v, 2);
		for (u32 i = 0; i < 16; i++) {
			take(mc, 0, MOV);
			assert_int_equal(mc->last.pfn % MACHINE_BLOCK, 0);
		}
		assert_int_equal(the_spb(mc, 0)->nr_free, 0);
		/* Now fragments of the same SPB, before another SPB is opened. */
		take_by(mc, 0, MOV, OUTCOME_PASS_1);
		assert_int_equal(mc->last.spb, 0);
		assert_int_not_equal(mc->last.pfn % MACHINE_BLOCK, 0);
		machine_free(mc);
	}
}

/* Own lists of non-movable types rarely hold a whole block: they use fragments. */
static void test_S2_3_item_2_non_movable_types_use_fragments(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	for (u32 i = 0; i < 512; i++)
		take(mc, 0, UNMOV);
	/* One order-10 claim, two blocks; the second was opened by the second request. */
	assert_int_equal(the_spb(mc, 0)->nr_unmovable, 2);
	assert_int_equal(the_spb(mc, 0)->nr_free, 14);
	machine_free(mc);
}

/* A movable hint to an SPB tainted since: no reserve test as in PASS_4, and the helper asks. */
static void test_S2_3_item_3_hint_to_a_tainted_spb(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	v.trigger_alloc = 1;
	mc = machine_new(&v, 1);
	for (u32 i = 0; i < 10; i++)
		take(mc, 9, MOV);
	take_by(mc, 9, UNMOV, OUTCOME_CLAIM);
	take(mc, 9, MOV);
	take(mc, 9, MOV);
	assert_int_equal(the_spb(mc, 0)->nr_free, 2);
	forget(mc);
	/* PASS_4 would leave the reserve of 2 alone. */
	take_by(mc, 9, MOV, OUTCOME_PASS_1);
	assert_int_equal(mc->last.visits, 0);
	assert_int_equal(mc->last.category, SB_TAINTED);
	assert_int_equal(mc->nr_chances, 0);
	/*
	 * High water is 2 blocks' worth of pages; below it the helper asks, for a movable request.
	 */
	take_by(mc, 9, MOV, OUTCOME_PASS_1);
	assert_int_equal(count_verdicts(mc, TRIGGER_ALLOC, VERDICT_QUEUED), 1);
	machine_free(mc);
}

/* A hint to an SPB that became empty is reported as PASS_1, not PASS_3. */
static void test_S2_3_item_3_hint_to_an_empty_spb(void **state)
{
	struct variant v = machine_variant();

	(void)state;
	for (u32 hints = 0; hints < 2; hints++) {
		struct machine *mc;
		u32 units[2];

		v.hints = hints;
		mc = machine_new(&v, 2);
		units[0] = take_by(mc, 9, MOV, OUTCOME_PASS_3);
		units[1] = take_by(mc, 9, MOV, OUTCOME_PASS_1);
		give(mc, units[0], 9);
		give(mc, units[1], 9);
		assert_ptr_equal(the_spb(mc, 0)->on, &mc->m->zones[0].spb_empty);
		take_by(mc, 9, MOV, hints ? OUTCOME_PASS_1 : OUTCOME_PASS_3);
		machine_free(mc);
	}
}

/*
 * The worker's own requests follow the movable hint, too: pages may move inside the SPB that is
 * being emptied.
 */
static void test_S2_3_item_3_hint_sends_migrated_pages_back(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = stuck_scene(&v, 2);

	(void)state;
	give_huge(&sc);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	assert_int_equal(ask_defrag(sc.mc, 0), VERDICT_QUEUED);
	run_for(sc.mc, NSEC_PER_SEC);
	/* The whole SPB was gone through, more pages moved, and the reserve is still not there. */
	assert_true(sc.mc->passes[1].pages_migrated > 2 * 512);
	assert_int_equal(the_spb(sc.mc, 0)->nr_free, 1);
	machine_free(sc.mc);
}

/* Both blocks of a split order-10 buddy are marked used; the free half stays uncounted. */
static void test_S2_3_item_4_order_10_split_marks_both_blocks(void **state)
{
	static const u8 types[] = { UNMOV, RECL, MOV };
	struct variant v = machine_variant();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct machine *mc = machine_new(&v, 2);
		struct superpageblock *sb = the_spb(mc, 0);
		u32 unit;

		v.order10_quirk = 1;
		unit = take(mc, 9, types[i]);
		assert_int_equal(sb->nr_free, 14);
		assert_int_equal(sb->nr_unmovable + sb->nr_reclaimable + sb->nr_movable, 2);
		assert_int_equal(sb->free_area[9].nr_free, 1);
		give(mc, unit, 9);
		/* The halves merge, but only the freed one goes through mark_pageblock_free(). */
		assert_int_equal(sb->nr_free_pages, MACHINE_SPB);
		assert_int_equal(sb->nr_free, 15);
		assert_int_equal(sb->nr_unmovable + sb->nr_reclaimable + sb->nr_movable, 1);
		assert_int_equal(spb_get_category(sb), types[i] == MOV ? SB_CLEAN : SB_TAINTED);
		machine_free(mc);
	}
}

/* Taint outlives content until that block is used and freed again. */
static void test_S2_3_item_4_taint_outlives_content(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 1);
	struct superpageblock *sb = the_spb(mc, 0);
	u32 unit;

	(void)state;
	give(mc, take(mc, 9, UNMOV), 9);
	assert_int_equal(sb->nr_free_pages, MACHINE_SPB);
	assert_int_equal(spb_get_category(sb), SB_TAINTED);
	/* All of it is free, yet a movable request finds a tainted SPB. */
	unit = take_by(mc, 10, MOV, OUTCOME_PASS_4);
	assert_int_equal(frame_of(mc, unit), 0);
	assert_int_equal(spb_get_category(sb), SB_TAINTED);
	give(mc, unit, 10);
	assert_int_equal(sb->nr_free, MACHINE_BLOCKS);
	assert_int_equal(spb_get_category(sb), SB_CLEAN);
	machine_free(mc);
}

static void test_S2_3_item_4_without_the_quirk_content_counts(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	struct superpageblock *sb;
	u32 unit;

	(void)state;
	v.order10_quirk = 0;
	mc = machine_new(&v, 2);
	sb = the_spb(mc, 0);
	unit = take(mc, 9, UNMOV);
	assert_int_equal(sb->nr_free, 15);
	give(mc, unit, 9);
	assert_int_equal(sb->nr_free, 16);
	assert_int_equal(sb->nr_unmovable, 0);
	machine_free(mc);
}

/* __rmqueue_smallest() alone. Return: outcome; *visits as the walk tracepoint reports them */
static enum spb_outcome search_once(struct machine *mc, u32 order, u32 mt, u32 *visits)
{
	struct search s = { .m = mc->m, .zone = &mc->m->zones[0], .order = order, .mt = mt };
	struct found at = { 0 };

	if (!rmqueue_smallest(&s, &at))
		at.outcome = OUTCOME_NO_PAGE;
	*visits = s.visits;
	return at.outcome;
}

/*
 * CMA walks PASS_1 over the tainted lists, skips 2 to 2D, runs trigger 2 and then PASS_3 on CMA
 * lists; an unmovable request would have been served by each of 2 to 2D.
 */
static void test_S2_3_item_5_cma_skips_2_to_2d(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	u32 visits;

	(void)state;
	v.trigger_fallthrough = 1;
	sc = packed_scene(&v, 3);
	for (u32 i = 1; i < 8; i++)
		give_unit(&sc, i);
	give_huge(&sc);
	run_for(sc.mc, NSEC_PER_SEC);
	forget(sc.mc);
	assert_int_equal(search_once(sc.mc, 0, MIGRATE_CMA, &visits), OUTCOME_NO_PAGE);
	/* One tainted SPB in PASS_1, two empty ones in PASS_3. */
	assert_int_equal(visits, 3);
	assert_int_equal(count_chances(sc.mc, TRIGGER_FALLTHROUGH), 1);
	machine_free(sc.mc);
}

/* HIGHATOMIC runs 1, 2, 2B and 2D, never 2C: what only 2C could reach stays where it is. */
static void test_S2_3_item_5_highatomic_skips_2c(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = packed_scene(&v, 2);
	u32 visits;

	(void)state;
	give_unit(&sc, 1);
	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(search_once(sc.mc, 0, MIGRATE_HIGHATOMIC, &visits), OUTCOME_NO_PAGE);
	/* 1, 2, 2B and 2D visit the tainted SPB. */
	assert_int_equal(visits, 4);
	take_by(sc.mc, 0, RECL, OUTCOME_PASS_2C);
	machine_free(sc.mc);
}

/* A HIGHATOMIC miss may relabel a block through PASS_2 or 2B; its content counts as unmovable. */
static void test_S2_3_item_5_highatomic_relabels(void **state)
{
	static const struct {
		enum spb_outcome outcome;
		u8 give[2];
	} rows[] = { { OUTCOME_PASS_2, { 4, 5 } }, { OUTCOME_PASS_2B, { 5, 5 } } };
	const struct variant v = machine_variant();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene sc = packed_scene(&v, 2);
		struct superpageblock *sb = the_spb(sc.mc, 0);
		u32 unit;

		give_unit(&sc, rows[i].give[0]);
		if (rows[i].give[1] != rows[i].give[0])
			give_unit(&sc, rows[i].give[1]);
		unit = take_by(sc.mc, 8, MIGRATE_HIGHATOMIC, rows[i].outcome);
		assert_int_equal(label_of(sc.mc, unit), MIGRATE_HIGHATOMIC);
		assert_int_equal(sb->nr_unmovable, 2);
		machine_free(sc.mc);
	}
}

/* ... and a HIGHATOMIC block that is freed as a whole turns MOVABLE (S3). */
static void test_S2_3_item_5_freed_highatomic_block_turns_movable(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = packed_scene(&v, 1);
	u32 unit;

	(void)state;
	give_unit(&sc, 4);
	give_unit(&sc, 5);
	unit = take_by(sc.mc, 9, MIGRATE_HIGHATOMIC, OUTCOME_PASS_2);
	give(sc.mc, unit, 9);
	assert_int_equal(pageblock_migratetype(the_spb(sc.mc, 0), 4 * 256), MOV);
	assert_int_equal(the_spb(sc.mc, 0)->nr_unmovable, 1);
	machine_free(sc.mc);
}

/* Trigger 2 runs for any type that misses. */
static void test_S2_3_item_6_trigger_2_is_not_limited_to_taint(void **state)
{
	static const u8 types[] = { MOV, UNMOV, RECL, MIGRATE_HIGHATOMIC, MIGRATE_CMA };
	struct variant v = machine_variant();

	(void)state;
	v.trigger_fallthrough = 1;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct scene sc = packed_scene(&v, 2);
		u32 visits;

		run_for(sc.mc, NSEC_PER_SEC);
		forget(sc.mc);
		assert_int_equal(search_once(sc.mc, 10, types[i], &visits), OUTCOME_NO_PAGE);
		assert_int_equal(count_chances(sc.mc, TRIGGER_FALLTHROUGH), 1);
		assert_int_equal(sc.mc->chances[0].spb, 0);
		machine_free(sc.mc);
	}
}

/* ---- S3 ---- */

/* Nothing but a wholly free block clears its bits; then the SPB is clean again. */
static void test_S3_taint_is_sticky(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);
	struct superpageblock *sb = the_spb(mc, 0);
	u32 pages[1024];

	(void)state;
	for (u32 i = 0; i < 1024; i++)
		pages[i] = take(mc, 0, UNMOV);
	assert_int_equal(sb->nr_unmovable, 2);
	for (u32 i = 0; i < 1023; i++)
		give(mc, pages[i], 0);
	/* One page of 1024 is left: one block is free, the SPB is tainted still. */
	assert_int_equal(sb->nr_unmovable, 1);
	assert_int_equal(sb->nr_free, 15);
	assert_int_equal(mc->nr_taints, 1);
	give(mc, pages[1023], 0);
	assert_int_equal(mc->nr_taints, 2);
	assert_int_equal(mc->taints[1].to, SB_CLEAN);
	assert_int_equal(mc->taints[1].cause, CAUSE_FREE);
	assert_int_equal(sb->nr_free, 16);
	assert_ptr_equal(sb->on, &mc->m->zones[0].spb_empty);
	machine_free(mc);
}

/* A sub-block free changes free pages only: no bit, no list, no question to the worker. */
static void test_S3_sub_block_free_moves_nothing(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct superpageblock *sb;

	(void)state;
	v.update_list_mode = UPDATE_LIST_ALWAYS;
	sc = packed_scene(&v, 2);
	sb = the_spb(sc.mc, 0);
	forget(sc.mc);
	give_unit(&sc, 0);
	assert_int_equal(sb->nr_free_pages, 256);
	assert_int_equal(sb->nr_unmovable, 1);
	assert_int_equal(sc.mc->nr_chances, 0);
	assert_int_equal(sc.mc->nr_taints, 0);
	/* The block that becomes free with its other half asks, and cleans the SPB. */
	give_unit(&sc, 1);
	assert_int_equal(sb->nr_unmovable, 0);
	assert_int_equal(count_chances(sc.mc, TRIGGER_UPDATE), 1);
	assert_int_equal(sc.mc->nr_taints, 1);
	machine_free(sc.mc);
}

/* A page goes to the list of its block's label, not of its use: slab in a movable block returns. */
static void test_S3_free_goes_by_the_label(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	u32 unit;

	(void)state;
	v.pass_2b = 0;
	sc = packed_scene(&v, 2);
	give_unit(&sc, 5);
	unit = take_by(sc.mc, 8, UNMOV, OUTCOME_PASS_2D);
	give(sc.mc, unit, 8);
	assert_int_equal(the_spb(sc.mc, 0)->free_area[8].free_list[MOV].head, 5 * 256);
	assert_int_equal(the_spb(sc.mc, 0)->free_area[8].free_list[UNMOV].head, FRAME_NIL);
	machine_free(sc.mc);
}

#define T(name) cmocka_unit_test(test_##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(S2_3_item_1_pass_3_cannot_taint_an_empty_spb),
		T(S2_3_item_2_pass_1_takes_whole_blocks_first),
		T(S2_3_item_2_non_movable_types_use_fragments),
		T(S2_3_item_3_hint_to_a_tainted_spb),
		T(S2_3_item_3_hint_to_an_empty_spb),
		T(S2_3_item_3_hint_sends_migrated_pages_back),
		T(S2_3_item_4_order_10_split_marks_both_blocks),
		T(S2_3_item_4_taint_outlives_content),
		T(S2_3_item_4_without_the_quirk_content_counts),
		T(S2_3_item_5_cma_skips_2_to_2d),
		T(S2_3_item_5_highatomic_skips_2c),
		T(S2_3_item_5_highatomic_relabels),
		T(S2_3_item_5_freed_highatomic_block_turns_movable),
		T(S2_3_item_6_trigger_2_is_not_limited_to_taint),
		T(S3_taint_is_sticky),
		T(S3_sub_block_free_moves_nothing),
		T(S3_free_goes_by_the_label),
	};

	return cmocka_run_group_tests_name("paper: S2.3 consequences, S3 sticky taint", tests, NULL,
					   NULL);
}
