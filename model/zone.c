// SPDX-License-Identifier: GPL-2.0
#include "model/zone.h"

#include <stdlib.h>

#include "model/buddy.h"
#include "model/candidates.h"
#include "model/cma.h"
#include "model/pageblock.h"
#include "model/stuck.h"
#include "model/superpageblock.h"
#include "model/vanilla.h"

/** struct span - the part of an SPB that lies in its zone, in pfns: [start, end) */
struct span {
	u64 start;
	u64 end;
};

static struct span spb_span(const struct superpageblock *sb)
{
	const struct zone *zone = sb->zone;
	const u64 end = sb->start_pfn + (1ULL << zone->m->spb_order);

	return (struct span){
		.start = max_u64(sb->start_pfn, zone->config.start_pfn),
		.end = min_u64(end, zone->end_pfn),
	};
}

/* First range that ends after @pfn; nr_ranges when none. */
static u32 range_after(const struct model *m, u64 pfn)
{
	u32 lo = 0, hi = m->config.nr_ranges;

	while (lo < hi) {
		const u32 mid = lo + (hi - lo) / 2;

		if (m->ranges[mid].end > pfn)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static bool is_whole_and_usable(const struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	const struct span s = spb_span(sb);
	const u32 r = range_after(m, s.start);

	return s.end - s.start == 1ULL << m->spb_order &&
	       (r == m->config.nr_ranges || m->ranges[r].start >= s.end);
}

/* Wholly free and untouched: one virtual list of the largest order; spb_touch() makes it real. */
static void boot_free_spb(struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	struct free_area *area = &sb->free_area[m->max_order];
	const u32 step = 1U << m->max_order;
	const u32 nr_pages = 1U << m->spb_order;

	sb->nr_free = sb->total_pageblocks;
	sb->nr_free_pages = nr_pages;
	sb->zone->nr_free_pages += nr_pages;
	area->nr_free = nr_pages / step;
	if (!m->vanilla)
		area->free_list[MIGRATE_MOVABLE] = (struct free_list){ 0, nr_pages - step };
	candidates_free_list(sb, m->max_order, MIGRATE_MOVABLE);
	spb_list_add_tail(sb, &sb->zone->spb_empty);
}

static void fix_frames(struct superpageblock *sb, u64 start, u64 end)
{
	for (u64 pfn = start; pfn < end; pfn++)
		sb->page[pfn - sb->start_pfn] = PAGE_FIXED;
}

static bool is_absent(const struct model *m, u64 pfn)
{
	const u32 r = range_after(m, pfn);

	return r < m->config.nr_ranges && m->ranges[r].absent && m->ranges[r].start <= pfn;
}

/*
 * init_pageblock_migratetype(): reserved until now, movable from now on (S1.6). The kernel comes
 * here when it initialises the first frame of the block: a block that begins in a hole, or outside
 * the zone, stays reserved, with label 0 (UNMOVABLE), whatever RAM the rest of it has.
 */
static void init_block(struct superpageblock *sb, u64 pfn)
{
	const u32 frame = (u32)(pfn - sb->start_pfn);
	u16 *pb = &sb->pb[frame_block(sb, frame)];

	if (pfn < sb->zone->config.start_pfn || is_absent(sb->zone->m, pfn)) {
		*pb = PB_RESERVED;
		return;
	}
	*pb = MIGRATE_MOVABLE;
	if (sb->nr_reserved)
		sb->nr_reserved--;
	spb_set_has_type(sb, frame, MIGRATE_MOVABLE);
	spb_update_list(sb);
}

/* Free [start, end) in the largest aligned pieces, lowest first, as memblock does. */
static void free_run(struct superpageblock *sb, u64 start, u64 end)
{
	while (start < end) {
		u32 order = sb->zone->m->max_order;
		const u32 frame = (u32)(start - sb->start_pfn);

		while ((start & ((1ULL << order) - 1)) || start + (1ULL << order) > end)
			order--;
		free_one_page(sb, frame, order, pageblock_migratetype(sb, frame), true);
		start += 1ULL << order;
	}
}

/* Frames outside the zone or in a range are fixed before anything is freed: merging looks there. */
static void fix_unusable(struct superpageblock *sb, struct span s)
{
	const struct model *m = sb->zone->m;

	fix_frames(sb, sb->start_pfn, s.start);
	fix_frames(sb, s.end, sb->start_pfn + (1ULL << m->spb_order));
	for (u32 r = range_after(m, s.start);
	     r < m->config.nr_ranges && m->ranges[r].start < s.end; r++)
		fix_frames(sb, max_u64(m->ranges[r].start, s.start),
			   min_u64(m->ranges[r].end, s.end));
}

static void init_blocks(struct superpageblock *sb, struct span s)
{
	const struct model *m = sb->zone->m;
	const u64 size = m->pageblock_nr_pages;
	const u64 end = sb->start_pfn + (1ULL << m->spb_order);

	for (u64 pfn = sb->start_pfn; pfn < end; pfn += size) {
		if (pfn + size <= s.start || pfn >= s.end)
			sb->pb[(pfn - sb->start_pfn) >> m->pageblock_order] = PB_OUTSIDE;
		else
			init_block(sb, pfn);
	}
}

/* Phase 1: all blocks of all SPBs are initialised before anything is freed (S1.6) */
static bool init_partial_spb(struct superpageblock *sb)
{
	const struct span s = spb_span(sb);

	spb_list_add_tail(sb, &sb->zone->spb_lists[SB_TAINTED][SB_FULL]);
	sb->nr_reserved = sb->total_pageblocks;
	if (!spb_touch(sb))
		return false;
	fix_unusable(sb, s);
	init_blocks(sb, s);
	return true;
}

/* Phase 2 */
static void free_partial_spb(struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	const struct span s = spb_span(sb);
	u64 pfn = s.start;

	for (u32 r = range_after(m, pfn); pfn < s.end; r++) {
		const bool more = r < m->config.nr_ranges && m->ranges[r].start < s.end;

		free_run(sb, pfn, more ? max_u64(m->ranges[r].start, pfn) : s.end);
		pfn = more ? m->ranges[r].end : s.end;
	}
}

u16 spb_count_pageblocks(const struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	const struct span s = spb_span(sb);

	return (u16)((s.end - s.start + m->pageblock_nr_pages - 1) >> m->pageblock_order);
}

static bool init_spb(struct superpageblock *sb)
{
	for (u32 o = 0; o < MODEL_MAX_ORDERS; o++) {
		for (u32 t = 0; t < MIGRATE_TYPES; t++)
			sb->free_area[o].free_list[t] = (struct free_list){ FRAME_NIL, FRAME_NIL };
	}
	sb->stuck_from = TIME_NEVER;
	sb->total_pageblocks = spb_count_pageblocks(sb);
	return is_whole_and_usable(sb) || init_partial_spb(sb);
}

static void free_spb(struct superpageblock *sb)
{
	if (is_whole_and_usable(sb))
		boot_free_spb(sb);
	else
		free_partial_spb(sb);
}

bool zone_boot(struct zone *zone)
{
	struct model *m = zone->m;
	const u64 size = 1ULL << m->spb_order;

	zone->end_pfn = zone->config.start_pfn + zone->config.spanned;
	zone->base_pfn = zone->config.start_pfn & ~(size - 1);
	zone->nr_superpageblocks =
		(u32)((zone->end_pfn - zone->base_pfn + size - 1) >> m->spb_order);
	zone->superpageblocks = calloc(zone->nr_superpageblocks, sizeof(*zone->superpageblocks));
	if (!zone->superpageblocks)
		return false;
	m->bytes += zone->nr_superpageblocks * sizeof(*zone->superpageblocks);
	vanilla_boot_lists(zone);
	if (!candidates_init(zone))
		return false;
	for (u32 i = 0; i < HINTS_PER_ZONE; i++)
		zone->sb_hint[i] = SPB_NONE;
	for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
		struct superpageblock *sb = &zone->superpageblocks[i];

		sb->zone = zone;
		sb->index = i;
		sb->start_pfn = zone->base_pfn + i * size;
		if (!init_spb(sb))
			return false;
	}
	for (u32 i = 0; i < zone->nr_superpageblocks; i++)
		free_spb(&zone->superpageblocks[i]);
	cma_boot(zone);
	zone->managed_pages = zone->nr_free_pages;
	return true;
}

void zone_fini(struct zone *zone)
{
	if (!zone->superpageblocks)
		return;
	for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
		frames_put(zone->m, zone->superpageblocks[i].page,
			   sizeof(u64) << zone->m->spb_order);
		free(zone->superpageblocks[i].pb);
		free(zone->superpageblocks[i].list_prev);
		free(zone->superpageblocks[i].owners);
		free(zone->superpageblocks[i].rank);
	}
	free(zone->superpageblocks);
	candidates_fini(zone);
}
