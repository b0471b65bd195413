// SPDX-License-Identifier: GPL-2.0
#include "model/freelist.h"

#include "model/event.h"
#include "model/fallback.h"
#include "model/slowpath.h"
#include "model/superpageblock.h"

/* ---- zones ---- */

u32 gfp_zone(u32 gfp)
{
	if (gfp & ___GFP_DMA)
		return ZONE_DMA;
	if (gfp & ___GFP_DMA32)
		return ZONE_DMA32;
	if ((gfp & ___GFP_MOVABLE) && (gfp & ___GFP_HIGHMEM))
		return ZONE_MOVABLE;
	return ZONE_NORMAL;
}

static const struct zone *node_zone(const struct attempt *a, u32 zone_idx)
{
	const struct model *m = a->s->m;

	for (u32 z = 0; z < m->nr_zones; z++) {
		if (m->zones[z].node == a->first->node && m->zones[z].zone_idx == zone_idx)
			return &m->zones[z];
	}
	return NULL;
}

/* The zone whose flags the kernel takes: the highest of the node that gfp allows. */
static struct zone *preferred_zone(const struct attempt *a)
{
	struct model *m = a->s->m;
	struct zone *best = a->first;

	for (u32 z = 0; z < m->nr_zones; z++) {
		struct zone *zone = &m->zones[z];

		if (zone->node == a->first->node && zone->zone_idx <= a->highest &&
		    zone->zone_idx > best->zone_idx)
			best = zone;
	}
	return best;
}

/*
 * alloc_flags_nofragment(): it only makes sense to spread from Normal to DMA32; on a machine of one
 * node the kernel takes for granted that there is a DMA32 (S7.4).
 */
u32 nofragment_flags(const struct attempt *a)
{
	if (preferred_zone(a)->zone_idx != ZONE_NORMAL)
		return 0;
	if (a->s->m->nr_nodes > 1 && !node_zone(a, ZONE_DMA32))
		return 0;
	return ALLOC_NOFRAGMENT;
}

static bool try_zones(struct attempt *a, u32 flags, struct found *at)
{
	const struct model *m = a->s->m;
	const u32 first = a->first->index;

	if (rmqueue_zone(a->s, a->first, flags, at))
		return true;
	for (u32 i = 1; i < m->nr_zones; i++) {
		/* first - 1 .. 0, then first + 1 .. */
		const u32 z = i <= first ? first - i : i;
		struct zone *zone = &m->zones[z];

		if (zone->node == a->first->node && zone->zone_idx <= a->highest &&
		    rmqueue_zone(a->s, zone, flags, at))
			return true;
	}
	return false;
}

/* ---- callers that cannot reclaim relax step by step ---- */

/* spb_tainted_can_serve_smaller(): the caller's own retry with less could be served (S2.6) */
static bool can_serve_smaller(const struct superpageblock *sb, u32 order, u32 mt)
{
	const u32 opposite = mt == MIGRATE_UNMOVABLE ? MIGRATE_RECLAIMABLE : MIGRATE_UNMOVABLE;
	const bool borrows = mt == MIGRATE_UNMOVABLE || mt == MIGRATE_RECLAIMABLE;

	if (sb->nr_movable)
		return true;
	for (u32 o = 0; o < order; o++) {
		if (sb->free_area[o].free_list[mt].head != FRAME_NIL ||
		    (borrows && sb->free_area[o].free_list[opposite].head != FRAME_NIL))
			return true;
	}
	return false;
}

static bool lower_order_will_do(const struct attempt *a, u32 flags __unused)
{
	const struct search *s = a->s;
	const struct zone *zone = preferred_zone(a);
	const struct superpageblock *sb;
	u32 full;

	if (!s->m->v.relax_nowarn || !s->order || !has(a, ___GFP_NOWARN) || has(a, ___GFP_NOFAIL))
		return false;
	for_each_spb_in(zone, SB_TAINTED, full, sb) {
		if (can_serve_smaller(sb, s->order, s->mt))
			return true;
	}
	return false;
}

static bool no_retry(const struct attempt *a, u32 flags __unused)
{
	return has(a, ___GFP_NORETRY);
}

static bool not_yet_tainted_ok(const struct attempt *a __unused, u32 flags)
{
	return !(flags & ALLOC_NOFRAG_TAINTED_OK);
}

static bool otherwise(const struct attempt *a __unused, u32 flags __unused)
{
	return true;
}

/**
 * struct relax_rule - what get_page_from_freelist() does about NOFRAGMENT (S2.6); the first row
 *	that applies
 * @gives_up: nothing more is tried; else it is tried again with @set and without @clear
 */
struct relax_rule {
	enum relax_step step;
	bool (*applies)(const struct attempt *a, u32 flags);
	bool gives_up;
	u32 set;
	u32 clear;
};

static const struct relax_rule relax_rules[] = {
	{ RELAX_NORETRY_SKIP, no_retry, true, 0, 0 },
	{ RELAX_NOWARN_LOWER_ORDER, lower_order_will_do, true, 0, 0 },
	{ RELAX_ADD_TAINTED_OK, not_yet_tainted_ok, false, ALLOC_NOFRAG_TAINTED_OK, 0 },
	{ RELAX_DROP_NOFRAGMENT, otherwise, false, 0,
	  ALLOC_NOFRAGMENT | ALLOC_NOFRAG_TAINTED_OK },
};

/* Return: false: give up */
static bool relax(struct attempt *a, u32 *flags)
{
	const struct relax_rule *rule = relax_rules;

	while (!rule->applies(a, *flags))
		rule++;
	a->s->zone = preferred_zone(a);
	if (traced(a->s->m))
		event_relax(a->s, rule->step);
	*flags = (*flags | rule->set) & ~rule->clear;
	return !rule->gives_up;
}

/*
 * The walk over the zonelist would come to another node now: being local matters more than
 * fragmentation, so the local zones are tried once more, without NOFRAGMENT (S2.6).
 */
static bool leaves_node(const struct attempt *a)
{
	return a->s->m->nr_nodes > 1 && !has(a, ___GFP_THISNODE);
}

bool get_page_from_freelist(struct attempt *a, u32 flags, struct found *at)
{
	for (;;) {
		if (try_zones(a, flags, at))
			return true;
		if (!(flags & ALLOC_NOFRAGMENT))
			return false;
		/* Upstream drops it for everybody. */
		if (leaves_node(a) || a->s->m->vanilla)
			flags &= ~ALLOC_NOFRAGMENT;
		else if (can_reclaim(a) || !relax(a, &flags))
			return false;
	}
}
