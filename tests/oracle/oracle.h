/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle: a second allocator, as naive as possible, to hold the model against.
 *
 * Written from the specification and, where that is silent, from the kernel's mm/page_alloc.c; not
 * from model/. It shares constants and event structures with model/model.h, nothing else. A list is
 * an array in its order, a counter is a scan, nothing is cached.
 *
 * What neither source says is marked "ours" in the code: the worker's place in time (S10 item 5),
 * which units refuse to move (S10 item 6, told by oracle_set_luck()), the order of zones.
 */
#ifndef SPB_TESTS_ORACLE_H
#define SPB_TESTS_ORACLE_H

#include "model/model.h"
#include "tests/oracle/sites.h"

#define O_ORDERS MODEL_MAX_ORDERS
#define O_NONE UINT32_MAX

enum oracle_frame_state { OF_INSIDE, OF_FREE, OF_USED, OF_FIXED, OF_PCP };

/**
 * struct ofrm - one frame; all but @state matter for heads only
 * @pcp_buddy: OF_PCP: PagePCPBuddy; @rank: OF_USED: how soon a slab shrink frees it (S10 item 7)
 */
struct ofrm {
	u32 owner;
	u32 rank;
	u8 state;
	u8 order;
	u8 mt;		/* OF_FREE, OF_PCP: of its list; OF_USED: as requested */
	bool pcp_buddy;
	bool pinned;
	bool clean_cache;
};

/**
 * struct oblk - one pageblock (S1.5); @label: migratetype, @reserved: never initialised
 * @pcp_owner: CPU + 1 whose lists own it, 0: none; @on_owned: on that CPU's owned_blocks (S2.8)
 */
struct oblk {
	u8 label;
	u16 pcp_owner;
	bool on_owned;
	bool cma;	/* in an area */
	bool has_unmovable;
	bool has_reclaimable;
	bool has_movable;
	bool all_free;
	bool reserved;
	bool outside;
	bool skip;	/* PB_compact_skip */
};

/** struct oseq - a list: its members in order */
struct oseq {
	u32 n;
	u32 cap;
	u32 *v;
};

/* The zone's lists of SPBs: category * __NR_SB_FULLNESS + fullness, then these. */
#define OL_EMPTY (__NR_SB_CATEGORIES * __NR_SB_FULLNESS)
#define OL_ISOLATED (OL_EMPTY + 1)
#define OL_NR (OL_ISOLATED + 1)

struct ozone;

/** struct ospb - one superpageblock (S1.3) */
struct ospb {
	struct ozone *zone;
	u64 start_pfn;
	u32 index;
	u32 total_pageblocks;
	u32 on;				/* list it is on */
	struct oblk *blk;
	struct ofrm *frm;
	struct oseq free_list[O_ORDERS][MIGRATE_TYPES];
	u64 free_pages;			/* on all its lists */
	u8 category_before;		/* as last told */
	u8 category_at_op;		/* before the page of this request was looked for */
	bool contig_allocated;
	bool defrag_active;
	u8 defrag_trigger;
	u16 defrag_cpu;
	u64 queued_at;
	u64 cursor;
	u64 stamp;			/* jiffies, 0: none */
	u64 stamp_pages;
	u32 taints;
	u32 passes;
};

struct onode;

/** struct oevac - a deferred evacuation for (order, type) waits or runs (S4.5) */
struct oevac {
	bool in_flight;
	u16 cpu;
	u64 queued_at;
};

/**
 * struct opcp - struct per_cpu_pages of one CPU and zone (S7.3, S2.8). Pages are named by
 *	spb * pages of an SPB + frame
 * @list: by order_to_pindex(); @owned_blocks, @free_llist: the series' buddy only
 */
#define O_PCP_LISTS (O_ORDERS * MIGRATE_PCPTYPES)
struct opcp {
	s64 count;
	s64 batch;
	s64 high;
	s64 high_min;
	s64 high_max;
	s64 free_count;
	u32 alloc_factor;
	bool freed_high_order;
	struct oseq list[O_PCP_LISTS];
	struct oseq owned_blocks;
	struct oseq free_llist;
};

/** struct ozone - one zone; @hint: SPB that served (order, type) last, or
 * O_NONE; @evac_last: jiffies of the last evacuation queued for a type, 0: none
 */
