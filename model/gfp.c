// SPDX-License-Identifier: GPL-2.0
#include "model/gfp.h"

#include "model/contig.h"
#include "model/evac.h"
#include "model/fallback.h"
#include "model/freelist.h"
#include "model/highatomic.h"
#include "model/reclaim.h"

/* ---- flags of the slow path ---- */

static bool unmovable_or_reclaimable(const struct attempt *a)
{
	return a->s->mt == MIGRATE_UNMOVABLE || a->s->mt == MIGRATE_RECLAIMABLE;
}

/* Who may use the HIGHATOMIC reserve, and make it grow (S2.7) */
static u32 reserve_flags(const struct attempt *a)
{
	if (!a->s->m->v.highatomic || has(a, ___GFP_DIRECT_RECLAIM | ___GFP_NOMEMALLOC))
		return 0;
	if (a->s->order && has(a, ___GFP_HIGH))
		return ALLOC_NON_BLOCK | ALLOC_HIGHATOMIC;
	return ALLOC_NON_BLOCK;
}

/* gfp_to_alloc_flags(), as far as it matters here */
static u32 slowpath_flags(const struct attempt *a)
{
	u32 flags = nofragment_flags(a) | reserve_flags(a);

	if (!a->s->m->v.highorder_optional)
		return flags;
	/* Callers that have something cheaper than a page that taints an SPB (S2.6) */
	if (has(a, ___GFP_NORETRY) && !has(a, ___GFP_RETRY_MAYFAIL))
		flags |= ALLOC_HIGHORDER_OPTIONAL;
	else if (!has(a, ___GFP_DIRECT_RECLAIM | ___GFP_NOMEMALLOC | ___GFP_NOFAIL))
		flags |= ALLOC_HIGHORDER_OPTIONAL;
	return flags;
}

/* ---- its steps ---- */

enum step_result { NEXT_STEP, GOT_PAGE, NO_PAGE };

static enum step_result try_again(struct attempt *a, struct found *at)
{
	return get_page_from_freelist(a, a->flags, at) ? GOT_PAGE : NEXT_STEP;
}

static bool unreserve(struct attempt *a, bool force)
{
	struct model *m = a->s->m;

	for (u32 z = m->nr_zones; z-- > 0;) {
		if (m->zones[z].node == a->first->node && m->zones[z].zone_idx <= a->highest &&
		    unreserve_highatomic_pageblock(&m->zones[z], a->s->mt, force))
			return true;
	}
	return false;
}

/* __alloc_pages_direct_reclaim(): what was reclaimed was not enough: the reserve gives a block */
static enum step_result reclaim(struct attempt *a, struct found *at)
{
	if (!direct_reclaim(a->first))
		return NEXT_STEP;
	if (try_again(a, at) == GOT_PAGE)
		return GOT_PAGE;
	unreserve(a, false);
	return try_again(a, at);
}

/* should_reclaim_retry(): before anything worse, the reserve is used up, block by block (S2.7) */
static enum step_result exhaust_reserve(struct attempt *a, struct found *at)
{
	while (unreserve(a, true)) {
		if (try_again(a, at) == GOT_PAGE)
			return GOT_PAGE;
	}
	return NEXT_STEP;
}

static enum step_result evacuate(struct attempt *a, struct found *at)
{
	struct model *m = a->s->m;

	for (u32 z = m->nr_zones; z-- > 0;) {
		struct zone *zone = &m->zones[z];

		if (zone->node != a->first->node || zone->zone_idx > a->highest)
			continue;
		if (spb_evacuate_for_order(zone, a->s->order, a->s->mt, a->s->cpu) &&
		    get_page_from_freelist(a, a->flags, at))
			return GOT_PAGE;
	}
	return NEXT_STEP;
}

static enum step_result contig(struct attempt *a, struct found *at)
{
	struct model *m = a->s->m;

	for (u32 z = m->nr_zones; z-- > 0;) {
		struct zone *zone = &m->zones[z];

		if (zone->node == a->first->node && zone->zone_idx <= a->highest &&
		    spb_try_alloc_contig(zone, a->s->order, a->s->cpu, at))
			return GOT_PAGE;
	}
	return NEXT_STEP;
}

static enum step_result drop_nofragment(struct attempt *a, struct found *at)
{
	a->flags &= ~ALLOC_NOFRAGMENT;
	return try_again(a, at);
}

static enum step_result no_flags(struct attempt *a, struct found *at)
{
	a->flags = 0;
	return try_again(a, at);
}

/* The end, but NOFAIL callers that can reclaim get whatever there is. */
static enum step_result nopage(struct attempt *a, struct found *at)
{
	if (has(a, ___GFP_NOFAIL) && can_reclaim(a) && no_flags(a, at) == GOT_PAGE)
		return GOT_PAGE;
	return NO_PAGE;
}

static bool always(const struct attempt *a __unused)
{
	return true;
}

static bool uses_reserves(const struct attempt *a)
{
	return has(a, ___GFP_MEMALLOC) && !has(a, ___GFP_NOMEMALLOC);
}

