/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Structures shared by the files of the model. Nothing outside model/ and its tests includes this.
 */
#ifndef SPB_MODEL_INTERNAL_H
#define SPB_MODEL_INTERNAL_H

#include "model/model.h"
#include "model/page.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define TIME_NEVER UINT64_MAX
#define PAGE_ALLOC_COSTLY_ORDER 3U

/** struct free_list - doubly linked through page words; frames of one SPB */
struct free_list {
	u32 head;
	u32 tail;
};

/** struct free_area - free pages of one order (S1.3); @nr_free counts blocks of that order */
struct free_area {
	struct free_list free_list[MIGRATE_TYPES];
	u32 nr_free;
};

struct superpageblock;
struct zone;

/** enum work_kind - what a node's worker does (S1.4) */
enum work_kind { WORK_DEFRAG, WORK_EVACUATE, WORK_SHRINK, NR_WORK_KINDS };

/**
 * struct work - a request to a worker
 * @sb: WORK_DEFRAG: the SPB; @zone: the others: that asked; @order, @mt: WORK_EVACUATE: for which
 *	request
 * @cpu: that raised it; the work runs there
 */
struct work {
	struct work *next;
	struct superpageblock *sb;
	struct zone *zone;
	u64 queued_at;
	u16 cpu;
	u8 kind;
	u8 order;
	u8 mt;
};

/**
 * struct spb_list - one of the zone's lists of superpageblocks; from @nr on: see candidates.h
 * @nr: members; @nr_with: of them, those with free pages of a type and order
 * @orders: by type: bits of the orders for which @nr_with is not 0
 * @bits: by type and order, bitmaps of the SPBs counted in @nr_with; NULL when lists are walked
 */
struct spb_list {
	struct superpageblock *head;
	struct superpageblock *tail;
	u64 *bits;
	u32 nr;
	u16 orders[MIGRATE_TYPES];
	u32 nr_with[MIGRATE_TYPES][MODEL_MAX_ORDERS];
};

/**
 * struct superpageblock - S1.3
 *
 * @page, @pb: page words and pageblock flags; NULL until the first page leaves an SPB that is
 *	wholly free, so untouched memory costs nothing
 * @free_orders: by type: bits of the orders whose free list holds something (vanilla: none)
 * @on: the one list it is on; @list_stale: a has-bit changed since spb_update_list() ran
 * @touched: changed since the last model_check_touched()
 * @list_prev: vanilla only: back links of free heads, by frame (see vanilla.h)
 * @owners: PCP buddy only: which CPU owns a pageblock (see pcp_buddy.h); NULL: none does
 * @rank: of reclaimable units, by frame, or NULL (see shrinkable.h)
 * @defrag_active: a pass is queued or running (@defrag_work); @defrag_trigger: by whom
 * @no_progress_jiffies: defrag_last_no_progress_jiffies, 0 = none
 * @tainted_by: number of the request that made it tainted last (nr_requests of the model)
 * @stuck_from: see stuck.h
 */
struct superpageblock {
	struct superpageblock *next;
	struct superpageblock *prev;
	u16 free_orders[MIGRATE_TYPES];
	struct spb_list *on;
	struct zone *zone;
	u64 *page;
	u16 *pb;
	u32 *list_prev;
	struct block_owner *owners;
	u32 *rank;
	u64 nr_free_pages;
	u64 start_pfn;
	u32 index;
	u16 nr_free;
	u16 nr_unmovable;
	u16 nr_reclaimable;
	u16 nr_movable;
	u16 nr_reserved;
	u16 total_pageblocks;
	bool contig_allocated;
	bool defrag_active;
	bool watch_free_pages;
	bool list_stale;
	bool touched;
	u8 defrag_trigger;

	struct work defrag_work;
	u64 defrag_cursor;
	u64 no_progress_jiffies;
	u64 no_progress_pages;

	u64 tainted_by;
	u64 stuck_from;
	u64 stuck_ns;
	u64 stuck_longest;
	u32 taints;
	u32 defrag_passes;

	struct free_area free_area[MODEL_MAX_ORDERS];
};

/** struct spb_hint - a warm hint: which SPB served this (order, type) last; SPB_NONE: nothing */
#define SPB_NONE UINT32_MAX
struct spb_hint {
	u32 zone;
	u32 spb;
};

#define NR_SPB_EVAC_REQUESTS 64	/* S1.1 */

/* zone_idx of the kernel, for zones whose name is known; others come after (S1.4) */
enum zone_type { ZONE_DMA, ZONE_DMA32, ZONE_NORMAL, ZONE_MOVABLE, ZONE_DEVICE };

#define HINTS_PER_ZONE (MODEL_MAX_ORDERS * MIGRATE_PCPTYPES)

