// SPDX-License-Identifier: GPL-2.0
#include "model/highatomic.h"

#include "model/buddy.h"
#include "model/fallback.h"
#include "model/pageblock.h"
#include "model/vanilla.h"

/* ---- the reserve grows ---- */

/* About 1 % of the zone; nothing where that is less than a block. Return: pages */
static u64 max_reserve(const struct zone *zone)
{
	const u64 share = zone->managed_pages / 100;
	const u64 block = zone->m->pageblock_nr_pages;

	return share < block ? 0 : (share + block - 1) & ~(block - 1);
}

static void label_blocks(struct superpageblock *sb, u32 frame, u32 order, u32 mt)
{
	const u32 block = sb->zone->m->pageblock_nr_pages;

	for (u32 f = frame; f < frame + (1U << order); f += block)
		set_pageblock_migratetype(sb, f, mt);
}

/* move_freepages_block(): not across the ends of the zone */
static bool move_block(struct superpageblock *sb, u32 frame, u32 mt)
{
	if (!block_inside_zone(sb, frame))
		return false;
	move_freepages_block(sb, frame, mt);
	set_pageblock_migratetype(sb, frame, mt);
	return true;
}

static void reserve_highatomic_pageblock(struct superpageblock *sb, u32 frame, u32 order)
{
	struct zone *zone = sb->zone;
	const u32 block = zone->m->pageblock_nr_pages;

	if (zone->nr_reserved_highatomic >= max_reserve(zone) ||
	    pageblock_migratetype(sb, frame) >= MIGRATE_PCPTYPES)
		return;
	if (order >= zone->m->pageblock_order) {
		label_blocks(sb, frame, order, MIGRATE_HIGHATOMIC);
		zone->nr_reserved_highatomic += 1ULL << order;
	} else if (move_block(sb, frame, MIGRATE_HIGHATOMIC)) {
		zone->nr_reserved_highatomic += block;
	}
}

/* ---- requests ---- */

static bool take_from_reserve(struct search *s, u32 alloc_flags, struct found *at)
{
	struct search own = *s;
	bool found;

	own.mt = MIGRATE_HIGHATOMIC;
	own.mode = 0;
	found = rmqueue(&own, alloc_flags, at);
	at->from_reserve = found;
	s->visits = own.visits;
	s->inner_visits = own.inner_visits;
	return found;
}

bool rmqueue_buddy(struct search *s, u32 alloc_flags, struct found *at)
{
	bool found = (alloc_flags & ALLOC_HIGHATOMIC) && take_from_reserve(s, alloc_flags, at);

	if (!found) {
		s->mode = 0;
		found = rmqueue(s, alloc_flags, at);
	}
	if (!found && (alloc_flags & ALLOC_NON_BLOCK))
		found = take_from_reserve(s, alloc_flags, at);
	if (found && (alloc_flags & ALLOC_HIGHATOMIC))
		reserve_highatomic_pageblock(at->sb, at->frame, s->order);
	return found;
}

/* ---- the reserve shrinks ---- */

/* Superpageblocks by index, or the list of upstream's zone; the head only. Return: SPB or NULL */
static struct superpageblock *find_reserved(struct zone *zone, u32 order, u32 *frame)
{
	u64 pfn;

	if (zone->m->vanilla) {
		struct superpageblock *sb;

		if (!vanilla_list_head(zone, order, MIGRATE_HIGHATOMIC, &pfn))
			return NULL;
		sb = pfn_to_superpageblock(zone, pfn);
		*frame = (u32)(pfn - sb->start_pfn);
		return sb;
	}
	for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
		struct superpageblock *sb = &zone->superpageblocks[i];

		*frame = get_page_from_free_area(sb, order, MIGRATE_HIGHATOMIC);
		if (*frame != FRAME_NIL)
			return sb;
	}
	return NULL;
}

static void give_up(struct superpageblock *sb, u32 frame, u32 order, u32 mt)
{
	struct zone *zone = sb->zone;
	const u64 size = max_u64(zone->m->pageblock_nr_pages, 1ULL << order);

	zone->nr_reserved_highatomic -= min_u64(size, zone->nr_reserved_highatomic);
	if (order < zone->m->pageblock_order) {
		move_block(sb, frame, mt);
		return;
	}
	zone->unmerged_blocks = true;
	del_from_free_list(sb, frame);
	label_blocks(sb, frame, order, mt);
	add_to_free_list(sb, frame, order, mt, true);
}

bool unreserve_highatomic_pageblock(struct zone *zone, u32 mt, bool force)
{
	if (!zone->m->v.highatomic ||
	    (!force && zone->nr_reserved_highatomic <= zone->m->pageblock_nr_pages))
		return false;
	for (u32 order = 0; order <= zone->m->max_order; order++) {
		u32 frame;
		struct superpageblock *sb = find_reserved(zone, order, &frame);

		if (!sb)
			continue;
		give_up(sb, frame, order, mt);
		return true;
	}
	return false;
}
