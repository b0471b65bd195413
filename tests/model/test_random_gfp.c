// SPDX-License-Identifier: GPL-2.0
/*
 * Random requests with gfp flags under random knobs of the slow path, reclaim and slab shrinks: all
 * invariants hold after every operation, and the same seed gives the same run. SPB_GFP_SEED repeats
 * one round.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/gfp.h"
#include "tests/lib/machine.h"

#define ROUNDS 24
#define OPS 6000

/**
 * struct round - a run of one seed; @live: units in use, @order: theirs by unit; @sum: of all seeds
 */
struct round {
	struct model_counters sum;
	u64 seed;
	u64 dice;
	u64 hash;
	struct machine *mc;
	u32 nr_live;
	u32 live[OPS * 2];
	u8 order[OPS * 2];
};

static u32 roll(struct round *r, u32 n)
{
	r->dice = mix64(r->dice);
	return (u32)(r->dice % n);
}

static struct variant roll_variant(struct round *r)
{
	static const u32 ppm[] = { 0, 50000, 500000, 1000000 };
	struct variant v = machine_variant();

	v.update_list_mode = roll(r, 2);
	v.trigger_alloc = roll(r, 2);
	v.trigger_fallthrough = roll(r, 2);
	v.allocator = roll(r, 6) ? ALLOCATOR_SPB : ALLOCATOR_VANILLA;
	v.search = roll(r, 3) ? SEARCH_LIST : SEARCH_BITMAP;
	v.slowpath_unrecorded = roll(r, 4);
	v.slowpath_evacuate = roll(r, 3) > 0;
	v.slowpath_contig = roll(r, 4) > 0;
	v.highorder_optional = roll(r, 2);
	v.relax_nowarn = roll(r, 2);
	v.trigger_reserve = roll(r, 2);
	v.pass3_literal = roll(r, 4) > 0;
	v.pass1_whole_first = roll(r, 2);
	v.evac_deferred = roll(r, 2);
	v.evac_phases = 1 + roll(r, 2);
	v.evac_pb_per_sb = 1 + roll(r, 8);
	v.migrate_fail_ppm = ppm[roll(r, 4)];
	v.clean_drop_ppm = ppm[roll(r, 4)];
	v.reclaim_gives_pages = roll(r, 2) ? roll(r, 600) : 0;
	v.shrink_pages_per_run = roll(r, 2) ? roll(r, 300) : 0;
	v.shrink_run_us = roll(r, 500);
	return v;
}

/* Any mixture of the bits that matter, now and then none. */
static u32 roll_gfp(struct round *r)
{
	static const u32 bits[] = {
		___GFP_DMA32, ___GFP_HIGH, ___GFP_NOWARN, ___GFP_RETRY_MAYFAIL, ___GFP_NOFAIL,
		___GFP_NORETRY, ___GFP_MEMALLOC, ___GFP_NOMEMALLOC, ___GFP_THISNODE,
	};
	u32 gfp = roll(r, 3) ? GFP_KERNEL : ___GFP_KSWAPD_RECLAIM;

	if (!roll(r, 8))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		gfp |= roll(r, 4) ? 0 : bits[i];
	return gfp;
}

static void take_one(struct round *r)
{
	static const u8 types[] = { 1, 1, 1, 1, 0, 0, 2, 2, 3 };
	const u8 order = (u8)(roll(r, 2) ? roll(r, 3) : roll(r, 11));
	const u32 mt = types[roll(r, ARRAY_SIZE(types))];
	const u32 unit = try_take_gfp(r->mc, roll(r, 3), order, mt, roll_gfp(r));

	r->hash = mix64(r->hash ^ (unit == UINT32_MAX ? 1 : r->mc->last.pfn));
	r->hash = mix64(r->hash ^ r->mc->last.outcome);
	if (unit == UINT32_MAX)
		return;
	r->order[unit] = order;
	r->live[r->nr_live++] = unit;
}

static void give_one(struct round *r)
{
	const u32 at = roll(r, r->nr_live);
	const u32 unit = r->live[at];

	r->live[at] = r->live[--r->nr_live];
	if (r->mc->pfn[unit])	/* else it was reclaimed */
		give(r->mc, unit, r->order[unit]);
}

static void add_up(struct model_counters *sum, const struct model_counters *c)
{
	sum->outcomes[OUTCOME_CONTIG] += c->outcomes[OUTCOME_CONTIG];
	sum->outcomes[OUTCOME_NO_PAGE] += c->outcomes[OUTCOME_NO_PAGE];
	sum->evac_direct += c->evac_direct;
	sum->highorder_refused += c->highorder_refused;
	sum->pages_reclaimed += c->pages_reclaimed;
	sum->pages_shrunk += c->pages_shrunk;
}

static u64 play(struct round *r, u64 seed)
{
	static const struct model_zone_config zones[] = {
		{ 0, "DMA32", MACHINE_START, 2 * MACHINE_SPB },
		{ 0, "Normal", MACHINE_START + 2 * MACHINE_SPB, 9 * MACHINE_SPB },
		{ 1, "Normal", MACHINE_START + 11 * MACHINE_SPB, 2 * MACHINE_SPB },
	};
	struct model_config config = {
		.zones = zones, .nr_zones = 3, .pageblock_order = 9, .spb_order = 13,
		.max_order = 10, .nr_cpus = 2, .seed = seed,
	};
	struct variant v;
	char why[256];

	*r = (struct round){ .seed = seed, .dice = seed, .sum = r->sum };
	v = roll_variant(r);
	config.page_level = !roll(r, 3);
	r->mc = machine_new_config(&v, &config);
	for (u32 i = 0; i < OPS; i++) {
		const u32 share = i / 1000 % 2 ? 40 : 70;

		run_for(r->mc, roll(r, 50) ? roll(r, 20000) : roll(r, 300000000));
		if (!r->nr_live || roll(r, 100) < share)
			take_one(r);
		else
			give_one(r);
		if (model_check_touched(r->mc->m, why, sizeof(why)))
			fail_msg("SPB_GFP_SEED=%" PRIu64 " operation %u: %s", seed, i, why);
	}
	run_for(r->mc, 10 * NSEC_PER_SEC);
	if (model_check(r->mc->m, why, sizeof(why)))
		fail_msg("SPB_GFP_SEED=%" PRIu64 " at the end: %s", seed, why);
	for (u32 z = 0; z < 3; z++)
		add_up(&r->sum, model_counters(r->mc->m, z));
	machine_free(r->mc);
	return r->hash;
}

static void test_invariants_under_random_gfp(void **state)
{
	const char *only = getenv("SPB_GFP_SEED");
	struct round *r = calloc(1, sizeof(*r));

	(void)state;
	assert_non_null(r);
	for (u64 i = 0; i < (only ? 1 : ROUNDS); i++) {
		const u64 seed = only ? strtoull(only, NULL, 0) : 7000 + i;
		const u64 hash = play(r, seed);

		if (play(r, seed) != hash)
			fail_msg("SPB_GFP_SEED=%" PRIu64 ": two runs differ", seed);
	}
	/* A stream that never gets there proves nothing. */
	assert_true(only || (r->sum.outcomes[OUTCOME_CONTIG] && r->sum.outcomes[OUTCOME_NO_PAGE] &&
			     r->sum.evac_direct && r->sum.highorder_refused &&
			     r->sum.pages_reclaimed && r->sum.pages_shrunk));
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_invariants_under_random_gfp),
	};

	return cmocka_run_group_tests_name("model: random requests by gfp", tests, NULL, NULL);
}
