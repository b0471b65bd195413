// SPDX-License-Identifier: GPL-2.0
/*
 * Upstream's allocator (S7.1, S7.2): the zone's own lists, no superpageblocks. Which
 * superpageblocks its pages taint is our accounting: a block holds what was asked for, until it is
 * wholly free.
 */
#include "tests/oracle/oracle.h"

#define NOTHING ((struct opage){ .sb = NULL })

static struct oseq *list_of(struct ozone *z, u32 order, u32 mt)
{
	return &z->free_list[order][mt];
}

static u32 index_of(const struct ospb *sb, u32 frame)
{
	return sb->index * sb->zone->o->spb_pages + frame;
}

static void add(struct ospb *sb, u32 frame, u32 order, u32 mt, bool tail)
{
	struct oseq *list = list_of(sb->zone, order, mt);

	sb->frm[frame] = (struct ofrm){ .state = OF_FREE, .order = (u8)order, .mt = (u8)mt };
	if (tail)
		oseq_push_tail(list, index_of(sb, frame));
	else
		oseq_push_head(list, index_of(sb, frame));
	sb->free_pages += 1ULL << order;
}

static void del(struct ospb *sb, u32 frame)
{
	const struct ofrm old = sb->frm[frame];

	oseq_remove(list_of(sb->zone, old.order, old.mt), index_of(sb, frame));
	sb->frm[frame] = (struct ofrm){ .state = OF_INSIDE };
	sb->free_pages -= 1ULL << old.order;
}

void o_vanilla_del_free(struct ospb *sb, u32 frame)
{
	del(sb, frame);
}

static u32 blocks_of(const struct ospb *sb, u32 order)
{
	const u32 block = sb->zone->o->config.pageblock_order;

	return order > block ? 1U << (order - block) : 1;
}

static void relabel(struct ospb *sb, u32 frame, u32 order, u32 mt)
{
	for (u32 b = 0; b < blocks_of(sb, order); b++)
		o_blk(sb, frame + b * sb->zone->o->block_pages)->label = (u8)mt;
}

/* Ours: the blocks that a request touches are in use and hold its type. */
static void account(struct ospb *sb, u32 frame, const struct oreq *r)
{
	for (u32 b = 0; b < blocks_of(sb, r->order); b++) {
		const u32 f = frame + b * sb->zone->o->block_pages;

		if (o_blk(sb, f)->all_free) {
			o_blk(sb, f)->all_free = false;
			o_update_list(sb);
		}
		o_set_has(sb, f, r->mt);
	}
	o_update_list(sb);
}

/* page_del_and_expand(): halves to the heads of the lists of @mt, the lowest part is taken. */
static struct opage take(struct ospb *sb, u32 frame, const struct oreq *r, u32 mt)
{
	u32 order = sb->frm[frame].order;

	account(sb, frame, r);
	del(sb, frame);
	while (order > r->order) {
		order--;
		add(sb, frame + (1U << order), order, mt, false);
	}
	return (struct opage){ .sb = sb, .frame = frame };
}

static struct opage head(struct ozone *z, u32 order, u32 mt)
{
	const struct oseq *list = list_of(z, order, mt);

	if (!list->n)
		return NOTHING;
	return (struct opage){ .sb = &z->spb[list->v[0] / z->o->spb_pages],
			       .frame = list->v[0] % z->o->spb_pages,
			       .fallback_order = (u8)order, .fallback_mt = (u8)mt };
}

static struct opage smallest(struct ozone *z, struct oreq *r)
{
	for (u32 order = r->order; order <= z->o->config.max_order; order++) {
		struct opage p = head(z, order, r->mt);

		if (!p.sb)
			continue;
		p = take(p.sb, p.frame, r, r->mt);
		o_trace_zone_locked(z, r, &p);
		return p;
	}
	return NOTHING;
}

static const u8 fallbacks[MIGRATE_PCPTYPES][2] = {
	[MIGRATE_UNMOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE },
	[MIGRATE_MOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE },
	[MIGRATE_RECLAIMABLE] = { MIGRATE_UNMOVABLE, MIGRATE_MOVABLE },
};

static struct opage find_fallback(struct ozone *z, u32 order, u32 mt)
{
	const struct opage p = head(z, order, fallbacks[mt][0]);

	return p.sb ? p : head(z, order, fallbacks[mt][1]);
}

/*
 * Half of the block is free or alike: movable for movable, the rest for others in movable blocks.
 */
static bool half_fits(const struct ospb *sb, u32 start, u32 mt, u32 block_mt)
{
	const u32 block = sb->zone->o->block_pages;
	u32 nr_free = 0, nr_movable = 0, alike = 0;

	for (u32 f = start; f < start + block; f++) {
		const struct ofrm *p = &sb->frm[f];

		if (p->state == OF_FREE)
			nr_free += 1U << p->order;
		if (p->state == OF_USED && (p->mt == MIGRATE_MOVABLE || p->mt == MIGRATE_CMA))
			nr_movable += 1U << p->order;
	}
	if (mt == MIGRATE_MOVABLE)
		alike = nr_movable;
	else if (block_mt == MIGRATE_MOVABLE)
		alike = block - nr_free - nr_movable;
	return nr_free + alike >= block / 2;
}

static bool in_zone(const struct ospb *sb, u32 start)
{
	const u64 first = sb->start_pfn + start, last = first + sb->zone->o->block_pages - 1;

	return first >= sb->zone->start_pfn && last < sb->zone->end_pfn;
}

