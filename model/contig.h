/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contig ranges (S2.7): isolated, emptied and taken. spb_try_alloc_contig() for what the slow path
 * asks of it, a movable request of a pageblock or more: one aligned range in each of a few clean
 * superpageblocks, packed ones first, then empty ones. model_alloc_contig() for whole
 * superpageblocks (1 GiB pages), which no recorded request asks for.
 *
 * A clean superpageblock that is not full has a free pageblock, so a request of just that order
 * finds it before it comes here: in effect the slow path is for orders above.
 *
 * Movable units of any order leave the range if there is room for them elsewhere. The kernel can
 * split those that find none; here they stay, and the range fails.
 */
#ifndef SPB_MODEL_CONTIG_H
#define SPB_MODEL_CONTIG_H

#include "model/internal.h"

/**
 * spb_try_alloc_contig - a range of 1 << @order pages for a caller on @cpu
 * @order: at least pageblock_order
 *
 * Takes no time of the model's clock; what migration would cost is added to stall_ns. A candidate
 * that fails twice goes to the tail of its list: pins do not go away here, but what could move has
 * gone the first time. The zone's per-CPU lists are drained for each. Fires no tracepoint but those
 * of the pages that move and drain (S2.4).
 *
 * Return: false: no candidate could be emptied
 */
bool spb_try_alloc_contig(struct zone *zone, u32 order, u16 cpu, struct found *at);

#endif /* SPB_MODEL_CONTIG_H */
