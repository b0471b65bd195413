// SPDX-License-Identifier: GPL-2.0
#include "tests/oracle/compare.h"

#include "model/pageblock.h"
#include "model/pcp_buddy.h"
#include "model/pcp_lists.h"
#include "model/superpageblock.h"

#include <stdio.h>
#include <string.h>

/** struct cmp - where the comparison stands */
struct cmp {
	struct model *m;
	struct oracle *o;
	char *why;
	size_t len;
	u32 zone;
	u32 spb;
};

static bool differ(struct cmp *c, const char *what, u64 at, u64 model, u64 oracle)
{
	if (model == oracle)
		return false;
	snprintf(c->why, c->len, "zone %u spb %u: %s %llu: model %llu, oracle %llu", c->zone,
		 c->spb, what, (unsigned long long)at, (unsigned long long)model,
		 (unsigned long long)oracle);
	return true;
}

static bool counters_differ(struct cmp *c, const struct model_counters *a,
			    const struct model_counters *b)
{
	const u64 *x = (const u64 *)a, *y = (const u64 *)b;

	for (u32 i = 0; i < sizeof(*a) / sizeof(u64); i++) {
		if (differ(c, "counter (64-bit word of model_counters)", i, x[i], y[i]))
			return true;
	}
	return false;
}

bool compare_quick(struct model *m, struct oracle *o, char *why, size_t len)
{
	struct cmp c = { .m = m, .o = o, .why = why, .len = len };

	for (c.zone = 0; c.zone < o->nr_zones; c.zone++) {
		struct zone *mz = &m->zones[c.zone];
		struct ozone *oz = &o->zone[c.zone];
		u64 free_pages = 0;

		for (u32 i = 0; i < oz->nr_spbs; i++)
			free_pages += oz->spb[i].free_pages;
		if (differ(&c, "free pages", 0, mz->nr_free_pages, free_pages) ||
		    differ(&c, "nr_reserved_highatomic", 0, mz->nr_reserved_highatomic,
			   oz->reserved) ||
		    counters_differ(&c, &mz->counters, &oz->cnt))
			return true;
	}
	return false;
}

static bool frame_differs(struct cmp *c, u64 w, const struct ofrm *f, u32 frame)
{
	static const u8 state[] = { PAGE_INSIDE, PAGE_FREE, PAGE_USED, PAGE_FIXED, PAGE_USED };

	if (differ(c, "state of frame", frame, page_state(w), state[f->state]))
		return true;
	if (f->state == OF_INSIDE || f->state == OF_FIXED)
		return false;
	if (f->state != OF_FREE &&
	    (differ(c, "on a per-CPU list", frame, !!(w & PAGE_ON_PCP), f->state == OF_PCP) ||
	     differ(c, "PagePCPBuddy", frame, !!(w & PAGE_PCP_BUDDY), f->pcp_buddy)))
		return true;
	if (differ(c, "order of frame", frame, page_order(w), f->order) ||
	    (f->state != OF_PCP && differ(c, "type of frame", frame, page_mt(w), f->mt)))
		return true;
	return f->state == OF_USED && differ(c, "owner of frame", frame, page_owner(w), f->owner);
}

static bool list_differs(struct cmp *c, const struct superpageblock *a, const struct ospb *b,
			 u32 order, u32 mt)
{
	const struct oseq *s = &b->free_list[order][mt];
	u32 at = a->free_area[order].free_list[mt].head, prev = FRAME_NIL;

	for (u32 i = 0; i < s->n; i++) {
		if (differ(c, "free list (order * 8 + type)", order * 8 + mt, at, s->v[i]))
			return true;
		if (differ(c, "back link of frame", at, page_prev(a->page[at]), prev))
			return true;
		prev = at;
		at = page_next(a->page[at]);
	}
	return differ(c, "end of free list (order * 8 + type)", order * 8 + mt, at, FRAME_NIL) ||
	       differ(c, "tail of free list (order * 8 + type)", order * 8 + mt,
		      a->free_area[order].free_list[mt].tail, prev);
}

/* The model puts the largest pages of boot on the list when it comes to them (vanilla.c). */
static bool not_yet_listed(const struct superpageblock *sb, u32 frame)
{
	return !sb->page || sb->list_prev[frame] == UINT32_MAX - 1;
}

