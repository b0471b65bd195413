/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Outcomes: what every variant did, as numbers for a terminal table and as files
 * (docs/metrics.md). Filled in by engine_run(); read-only afterwards.
 */
#ifndef SPB_REPLAY_OUTCOME_H
#define SPB_REPLAY_OUTCOME_H

#include "model/variant.h"
#include "replay/csv/csv.h"
#include "replay/demand/demand.h"
#include "replay/base/error.h"

struct outcome;

#define ZONE_ALL UINT32_MAX	/* all zones together, by each column's merge rule */

/**
 * outcome_nr_metrics, outcome_metric_info - the metrics: columns of summary.csv after variant and
 * zone, in that order. Types: CSV_UINT, or CSV_MILLI (thousandths); csv_format_number() prints both
 */
size_t outcome_nr_metrics(void);
const struct csv_column *outcome_metric_info(size_t metric);
/** outcome_metric_find - index of metric @name ("stuck_ns_total"), or -1 */
int outcome_metric_find(const char *name);

/** outcome_metric - value of a metric (thousandths for CSV_MILLI); @zone: index or ZONE_ALL */
u64 outcome_metric(const struct outcome *o, u32 variant, u32 zone, size_t metric);

u32 outcome_nr_variants(const struct outcome *o);
const struct variant *outcome_variant(const struct outcome *o, u32 variant);
u32 outcome_nr_zones(const struct outcome *o);
/** outcome_zone_name - "0/Normal"; "all" for ZONE_ALL */
const char *outcome_zone_name(const struct outcome *o, u32 zone);

/** outcome_partial - why the results cover only a part of the capture, or NULL: they are whole */
const char *outcome_partial(const struct outcome *o);
const struct demand_oddities *outcome_oddities(const struct outcome *o);
/** outcome_nr_ops - allocations and frees asked of each variant */
u64 outcome_nr_ops(const struct outcome *o);
/** outcome_times - first and last time of the replay, ns of the capture's clock */
void outcome_times(const struct outcome *o, u64 *first, u64 *last);
/** outcome_model_bytes - largest memory the variant's model and units took, bytes */
u64 outcome_model_bytes(const struct outcome *o, u32 variant);

/**
 * struct outcome_input - one more file that went into the run (capture, snapshot)
 * @role: "capture", "log", "snapshot"; @path: as the user gave it
 * @xxh64: of what it holds, NULL where the capture's header says it
 */
struct outcome_input {
	const char *role;
	const char *path;
	const char *xxh64;
};

/**
 * struct outcome_run - what only the caller knows, for run.json
 * @version: of the tool; @inputs, @nr_inputs: files as named by the user
 * @wall_ns, @cpu_ns: time taken; replay/ has no clock
 */
struct outcome_run {
	const char *version;
	const struct outcome_input *inputs;
	u32 nr_inputs;
	u64 wall_ns;
	u64 cpu_ns;
};

/** outcome_tables - the CSV files, for schema and documentation; @nr: how many */
const struct csv_table *const *outcome_tables(size_t *nr);

/** outcome_file_name - file @i of those that outcome_write() makes; NULL: no more */
const char *outcome_file_name(u32 i);

/**
 * outcome_write - write all CSV files and run.json into folder @dir
 *
 * The folder is made when missing (with its parents). Everything is written under temporary names,
 * synced, and renamed only when all of it is there: a failure leaves no half-written file under a
 * final name. CSV files are byte-identical for the same input, variants and seed.
 *
 * Return: 0, or -ERR_IO with @err naming the file.
 */
int outcome_write(const struct outcome *o, const char *dir, const struct outcome_run *run,
		  struct error *err) __must_check;

void outcome_free(struct outcome *o);

#endif /* SPB_REPLAY_OUTCOME_H */
