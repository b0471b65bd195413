// SPDX-License-Identifier: GPL-2.0
/*
 * What reclaim and slab shrinks give back, where the variant says so (S10 items 7 and 12). All of
 * it is ours: direct reclaim drops clean cache in address order, from where it stopped in the zone,
 * and looks at so many units in use for each page, or once round; a shrink drops the reclaimable
 * units of its node by rank.
 */
#include "tests/oracle/oracle.h"

#include <stdlib.h>

#define LOOKS_PER_PAGE 64ULL

static void drop(struct ospb *sb, u32 frame)
{
	struct oracle *o = sb->zone->o;
	const u32 owner = sb->frm[frame].owner;

	o_free_unit(sb, frame);
	o->obs->dropped(o->ctx, owner);
}

static bool is_cache(const struct ofrm *f)
{
	return f->state == OF_USED && f->clean_cache && !f->pinned &&
	       (f->mt == MIGRATE_MOVABLE || f->mt == MIGRATE_CMA);
}

u64 o_reclaim(struct ozone *z)
{
	struct oracle *o = z->o;
	const struct oop op = o->op;
	const u64 want = o->v.reclaim_gives_pages;
	const u64 frames = (u64)z->nr_spbs * o->spb_pages;
	u64 got = 0, looks = 0, size;

	if (!want)
		return 0;
	for (u64 passed = 0; got < want && looks < want * LOOKS_PER_PAGE && passed < frames;
	     passed += size) {
		struct ospb *sb = &z->spb[z->reclaim_hand / o->spb_pages];
		const u32 frame = (u32)(z->reclaim_hand % o->spb_pages);
		const struct ofrm f = sb->frm[frame];
		const bool head = f.state == OF_FREE || f.state == OF_USED || f.state == OF_PCP;

		size = head ? 1ULL << f.order : 1;
		z->reclaim_hand = (z->reclaim_hand + size) % frames;
		looks += f.state == OF_USED;
		if (!is_cache(&f))
			continue;
		drop(sb, frame);
		o->sites[SITE_RECLAIMED]++;
		got += size;
	}
	o->op = op;
	z->cnt.reclaim_runs++;
	z->cnt.pages_reclaimed += got;
	z->cnt.stall_ns += o->v.reclaim_ms * NSEC_PER_MSEC;
	return got;
}

/* The live reclaimable unit of the node that goes first */
static struct ospb *first_by_rank(struct oracle *o, const struct onode *n, u32 *frame)
{
	struct ospb *first = NULL;
	u64 best = UINT64_MAX;

	for (u32 i = 0; i < o->nr_zones; i++) {
		struct ozone *z = &o->zone[i];

		for (u32 s = 0; s < z->nr_spbs && z->node == n; s++) {
			for (u32 f = 0; f < o->spb_pages; f++) {
				const struct ofrm *p = &z->spb[s].frm[f];
				const u64 key = (u64)p->rank << 40 | (z->spb[s].start_pfn + f);

				if (p->state != OF_USED || p->mt != MIGRATE_RECLAIMABLE ||
				    key >= best)
					continue;
				best = key;
				first = &z->spb[s];
				*frame = f;
			}
		}
	}
	return first;
}

void o_shrink(struct oracle *o, struct onode *n)
{
	u64 dropped = 0;

	while (dropped < o->v.shrink_pages_per_run) {
		u32 frame = 0, size;
		struct ospb *sb = first_by_rank(o, n, &frame);

		if (!sb)
			break;
		size = 1U << sb->frm[frame].order;
		dropped += size;
		sb->zone->cnt.pages_shrunk += size;
		drop(sb, frame);
		o->sites[SITE_SHRUNK]++;
	}
}
