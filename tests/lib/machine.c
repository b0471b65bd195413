// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define START_PFN MACHINE_START

static void on_moved(void *ctx, u32 owner, u64 to)
{
	((struct machine *)ctx)->pfn[owner] = to;
}

static void on_dropped(void *ctx, u32 owner)
{
	struct machine *mc = ctx;

	mc->pfn[owner] = 0;
	mc->nr_dropped++;
}

static void on_taint(void *ctx, const struct model_taint *t)
{
	struct machine *mc = ctx;

	if (mc->nr_taints < MACHINE_LOG)
		mc->taints[mc->nr_taints++] = *t;
}

static void on_chance(void *ctx, const struct model_chance *c)
{
	struct machine *mc = ctx;

	if (mc->nr_chances < MACHINE_LOG)
		mc->chances[mc->nr_chances++] = *c;
}

static void on_pass(void *ctx, const struct model_defrag_pass *p)
{
	struct machine *mc = ctx;

	if (mc->nr_passes < MACHINE_LOG)
		mc->passes[mc->nr_passes++] = *p;
}

static void on_event(void *ctx, const struct model_event *e)
{
	struct machine *mc = ctx;

	if (mc->nr_events < MACHINE_LOG)
		mc->events[mc->nr_events++] = *e;
}

static void on_list_moved(void *ctx, const struct model_list_move *mv)
{
	struct machine *mc = ctx;

	if (mc->nr_moves < MACHINE_LOG)
		mc->moves[mc->nr_moves++] = *mv;
}

static void on_shrink(void *ctx, u64 now, u32 zone)
{
	(void)now;
	(void)zone;
	((struct machine *)ctx)->nr_shrinks++;
}

static const struct model_observer observer = {
	.moved = on_moved,
	.dropped = on_dropped,
	.taint = on_taint,
	.chance = on_chance,
	.defrag_pass = on_pass,
	.shrink_queued = on_shrink,
	.event = on_event,
	.list_moved = on_list_moved,
};

struct variant machine_variant(void)
{
	struct variant v;

	variant_init(&v);
	v.tainted_reserve_min = 2;
	return v;
}

static struct machine *new_machine(const struct variant *v, u32 nr_spbs, u32 short_by,
				   bool page_level)
{
	const struct model_zone_config zone = {
		.name = "Normal", .start_pfn = START_PFN,
		.spanned = (u64)nr_spbs * MACHINE_SPB - short_by,
	};
	const struct model_config config = {
		.zones = &zone, .nr_zones = 1, .pageblock_order = 9, .spb_order = 13,
		.max_order = 10, .nr_cpus = 2, .seed = 1, .page_level = page_level,
	};

	return machine_new_config(v, &config);
}

struct machine *machine_new_config(const struct variant *v, const struct model_config *config)
{
	struct machine *mc = calloc(1, sizeof(*mc));
	const char *why = NULL;

	assert_non_null(mc);
	mc->m = model_new(config, v, &observer, mc, &why);
	assert_non_null(mc->m);
	mc->now = 600 * NSEC_PER_SEC;
	model_start(mc->m, mc->now);
	return mc;
}

struct machine *machine_new(const struct variant *v, u32 nr_spbs)
{
	return new_machine(v, nr_spbs, 0, false);
}

struct machine *machine_new_clipped(const struct variant *v, u32 nr_spbs, u32 short_by)
{
	return new_machine(v, nr_spbs, short_by, false);
}

struct machine *machine_new_page_level(const struct variant *v, u32 nr_spbs)
{
	return new_machine(v, nr_spbs, 0, true);
}

void machine_free(struct machine *mc)
{
	check_machine(mc);
	model_free(mc->m);
	free(mc);
}

static u32 try_req(struct machine *mc, struct model_req *req)
{
	req->owner = mc->nr_units;
	req->ident = mc->nr_units;
	assert_true(mc->nr_units < MACHINE_UNITS);
	if (model_alloc(mc->m, mc->now, req, &mc->last))
		return UINT32_MAX;
	mc->pfn[mc->nr_units] = mc->last.pfn;
	return mc->nr_units++;
}

u32 try_take_on(struct machine *mc, u16 cpu, u32 order, u32 mt)
{
	struct model_req req = { .cpu = cpu, .order = (u8)order, .migratetype = (u8)mt };

	return try_req(mc, &req);
}

u32 try_take_gfp(struct machine *mc, u32 zone, u32 order, u32 mt, u32 gfp)
{
	struct model_req req = { .gfp = gfp, .zone = (u16)zone, .order = (u8)order,
				 .migratetype = (u8)mt };

	return try_req(mc, &req);
}

u32 try_take(struct machine *mc, u32 order, u32 mt)
{
	return try_take_on(mc, 0, order, mt);
}

