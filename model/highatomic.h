/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The HIGHATOMIC reserve: pageblocks kept for high-order requests that may not block (S2.7). The
 * same upstream and in the series.
 */
#ifndef SPB_MODEL_HIGHATOMIC_H
#define SPB_MODEL_HIGHATOMIC_H

#include "model/internal.h"

#define ALLOC_NON_BLOCK 0x010U		/* S1.7 */
#define ALLOC_HIGHATOMIC 0x200U		/* S1.7 */

/**
 * rmqueue_buddy - a page of s->zone from the buddy lists, under one hold of the lock
 *
 * With ALLOC_HIGHATOMIC the reserve comes first, and the block of the page that is found joins it;
 * with ALLOC_NON_BLOCK the reserve is the last resort.
 */
bool rmqueue_buddy(struct search *s, u32 alloc_flags, struct found *at);

/**
 * unreserve_highatomic_pageblock - give one block of the reserve to requests of @mt
 * @force: also the last one
 *
 * Only the reserve shrinks by the block: one that became wholly free has lost its label, not its
 * place in nr_reserved_highatomic, as in the series. Return: pages became free for @mt
 */
bool unreserve_highatomic_pageblock(struct zone *zone, u32 mt, bool force);

#endif /* SPB_MODEL_HIGHATOMIC_H */
