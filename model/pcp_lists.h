/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the series' per-CPU lists are made of (S2.8): pages in linked lists, which CPU owns a
 * pageblock, and pages that other CPUs freed. pcp_buddy.c moves them.
 */
#ifndef SPB_MODEL_PCP_LISTS_H
#define SPB_MODEL_PCP_LISTS_H

#include "model/internal.h"
#include "model/pcp_size.h"

#define PCP_NIL UINT32_MAX

/** struct pcp_node - a page, or an owned block, on a list; @next, @prev: nodes */
struct pcp_node {
	u64 pfn;
	u32 next;
	u32 prev;
	u8 order;
	u8 mt;
};

/** struct node_list - first and last node, PCP_NIL when empty */
struct node_list {
	u32 head;
	u32 tail;
};

#define NR_LISTS (MODEL_MAX_ORDERS * MIGRATE_PCPTYPES)

/**
 * struct pcp_cpu - lists of one CPU for one zone
 * @lists: by order_to_pindex(); @owned_blocks: blocks with fragments in the zone's buddy
 * @free_llist: pages of its blocks that other CPUs freed, last one first; not counted yet
 */
struct pcp_cpu {
	struct pcp_size size;
	struct node_list lists[NR_LISTS];
	struct node_list owned_blocks;
	struct node_list free_llist;
};

/** struct pcp_buddy - @node: pool of @nr; @spare: the free ones; @cpu: by CPU, then zone */
struct pcp_buddy {
	struct pcp_cpu *cpu;
	struct pcp_node *node;
	u32 nr;
	u32 spare;
};

static inline struct pcp_cpu *pcp_of(const struct model *m, const struct zone *zone, u32 cpu)
{
	return &m->pcp_buddy->cpu[(cpu % m->config.nr_cpus) * m->nr_zones + zone->index];
}

static inline u32 this_cpu(const struct model *m)
{
	return m->op.cpu % m->config.nr_cpus;
}

static inline struct found pcp_spot(const struct zone *zone, u64 pfn)
{
	struct superpageblock *sb = pfn_to_superpageblock(zone, pfn);

	return (struct found){ .sb = sb, .from = sb, .frame = (u32)(pfn - sb->start_pfn) };
}

static inline u64 *word_of(const struct zone *zone, u64 pfn)
{
	const struct found at = pcp_spot(zone, pfn);

	return &at.sb->page[at.frame];
}

/* order_to_pindex() of the kernel: one list an order and type */
static inline u32 order_to_pindex(u32 order, u32 mt)
{
	return order * MIGRATE_PCPTYPES + mt;
}

/**
 * pcp_enqueue - pcp_enqueue(), pcp_enqueue_tail() of the kernel; counts the page
 * @owned: PagePCPBuddy: its block is the CPU's, it may merge with its buddy
 */
void pcp_enqueue(struct zone *zone, struct pcp_cpu *pcp, u64 pfn, u32 order, u32 mt, bool tail,
		 bool owned);

/** pcp_dequeue - take the page of node @n off its list. Return: was it PagePCPBuddy? */
bool pcp_dequeue(struct zone *zone, struct pcp_cpu *pcp, u32 n);

/** set_pcpblock_owner - the block of @frame belongs to @cpu */
void set_pcpblock_owner(struct superpageblock *sb, u32 frame, u32 cpu);
/** pcpblock_is_owned - by some CPU */
bool pcpblock_is_owned(const struct superpageblock *sb, u32 frame);
/** pcpblock_owner - which CPU owns the block; only when one does */
u32 pcpblock_owner(const struct superpageblock *sb, u32 frame);

/**
 * pcpblock_note_fragments, pcpblock_forget_fragments - put the block on its owner's list of blocks
 * with free pages in the zone's buddy, or take it off; nothing when it is (not) there
 */
void pcpblock_note_fragments(struct superpageblock *sb, u32 frame);
void pcpblock_forget_fragments(struct superpageblock *sb, u32 frame);

/** free_to_remote - the owner's CPU gets the page at its next allocation or drain */
void free_to_remote(struct superpageblock *sb, u32 frame, u32 order, struct pcp_cpu *pcp);
/** absorb_remote_frees - take in what other CPUs freed, the last one first */
void absorb_remote_frees(struct zone *zone, struct pcp_cpu *pcp);

#endif /* SPB_MODEL_PCP_LISTS_H */
