// SPDX-License-Identifier: GPL-2.0
#include "tests/oracle/round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common/builtin.h"
#include "cmd/common/variant_json.h"

u64 round_dice(struct round *r)
{
	u64 z = (r->rng += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static u32 below(struct round *r, u32 n)
{
	return (u32)(round_dice(r) % n);
}

static u32 one_in(struct round *r, u32 n)
{
	return below(r, n) == 0;
}

/* The four arms of the patch in both update modes; the rest is dice. */
static void choose_variant(struct round *r, u32 arm)
{
	static const u32 cooldown[] = { 0, 1, 20, 500, 5000 };
	static const u32 ppm[] = { 0, 0, 0, 20000, 300000, 1000000 };
	struct variant *v = &r->v;

	variant_init(v);
	v->trigger_alloc = arm & 1;
	v->trigger_fallthrough = arm >> 1 & 1;
	v->update_list_mode = arm >> 2 & 1 ? UPDATE_LIST_ALWAYS : UPDATE_LIST_BUCKET;
	v->update_list_rotate = one_in(r, 4);
	v->trigger_update = !one_in(r, 8);
	v->hints = !one_in(r, 3);
	v->pass3_literal = !one_in(r, 6);
	v->search = one_in(r, 4) ? SEARCH_BITMAP : SEARCH_LIST;
	v->pass1_whole_first = !one_in(r, 4);
	v->order10_quirk = !one_in(r, 4);
	v->slowpath_mode = one_in(r, 2) ? SLOWPATH_GFP : below(r, SLOWPATH_GFP);
	v->slowpath_unrecorded = below(r, SLOWPATH_GFP);
	v->slowpath_evacuate = !one_in(r, 4);
	v->slowpath_contig = !one_in(r, 4);
	v->highorder_optional = !one_in(r, 4);
	v->relax_nowarn = one_in(r, 2);
	v->trigger_reserve = !one_in(r, 4);
	v->tainted_reserve_min = below(r, 6);
	v->tainted_reserve_div = 1 + below(r, 16);
	v->aggressive_threshold = one_in(r, 2) ? 8 : 1;
	v->defrag_cooldown_ms = cooldown[below(r, 5)];
	v->cooldown_bypass_pages = below(r, 3) ? 1U << r->config.pageblock_order : below(r, 2000);
	v->migrate_fail_ppm = ppm[below(r, 6)];
	v->clean_drop_ppm = ppm[below(r, 5)];
	v->migrate_batch = one_in(r, 2) ? 32 : 1 + below(r, 64);
	v->compact_skip = !one_in(r, 3);
	v->migrate_us_per_page = below(r, 4);
	v->highatomic = !one_in(r, 3);
	v->worker_threads = one_in(r, 2) ? 0 : 1 + below(r, 3);
	v->irq_work_order = below(r, 2);
	v->worker_latency_us = one_in(r, 2) ? 50 : below(r, 2000);
	v->evac_deferred = one_in(r, 3);
	v->evac_throttle_ms = one_in(r, 2) ? 10 : below(r, 200);
	v->evac_candidates = 1 + below(r, 16);
	v->evac_pb_per_sb = 1 + below(r, 10);
	v->evac_phases = 1 + one_in(r, 3);
	v->shrink_enable = !one_in(r, 6);
	v->shrink_run_us = below(r, 3000);
	v->hz = one_in(r, 3) ? 250 : 1000;
	v->defrag_clean = one_in(r, 5);
}

/* Per-CPU lists stand between callers and the buddy at page level only. */
static void choose_lists(struct round *r)
{
	static const u32 batch[] = { 0, 0, 7, 31, 63 };
	struct variant *v = &r->v;

	r->config.page_level = one_in(r, 2);
	v->pcp_mode = PCP_VANILLA + one_in(r, 2);
	v->pcp_batch = batch[below(r, 5)];
	v->pcp_high_min = one_in(r, 2) ? 0 : below(r, one_in(r, 3) ? 150 : 600);
	v->pcp_decay_ms = one_in(r, 3) ? 0 : 1 + below(r, one_in(r, 2) ? 30 : 3000);
	v->pcp_high_max = one_in(r, 2) ? 0 : below(r, 3000);
}

/* What reclaim and shrinks give back */
static void choose_returns(struct round *r)
{
	if (one_in(r, 2))
		r->v.shrink_pages_per_run = below(r, 500);
	if (one_in(r, 2))
		r->v.reclaim_gives_pages = below(r, 100);
	r->v.reclaim_ms = below(r, 20);
}

/* What reclaim gives is rarely enough, and the reserve is asked for a block. */
static void choose_atomic(struct round *r)
{
	r->v.highatomic = 1;
	r->v.clean_drop_ppm = 300000;
	r->v.reclaim_gives_pages = 1 + below(r, 4);
}

/* Upstream: knobs of passes, triggers and workers rest. */
static void choose_vanilla(struct round *r)
{
	r->v.allocator = ALLOCATOR_VANILLA;
	if (r->v.pcp_mode == PCP_BUDDY)
		r->v.pcp_mode = PCP_VANILLA;
}

static void choose_switches(struct round *r)
{
	u32 *const sw[] = { &r->v.pass_2, &r->v.pass_2b, &r->v.pass_2c, &r->v.pass_2d,
			    &r->v.pass_3, &r->v.pass_4, &r->v.fallback_claim,
			    &r->v.fallback_steal };

	for (u32 i = 0; i < ARRAY_SIZE(sw); i++)
		*sw[i] = !one_in(r, 10);
}

static void add_zone(struct round *r, u32 node, const char *name, u64 start, u64 spanned)
{
	struct model_zone_config *z = &r->zones[r->config.nr_zones++];

	z->node = node;
	snprintf(z->name, sizeof(z->name), "%s", name);
	z->start_pfn = start;
	z->spanned = spanned;
}

static void add_range(struct round *r, u64 start, u64 len, bool absent)
{
	if (len)
		r->ranges[r->config.nr_ranges++] = (struct model_range){ start, start + len,
									 absent };
}

static bool hits_range(const struct round *r, u64 start, u64 end)
{
	for (u32 i = 0; i < r->config.nr_ranges; i++) {
		if (r->ranges[i].start < end && start < r->ranges[i].end)
			return true;
	}
	return false;
}

/* CMA areas of a few blocks each in the first zone named Normal */
static void choose_areas(struct round *r)
{
	const u64 block = 1ULL << r->config.pageblock_order;
	const struct model_zone_config *z = &r->zones[0];
	u64 at;

	while (strcmp(z->name, "Normal"))
		z++;
	at = (z->start_pfn + block - 1) / block * block + block * below(r, 20);
	for (u32 i = 0; i < ROUND_CMA; i++) {
		const u64 end = at + block * (1 + below(r, 24));

		if (end > z->start_pfn + z->spanned)
			return;
		if (!hits_range(r, at, end))
			r->cma[r->config.nr_cma++] = (struct model_range){ at, end, false };
		at = end + block * below(r, 20);
	}
}

/* One to three zones on one or two nodes; ends and holes anywhere, also inside blocks. */
static void choose_machine(struct round *r)
{
	static const u8 geometry[][3] = { { 9, 10, 13 }, { 9, 10, 12 }, { 9, 10, 11 },
					{ 11, 11, 13 } };
	/* Two blocks of reserve take a hundred times as much memory. */
	const u8 *g = geometry[r->atomic ? 0 : below(r, ARRAY_SIZE(geometry))];
	const u64 spb = 1ULL << g[2], block = 1ULL << g[0];
	const u64 low = spb * (1 + below(r, 3));
	u64 at, spbs;

	r->config = (struct model_config){ .zones = r->zones, .ranges = r->ranges,
					   .cma = r->cma, .pageblock_order = g[0], .max_order = g[1],
					   .spb_order = g[2], .nr_cpus = 1 + below(r, 3),
					   .seed = round_dice(r) };
	if (one_in(r, 2))
		add_zone(r, 0, "DMA32", below(r, 2) * below(r, (u32)spb),
			 low + (one_in(r, 2) ? below(r, (u32)spb) : 0));
	at = 16 * spb;
	if (one_in(r, 3))
		at += one_in(r, 2) ? block * below(r, 4) : below(r, (u32)spb);
	spbs = r->atomic ? 7 + below(r, 6) : 2 + below(r, 11);
	add_zone(r, 0, "Normal", at, spb * spbs + below(r, 2) * below(r, (u32)spb));
	if (one_in(r, 3))
		add_zone(r, 1, "Normal", 64 * spb, spb * (2 + below(r, 3)));
	at += below(r, (u32)spb);
	for (u32 i = 0; i < 3; i++) {
		const u64 len = one_in(r, 2) ? below(r, 200) : below(r, (u32)spb);

		add_range(r, at, len, one_in(r, 2));
		at += len + 1 + below(r, (u32)spb);
	}
	if (one_in(r, 3))
		choose_areas(r);
}

u32 round_arms(void)
{
	return ROUND_ARM_BUILTIN + 2 * (u32)nr_builtins;
}

static void choose_builtin(struct round *r, u32 nr)
{
	struct error err = { 0 };

	if (variant_load(builtin_table[nr / 2].name, &r->v, &err))
		abort();
	r->v.update_list_mode = nr % 2 ? UPDATE_LIST_ALWAYS : UPDATE_LIST_BUCKET;
	r->config.page_level = one_in(r, 2);
}

void round_init(struct round *r, u64 seed, u32 arm)
{
	memset(r, 0, sizeof(*r));
	r->rng = seed;
	r->atomic = arm < ROUND_ARM_BUILTIN && one_in(r, 5);
	choose_machine(r);
	if (arm >= ROUND_ARM_BUILTIN) {
		choose_builtin(r, arm - ROUND_ARM_BUILTIN);
		return;
	}
	choose_variant(r, arm);
	choose_lists(r);
	choose_returns(r);
	if (r->atomic)
		choose_atomic(r);
	if (arm == ROUND_ARM_VANILLA)
		choose_vanilla(r);
	if (one_in(r, 2))
		choose_switches(r);
}

void round_describe(const struct round *r, char *out, size_t len)
{
	struct variant defaults;
	size_t at = (size_t)snprintf(out, len, "%s: orders %u/%u/%u cpus %u;", r->v.name,
				     r->config.pageblock_order, r->config.max_order,
				     r->config.spb_order, r->config.nr_cpus);

	variant_init(&defaults);
	for (u32 i = 0; i < r->config.nr_zones && at < len; i++)
		at += (size_t)snprintf(out + at, len - at, " zone %u/%s %llu+%llu", r->zones[i].node,
				       r->zones[i].name,
				       (unsigned long long)r->zones[i].start_pfn,
				       (unsigned long long)r->zones[i].spanned);
	for (u32 i = 0; i < r->config.nr_ranges && at < len; i++)
		at += (size_t)snprintf(out + at, len - at, " %s %llu-%llu",
				       r->ranges[i].absent ? "hole" : "memblock",
				       (unsigned long long)r->ranges[i].start,
				       (unsigned long long)r->ranges[i].end);
	for (u32 i = 0; i < r->config.nr_cma && at < len; i++)
		at += (size_t)snprintf(out + at, len - at, " cma %llu-%llu",
				       (unsigned long long)r->cma[i].start,
				       (unsigned long long)r->cma[i].end);
	if (r->config.page_level && at < len)
		at += (size_t)snprintf(out + at, len - at, " page level");
	for (size_t i = 0; i < nr_knobs && at < len; i++) {
		const u32 value = knob_get(&r->v, &knob_table[i]);

		if (value != knob_get(&defaults, &knob_table[i]))
			at += (size_t)snprintf(out + at, len - at, " %s=%u", knob_table[i].name,
					       value);
	}
}

static void new_phase(struct round *r)
{
	static const u32 fill[] = { 200, 500, 700, 850, 950, 990, 1100 };

	r->phase_left = 200 + below(r, 3000);
	r->phase_fill = fill[below(r, ARRAY_SIZE(fill))];
	r->phase_type = below(r, 4);
	r->phase_order = below(r, 4);
	r->phase_tick = below(r, 4);
}

/* Mostly microseconds; now and then long enough for passes to end and cooldowns to expire. */
static u64 tick(struct round *r)
{
	static const u32 usual[] = { 300, 3000, 30000, 300000 };

	if (one_in(r, 500))
		return round_dice(r) % (6 * NSEC_PER_SEC);
	if (one_in(r, 20))
		return round_dice(r) % (5 * NSEC_PER_MSEC);
	return round_dice(r) % usual[r->phase_tick];
}

enum round_op round_next(struct round *r, u64 fill, u64 *now)
{
	if (!r->phase_left--)
		new_phase(r);
	*now += tick(r);
	if (one_in(r, 30))
		return ROUND_SPLIT;
	if (one_in(r, 30))
		return ROUND_WAIT;
	if (one_in(r, 300))
		return ROUND_WHOLE_SPB;
	return below(r, 100) < (fill < r->phase_fill ? 70U : 30U) ? ROUND_ALLOC : ROUND_FREE;
}

void round_request(struct round *r, struct model_req *req)
{
	static const u8 types[][10] = {
		{ 0, 0, 1, 1, 1, 1, 1, 2, 2, 3 },
		{ 1, 1, 1, 1, 1, 1, 1, 1, 0, 4 },
		{ 0, 0, 0, 0, 2, 2, 2, 2, 1, 3 },
		{ 1, 1, 1, 1, 1, 1, 2, 2, 2, 2 },
	};
	/*
	 * GFP_KERNEL, GFP_ATOMIC, GFP_NOWAIT, GFP_TRANSHUGE_LIGHT and what callers add; 0: unknown
	 */
	static const u32 gfps[] = {
		0, 0, 0xcc0, 0xcc0, 0xdc0, 0x820, 0x2820, 0x2800, 0x12cc0, 0x12800, 0x4cc0, 0x8cc0,
		0x20820, 0x92800, 0x100cca, 0x1000ca | 0xc00, 0x92c0 | 0x400, 0x210cc0, 0x10cc4, 0xcc1,
	};
	const u32 top = r->config.max_order + 1;
	const bool atomic = r->atomic && one_in(r, 4);

	*req = (struct model_req){
		.ident = round_dice(r),
		.zone = (u16)below(r, r->config.nr_zones),
		.cpu = (u16)below(r, 4),
		.gfp = gfps[below(r, ARRAY_SIZE(gfps))],
		.migratetype = types[r->phase_type][below(r, 10)],
	};
	if (atomic) {
		req->migratetype = MIGRATE_HIGHATOMIC;
		req->order = (u8)(1 + below(r, 3));
		return;
	}
	switch (r->phase_order) {
	case 0:
		req->order = (u8)below(r, top);
		break;
	case 1:
		req->order = one_in(r, 2) ? (u8)(top - 2) : (u8)below(r, 4);
		break;
	default:
		req->order = one_in(r, 3) ? (u8)below(r, top) : (u8)below(r, 7);
		break;
	}
}
