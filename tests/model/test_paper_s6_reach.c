// SPDX-License-Identifier: GPL-2.0
/*
 * S6.3: which requests reach trigger 2, the walk over all tainted SPBs before PASS_3, and S6.4:
 * what the four arms of the patch do in both modes of spb_update_list().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/superpageblock.h"
#include "tests/lib/scene.h"

/* Trigger 2 alone; one attempt per request, so that each search is counted once. */
static struct variant reach_variant(void)
{
	struct variant v = machine_variant();

	v.trigger_update = 0;
	v.trigger_fallthrough = 1;
	v.slowpath_mode = SLOWPATH_DIRECT;
	v.hints = 0;
	return v;
}

/* SPB 0 tainted and without a free page, SPB 1 empty. */
static struct scene one_tainted_one_empty(const struct variant *v)
{
	struct scene sc = packed_scene(v, 2);

	give_huge(&sc);
	run_for(sc.mc, 10 * NSEC_PER_SEC);
	assert_int_equal(the_spb(sc.mc, 0)->nr_free_pages, 0);
	forget(sc.mc);
	return sc;
}

static u32 chances_of_request(u32 order, u32 mt)
{
	const struct variant v = reach_variant();
	struct scene sc = one_tainted_one_empty(&v);
	u32 nr;

	take(sc.mc, order, mt);
	nr = count_chances(sc.mc, TRIGGER_FALLTHROUGH);
	assert_int_equal(nr, sc.mc->nr_chances);
	machine_free(sc.mc);
	return nr;
}

static void test_S6_3_reached_by_non_movable_misses(void **state)
{
	(void)state;
	assert_int_equal(chances_of_request(0, UNMOV), 1);
	assert_int_equal(chances_of_request(0, RECL), 1);
	assert_int_equal(chances_of_request(10, UNMOV), 1);
}

/* Also the normal case: a movable request opens an empty SPB. */
static void test_S6_3_reached_by_movable_misses_in_clean_spbs(void **state)
{
	(void)state;
	assert_int_equal(chances_of_request(0, MOV), 1);
}

/* Once for the own type, once for the type that it goes on as (S2.7). */
static void test_S6_3_reached_by_cma(void **state)
{
	(void)state;
	assert_int_equal(chances_of_request(0, MIGRATE_CMA), 2);
}

static void test_S6_3_reached_by_highatomic(void **state)
{
	(void)state;
	/* Order 0 comes to the reserve when nothing else is left, others begin there. */
	assert_int_equal(chances_of_request(0, MIGRATE_HIGHATOMIC), 1);
	assert_int_equal(chances_of_request(1, MIGRATE_HIGHATOMIC), 2);
}

/*
 * A movable request claims an unmovable block of a tainted SPB: the block turns movable, the SPB
 * stays tainted, so the inner search misses the clean lists and runs trigger 2 again. PASS_4 is
 * off: it would serve the outer search already, unless all that is free were CMA.
 */
static void test_S6_3_reached_by_the_inner_recursion(void **state)
{
	struct variant v = reach_variant();
	struct scene sc;

	(void)state;
	v.pass_4 = 0;
	v.tainted_reserve_min = 0;
	v.tainted_reserve_div = 65535;
	sc = packed_scene(&v, 1);
	give_unit(&sc, 4);
	give_unit(&sc, 5);
	assert_int_equal(the_spb(sc.mc, 0)->nr_free, 1);
	forget(sc.mc);
	assert_int_equal(try_take(sc.mc, 0, MOV), UINT32_MAX);
	assert_int_equal(count_chances(sc.mc, TRIGGER_FALLTHROUGH), 1);
	give_unit(&sc, 1);
	forget(sc.mc);
	assert_int_equal(try_take(sc.mc, 0, MOV), UINT32_MAX);
	assert_int_equal(label_of(sc.mc, sc.units[0]), MOV);
	assert_int_equal(count_chances(sc.mc, TRIGGER_FALLTHROUGH), 2);
	machine_free(sc.mc);
}

