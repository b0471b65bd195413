// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check_side.h"

#include <stdlib.h>

#include "replay/check/check_follow.h"
#include "replay/demand/demand_worker.h"

static struct check_figures *figures(const struct side *side)
{
	return &side->report->side[side->which];
}

/* ---- fallbacks ---- */

static bool same_fallback(const struct check_fallback *a, const struct check_fallback *b)
{
	return a->mt == b->mt && a->order == b->order && a->fallback_mt == b->fallback_mt &&
	       a->fallback_order == b->fallback_order;
}

static struct check_fallback *fallback_row(struct check_report *r, const struct check_fallback *key)
{
	for (u32 i = 0; i < r->nr_fallbacks; i++) {
		if (same_fallback(&r->fallbacks[i], key))
			return &r->fallbacks[i];
	}
	if (r->nr_fallbacks == r->max_fallbacks) {
		const u32 max = r->max_fallbacks ? 2 * r->max_fallbacks : 64;
		struct check_fallback *rows = realloc(r->fallbacks, max * sizeof(*rows));

		if (!rows)
			return NULL;
		r->fallbacks = rows;
		r->max_fallbacks = max;
	}
	r->fallbacks[r->nr_fallbacks] = *key;
	return &r->fallbacks[r->nr_fallbacks++];
}

static void on_event(void *ctx, const struct model_event *e)
{
	struct side *side = ctx;

	/* Placing, and residents: nothing that the recorded kernel did in the capture. */
	if (!side->arm.model || side->arm.actor == ACTOR_INITIAL)
		return;
	matcher_told(&side->matcher, e);
	if (e->kind == MODEL_EXTFRAG) {
		const struct check_fallback key = {
			.mt = e->migratetype, .order = e->order,
			.fallback_mt = e->extfrag.fallback_migratetype,
			.fallback_order = e->extfrag.fallback_order,
		};
		struct check_fallback *row = fallback_row(side->report, &key);

		if (row)
			row->model[side->which]++;
		else
			side->matcher.no_memory = true;
	}
}

/* ---- life ---- */

int side_init(struct side *side, enum check_side which, const struct check_opts *opts,
	      const struct arm_setup *setup, const struct check_names *names,
	      struct check_report *report, struct error *err)
{
	struct arm_setup own = *setup;

	side->which = which;
	side->plan = setup->plan;
	side->report = report;
	side->vanilla = opts->variant->allocator == ALLOCATOR_VANILLA;
	if (metrics_init(&side->metrics, setup->plan->nr_zones, 1) ||
	    !matcher_init(&side->matcher, names, report, which, setup->plan->max_cpu + 1))
		return err_nomem(err, "the check");
	own.event = on_event;
	own.event_ctx = side;
	if (arm_init(&side->arm, opts->variant, &side->metrics, &own)) {
		*err = side->arm.err;
		return -(int)err->code;
	}
	/* What starts the workers in the last moment before the capture is not part of it. */
	side->matcher.told.nr = 0;
	return 0;
}

void side_fini(struct side *side)
{
	arm_fini(&side->arm);
	metrics_fini(&side->metrics);
	matcher_fini(&side->matcher);
	framemap_fini(&side->touched);
	framemap_fini(&side->ghosts);
}

void side_end(struct side *side)
{
	const u64 span = side->plan->t_last - side->plan->t_first;

	side->arm.actor = ACTOR_WORKER;
	model_run(side->arm.model, max_u64(side->arm.now, ENGINE_BOOT_NS + span));
	matcher_end(&side->matcher);
}

bool side_tainted(const struct side *side, u32 zone, u32 spb)
{
	struct model_spb_state st;

	model_spb_state(side->arm.model, zone, spb, side->arm.now, &st);
	return st.category == SB_TAINTED;
}

/* ---- placement ---- */

static void place_count(struct check_placement *p, const struct side *side, u64 recorded, u64 pfn)
{
	const u32 spb_order = side->plan->opts.spb_order;

	if (pfn > UNIT_MAX_PFN)
		p->none++;
	else if (pfn == recorded)
		p->pfn++;
	else if (pfn >> side->plan->pageblock_order == recorded >> side->plan->pageblock_order)
		p->block++;
	else if (pfn >> spb_order == recorded >> spb_order)
		p->spb++;
	else
		p->other++;
}