void o_vanilla_move_block(struct ospb *sb, u32 start, u32 mt)
{
	for (u32 f = start; f < start + sb->zone->o->block_pages; f++) {
		const struct ofrm old = sb->frm[f];

		if (old.state != OF_FREE)
			continue;
		del(sb, f);
		add(sb, f, old.order, mt, true);
	}
	relabel(sb, start, 0, mt);
}

/* try_to_claim_block() */
static struct opage try_claim(struct ozone *z, struct oreq *r, const struct opage *at, u32 order)
{
	const u32 start = at->frame / z->o->block_pages * z->o->block_pages;

	if (order >= z->o->config.pageblock_order) {
		relabel(at->sb, at->frame, order, r->mt);
		return take(at->sb, at->frame, r, r->mt);
	}
	if (!in_zone(at->sb, start) || !half_fits(at->sb, start, r->mt, at->fallback_mt)) {
		z->cnt.claims_refused++;
		return NOTHING;
	}
	o_vanilla_move_block(at->sb, start, r->mt);
	return smallest(z, r);
}

static struct opage done(struct ozone *z, const struct oreq *r, struct opage p,
			 const struct opage *at, u32 outcome)
{
	p.outcome = (u8)outcome;
	p.fallback_order = at->fallback_order;
	p.fallback_mt = at->fallback_mt;
	z->cnt.claims += outcome == OUTCOME_CLAIM;
	z->cnt.steals += outcome == OUTCOME_STEAL;
	o_trace_extfrag(z, r, &p);
	return p;
}

static struct opage claim(struct ozone *z, struct oreq *r)
{
	const u32 block = z->o->config.pageblock_order;
	const u32 min = r->nofragment && r->order < block ? block : r->order;

	for (u32 order = z->o->config.max_order + 1; order-- > min; ) {
		struct opage at, p;

		/* should_try_claim_block() */
		if (order < block / 2 && r->mt == MIGRATE_MOVABLE)
			break;
		at = find_fallback(z, order, r->mt);
		if (!at.sb)
			continue;
		p = try_claim(z, r, &at, order);
		if (p.sb)
			return done(z, r, p, &at, OUTCOME_CLAIM);
	}
	return NOTHING;
}

static struct opage steal(struct ozone *z, struct oreq *r)
{
	for (u32 order = r->order; order <= z->o->config.max_order; order++) {
		const struct opage at = find_fallback(z, order, r->mt);

		if (at.sb)
			return done(z, r, take(at.sb, at.frame, r, at.fallback_mt), &at,
				    OUTCOME_STEAL);
	}
	return NOTHING;
}

/* HIGHATOMIC and CMA have no fallbacks. */
struct opage o_vanilla_rmqueue(struct ozone *z, struct oreq *r)
{
	struct opage p = o_cma_first(z, r);

	if (!p.sb && r->mode == OMODE_NORMAL) {
		p = smallest(z, r);
		if (p.sb)
			p.outcome = OUTCOME_NORMAL;
	}
	if (p.sb || r->mt >= MIGRATE_PCPTYPES)
		return p;
	if (r->mode <= OMODE_CMA && r->cma) {
		p = o_cma_fallback(z, r);
		z->o->sites[SITE_CMA_AFTER] += p.sb != NULL;
		if (p.sb)
			r->mode = OMODE_CMA;
	}
	if (!p.sb && r->mode <= OMODE_CLAIM) {
		p = claim(z, r);
		if (p.sb)
			r->mode = OMODE_NORMAL;
	}
	if (!p.sb && !r->nofragment) {
		p = steal(z, r);
		if (p.sb)
			r->mode = OMODE_STEAL;
	}
	return p;
}

/* ---- free ---- */

static bool is_buddy(const struct ospb *sb, u32 frame, u32 order)
{
	return sb->frm[frame].state == OF_FREE && sb->frm[frame].order == order;
}

/* Ours: a block that is wholly free holds nothing. */
static void account_free(struct ospb *sb, u32 frame, u32 order)
{
	if (order < sb->zone->o->config.pageblock_order)
		return;
	for (u32 b = 0; b < blocks_of(sb, order); b++) {
		const u32 f = frame + b * sb->zone->o->block_pages;

		if (o_blk(sb, f)->all_free)
			continue;
		o_clear_has(sb, f, MIGRATE_UNMOVABLE);
		o_clear_has(sb, f, MIGRATE_RECLAIMABLE);
		o_clear_has(sb, f, MIGRATE_MOVABLE);
		o_blk(sb, f)->all_free = true;
		o_update_list(sb);
	}
}

static bool may_merge(u32 a, u32 b)
{
	return a == b || (a < MIGRATE_PCPTYPES && b < MIGRATE_PCPTYPES);
}

/* __free_one_page(): labels stay, but a buddy of a block or more takes that of the freed page. */
void o_vanilla_free_one(struct ospb *sb, u32 frame, u32 order, bool to_tail)
{
	const struct oracle *o = sb->zone->o;
	const u32 mt = o_blk(sb, frame)->label;
	bool tail = to_tail;

	while (order < o->config.max_order && is_buddy(sb, frame ^ (1U << order), order)) {
		const u32 buddy = frame ^ (1U << order);

		if (order >= o->config.pageblock_order) {
			if (!may_merge(mt, o_blk(sb, buddy)->label))
				break;
			relabel(sb, buddy, order, mt);
		}
		del(sb, buddy);
		frame &= buddy;
		order++;
	}
	account_free(sb, frame, order);
	/* buddy_merge_likely() */
	if (order + 1 < o->config.max_order)
		tail |= is_buddy(sb, (frame & ~(1U << order)) ^ (2U << order), order + 1);
	add(sb, frame, order, mt, tail);
}
