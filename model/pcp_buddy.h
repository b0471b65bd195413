/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU lists as the series has them: a buddy allocator on each CPU (S2.8). Orders up to
 * pageblock order; whole pageblocks are owned by the CPU that took them, their free pages come home
 * to it and merge there; what has to go back leaves whole blocks first, and a later refill fetches
 * the rest.
 */
#ifndef SPB_MODEL_PCP_BUDDY_H
#define SPB_MODEL_PCP_BUDDY_H

#include "model/internal.h"

/**
 * struct block_owner - struct pageblock_data of a pageblock, as far as it matters
 * @cpu: owner + 1, 0: none; @node: place on the owner's list of blocks with fragments in the zone's
 *	buddy, + 1; 0: not on it
 */
struct block_owner {
	u32 node;
	u16 cpu;
};

/** pcp_buddy_init - lists of every CPU and zone, empty. Return: false without memory */
bool pcp_buddy_init(struct model *m);
void pcp_buddy_fini(struct model *m);

/** pcp_buddy_rmqueue, pcp_buddy_free, pcp_buddy_check - see pcp.h; @mt is below MIGRATE_PCPTYPES */
bool pcp_buddy_rmqueue(struct search *s, u32 alloc_flags, struct found *at);
bool pcp_buddy_free(struct superpageblock *sb, u32 frame, u32 order, u32 mt);
bool pcp_buddy_check(const struct model *m, u64 *pages, u64 *pfn);

/** pcp_buddy_drain_zone - see pcp_drain_zone() */
void pcp_buddy_drain_zone(struct zone *zone);

/** pcp_buddy_decay - decay_pcp_high() of one CPU. Return: its mark fell, or pages went */
bool pcp_buddy_decay(struct zone *zone, u32 cpu);

/** pcp_buddy_disown - clear_pcpblock_owner(): the block is wholly free in the zone's buddy */
void pcp_buddy_disown(struct superpageblock *sb, u32 frame);

#endif /* SPB_MODEL_PCP_BUDDY_H */
