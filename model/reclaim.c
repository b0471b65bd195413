// SPDX-License-Identifier: GPL-2.0
#include "model/reclaim.h"

#include "model/buddy.h"
#include "model/pageblock.h"
#include "model/pcp.h"
#include "model/worker.h"

/*
 * A reclaim that finds little gives up after so many units in use for each page it wants, or after
 * a turn. Free memory costs it nothing, whether it was ever used or not.
 */
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

/**
 * struct hand - a turn of the zone's clock hand
 * @passed: frames; @units: in use, that it looked at; @got: pages freed
 */
struct hand {
	struct zone *zone;
	u16 cpu;
	u64 passed;
	u64 units;
	u64 got;
};

static u64 zone_size(const struct zone *zone)
{
	return (u64)zone->nr_superpageblocks << zone->m->spb_order;
}

static void advance(struct hand *h, u64 frames)
{
	struct zone *zone = h->zone;

	h->passed += frames;
	zone->reclaim_hand += frames;
	if (zone->reclaim_hand >= zone_size(zone))
		zone->reclaim_hand -= zone_size(zone);
}

static bool in_use(u64 w)
{
	return page_state(w) == PAGE_USED && !(w & PAGE_ON_PCP);
}

/* Look at what the hand points to. */
static void reclaim_here(struct hand *h)
{
	const struct zone *zone = h->zone;
	const struct model *m = zone->m;
	struct superpageblock *sb = &zone->superpageblocks[zone->reclaim_hand >> m->spb_order];
	const u32 frame = (u32)(zone->reclaim_hand & ((1ULL << m->spb_order) - 1));
	u64 w, size;

	if (!sb->page) {
		advance(h, (1ULL << m->spb_order) - frame);
		return;
	}
	w = sb->page[frame];
	size = page_frames(w);
	advance(h, size);
	h->units += in_use(w);
	if (!page_is_movable(w) || !(w & PAGE_CLEAN_CACHE))
		return;
	drop_unit(sb, frame, h->cpu);
	h->got += size;
}

u64 direct_reclaim(struct zone *zone)
{
	struct model *m = zone->m;
	const struct op_context op = m->op;
	const u64 want = m->v.reclaim_gives_pages;
	struct hand h = { .zone = zone, .cpu = op.cpu };

	if (!want)
		return 0;
	while (h.got < want && h.units < want * SCAN_PER_PAGE && h.passed < zone_size(zone))
		reclaim_here(&h);
	m->op = op;
	zone->counters.reclaim_runs++;
	zone->counters.pages_reclaimed += h.got;
	zone->counters.stall_ns += m->v.reclaim_ms * NSEC_PER_MSEC;
	return h.got;
}
