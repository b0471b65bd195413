// SPDX-License-Identifier: GPL-2.0
/* Claim, steal, __rmqueue() and the HIGHATOMIC reserve (S2.1, S2.5, S2.7). */
#include "tests/oracle/oracle.h"

#include <stdlib.h>

#define NOTHING ((struct opage){ .sb = NULL })

static const u8 fallbacks[MIGRATE_PCPTYPES][2] = {
	[MIGRATE_UNMOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE },
	[MIGRATE_MOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE },
	[MIGRATE_RECLAIMABLE] = { MIGRATE_UNMOVABLE, MIGRATE_MOVABLE },
};

static bool cross_type(u32 a, u32 b)
{
	return (a == MIGRATE_UNMOVABLE && b == MIGRATE_RECLAIMABLE) ||
	       (a == MIGRATE_RECLAIMABLE && b == MIGRATE_UNMOVABLE);
}

/* Pages of the block that are free, and pages in movable use (on the LRU, as the kernel asks). */
static void count_block(const struct ospb *sb, u32 start, u32 *nr_free, u32 *nr_movable)
{
	*nr_free = 0;
	*nr_movable = 0;
	for (u32 f = start; f < start + sb->zone->o->block_pages; f++) {
		const struct ofrm *p = &sb->frm[f];

		if (p->state == OF_FREE)
			*nr_free += 1U << p->order;
		if (p->state == OF_USED && (p->mt == MIGRATE_MOVABLE || p->mt == MIGRATE_CMA))
			*nr_movable += 1U << p->order;
	}
}

static bool compatible(const struct ospb *sb, u32 start, u32 mt, u32 block_mt, bool from_tainted)
{
	const u32 block = sb->zone->o->block_pages;
	u32 nr_free, nr_movable, alike = 0;

	count_block(sb, start, &nr_free, &nr_movable);
	if (mt == MIGRATE_MOVABLE)
		alike = nr_movable;
	else if (block_mt == MIGRATE_MOVABLE)
		alike = block - nr_free - nr_movable;
	if (cross_type(mt, block_mt))
		return nr_free == block;
	return from_tainted || nr_free + alike >= block / 2;
}

static bool spans_block(const struct ospb *sb, u32 start)
{
	const struct ozone *z = sb->zone;

	return sb->start_pfn + start >= z->start_pfn &&
	       sb->start_pfn + start + z->o->block_pages <= z->end_pfn;
}

static struct opage refused(struct ospb *sb, u32 frame, const struct oreq *r, u32 block_mt,
			    u32 reason)
{
	sb->zone->cnt.claims_refused++;
	o_trace_refused(sb, frame, r->mt, block_mt, reason);
	return NOTHING;
}

/* The search after a claim is another one: no flags, no record of its own walk. */
static struct opage search_again(struct ozone *z, const struct oreq *r, u32 *visits)
{
	struct oreq inner = { .order = r->order, .mt = r->mt, .cpu = r->cpu };
	const struct opage p = o_smallest(z, &inner);

	*visits += inner.visits;
	return p;
}

struct opage o_try_to_claim(struct ospb *sb, u32 frame, u32 cur, struct oreq *r, u32 block_mt,
			    bool from_tainted_spb)
{
	const u32 block = sb->zone->o->block_pages;
	const u32 start = frame / block * block;

	if (o_blk(sb, frame)->label == MIGRATE_CMA)
		return refused(sb, frame, r, block_mt, CLAIM_REFUSED_CMA);
	if ((1U << cur) >= block) {
		o_claim_whole_block(sb, frame, cur, r->order, r->mt, block_mt);
		return (struct opage){ .sb = sb, .frame = frame };
	}
	if (!spans_block(sb, start))
		return refused(sb, frame, r, block_mt, CLAIM_REFUSED_ZONE_BOUNDARY);
	if (!compatible(sb, start, r->mt, block_mt, from_tainted_spb))
		return refused(sb, frame, r, block_mt, cross_type(r->mt, block_mt) ?
			       CLAIM_REFUSED_CROSS_TYPE_NOT_FREE :
			       CLAIM_REFUSED_INSUFFICIENT_COMPAT);
	o_move_block(sb, start, r->mt);
	o_set_has(sb, start, r->mt);
	if (cross_type(r->mt, block_mt))
		o_clear_has(sb, start, block_mt);
	else
		o_set_has(sb, start, block_mt);
	o_update_list(sb);
	return search_again(sb->zone, r, &r->visits);
}

