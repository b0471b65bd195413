// SPDX-License-Identifier: GPL-2.0
/*
 * S2.1: when try_to_claim_block() takes a block over, at its edges. It is called as
 * __rmqueue_claim() calls it; a refusal changes nothing, so one scene serves several questions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/fallback.h"
#include "model/pageblock.h"
#include "tests/lib/scene.h"

#define BLOCK 2			/* that the tests are about: units[4] and units[5] */
#define FRAME (BLOCK * MACHINE_BLOCK)
#define PIECES 8		/* of order 6 */

/**
 * struct question - a claim as __rmqueue_claim() asks for it
 * @visits: of the search after it; @refused: by a rule, not for want of a page after it
 */
struct question {
	u32 mt;
	u32 block_mt;
	u32 order;
	bool from_tainted_spb;
	u32 visits;
	bool refused;
};

static bool claims(struct machine *mc, struct question *q, u32 frame)
{
	struct search s = { .m = mc->m, .zone = &mc->m->zones[0], .mt = q->mt };
	const struct claim c = { .order = q->order, .block_type = q->block_mt,
				 .from_tainted_spb = q->from_tainted_spb };
	const u64 refused = model_counters(mc->m, 0)->claims_refused;
	struct found at = { 0 };
	const bool claimed = try_to_claim_block(&s, the_spb(mc, 0), frame, &c, &at);

	q->visits = s.visits;
	q->refused = model_counters(mc->m, 0)->claims_refused != refused;
	assert_false(claimed && q->refused);
	if (claimed)	/* its page is nobody's: the machine cannot be checked any more */
		the_spb(mc, 0)->page[at.frame] = page_make_used(0, q->mt, 0, 0);
	return claimed;
}

static u32 free_in_block(struct machine *mc)
{
	const struct superpageblock *sb = the_spb(mc, 0);

	for (u32 f = FRAME; f < FRAME + MACHINE_BLOCK; f++) {
		if (page_state(sb->page[f]) == PAGE_FREE)
			return f;
	}
	fail();
	return 0;
}

/* Block 2 holds eight movable units of order 6; no page is free. */
static struct scene pieces_scene(u32 *pieces)
{
	struct variant v = machine_variant();
	struct scene sc;

	v.trigger_update = 0;
	v.pass_2b = 0;
	v.pass_2d = 0;
	v.slowpath_mode = SLOWPATH_DIRECT;
	sc = full_scene(&v, 1);
	give_unit(&sc, 2 * BLOCK);
	give_unit(&sc, 2 * BLOCK + 1);
	for (u32 i = 0; i < PIECES; i++)
		pieces[i] = take(sc.mc, 6, MOV);
	return sc;
}

/* Free and non-movable pages count for a non-movable request in a movable block: 256 of 512. */
static void test_S2_1_half_free_or_not_movable(void **state)
{
	struct question q = { .mt = UNMOV, .block_mt = MOV, .order = 6 };
	u32 pieces[PIECES];
	struct scene sc = pieces_scene(pieces);

	(void)state;
	give(sc.mc, pieces[0], 6);
	assert_false(claims(sc.mc, &q, FRAME));
	/* Too little to claim, so one unit is stolen: 64 pages are unmovable now. */
	take_by(sc.mc, 6, UNMOV, OUTCOME_STEAL);
	give(sc.mc, pieces[2], 6);
	give(sc.mc, pieces[4], 6);
	assert_false(claims(sc.mc, &q, free_in_block(sc.mc)));
	give(sc.mc, pieces[6], 6);
	/* 192 free and 64 unmovable: the last question, a claim changes the block. */
	assert_true(claims(sc.mc, &q, free_in_block(sc.mc)));
	assert_int_equal(pageblock_migratetype(the_spb(sc.mc, 0), FRAME), UNMOV);
	assert_true(pageblock_test(the_spb(sc.mc, 0), FRAME, PB_HAS_MOVABLE));
	machine_free(sc.mc);
}

/* PASS_2B asks with from_tainted_spb: one free unit is enough. */
static void test_S2_1_no_half_rule_from_a_tainted_spb(void **state)
{
	struct question q = { .mt = UNMOV, .block_mt = MOV, .order = 6, .from_tainted_spb = true };
	u32 pieces[PIECES];
	struct scene sc = pieces_scene(pieces);

	(void)state;
	give(sc.mc, pieces[0], 6);
	assert_true(claims(sc.mc, &q, FRAME));
	machine_free(sc.mc);
}

