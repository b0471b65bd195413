// SPDX-License-Identifier: GPL-2.0
#include "model/slowpath.h"

#include "model/event.h"
#include "model/fallback.h"
#include "model/pcp.h"

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
 * Direct reclaim, compaction and evacuation lie between the first and the last step in the kernel
 * and are not modelled: what they freed on the host is in the recorded frees.
 */
static const struct slowpath_step slowpath_steps[] = {
	{ "fast path", NR_RELAX_STEPS, ALLOC_NOFRAGMENT,
	  MODE(SLOWPATH_ATOMIC) | MODE(SLOWPATH_NOFRAGMENT) },
	{ "tainted ok", RELAX_ADD_TAINTED_OK, ALLOC_NOFRAGMENT | ALLOC_NOFRAG_TAINTED_OK,
	  MODE(SLOWPATH_ATOMIC) },
	{ "no flags", RELAX_DROP_NOFRAGMENT, 0,
	  MODE(SLOWPATH_ATOMIC) | MODE(SLOWPATH_DIRECT) | MODE(SLOWPATH_NOFRAGMENT) },
};

/* HIGHATOMIC and CMA have no fallback of their own: the request goes on as this type (S2.7) */
static const u8 substitute[MIGRATE_TYPES] = {
	[MIGRATE_UNMOVABLE] = MIGRATE_UNMOVABLE,
	[MIGRATE_MOVABLE] = MIGRATE_MOVABLE,
	[MIGRATE_RECLAIMABLE] = MIGRATE_RECLAIMABLE,
	[MIGRATE_HIGHATOMIC] = MIGRATE_UNMOVABLE,
	[MIGRATE_CMA] = MIGRATE_MOVABLE,
};

/* Only callers that cannot reclaim relax step by step, and only in the series (S2.6) */
static void report_relax(const struct search *s, enum relax_step step)
{
	if (!s->m->vanilla && s->m->v.slowpath_mode == SLOWPATH_ATOMIC)
		event_relax(s, step);
}

static bool try_step(struct search *s, struct zone *zone, const struct slowpath_step *step,
		     struct found *at)
{
	s->zone = zone;
	if (!(step->modes & MODE(s->m->v.slowpath_mode)))
		return false;
	if (traced(s->m) && step->relax != NR_RELAX_STEPS)
		report_relax(s, step->relax);
	if (pcp_serves(s->m, s->order, s->mt))
		return pcp_rmqueue(s, step->flags, at);
	return rmqueue(s, step->flags, at);
}

static bool alloc_from_zone(struct search *s, struct zone *zone, struct found *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(slowpath_steps); i++) {
		if (try_step(s, zone, &slowpath_steps[i], at))
			return true;
	}
	return false;
}

/* The request's own type first: HIGHATOMIC and CMA lists are only searched, never claimed. */
static bool alloc_special(struct search *s, struct zone *zone, struct found *at)
{
	s->zone = zone;
	if (rmqueue(s, 0, at))
		return true;
	s->mt = substitute[s->mt];
	return false;
}

bool alloc_from_node(struct search *s, struct zone *zone, struct found *at)
{
	struct model *m = s->m;

	if (s->mt >= MIGRATE_PCPTYPES && alloc_special(s, zone, at))
		return true;
	if (alloc_from_zone(s, zone, at))
		return true;
	for (u32 z = zone->index; z-- > 0;) {
		if (m->zones[z].node == zone->node && alloc_from_zone(s, &m->zones[z], at))
			return true;
	}
	for (u32 z = zone->index + 1; z < m->nr_zones; z++) {
		if (m->zones[z].node == zone->node && alloc_from_zone(s, &m->zones[z], at))
			return true;
	}
	return false;
}

static bool try_node(struct search *s, const struct node *node, const struct slowpath_step *step,
		     struct found *at)
{
	struct model *m = s->m;

	for (u32 z = m->nr_zones; z-- > 0;) {
		if (m->zones[z].node == node && try_step(s, &m->zones[z], step, at))
			return true;
	}
	return false;
}

bool alloc_migration_target(struct zone *zone, u32 order, u16 cpu, struct found *at)
{
	struct model *m = zone->m;
	struct search s = { .m = m, .order = order, .mt = MIGRATE_MOVABLE, .cpu = cpu };
	const size_t last = ARRAY_SIZE(slowpath_steps) - 1;

	for (size_t i = 0; i <= last; i++) {
		if (try_node(&s, zone->node, &slowpath_steps[i], at))
			return true;
	}
	/* Another node's memory never comes with NOFRAGMENT (S2.6). Distances are not known. */
	for (u32 n = 0; n < m->nr_nodes; n++) {
		if (&m->nodes[n] != zone->node &&
		    try_node(&s, &m->nodes[n], &slowpath_steps[last], at))
			return true;
	}
	return false;
}
