/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Demand: recorded events become operations (S2.4, S7.5, S7.6), at one of three
 * levels. Zone level is described here; page level takes mm_page_alloc and mm_page_free, before any
 * per-CPU list; implied level takes removals alone, and frees a page when it is allocated again.
 *
 * Two passes over the log. demand_scan() finds what only hindsight can tell: units that were live
 * before the capture began (first seen in a free), frees that bypassed the PCP (an ALLOC hits a
 * live page that mm_page_free named earlier: that free is promoted), zones, and whether the
 * recorded kernel's PCP takes every order up to the pageblock (PCP buddy), vanilla's 0-3 and 9, or
 * order 0 only (before Linux 5.14, by the release).
 * demand_next() then emits operations. Everything odd is counted; nothing odd stops a run.
 */
#ifndef SPB_REPLAY_DEMAND_H
#define SPB_REPLAY_DEMAND_H

#include "replay/base/error.h"
#include "replay/log/log.h"
#include "replay/demand/losses.h"
#include "replay/demand/op.h"
#include "replay/demand/recorded_kernel.h"
#include "replay/initial/fill.h"
#include "replay/initial/snapshot.h"

/**
 * struct demand_oddities - what the demand rules met; each is explained by demand_oddity_table
 */
struct demand_oddities {
	u64 duplicate_pass2b;	/* zone_locked repeated on one CPU for the same page: dropped (S2.4) */
	u64 duplicate_claim;	/* extfrag after a zone_locked of the same page: dropped (S2.4) */
	u64 extfrag_alloc;	/* extfrag without a zone_locked: whole-block claim or steal, an ALLOC */
	u64 promoted_free;	/* ALLOC of a live page, an earlier page_free without drain took its place */
	u64 lost_free;		/* ALLOC of a live page without any free: freed at that moment */
	u64 orphan_free;	/* pages freed that the capture never saw allocated: residents */
	u64 partial_free;	/* frees of a part of a unit */
	u64 spanning_free;	/* frees that cover more than one unit */
	u64 double_free;	/* frees of a page that is already free in the capture: ignored */
	u64 overlap_alloc;	/* ALLOCs that cover more than one live unit, or a part of one */
	u64 outside_zone;	/* events whose pfn lies in no zone: ignored */
	u64 failed_alloc;	/* page level: mm_page_alloc without a page: kept apart, no operation */
	u64 bad_event;		/* order or type out of range, unaligned pfn: ignored */
	u64 worker_move;	/* units that the recorded kernel's worker moved: no operation */
	u64 compaction_move;	/* units that compaction moved: no operation (host_moves.h) */
	u64 moved_free;		/* frees of such units, which one is not known */
	u64 migration_move;	/* frees of pages that other migrations moved */
	u64 compaction_return;	/* frees of free pages that compaction had isolated: no operation */
	u64 isolated_orphan;	/* of orphan_free: in ranges of such pages */
	u64 filtered;		/* events outside --zone or --window */
};

/** struct demand_oddity - name and one line of meaning, for info, run.json and the table */
struct demand_oddity {
	const char *name;
	size_t offset;		/* of the u64 in struct demand_oddities */
	const char *doc;
};

extern const struct demand_oddity demand_oddity_table[];
extern const size_t demand_nr_oddities;

/** enum demand_level - which events are demand */
enum demand_level { DEMAND_ZONE, DEMAND_PAGE, DEMAND_IMPLIED, NR_DEMAND_LEVELS };

/** demand_level_name - "zone", "page", "implied" */
const char *demand_level_name(enum demand_level level);

/** enum initial_state - where residents come from and where they go */
enum initial_state { INITIAL_REPOPULATE, INITIAL_EMPTY, INITIAL_EXACT, NR_INITIAL_STATES };

/** initial_state_name - "repopulate", "empty", "exact" */
const char *initial_state_name(enum initial_state initial);

/** struct worker_tasks - which task ids are workers (demand_worker.h); all zero: none */
struct worker_tasks {
	u32 nr;
	u8 *is;
};

/** struct block_label - the pageblock at @pfn is labelled @mt */
struct block_label {
	u64 pfn;
	u8 mt;
};

/**
 * struct demand_labels - pageblock labels at the start (labels.h); only for INITIAL_EXACT
 * @block, @nr: those that are not MOVABLE, by pfn; @max: private
 * @by_event, @by_content: pageblocks whose label an event showed, or their content suggests; all
 *	others are MOVABLE
 * @compared, @disagreed: pageblocks with both, and of them those where content misleads
 */
struct demand_labels {
	u64 nr;
	u64 max;
	struct block_label *block;
	u64 by_event;
	u64 by_content;
	u64 compared;
	u64 disagreed;
};

