/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evacuate_pageblock(): move the movable pages of one pageblock away, batch by batch (S4.2).
 *
 * Units as large as a pageblock stay where they are, but for contig ranges. With the skip hint
 * (compact_skip), a block that was scanned since the defrag worker last cleared the hints of its
 * SPB is left alone, and the rescan that should take has_movable from an emptied block finds the
 * hint of its own first scan: the bit goes when a later scan finds nothing to isolate, or when the
 * block is wholly free (S3). Where exactly the series clears the bit in mm/compaction.c is not in
 * the stored sources: INFERRED from upstream.
 */
#ifndef SPB_MODEL_EVACUATE_H
#define SPB_MODEL_EVACUATE_H

#include "model/internal.h"

/** evacuate_begin - start with the block at @pfn of @sb */
void evacuate_begin(struct evacuation *ev, struct superpageblock *sb, u64 pfn);

/**
 * evacuate_begin_range - frames [@start, @end) of @sb, whole pageblocks, for a contig range
 *
 * Batches run on over the ends of blocks; skip hints do not count, and no block is scanned again.
 */
void evacuate_begin_range(struct evacuation *ev, struct superpageblock *sb, u32 start, u32 end);

/**
 * evacuate_step - isolate and migrate one batch
 *
 * Return: pages worked on; the time they cost is migrate_us_per_page each. When the block is done,
 * or a page did not move, ev->busy becomes false.
 */
u64 evacuate_step(struct evacuation *ev);

#endif /* SPB_MODEL_EVACUATE_H */
