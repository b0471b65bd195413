// SPDX-License-Identifier: GPL-2.0
/*
 * S6.1: the eight sites at which __rmqueue_smallest() calls the patch's helper,
 * spb_react_to_tainted_alloc(), and S6.2: what changed there. One table of scenes: each leads a
 * request to one site; every test looks at it from another side.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/passes.h"
#include "model/superpageblock.h"
#include "tests/lib/scene.h"

#define HIGH_WATER (2 * MACHINE_BLOCK)	/* reserve of 2 blocks (machine_variant()) */

/**
 * struct site - a place in S6.1
 * @hints, @pass_2b: knobs that lead the request there
 * @reactions: calls of the helper per request: site 6 reacts for the inner search, too (S6.2)
 * @order, @mt, @cpu: the request; @visits: SPBs that it visits
 * @prepare: from packed_scene() to the request; leaves less than high water free
 */
struct site {
	const char *name;
	u32 hints;
	u32 pass_2b;
	u32 reactions;
	u16 cpu;
	u8 order;
	u8 mt;
	u8 visits;
	enum spb_outcome outcome;
	void (*prepare)(struct scene *sc);
};

/* The other half of the unmovable block: a fragment on the own list. */
static void own_fragment(struct scene *sc)
{
	give_unit(sc, 1);
}

static void own_fragment_known_to_hints(struct scene *sc)
{
	own_fragment(sc);
	take_by(sc->mc, 0, UNMOV, OUTCOME_PASS_1);
}

/* Two blocks merge to order 10, PASS_2 relabels both: the second is an own order-9 buddy. */
static void own_whole_block(struct scene *sc)
{
	for (u32 i = 4; i < 8; i++)
		give_unit(sc, i);
	take_by(sc->mc, 9, UNMOV, OUTCOME_PASS_2);
	assert_int_equal(the_spb(sc->mc, 0)->free_area[9].nr_free, 1);
}

static void movable_whole_block(struct scene *sc)
{
	give_unit(sc, 4);
	give_unit(sc, 5);
	assert_int_equal(the_spb(sc->mc, 0)->nr_free, 1);
}

static void movable_fragment(struct scene *sc)
{
	give_unit(sc, 5);
}

enum site_nr {
	SITE_1_CPU_HINT,
	SITE_2_ZONE_HINT,
	SITE_3_WALK_WHOLE,
	SITE_4_WALK_PART,
	SITE_5_PASS_2,
	SITE_6_PASS_2B,
	SITE_7_PASS_2C,
	SITE_8_PASS_2D,
	NR_SITES
};

static const struct site sites[NR_SITES] = {
	[SITE_1_CPU_HINT] = { "Pass 1 via CPU hint", 1, 1, 1, 0, 0, UNMOV, 0, OUTCOME_PASS_1,
			      own_fragment_known_to_hints },
	[SITE_2_ZONE_HINT] = { "Pass 1 via zone hint", 1, 1, 1, 1, 0, UNMOV, 0, OUTCOME_PASS_1,
			       own_fragment_known_to_hints },
	[SITE_3_WALK_WHOLE] = { "Pass 1 list walk, whole block", 0, 1, 1, 0, 0, UNMOV, 1,
				OUTCOME_PASS_1, own_whole_block },
	[SITE_4_WALK_PART] = { "Pass 1 list walk, sub-block", 0, 1, 1, 0, 0, UNMOV, 1,
			       OUTCOME_PASS_1, own_fragment },
	[SITE_5_PASS_2] = { "Pass 2", 0, 1, 1, 0, 0, UNMOV, 2, OUTCOME_PASS_2,
			    movable_whole_block },
	[SITE_6_PASS_2B] = { "Pass 2B", 0, 1, 2, 0, 0, UNMOV, 4, OUTCOME_PASS_2B,
			     movable_fragment },
	[SITE_7_PASS_2C] = { "Pass 2C", 0, 1, 1, 0, 0, RECL, 4, OUTCOME_PASS_2C, own_fragment },
	[SITE_8_PASS_2D] = { "Pass 2D", 0, 0, 1, 0, 0, UNMOV, 4, OUTCOME_PASS_2D,
			     movable_fragment },
};

/* Only the helper asks for defrag, and a queued shrink is over at once: each call is counted. */
static struct variant site_variant(const struct site *site, u32 trigger_alloc)
{
	struct variant v = machine_variant();

