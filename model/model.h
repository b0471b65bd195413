/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The allocator model: the public interface and its manual.
 *
 * One struct model is one host under one variant. The caller feeds allocations and frees with
 * their times; the model places pages as the kernel code of the series would (spec S1 to S5) and
 * tells what it did through an observer. No I/O, no clock, no libraries, no globals: the same calls
 * give the same answers. Not thread safe; different models may run in different threads.
 *
 * Units: pfn are page frame numbers, sizes are pages unless named pageblocks, times are ns that
 * never go backwards. Time 0 is boot.
 */
#ifndef SPB_MODEL_MODEL_H
#define SPB_MODEL_MODEL_H

#include "model/tracepoint.h"
#include "model/types.h"
#include "model/variant.h"

#define MODEL_MAX_ORDERS 14	/* 0 .. 13: NR_PAGE_ORDERS of 64 KiB pages; of 4 KiB 11 (S1.1) */

/** enum migratetype - as the kernel numbers them (S1.2) */
enum migratetype {
	MIGRATE_UNMOVABLE,
	MIGRATE_MOVABLE,
	MIGRATE_RECLAIMABLE,
	MIGRATE_PCPTYPES,
	MIGRATE_HIGHATOMIC = MIGRATE_PCPTYPES,
	MIGRATE_CMA,
	MIGRATE_ISOLATE,
	MIGRATE_TYPES
};

/** enum sb_category - S1.2, S1.6 */
enum sb_category { SB_CLEAN, SB_TAINTED, __NR_SB_CATEGORIES };

/** enum sb_fullness - S1.2, S1.6 */
enum sb_fullness {
	SB_FULL,
	SB_FULL_75,
	SB_FULL_50,
	SB_FULL_25,
	SB_ALMOST_EMPTY,
	__NR_SB_FULLNESS
};

/**
 * enum spb_outcome - how an allocation ended. The first nine are the kernel's SPB_ALLOC_OUTCOME_*
 * (S1.8); the rest name the fallback that took over after NO_PAGE.
 */
enum spb_outcome {
	OUTCOME_NO_PAGE,
	OUTCOME_PASS_1,
	OUTCOME_PASS_2,
	OUTCOME_PASS_2B,
	OUTCOME_PASS_2C,
	OUTCOME_PASS_3,
	OUTCOME_PASS_4,
	OUTCOME_ZONE_FB,
	OUTCOME_PASS_2D,
	OUTCOME_CLAIM,		/* __rmqueue_claim (S2.5) */
	OUTCOME_STEAL,		/* __rmqueue_steal (S2.5) */
	OUTCOME_NORMAL,		/* vanilla: own list of the zone (S7.2) */
	OUTCOME_PCP,		/* page level: from a per-CPU list, without a refill (S7.3) */
	OUTCOME_CONTIG,		/* slow path: a range was emptied for it (S2.7) */
	NR_SPB_OUTCOMES
};

/** enum defrag_trigger - who called spb_maybe_start_defrag() */
enum defrag_trigger {
	TRIGGER_UPDATE,		/* spb_update_list() (S1.6) */
	TRIGGER_ALLOC,		/* trigger 1: spb_react_to_tainted_alloc() (S6.1) */
	TRIGGER_FALLTHROUGH,	/* trigger 2: the walk before PASS_3 (S6.3) */
	NR_DEFRAG_TRIGGERS
};

/** enum defrag_verdict - what a call of spb_maybe_start_defrag() met (S4.1), in order of test */
enum defrag_verdict {
	VERDICT_COOLDOWN,	/* no-progress cooldown still runs */
	VERDICT_CLEAN,		/* not a tainted SPB */
	VERDICT_NOTHING_MOVABLE,
	VERDICT_ABOVE_RESERVE,	/* nr_free >= spb_tainted_reserve() */
	VERDICT_ACTIVE,		/* needed, but a pass is queued or running */
	VERDICT_QUEUED,
	NR_DEFRAG_VERDICTS
};