/* None of the passes before it lets trigger 2 run. */
static void test_S6_3_not_reached_when_an_earlier_pass_succeeds(void **state)
{
	static const struct {
		enum spb_outcome outcome;
		u8 mt;
		u8 pass_2b;
		u8 give[2];
	} rows[] = {
		{ OUTCOME_PASS_1, UNMOV, 1, { 1, 1 } },
		{ OUTCOME_PASS_2, UNMOV, 1, { 4, 5 } },
		{ OUTCOME_PASS_2B, UNMOV, 1, { 5, 5 } },
		{ OUTCOME_PASS_2C, RECL, 1, { 1, 1 } },
		{ OUTCOME_PASS_2D, UNMOV, 0, { 5, 5 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct variant v = reach_variant();
		struct scene sc;

		v.pass_2b = rows[i].pass_2b;
		sc = one_tainted_one_empty(&v);
		give_unit(&sc, rows[i].give[0]);
		if (rows[i].give[1] != rows[i].give[0])
			give_unit(&sc, rows[i].give[1]);
		forget(sc.mc);
		take_by(sc.mc, 0, rows[i].mt, rows[i].outcome);
		assert_int_equal(sc.mc->nr_chances, 0);
		machine_free(sc.mc);
	}
}

/* A hit by hint ends the search as well. */
static void test_S6_3_not_reached_when_a_hint_succeeds(void **state)
{
	struct variant v = reach_variant();
	struct scene sc;

	(void)state;
	v.hints = 1;
	sc = one_tainted_one_empty(&v);
	give_unit(&sc, 1);
	take_by(sc.mc, 0, UNMOV, OUTCOME_PASS_1);
	forget(sc.mc);
	take_by(sc.mc, 0, UNMOV, OUTCOME_PASS_1);
	assert_int_equal(sc.mc->last.visits, 0);
	assert_int_equal(sc.mc->nr_chances, 0);
	machine_free(sc.mc);
}

/* 2048 free pages are above high water (1024), nr_free is 0: trigger 2 queues all the same. */
static void test_S6_3_has_no_high_water_gate(void **state)
{
	const struct variant v = reach_variant();
	struct scene sc = one_tainted_one_empty(&v);

	(void)state;
	for (u32 i = 2; i < 18; i += 2)
		give_unit(&sc, i);
	assert_false(spb_below_shrink_high_water(the_spb(sc.mc, 0)));
	the_spb(sc.mc, 0)->no_progress_jiffies = 0;
	forget(sc.mc);
	take_by(sc.mc, 10, MOV, OUTCOME_PASS_3);
	assert_int_equal(count_verdicts(sc.mc, TRIGGER_FALLTHROUGH, VERDICT_QUEUED), 1);
	assert_int_equal(sc.mc->nr_shrinks, 0);
	machine_free(sc.mc);
}

/* Make SPB @index tainted with @blocks unmovable blocks; all of it was movable order 10 before. */
static void taint_blocks(struct scene *sc, u32 index, u32 blocks)
{
	for (u32 i = 0; i < sc->nr_huge && blocks; i++) {
		if (!sc->mc->pfn[sc->huge[i]] || spb_of(sc->mc, sc->huge[i]) != index)
			continue;
		give(sc->mc, sc->huge[i], 10);
		for (u32 half = 0; half < 2 && blocks; half++, blocks--)
			take(sc->mc, 9, UNMOV);
		if (the_spb(sc->mc, index)->nr_free_pages)
			take(sc->mc, 9, UNMOV);
	}
}

/* SB_FULL first, each list from head to tail; every tainted SPB, without a limit. */
static void test_S6_3_walks_the_lists_full_first(void **state)
{
	static const u32 blocks[] = { 4, 12, 8, 4 };
	static const u32 expected[] = { 2, 3, 1, 4, 0 };
	const struct variant v = reach_variant();
	struct scene sc = packed_scene(&v, 6);

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(blocks); i++)
		taint_blocks(&sc, i + 1, blocks[i]);
	for (u32 i = 0; i < ARRAY_SIZE(blocks); i++)
		assert_int_equal(the_spb(sc.mc, i + 1)->nr_unmovable, blocks[i]);
	forget(sc.mc);
	assert_int_equal(try_take(sc.mc, 10, MOV), UINT32_MAX);
	assert_int_equal(sc.mc->nr_chances, ARRAY_SIZE(expected));
	for (u32 i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(sc.mc->chances[i].spb, expected[i]);
	machine_free(sc.mc);
}

/* ---- S6.4 ---- */

/**
 * struct arm - @after_alloc, @after_miss: passes queued by an unmovable allocation from a stuck
 * SPB, and in all once a movable request opened an empty SPB after it
 */
struct arm {
	u32 trigger_alloc;
	u32 trigger_fallthrough;
	u32 after_alloc;
	u32 after_miss;
};

static u32 count_queued(const struct machine *mc)
{
	u32 nr = 0;

	for (u32 t = 0; t < NR_DEFRAG_TRIGGERS; t++)
		nr += count_verdicts(mc, t, VERDICT_QUEUED);
	return nr;
}

static void play_arm(const struct arm *arm, u32 mode)
{
	struct variant v = machine_variant();
	struct scene sc;

	v.update_list_mode = mode;
	v.trigger_alloc = arm->trigger_alloc;
	v.trigger_fallthrough = arm->trigger_fallthrough;
	v.hints = 0;
	sc = stuck_scene(&v, 3);
	/* Room in the unmovable block, without any list change. */
	give_unit(&sc, 1);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	forget(sc.mc);
	take_by(sc.mc, 4, UNMOV, OUTCOME_PASS_1);
	assert_int_equal(count_queued(sc.mc), arm->after_alloc);
	/* SPBs become empty before the worker could take them as targets. */
	give_huge(&sc);
	take_by(sc.mc, 10, MOV, OUTCOME_PASS_3);
	assert_int_equal(count_queued(sc.mc), arm->after_miss);
	machine_free(sc.mc);
}

/* As the patch's message tells it: nothing rescues the SPB without a trigger. */
static void test_S6_4_four_arms_with_bucket_updates(void **state)
{
	static const struct arm arms[] = {
		{ 0, 0, 0, 0 },
		{ 1, 0, 1, 1 },
		{ 0, 1, 0, 1 },
		{ 1, 1, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(arms); i++)
		play_arm(&arms[i], UPDATE_LIST_BUCKET);
}

/* As stored v2 code does it: every allocation from the SPB asks already; trigger 1 adds nothing. */
static void test_S6_4_four_arms_with_unconditional_updates(void **state)
{
	static const struct arm arms[] = {
		{ 0, 0, 1, 1 },
		{ 1, 0, 1, 1 },
		{ 0, 1, 1, 1 },
		{ 1, 1, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(arms); i++)
		play_arm(&arms[i], UPDATE_LIST_ALWAYS);
}

/* What remains new with unconditional updates: SPBs that no allocation touches. */
static void test_S6_4_trigger_2_rescues_idle_spbs_in_both_modes(void **state)
{
	(void)state;
	for (u32 mode = UPDATE_LIST_BUCKET; mode <= UPDATE_LIST_ALWAYS; mode++) {
		for (u32 on = 0; on < 2; on++) {
			struct variant v = machine_variant();
			struct scene sc;

			v.update_list_mode = mode;
			v.trigger_alloc = 1;
			v.trigger_fallthrough = on;
			v.hints = 0;
			sc = stuck_scene(&v, 3);
			give_huge(&sc);
			run_for(sc.mc, 6 * NSEC_PER_SEC);
			forget(sc.mc);
			take_by(sc.mc, 10, MOV, OUTCOME_PASS_3);
			assert_int_equal(count_queued(sc.mc), on);
			machine_free(sc.mc);
		}
	}
}

/*
 * Unconditional updates run before the page leaves: they see the free pages that the +512 bypass of
 * the cooldown needs, trigger 1 sees one page less.
 */
static void test_S6_4_update_sees_free_pages_before_trigger_1_after(void **state)
{
	struct variant v = machine_variant();
	struct scene sc;
	struct superpageblock *sb;

	(void)state;
	v.trigger_alloc = 1;
	v.update_list_mode = UPDATE_LIST_ALWAYS;
	v.hints = 0;
	sc = stuck_scene(&v, 1);
	sb = the_spb(sc.mc, 0);
	give_unit(&sc, 1);
	give_unit(&sc, 3);
	assert_int_equal(sb->nr_free_pages, 512);
	sb->no_progress_pages = 1;
	forget(sc.mc);
	take_by(sc.mc, 0, UNMOV, OUTCOME_PASS_1);
	assert_int_equal(count_verdicts(sc.mc, TRIGGER_UPDATE, VERDICT_COOLDOWN), 1);
	sb->nr_free_pages += 2;
	forget(sc.mc);
	take_by(sc.mc, 1, UNMOV, OUTCOME_PASS_1);
	assert_int_equal(count_verdicts(sc.mc, TRIGGER_UPDATE, VERDICT_QUEUED), 1);
	assert_int_equal(count_verdicts(sc.mc, TRIGGER_ALLOC, VERDICT_COOLDOWN), 1);
	sb->nr_free_pages -= 2;
	machine_free(sc.mc);
}

#define T(name) cmocka_unit_test(test_##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(S6_3_reached_by_non_movable_misses),
		T(S6_3_reached_by_movable_misses_in_clean_spbs),
		T(S6_3_reached_by_cma),
		T(S6_3_reached_by_highatomic),
		T(S6_3_reached_by_the_inner_recursion),
		T(S6_3_not_reached_when_an_earlier_pass_succeeds),
		T(S6_3_not_reached_when_a_hint_succeeds),
		T(S6_3_has_no_high_water_gate),
		T(S6_3_walks_the_lists_full_first),
		T(S6_4_four_arms_with_bucket_updates),
		T(S6_4_four_arms_with_unconditional_updates),
		T(S6_4_trigger_2_rescues_idle_spbs_in_both_modes),
		T(S6_4_update_sees_free_pages_before_trigger_1_after),
	};

	return cmocka_run_group_tests_name("paper: S6.3 reach of trigger 2, S6.4 arms", tests, NULL,
					   NULL);
}