	v.trigger_update = 0;
	v.trigger_alloc = trigger_alloc;
	v.hints = site->hints;
	v.pass_2b = site->pass_2b;
	v.worker_latency_us = 0;
	v.shrink_run_us = 0;
	return v;
}

static struct scene before_site(const struct site *site, u32 trigger_alloc)
{
	const struct variant v = site_variant(site, trigger_alloc);
	struct scene sc = packed_scene(&v, 2);

	site->prepare(&sc);
	/* What led here may have queued a pass already: let it end, without a stamp. */
	run_for(sc.mc, NSEC_PER_SEC);
	the_spb(sc.mc, 0)->no_progress_jiffies = 0;
	forget(sc.mc);
	return sc;
}

static void request(struct scene *sc, const struct site *site)
{
	assert_int_not_equal(try_take_on(sc->mc, site->cpu, site->order, site->mt), UINT32_MAX);
	assert_outcome(sc->mc, site->outcome);
	assert_int_equal(sc->mc->last.spb, 0);
	assert_int_equal(sc->mc->last.visits, site->visits);
}

/* With the patch: below high water the helper asks for a shrink and for defrag. */
static void site_reacts(enum site_nr nr)
{
	const struct site *site = &sites[nr];
	struct scene sc = before_site(site, 1);

	request(&sc, site);
	assert_true(the_spb(sc.mc, 0)->nr_free_pages < HIGH_WATER);
	assert_int_equal(count_chances(sc.mc, TRIGGER_ALLOC), site->reactions);
	assert_int_equal(sc.mc->chances[0].spb, 0);
	assert_int_equal(sc.mc->chances[0].verdict, VERDICT_QUEUED);
	/* A site that reacts twice finds the first request pending (S5). */
	assert_int_equal(sc.mc->nr_shrinks, 1);
	machine_free(sc.mc);
}

static void test_S6_1_site_1_pass_1_by_cpu_hint(void **state)
{
	(void)state;
	site_reacts(SITE_1_CPU_HINT);
}

static void test_S6_1_site_2_pass_1_by_zone_hint(void **state)
{
	struct scene sc = before_site(&sites[SITE_2_ZONE_HINT], 1);

	(void)state;
	/* CPU 1 has no hint: the zone's serves it, and becomes its own. */
	request(&sc, &sites[SITE_2_ZONE_HINT]);
	sc.mc->m->zones[0].sb_hint[UNMOV] = SPB_NONE;
	request(&sc, &sites[SITE_2_ZONE_HINT]);
	machine_free(sc.mc);
	site_reacts(SITE_2_ZONE_HINT);
}

static void test_S6_1_site_3_pass_1_walk_whole_block(void **state)
{
	struct scene sc = before_site(&sites[SITE_3_WALK_WHOLE], 1);

	(void)state;
	request(&sc, &sites[SITE_3_WALK_WHOLE]);
	assert_int_equal(sc.mc->last.pfn % MACHINE_BLOCK, 0);
	assert_int_equal(the_spb(sc.mc, 0)->free_area[9].nr_free, 0);
	machine_free(sc.mc);
	site_reacts(SITE_3_WALK_WHOLE);
}

static void test_S6_1_site_4_pass_1_walk_sub_block(void **state)
{
	(void)state;
	site_reacts(SITE_4_WALK_PART);
}

static void test_S6_1_site_5_pass_2(void **state)
{
	(void)state;
	site_reacts(SITE_5_PASS_2);
}

static void test_S6_1_site_6_pass_2b(void **state)
{
	(void)state;
	site_reacts(SITE_6_PASS_2B);
}

static void test_S6_1_site_7_pass_2c(void **state)
{
	(void)state;
	site_reacts(SITE_7_PASS_2C);
}

static void test_S6_1_site_8_pass_2d(void **state)
{
	(void)state;
	site_reacts(SITE_8_PASS_2D);
}

/*
 * S6.1, columns before and after: without the patch every site queues the same shrinks, no defrag.
 */
static void test_S6_2_item_1_the_patch_does_not_change_shrinks(void **state)
{
	(void)state;
	for (u32 i = 0; i < NR_SITES; i++) {
		struct scene sc = before_site(&sites[i], 0);

		request(&sc, &sites[i]);
		assert_int_equal(sc.mc->nr_shrinks, 1);
		assert_int_equal(sc.mc->nr_chances, 0);
		machine_free(sc.mc);
	}
}