/* Callers that lose ALLOC_CPUSET get one more try, although there are no cpusets to ignore here. */
static bool ignores_cpusets(const struct attempt *a)
{
	return has(a, ___GFP_HIGH) && !can_reclaim(a) && !uses_reserves(a);
}

static bool cannot_reclaim(const struct attempt *a)
{
	return !can_reclaim(a);
}

static bool reclaims_first(const struct attempt *a)
{
	return !a->compact_first;
}

static bool compacts_first(const struct attempt *a)
{
	return a->compact_first;
}

static bool evacuates(const struct attempt *a)
{
	return a->s->m->v.slowpath_evacuate && !a->s->m->vanilla && unmovable_or_reclaimable(a);
}

/* spb_evacuate_for_order() stands where compaction is tried, which order 0 never does. */
static bool evacuates_high_order(const struct attempt *a)
{
	return a->s->order && evacuates(a);
}

/*
 * alloc_contig_range() refuses flags that it does not know, NORETRY among them
 * (__alloc_contig_verify_gfp_mask)
 */
#define CONTIG_GFP (GFP_HIGHUSER_MOVABLE | ___GFP_DMA | ___GFP_DMA32 | ___GFP_RECLAIMABLE | \
		    ___GFP_WRITE | ___GFP_THISNODE | ___GFP_COMP | ___GFP_RETRY_MAYFAIL | \
		    ___GFP_NOWARN | ___GFP_ZERO | ___GFP_ZEROTAGS | ___GFP_NOMEMALLOC)

static bool wants_contig(const struct attempt *a)
{
	const struct search *s = a->s;

	return s->m->v.slowpath_contig && !s->m->vanilla && !s->m->in_contig &&
	       s->mt == MIGRATE_MOVABLE && s->order >= s->m->pageblock_order &&
	       !(s->gfp & ~CONTIG_GFP);
}

static bool wants_contig_again(const struct attempt *a)
{
	return a->compact_first && wants_contig(a);
}

static bool evacuates_again(const struct attempt *a)
{
	return a->compact_first && evacuates_high_order(a);
}

static bool only_compacts_here(const struct attempt *a)
{
	return a->compact_first && has(a, ___GFP_NORETRY) && has(a, ___GFP_THISNODE);
}

static bool never_retries(const struct attempt *a)
{
	return has(a, ___GFP_NORETRY);
}

static bool costs_too_much(const struct attempt *a)
{
	return a->s->order > PAGE_ALLOC_COSTLY_ORDER &&
	       (!has(a, ___GFP_IO) || !has(a, ___GFP_RETRY_MAYFAIL));
}

static bool evacuates_before_drop(const struct attempt *a)
{
	return (a->flags & ALLOC_NOFRAGMENT) && evacuates(a);
}

static bool keeps_nofragment(const struct attempt *a)
{
	return a->flags & ALLOC_NOFRAGMENT;
}

/** struct gfp_step - a step of __alloc_pages_slowpath() (S2.6) */
struct gfp_step {
	const char *name;
	bool (*applies)(const struct attempt *a);
	enum step_result (*take)(struct attempt *a, struct found *at);
};

static const struct gfp_step gfp_steps[] = {
	{ "slow path flags", always, try_again },
	{ "reserves", uses_reserves, no_flags },
	{ "any cpuset", ignores_cpusets, try_again },
	{ "cannot reclaim", cannot_reclaim, nopage },
	{ "direct reclaim", reclaims_first, reclaim },
	{ "direct compact: contig", wants_contig, contig },
	{ "direct compact: evacuate", evacuates_high_order, evacuate },
	{ "compaction only", only_compacts_here, nopage },
	{ "second round: retry", compacts_first, try_again },
	{ "second round: reclaim", compacts_first, reclaim },
	{ "second round: contig", wants_contig_again, contig },
	{ "second round: evacuate", evacuates_again, evacuate },
	{ "NORETRY", never_retries, nopage },
	{ "costly order", costs_too_much, nopage },
	{ "exhaust the reserve", always, exhaust_reserve },
	{ "evacuate before the drop", evacuates_before_drop, evacuate },
	{ "drop NOFRAGMENT", keeps_nofragment, drop_nofragment },
	{ "nopage", always, nopage },
};

static bool slowpath(struct attempt *a, struct found *at)
{
	enum step_result r = NEXT_STEP;

	for (const struct gfp_step *step = gfp_steps; r == NEXT_STEP; step++) {
		if (step->applies(a))
			r = step->take(a, at);
	}
	return r == GOT_PAGE;
}

bool alloc_by_gfp(struct search *s, struct zone *zone, struct found *at)
{
	struct attempt a = { .s = s, .first = zone, .highest = gfp_zone(s->gfp) };

	/* The recorded zone served the request, whatever its flags say. */
	if (zone->zone_idx > a.highest)
		a.highest = zone->zone_idx;
	if (get_page_from_freelist(&a, nofragment_flags(&a), at))
		return true;
	a.flags = slowpath_flags(&a);
	a.compact_first = can_reclaim(&a) && has(&a, ___GFP_IO) && s->order &&
			  (s->order > PAGE_ALLOC_COSTLY_ORDER || s->mt != MIGRATE_MOVABLE);
	return slowpath(&a, at);
}