/**
 * struct zone - S1.4
 * @zone_idx: index inside the node, shared by CPU hints of several nodes
 * @free_bits: memory of the lists' bitmaps (candidates.h), NULL when lists are walked
 * @evac_last: jiffies of the last deferred evacuation by type; @evac_in_flight: one at a time
 *	(S4.5)
 * @free_area, @next_untouched: vanilla only: zone-wide lists (see vanilla.h)
 * @cma_pages, @nr_free_cma: of its CMA areas, in all and free now
 * @managed_pages: given to the buddy at boot; @nr_reserved_highatomic: pages of the blocks that
 *	joined the reserve, less those it gave up; @unmerged_blocks: a whole one that it gave up did
 *	not merge
 * @reclaim_hand: page, counted from base_pfn, that direct reclaim looks at next
 */
struct zone {
	struct model *m;
	struct model_zone_config config;
	struct node *node;
	u32 index;
	u32 zone_idx;
	u64 end_pfn;
	u64 base_pfn;
	u32 nr_superpageblocks;
	struct superpageblock *superpageblocks;
	struct spb_list spb_lists[__NR_SB_CATEGORIES][__NR_SB_FULLNESS];
	struct spb_list spb_empty;
	struct spb_list spb_isolated;
	u64 *free_bits;
	u32 sb_hint[HINTS_PER_ZONE];
	u64 nr_free_pages;
	struct free_area free_area[MODEL_MAX_ORDERS];
	u32 next_untouched;
	u64 cma_pages;
	u64 nr_free_cma;
	u64 managed_pages;
	u64 nr_reserved_highatomic;
	bool unmerged_blocks;
	u64 reclaim_hand;
	u64 evac_last[MIGRATE_PCPTYPES];
	bool evac_in_flight[MIGRATE_PCPTYPES][MODEL_MAX_ORDERS];
	struct model_counters counters;
};

/**
 * struct evacuation - one pageblock being emptied, counts in pages
 * @frame: next to look at, before @end
 * @contig: for alloc_contig_range(): a range of pageblocks, units of a pageblock and more move, too
 */
struct evacuation {
	struct superpageblock *sb;
	u64 pfn;
	u64 pages_migrated;
	u64 pages_dropped;
	u64 pages_failed;
	u32 frame;
	u32 end;
	u16 cpu;
	bool busy;
	bool contig;
};

/**
 * struct defrag_run - a defrag pass under way (S4.2)
 * @pfn: block it looks at; @cursor: block it began with; @wrapped, @over: see advance()
 * @in_block: the block at @pfn was visited: the next one follows
 */
struct defrag_run {
	u64 start;
	u64 pfn;
	u64 cursor;
	u16 nr_free_before;
	bool wrapped;
	bool over;
	bool in_block;
};

#define EVAC_CANDIDATES_MAX 64

/**
 * struct evac_run - an evacuation for an order under way (S4.5)
 * @zone, @order, @mt: for which request
 * @sb, @nr: candidates, in list order; @at: the current one; @pfn: its next block
 * @phase: 0, or 1 for the second of two; @blocks: blocks tried in the current candidate;
 * @attempts: in all of them, by phase
 */
struct evac_run {
	struct superpageblock *sb[EVAC_CANDIDATES_MAX];
	struct zone *zone;
	u64 pfn;
	u32 order;
	u32 mt;
	u32 nr;
	u32 at;
	u32 phase;
	u32 blocks;
	u32 attempts[2];
};

/**
 * struct worker - a thread of a node's evacuate_wq, one work at a time (S1.4 max_active)
 * @busy_next: list of workers that have work
 * @queue_head, @queue_tail: works waiting, FIFO; @work: the one under way, NULL when idle
 * @ev: the block it empties; @defrag, @evac: state by kind of work
 * @cost: ns that pass before it goes on, beside those of migration
 * @due: time of the next step, TIME_NEVER when idle; @free_at: the last work ended then
 */
struct worker {
	struct node *node;
	struct worker *busy_next;
	struct work *queue_head;
	struct work *queue_tail;
	struct work *work;
	struct evacuation ev;
	struct defrag_run defrag;
	struct evac_run evac;
	u64 cost;
	u64 due;
	u64 free_at;
	u32 thread;
	bool busy;
};

/** struct shrinkable - heap of reclaimable units (shrinkable.h); @nr keys, room for @size */
struct shrinkable {
	u64 *heap;
	size_t nr;
	size_t size;
};

/**
 * struct node - a NUMA node
 * @workers: by thread; NULL until the first work
 * @shrink: its slab shrink; @shrink_pending: raised or queued, not yet running
 * @shrink_worker: that runs it, or NULL
 * @shrinkable: what it may free
 */
struct node {
	u32 id;
	struct worker **workers;
	struct work shrink;
	struct worker *shrink_worker;
	struct shrinkable shrinkable;
	bool shrink_pending;
};

/** struct op_context - what is going on, for reports */
struct op_context {
	u16 cpu;
	u8 cause;
	u8 outcome;
	u8 order;
	u8 migratetype;
};

/**
 * struct model - everything
 * @due: time of the next step of a worker, or @pcp_tick
 * @pcp_tick: when pcp_tick() comes next, TIME_NEVER while nothing can decay
 * @nr_requests: made so far, the one under way included
 * @booting: memory is not in place yet; @traced: the observer listens to events
 * @by_worker: a node's worker is at work, not a request
 * @in_contig: a contig range is being emptied; what moves takes no other one
 */
