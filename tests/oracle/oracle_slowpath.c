// SPDX-License-Identifier: GPL-2.0
/* The relax steps, and which zones each of them goes through (S2.6, S7.4). */
#include "tests/oracle/oracle.h"

typedef struct opage try_fn(struct ozone *z, struct oreq *r);

/* The zone asked for, then the others of its node, downwards first. The order is ours. */
static struct opage each_zone(struct ozone *z, struct oreq *r, try_fn *try)
{
	struct oracle *o = z->o;
	struct opage p = try(z, r);

	for (u32 i = z->index; !p.sb && i-- > 0; ) {
		if (o->zone[i].node == z->node)
			p = try(&o->zone[i], r);
	}
	for (u32 i = z->index + 1; !p.sb && i < o->nr_zones; i++) {
		if (o->zone[i].node == z->node)
			p = try(&o->zone[i], r);
	}
	return p;
}

static struct opage one_zone(struct ozone *z, struct oreq *r, try_fn *try)
{
	return try(z, r);
}

typedef struct opage zones_fn(struct ozone *z, struct oreq *r, try_fn *try);

static u32 mode_of(const struct oracle *o, const struct oreq *r)
{
	const struct variant *v = &o->v;

	return v->slowpath_mode == SLOWPATH_GFP && !r->gfp ? v->slowpath_unrecorded :
							     v->slowpath_mode;
}

/* NOFRAGMENT, then TAINTED_OK, then neither (S2.6); upstream has no TAINTED_OK (S7.4). */
static struct opage relax(struct ozone *z, struct oreq *r, zones_fn *zones)
{
	const u32 mode = mode_of(z->o, r);
	struct opage p = { .sb = NULL };

	if (mode == SLOWPATH_NOFRAGMENT) {
		r->nofragment = true;
		p = zones(z, r, o_locked_rmqueue);
	}
	if (mode == SLOWPATH_ATOMIC) {
		r->nofragment = true;
		r->tainted_ok = false;
		p = zones(z, r, o_locked_rmqueue);
		if (!p.sb) {
			o_trace_relax(z, r, RELAX_ADD_TAINTED_OK);
			r->tainted_ok = true;
			p = zones(z, r, o_locked_rmqueue);
		}
		if (!p.sb)
			o_trace_relax(z, r, RELAX_DROP_NOFRAGMENT);
	}
	r->nofragment = r->tainted_ok = false;
	return p.sb ? p : zones(z, r, o_locked_rmqueue);
}

static struct opage relax_in_zone(struct ozone *z, struct oreq *r)
{
	return relax(z, r, one_zone);
}

/* Ours: GFP_KERNEL, but it was served on the host, so a costly one does not give up early. */
static u32 as_kernel(const struct oreq *r)
{
	return 0xcc0 | (r->order > 3 ? 0x4000 : 0);	/* __GFP_RETRY_MAYFAIL */
}

/*
 * alloc_migration_target(): GFP_HIGHUSER_MOVABLE for a page, GFP_TRANSHUGE, which does not wake
 * kswapd, for a folio. Only alloc_contig_range() has __GFP_RETRY_MAYFAIL.
 */
static u32 migration_gfp(const struct oracle *o, const struct oreq *r)
{
	return (r->order ? 0x1c24ca : 0x100cca) | (o->in_contig ? 0x4000 : 0);
}

static struct ozone *highest_zone(struct oracle *o, const struct onode *n)
{
	struct ozone *top = NULL;

	for (u32 i = 0; i < o->nr_zones; i++) {
		if (o->zone[i].node == n)
			top = &o->zone[i];
	}
	return top;
}

/*
 * A target on the node of @z: its highest zone first (S4.2), then the other nodes,
 * never with NOFRAGMENT. Their order is ours: distances are not known. The flags are the worker's
 * own, so slowpath_unrecorded has no say.
 */
struct opage o_migration_target(struct ozone *z, struct oreq *r)
{
	struct oracle *o = z->o;
	struct opage p;

	if (o->v.slowpath_mode >= SLOWPATH_KERNEL) {
		struct oreq by_gfp = *r;

		by_gfp.gfp = migration_gfp(o, r);
		p = o_alloc_by_gfp(highest_zone(o, z->node), &by_gfp);
	} else {
		p = relax(highest_zone(o, z->node), r, each_zone);
	}
	for (u32 n = 0; n < o->nr_nodes && !p.sb; n++) {
		if (&o->node[n] != z->node)
			p = each_zone(highest_zone(o, &o->node[n]), r, o_locked_rmqueue);
	}
	return p;
}

/*
 * HIGHATOMIC is tried first, then the request goes on as unmovable (S2.7). CMA in the same way goes
 * on as movable: that is ours, the kernel asks for movable with ALLOC_CMA. So is that only the zone
 * asked for is tried. A request names the zone that shall serve it (model.h), so all relax steps
 * are made there before another zone follows; the kernel tries all with NOFRAGMENT first (S2.6).
 */
struct opage o_slowpath(struct ozone *z, struct oreq *r)
{
	struct opage p = { .sb = NULL };

	if (r->mt == MIGRATE_HIGHATOMIC && z->o->v.highatomic) {
		/*
		 * The recorded list tells who asked (S2.7): of order 0 only those that may not
		 * block.
		 */
		r->highatomic = r->order > 0;
		r->non_block = true;
		r->mt = MIGRATE_UNMOVABLE;
	} else if (r->mt >= MIGRATE_PCPTYPES) {
		p = o_vanilla(z->o) ? o_vanilla_rmqueue(z, r) : o_smallest(z, r);
		o_unlock(z->o);
		r->mt = r->mt == MIGRATE_HIGHATOMIC ? MIGRATE_UNMOVABLE : MIGRATE_MOVABLE;
	}
	if (p.sb)
		return p;
	if (mode_of(z->o, r) == SLOWPATH_KERNEL)
		r->gfp = as_kernel(r);
	if (mode_of(z->o, r) == SLOWPATH_KERNEL || (mode_of(z->o, r) == SLOWPATH_GFP && r->gfp))
		return o_alloc_by_gfp(z, r);
	return each_zone(z, r, relax_in_zone);
}