/** enum taint_cause - what changed an SPB's category */
enum taint_cause {
	CAUSE_OUTCOME,		/* an allocation: see outcome */
	CAUSE_FREE,		/* a block became wholly free */
	CAUSE_MIGRATE,		/* the worker or a caller in the slow path moved a page */
	NR_TAINT_CAUSES
};

/**
 * struct model_zone_config - one zone
 * @node: NUMA node; @name: "Normal"; @start_pfn, @spanned: span in pages
 */
struct model_zone_config {
	u32 node;
	char name[16];
	u64 start_pfn;
	u64 spanned;
};

/**
 * struct model_range - frames the buddy allocator never owns: [start, end)
 * @absent: true: no RAM; a pageblock that begins with such a frame is never initialised and counts
 *	as nr_reserved, which keeps its SPB tainted (S1.6). false: memblock memory: the block is
 *	initialised and looks movable, but nothing there can move (S1.6, INFERRED)
 */
struct model_range {
	u64 start;
	u64 end;
	bool absent;
};

/**
 * struct model_memory - where the states of page frames live: one block a superpageblock
 * @get: @bytes of zeroes, or NULL; @put: of the same @bytes, @p may be NULL
 */
struct model_memory {
	void *(*get)(u64 bytes);
	void (*put)(void *p, u64 bytes);
};

/**
 * struct model_config - the machine
 * @zones: in zonelist order of each node, lowest first (DMA, DMA32, Normal)
 * @ranges: sorted by start, not overlapping
 * @cma: CMA areas, whole pageblocks, sorted, apart from @ranges
 * @pageblock_order, @spb_order, @max_order: 9, 18, 10 on x86-64 (S1.1)
 * @page_size: bytes, 0: 4096; the size of per-CPU lists depends on it
 * @nr_cpus: CPUs that hold allocation hints; requests from others share by modulo
 * @memory: must outlive the model; NULL: calloc() and free()
 * @seed: of the hash that decides which pages refuse to migrate
 * @page_level: requests come from callers, not from per-CPU lists: the model's own lists stand
 *	between (pcp_mode)
 *
 * Copied by model_new().
 */
struct model_config {
	const struct model_zone_config *zones;
	u32 nr_zones;
	const struct model_range *ranges;
	u32 nr_ranges;
	const struct model_range *cma;
	u32 nr_cma;
	u32 pageblock_order;
	u32 spb_order;
	u32 max_order;
	u32 page_size;
	u32 nr_cpus;
	const struct model_memory *memory;
	u64 seed;
	bool page_level;
};

/**
 * struct model_req - an allocation
 * @owner: the caller's handle of the unit; comes back in moved() and dropped()
 * @ident: identity of the allocation, the same in every variant (pinning is paired)
 * @gfp: gfp_mask as Linux 6.18 numbers it, 0 when unknown: see slowpath_mode
 * @zone: index of the zone to serve it from; other zones of the node follow when it has nothing
 * @order, @migratetype: as requested
 * @cpu: for the CPU hints (S2.2 H1)
 */
struct model_req {
	u32 owner;
	u64 ident;
	u32 gfp;
	u16 zone;
	u16 cpu;
	u8 order;
	u8 migratetype;
};

/**
 * struct model_result - where it went
 * @pfn: head frame; @zone: zone that served it; @spb: index inside that zone
 * @outcome: enum spb_outcome of the successful search (CLAIM and STEAL included)
 * @category: enum sb_category of the SPB just before the allocation
 * @visits: SPBs visited over all searches made for this request (n_spbs_visited, S1.8, summed)
 * @fallback_order, @fallback_mt: order and type of the buddy that CLAIM or STEAL found, as
 *	mm_page_alloc_extfrag reports them (S7.5)
 */
struct model_result {
	u64 pfn;
	u32 spb;
	u32 visits;
	u16 zone;
	u8 outcome;
	u8 category;
	u8 fallback_order;
	u8 fallback_mt;
};