/* Vanilla: lists of the zone; pages that the model has not listed yet stand at the end. */
static bool zone_list_of_frames_differs(struct cmp *c, const struct zone *a, const struct ozone *b,
					u32 order, u32 mt)
{
	const struct oseq *s = &b->free_list[order][mt];
	u32 at = a->free_area[order].free_list[mt].head;

	for (u32 i = 0; i < s->n; i++) {
		const struct superpageblock *sb = &a->superpageblocks[s->v[i] / c->o->spb_pages];
		const u32 frame = s->v[i] % c->o->spb_pages;

		if (at == UINT32_MAX && not_yet_listed(sb, frame))
			continue;
		if (differ(c, "zone's free list (order * 8 + type)", order * 8 + mt, at, s->v[i]))
			return true;
		at = (u32)(sb->page[frame] >> 16);
	}
	return differ(c, "end of the zone's free list (order * 8 + type)", order * 8 + mt, at,
		      UINT32_MAX);
}

static bool zone_free_lists_differ(struct cmp *c, const struct zone *a, const struct ozone *b)
{
	for (u32 order = 0; order <= c->o->config.max_order; order++) {
		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
			if (zone_list_of_frames_differs(c, a, b, order, mt))
				return true;
		}
	}
	return false;
}

static u32 expected_bits(const struct oblk *b)
{
	return (b->has_unmovable ? PB_HAS_UNMOVABLE : 0) |
	       (b->has_reclaimable ? PB_HAS_RECLAIMABLE : 0) |
	       (b->has_movable ? PB_HAS_MOVABLE : 0) | (b->all_free ? PB_ALL_FREE : 0) |
	       (b->reserved ? PB_RESERVED : 0) | (b->outside ? PB_OUTSIDE : 0) |
	       (b->skip ? PB_COMPACT_SKIP : 0) | (b->cma ? PB_CMA_AREA : 0);
}

static bool blocks_differ(struct cmp *c, const struct superpageblock *a, const struct ospb *b)
{
	for (u32 i = 0; i < c->o->spb_blocks; i++) {
		const struct oblk *blk = &b->blk[i];

		if (differ(c, "bits of block", i, a->pb[i] & ~PB_MIGRATE_MASK, expected_bits(blk)))
			return true;
		if (!blk->outside &&
		    differ(c, "label of block", i, a->pb[i] & PB_MIGRATE_MASK, blk->label))
			return true;
	}
	return false;
}

/* Frames, lists and bits exist in the model once a page has left the SPB. */
static bool pages_differ(struct cmp *c, const struct superpageblock *a, const struct ospb *b)
{
	if (!a->page)
		return differ(c, "free blocks of an untouched SPB", 0, o_nr_free(b),
			      b->total_pageblocks);
	for (u32 f = 0; f < c->o->spb_pages; f++) {
		if (frame_differs(c, a->page[f], &b->frm[f], f))
			return true;
	}
	for (u32 order = 0; order <= c->o->config.max_order && !o_vanilla(c->o); order++) {
		u32 nr = 0;

		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
			nr += b->free_list[order][mt].n;
			if (list_differs(c, a, b, order, mt))
				return true;
		}
		if (differ(c, "nr_free of free area", order, a->free_area[order].nr_free, nr))
			return true;
	}
	return blocks_differ(c, a, b);
}

static bool owners_differ(struct cmp *c, const struct superpageblock *a, const struct ospb *b)
{
	for (u32 i = 0; a->owners && i < c->o->spb_blocks; i++) {
		if (differ(c, "owner of block", i, a->owners[i].cpu, b->blk[i].pcp_owner))
			return true;
	}
	return false;
}

static bool spb_differs(struct cmp *c, const struct superpageblock *a, const struct ospb *b)
{
	return differ(c, "nr_unmovable", 0, a->nr_unmovable, o_nr_unmovable(b)) ||
	       differ(c, "nr_reclaimable", 0, a->nr_reclaimable, o_nr_reclaimable(b)) ||
	       differ(c, "nr_movable", 0, a->nr_movable, o_nr_movable(b)) ||
	       differ(c, "nr_reserved", 0, a->nr_reserved, o_nr_reserved(b)) ||
	       differ(c, "nr_free", 0, a->nr_free, o_nr_free(b)) ||
	       differ(c, "total_pageblocks", 0, a->total_pageblocks, b->total_pageblocks) ||
	       differ(c, "nr_free_pages", 0, a->nr_free_pages, b->free_pages) ||
	       differ(c, "defrag_active", 0, a->defrag_active, b->defrag_active) ||
	       differ(c, "no-progress stamp", 0, a->no_progress_jiffies, b->stamp) ||
	       (b->stamp && differ(c, "pages at the stamp", 0, a->no_progress_pages,
				   b->stamp_pages)) ||
	       differ(c, "taints", 0, a->taints, b->taints) ||
	       differ(c, "defrag passes", 0, a->defrag_passes, b->passes) ||
	       owners_differ(c, a, b) || pages_differ(c, a, b);
}

