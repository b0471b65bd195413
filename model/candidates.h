/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which superpageblocks of a list a pass looks at, and in which order: all of them from head to
 * tail, as the series walks (S2.2), or only those that have a free page of the wanted orders and
 * types, found through bitmaps, lowest address first: the redesign that the author proposes in
 * review (S8).
 *
 * Either way an SPB without a wanted page could serve nothing, so it is not even looked at: each
 * SPB knows which of its free lists hold something, each list of SPBs how many members have that.
 * A walk counts those it passed over, since the kernel visits them. Counts and bitmaps change when
 * a list of free pages becomes empty or stops to be, and when an SPB changes lists.
 */
#ifndef SPB_MODEL_CANDIDATES_H
#define SPB_MODEL_CANDIDATES_H

#include "model/internal.h"

/** struct want - a free page of an order in [@lo, @hi] on a list of one of @types (bits) */
struct want {
	u32 lo;
	u32 hi;
	u32 types;
};

/** orders_between - bits of orders [@lo, @hi]; none when @hi < @lo, also for @hi = 0 - 1 */
static inline u32 orders_between(u32 lo, u32 hi)
{
	return ((1U << (hi + 1)) - 1) & ~((1U << lo) - 1);
}

/* Orders in bits @mask, lowest first, and highest first. */
#define for_each_order(order, mask) \
	for (u32 __mask = (mask); __mask && ((order) = (u32)__builtin_ctz(__mask), true); \
	     __mask &= __mask - 1)
#define for_each_order_down(order, mask) \
	for (u32 __mask = (mask); __mask && ((order) = 31 - (u32)__builtin_clz(__mask), true); \
	     __mask ^= 1U << (order))

/**
 * struct candidates - a walk under way
 * @passed: list walks: members passed over since the last candidate, or since the begin
 */
struct candidates {
	const struct zone *zone;
	const struct spb_list *list;
	struct superpageblock *sb;
	u32 orders;
	u32 types;
	u32 passed;
	u32 word;
	u64 bits;
};

/** candidates_bytes - memory of the bitmaps of a zone of @nr_spbs superpageblocks */
u64 candidates_bytes(u64 nr_spbs);
/**
 * candidates_init - bitmaps for a new zone, when the variant wants them. Return: false: no memory
 */
bool candidates_init(struct zone *zone);
void candidates_fini(struct zone *zone);

/** candidates_begin, candidates_next - walk @list; next returns NULL at the end */
void candidates_begin(struct candidates *c, const struct zone *zone, const struct spb_list *list,
		      struct want want);
struct superpageblock *candidates_next(struct candidates *c);

/** candidates_free_list - the free list (@order, @mt) of @sb became empty or stopped to be */
void candidates_free_list(struct superpageblock *sb, u32 order, u32 mt);
/** candidates_member - @sb joined (@in) or left @list */
void candidates_member(struct superpageblock *sb, struct spb_list *list, bool in);
/** candidates_check - do bits and bitmaps of @sb say what its lists say? */
bool candidates_check(const struct superpageblock *sb);
/** candidates_check_lists - do the counts of the zone's lists say what their members say? */
bool candidates_check_lists(const struct zone *zone);

#endif /* SPB_MODEL_CANDIDATES_H */
