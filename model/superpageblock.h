/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Superpageblocks: category, fullness and the zone's lists of them (S1.6).
 */
#ifndef SPB_MODEL_SUPERPAGEBLOCK_H
#define SPB_MODEL_SUPERPAGEBLOCK_H

#include "model/internal.h"

/** spb_get_category - TAINTED iff it holds unmovable, reclaimable or reserved pageblocks (S1.6) */
static inline enum sb_category spb_get_category(const struct superpageblock *sb)
{
	return sb->nr_unmovable || sb->nr_reclaimable || sb->nr_reserved ? SB_TAINTED : SB_CLEAN;
}

/** sb_get_fullness - bucket; quarters come from the full size, also for clipped SPBs (S1.6) */
enum sb_fullness sb_get_fullness(const struct superpageblock *sb, enum sb_category cat);

/** spb_tainted_reserve - pageblocks a tainted SPB keeps free for non-movable claims (S1.1) */
static inline u32 spb_tainted_reserve(const struct superpageblock *sb)
{
	const struct variant *v = &sb->zone->m->v;
	const u32 share = sb->total_pageblocks / v->tainted_reserve_div;

	return share > v->tainted_reserve_min ? share : v->tainted_reserve_min;
}

/** spb_below_shrink_high_water - free pages below the reserve's worth of pages (S1.1) */
static inline bool spb_below_shrink_high_water(const struct superpageblock *sb)
{
	return sb->nr_free_pages <
	       (u64)spb_tainted_reserve(sb) * sb->zone->m->pageblock_nr_pages;
}

/**
 * spb_update_list - put the SPB on the list that its counters imply (S1.6, S6.4)
 *
 * always: unlink, append, ask for defrag; every call rotates the bucket.
 * bucket: only when the list changes; update_list_rotate appends it all the same.
 */
void spb_update_list(struct superpageblock *sb);

/** spb_list_rotate - to the tail of the list that the counters imply, nobody asks for defrag */
void spb_list_rotate(struct superpageblock *sb);

/** spb_target_list - the list that the counters imply */
struct spb_list *spb_target_list(struct superpageblock *sb);

/** spb_list_add_tail - append an SPB that is on no list */
void spb_list_add_tail(struct superpageblock *sb, struct spb_list *list);

/** for_each_spb_in - every SPB on the lists of category @cat, FULL first */
#define for_each_spb_in(zone, cat, full, sb)                                                       \
	for ((full) = 0; (full) < __NR_SB_FULLNESS; (full)++)                                      \
		for ((sb) = (zone)->spb_lists[cat][full].head; (sb); (sb) = (sb)->next)

#endif /* SPB_MODEL_SUPERPAGEBLOCK_H */