enum { PREFERRED, EMPTY, FALLBACK };

/* First fallback page of @order on one list of SPBs. */
static struct opage find_in(struct ospb *sb, u32 order, u32 mt, bool skip_cross)
{
	for (u32 k = 0; k < 2; k++) {
		const u32 fmt = fallbacks[mt][k];
		const u32 frame = o_head(sb, order, fmt);

		if ((skip_cross && cross_type(mt, fmt)) || frame == O_NONE)
			continue;
		return (struct opage){ .sb = sb, .frame = frame, .fallback_mt = (u8)fmt,
				       .fallback_order = (u8)order };
	}
	return NOTHING;
}

static struct opage find_on(struct ozone *z, u32 list, u32 order, u32 mt, bool above_reserve,
			    bool skip_cross)
{
	const struct owant want = { order, order, 1U << fallbacks[mt][0] | 1U << fallbacks[mt][1] };
	struct oseq spbs = o_to_visit(z, list, &want);
	struct opage p = NOTHING;

	for (u32 i = 0; i < spbs.n && !p.sb; i++) {
		struct ospb *sb = &z->spb[spbs.v[i]];

		if (!above_reserve || o_nr_free(sb) > o_reserve(sb))
			p = find_in(sb, order, mt, skip_cross);
	}
	free(spbs.v);
	return p;
}

static struct opage find_fallback(struct ozone *z, u32 order, u32 mt, u32 where, bool skip_cross)
{
	const bool movable = mt == MIGRATE_MOVABLE;
	const u32 cat = (where == PREFERRED) == movable ? SB_CLEAN : SB_TAINTED;
	struct opage p = NOTHING;

	if (where == EMPTY)
		return find_on(z, OL_EMPTY, order, mt, false, skip_cross);
	for (u32 full = 0; full < __NR_SB_FULLNESS && !p.sb; full++)
		p = find_on(z, cat * __NR_SB_FULLNESS + full, order, mt,
			    movable && cat == SB_TAINTED, skip_cross);
	return p;
}

static u32 claim_min_order(const struct ozone *z, const struct oreq *r, u32 where)
{
	const u32 block = z->o->config.pageblock_order;

	if (where == PREFERRED && z->nr_spbs > z->o->v.aggressive_threshold)
		return r->order;
	return r->nofragment && r->order < block ? block : r->order;
}

static bool should_try_claim(const struct ozone *z, u32 order, u32 mt)
{
	return order >= z->o->config.pageblock_order / 2 || mt == MIGRATE_UNMOVABLE ||
	       mt == MIGRATE_RECLAIMABLE;
}

static struct opage claim_from(struct ozone *z, struct oreq *r, u32 where)
{
	const u32 min = claim_min_order(z, r, where);

	for (u32 cur = z->o->config.max_order + 1; cur-- > min; ) {
		struct opage at, p;

		if (!should_try_claim(z, cur, r->mt))
			break;
		at = find_fallback(z, cur, r->mt, where, false);
		if (!at.sb)
			continue;
		if (where != PREFERRED && r->mt != MIGRATE_MOVABLE) {
			o_queue_evacuate(z, r->order, r->mt);
			o_queue_shrink(z);
		}
		p = o_try_to_claim(at.sb, at.frame, cur, r, at.fallback_mt, false);
		/* The block can be claimed, and the search that follows find nothing. */
		o_report_taint_of(at.sb, OUTCOME_CLAIM);
		if (!p.sb)
			continue;
		p.outcome = OUTCOME_CLAIM;
		p.fallback_order = (u8)cur;
		p.fallback_mt = at.fallback_mt;
		z->cnt.claims++;
		o_trace_extfrag(z, r, &p);
		return p;
	}
	return NOTHING;
}

static struct opage claim(struct ozone *z, struct oreq *r)
{
	struct opage p = claim_from(z, r, PREFERRED);