/**
 * struct model_taint - an SPB changed category
 * @time: ns; @zone, @spb, @start_pfn: which; @from, @to: enum sb_category
 * @cause: enum taint_cause; @outcome: the pass or fallback, for CAUSE_OUTCOME
 * @order, @migratetype: of the operation
 * @worker: the zone's kevacuate did it, neither a request nor the timer of per-CPU lists
 */
struct model_taint {
	u64 time;
	u64 start_pfn;
	u32 spb;
	u16 zone;
	u8 from;
	u8 to;
	u8 cause;
	u8 outcome;
	u8 order;
	u8 migratetype;
	bool worker;
};

/**
 * struct model_chance - one call of spb_maybe_start_defrag()
 * @cooldown_left: ns, for VERDICT_COOLDOWN
 */
struct model_chance {
	u64 time;
	u64 cooldown_left;
	u32 spb;
	u16 zone;
	u8 trigger;
	u8 verdict;
};

/** enum defrag_state - how far a pass has come */
enum defrag_state { DEFRAG_ENDED, DEFRAG_RUNNING, DEFRAG_QUEUED, NR_DEFRAG_STATES };

/**
 * struct model_defrag_pass - one pass of the defrag worker (S4.2, S4.3)
 * @queued, @start, @end: ns; @trigger: who queued it
 * @nr_free_before, @nr_free_after: pageblocks; @progress: nr_free changed
 * @pages_migrated, @pages_dropped, @pages_failed: pages, of a running one those so far; since
 *	model_start()
 * @state: of a running one @end, @nr_free_after and @progress are 0, of a queued one all but
 *	@queued and @trigger
 */
struct model_defrag_pass {
	u64 queued;
	u64 start;
	u64 end;
	u64 pages_migrated;
	u64 pages_dropped;
	u64 pages_failed;
	u32 spb;
	u16 zone;
	u16 nr_free_before;
	u16 nr_free_after;
	u8 trigger;
	u8 state;
	bool progress;
};

/** SPB_LIST, SPB_LIST_EMPTY, SPB_LIST_ISOLATED - the lists of a zone's superpageblocks (S1.4) */
#define SPB_LIST(cat, full) ((cat) * __NR_SB_FULLNESS + (full))
enum {
	SPB_LIST_EMPTY = __NR_SB_CATEGORIES * __NR_SB_FULLNESS,
	SPB_LIST_ISOLATED,
	NR_SPB_LISTS
};

/**
 * struct model_list_move - a superpageblock went from one list to another (S1.6)
 * @time: ns; @zone, @spb: which; @from, @to: SPB_LIST() and so on, never the same
 * @nr_free: wholly free pageblocks; @nr_free_pages: pages; both as spb_update_list() saw them, that
 *	is before the pages of an allocation are taken (S2.1)
 */
struct model_list_move {
	u64 time;
	u64 nr_free_pages;
	u32 spb;
	u16 zone;
	u16 nr_free;
	u8 from;
	u8 to;
};

/**
 * struct model_observer - told as things happen; any member may be NULL
 * @moved: unit @owner moved to head frame @to (same order)
 * @dropped: unit @owner was reclaimed and is gone (clean page cache, slab): do not free it
 * @taint: an SPB changed category
 * @chance: someone asked for defrag (called very often: leave NULL unless needed)
 * @defrag_pass: a pass ended
 * @shrink_queued: a slab shrink was queued on @node (S5); running or queued ones are not repeated
 * @event: the kernel would have traced this (called for every allocation: leave NULL unless needed)
 * @list_moved: an SPB joined another list
 *
 * Callbacks must not call back into the model, but for model_label().
 */
struct model_observer {
	void (*moved)(void *ctx, u32 owner, u64 to);
	void (*dropped)(void *ctx, u32 owner);
	void (*taint)(void *ctx, const struct model_taint *t);
	void (*chance)(void *ctx, const struct model_chance *c);
	void (*defrag_pass)(void *ctx, const struct model_defrag_pass *p);
	void (*shrink_queued)(void *ctx, u64 now, u32 zone);
	void (*event)(void *ctx, const struct model_event *e);
	void (*list_moved)(void *ctx, const struct model_list_move *mv);
};