struct ozone {
	struct oracle *o;
	struct onode *node;
	u64 start_pfn;
	u64 end_pfn;
	u64 base_pfn;
	u32 index;
	u32 zone_idx;
	u32 nr_spbs;
	struct ospb *spb;
	struct oseq list[OL_NR];
	struct oseq free_list[O_ORDERS][MIGRATE_TYPES];	/* vanilla: spb * pages of an SPB + frame */
	u32 hint[O_ORDERS][MIGRATE_PCPTYPES];
	struct oevac evac[O_ORDERS][MIGRATE_PCPTYPES];
	u64 evac_last[MIGRATE_PCPTYPES];
	u64 managed;		/* pages that boot gave to the buddy */
	u64 reserved;		/* nr_reserved_highatomic */
	u64 cma_pages;
	u64 reclaim_hand;	/* frame that direct reclaim looks at next */
	struct opcp *pcp;	/* by CPU */
	struct model_counters cnt;
};

/*
 * A work: zone << 16 | spb for defrag, zone << 16 | order << 8 | type for an evacuation, or a
 * zone's shrink
 */
#define OWORK_SHRINK 0x80000000U
#define OWORK_EVACUATE 0x40000000U
#define O_SPBS_MAX 64

/** struct oevac_run - an evacuation under way: its candidates and how far it is (S4.5) */
struct oevac_run {
	u32 candidate[O_SPBS_MAX];
	u32 nr;
	u32 at;
	u32 blocks;
	u32 phase;
	u32 attempts[2];
	u64 next;	/* block to look at */
};

/**
 * struct oworker - a thread that does the works in @queue, one by one; @now_on: O_NONE when idle
 */
struct oworker {
	struct onode *node;
	struct oseq queue;
	u32 now_on;
	u16 cpu;		/* that queued it */
	struct oevac_run evac;
	struct ospb *run;	/* whose block is being emptied */
	u64 due;
	u64 free_at;
	struct model_defrag_pass pass;
	u64 pfn;		/* block it looks at */
	u64 cursor;
	u64 scan;		/* next frame inside that block */
	bool in_block;
	bool leave;		/* the block, when the batch's time has passed */
	bool behind;		/* the block at @pfn is done with */
	bool wrapped;
	bool over;
};

#define O_THREADS 4

/** struct onode - @shrink_pending: raised or queued; @shrinker: thread that runs it, or O_NONE */
struct onode {
	u32 id;
	struct oworker worker[O_THREADS];
	u64 shrink_at;
	u16 shrink_cpu;
	bool shrink_pending;
	u32 shrinker;
};

struct ohint {
	u32 zone;
	u32 spb;
};

#define TIME_NEVER UINT64_MAX

/** struct oop - what is being done, for taints: enum taint_cause, and of which unit */
struct oop {
	u8 cause;
	u8 order;
	u8 mt;
};

/** struct oracle - the machine. Events go to @obs */
struct oracle {
	struct variant v;
	struct model_config config;
	struct model_range ranges[16];
	struct model_range cma[8];
	struct model_zone_config zones[8];
	const struct model_observer *obs;
	void *ctx;
	u32 block_pages;
	u32 spb_pages;
	u32 spb_blocks;
	u64 now;
	u16 cpu;	/* that asks now; the worker runs on the one that queued its work */
	bool working;	/* a worker acts, not a request */
	struct oop op;
	bool in_contig;
	u32 nr_zones;
	u32 nr_nodes;
	struct ozone *zone;
	struct onode node[8];
	struct oseq raised;	/* under the lock that is held, first to last */
	struct ohint *cpu_hint;
	u64 tick;		/* when per-CPU lists decay next, or TIME_NEVER */
	bool booting;
	u64 sites[NR_ORACLE_SITES];	/* times that each was come by */
};

/** struct opage - a page found; @sb NULL: nothing found */
struct opage {
	struct ospb *sb;
	u32 frame;
	u8 outcome;
	u8 fallback_order;
	u8 fallback_mt;
};

/** struct owalk - struct spb_tainted_walk (S2.5) */
struct owalk {
	bool free_pages;
	bool free_pb;
	bool below_reserve;
};

/**
 * struct oreq - one request on its way through the searches
 * @visits: of SPBs, in all searches; @own_visits: in the current one, without searches inside it
 */