	if (!p.sb && !r->nofragment)
		p = claim_from(z, r, EMPTY);
	if (!p.sb && !r->nofragment)
		p = claim_from(z, r, FALLBACK);
	return p;
}

static struct opage steal(struct ozone *z, struct oreq *r)
{
	for (u32 cur = r->order; cur <= z->o->config.max_order; cur++) {
		struct opage p = find_fallback(z, cur, r->mt, PREFERRED, true);

		if (!p.sb && !r->tainted_ok)
			p = find_fallback(z, cur, r->mt, FALLBACK, true);
		if (!p.sb)
			continue;
		o_del_and_expand(p.sb, p.frame, r->order, cur, p.fallback_mt);
		o_set_has(p.sb, p.frame, r->mt);
		o_update_list(p.sb);
		p.outcome = OUTCOME_STEAL;
		z->cnt.steals++;
		o_trace_extfrag(z, r, &p);
		return p;
	}
	return NOTHING;
}

struct opage o_cma_fallback(struct ozone *z, struct oreq *r)
{
	struct oreq inner = { .order = r->order, .mt = MIGRATE_CMA, .cpu = r->cpu };
	const struct opage p = o_vanilla(z->o) ? o_vanilla_rmqueue(z, &inner) :
						 o_smallest(z, &inner);

	r->visits += inner.visits;
	return p;
}

static u64 nr_free_cma(const struct ozone *z)
{
	u64 n = 0;

	for (u32 order = 0; order <= z->o->config.max_order; order++) {
		n += (u64)z->free_list[order][MIGRATE_CMA].n << order;
		for (u32 i = 0; i < z->nr_spbs; i++)
			n += (u64)z->spb[i].free_list[order][MIGRATE_CMA].n << order;
	}
	return n;
}

static bool over_half(const struct ozone *z, const struct oreq *r)
{
	u64 nr_free = 0;

	for (u32 i = 0; i < z->nr_spbs; i++)
		nr_free += z->spb[i].free_pages;
	return r->cma && r->mt == MIGRATE_MOVABLE && nr_free_cma(z) > nr_free / 2;
}

struct opage o_cma_first(struct ozone *z, struct oreq *r)
{
	struct opage p = NOTHING;

	if (over_half(z, r))
		p = o_cma_fallback(z, r);
	z->o->sites[SITE_CMA_FIRST] += p.sb != NULL;
	return p;
}

struct opage o_rmqueue(struct ozone *z, struct oreq *r)
{
	struct owalk seen = { 0 };
	struct opage p = NOTHING;

	if (o_vanilla(z->o))
		return o_vanilla_rmqueue(z, r);
	if (r->optional && r->mt != MIGRATE_MOVABLE && r->mt != MIGRATE_CMA) {
		r->walk = &seen;
		r->mode = OMODE_NORMAL;
	}
	z->o->sites[SITE_MODE_KEPT] += r->mode != OMODE_NORMAL;
	p = o_cma_first(z, r);
	if (!p.sb && r->mode == OMODE_NORMAL)
		p = o_smallest(z, r);
	r->walk = NULL;
	if (p.sb)
		return p;
	/* Rather nothing than a fresh SPB tainted, while the tainted ones have something. */
	if (seen.free_pages || seen.free_pb) {
		z->cnt.highorder_refused++;
		return p;
	}
	if (r->mode <= OMODE_CMA && r->cma) {
		p = o_cma_fallback(z, r);
		z->o->sites[SITE_CMA_AFTER] += p.sb != NULL;
		if (p.sb)
			r->mode = OMODE_CMA;
	}
	if (!p.sb && r->mode <= OMODE_CLAIM && z->o->v.fallback_claim) {
		p = claim(z, r);
		if (p.sb)
			r->mode = OMODE_NORMAL;
	}
	if (!p.sb && z->o->v.fallback_steal && (!r->nofragment || r->tainted_ok)) {
		p = steal(z, r);
		if (p.sb)
			r->mode = OMODE_STEAL;
	}
	return p;
}

static struct opage from_reserve(struct ozone *z, struct oreq *r)
{
	const u32 mt = r->mt;
	struct opage p;

