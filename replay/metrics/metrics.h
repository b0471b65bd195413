/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Metrics of one variant: what the model's observer and the engine report, kept small
 * (docs/outcomes.md). Times are ns of the capture's clock. Nothing here depends on other variants.
 */
#ifndef SPB_REPLAY_METRICS_H
#define SPB_REPLAY_METRICS_H

#include "model/model.h"
#include "replay/metrics/chances.h"
#include "replay/metrics/list_moves.h"
#include "replay/metrics/metrics_spbmap.h"
#include "replay/metrics/metrics_visits.h"
#include "replay/demand/op.h"

/** enum metrics_actor - who was at work when something happened */
enum metrics_actor {
	ACTOR_INITIAL,	/* residents being placed before the capture's time begins */
	ACTOR_OP,	/* a recorded operation */
	ACTOR_WORKER,	/* the node's kevacuate worker */
	ACTOR_TIMER,	/* the timer that drains per-CPU lists */
};

/**
 * struct metrics_moment - when, and by whom: set by the engine before each call of the model
 * @time: ns of the capture's clock; @event: index in the log; @op_index: in the current block
 */
struct metrics_moment {
	u64 time;
	u64 event;
	u32 op_index;
	u32 task;
	u32 gfp;
	u16 cpu;
	u8 actor;
};

/**
 * struct metrics_taint - one SPB changed category
 * @at: when and by whom; @seq: running number over all zones of the variant
 * @start_pfn, @spb: which; @from, @to: enum sb_category; @cause: enum taint_cause;
 * @outcome: enum spb_outcome; @order, @migratetype: of the operation
 */
struct metrics_taint {
	struct metrics_moment at;
	u64 seq;
	u64 start_pfn;
	u32 spb;
	u8 from;
	u8 to;
	u8 cause;
	u8 outcome;
	u8 order;
	u8 migratetype;
};

/**
 * struct metrics_zone - one zone
 * @visits: of requests for this zone, by outcome, order and type; failed ones are NO_PAGE
 * @frees: operations; @tainted: SPBs tainted now, and its values at start and at most
 * @fresh_taints, @untaints: category changes after start
 * @taints, @passes: rows in the order they happened; times in @passes are the capture's
 * @chances: calls of spb_maybe_start_defrag() after start; @lists: moves between lists
 * @samples: state at each of the run's sample times; @migrated: pages, at the same times
 * @map: state of each SPB at the same times
 * @counters, @end, @spbs: final state, filled in by metrics_finish()
 * @contig_spbs, @contig_migrated, @contig_stall_ns: see arm_ask_contig()
 */
struct metrics_zone {
	struct visits visits[NR_SPB_OUTCOMES][MODEL_MAX_ORDERS][MIGRATE_TYPES];
	u64 frees;
	u32 tainted;
	u32 tainted_start;
	u32 tainted_max;
	u64 fresh_taints;
	u64 untaints;
	struct metrics_taint *taints;
	u32 nr_taints;
	u32 max_taints;
	struct model_defrag_pass *passes;
	u32 nr_passes;
	u32 max_passes;
	struct chances chances;
	struct list_moves lists;
	struct model_zone_state *samples;
	u64 *migrated;
	struct spbmap map;
	struct model_counters counters;
	struct model_zone_state end;
	struct model_spb_state *spbs;
	u32 nr_spbs;
	u64 contig_spbs;
	u64 contig_migrated;
	u64 contig_stall_ns;
};

/**
 * struct metrics - one variant
 * @tainted, @tainted_max: SPBs of all zones; @tainted_max counts from the start
 * @started: the capture's time has begun
 * @initial_failed: residents without a place; @labels_refused: recorded labels that the variant
 *	does not allow; @has_bits_recorded: has-bits that the snapshot counts, @has_bits_added: of
 *	them set beyond those of the residents, @has_bits_short: that found no pageblock,
 *	@has_bits_over: of residents, more than recorded; @skipped_frees, @skipped_splits:
 *	operations on units that had no place or were dropped; @dropped: units gone as clean page
 *	cache
 * @model_bytes: most memory the model took
 * @error: memory ran out somewhere (-ENOMEM); checked by the engine between blocks
 */
struct metrics {
	u32 nr_zones;
	struct metrics_zone *zones;
	u32 nr_samples;
	u32 next_sample;
	u64 taint_seq;
	u32 tainted;
	u32 tainted_max;
	bool started;
	u64 initial_failed;
	u64 labels_refused;
	u64 has_bits_recorded;
	u64 has_bits_added;
	u64 has_bits_short;
	u64 has_bits_over;
	u64 skipped_frees;
	u64 skipped_splits;
	u64 dropped;
	u64 model_bytes;
	int error;
};

/** metrics_init - @nr_samples: most samples to come. Return: 0 or -ENOMEM (then nothing is held) */
int metrics_init(struct metrics *m, u32 nr_zones, u32 nr_samples) __must_check;
void metrics_fini(struct metrics *m);

/** metrics_taint - an SPB changed category at @at */
void metrics_taint(struct metrics *m, const struct model_taint *t,
		   const struct metrics_moment *at);
/** metrics_defrag_pass - a pass ended, or is open at the end; @p already has the capture's times */
void metrics_defrag_pass(struct metrics *m, const struct model_defrag_pass *p);
/** metrics_chance - someone asked for defrag; @time: on the capture's clock */
void metrics_chance(struct metrics *m, const struct model_chance *c, u64 time);
/** metrics_list_moved - an SPB joined another list; @time: on the capture's clock */
void metrics_list_moved(struct metrics *m, const struct model_list_move *mv, u64 time);
/** metrics_start - the capture's time begins: call right after model_start() */
void metrics_start(struct metrics *m, const struct model *model, u64 now);
/** metrics_sample - take the next sample of every zone; @now: model time */
void metrics_sample(struct metrics *m, const struct model *model, u64 now);
/** metrics_finish - copy the final state out of the model; @now: model time. Return: 0, -ENOMEM */
int metrics_finish(struct metrics *m, const struct model *model, u64 now) __must_check;

/** metrics_allocs - requests of zone @z that ended with @outcome, NR_SPB_OUTCOMES for all */
u64 metrics_allocs(const struct metrics_zone *z, u32 outcome);

#endif /* SPB_REPLAY_METRICS_H */
