/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State of one page frame in one 64-bit word. A frame is named by its offset in its superpageblock,
 * so links need spb_order bits, not a whole pfn.
 *
 *   bits 0-1   state
 *   bits 2-5   order (free and used heads)
 *   bits 6-8   migratetype: of the free list (free), as requested (used)
 *   free head: bits 16-39 next, 40-63 prev on its free list
 *   used head: bit 9 pinned, bit 10 clean page cache, bit 11 on a per-CPU list, bit 12 taken as
 *	HIGHATOMIC, bit 13 PagePCPBuddy, bits 32-63 owner
 */
#ifndef SPB_MODEL_PAGE_H
#define SPB_MODEL_PAGE_H

#include "model/types.h"

/**
 * enum page_state - PAGE_INSIDE: not a head (or never freed); PAGE_FIXED: the buddy never owns it
 */
enum page_state { PAGE_INSIDE, PAGE_FREE, PAGE_USED, PAGE_FIXED };

#define FRAME_BITS 24
#define FRAME_NIL ((1U << FRAME_BITS) - 1)	/* end of list */
#define SPB_ORDER_MAX 22			/* so that FRAME_NIL is never a frame */

_Static_assert((1U << SPB_ORDER_MAX) < FRAME_NIL, "a frame must fit its link");

#define PAGE_PINNED (1ULL << 9)
#define PAGE_CLEAN_CACHE (1ULL << 10)
#define PAGE_ON_PCP (1ULL << 11)
#define PAGE_FROM_RESERVE (1ULL << 12)	/* its block has has_unmovable, whatever the page's type */
#define PAGE_PCP_BUDDY (1ULL << 13)	/* on the list of the CPU that owns its block (S2.8) */

static inline enum page_state page_state(u64 w)
{
	return (enum page_state)(w & 3);
}

static inline u32 page_order(u64 w)
{
	return (u32)(w >> 2) & 0xf;
}

/** page_is_head - does a free block or a unit in use begin here? */
static inline bool page_is_head(u64 w)
{
	return page_state(w) == PAGE_FREE || page_state(w) == PAGE_USED;
}

/** page_frames - how far to the next word that a walk over frames looks at */
static inline u32 page_frames(u64 w)
{
	return page_is_head(w) ? 1U << page_order(w) : 1;
}

static inline u32 page_mt(u64 w)
{
	return (u32)(w >> 6) & 7;
}

static inline u32 page_next(u64 w)
{
	return (u32)(w >> 16) & FRAME_NIL;
}

static inline u32 page_prev(u64 w)
{
	return (u32)(w >> 40);
}

static inline u32 page_owner(u64 w)
{
	return (u32)(w >> 32);
}

static inline u64 page_make_free(u32 order, u32 mt, u32 next, u32 prev)
{
	return PAGE_FREE | (u64)order << 2 | (u64)mt << 6 | (u64)next << 16 | (u64)prev << 40;
}

static inline u64 page_make_used(u32 order, u32 mt, u32 owner, u64 flags)
{
	return PAGE_USED | (u64)order << 2 | (u64)mt << 6 | flags | (u64)owner << 32;
}

static inline u64 page_with_next(u64 w, u32 next)
{
	return (w & ~((u64)FRAME_NIL << 16)) | (u64)next << 16;
}

static inline u64 page_with_prev(u64 w, u32 prev)
{
	return (w & ~((u64)FRAME_NIL << 40)) | (u64)prev << 40;
}

/** page_is_movable - a unit in use whose pages count as movable: on the LRU (S2.1) */
static inline bool page_is_movable(u64 w)
{
	/* MIGRATE_MOVABLE and MIGRATE_CMA */
	return page_state(w) == PAGE_USED && !(w & PAGE_ON_PCP) &&
	       (page_mt(w) == 1 || page_mt(w) == 4);
}

/** page_is_buddy - is this word a free head of exactly @order? */
static inline bool page_is_buddy(u64 w, u32 order)
{
	return (w & 0x3f) == (PAGE_FREE | order << 2);
}

#endif /* SPB_MODEL_PAGE_H */