/*
 * S6.2 item 1: the helper looks at the live category. A hint may lead a request to a clean SPB, or
 * to one that was tainted when the hint was stored.
 */
static void test_S6_2_item_1_the_helper_asks_the_live_category(void **state)
{
	struct variant v = site_variant(&sites[SITE_1_CPU_HINT], 1);
	struct scene sc = full_scene(&v, 1);

	(void)state;
	give_unit(&sc, 4);
	take_by(sc.mc, 4, MOV, OUTCOME_PASS_1);
	take_by(sc.mc, 4, MOV, OUTCOME_PASS_1);
	assert_int_equal(sc.mc->last.visits, 0);
	assert_true(the_spb(sc.mc, 0)->nr_free_pages < HIGH_WATER);
	assert_int_equal(sc.mc->nr_chances + sc.mc->nr_shrinks, 0);
	spb_react_to_tainted_alloc(the_spb(sc.mc, 0));
	assert_int_equal(sc.mc->nr_chances + sc.mc->nr_shrinks, 0);
	machine_free(sc.mc);
}

/* S6.2 item 2: high water is asked after the page left: 1024 free before order 0 is 1023 then. */
static void test_S6_2_item_2_high_water_after_the_allocation(void **state)
{
	(void)state;
	for (u32 i = 0; i < NR_SITES; i++) {
		const struct site *site = &sites[i];

		for (u64 free = HIGH_WATER; free <= HIGH_WATER + 1; free++) {
			struct scene sc = before_site(site, 1);
			struct superpageblock *sb = the_spb(sc.mc, 0);
			const u64 more = free - sb->nr_free_pages;
			const bool below = free - 1 < HIGH_WATER;

			/* Only the sum matters to the helper; put it back before the check. */
			sb->nr_free_pages += more;
			request(&sc, site);
			sb->nr_free_pages -= more;
			assert_int_equal(count_chances(sc.mc, TRIGGER_ALLOC),
					 below ? site->reactions : 0);
			assert_int_equal(sc.mc->nr_shrinks, below);
			machine_free(sc.mc);
		}
	}
}

/* S6.2 item 2: PASS_2C makes the block reclaimable, too; the helper sees a tainted SPB with it. */
static void test_S6_2_item_2_category_sees_the_new_bits(void **state)
{
	struct scene sc = before_site(&sites[SITE_7_PASS_2C], 1);
	struct superpageblock *sb = the_spb(sc.mc, 0);

	(void)state;
	assert_int_equal(sb->nr_reclaimable, 0);
	request(&sc, &sites[SITE_7_PASS_2C]);
	assert_int_equal(sb->nr_reclaimable, 1);
	assert_int_equal(spb_get_category(sb), SB_TAINTED);
	assert_int_equal(sc.mc->chances[0].verdict, VERDICT_QUEUED);
	machine_free(sc.mc);
}

/* S6.2 item 3: movable requests walk clean lists; PASS_4 in a tainted SPB does not react. */
static void test_S6_2_item_3_movable_reacts_only_by_hint(void **state)
{
	struct variant v = site_variant(&sites[SITE_4_WALK_PART], 1);
	struct scene sc = packed_scene(&v, 1);

	(void)state;
	for (u32 i = 4; i < 10; i++)
		give_unit(&sc, i);
	assert_int_equal(the_spb(sc.mc, 0)->nr_free, 3);
	forget(sc.mc);
	take_by(sc.mc, 9, MOV, OUTCOME_PASS_4);
	take_by(sc.mc, 8, UNMOV, OUTCOME_PASS_2);
	assert_int_equal(count_chances(sc.mc, TRIGGER_ALLOC), 1);
	machine_free(sc.mc);

	v.hints = 1;
	sc = packed_scene(&v, 1);
	give_unit(&sc, 4);
	forget(sc.mc);
	take_by(sc.mc, 8, MOV, OUTCOME_PASS_1);
	assert_int_equal(sc.mc->last.visits, 0);
	assert_int_equal(count_chances(sc.mc, TRIGGER_ALLOC), 1);
	machine_free(sc.mc);
}

/*
 * S6.2 item 4: an SPB with nr_free 0 and many scattered free pages needs defrag but is not below
 * high water: trigger 1 misses it, trigger 2 catches it.
 */