/**
 * struct model_counters - running totals of one zone
 * @outcomes: requests by enum spb_outcome (worker's own migration targets excluded)
 * @claims, @steals: fallback successes; @claims_refused: try_to_claim_block() said no
 * @chances: calls of spb_maybe_start_defrag() by trigger and verdict
 * @defrag_passes, @defrag_no_progress: finished passes
 * @pages_migrated, @pages_dropped, @pages_failed: of evacuated blocks, by the worker and by callers
 *	of the slow path, counted as they go; by the zone that they leave
 * @evac_queued, @evac_runs: deferred evacuations (S4.5)
 * @evac_direct: evacuations by callers of the slow path (S2.6)
 * @shrink_queued: slab shrinks queued; @shrink_runs: SPB_SLAB_SHRINK_RAN
 * @pages_shrunk: by slab shrinks of the node, in this zone
 * @highorder_refused: SPB_HIGHORDER_REFUSED (S2.5)
 * @reclaim_runs, @pages_reclaimed: by callers of the slow path (S10 item 12)
 * @stall_ns: what direct evacuation and reclaim would have cost their callers
 * @other_zone: requests for this zone served by another one
 * @contig_spbs: whole superpageblocks given out by model_alloc_contig()
 */
struct model_counters {
	u64 outcomes[NR_SPB_OUTCOMES];
	u64 claims;
	u64 steals;
	u64 claims_refused;
	u64 chances[NR_DEFRAG_TRIGGERS][NR_DEFRAG_VERDICTS];
	u64 defrag_passes;
	u64 defrag_no_progress;
	u64 pages_migrated;
	u64 pages_dropped;
	u64 pages_failed;
	u64 evac_queued;
	u64 evac_runs;
	u64 evac_direct;
	u64 shrink_queued;
	u64 shrink_runs;
	u64 pages_shrunk;
	u64 highorder_refused;
	u64 reclaim_runs;
	u64 pages_reclaimed;
	u64 stall_ns;
	u64 other_zone;
	u64 contig_spbs;
};

/**
 * struct model_zone_state - a zone now
 * @spb_total = @spb_clean + @spb_tainted + @spb_empty + @spb_isolated (clean: in use, not tainted;
 *	isolated: held whole by model_alloc_contig())
 * @free_pages, @free_pages_tainted: pages; @nr_free_blocks: wholly free pageblocks
 * @stuck_spbs: SPBs that are stuck now (see model_spb_state)
 */
struct model_zone_state {
	u32 spb_total;
	u32 spb_clean;
	u32 spb_tainted;
	u32 spb_empty;
	u32 spb_isolated;
	u64 free_pages;
	u64 free_pages_tainted;
	u64 nr_free_blocks;
	u32 stuck_spbs;
};

/**
 * struct model_spb_state - one superpageblock now (fields of S1.3)
 * @taints: CLEAN to TAINTED changes since model_start()
 * @stuck_ns: time since model_start() in which the SPB needed defrag (S4.1 without the
 *	cooldown), no cooldown was running and nothing was queued; @stuck_longest: longest stretch
 */
struct model_spb_state {
	u64 start_pfn;
	u64 free_pages;
	u64 stuck_ns;
	u64 stuck_longest;
	u32 taints;
	u32 defrag_passes;
	u16 nr_free;
	u16 nr_unmovable;
	u16 nr_reclaimable;
	u16 nr_movable;
	u16 nr_reserved;
	u16 total_pageblocks;
	u8 category;
	u8 fullness;
	bool empty;
	bool stuck;
};

struct model;

/**
 * model_new - a machine whose memory is all free, but for the ranges
 *
 * @variant is copied. @observer and @ctx must outlive the model; @observer may be NULL.
 *
 * Return: the model, or NULL: a config that makes no sense (*why says what) or no memory (*why is
 * NULL).
 */
struct model *model_new(const struct model_config *config, const struct variant *variant,
			const struct model_observer *observer, void *ctx, const char **why);
