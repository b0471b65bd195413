/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which superpageblocks of a list a pass looks at, and in which order: all of them from head to tail,
 * as the series walks (S2.2), or only those that have a free page of the wanted orders and types,
 * found through bitmaps, lowest address first: the redesign that the author proposes in review
 * (S8). Bitmaps change when a list of free pages, or a list of SPBs, changes state.
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

/** struct candidates - a walk under way */
struct candidates {
	const struct zone *zone;
	const struct spb_list *list;
	struct superpageblock *sb;
	struct want want;
	u64 bits;
	u32 word;
};

/** candidates_init - bitmaps for a new zone, when the variant wants them. Return: false: no memory */
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
/** candidates_check - do the bitmaps say what the lists say? */
bool candidates_check(const struct superpageblock *sb);

#endif /* SPB_MODEL_CANDIDATES_H */