struct oreq {
	u32 order;
	u32 mt;
	u32 cpu;
	u32 gfp;
	u32 visits;
	u32 own_visits;
	bool optional;		/* ALLOC_HIGHORDER_OPTIONAL */
	struct owalk *walk;	/* what PASS_1 sees on the way; NULL: not wanted */
	bool nofragment;
	bool tainted_ok;
	bool highatomic;
	bool non_block;
	bool cma;		/* ALLOC_CMA */
	u32 mode;		/* enum rmqueue_mode (S2.5) */
};

enum { OMODE_NORMAL, OMODE_CMA, OMODE_CLAIM, OMODE_STEAL };

struct oracle *oracle_new(const struct model_config *config, const struct variant *v,
			  const struct model_observer *obs, void *ctx);
void oracle_free(struct oracle *o);
void oracle_start(struct oracle *o, u64 now);
int oracle_alloc(struct oracle *o, u64 now, const struct model_req *req, struct model_result *res);
int oracle_free_pages(struct oracle *o, u64 now, u32 cpu, u64 pfn, u32 order);
int oracle_split(struct oracle *o, u64 pfn, u32 order, u32 upper_owner);
void oracle_run(struct oracle *o, u64 now);
/** oracle_alloc_contig, oracle_free_contig - a whole superpageblock, as a 1 GiB page is (S2.7) */
int oracle_alloc_contig(struct oracle *o, u64 now, u32 zone, u32 cpu, u64 *pfn);
int oracle_free_contig(struct oracle *o, u64 now, u32 cpu, u64 pfn);
/** oracle_set_luck - the seeded hash is the model's own: what it decided for the unit at @pfn */
void oracle_set_luck(struct oracle *o, u64 pfn, bool pinned, bool clean_cache, u32 rank);

/* oracle_list.c: sequences */
void oseq_push_head(struct oseq *s, u32 x);
void oseq_push_tail(struct oseq *s, u32 x);
void oseq_remove(struct oseq *s, u32 x);

/* oracle_spb.c: counters, category, lists, who asks for defrag */
u32 o_nr_unmovable(const struct ospb *sb);
u32 o_nr_reclaimable(const struct ospb *sb);
u32 o_nr_movable(const struct ospb *sb);
u32 o_nr_reserved(const struct ospb *sb);
u32 o_nr_free(const struct ospb *sb);
u32 o_reserve(const struct ospb *sb);
u32 o_category(const struct ospb *sb);
u32 o_fullness(const struct ospb *sb, u32 cat);
u32 o_target_list(const struct ospb *sb);
/** o_on_tainted - on one of the lists of tainted SPBs */
bool o_on_tainted(const struct ospb *sb);
u64 o_jiffies(const struct oracle *o);
void o_update_list(struct ospb *sb);
void o_maybe_start_defrag(struct ospb *sb, u32 trigger);
void o_react(struct ospb *sb);
void o_queue_shrink(struct ozone *z);
struct ozone *o_zone_of(struct oracle *o, u64 pfn);
struct ospb *o_spb_of(struct ozone *z, u64 pfn);
/** o_remember_categories, o_report_taints - around an operation (o->op): who changed category? */
void o_remember_categories(struct oracle *o);
void o_report_taints(struct oracle *o, u32 outcome);
void o_report_taint_of(struct ospb *sb, u32 outcome);

/* oracle_buddy.c: free lists, blocks, taking, claiming, freeing */
struct oblk *o_blk(const struct ospb *sb, u32 frame);
void o_set_has(struct ospb *sb, u32 frame, u32 mt);
void o_clear_has(struct ospb *sb, u32 frame, u32 mt);
u32 o_head(const struct ospb *sb, u32 order, u32 mt);
void o_add_free(struct ospb *sb, u32 frame, u32 order, u32 mt, bool tail);
void o_del_and_expand(struct ospb *sb, u32 frame, u32 low, u32 high, u32 mt);
/** o_now_used - the first page leaves a wholly free block */
void o_now_used(struct ospb *sb, u32 frame);
void o_claim_whole_block(struct ospb *sb, u32 frame, u32 high, u32 low, u32 new_mt, u32 old_mt);
void o_move_block(struct ospb *sb, u32 frame, u32 new_mt);
/** o_del_free - the free unit at @frame is on no list any more */
void o_del_free(struct ospb *sb, u32 frame);
void o_free_one(struct ospb *sb, u32 frame, u32 order, bool to_tail);
/**
 * o_free_unit - the unit in use at @frame goes to the CPU's lists or the buddy; tells the taints
 */
