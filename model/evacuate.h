/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evacuate_pageblock(): move the movable pages of one pageblock away, batch by batch (S4.2).
 */
#ifndef SPB_MODEL_EVACUATE_H
#define SPB_MODEL_EVACUATE_H

#include "model/internal.h"

/** evacuate_begin - start with the block at @pfn of @sb */
void evacuate_begin(struct evacuation *ev, struct superpageblock *sb, u64 pfn);

/**
 * evacuate_step - isolate and migrate one batch
 *
 * Return: pages worked on; the time they cost is migrate_us_per_page each. When the block is done,
 * or a page did not move, ev->busy becomes false and has_movable is cleared if nothing movable is
 * left (S3).
 */
u64 evacuate_step(struct evacuation *ev);

#endif /* SPB_MODEL_EVACUATE_H */
