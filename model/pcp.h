/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU page lists, for demand at page level: what callers asked for, before any list (S7.3). The
 * upstream scheme: orders 0-3 and the THP order, one list a type; refilled and drained in batches.
 *
 * A page on a list is a used head with PAGE_ON_PCP: the buddy does not own it, it cannot be moved,
 * and its block is not free.
 */
#ifndef SPB_MODEL_PCP_H
#define SPB_MODEL_PCP_H

#include "model/internal.h"

/** pcp_init - lists of every CPU and zone when the config and the variant want them; after boot */
bool pcp_init(struct model *m);
void pcp_fini(struct model *m);

/** pcp_serves - does a request of @order and @mt go through the lists? */
bool pcp_serves(const struct model *m, u32 order, u32 mt);

/**
 * pcp_rmqueue - a page from the CPU's list, refilled by __rmqueue() with @alloc_flags when empty
 *
 * at->outcome is OUTCOME_PCP, or the outcome of the refill's first page.
 */
bool pcp_rmqueue(struct search *s, u32 alloc_flags, struct found *at);

/**
 * pcp_free - put a freed unit on the list of m->op.cpu; may drain it
 * @mt: label of its block
 *
 * Return: false: this order or label goes straight to the buddy.
 */
bool pcp_free(struct superpageblock *sb, u32 frame, u32 order, u32 mt);

/** pcp_drain_zone - drain_all_pages(): every list of @zone becomes empty */
void pcp_drain_zone(struct zone *zone);

/**
 * pcp_tick - vmstat_update() of every CPU at m->pcp_tick: high marks fall, and lists drain down to
 * them
 *
 * It comes every pcp_decay_ms, at multiples of it, and no more once nothing falls, until lists are
 * used again. All CPUs at one time: the kernel has them a few jiffies apart.
 */
void pcp_tick(struct model *m);

/**
 * pcp_check - do all lists hold whole pages of their order that say so, and as many as they count?
 * @pages: pages on all lists; @pfn: the page in question, 0 for a count
 */
bool pcp_check(const struct model *m, u64 *pages, u64 *pfn);

#endif /* SPB_MODEL_PCP_H */