static void count_placement(const struct side *side, const struct op *op, u64 recorded)
{
	struct check_figures *f = figures(side);
	const u64 pfn = side->arm.units[op->handle];

	place_count(&f->all, side, recorded, pfn);
	place_count(&f->by_order[op->order], side, recorded, pfn);
	place_count(&f->by_mt[op->migratetype], side, recorded, pfn);
}

int side_fallback(struct side *side, const struct event *e, struct error *err)
{
	const u64 end = e->pfn + (e->extra[0] < MODEL_MAX_ORDERS ? 1ULL << e->extra[0] : 1);
	const u64 block = 1ULL << side->plan->pageblock_order;

	if (side->which == SIDE_OPEN) {
		const struct check_fallback key = {
			.mt = (u8)e->migratetype, .order = e->order,
			.fallback_mt = (u8)e->extra[1], .fallback_order = (u8)e->extra[0],
		};
		struct check_fallback *row = fallback_row(side->report, &key);

		if (!row)
			return err_nomem(err, "fallbacks");
		row->recorded++;
		return 0;
	}
	for (u64 pfn = e->pfn; e->extra[2] && pfn < end; pfn += block)
		follow_label(side, pfn, e->migratetype);
	return 0;
}

/* ---- operations ---- */

/* A free agrees when the unit stands where the recorded one stood; a drain also shows the label. */
static void count_free(struct side *side, const struct op *op, const struct event *e, u64 index)
{
	const u64 pfn = side->arm.units[op->handle];
	struct event model = *e;
	int label;

	model.pfn = pfn > UNIT_MAX_PFN ? EVENT_NO_PFN : pfn;
	if (e->kind == EVENT_PCPU_DRAIN && pfn <= UNIT_MAX_PFN) {
		label = model_label(side->arm.model, pfn);
		model.migratetype = (s8)(label < 0 ? EVENT_NO_MT : label);
		if (side->which == SIDE_FOLLOW || pfn == e->pfn) {
			figures(side)->labels_shown++;
			figures(side)->labels_agree += label == e->migratetype;
		}
	}
	matcher_count(&side->matcher, e, index, &model,
		      model.pfn == e->pfn && model.migratetype == e->migratetype);
	if (side->which == SIDE_FOLLOW && side->vanilla && e->kind == EVENT_PCPU_DRAIN)
		follow_label(side, e->pfn, e->migratetype);
}

static bool is_alloc_kind(u32 kind)
{
	return kind == EVENT_ZONE_LOCKED || kind == EVENT_EXTFRAG || kind == EVENT_PAGE_ALLOC;
}

/* Is it the operation that the event itself stands for, not one that it implies? */
static bool is_main(const struct op *op, const struct event *e)
{
	return op->kind == (is_alloc_kind(e->kind) ? OP_ALLOC : OP_FREE) && op->order == e->order;
}

static int one_op(struct side *side, const struct op_block *ops, u32 i, const struct event *e,
		  u64 index, struct error *err)
{
	const struct op *op = &ops->ops[i];
	/* A page that the recorded worker dropped: the model's worker drops it by itself. */
	const bool main = is_main(op, e) && !is_worker_task(&side->plan->worker_tasks, e->task);
	const bool follows = side->which == SIDE_FOLLOW && main && op->kind == OP_ALLOC;
	const bool known = follows && follow_knows(side, e->pfn);
	int rc = follows ? follow_touch(side, e->pfn, err) : 0;

	if (rc)
		return rc;
	if (main && op->kind == OP_FREE && op->handle < side->arm.nr_units)
		count_free(side, op, e, index);
	if (arm_block(&side->arm, ops, i, i + 1)) {
		*err = side->arm.err;
		return -(int)err->code;
	}
	if (main && op->kind == OP_ALLOC) {
		count_placement(side, op, e->pfn);
		if (follows)
			rc = follow_alloc(side, op, e, known, err);
	}
	return rc;
}

int side_ops(struct side *side, const struct op_block *ops, u32 from, u32 to,
	     const struct event *e, u64 index, struct error *err)
{
	int rc = 0;

	for (u32 i = from; i < to && !rc; i++)
		rc = one_op(side, ops, i, e, index, err);
	if (!rc && side->which == SIDE_FOLLOW && !is_alloc_kind(e->kind))
		rc = follow_touch(side, e->pfn, err);
	if (rc)
		return rc;
	if (is_alloc_kind(e->kind))
		matcher_alloc(&side->matcher, e, index);
	else
		matcher_free(&side->matcher, e, index);
	return side->matcher.no_memory ? err_nomem(err, "the check") : 0;
}
