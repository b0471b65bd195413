// SPDX-License-Identifier: GPL-2.0
/*
 * Every knob changes an outcome: one row for each, which says the value, the load under which it
 * matters and what else must be set for it. A knob without a row fails the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/gfp.h"
#include "tests/lib/scene.h"

#define STREAM_OPS 12000
#define STREAM_SPBS 12

/* ---- loads: what came of it, as one number ---- */

static u64 mix_in(u64 hash, u64 x)
{
	hash ^= x + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
	return hash * 0xbf58476d1ce4e5b9ULL;
}

/**
 * struct stream - a random load under way; @live: units in use, @order: theirs by unit
 * @by_gfp: requests have gfp flags
 */
struct stream {
	struct machine *mc;
	bool by_gfp;
	u64 dice;
	u64 hash;
	u32 live[MACHINE_UNITS];
	u32 nr;
	u8 order[MACHINE_UNITS];
};

static u32 roll(struct stream *s, u32 n)
{
	s->dice = s->dice * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(s->dice >> 33) % n;
}

/* Callers of all kinds: with and without reclaim, with and without something cheaper. */
static u32 roll_gfp(struct stream *s)
{
	static const u32 gfps[] = {
		GFP_KERNEL, GFP_KERNEL | ___GFP_RETRY_MAYFAIL, GFP_KERNEL | ___GFP_NORETRY,
		GFP_KERNEL | ___GFP_DMA32 | ___GFP_NORETRY, ___GFP_HIGH | ___GFP_KSWAPD_RECLAIM,
		___GFP_KSWAPD_RECLAIM | ___GFP_NOWARN,
	};

	return gfps[roll(s, ARRAY_SIZE(gfps))];
}

static void stream_take(struct stream *s)
{
	static const u8 types[] = { MOV, MOV, MOV, UNMOV, UNMOV, RECL };
	const u8 order = (u8)(roll(s, 3) ? roll(s, 4) : roll(s, 11));
	const u32 mt = types[roll(s, ARRAY_SIZE(types))];
	const u32 unit = s->by_gfp ? try_take_gfp(s->mc, 0, order, mt, roll_gfp(s)) :
				     try_take_on(s->mc, (u16)roll(s, 2), order, mt);
	const struct model_result *r = &s->mc->last;

	s->hash = mix_in(s->hash, unit == UINT32_MAX ? 1 : r->pfn);
	s->hash = mix_in(s->hash, (u64)r->outcome << 40 | (u64)r->category << 32 | r->visits);
	if (unit == UINT32_MAX)
		return;
	s->order[unit] = order;
	s->live[s->nr++] = unit;
}

static void stream_give(struct stream *s)
{
	const u32 at = roll(s, s->nr);
	const u32 unit = s->live[at];

	s->live[at] = s->live[--s->nr];
	if (s->mc->pfn[unit])	/* else the worker dropped it */
		give(s->mc, unit, s->order[unit]);
}

