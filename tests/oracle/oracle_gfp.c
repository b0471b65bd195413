// SPDX-License-Identifier: GPL-2.0
/*
 * Requests with gfp flags (S2.6, S7.4), after get_page_from_freelist() and
 * __alloc_pages_slowpath(). One round: no watermarks, no OOM killer, no progress by reclaim; which
 * zones of the node are tried in which order is ours, as for requests without flags.
 */
#include "tests/oracle/oracle.h"

#include <string.h>

#define NOTHING ((struct opage){ .sb = NULL })

/* include/linux/gfp_types.h of Linux 6.18 */
#define G_DMA 0x01U
#define G_HIGHMEM 0x02U
#define G_DMA32 0x04U
#define G_MOVABLE 0x08U
#define G_HIGH 0x20U
#define G_IO 0x40U
#define G_DIRECT_RECLAIM 0x400U
#define G_NOWARN 0x2000U
#define G_RETRY_MAYFAIL 0x4000U
#define G_NOFAIL 0x8000U
#define G_NORETRY 0x10000U
#define G_MEMALLOC 0x20000U
#define G_NOMEMALLOC 0x80000U
#define G_THISNODE 0x200000U

enum kind { KIND_DMA, KIND_DMA32, KIND_NORMAL, KIND_MOVABLE };

static u32 kind_of(const struct ozone *z)
{
	const char *name = z->o->zones[z->index].name;

	if (!strcmp(name, "DMA"))
		return KIND_DMA;
	if (!strcmp(name, "DMA32"))
		return KIND_DMA32;
	return strcmp(name, "Movable") ? KIND_NORMAL : KIND_MOVABLE;
}

/**
 * struct oask - the request: @first zone asked for, @highest kind of zone that is allowed;
 * @non_block,
 * @highatomic: what the recorded type says already
 */
struct oask {
	struct oracle *o;
	struct oreq *r;
	struct ozone *first;
	u32 highest;
	bool non_block;
	bool highatomic;
};

static bool has(const struct oask *a, u32 flags)
{
	return a->r->gfp & flags;
}

static bool allowed(const struct oask *a, const struct ozone *z)
{
	return z->node == a->first->node && kind_of(z) <= a->highest;
}

/* ac->preferred_zoneref: the highest zone that is allowed */
static struct ozone *preferred(const struct oask *a)
{
	struct ozone *best = a->first;

	for (u32 i = 0; i < a->o->nr_zones; i++) {
		struct ozone *z = &a->o->zone[i];

		if (allowed(a, z) && kind_of(z) > kind_of(best))
			best = z;
	}
	return best;
}

/* alloc_flags_nofragment() */
static bool avoids_fragments(const struct oask *a)
{
	bool dma32 = false;

	for (u32 i = 0; i < a->o->nr_zones; i++)
		dma32 |= a->o->zone[i].node == a->first->node &&
			 kind_of(&a->o->zone[i]) == KIND_DMA32;
	return kind_of(preferred(a)) == KIND_NORMAL && (a->o->nr_nodes == 1 || dma32);
}

static struct opage try_zones(const struct oask *a)
{
	struct opage p = o_locked_rmqueue(a->first, a->r);

	for (u32 i = a->first->index; !p.sb && i-- > 0; ) {
		if (allowed(a, &a->o->zone[i]))
			p = o_locked_rmqueue(&a->o->zone[i], a->r);
	}
	for (u32 i = a->first->index + 1; !p.sb && i < a->o->nr_zones; i++) {
		if (allowed(a, &a->o->zone[i]))
			p = o_locked_rmqueue(&a->o->zone[i], a->r);
	}
	return p;
}

/* spb_tainted_can_serve_smaller() */
static bool tainted_serves_smaller(const struct ozone *z, const struct oreq *r)
{
	for (u32 i = 0; i < z->nr_spbs; i++) {
		const struct ospb *sb = &z->spb[i];

		if (!o_on_tainted(sb))
			continue;
		if (o_nr_movable(sb))
			return true;
		for (u32 order = 0; order < r->order; order++) {
			if (sb->free_list[order][r->mt].n ||
			    (r->mt == MIGRATE_UNMOVABLE &&
			     sb->free_list[order][MIGRATE_RECLAIMABLE].n) ||
			    (r->mt == MIGRATE_RECLAIMABLE &&
			     sb->free_list[order][MIGRATE_UNMOVABLE].n))
				return true;
		}
	}
	return false;
}