void model_free(struct model *m);

/**
 * model_alloc - allocate (S2)
 *
 * Worker steps due up to @now run first.
 *
 * Return: 0; -ENOSPC when no zone of the node can serve it (@res: visits only); -EINVAL for a bad
 * request; -ENOMEM.
 */
int model_alloc(struct model *m, u64 now, const struct model_req *req,
		struct model_result *res) __must_check;

/** model_free_pages - free the unit at @pfn on @cpu (S3). Return: 0, or -EINVAL: no such unit */
int model_free_pages(struct model *m, u64 now, u32 cpu, u64 pfn, u32 order) __must_check;

/**
 * model_alloc_contig - a whole superpageblock, as alloc_contig_pages() gives out a 1 GiB page
 * (S2.7)
 * @zone: the highest that may serve it; lower ones of its node follow
 *
 * Empty superpageblocks first, then clean ones from the emptiest on, of each zone; then all by
 * address, which is all that upstream does. What is in use there moves away at once; what that
 * would cost is added to stall_ns. The superpageblock stays on the zone's isolated list until it is
 * freed.
 *
 * Return: 0, and @pfn of its first page; -ENOSPC; -EINVAL: no such zone; -ENOMEM.
 */
int model_alloc_contig(struct model *m, u64 now, u32 zone, u32 cpu, u64 *pfn) __must_check;

/**
 * model_free_contig - free what model_alloc_contig() gave out. Return: 0, or -EINVAL: it did not
 */
int model_free_contig(struct model *m, u64 now, u32 cpu, u64 pfn) __must_check;

/**
 * model_prefetch_spb, model_prefetch - model_free_pages() or model_split() of @pfn will come
 *
 * They change nothing but what lies in the CPU's caches: a replay knows its operations in advance,
 * and the state of a large machine is spread over more memory than caches hold. The first fetches
 * the superpageblock; the second, some operations later, what lies behind it.
 */
void model_prefetch_spb(const struct model *m, u64 pfn);
void model_prefetch(const struct model *m, u64 pfn, u32 order);

/**
 * model_split - turn the unit at @pfn of @order into two of @order - 1
 * @upper_owner, @upper_ident: of the upper half; the lower one keeps its own
 */
int model_split(struct model *m, u64 pfn, u32 order, u32 upper_owner,
		u64 upper_ident) __must_check;

/**
 * model_place - put a unit at a given place instead of asking the allocator for one
 * @req: as for model_alloc(); its zone does not matter, @pfn tells
 *
 * For a state that was recorded. Takes the frames out of whatever free list holds them: no pass, no
 * fallback, no counter, and nobody asks for defrag.
 *
 * Return: 0; -EBUSY when the frames are not all free; -EINVAL for a bad request or a frame in no
 * zone; -ENOMEM.
 */
int model_place(struct model *m, const struct model_req *req, u64 pfn) __must_check;

/** model_label - migratetype of the pageblock of @pfn, or -EINVAL: in no zone */
int model_label(const struct model *m, u64 pfn);

/** model_is_hole - is the pageblock of @pfn one that was never initialised (S1.6)? */
bool model_is_hole(const struct model *m, u64 pfn);

/**
 * model_set_label - give the pageblock of @pfn the label @mt; its free pages change lists
 *
 * A free unit larger than the block changes as a whole: its blocks share one label. has-bits stay.
 *
 * Return: 0; -EBUSY when the block is wholly free and the series would have made it movable (S3);
 * -EINVAL for a hole, a type that is no label of ordinary blocks, or a frame in no zone; -ENOMEM.
 */
int model_set_label(struct model *m, u64 pfn, u32 mt) __must_check;

/**
 * model_forget_type - clear the has-bit of @mt in the pageblock of @pfn unless a unit in use there
 * has that type: for the caller that took back what it did not mean to do
 */
void model_forget_type(struct model *m, u64 pfn, u32 mt);

