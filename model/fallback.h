/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fallback when no list of the requested type has a page: claim a block of another type, or steal
 * one page from it (S2.1, S2.5).
 */
#ifndef SPB_MODEL_FALLBACK_H
#define SPB_MODEL_FALLBACK_H

#include "model/internal.h"

#define ALLOC_NOFRAGMENT 0x100U			/* S1.7 */
#define ALLOC_NOFRAG_TAINTED_OK 0x1000U		/* S1.7 */
#define ALLOC_HIGHORDER_OPTIONAL 0x2000U	/* S1.7 */

/**
 * struct claim - what try_to_claim_block() is asked to claim
 * @order: of the free page found; @block_type: list it was found on
 * @from_tainted_spb: the SPB is known to be tainted: no 50 % rule
 */
struct claim {
	u32 order;
	u32 block_type;
	bool from_tainted_spb;
};

/**
 * try_to_claim_block - relabel the block of the free page @frame and allocate from it (S2.1)
 *
 * Return: false when refused (isolated, CMA, zone boundary, cross type, 50 % rule).
 */
bool try_to_claim_block(struct search *s, struct superpageblock *sb, u32 frame,
			const struct claim *c, struct found *at);

/** fallback_type - the @i-th type that requests of @mt fall back to (S2.5, S7.2) */
u32 fallback_type(u32 mt, u32 i);
/** should_try_claim_block - is a buddy of @order worth a whole block to a request of @mt? (S2.5) */
bool should_try_claim_block(const struct model *m, u32 order, u32 mt);
/** count_block - free and movable pages of the block of @frame (prep_move_freepages_block) */
void count_block(const struct superpageblock *sb, u32 frame, u32 *free, u32 *movable);
/** block_inside_zone - may the block of @frame be relabelled as a whole? */
bool block_inside_zone(const struct superpageblock *sb, u32 frame);

/** rmqueue - __rmqueue(): the passes, then claim, then steal (S2.5) */
bool rmqueue(struct search *s, u32 alloc_flags, struct found *at);

#endif /* SPB_MODEL_FALLBACK_H */