/* What callers that cannot reclaim do next. Return: false: give up */
static bool relax(const struct oask *a)
{
	struct ozone *z = preferred(a);

	if (has(a, G_NORETRY)) {
		o_trace_relax(z, a->r, RELAX_NORETRY_SKIP);
		return false;
	}
	if (a->o->v.relax_nowarn && a->r->order && has(a, G_NOWARN) && !has(a, G_NOFAIL) &&
	    tainted_serves_smaller(z, a->r)) {
		o_trace_relax(z, a->r, RELAX_NOWARN_LOWER_ORDER);
		return false;
	}
	if (!a->r->tainted_ok) {
		o_trace_relax(z, a->r, RELAX_ADD_TAINTED_OK);
		a->r->tainted_ok = true;
		return true;
	}
	o_trace_relax(z, a->r, RELAX_DROP_NOFRAGMENT);
	a->r->nofragment = a->r->tainted_ok = false;
	return true;
}

static struct opage freelist_once(const struct oask *a)
{
	for (;;) {
		const struct opage p = try_zones(a);

		if (p.sb || !a->r->nofragment)
			return p;
		/* The walk comes to another node, or upstream: fragmenting is allowed. */
		if (o_vanilla(a->o) || (a->o->nr_nodes > 1 && !has(a, G_THISNODE)))
			a->r->nofragment = false;
		else if (has(a, G_DIRECT_RECLAIM) || !relax(a))
			return NOTHING;
	}
}

/* get_page_from_freelist(): changes its own copy of the flags */
static struct opage freelist(const struct oask *a)
{
	const bool nofragment = a->r->nofragment, tainted_ok = a->r->tainted_ok;
	const struct opage p = freelist_once(a);

	a->r->nofragment = nofragment;
	a->r->tainted_ok = tainted_ok;
	return p;
}

static bool non_movable(const struct oask *a)
{
	return a->r->mt == MIGRATE_UNMOVABLE || a->r->mt == MIGRATE_RECLAIMABLE;
}

static bool evacuates(const struct oask *a)
{
	return a->o->v.slowpath_evacuate && !o_vanilla(a->o) && non_movable(a);
}

static struct opage evacuate(const struct oask *a)
{
	struct opage p = NOTHING;

	for (u32 i = a->o->nr_zones; !p.sb && i-- > 0; ) {
		if (allowed(a, &a->o->zone[i]) &&
		    o_evacuate_now(&a->o->zone[i], a->r->order, a->r->mt, (u16)a->r->cpu))
			p = freelist(a);
	}
	return p;
}

/* __alloc_contig_verify_gfp_mask(), of the flags of Linux 6.18; the series lets NOMEMALLOC pass */
#define CONTIG_KNOWS                                                                               \
	(0x1fU | G_IO | 0x80U | 0x100U | 0xc00U | 0x1000U | G_NOWARN | G_RETRY_MAYFAIL |           \
	 0x40000U | G_NOMEMALLOC | 0x100000U | G_THISNODE | 0x800000U)

/*
 * Ours: a page that moves out of a range does not ask for another range. The kernel would let it.
 */
static bool wants_contig(const struct oask *a)
{
	const struct oracle *o = a->o;

	return o->v.slowpath_contig && !o_vanilla(o) && !o->in_contig &&
	       a->r->mt == MIGRATE_MOVABLE && a->r->order >= o->config.pageblock_order &&
	       !(a->r->gfp & ~CONTIG_KNOWS);
}

/* __alloc_pages_direct_compact(): nothing for order 0; what the series puts before compaction */
static struct opage compact(const struct oask *a)
{
	struct opage p = NOTHING;

	for (u32 i = a->o->nr_zones; wants_contig(a) && !p.sb && i-- > 0; ) {
		if (allowed(a, &a->o->zone[i]))
			p = o_contig(&a->o->zone[i], a->r);
	}
	if (p.sb || !a->r->order || !evacuates(a))
		return p;
	return evacuate(a);
}

static struct opage without_flags(const struct oask *a)
{
	a->r->nofragment = a->r->tainted_ok = a->r->optional = false;
	a->r->non_block = a->non_block;
	a->r->highatomic = a->highatomic;
	return freelist(a);
}

static struct opage nopage(const struct oask *a)
{
	return has(a, G_NOFAIL) && has(a, G_DIRECT_RECLAIM) ? without_flags(a) : NOTHING;
}

