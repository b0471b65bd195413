// SPDX-License-Identifier: GPL-2.0
#include "model/slowpath.h"

#include "model/cma.h"
#include "model/event.h"
#include "model/fallback.h"
#include "model/gfp.h"
#include "model/highatomic.h"
#include "model/pcp.h"
#include "model/worker.h"

/**
 * struct slowpath_step - one attempt
 * @name: for the reader
 * @relax: enum relax_step that leads to it in SLOWPATH_ATOMIC, or NR_RELAX_STEPS
 * @flags: alloc_flags of the attempt
 * @modes: slowpath modes that make it, as bits
 */
struct slowpath_step {
	const char *name;
	enum relax_step relax;
	u32 flags;
	u32 modes;
};

#define MODE(m) (1U << (m))

/*
 * For requests whose gfp flags are not known; those that are known go by gfp.c. SLOWPATH_KERNEL and
 * SLOWPATH_GFP come here only for pages that the worker moves to another node.
 */
static const struct slowpath_step slowpath_steps[] = {
	{ "fast path", NR_RELAX_STEPS, ALLOC_NOFRAGMENT,
	  MODE(SLOWPATH_ATOMIC) | MODE(SLOWPATH_NOFRAGMENT) },
	{ "tainted ok", RELAX_ADD_TAINTED_OK, ALLOC_NOFRAGMENT | ALLOC_NOFRAG_TAINTED_OK,
	  MODE(SLOWPATH_ATOMIC) },
	{ "no flags", RELAX_DROP_NOFRAGMENT, 0,
	  MODE(SLOWPATH_ATOMIC) | MODE(SLOWPATH_DIRECT) | MODE(SLOWPATH_NOFRAGMENT) |
	  MODE(SLOWPATH_KERNEL) | MODE(SLOWPATH_GFP) },
};

/* HIGHATOMIC and CMA have no fallback of their own: the request goes on as this type (S2.7) */
static const u8 substitute[MIGRATE_TYPES] = {
	[MIGRATE_UNMOVABLE] = MIGRATE_UNMOVABLE,
	[MIGRATE_MOVABLE] = MIGRATE_MOVABLE,
	[MIGRATE_RECLAIMABLE] = MIGRATE_RECLAIMABLE,
	[MIGRATE_HIGHATOMIC] = MIGRATE_UNMOVABLE,
	[MIGRATE_CMA] = MIGRATE_MOVABLE,
};

/* How the request goes: slowpath_mode, and slowpath_unrecorded for what it cannot tell. */
static u32 mode_of(const struct search *s)
{
	const struct variant *v = &s->m->v;

	return v->slowpath_mode == SLOWPATH_GFP && !s->gfp ? v->slowpath_unrecorded :
							     v->slowpath_mode;
}

bool rmqueue_zone(struct search *s, struct zone *zone, u32 alloc_flags, struct found *at)
{
	bool found;

	s->zone = zone;
	s->mode = 0;
	alloc_flags |= s->reserve_flags;
	/* Set for every movable request; told only where there are areas (S2.5). */
	if (s->mt == MIGRATE_MOVABLE && zone->cma_pages)
		alloc_flags |= ALLOC_CMA;
	found = pcp_serves(s->m, s->order, s->mt) && pcp_rmqueue(s, alloc_flags, at);
	/* The zone lock is dropped, after a refill as after the buddy. */
	worker_interrupt(s->m);
	if (found)
		return true;
	found = rmqueue_buddy(s, alloc_flags, at);
	worker_interrupt(s->m);
	return found;
}

/*
 * Only callers that cannot reclaim relax step by step, and only in the series (S2.6). Told once for
 * all zones that the step goes through.
 */
static void report_relax(struct search *s, struct zone *zone, u32 mode, enum relax_step step)
{
	s->zone = zone;
	if (!s->m->vanilla && mode == SLOWPATH_ATOMIC && step != NR_RELAX_STEPS)
		event_relax(s, step);
}

static bool try_step(struct search *s, struct zone *zone, u32 mode,
		     const struct slowpath_step *step, struct found *at)
{
	return (step->modes & MODE(mode)) && rmqueue_zone(s, zone, step->flags, at);
}

static bool alloc_from_zone(struct search *s, struct zone *zone, u32 mode, struct found *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(slowpath_steps); i++) {
		if (traced(s->m))
			report_relax(s, zone, mode, slowpath_steps[i].relax);
		if (try_step(s, zone, mode, &slowpath_steps[i], at))
			return true;
	}
	return false;
}