static bool nodes_differ(struct cmp *c, const struct node_list *a, const struct oseq *b,
			 const struct ozone *z, const char *what)
{
	const struct pcp_node *node = c->m->pcp_buddy->node;
	u32 n = a->head;

	for (u32 i = 0; i < b->n; i++, n = node[n].next) {
		if (differ(c, what, i, n == PCP_NIL ? 0 : node[n].pfn, z->base_pfn + b->v[i]))
			return true;
	}
	return differ(c, what, b->n, n, PCP_NIL);
}

static bool sizes_differ(struct cmp *c, const struct pcp_size *a, const struct opcp *b, u32 cpu)
{
	return differ(c, "pages on lists of CPU", cpu, (u64)a->count, (u64)b->count) ||
	       differ(c, "high of CPU", cpu, (u64)a->high, (u64)b->high) ||
	       differ(c, "free_count of CPU", cpu, (u64)a->free_count, (u64)b->free_count) ||
	       differ(c, "alloc_factor of CPU", cpu, a->alloc_factor, b->alloc_factor);
}

/* The series' lists. Upstream's are private to the model: frames and what they give must agree. */
static bool pcps_differ(struct cmp *c, const struct zone *a, const struct ozone *b)
{
	for (u32 cpu = 0; c->m->pcp_buddy && cpu < c->o->config.nr_cpus; cpu++) {
		const struct pcp_cpu *x = pcp_of(c->m, a, cpu);
		const struct opcp *y = &b->pcp[cpu];

		if (sizes_differ(c, &x->size, y, cpu) ||
		    nodes_differ(c, &x->owned_blocks, &y->owned_blocks, b, "owned_blocks") ||
		    nodes_differ(c, &x->free_llist, &y->free_llist, b, "free_llist"))
			return true;
		for (u32 l = 0; l < NR_LISTS; l++) {
			if (nodes_differ(c, &x->lists[l], &y->list[l], b, "per-CPU list"))
				return true;
		}
	}
	return false;
}

static bool zone_list_differs(struct cmp *c, const struct spb_list *a, const struct oseq *b,
			      u32 name)
{
	const struct superpageblock *sb = a->head;

	for (u32 i = 0; i < b->n; i++, sb = sb->next) {
		if (differ(c, "list of SPBs (category * 5 + fullness, 10: empty)", name,
			   sb ? sb->index : O_NONE, b->v[i]))
			return true;
	}
	return differ(c, "end of list of SPBs", name, sb ? sb->index : O_NONE, O_NONE);
}

static bool zone_differs(struct cmp *c, struct zone *a, struct ozone *b)
{
	if (differ(c, "number of SPBs", 0, a->nr_superpageblocks, b->nr_spbs))
		return true;
	for (c->spb = 0; c->spb < b->nr_spbs; c->spb++) {
		if (spb_differs(c, &a->superpageblocks[c->spb], &b->spb[c->spb]))
			return true;
	}
	if (o_vanilla(c->o) && zone_free_lists_differ(c, a, b))
		return true;
	if (pcps_differ(c, a, b))
		return true;
	for (u32 l = 0; l < OL_EMPTY; l++) {
		if (zone_list_differs(c, &a->spb_lists[l / __NR_SB_FULLNESS][l % __NR_SB_FULLNESS],
				      &b->list[l], l))
			return true;
	}
	if (zone_list_differs(c, &a->spb_empty, &b->list[OL_EMPTY], OL_EMPTY) ||
	    zone_list_differs(c, &a->spb_isolated, &b->list[OL_ISOLATED], OL_ISOLATED))
		return true;
	for (u32 i = 0; i < HINTS_PER_ZONE && c->o->v.hints; i++) {
		if (differ(c, "zone hint (order * 3 + type)", i, a->sb_hint[i],
			   b->hint[i / MIGRATE_PCPTYPES][i % MIGRATE_PCPTYPES]))
			return true;
	}
	return false;
}

bool compare_full(struct model *m, struct oracle *o, char *why, size_t len)
{
	struct cmp c = { .m = m, .o = o, .why = why, .len = len };

	for (c.zone = 0; c.zone < o->nr_zones; c.zone++) {
		if (zone_differs(&c, &m->zones[c.zone], &o->zone[c.zone]))
			return true;
	}
	return compare_quick(m, o, why, len);
}