/* Before the last resort: evacuate, then allow to taint. */
static struct opage last_resort(const struct oask *a)
{
	struct opage p = NOTHING;

	if (!a->r->nofragment)
		return p;
	if (evacuates(a))
		p = evacuate(a);
	if (p.sb)
		return p;
	a->r->nofragment = false;
	return freelist(a);
}

static bool unreserve(const struct oask *a, bool force)
{
	for (u32 i = a->o->nr_zones; i-- > 0; ) {
		if (allowed(a, &a->o->zone[i]) && o_unreserve(&a->o->zone[i], a->r->mt, force))
			return true;
	}
	return false;
}

/* should_reclaim_retry(): the reserve is used up first. */
static struct opage exhaust_reserve(const struct oask *a)
{
	struct opage p = NOTHING;

	while (!p.sb && unreserve(a, true))
		p = freelist(a);
	return p;
}

/* __alloc_pages_direct_reclaim(), in the zone asked for; per-CPU lists are not drained: ours */
static struct opage direct_reclaim(const struct oask *a)
{
	struct opage p = NOTHING;

	if (!o_reclaim(a->first))
		return p;
	p = freelist(a);
	if (p.sb)
		return p;
	unreserve(a, false);
	return freelist(a);
}

static bool costly(const struct oask *a)
{
	return a->r->order > 3;
}

/* The part that callers reach who may reclaim. */
static struct opage reclaiming(const struct oask *a)
{
	const bool compact_first = has(a, G_IO) && a->r->order &&
				   (costly(a) || a->r->mt != MIGRATE_MOVABLE);
	struct opage p = NOTHING;

	if (!compact_first)
		p = direct_reclaim(a);
	if (!p.sb)
		p = compact(a);
	if (!p.sb && compact_first) {
		if (has(a, G_NORETRY) && has(a, G_THISNODE))
			return nopage(a);
		p = freelist(a);
		if (!p.sb)
			p = direct_reclaim(a);
		if (!p.sb)
			p = compact(a);
	}
	if (p.sb)
		return p;
	if (has(a, G_NORETRY) || (costly(a) && !(has(a, G_IO) && has(a, G_RETRY_MAYFAIL))))
		return nopage(a);
	p = exhaust_reserve(a);
	if (!p.sb)
		p = last_resort(a);
	return p.sb ? p : nopage(a);
}

static bool has_something_cheaper(const struct oask *a)
{
	if (has(a, G_NORETRY) && !has(a, G_RETRY_MAYFAIL))
		return true;
	return !has(a, G_DIRECT_RECLAIM | G_NOMEMALLOC | G_NOFAIL);
}

static struct opage slowpath(const struct oask *a)
{
	struct opage p;

	a->r->nofragment = avoids_fragments(a);
	a->r->tainted_ok = false;
	a->r->optional = a->o->v.highorder_optional && has_something_cheaper(a);
	if (a->o->v.highatomic && !has(a, G_DIRECT_RECLAIM | G_NOMEMALLOC)) {
		a->r->non_block = true;
		a->r->highatomic |= a->r->order && has(a, G_HIGH);
	}
	p = freelist(a);
	/* Flags or memory policies do not count for some, who try once more at once. */
	if (!p.sb && has(a, G_MEMALLOC) && !has(a, G_NOMEMALLOC))
		p = without_flags(a);
	else if (!p.sb && has(a, G_HIGH) && !has(a, G_DIRECT_RECLAIM))
		p = freelist(a);
	if (p.sb)
		return p;
	return has(a, G_DIRECT_RECLAIM) ? reclaiming(a) : nopage(a);
}

static u32 highest_kind(u32 gfp)
{
	if (gfp & G_DMA)
		return KIND_DMA;
	if (gfp & G_DMA32)
		return KIND_DMA32;
	return (gfp & G_MOVABLE) && (gfp & G_HIGHMEM) ? KIND_MOVABLE : KIND_NORMAL;
}

struct opage o_alloc_by_gfp(struct ozone *z, struct oreq *r)
{
	struct oask a = { .o = z->o, .r = r, .first = z, .highest = highest_kind(r->gfp),
			  .non_block = r->non_block, .highatomic = r->highatomic };
	struct opage p;

	if (kind_of(z) > a.highest)
		a.highest = kind_of(z);
	r->nofragment = avoids_fragments(&a);
	r->tainted_ok = r->optional = false;
	p = freelist(&a);
	return p.sb ? p : slowpath(&a);
}