/*
 * The request's own type first: HIGHATOMIC and CMA lists are only searched, never claimed. With a
 * reserve, HIGHATOMIC means that the host took the page from there: of high order by right, of
 * order 0 as the last resort of a request that could not block (S2.7).
 */
static bool alloc_special(struct search *s, struct zone *zone, struct found *at)
{
	if (s->mt == MIGRATE_HIGHATOMIC && s->m->v.highatomic) {
		s->reserve_flags = ALLOC_NON_BLOCK | (s->order ? ALLOC_HIGHATOMIC : 0);
		s->mt = MIGRATE_UNMOVABLE;
		return false;
	}
	if (rmqueue_zone(s, zone, 0, at))
		return true;
	s->mt = substitute[s->mt];
	return false;
}

/*
 * Flags for a request that has none: it was served on the host, so a costly one is not among those
 * that give up early (S2.6).
 */
static u32 unrecorded_gfp(const struct search *s)
{
	return GFP_KERNEL | (s->order > PAGE_ALLOC_COSTLY_ORDER ? ___GFP_RETRY_MAYFAIL : 0);
}

bool alloc_from_node(struct search *s, struct zone *zone, struct found *at)
{
	struct model *m = s->m;
	const u32 mode = mode_of(s);

	if (s->mt >= MIGRATE_PCPTYPES && alloc_special(s, zone, at))
		return true;
	if (mode == SLOWPATH_KERNEL)
		s->gfp = unrecorded_gfp(s);
	if (mode >= SLOWPATH_KERNEL)
		return alloc_by_gfp(s, zone, at);
	if (alloc_from_zone(s, zone, mode, at))
		return true;
	for (u32 z = zone->index; z-- > 0;) {
		if (m->zones[z].node == zone->node && alloc_from_zone(s, &m->zones[z], mode, at))
			return true;
	}
	for (u32 z = zone->index + 1; z < m->nr_zones; z++) {
		if (m->zones[z].node == zone->node && alloc_from_zone(s, &m->zones[z], mode, at))
			return true;
	}
	return false;
}

static bool try_node(struct search *s, const struct node *node, u32 mode,
		     const struct slowpath_step *step, struct found *at)
{
	struct model *m = s->m;

	for (u32 z = m->nr_zones; z-- > 0;) {
		if (m->zones[z].node == node && try_step(s, &m->zones[z], mode, step, at))
			return true;
	}
	return false;
}

static struct zone *highest_zone(struct zone *zone)
{
	struct model *m = zone->m;

	for (u32 z = m->nr_zones; z-- > zone->index;) {
		if (m->zones[z].node == zone->node)
			return &m->zones[z];
	}
	return zone;
}

/* From @node with the flags of each step in turn. */
static bool try_steps(struct search *s, struct zone *zone, u32 mode, struct found *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(slowpath_steps); i++) {
		if (traced(s->m))
			report_relax(s, zone, mode, slowpath_steps[i].relax);
		if (try_node(s, zone->node, mode, &slowpath_steps[i], at))
			return true;
	}
	return false;
}

/* What is larger than a page is asked for like a huge page, with its reclaim policy. */
static u32 target_gfp(u32 gfp, u32 order)
{
	return order ? (gfp & ~GFP_RECLAIM) | GFP_TRANSHUGE : gfp;
}

bool alloc_migration_target(struct zone *zone, u32 gfp, u32 order, u16 cpu, struct found *at)
{
	struct model *m = zone->m;
	struct search s = { .m = m, .order = order, .mt = MIGRATE_MOVABLE, .cpu = cpu };
	const struct slowpath_step *last = &slowpath_steps[ARRAY_SIZE(slowpath_steps) - 1];
	/* The worker's flags are known: slowpath_unrecorded is not for it. */
	const u32 mode = m->v.slowpath_mode;
	bool found;

	if (mode >= SLOWPATH_KERNEL) {
		s.gfp = target_gfp(gfp, order);
		found = alloc_by_gfp(&s, highest_zone(zone), at);
	} else {
		found = try_steps(&s, highest_zone(zone), mode, at);
	}
	/* Another node's memory never comes with NOFRAGMENT (S2.6). Distances are not known. */
	for (u32 n = 0; n < m->nr_nodes && !found; n++)
		found = &m->nodes[n] != zone->node && try_node(&s, &m->nodes[n], mode, last, at);
	return found;
}
