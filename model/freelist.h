/* SPDX-License-Identifier: GPL-2.0 */
/*
 * get_page_from_freelist(): zone after zone with the flags of the attempt, and what is done about
 * NOFRAGMENT when all of them have nothing (S2.6, S7.4).
 */
#ifndef SPB_MODEL_FREELIST_H
#define SPB_MODEL_FREELIST_H

#include "model/gfp.h"

/**
 * struct attempt - a request on its way
 * @first: zone to begin with; @highest: zone_idx that gfp allows at most
 * @flags: alloc_flags of the slow path
 * @compact_first: compaction comes before reclaim in the first round
 */
struct attempt {
	struct search *s;
	struct zone *first;
	u32 highest;
	u32 flags;
	bool compact_first;
};

/** has - does the caller's gfp mask have one of these bits? */
static inline bool has(const struct attempt *a, u32 gfp)
{
	return a->s->gfp & gfp;
}

/** can_reclaim - may the caller wait for reclaim? */
static inline bool can_reclaim(const struct attempt *a)
{
	return has(a, ___GFP_DIRECT_RECLAIM);
}

/** nofragment_flags - alloc_flags_nofragment(): ALLOC_NOFRAGMENT or nothing (S7.4) */
u32 nofragment_flags(const struct attempt *a);

/**
 * get_page_from_freelist - try @flags, then what callers that cannot reclaim relax step by step
 *
 * Return: false: nothing found, or the caller is to do without
 */
bool get_page_from_freelist(struct attempt *a, u32 flags, struct found *at);

/** gfp_zone - highest zone_idx that @gfp allows, on x86-64: there is no HIGHMEM */
u32 gfp_zone(u32 gfp);

#endif /* SPB_MODEL_FREELIST_H */
