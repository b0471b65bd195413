// SPDX-License-Identifier: GPL-2.0
#include "tests/oracle/event_rows.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_name[NR_ROW_KINDS] = {
	"moved (owner, to)",
	"dropped (owner)",
	"taint (time, spb, zone, from, to, cause, outcome, order, type)",
	"chance (time, spb, zone, trigger, verdict, cooldown left)",
	"pass (queued, start, end, spb, zone, trigger, free before, after, migrated, dropped, failed)",
	"shrink (time, zone)",
	"list (time, spb, zone, from, to, free blocks, free pages)",
	"event (time, kind, zone, pfn, order, type, cpu, worker, its own fields)",
};

static void add(struct event_rows *r, enum row_kind kind, const u64 row[ROW_FIELDS])
{
	const u32 at = r->n[kind]++;

	if (at < ROWS_KEPT)
		memcpy(r->row[kind][at], row, sizeof(r->row[kind][at]));
}

static void on_moved(void *ctx, u32 owner, u64 to)
{
	const struct event_rows *r = ctx;

	if (r->pfn)
		r->pfn[owner] = to;
	add(ctx, ROW_MOVED, (u64[ROW_FIELDS]){ owner, to });
}

static void on_dropped(void *ctx, u32 owner)
{
	const struct event_rows *r = ctx;

	if (r->pfn)
		r->pfn[owner] = PFN_GONE;
	add(ctx, ROW_DROPPED, (u64[ROW_FIELDS]){ owner });
}

static void on_taint(void *ctx, const struct model_taint *t)
{
	add(ctx, ROW_TAINT, (u64[ROW_FIELDS]){ t->time, t->spb, t->zone, t->from, t->to, t->cause,
					       t->outcome, t->order, t->migratetype,
					       t->worker });
}

static void on_chance(void *ctx, const struct model_chance *c)
{
	add(ctx, ROW_CHANCE, (u64[ROW_FIELDS]){ c->time, c->spb, c->zone, c->trigger, c->verdict,
						c->cooldown_left });
}

static void on_pass(void *ctx, const struct model_defrag_pass *p)
{
	add(ctx, ROW_PASS, (u64[ROW_FIELDS]){ p->queued, p->start, p->end, p->spb, p->zone,
					      p->trigger, p->nr_free_before, p->nr_free_after,
					      p->pages_migrated, p->pages_dropped,
					      p->pages_failed });
}

static void on_shrink(void *ctx, u64 now, u32 zone)
{
	add(ctx, ROW_SHRINK, (u64[ROW_FIELDS]){ now, zone });
}

static void on_list_moved(void *ctx, const struct model_list_move *mv)
{
	add(ctx, ROW_LIST, (u64[ROW_FIELDS]){ mv->time, mv->spb, mv->zone, mv->from, mv->to,
					      mv->nr_free, mv->nr_free_pages });
}

/* The fields of S1.8 and S7.5 that only this kind has */
static void add_details(u64 *at, const struct model_event *e)
{
	switch (e->kind) {
	case MODEL_ZONE_LOCKED:
		at[0] = e->zone_locked.percpu_refill;
		break;
	case MODEL_EXTFRAG:
		at[0] = e->extfrag.fallback_order;
		at[1] = e->extfrag.fallback_migratetype;
		at[2] = e->extfrag.change_ownership;
		break;
	case MODEL_PB_TAINT:
		at[0] = e->pb_taint.action;
		at[1] = e->pb_taint.is_first_or_last;
		break;
	case MODEL_CLAIM_REFUSED:
		at[0] = e->claim_refused.block_type;
		at[1] = e->claim_refused.reason;
		break;
	case MODEL_EVACUATE_DONE:
		at[0] = e->evacuate_done.phase1_attempts;
		at[1] = e->evacuate_done.phase2_attempts;
		at[2] = e->evacuate_done.did_evacuate;
		break;
	case MODEL_ATOMIC_RELAX:
		at[0] = e->atomic_relax.gfp_mask;
		at[1] = e->atomic_relax.step;
		break;
	case MODEL_ALLOC_WALK:
		at[0] = e->alloc_walk.alloc_flags;
		at[1] = e->alloc_walk.n_spbs_visited;
		at[2] = e->alloc_walk.outcome;
		break;
	case MODEL_PCPU_DRAIN:
		break;
	default:
		at[0] = e->fall_through.alloc_flags;
		at[1] = e->fall_through.n_tainted;
		at[2] = e->fall_through.n_tainted_with_buddy;
		at[3] = e->fall_through.saw_free_pages;
		at[4] = e->fall_through.saw_free_pb;
		at[5] = e->fall_through.saw_below_reserve;
	}
}

/* CLAIM_REFUSED and PB_TAINT have no order: what stands there is nobody's. */
static void on_event(void *ctx, const struct model_event *e)
{
	const bool has_order = e->kind != MODEL_CLAIM_REFUSED && e->kind != MODEL_PB_TAINT;
	u64 row[ROW_FIELDS] = { e->time, e->kind, e->zone, e->pfn, has_order ? e->order : 0,
				e->migratetype, e->cpu, e->worker };

	add_details(&row[ROW_EVENT_DETAIL], e);
	add(ctx, ROW_EVENT, row);
}

const struct model_observer event_rows_observer = {
	.moved = on_moved,
	.dropped = on_dropped,
	.taint = on_taint,
	.chance = on_chance,
	.defrag_pass = on_pass,
	.shrink_queued = on_shrink,
	.list_moved = on_list_moved,
	.event = on_event,
};

void event_rows_clear(struct event_rows *r)
{
	memset(r->n, 0, sizeof(r->n));
}

static size_t print_row(char *out, size_t len, const u64 *row, bool there)
{
	size_t at = 0;

	if (!there)
		return (size_t)snprintf(out, len, " nothing");
	for (u32 i = 0; i < ROW_FIELDS && at < len; i++)
		at += (size_t)snprintf(out + at, len - at, " %llu", (unsigned long long)row[i]);
	return at;
}

static void say(char *why, size_t len, u32 kind, u32 i, const struct event_rows *model,
		const struct event_rows *oracle)
{
	size_t at = (size_t)snprintf(why, len, "%s, number %u: model", kind_name[kind], i);

	if (at < len)
		at += print_row(why + at, len - at, model->row[kind][i], i < model->n[kind]);
	if (at < len)
		at += (size_t)snprintf(why + at, len - at, ", oracle");
	if (at < len)
		print_row(why + at, len - at, oracle->row[kind][i], i < oracle->n[kind]);
}

static bool kind_differs(const struct event_rows *model, const struct event_rows *oracle, u32 kind,
			 u32 *where)
{
	const u32 most = model->n[kind] > oracle->n[kind] ? model->n[kind] : oracle->n[kind];

	for (u32 i = 0; i < most && i < ROWS_KEPT; i++) {
		*where = i;
		if (i >= model->n[kind] || i >= oracle->n[kind] ||
		    memcmp(model->row[kind][i], oracle->row[kind][i], sizeof(u64) * ROW_FIELDS))
			return true;
	}
	return model->n[kind] != oracle->n[kind];
}

bool event_rows_differ(const struct event_rows *model, const struct event_rows *oracle, char *why,
		       size_t len)
{
	for (u32 kind = 0; kind < NR_ROW_KINDS; kind++) {
		u32 i = 0;

		if (!kind_differs(model, oracle, kind, &i))
			continue;
		say(why, len, kind, i, model, oracle);
		return true;
	}
	return false;
}