static void test_S6_2_item_4_high_water_is_not_need(void **state)
{
	struct variant v = site_variant(&sites[SITE_4_WALK_PART], 1);
	struct scene sc;

	(void)state;
	v.trigger_fallthrough = 1;
	sc = packed_scene(&v, 2);
	run_for(sc.mc, 6 * NSEC_PER_SEC);
	for (u32 i = 2; i < 18; i += 2)
		give_unit(&sc, i);
	assert_int_equal(the_spb(sc.mc, 0)->nr_free, 0);
	forget(sc.mc);
	take_by(sc.mc, 0, UNMOV, OUTCOME_PASS_2B);
	assert_false(spb_below_shrink_high_water(the_spb(sc.mc, 0)));
	assert_int_equal(sc.mc->nr_chances, 0);
	assert_int_equal(try_take(sc.mc, 10, MOV), UINT32_MAX);
	assert_int_equal(count_verdicts(sc.mc, TRIGGER_FALLTHROUGH, VERDICT_QUEUED), 1);
	machine_free(sc.mc);
}

/* S6.2 item 5: site 6 reacts for the inner PASS_1 and for PASS_2B: asked twice, queued once. */
static void test_S6_2_item_5_site_6_reacts_twice(void **state)
{
	struct scene sc = before_site(&sites[SITE_6_PASS_2B], 1);

	(void)state;
	request(&sc, &sites[SITE_6_PASS_2B]);
	assert_int_equal(count_verdicts(sc.mc, TRIGGER_ALLOC, VERDICT_QUEUED), 1);
	assert_int_equal(count_verdicts(sc.mc, TRIGGER_ALLOC, VERDICT_ACTIVE), 1);
	machine_free(sc.mc);
}

/* A stream of 6000 requests and frees at one instant. Return: hash of all it was told. */
static u64 hash_of_stream(const struct variant *v)
{
	struct machine *mc = machine_new(v, 8);
	u64 dice = 12345, hash = 0;
	u32 live[8192], nr = 0;
	u8 orders[8192];

	for (u32 i = 0; i < 6000; i++) {
		dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
		if (nr && (dice >> 33) % 10 < 4) {
			const u32 at = (u32)(dice >> 40) % nr;

			give(mc, live[at], orders[at]);
			live[at] = live[--nr];
			orders[at] = orders[nr];
		} else {
			orders[nr] = (u8)((dice >> 36) % 9);
			live[nr] = try_take(mc, orders[nr], (u32)(dice >> 50) % 3);
			nr += live[nr] != UINT32_MAX;
			hash = hash * 31 + mc->last.pfn * 16 + mc->last.outcome;
		}
	}
	hash = hash * 31 + the_spb(mc, 0)->nr_free_pages;
	machine_free(mc);
	return hash;
}

/* S6.2 item 6: the patch can change placement only through what the workers do later. */
static void test_S6_2_item_6_placement_changes_only_by_the_worker(void **state)
{
	(void)state;
	for (u32 mode = UPDATE_LIST_BUCKET; mode <= UPDATE_LIST_ALWAYS; mode++) {
		struct variant v = machine_variant();
		u64 first;

		v.update_list_mode = mode;
		first = hash_of_stream(&v);
		for (u32 arm = 1; arm < 4; arm++) {
			v.trigger_alloc = arm & 1;
			v.trigger_fallthrough = arm >> 1;
			assert_true(hash_of_stream(&v) == first);
		}
	}
}

#define T(name) cmocka_unit_test(test_##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(S6_1_site_1_pass_1_by_cpu_hint),
		T(S6_1_site_2_pass_1_by_zone_hint),
		T(S6_1_site_3_pass_1_walk_whole_block),
		T(S6_1_site_4_pass_1_walk_sub_block),
		T(S6_1_site_5_pass_2),
		T(S6_1_site_6_pass_2b),
		T(S6_1_site_7_pass_2c),
		T(S6_1_site_8_pass_2d),
		T(S6_2_item_1_the_patch_does_not_change_shrinks),
		T(S6_2_item_1_the_helper_asks_the_live_category),
		T(S6_2_item_2_high_water_after_the_allocation),
		T(S6_2_item_2_category_sees_the_new_bits),
		T(S6_2_item_3_movable_reacts_only_by_hint),
		T(S6_2_item_4_high_water_is_not_need),
		T(S6_2_item_5_site_6_reacts_twice),
		T(S6_2_item_6_placement_changes_only_by_the_worker),
	};

	return cmocka_run_group_tests_name("paper: S6.1 sites, S6.2 differences", tests, NULL,
					   NULL);
}