/**
 * model_mark_type - the pageblock of @pfn has held @mt since it was wholly free last: set its
 * has-bit
 *
 * For a state that was recorded: bits outlive the pages they were set for (S3). Return: 1: it is
 * set now; 0: it was already, or the block is wholly free, a hole, or in no zone; -ENOMEM.
 */
int model_mark_type(struct model *m, u64 pfn, u32 mt) __must_check;

/**
 * model_requeue - the free unit at @pfn goes to the tail of its list; nothing when none begins
 * there
 */
void model_requeue(struct model *m, u64 pfn);

/**
 * model_free_unit - the free unit that covers @pfn. Return: its order, @head its frame; -1: none
 */
int model_free_unit(const struct model *m, u64 pfn, u64 *head);

/**
 * model_list_head - first free unit of @order on the list of @mt, upstream's allocator only
 * @pfn: gets its frame. Return: false: the list is empty
 */
bool model_list_head(struct model *m, u32 zone, u32 order, u32 mt, u64 *pfn);

/**
 * model_settle - end of placing: all free lists and lists of SPBs in address order
 *
 * The true order is not recorded anywhere; this one is at least the same for every variant.
 */
void model_settle(struct model *m);

/** model_now - the model's time, ns; inside a callback: of what is told */
u64 model_now(const struct model *m);

/** model_run - run worker steps due up to @now */
void model_run(struct model *m, u64 now);

/**
 * model_no_memory - did an allocation of the model's fail, in whatever call?
 *
 * Frees and the worker go on without what they could not get, and tell nobody. Ask at the end: then
 * nothing of the model is to be used.
 */
bool model_no_memory(const struct model *m) __must_check;

/**
 * model_start - time begins to count: taints and stuck time are zeroed, counters too; cooldowns end
 *
 * Called once the initial state is in place.
 */
void model_start(struct model *m, u64 now);

/* Zones and superpageblocks by index; all of these are for reading and change nothing. */
u32 model_nr_spbs(const struct model *m, u32 zone);
/**
 * model_zone_state, model_spb_state - as they are at @now, ns: stuck time that still runs counts
 */
void model_zone_state(const struct model *m, u32 zone, u64 now, struct model_zone_state *st);
void model_spb_state(const struct model *m, u32 zone, u32 spb, u64 now,
		     struct model_spb_state *st);
/** model_counters - since model_start() */
const struct model_counters *model_counters(const struct model *m, u32 zone);

/** model_open_defrag - the pass of @spb that is queued or runs now. Return: is there one? */
bool model_open_defrag(const struct model *m, u32 zone, u32 spb, struct model_defrag_pass *p);

/**
 * model_memory - the most that model_bytes() can become: every superpageblock touched
 *
 * Pages on per-CPU lists at page level come on top: four bytes each.
 */
u64 model_memory(const struct model_config *config, const struct variant *variant);

/** model_bytes - memory held by the model, bytes (page states by touched SPB) */
u64 model_bytes(const struct model *m);

/**
 * model_check - recount everything from page states (list at the end of S10)
 * @why: gets one line about the first broken invariant
 *
 * Return: 0, or -EINVAL with @why filled in.
 */
int model_check(const struct model *m, char *why, size_t len) __must_check;

/**
 * model_check_touched - the same for SPBs changed since the last call: cheap enough per operation
 */
int model_check_touched(struct model *m, char *why, size_t len) __must_check;

/* Names for reports: never NULL. */
const char *migratetype_name(u32 mt);		/* "Unmovable", as pagetypeinfo */
const char *sb_category_name(u32 cat);		/* "clean", "tainted" (S1.9) */
const char *sb_fullness_name(u32 full);		/* "full", "75pct", ... (S1.9) */
const char *spb_outcome_name(u32 outcome);	/* "PASS_2C", "CLAIM" */
const char *defrag_trigger_name(u32 trigger);	/* "update", "alloc", "fallthrough" */
const char *defrag_verdict_name(u32 verdict);
const char *taint_cause_name(u32 cause);
const char *spb_list_name(u32 list);		/* "tainted/almost_empty", "empty", "isolated" */

#endif /* SPB_MODEL_MODEL_H */
