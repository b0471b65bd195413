// SPDX-License-Identifier: GPL-2.0
#include "replay/engine/model_events.h"

/* ---- extra words, in the order of event_kinds[].fields; names are the caller's ---- */

static void zone_locked(const struct model_event *e, u64 *extra)
{
	extra[0] = e->zone_locked.percpu_refill;
}

static void extfrag(const struct model_event *e, u64 *extra)
{
	extra[0] = e->extfrag.fallback_order;
	extra[1] = e->extfrag.fallback_migratetype;
	extra[2] = e->extfrag.change_ownership;
}

static void pb_taint(const struct model_event *e, u64 *extra)
{
	extra[0] = e->pb_taint.action;
	extra[1] = e->pb_taint.is_first_or_last;
}

static void claim_refused(const struct model_event *e, u64 *extra)
{
	extra[0] = e->claim_refused.block_type;
	extra[1] = e->claim_refused.reason;
}

static void evacuate_done(const struct model_event *e, u64 *extra)
{
	extra[1] = e->evacuate_done.phase1_attempts;
	extra[2] = e->evacuate_done.phase2_attempts;
	extra[3] = e->evacuate_done.did_evacuate;
}

static void atomic_relax(const struct model_event *e, u64 *extra)
{
	extra[1] = e->atomic_relax.gfp_mask;
	extra[2] = e->atomic_relax.step;
}

static void alloc_walk(const struct model_event *e, u64 *extra)
{
	extra[1] = e->alloc_walk.alloc_flags;
	extra[2] = e->alloc_walk.outcome;
	extra[3] = e->alloc_walk.n_spbs_visited;
}

static void fall_through(const struct model_event *e, u64 *extra)
{
	extra[1] = e->fall_through.alloc_flags;
	extra[2] = e->fall_through.n_tainted;
	extra[3] = e->fall_through.n_tainted_with_buddy;
	extra[4] = e->fall_through.saw_free_pages;
	extra[5] = e->fall_through.saw_free_pb;
	extra[6] = e->fall_through.saw_below_reserve;
}

/* @kind: of the log; @extra: NULL: no words more */
static const struct {
	u8 kind;
	void (*extra)(const struct model_event *e, u64 *extra);
} told[NR_MODEL_EVENT_KINDS] = {
	[MODEL_ZONE_LOCKED] = { EVENT_ZONE_LOCKED, zone_locked },
	[MODEL_EXTFRAG] = { EVENT_EXTFRAG, extfrag },
	[MODEL_PB_TAINT] = { EVENT_SPB_PB_TAINT, pb_taint },
	[MODEL_CLAIM_REFUSED] = { EVENT_SPB_CLAIM_BLOCK_REFUSED, claim_refused },
	[MODEL_EVACUATE_DONE] = { EVENT_SPB_EVACUATE_FOR_ORDER_DONE, evacuate_done },
	[MODEL_ATOMIC_RELAX] = { EVENT_SPB_ALLOC_ATOMIC_RELAX, atomic_relax },
	[MODEL_ALLOC_WALK] = { EVENT_SPB_ALLOC_WALK, alloc_walk },
	[MODEL_FALL_THROUGH] = { EVENT_SPB_ALLOC_FALL_THROUGH, fall_through },
	[MODEL_PCPU_DRAIN] = { EVENT_PCPU_DRAIN, NULL },
};

u32 model_event_log_kind(enum model_event_kind kind)
{
	return told[kind].kind;
}

bool model_event_to_log(const struct model_event *e, struct event *ev)
{
	*ev = (struct event){
		.time = e->time, .cpu = e->cpu, .kind = told[e->kind].kind,
		.pfn = EVENT_NO_PFN, .migratetype = EVENT_NO_MT,
	};
	if (event_has(ev->kind, FIELD_PFN))
		ev->pfn = e->pfn;
	if (event_has(ev->kind, FIELD_ORDER))
		ev->order = e->order;
	if (event_has(ev->kind, FIELD_MT))
		ev->migratetype = (s8)e->migratetype;
	if (told[e->kind].extra)
		told[e->kind].extra(e, ev->extra);
	return event_names_zone(ev->kind);
}
