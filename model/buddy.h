/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The buddy allocator inside one superpageblock: free lists, expand, merge, and the primitives that
 * take a page from a list (S2.1, S3). Buddies never cross an SPB.
 */
#ifndef SPB_MODEL_BUDDY_H
#define SPB_MODEL_BUDDY_H

#include "model/internal.h"

/** spb_touch - make sure the SPB has page words. Return: false without memory (m->no_memory) */
bool spb_touch(struct superpageblock *sb);

/** add_to_free_list - @frame becomes a free head of @order on the list of @mt */
void add_to_free_list(struct superpageblock *sb, u32 frame, u32 order, u32 mt, bool tail);
/** del_from_free_list - take the free head @frame off its list; it becomes PAGE_INSIDE */
void del_from_free_list(struct superpageblock *sb, u32 frame);

/**
 * get_page_from_free_area - head of the list, nothing behind it is ever considered (S2.1)
 * Return: frame or FRAME_NIL
 */
static inline u32 get_page_from_free_area(struct superpageblock *sb, u32 order, u32 mt)
{
	const u32 frame = sb->free_area[order].free_list[mt].head;

	if (frame != FRAME_NIL && unlikely(!sb->page) && !spb_touch(sb))
		return FRAME_NIL;
	return frame;
}

/**
 * expand - give back what @low does not need of @high: halves to the heads, upper half first (S2.1)
 */
void expand(struct superpageblock *sb, u32 frame, u32 low, u32 high, u32 mt);

/**
 * page_del_and_expand - take the free head @frame of order @high from list @mt, keep the lowest
 * 1 << @low pages, give the rest back to the heads of the lists of @mt (S2.1)
 *
 * Order matters: bits and nr_free first, spb_update_list() (and so the defrag predicate) next,
 * nr_free_pages last.
 */
void page_del_and_expand(struct superpageblock *sb, u32 frame, u32 low, u32 high, u32 mt);

/**
 * claim_whole_block - take a free head of order @high >= pageblock_order for another type (S2.1)
 *
 * All blocks it covers are relabelled @new_mt; the rest goes to the lists of @new_mt.
 */
void claim_whole_block(struct superpageblock *sb, u32 frame, u32 low, u32 high, u32 new_mt);

/** move_freepages_block - all free pages of the block to the tails of the lists of @mt (S2.1) */
void move_freepages_block(struct superpageblock *sb, u32 frame, u32 mt);

/**
 * free_one_page - __free_one_page(): merge up, mark wholly free blocks, put on a list (S3)
 * @mt: label of the block; @to_tail: FPI_TO_TAIL
 *
 * The frame must be PAGE_INSIDE.
 */
void free_one_page(struct superpageblock *sb, u32 frame, u32 order, u32 mt, bool to_tail);

/**
 * free_unit - give the used head @frame back to the buddy
 *
 * A unit above pageblock order goes back block by block, lowest first, each by its own label
 * (split_large_buddy()).
 */
void free_unit(struct superpageblock *sb, u32 frame, u32 order);

#endif /* SPB_MODEL_BUDDY_H */
