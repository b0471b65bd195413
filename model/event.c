// SPDX-License-Identifier: GPL-2.0
#include "model/event.h"

#include "model/pageblock.h"

static struct model_event new_event(const struct model *m, enum model_event_kind kind,
				    const struct zone *zone)
{
	return (struct model_event){
		.time = m->now,
		.zone = (u16)zone->index,
		.cpu = m->op.cpu,
		.kind = (u8)kind,
		.worker = m->by_worker,
	};
}

static struct model_event new_search_event(const struct search *s, enum model_event_kind kind)
{
	struct model_event e = new_event(s->m, kind, s->zone);

	e.order = (u8)s->order;
	e.migratetype = (u8)s->mt;
	return e;
}

static void tell(const struct model *m, const struct model_event *e)
{
	m->obs->event(m->ctx, e);
}

/* pcp_allowed_order(): the series keeps every order up to the pageblock on per-CPU lists (S2.8) */
static bool pcp_allowed_order(const struct model *m, u32 order)
{
	if (m->vanilla)
		return order <= PAGE_ALLOC_COSTLY_ORDER || order == m->pageblock_order;
	return order <= m->pageblock_order;
}

void event_zone_locked(const struct search *s, const struct found *at)
{
	struct model_event e = new_search_event(s, MODEL_ZONE_LOCKED);

	e.pfn = sb_frame_pfn(at->sb, at->frame);
	e.zone_locked.percpu_refill = pcp_allowed_order(s->m, s->order) &&
				      s->mt < MIGRATE_PCPTYPES;
	tell(s->m, &e);
}

void event_alloc_walk(const struct search *s, enum spb_outcome outcome, u32 visited)
{
	struct model_event e = new_search_event(s, MODEL_ALLOC_WALK);

	e.alloc_walk.alloc_flags = s->alloc_flags;
	e.alloc_walk.n_spbs_visited = visited;
	e.alloc_walk.outcome = (u8)outcome;
	tell(s->m, &e);
}

void event_extfrag(const struct search *s, const struct found *at)
{
	struct model_event e = new_search_event(s, MODEL_EXTFRAG);

	e.pfn = sb_frame_pfn(at->sb, at->frame);
	e.extfrag.fallback_order = at->fallback_order;
	e.extfrag.fallback_migratetype = at->fallback_mt;
	e.extfrag.change_ownership = pageblock_migratetype(at->sb, at->frame) == s->mt;
	tell(s->m, &e);
}

void event_fall_through(const struct search *s)
{
	struct model_event e = new_search_event(s, MODEL_FALL_THROUGH);
	const struct superpageblock *sb;
	u32 full;

	e.fall_through.alloc_flags = s->alloc_flags;
	for (full = 0; full < __NR_SB_FULLNESS; full++) {
		for (sb = s->zone->spb_lists[SB_TAINTED][full].head; sb; sb = sb->next) {
			e.fall_through.n_tainted++;
			e.fall_through.n_tainted_with_buddy +=
				sb->free_area[s->order].free_list[s->mt].head != FRAME_NIL;
		}
	}
	e.fall_through.saw_free_pages = s->walk->saw_free_pages;
	e.fall_through.saw_free_pb = s->walk->saw_free_pb;
	e.fall_through.saw_below_reserve = s->walk->saw_below_reserve;
	tell(s->m, &e);
}

void event_pb_taint(const struct superpageblock *sb, u32 frame, u32 mt, bool set,
		    bool first_or_last)
{
	struct model_event e = new_event(sb->zone->m, MODEL_PB_TAINT, sb->zone);

	e.pfn = sb_frame_pfn(sb, frame);
	e.migratetype = (u8)mt;
	e.pb_taint.action = set ? PB_TAINT_SET : PB_TAINT_CLEAR;
	e.pb_taint.is_first_or_last = first_or_last;
	tell(sb->zone->m, &e);
}

void event_claim_refused(const struct search *s, const struct superpageblock *sb, u32 frame,
			 u32 block_type, enum claim_refusal reason)
{
	struct model_event e = new_search_event(s, MODEL_CLAIM_REFUSED);

	e.order = 0;	/* the tracepoint has none */
	e.pfn = sb_frame_pfn(sb, frame);
	e.claim_refused.block_type = (u8)block_type;
	e.claim_refused.reason = (u8)reason;
	tell(s->m, &e);
}

void event_evacuate_done(const struct zone *zone, u32 order, u32 mt, u32 phase1, u32 phase2)
{
	struct model_event e = new_event(zone->m, MODEL_EVACUATE_DONE, zone);

	e.order = (u8)order;
	e.migratetype = (u8)mt;
	e.evacuate_done.phase1_attempts = phase1;
	e.evacuate_done.phase2_attempts = phase2;
	e.evacuate_done.did_evacuate = phase1 || phase2;
	tell(zone->m, &e);
}

void event_relax(const struct search *s, enum relax_step step)
{
	struct model_event e = new_search_event(s, MODEL_ATOMIC_RELAX);

	e.atomic_relax.gfp_mask = s->gfp;
	e.atomic_relax.step = (u8)step;
	tell(s->m, &e);
}

void event_pcpu_drain(const struct superpageblock *sb, u32 frame, u32 order, u32 mt)
{
	struct model_event e = new_event(sb->zone->m, MODEL_PCPU_DRAIN, sb->zone);

	e.pfn = sb_frame_pfn(sb, frame);
	e.order = (u8)order;
	e.migratetype = (u8)mt;
	tell(sb->zone->m, &e);
}

static u8 list_id(const struct zone *zone, const struct spb_list *list)
{
	if (list == &zone->spb_empty)
		return SPB_LIST_EMPTY;
	if (list == &zone->spb_isolated)
		return SPB_LIST_ISOLATED;
	return (u8)(list - &zone->spb_lists[0][0]);
}

void event_list_moved(const struct superpageblock *sb, const struct spb_list *from)
{
	const struct zone *zone = sb->zone;
	const struct model_list_move mv = {
		.time = zone->m->now,
		.nr_free_pages = sb->nr_free_pages,
		.spb = sb->index,
		.zone = (u16)zone->index,
		.nr_free = sb->nr_free,
		.from = list_id(zone, from),
		.to = list_id(zone, sb->on),
	};

	zone->m->obs->list_moved(zone->m->ctx, &mv);
}