void o_free_unit(struct ospb *sb, u32 frame);
/** o_free_by_block - __free_one_page() of a unit, above pageblock order block by block */
void o_free_by_block(struct ospb *sb, u32 frame, u32 order);
/** o_relabel_block - o_move_block(), in either allocator */
void o_relabel_block(struct ospb *sb, u32 frame, u32 mt);

/* oracle_list.c: which SPBs of a list to look at, in order */

/** struct owant - free pages of an order in [@lo, @hi] on a list of one of @types (bits) */
struct owant {
	u32 lo;
	u32 hi;
	u32 types;
};

/**
 * o_to_visit - SPBs of list @list from head to tail, or with search=bitmap those that have a wanted
 * page, by index (S8)
 */
struct oseq o_to_visit(const struct ozone *z, u32 list, const struct owant *want);

/* oracle_search.c: __rmqueue_smallest(); oracle_fallback.c: claim, steal; oracle_slowpath.c */
struct opage o_smallest(struct ozone *z, struct oreq *r);
struct opage o_try_to_claim(struct ospb *sb, u32 frame, u32 cur, struct oreq *r, u32 block_mt,
			    bool from_tainted_spb);
struct opage o_rmqueue(struct ozone *z, struct oreq *r);
/** o_locked_rmqueue - the same as one hold of the zone lock */
struct opage o_locked_rmqueue(struct ozone *z, struct oreq *r);
/** o_unreserve - a block of the HIGHATOMIC reserve for @mt (S2.7). Return: there was one */
bool o_unreserve(struct ozone *z, u32 mt, bool force);
/** o_alloc_by_gfp - oracle_gfp.c: a request whose gfp flags are known, asked for from @z */
struct opage o_alloc_by_gfp(struct ozone *z, struct oreq *r);
struct opage o_slowpath(struct ozone *z, struct oreq *r);
struct opage o_migration_target(struct ozone *z, struct oreq *r);
struct ospb *o_use(const struct opage *p, u32 order, u32 mt, u32 owner);

/** o_cma_fallback - __rmqueue_cma_fallback() */
struct opage o_cma_fallback(struct ozone *z, struct oreq *r);
/** o_cma_first - a page of CMA if that is more than half of what is free */
struct opage o_cma_first(struct ozone *z, struct oreq *r);

/* oracle_pcp.c: upstream's per-CPU lists, and sizes; oracle_pcp_buddy.c: the series' */
void o_pcp_init(struct oracle *o);
bool o_pcp_serves(const struct oracle *o, u32 order, u32 mt);
/** o_pcp_rmqueue - rmqueue_pcplist() on r->cpu */
struct opage o_pcp_rmqueue(struct ozone *z, struct oreq *r);
/** o_pcp_free - a freed unit on o->cpu. Return: false: it goes to the buddy */
bool o_pcp_free(struct ospb *sb, u32 frame, u32 order);
struct opage o_pcp_spot(struct ozone *z, u32 id);
u32 o_pcp_id(const struct ospb *sb, u32 frame);
u32 o_pcp_list(const struct oracle *o, u32 order, u32 mt);
void o_pcp_enqueue(struct ozone *z, struct opcp *pcp, u32 id, u32 order, u32 mt, bool tail,
		   bool owned);
void o_pcp_dequeue(struct ozone *z, struct opcp *pcp, u32 id);
/** o_pcp_take - the first page of a list; NOTHING (sb NULL) when it is empty */
struct opage o_pcp_take(struct ozone *z, struct opcp *pcp, u32 list);

struct opage o_pcp_buddy_smallest(struct ozone *z, struct opcp *pcp, u32 order, u32 mt);
/** o_pcp_buddy_refill - rmqueue_bulk(). Return: its first page, sb NULL: none */
struct opage o_pcp_buddy_refill(struct ozone *z, struct oreq *r, struct opcp *pcp, s64 count);
/** o_pcp_drain_one - dequeued: to the buddy */
void o_pcp_drain_one(struct ospb *sb, u32 frame, u32 order, bool tail);
/** o_pcp_buddy_drain - free_pcppages_bulk() */
void o_pcp_buddy_drain(struct ozone *z, struct opcp *pcp, s64 count);
/** o_pcp_buddy_remote - its block is another CPU's: hand it over. Return: false: it is not */
bool o_pcp_buddy_remote(struct ospb *sb, u32 frame, u32 order);
/** o_disown - clear_pcpblock_owner() */
void o_disown(struct ospb *sb, u32 frame);