/**
 * struct spb_has_bits - pageblocks of superpageblock @index of @zone that had the has-bit of
 *	UNMOVABLE, MOVABLE, RECLAIMABLE when the snapshot was taken
 */
struct spb_has_bits {
	u32 zone;
	u32 index;
	u16 blocks[3];
};

/**
 * struct demand_opts - what to take
 * @t0, @t1: window [t0, t1) in ns of the capture's clock; 0 and U64_MAX for all
 * @zone: index of the only zone to take, -1 for all
 * @level: which events are demand
 * @initial: EMPTY leaves residents out (their frees are counted and dropped); EXACT also learns
 *	pageblock labels
 * @fill: what is in use besides residents; not with EXACT
 * @snapshot: may be NULL
 * @spb_order: order of a superpageblock, to round inferred zones; 0: 1 GiB
 */
struct demand_opts {
	u64 t0;
	u64 t1;
	const char *zone;	/* NODE/NAME or NULL for all */
	enum demand_level level;
	enum initial_state initial;
	struct initial_fill fill;
	const struct snapshot *snapshot;
	u32 spb_order;
};

/**
 * struct demand_plan - result of the scan, shared read-only by all readers
 * @zones, @nr_zones: from the snapshot, the log, or inferred (@zones_inferred)
 * @page_shift, @pageblock_order, @max_order: see geometry.h
 * @absent, @reserved: frames without RAM, and memblock memory (snapshot only), sorted
 * @residents: non-movable first, then movable, each by pfn
 * @nr_residents_orphan, @nr_residents_earlier: of them, known from frees in the window, and from
 *	events before it; the rest from the snapshot
 * @labels: pageblock labels at the start
 * @has_bits, @nr_has_bits: of an SPB kernel's snapshot; only for INITIAL_EXACT, and where its
 *	superpageblocks are of spb_order
 * @losses: how far lost events reach
 * @orphans: residents known from frees, by what the snapshot says of their first page; those that
 *	it says were free appeared without an allocation event
 * @gfp_layout: which bits the recorded gfp flags have
 * @pcp_buddy: the recorded PCP takes orders 0 .. pageblock_order; @pcp_single: unless so, order 0
 *	only
 * @host_moves: the log has events of compaction or migration; @host_evacuates: see host_moves.h
 * @worker_tasks: tasks of the recorded kernel's own workers (demand_worker.h)
 * @t_first, @t_last: times of the first and last event taken
 * @nr_allocs, @nr_frees: operations to expect
 * @nr_handles, @nr_chunks: the second pass uses no more handles, and chunks of frames
 * @promoted: event indexes, sorted, of page_free events to act on
 * @start: the live set that the second pass begins with (private)
 */
struct demand_plan {
	u32 nr_zones;
	struct log_zone *zones;
	bool zones_inferred;
	u32 page_shift;
	u32 pageblock_order;
	u32 max_order;
	u32 nr_absent;
	struct pfn_range *absent;
	u32 nr_reserved;
	struct pfn_range *reserved;
	u64 nr_residents;
	u64 nr_residents_orphan;
	u64 nr_residents_earlier;
	u64 orphans[PAGE_CLASS_KERNEL + 1];
	struct resident *residents;
	struct demand_labels labels;
	u64 nr_has_bits;
	struct spb_has_bits *has_bits;
	struct losses losses;
	bool pcp_buddy;
	bool pcp_single;
	enum gfp_layout gfp_layout;
	bool host_moves;
	bool host_evacuates;
	struct worker_tasks worker_tasks;
	u32 max_cpu;
	u64 t_first;
	u64 t_last;
	u64 nr_allocs;
	u64 nr_frees;
	u64 nr_handles;
	u64 nr_chunks;
	u64 nr_promoted;
	u64 *promoted;
	struct demand_start *start;
	struct demand_opts opts;
};

/** demand_scan - first pass. Return: the plan, or NULL with @err set */
struct demand_plan *demand_scan(struct log_reader *r, const struct demand_opts *opts,
				struct error *err);
void demand_plan_free(struct demand_plan *plan);

/** struct demand - second pass: the state of the recorded host, by page frame */
struct demand;

/** demand_new - begin the second pass; @plan must outlive it */
struct demand *demand_new(const struct demand_plan *plan, struct error *err);
void demand_free(struct demand *d);
const struct demand_oddities *demand_oddities(const struct demand *d);

/**
 * demand_next - operations of one event block
 * @b: blocks of the whole log in order
 * @out: grown as needed
 */
int demand_next(struct demand *d, const struct event_block *b, struct op_block *out,
		struct error *err) __must_check;
void op_block_fini(struct op_block *out);

#endif /* SPB_REPLAY_DEMAND_H */