static u64 hash_counters(u64 hash, const struct machine *mc)
{
	const struct model_counters *c = model_counters(mc->m, 0);
	u64 words[sizeof(*c) / sizeof(u64)];

	memcpy(words, c, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		hash = mix_in(hash, words[i]);
	for (u32 i = 0; i < mc->nr_passes; i++)
		hash = mix_in(mix_in(hash, mc->passes[i].start), mc->passes[i].end);
	return mix_in(hash, mc->nr_taints);
}

/*
 * Fills the machine, then lets it breathe; time passes in
 * steps of microseconds and, now and then, up to a second.
 */
static u64 play(struct machine *mc, bool by_gfp)
{
	struct stream *s = calloc(1, sizeof(*s));
	u64 hash;

	assert_non_null(s);
	s->mc = mc;
	s->by_gfp = by_gfp;
	s->dice = 42;
	for (u32 i = 0; i < STREAM_OPS; i++) {
		const u32 share = i / 1500 % 2 ? 45 : 75;

		mc->now += roll(s, 100) ? roll(s, 100000) : roll(s, NSEC_PER_SEC);
		model_run(mc->m, mc->now);
		if (!s->nr || roll(s, 100) < share)
			stream_take(s);
		else
			stream_give(s);
	}
	run_for(mc, 20 * NSEC_PER_SEC);
	hash = hash_counters(s->hash, mc);
	free(s);
	machine_free(mc);
	return hash;
}

static u64 zone_level(const struct variant *v)
{
	return play(machine_new(v, STREAM_SPBS), false);
}

static u64 gfp_level(const struct variant *v)
{
	return play(machine_new(v, STREAM_SPBS), true);
}

static u64 page_level(const struct variant *v)
{
	return play(machine_new_page_level(v, STREAM_SPBS), false);
}

/* Movable requests of the largest order, when what is free lies scattered in clean SPBs. */
static u64 huge_pages(const struct variant *v)
{
	struct machine *mc = machine_new(v, 2);
	u32 units[64];
	u64 hash = 0;

	for (u32 i = 0; i < ARRAY_SIZE(units); i++)
		units[i] = take(mc, 8, MOV);
	for (u32 i = 0; i < ARRAY_SIZE(units); i++) {
		/* Block 1 of every four, and half of the others. */
		if ((mc->pfn[units[i]] / MACHINE_BLOCK) % 4 == 1 ||
		    mc->pfn[units[i]] % MACHINE_BLOCK)
			give(mc, units[i], 8);
	}
	for (u32 i = 0; i < 4; i++) {
		try_take_gfp(mc, 0, 10, MOV, GFP_HIGHUSER_MOVABLE);
		hash = mix_in(hash, (u64)mc->last.outcome << 40 | mc->last.pfn);
	}
	hash = hash_counters(hash, mc);
	machine_free(mc);
	return hash;
}

/* A stuck SPB that somebody asks about every millisecond, while its free pages grow. */
static u64 stuck_spb(const struct variant *v)
{
	struct scene sc = stuck_scene(v, 2);
	u64 hash;

	run_for(sc.mc, 3 * NSEC_PER_SEC);
	for (u32 i = 0; i < 3000; i++) {
		run_for(sc.mc, NSEC_PER_MSEC);
		if (i % 2000 == 500)
			give_unit(&sc, i == 500 ? 3 : 5);
		ask_defrag(sc.mc, 0);
	}
	hash = hash_counters(0, sc.mc);
	machine_free(sc.mc);
	return hash;
}

/* ---- rows ---- */

#define MAX_WITH 3

/** struct setting - a knob by name; NULL: none */
struct setting {
	const char *knob;
	u32 value;
};

/**
 * struct row - @set: the knob in question, @load: where it matters
 * @with: also set, in both runs, so that there is something to change
 */
struct row {
	struct setting set;
	u64 (*load)(const struct variant *v);
	struct setting with[MAX_WITH];
};

static const struct row rows[] = {
	{ { "allocator", ALLOCATOR_VANILLA }, zone_level, { { 0 } } },
	{ { "update_list_mode", UPDATE_LIST_ALWAYS }, zone_level, { { 0 } } },
	{ { "update_list_rotate", 1 }, zone_level, { { 0 } } },
	{ { "trigger_update", 0 }, zone_level, { { 0 } } },
	{ { "trigger_alloc", 1 }, zone_level, { { 0 } } },
	{ { "trigger_fallthrough", 1 }, zone_level, { { 0 } } },
	{ { "defrag_clean", DEFRAG_CLEAN_STUB }, zone_level, { { 0 } } },
	{ { "defrag_cooldown_ms", 100 }, stuck_spb, { { 0 } } },
	{ { "cooldown_bypass_pages", 64 }, stuck_spb, { { 0 } } },
	{ { "tainted_reserve_min", 4 }, zone_level, { { 0 } } },
	{ { "tainted_reserve_div", 2 }, zone_level, { { 0 } } },
	{ { "aggressive_threshold", STREAM_SPBS }, zone_level, { { "pass_2b", 0 }, { "pass_2d", 0 } } },
	{ { "search", SEARCH_BITMAP }, zone_level, { { 0 } } },
	{ { "hints", 0 }, zone_level, { { 0 } } },
	{ { "pass1_whole_first", 0 }, zone_level, { { 0 } } },
	{ { "pass_1", 0 }, zone_level, { { 0 } } },
	{ { "pass_2", 0 }, zone_level, { { 0 } } },
	{ { "pass_2b", 0 }, zone_level, { { 0 } } },
	{ { "pass_2c", 0 }, zone_level, { { 0 } } },
	{ { "pass_2d", 0 }, zone_level, { { "pass_2b", 0 } } },
	{ { "pass_3", 0 }, zone_level, { { 0 } } },
	{ { "pass_4", 0 }, zone_level, { { 0 } } },
	{ { "fallback_claim", 0 }, zone_level, { { 0 } } },
	{ { "fallback_steal", 0 }, zone_level, { { "pass_2d", 0 }, { "fallback_claim", 0 } } },
	{ { "order10_quirk", 0 }, zone_level, { { 0 } } },
	{ { "trigger_reserve", 0 }, gfp_level, { { "evac_deferred", 1 } } },
	{ { "pass3_literal", 0 }, zone_level, { { 0 } } },
	{ { "slowpath_mode", SLOWPATH_DIRECT }, zone_level, { { 0 } } },
	{ { "slowpath_unrecorded", SLOWPATH_KERNEL }, zone_level, { { 0 } } },
	{ { "slowpath_evacuate", 0 }, gfp_level, { { 0 } } },
	{ { "slowpath_contig", 0 }, huge_pages, { { 0 } } },
	{ { "highorder_optional", 0 }, gfp_level, { { 0 } } },
	{ { "relax_nowarn", 1 }, gfp_level, { { 0 } } },
	{ { "reclaim_gives_pages", 64 }, gfp_level, { { "clean_drop_ppm", 500000 } } },
	{ { "reclaim_ms", 50 }, gfp_level, { { "reclaim_gives_pages", 64 } } },
	{ { "highatomic", 0 }, gfp_level, { { 0 } } },
	{ { "pcp_mode", PCP_NONE }, page_level, { { 0 } } },
	{ { "pcp_batch", 7 }, page_level, { { 0 } } },
	{ { "pcp_high_min", 500 }, page_level, { { 0 } } },
	{ { "pcp_high_max", 600 }, page_level, { { 0 } } },
	{ { "pcp_decay_ms", 1 }, page_level, { { 0 } } },
	{ { "worker_threads", 1 }, zone_level, { { 0 } } },
	{ { "irq_work_order", IRQ_WORK_FIFO }, zone_level, { { "trigger_fallthrough", 1 } } },
	{ { "worker_latency_us", 5000 }, zone_level, { { 0 } } },
	{ { "migrate_us_per_page", 20 }, zone_level, { { 0 } } },
	{ { "migrate_batch", 4 }, zone_level, { { "migrate_us_per_page", 20 } } },
	{ { "migrate_fail_ppm", 300000 }, zone_level, { { 0 } } },
	{ { "clean_drop_ppm", 300000 }, zone_level, { { 0 } } },
	{ { "compact_skip", 0 }, zone_level, { { "evac_deferred", 1 } } },
	{ { "evac_deferred", 1 }, zone_level, { { 0 } } },
	{ { "evac_throttle_ms", 1000 }, zone_level, { { "evac_deferred", 1 } } },
	{ { "evac_candidates", 1 }, zone_level, { { "evac_deferred", 1 } } },
	{ { "evac_pb_per_sb", 1 }, zone_level, { { "evac_deferred", 1 } } },
	{ { "evac_phases", 2 }, zone_level, { { "evac_deferred", 1 } } },
	{ { "shrink_enable", 0 }, zone_level, { { 0 } } },
	{ { "shrink_run_us", 100000 }, zone_level, { { 0 } } },
	{ { "shrink_pages_per_run", 20 }, zone_level, { { 0 } } },
	{ { "hz", 100 }, stuck_spb, { { 0 } } },
};

static void set(struct variant *v, const struct setting *s)
{
	const struct knob *k = knob_find(s->knob);

	if (!k || knob_set(v, k, s->value))
		fail_msg("knob %s cannot be %u", s->knob, s->value);
}

static void test_each_knob_changes_an_outcome(void **state)
{
	u32 idle = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct variant v = machine_variant();
		u64 before;

		for (u32 w = 0; w < MAX_WITH && rows[i].with[w].knob; w++)
			set(&v, &rows[i].with[w]);
		if (knob_get(&v, knob_find(rows[i].set.knob)) == rows[i].set.value)
			fail_msg("%s: the row does not change it", rows[i].set.knob);
		before = rows[i].load(&v);
		assert_true(rows[i].load(&v) == before);
		set(&v, &rows[i].set);
		if (rows[i].load(&v) == before) {
			print_message("%s = %u changes nothing\n", rows[i].set.knob,
				      rows[i].set.value);
			idle++;
		}
	}
	assert_int_equal(idle, 0);
}

