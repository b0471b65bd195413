/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a slab shrink may free: the live RECLAIMABLE units of a node, in an order that the seed and
 * the identity of each allocation decide, so that all variants lose the same ones first (S10 item
 * 7). The shrinkers know nothing of location (S5), and neither does this order.
 *
 * Kept only when shrink_pages_per_run is set: four bytes a frame and eight to sixteen a unit.
 */
#ifndef SPB_MODEL_SHRINKABLE_H
#define SPB_MODEL_SHRINKABLE_H

#include "model/internal.h"

/** shrinkable_add - the used head @frame of @sb is RECLAIMABLE, of allocation @ident */
void shrinkable_add(struct superpageblock *sb, u32 frame, u64 ident);

/**
 * shrinkable_drop - drop units of @node, at least @pages pages as far as there are any
 * @cpu: that runs the shrink
 *
 * Return: pages dropped; the last unit may be larger than what was missing.
 */
u64 shrinkable_drop(struct model *m, struct node *node, u64 pages, u16 cpu);

void shrinkable_fini(struct node *node);

/** shrinkable_note - shrinkable_add() where the variant wants it */
static inline void shrinkable_note(struct superpageblock *sb, u32 frame, u64 ident)
{
	if (unlikely(sb->zone->m->v.shrink_pages_per_run) &&
	    page_mt(sb->page[frame]) == MIGRATE_RECLAIMABLE)
		shrinkable_add(sb, frame, ident);
}

#endif /* SPB_MODEL_SHRINKABLE_H */