/* Free and movable pages count for a movable request. */
static void test_S2_1_half_free_or_movable(void **state)
{
	struct question q = { .mt = MOV, .block_mt = UNMOV, .order = 7 };

	(void)state;
	for (u32 movable = 0; movable < 2; movable++) {
		struct variant v = machine_variant();
		struct scene sc;
		u32 unit;

		v.pass_4 = 0;
		v.hints = 0;
		v.tainted_reserve_min = 0;
		v.trigger_update = 0;
		sc = packed_scene(&v, 1);
		/* Block 0: label unmovable. 128 free, and 256 movable or none. */
		give_unit(&sc, 0);
		take_by(sc.mc, 7, UNMOV, OUTCOME_PASS_1);
		if (!movable) {
			give_unit(&sc, 1);
			take_by(sc.mc, 8, UNMOV, OUTCOME_PASS_1);
		}
		assert_int_equal(the_spb(sc.mc, 0)->nr_free_pages, 128);
		/* The search after the claim takes a page by PASS_3 or PASS_4: both miss here. */
		unit = the_spb(sc.mc, 0)->free_area[7].free_list[UNMOV].head;
		claims(sc.mc, &q, unit);
		assert_int_equal(q.refused, !movable);
		assert_int_equal(pageblock_migratetype(the_spb(sc.mc, 0), 0),
				 movable ? MOV : UNMOV);
		model_free(sc.mc->m);
		free(sc.mc);
	}
}

/* UNMOVABLE and RECLAIMABLE never share a block, also inside a tainted SPB. */
static void test_S2_1_cross_type_needs_a_free_block(void **state)
{
	struct question q = { .mt = RECL, .block_mt = UNMOV, .order = 8, .from_tainted_spb = true };
	const struct variant v = machine_variant();
	struct scene sc = packed_scene(&v, 1);

	(void)state;
	give_unit(&sc, 1);
	assert_false(claims(sc.mc, &q, 256));
	assert_true(q.refused);
	machine_free(sc.mc);
}

/* A buddy of pageblock order is taken as a whole: no counting, no search after it. */
static void test_S2_1_whole_blocks_are_claimed_at_once(void **state)
{
	struct question q = { .mt = UNMOV, .block_mt = MOV, .order = 9 };
	struct variant v = machine_variant();
	struct scene sc;

	(void)state;
	v.trigger_update = 0;
	sc = full_scene(&v, 1);
	give_unit(&sc, 4);
	give_unit(&sc, 5);
	assert_true(claims(sc.mc, &q, FRAME));
	assert_int_equal(q.visits, 0);
	assert_int_equal(pageblock_migratetype(the_spb(sc.mc, 0), FRAME), UNMOV);
	assert_int_equal(the_spb(sc.mc, 0)->nr_free, 0);
	machine_free(sc.mc);
}

/* S2.5: should_try_claim_block() */
static void test_S2_5_which_orders_are_worth_a_claim(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 1);

	(void)state;
	for (u32 order = 0; order <= 10; order++) {
		assert_true(should_try_claim_block(mc->m, order, UNMOV));
		assert_true(should_try_claim_block(mc->m, order, RECL));
		assert_int_equal(should_try_claim_block(mc->m, order, MOV), order >= 4);
	}
	machine_free(mc);
}

/* model_start() lets due work run, then counts from zero. */
static void test_model_start_counts_from_zero(void **state)
{
	const struct variant v = machine_variant();
	struct scene sc = packed_scene(&v, 2);
	struct model_spb_state st;

	(void)state;
	assert_int_equal(sc.mc->nr_passes, 0);
	sc.mc->now += NSEC_PER_SEC;
	model_start(sc.mc->m, sc.mc->now);
	assert_int_equal(sc.mc->nr_passes, 1);
	model_spb_state(sc.mc->m, 0, 0, sc.mc->now, &st);
	assert_int_equal(st.taints, 0);
	assert_int_equal(st.defrag_passes, 0);
	assert_int_equal(st.stuck_ns, 0);
	assert_int_equal(model_counters(sc.mc->m, 0)->defrag_passes, 0);
	assert_int_equal(model_counters(sc.mc->m, 0)->claims, 0);
	machine_free(sc.mc);
}

#define T(name) cmocka_unit_test(test_##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(S2_1_half_free_or_not_movable),
		T(S2_1_no_half_rule_from_a_tainted_spb),
		T(S2_1_half_free_or_movable),
		T(S2_1_cross_type_needs_a_free_block),
		T(S2_1_whole_blocks_are_claimed_at_once),
		T(S2_5_which_orders_are_worth_a_claim),
		T(model_start_counts_from_zero),
	};

	return cmocka_run_group_tests_name("paper: S2.1 claims", tests, NULL, NULL);
}