/** o_pcp_used - the timer runs from now on; o_pcp_tick - it fired */
void o_pcp_used(struct oracle *o);
void o_pcp_tick(struct oracle *o);
/** o_pcp_drain_all - drain_all_pages() of a zone */
void o_pcp_drain_all(struct ozone *z);

/* oracle_contig.c */
/** o_contig - spb_try_alloc_contig() for r->order (S2.7) */
struct opage o_contig(struct ozone *z, struct oreq *r);

/* oracle_reclaim.c: what reclaim and slab shrinks give back, where the variant says so */
u64 o_reclaim(struct ozone *z);
void o_shrink(struct oracle *o, struct onode *n);

/* oracle_vanilla.c */
struct opage o_vanilla_rmqueue(struct ozone *z, struct oreq *r);
void o_vanilla_del_free(struct ospb *sb, u32 frame);
void o_vanilla_move_block(struct ospb *sb, u32 start, u32 mt);
void o_vanilla_free_one(struct ospb *sb, u32 frame, u32 order, bool to_tail);

static inline bool o_vanilla(const struct oracle *o)
{
	return o->v.allocator == ALLOCATOR_VANILLA;
}

/* oracle_events.c: tracepoints; @count: pageblocks of the SPB with the bit now */
void o_trace_zone_locked(struct ozone *z, const struct oreq *r, const struct opage *p);
void o_trace_walk(struct ozone *z, const struct oreq *r, u32 outcome);
void o_trace_extfrag(struct ozone *z, const struct oreq *r, const struct opage *p);
void o_trace_refused(struct ospb *sb, u32 frame, u32 start_mt, u32 block_mt, u32 reason);
void o_trace_relax(struct ozone *z, const struct oreq *r, u32 step);
void o_trace_taint(struct ospb *sb, u32 frame, u32 mt, bool set, u32 count);
void o_trace_fall_through(struct ozone *z, const struct oreq *r);
void o_trace_evacuated(struct ozone *z, u32 order, u32 mt, const u32 *attempts);
void o_trace_drain(struct ospb *sb, u32 frame, u32 order, u32 mt);
void o_trace_list(struct ospb *sb, u32 from);

/* oracle_worker.c */
/** o_raise - a work is raised under the zone lock; o_unlock - and queued when that is dropped */
void o_raise(struct oracle *o, u32 work);
void o_unlock(struct oracle *o);
void o_init_node(struct onode *n, u32 id);
void o_run_worker(struct oracle *o, u64 now);

/* oracle_block.c: the block at n->pfn of n->run */

/** o_batch - isolate, drop clean cache, migrate the rest. Return: pages it cost */
u32 o_batch(struct oracle *o, struct oworker *n);
void o_leave_block(struct oracle *o, struct oworker *n);
#define O_BATCH 4096
bool o_movable_unit(const struct ofrm *f);
/** o_migrate - drop clean cache, migrate the rest of @units. Return: all are gone */
bool o_migrate(struct oracle *o, struct oworker *n, u32 *units, u32 nr);
/** o_rescan - takes has_movable from the block at n->pfn if nothing movable is in it (S3) */
void o_rescan(struct oracle *o, struct oworker *n);

/* oracle_evac.c */

/** o_queue_evacuate - queue_spb_evacuate(): room in tainted SPBs, for later (S4.5) */
void o_queue_evacuate(struct ozone *z, u32 order, u32 mt);
/** o_evacuate_now - spb_evacuate_for_order() by the caller itself. Return: did it do anything? */
bool o_evacuate_now(struct ozone *z, u32 order, u32 mt, u16 cpu);
struct oevac *o_evac_of(struct oracle *o, u32 work);
void o_begin_evacuation(struct oracle *o, struct oworker *n);
/** o_next_block_of_evacuation - sets n->run and n->pfn. Return: false: nothing is left */
bool o_next_block_of_evacuation(struct oracle *o, struct oworker *n);
void o_end_evacuation(struct oracle *o, struct oworker *n);

#endif /* SPB_TESTS_ORACLE_H */
