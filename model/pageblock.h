/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pageblocks: label (migratetype), has-bits and PB_all_free (S1.5), with the SPB counters that
 * follow them.
 */
#ifndef SPB_MODEL_PAGEBLOCK_H
#define SPB_MODEL_PAGEBLOCK_H

#include "model/internal.h"

/* Layout of one pageblock's flags; the label is in the low bits. */
#define PB_MIGRATE_MASK 0x0007U
#define PB_HAS_UNMOVABLE 0x0010
#define PB_HAS_RECLAIMABLE 0x0020
#define PB_HAS_MOVABLE 0x0040
#define PB_ALL_FREE 0x0080
#define PB_RESERVED 0x0100	/* never initialised: a hole (S1.6) */
#define PB_OUTSIDE 0x0200	/* no part of the zone */
#define PB_COMPACT_SKIP 0x0400	/* the isolation scanner was here; see evacuate.h */
#define PB_CMA_AREA 0x0800	/* of a CMA area: initialised twice (cma.c) */

#define PB_HAS_MASK (PB_HAS_UNMOVABLE | PB_HAS_RECLAIMABLE | PB_HAS_MOVABLE)

static inline u32 frame_block(const struct superpageblock *sb, u32 frame)
{
	return frame >> sb->zone->m->pageblock_order;
}

/** pageblock_migratetype - label of the block that holds @frame */
static inline u32 pageblock_migratetype(const struct superpageblock *sb, u32 frame)
{
	return sb->pb[frame_block(sb, frame)] & PB_MIGRATE_MASK;
}

static inline bool pageblock_test(const struct superpageblock *sb, u32 frame, u16 bit)
{
	return sb->pb[frame_block(sb, frame)] & bit;
}

/**
 * pageblock_begins_in_zone - does the zone span the first frame of the block? The worker looks at
 * no other block (spb_defrag_tainted(), evacuate_pb_range())
 */
static inline bool pageblock_begins_in_zone(const struct superpageblock *sb, u32 frame)
{
	const u32 start = frame & ~(sb->zone->m->pageblock_nr_pages - 1);

	return sb->start_pfn + start >= sb->zone->config.start_pfn;
}

/** set_pageblock_migratetype - relabel the block that holds @frame */
void set_pageblock_migratetype(struct superpageblock *sb, u32 frame, u32 mt);

/** pageblock_has_bit - the has-bit that content of type @mt sets, 0 for ISOLATE */
u16 pageblock_has_bit(u32 mt);

/**
 * spb_set_has_type, spb_clear_has_type - __spb_set_has_type() and its opposite (S1.5)
 *
 * Idempotent; the SPB counter changes only on a real transition; the SPB stays on its list: the
 * caller calls spb_update_list().
 */
void spb_set_has_type(struct superpageblock *sb, u32 frame, u32 mt);
void spb_clear_has_type(struct superpageblock *sb, u32 frame, u32 mt);

/**
 * pageblock_now_used - a wholly free block loses its first page (superpageblock_pb_now_used)
 *
 * Clears PB_all_free, nr_free--, spb_update_list(); nothing when the bit was clear.
 */
void pageblock_now_used(struct superpageblock *sb, u32 frame);

/**
 * mark_pageblock_free - a block became wholly free in the buddy (S3)
 * @mt: label the caller works with; becomes MOVABLE for UNMOVABLE, RECLAIMABLE, HIGHATOMIC
 */
void mark_pageblock_free(struct superpageblock *sb, u32 frame, u32 *mt);

/** pageblock_has_free_movable_fragments - free MOVABLE pages below pageblock order inside? (S3) */
bool pageblock_has_free_movable_fragments(const struct superpageblock *sb, u32 frame);

#endif /* SPB_MODEL_PAGEBLOCK_H */
