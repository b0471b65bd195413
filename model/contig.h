/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spb_try_alloc_contig() (S2.7), for what the slow path asks of it: a movable request of a pageblock
 * or more. One aligned range in each of a few clean superpageblocks, packed ones first, then empty
 * ones; it is isolated, emptied and taken. Whole superpageblocks (1 GiB pages) are not allocated
 * here: no recorded request asks for one.
 *
 * A clean superpageblock that is not full has a free pageblock, so a request of just that order finds
 * it before it comes here: in effect this is for orders above.
 */
#ifndef SPB_MODEL_CONTIG_H
#define SPB_MODEL_CONTIG_H

#include "model/internal.h"

/**
 * spb_try_alloc_contig - a range of 1 << @order pages for a caller on @cpu
 * @order: at least pageblock_order
 *
 * Takes no time of the model's clock; what migration would cost is added to stall_ns. A candidate
 * that fails goes to the tail of its list. The kernel tries each twice, for pins that go away; here
 * they do not. Nor are per-CPU lists drained: a page of theirs in the range fails it. Fires no
 * tracepoint but those of the pages that move (S2.4).
 *
 * Return: false: no candidate could be emptied
 */
bool spb_try_alloc_contig(struct zone *zone, u32 order, u16 cpu, struct found *at);

#endif /* SPB_MODEL_CONTIG_H */
