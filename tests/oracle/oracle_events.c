// SPDX-License-Identifier: GPL-2.0
/* What the kernel would have traced (S1.8, S7.5), and moves between lists. */
#include "tests/oracle/oracle.h"

#define FLAG_NOFRAGMENT 0x100U		/* S1.7 */
#define FLAG_TAINTED_OK 0x1000U
#define FLAG_NON_BLOCK 0x10U
#define FLAG_CMA 0x80U
#define FLAG_HIGHATOMIC 0x200U
#define FLAG_OPTIONAL 0x2000U

static void tell(struct oracle *o, const struct model_event *e)
{
	if (!o->booting)
		o->obs->event(o->ctx, e);
}

static struct model_event event(struct ozone *z, u32 kind, u32 order, u32 mt)
{
	return (struct model_event){ .time = z->o->now, .zone = (u16)z->index, .cpu = z->o->cpu,
				     .kind = (u8)kind, .order = (u8)order, .migratetype = (u8)mt,
				     .worker = z->o->working };
}

static u64 pfn_of(const struct ospb *sb, u32 frame)
{
	return sb->start_pfn + frame;
}

static u32 flags_of(const struct oreq *r)
{
	return (r->nofragment ? FLAG_NOFRAGMENT : 0) | (r->tainted_ok ? FLAG_TAINTED_OK : 0) |
	       (r->non_block ? FLAG_NON_BLOCK : 0) | (r->highatomic ? FLAG_HIGHATOMIC : 0) |
	       (r->optional ? FLAG_OPTIONAL : 0) | (r->cma ? FLAG_CMA : 0);
}

/* The series: every order up to a block (S2.8); upstream: 0 to 3 and that of a THP (S7.3) */
static bool pcp_allowed_order(const struct oracle *o, u32 order)
{
	if (o_vanilla(o) && order > 3)
		return order == o->config.pageblock_order;
	return order <= o->config.pageblock_order;
}

void o_trace_zone_locked(struct ozone *z, const struct oreq *r, const struct opage *p)
{
	struct model_event e = event(z, MODEL_ZONE_LOCKED, r->order, r->mt);

	e.pfn = pfn_of(p->sb, p->frame);
	e.zone_locked.percpu_refill = pcp_allowed_order(z->o, r->order) &&
				      r->mt < MIGRATE_PCPTYPES;
	tell(z->o, &e);
}

void o_trace_walk(struct ozone *z, const struct oreq *r, u32 outcome)
{
	struct model_event e = event(z, MODEL_ALLOC_WALK, r->order, r->mt);

	e.alloc_walk.alloc_flags = flags_of(r);
	e.alloc_walk.outcome = (u8)outcome;
	e.alloc_walk.n_spbs_visited = r->own_visits;
	tell(z->o, &e);
}

void o_trace_extfrag(struct ozone *z, const struct oreq *r, const struct opage *p)
{
	struct model_event e = event(z, MODEL_EXTFRAG, r->order, r->mt);

	e.pfn = pfn_of(p->sb, p->frame);
	e.extfrag.fallback_order = p->fallback_order;
	e.extfrag.fallback_migratetype = p->fallback_mt;
	e.extfrag.change_ownership = o_blk(p->sb, p->frame)->label == r->mt;
	tell(z->o, &e);
}

void o_trace_refused(struct ospb *sb, u32 frame, u32 start_mt, u32 block_mt, u32 reason)
{
	struct model_event e = event(sb->zone, MODEL_CLAIM_REFUSED, 0, start_mt);

	e.pfn = pfn_of(sb, frame);
	e.claim_refused.block_type = (u8)block_mt;
	e.claim_refused.reason = (u8)reason;
	tell(sb->zone->o, &e);
}

void o_trace_relax(struct ozone *z, const struct oreq *r, u32 step)
{
	struct model_event e = event(z, MODEL_ATOMIC_RELAX, r->order, r->mt);

	e.atomic_relax.step = (u8)step;
	e.atomic_relax.gfp_mask = r->gfp;
	if (!o_vanilla(z->o))
		tell(z->o, &e);
}

void o_trace_taint(struct ospb *sb, u32 frame, u32 mt, bool set, u32 count)
{
	struct model_event e = event(sb->zone, MODEL_PB_TAINT, 0, mt);

	e.pfn = pfn_of(sb, frame);
	e.pb_taint.action = set ? PB_TAINT_SET : PB_TAINT_CLEAR;
	e.pb_taint.is_first_or_last = count == (set ? 1 : 0);
	if (!o_vanilla(sb->zone->o))
		tell(sb->zone->o, &e);
}

void o_trace_fall_through(struct ozone *z, const struct oreq *r)
{
	struct model_event e = event(z, MODEL_FALL_THROUGH, r->order, r->mt);

	e.fall_through.alloc_flags = flags_of(r);
	for (u32 i = 0; i < z->nr_spbs; i++) {
		const struct ospb *sb = &z->spb[i];

		if (!o_on_tainted(sb))
			continue;
		e.fall_through.n_tainted++;
		e.fall_through.n_tainted_with_buddy += sb->free_list[r->order][r->mt].n != 0;
	}
	e.fall_through.saw_free_pages = r->walk->free_pages;
	e.fall_through.saw_free_pb = r->walk->free_pb;
	e.fall_through.saw_below_reserve = r->walk->below_reserve;
	tell(z->o, &e);
}

void o_trace_evacuated(struct ozone *z, u32 order, u32 mt, const u32 *attempts)
{
	struct model_event e = event(z, MODEL_EVACUATE_DONE, order, mt);

	e.evacuate_done.phase1_attempts = attempts[0];
	e.evacuate_done.phase2_attempts = attempts[1];
	e.evacuate_done.did_evacuate = attempts[0] + attempts[1] > 0;
	tell(z->o, &e);
}

void o_trace_drain(struct ospb *sb, u32 frame, u32 order, u32 mt)
{
	struct model_event e = event(sb->zone, MODEL_PCPU_DRAIN, order, mt);

	e.pfn = pfn_of(sb, frame);
	tell(sb->zone->o, &e);
}

void o_trace_list(struct ospb *sb, u32 from)
{
	struct oracle *o = sb->zone->o;
	const struct model_list_move mv = {
		.time = o->now, .zone = (u16)sb->zone->index, .spb = sb->index, .from = (u8)from,
		.to = (u8)sb->on, .nr_free = (u16)o_nr_free(sb), .nr_free_pages = sb->free_pages,
	};

	if (!o->booting)
		o->obs->list_moved(o->ctx, &mv);
}