u32 take(struct machine *mc, u32 order, u32 mt)
{
	const u32 unit = try_take(mc, order, mt);

	assert_true(unit != UINT32_MAX);
	return unit;
}

void give(struct machine *mc, u32 unit, u32 order)
{
	assert_int_equal(model_free_pages(mc->m, mc->now, 0, mc->pfn[unit], order), 0);
	mc->pfn[unit] = 0;
}

u32 spb_of(const struct machine *mc, u32 unit)
{
	return (u32)((mc->pfn[unit] - START_PFN) / MACHINE_SPB);
}

void run_for(struct machine *mc, u64 ns)
{
	mc->now += ns;
	model_run(mc->m, mc->now);
}

struct superpageblock *the_spb(struct machine *mc, u32 index)
{
	return &mc->m->zones[0].superpageblocks[index];
}

void check_machine(struct machine *mc)
{
	char why[256] = "";

	if (model_check(mc->m, why, sizeof(why)))
		fail_msg("%s", why);
}

u32 count_verdicts(const struct machine *mc, u32 trigger, u32 verdict)
{
	u32 nr = 0;

	for (u32 i = 0; i < mc->nr_chances; i++)
		nr += mc->chances[i].trigger == trigger && mc->chances[i].verdict == verdict;
	return nr;
}

static void print_event(FILE *f, const struct model_event *e)
{
	const long page = (long)(e->pfn - START_PFN);
	const u32 mt = e->migratetype, order = e->order;

	if (e->worker)
		fprintf(f, "worker: ");
	switch (e->kind) {
	case MODEL_ZONE_LOCKED:
		fprintf(f, "zone_locked page=%ld order=%u mt=%u refill=%d", page, order, mt,
			e->zone_locked.percpu_refill);
		break;
	case MODEL_EXTFRAG:
		fprintf(f, "extfrag page=%ld order=%u mt=%u from=%u/%u owner=%d", page, order, mt,
			e->extfrag.fallback_order, e->extfrag.fallback_migratetype,
			e->extfrag.change_ownership);
		break;
	case MODEL_PB_TAINT:
		fprintf(f, "taint page=%ld mt=%u %s%s", page, mt,
			pb_taint_action_name(e->pb_taint.action),
			e->pb_taint.is_first_or_last ? " edge" : "");
		break;
	case MODEL_CLAIM_REFUSED:
		fprintf(f, "refused page=%ld mt=%u block=%u %s", page, mt,
			e->claim_refused.block_type, claim_refusal_name(e->claim_refused.reason));
		break;
	case MODEL_EVACUATE_DONE:
		fprintf(f, "evacuated order=%u mt=%u p1=%u p2=%u did=%d", order, mt,
			e->evacuate_done.phase1_attempts, e->evacuate_done.phase2_attempts,
			e->evacuate_done.did_evacuate);
		break;
	case MODEL_ATOMIC_RELAX:
		fprintf(f, "relax order=%u mt=%u gfp=0x%x %s", order, mt, e->atomic_relax.gfp_mask,
			relax_step_name(e->atomic_relax.step));
		break;
	case MODEL_PCPU_DRAIN:
		fprintf(f, "drain page=%ld order=%u mt=%u", page, order, mt);
		break;
	case MODEL_ALLOC_WALK:
		fprintf(f, "walk order=%u mt=%u flags=0x%x %s visits=%u", order, mt,
			e->alloc_walk.alloc_flags, spb_outcome_name(e->alloc_walk.outcome),
			e->alloc_walk.n_spbs_visited);
		break;
	default:
		fprintf(f, "fall_through order=%u mt=%u flags=0x%x tainted=%u buddy=%u saw=%d%d%d",
			order, mt, e->fall_through.alloc_flags, e->fall_through.n_tainted,
			e->fall_through.n_tainted_with_buddy, e->fall_through.saw_free_pages,
			e->fall_through.saw_free_pb, e->fall_through.saw_below_reserve);
	}
	fputc('\n', f);
}

char *events_text(const struct machine *mc)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	for (u32 i = 0; i < mc->nr_events; i++)
		print_event(f, &mc->events[i]);
	assert_int_equal(fclose(f), 0);
	return text;
}

void forget(struct machine *mc)
{
	mc->nr_taints = 0;
	mc->nr_chances = 0;
	mc->nr_passes = 0;
	mc->nr_events = 0;
	mc->nr_moves = 0;
	mc->nr_shrinks = 0;
	mc->nr_dropped = 0;
}

u32 taint_spb(struct machine *mc, u32 index)
{
	const u32 unit = take(mc, 0, MIGRATE_UNMOVABLE);

	assert_int_equal(spb_of(mc, unit), index);
	return unit;
}
