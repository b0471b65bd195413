/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fleet: captures of many hosts times variants. One work unit is one capture under one variant;
 * its row says what was asked (the plan) and, once it is done, what came out (docs/fleet.md).
 * Rows are texts, so that files are copied cell by cell and never change on the way.
 */
#ifndef SPB_REPLAY_FLEET_H
#define SPB_REPLAY_FLEET_H

#include "replay/csv/csv.h"
#include "replay/base/text_store.h"

/**
 * enum fleet_cell - cells of a row; FLEET_HOST up to before FLEET_STATUS are the plan (batch.csv),
 * the rest is the result, metrics of summary.csv last (merged.csv has all of them)
 */
enum fleet_cell {
	FLEET_HOST,
	FLEET_CAPTURE,
	FLEET_SNAPSHOT,
	FLEET_KERNEL,
	FLEET_WORKLOAD,
	FLEET_LABELS,
	FLEET_ENTRY,
	FLEET_ARM,
	FLEET_VARIANT,
	FLEET_KNOBS,
	FLEET_OPTIONS,
	FLEET_VERSION,
	FLEET_STATUS,
	FLEET_CODE,
	FLEET_REASON,
	FLEET_UNIT,
	FLEET_CAPTURE_HASH,
	FLEET_SNAPSHOT_HASH,
	FLEET_METRICS,
};

#define FLEET_PLAN_CELLS ((u32)FLEET_STATUS)
#define FLEET_CELLS_MAX 64

/** fleet_nr_cells - cells of a whole row */
u32 fleet_nr_cells(void);

/** struct fleet_row - one unit; cells are borrowed, never NULL within fleet_nr_cells() */
struct fleet_row {
	const char *cell[FLEET_CELLS_MAX];
};

/**
 * enum fleet_status - how far a unit came; of two rows of one unit the higher one counts
 */
enum fleet_status { FLEET_MISSING, FLEET_FAILED, FLEET_PARTIAL, FLEET_OK };

/** fleet_status - of a row. Return: -1 when the text is none of the four */
int fleet_status(const struct fleet_row *row);
/** fleet_status_text - "missing", "failed", "partial", "ok" */
const char *fleet_status_text(enum fleet_status status);
/** fleet_has_values - are the metrics of @row there (ok or partial)? */
bool fleet_has_values(const struct fleet_row *row);

/** fleet_metric - value of metric @metric in thousandths; held at INT64_MAX. 0 when absent */
s64 fleet_metric(const struct fleet_row *row, size_t metric);

/** struct fleet_set - rows and the texts they point to; an all zero set is empty */
struct fleet_set {
	struct fleet_row *rows;
	u32 nr;
	u32 max;
	struct text_store texts;
};

/** fleet_set_add - append a copy of @row, cells that are NULL become "". Return: 0 or -ERR_IO */
int fleet_set_add(struct fleet_set *set, const struct fleet_row *row,
		  struct error *err) __must_check;
void fleet_set_fini(struct fleet_set *set);

/**
 * fleet_set_load - append the rows of batch.csv or merged.csv at @path
 * @nr_cells: FLEET_PLAN_CELLS for batch.csv, fleet_nr_cells() for merged.csv
 */
int fleet_set_load(struct fleet_set *set, const char *path, u32 nr_cells,
		   struct error *err) __must_check;

/** struct fleet_table - csv_table of a fleet_set, cells @first to before @end */
struct fleet_table {
	struct csv_column columns[FLEET_CELLS_MAX];
	struct csv_table table;
};

/** fleet_table_init - @file: name of the file */
void fleet_table_init(struct fleet_table *t, const char *file, u32 first, u32 end);

/** fleet_order - rows as files have them: by host, capture, snapshot, arm, variant (for qsort) */
int fleet_order(const void *a, const void *b);

/**
 * fleet_join - make one row of every unit (entry and variant): the one with the highest status,
 * of failures the one with the smaller reason; then sort by fleet_order()
 *
 * Joining is associative and commutative, and joining a set with itself changes nothing.
 *
 * Return: 0, or -ERR_USAGE: two results of one unit differ, or were asked for differently.
 */
int fleet_join(struct fleet_set *set, struct error *err) __must_check;

#endif /* SPB_REPLAY_FLEET_H */