static void test_no_knob_lacks_a_row(void **state)
{
	(void)state;
	for (size_t k = 0; k < nr_knobs; k++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(rows) && strcmp(rows[i].set.knob, knob_table[k].name))
			i++;
		if (i == ARRAY_SIZE(rows))
			fail_msg("knob %s has no row that shows its effect", knob_table[k].name);
	}
}

/* ---- the machine's own knobs (S10 items 9, 16, 17): not a variant's, but the host's ---- */

static const struct model_zone_config machine_zone = {
	.name = "Normal", .start_pfn = MACHINE_START, .spanned = STREAM_SPBS * MACHINE_SPB,
};
static const struct model_range reserved = { MACHINE_START + 100, MACHINE_START + 700, false };

static void larger_pageblock(struct model_config *c)
{
	c->pageblock_order = 10;
}

static void larger_buddies(struct model_config *c)
{
	c->max_order = 11;
}

static void larger_spb(struct model_config *c)
{
	c->spb_order = 14;
}

static void one_cpu(struct model_config *c)
{
	c->nr_cpus = 1;
}

static void reserved_range(struct model_config *c)
{
	c->ranges = &reserved;
	c->nr_ranges = 1;
}

static void larger_pages(struct model_config *c)
{
	c->page_size = 65536;
}