struct model {
	struct variant v;
	struct model_config config;
	struct model_range *ranges;
	const struct model_observer *obs;
	void *ctx;
	u64 now;
	u64 due;
	u64 pcp_tick;
	u64 cooldown_jiffies;
	bool vanilla;
	u32 pageblock_order;
	u32 pageblock_nr_pages;
	u32 max_order;
	u32 spb_order;
	u32 nr_zones;
	u32 nr_nodes;
	u32 nr_threads;
	u32 nr_zone_idx;
	struct zone *zones;
	struct node *nodes;
	struct worker *busy;
	struct work *raised_head;
	struct work *raised_tail;
	struct spb_hint *cpu_hints;
	struct pcp *pcps;
	struct pcp_buddy *pcp_buddy;
	struct op_context op;
	struct work evac_pool[NR_SPB_EVAC_REQUESTS];
	struct work *evac_free;
	u64 nr_requests;
	u64 bytes;
	bool no_memory;
	bool booting;
	bool traced;
	bool by_worker;
	bool in_contig;
};

static inline u64 model_jiffies(const struct model *m)
{
	if (likely(m->v.hz == 1000))
		return m->now / NSEC_PER_MSEC;
	return (u64)((unsigned __int128)m->now * m->v.hz / NSEC_PER_SEC);
}

static inline u64 sb_frame_pfn(const struct superpageblock *sb, u32 frame)
{
	return sb->start_pfn + frame;
}

static inline bool has_pcps(const struct model *m)
{
	return m->pcps || m->pcp_buddy;
}

static inline struct zone *work_zone(const struct work *work)
{
	return work->kind == WORK_DEFRAG ? work->sb->zone : work->zone;
}

/** frames_get, frames_put - memory for the state of a superpageblock's frames, zeroed */
void *frames_get(const struct model *m, u64 bytes);
void frames_put(const struct model *m, void *p, u64 bytes);

/** pfn_to_zone - zone that spans @pfn, or NULL */
static inline struct zone *pfn_to_zone(const struct model *m, u64 pfn)
{
	for (u32 z = 0; z < m->nr_zones; z++) {
		if (pfn >= m->zones[z].config.start_pfn && pfn < m->zones[z].end_pfn)
			return &m->zones[z];
	}
	return NULL;
}

static inline struct superpageblock *pfn_to_superpageblock(const struct zone *zone, u64 pfn)
{
	return &zone->superpageblocks[(pfn - zone->base_pfn) >> zone->m->spb_order];
}

/**
 * struct search - a request and what the walks of __rmqueue_smallest() for it have seen
 * @walk: NULL unless the caller wants to know what the tainted lists hold (S2.5)
 * @alloc_flags: of the attempt under way (S1.7); @gfp: 0 when unknown
 * @mode: rmqueue_mode: the step of __rmqueue() to begin with, kept over one refill (S7.2)
 * @reserve_flags: alloc_flags of every attempt of a request that was recorded as HIGHATOMIC
 * @visits: SPBs visited by all walks; @inner_visits: those among them that belong to walks inside
 *	another one (S2.4)
 */
struct search {
	struct model *m;
	struct zone *zone;
	struct spb_tainted_walk *walk;
	u32 order;
	u32 mt;
	u32 alloc_flags;
	u32 gfp;
	u32 reserve_flags;
	u32 visits;
	u32 inner_visits;
	u16 cpu;
	u8 mode;
};

/** struct spb_tainted_walk - what PASS_1 saw on the tainted lists (S2.5) */
struct spb_tainted_walk {
	bool saw_free_pages;
	bool saw_free_pb;
	bool saw_below_reserve;
};

/**
 * struct found - a page: its SPB and frame; @outcome: who found it
 * @from: the SPB whose visit succeeded; after PASS_2B's inner search the page may lie elsewhere
 * @fallback_order, @fallback_mt: the buddy that CLAIM or STEAL found
 * @from_reserve: taken as HIGHATOMIC, whatever the request's own type
 */
struct found {
	struct superpageblock *sb;
	struct superpageblock *from;
	u32 frame;
	u8 outcome;
	u8 fallback_order;
	u8 fallback_mt;
	bool from_reserve;
};

#define KNOB(field) offsetof(struct variant, field)
#define NO_KNOB SIZE_MAX	/* of a row that no knob switches off */

/** knob_is_on - is the row on that the knob at offset @knob of struct variant switches? */
static inline bool knob_is_on(const struct model *m, size_t knob)
{
	return knob == NO_KNOB || *(const u32 *)((const char *)&m->v + knob);
}

/** mix64 - the finalizer of splitmix64: every bit of @x changes about half of the result's */
static inline u64 mix64(u64 x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/**
 * unit_flags - PAGE_PINNED or PAGE_CLEAN_CACHE for movable units that refuse to move or are clean
 * cache: the same in every variant (S10 item 6)
 */
u64 unit_flags(const struct model *m, const struct model_req *req);

#endif /* SPB_MODEL_INTERNAL_H */
