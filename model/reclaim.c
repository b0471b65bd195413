// SPDX-License-Identifier: GPL-2.0
#include "model/reclaim.h"

#include "model/buddy.h"
#include "model/pageblock.h"
#include "model/pcp.h"
#include "model/worker.h"

/* A reclaim that finds little gives up after so many frames for each page it wants. */
#define SCAN_PER_PAGE 64ULL

void drop_unit(struct superpageblock *sb, u32 frame, u16 cpu)
{
	struct model *m = sb->zone->m;
	const u64 w = sb->page[frame];
	const u32 order = page_order(w);

	if (m->obs && m->obs->dropped)
		m->obs->dropped(m->ctx, page_owner(w));
	m->op = (struct op_context){ .cpu = cpu, .cause = CAUSE_FREE, .order = (u8)order,
				     .migratetype = (u8)page_mt(w) };
	if (!pcp_free(sb, frame, order, pageblock_migratetype(sb, frame)))
		free_unit(sb, frame, order);
	/* Each is freed under a hold of the zone lock of its own. */
	worker_interrupt(m);
}

/* The clock hand moves on by @frames, round the zone. */
static void advance(struct zone *zone, u64 frames)
{
	const u64 size = (u64)zone->nr_superpageblocks << zone->m->spb_order;

	zone->reclaim_hand += frames;
	if (zone->reclaim_hand >= size)
		zone->reclaim_hand -= size;
}

/* Look at what the hand points to. Return: pages freed */
static u64 reclaim_here(struct zone *zone, u16 cpu)
{
	const struct model *m = zone->m;
	struct superpageblock *sb = &zone->superpageblocks[zone->reclaim_hand >> m->spb_order];
	const u32 frame = (u32)(zone->reclaim_hand & ((1ULL << m->spb_order) - 1));
	u64 w, size;

	if (!sb->page) {
		advance(zone, (1ULL << m->spb_order) - frame);
		return 0;
	}
	w = sb->page[frame];
	size = page_state(w) == PAGE_USED || page_state(w) == PAGE_FREE ? 1ULL << page_order(w) : 1;
	advance(zone, size);
	if (!page_is_movable(w) || !(w & PAGE_CLEAN_CACHE))
		return 0;
	drop_unit(sb, frame, cpu);
	return size;
}

u64 direct_reclaim(struct zone *zone)
{
	struct model *m = zone->m;
	const struct op_context op = m->op;
	const u64 want = m->v.reclaim_gives_pages;
	u64 got = 0;

	if (!want)
		return 0;
	for (u64 scanned = 0; got < want && scanned < want * SCAN_PER_PAGE; scanned++)
		got += reclaim_here(zone, op.cpu);
	m->op = op;
	zone->counters.reclaim_runs++;
	zone->counters.pages_reclaimed += got;
	zone->counters.stall_ns += m->v.reclaim_ms * NSEC_PER_MSEC;
	return got;
}