static void other_seed(struct model_config *c)
{
	c->seed = 2;
}

static u64 play_on(const struct variant *v, void (*change)(struct model_config *c))
{
	struct model_config c = {
		.zones = &machine_zone, .nr_zones = 1, .pageblock_order = 9, .spb_order = 13,
		.max_order = 10, .nr_cpus = 2, .seed = 1, .page_level = change == larger_pages,
	};

	if (change)
		change(&c);
	return play(machine_new_config(v, &c), false);
}

static void test_each_size_of_the_machine_changes_an_outcome(void **state)
{
	static void (*const changes[])(struct model_config *c) = {
		larger_pageblock, larger_buddies, larger_spb, one_cpu, reserved_range, larger_pages,
		other_seed,
	};
	struct variant v = machine_variant();
	u64 before;

	(void)state;
	v.migrate_fail_ppm = 100000;
	before = play_on(&v, NULL);
	assert_true(play_on(&v, NULL) == before);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		if (changes[i] == larger_pages)
			before = page_level(&v);
		if (play_on(&v, changes[i]) == before)
			fail_msg("change %zu changes nothing", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_knob_lacks_a_row),
		cmocka_unit_test(test_each_knob_changes_an_outcome),
		cmocka_unit_test(test_each_size_of_the_machine_changes_an_outcome),
	};

	return cmocka_run_group_tests_name("model: knobs", tests, NULL, NULL);
}
