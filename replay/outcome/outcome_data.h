/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an outcome holds. Private to replay/: the engine fills it in, the tables, the diff and
 * run.json read it. Everything is copied, so it outlives the log, the plan and the models.
 */
#ifndef SPB_REPLAY_OUTCOME_DATA_H
#define SPB_REPLAY_OUTCOME_DATA_H

#include "replay/metrics/divergence.h"
#include "replay/engine/engine.h"
#include "replay/metrics/metrics.h"
#include "replay/outcome/outcome.h"
#include "replay/outcome/outcome_tasks.h"

#define ZONE_NAME_MAX 32	/* "4294967295/" and a name of up to 15 bytes */

/**
 * struct summary - one row of summary.csv; the columns are in outcome_summary.c
 *
 * All numbers are u64 so that one getter serves every column.
 */
struct summary {
	const char *variant;
	const char *zone;
	u64 ops, allocs, frees, failed_allocs;
	u64 spb_total, spb_tainted_start, spb_tainted_end, spb_tainted_max;
	u64 spb_clean_end, spb_empty_end;
	u64 fresh_taints, untaints;
	u64 fallback_claims, steals, pass3;
	u64 defrag_queued_update, defrag_queued_alloc, defrag_queued_fallthrough;
	u64 defrag_gated_cooldown, defrag_passes, defrag_no_progress;
	u64 pages_migrated, shrink_queued;
	u64 stuck_spbs, stuck_ns_total, stuck_ns_max;
	u64 visits_mean, visits_p99, visits_max;
	u64 highorder_refused, direct_evacuations, direct_stall_ns;
	u64 pages_reclaimed, pages_shrunk;
	u64 contig_spbs, contig_migrated, contig_stall_ns;
};

/**
 * struct outcome_variant - one variant: its knobs, metrics, and how it differs from the baseline
 * @summary: one for each zone, then one for all of them
 */
struct outcome_variant {
	struct variant variant;
	struct metrics metrics;
	struct divergence divergence;
	struct summary *summary;
};

/**
 * struct outcome - see outcome.h
 * @zone_names: "0/Normal"; @zones, @zones_inferred ... @max_cpu: from the plan
 * @partial: why only a part was replayed, "" when it was whole
 * @times: sample times, ns of the capture's clock, @nr_times of them
 * @t_first, @t_last: of the part that was replayed
 */
struct outcome {
	u32 nr_variants;
	struct outcome_variant *variants;
	u32 nr_zones;
	struct log_zone *zones;
	char (*zone_names)[ZONE_NAME_MAX];
	bool zones_inferred;
	enum demand_level level;
	bool pcp_buddy;
	bool pcp_single;
	u32 pageblock_order;
	u32 spb_order;
	u32 nr_cpus;
	u64 nr_residents;
	u64 nr_residents_orphan;
	u64 nr_residents_earlier;
	u64 absent_pages;
	u64 reserved_pages;
	enum initial_state initial;
	struct initial_fill fill;
	struct demand_labels labels;	/* the counts only */
	struct losses losses;
	u64 orphans[PAGE_CLASS_KERNEL + 1];
	bool from_snapshot;
	u64 window[2];
	char *zone_filter;
	u64 seed;
	u64 check_every;
	u32 contig;
	struct demand_oddities oddities;
	struct log_meta meta;
	u64 nr_ops;
	char partial[ERR_TEXT_MAX];
	u64 *times;
	u32 nr_times;
	u64 t_first;
	u64 t_last;
	struct outcome_tasks tasks;
};

/** outcome_new - an empty outcome for @plan and @opts. Return: NULL with @err set */
struct outcome *outcome_new(const struct demand_plan *plan, const struct engine_opts *opts,
			    struct error *err);
/** outcome_summarise - compute all summaries from the metrics. Return: 0 or -ENOMEM */
int outcome_summarise(struct outcome *o) __must_check;
/** outcome_summary - the summary of a zone or ZONE_ALL */
const struct summary *outcome_summary(const struct outcome *o, u32 variant, u32 zone);

/** metric_columns - columns of summary.csv after variant and zone, outcome_nr_metrics() of them */
extern const struct csv_column *const metric_columns;

extern const struct csv_table summary_table;
extern const struct csv_table timeline_table;
extern const struct csv_table taint_table;
extern const struct csv_table spb_table;
extern const struct csv_table defrag_table;
extern const struct csv_table chances_table;
extern const struct csv_table lists_table;
extern const struct csv_table passes_table;
extern const struct csv_table diff_table;
extern const struct csv_table divergence_table;
extern const struct csv_table spbmap_table;
extern const struct csv_table visits_table;

/* The two columns that every file starts with; the row begins with these two pointers. */
struct row_key {
	const char *variant;
	const char *zone;
};

#define KEY_COLUMNS \
	{ "variant", CSV_TEXT, "", csv_get_text, offsetof(struct row_key, variant), MERGE_NONE, \
	  "name of the variant" }, \
	{ "zone", CSV_TEXT, "", csv_get_text, offsetof(struct row_key, zone), MERGE_NONE, \
	  "memory zone as NODE/NAME" }

/** row_key - names of a variant and a zone (or ZONE_ALL) */
struct row_key row_key(const struct outcome *o, u32 variant, u32 zone);

#endif /* SPB_REPLAY_OUTCOME_DATA_H */