	r->mt = MIGRATE_HIGHATOMIC;
	p = o_vanilla(z->o) ? o_vanilla_rmqueue(z, r) : o_smallest(z, r);
	r->mt = mt;
	return p;
}

/* reserve_highatomic_pageblock(): at most 1 % of the zone, rounded up to a block, if that is one */
static void reserve(struct ozone *z, const struct opage *p, u32 order)
{
	const u64 block = z->o->block_pages, share = z->managed / 100;
	const u32 start = p->frame / z->o->block_pages * z->o->block_pages;
	u64 most = 0;

	while (share >= block && most < share)
		most += block;
	if (z->reserved >= most || o_blk(p->sb, p->frame)->label >= MIGRATE_PCPTYPES)
		return;
	if (1U << order >= block) {
		for (u32 f = p->frame; f < p->frame + (1U << order); f += (u32)block)
			o_blk(p->sb, f)->label = MIGRATE_HIGHATOMIC;
		z->reserved += 1ULL << order;
	} else if (spans_block(p->sb, start)) {
		if (o_vanilla(z->o))
			o_vanilla_move_block(p->sb, start, MIGRATE_HIGHATOMIC);
		else
			o_move_block(p->sb, start, MIGRATE_HIGHATOMIC);
		z->reserved += block;
	}
}

/* First head of the reserve of @order: SPBs by index, or the zone's list upstream */
static struct opage reserved_head(struct ozone *z, u32 order)
{
	const struct oseq *list = &z->free_list[order][MIGRATE_HIGHATOMIC];

	if (list->n)
		return (struct opage){ .sb = &z->spb[list->v[0] / z->o->spb_pages],
				       .frame = list->v[0] % z->o->spb_pages };
	for (u32 i = 0; i < z->nr_spbs; i++) {
		const u32 frame = o_head(&z->spb[i], order, MIGRATE_HIGHATOMIC);

		if (frame != O_NONE)
			return (struct opage){ .sb = &z->spb[i], .frame = frame };
	}
	return NOTHING;
}

/* unreserve_highatomic_pageblock(): whole blocks keep their size, parts give their block. */
bool o_unreserve(struct ozone *z, u32 mt, bool force)
{
	const u32 block = z->o->block_pages;

	if (!z->o->v.highatomic)
		return false;
	z->o->sites[SITE_UNRESERVE_LAST] += !force && z->reserved && z->reserved <= block;
	if (!force && z->reserved <= block)
		return false;
	for (u32 order = 0; order <= z->o->config.max_order; order++) {
		const struct opage p = reserved_head(z, order);
		const u64 size = 1ULL << order > block ? 1ULL << order : block;

		if (!p.sb)
			continue;
		z->reserved -= size < z->reserved ? size : z->reserved;
		z->o->sites[force ? SITE_UNRESERVED : SITE_UNRESERVE_MILD]++;
		for (u32 f = p.frame; f < p.frame + (1U << order) || f == p.frame; f += block) {
			if (o_vanilla(z->o))
				o_vanilla_move_block(p.sb, f / block * block, mt);
			else
				o_move_block(p.sb, f / block * block, mt);
		}
		return true;
	}
	return false;
}

/* rmqueue_buddy() */
static struct opage buddy(struct ozone *z, struct oreq *r)
{
	struct opage p = NOTHING;

	if (r->highatomic)
		p = from_reserve(z, r);
	if (!p.sb)
		p = o_rmqueue(z, r);
	if (!p.sb && r->non_block)
		p = from_reserve(z, r);
	if (p.sb && r->highatomic)
		reserve(z, &p, r->order);
	return p;
}

/* rmqueue(): the CPU's lists, then the buddy; each refill and the latter hold the zone lock. */
struct opage o_locked_rmqueue(struct ozone *z, struct oreq *r)
{
	struct opage p = NOTHING;

	r->cma = r->mt == MIGRATE_MOVABLE && z->cma_pages;
	if (o_pcp_serves(z->o, r->order, r->mt))
		p = o_pcp_rmqueue(z, r);
	r->mode = OMODE_NORMAL;
	if (!p.sb)
		p = buddy(z, r);
	o_unlock(z->o);
	return p;
}
