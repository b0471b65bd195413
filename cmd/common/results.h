/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The results of a run as their CSV tables say them: read from an output folder, or taken from a
 * run that just ended. What is printed from here can be found in the files.
 */
#ifndef SPB_CMD_RESULTS_H
#define SPB_CMD_RESULTS_H

#include "replay/csv/csv_read.h"
#include "replay/outcome/outcome.h"

struct json_object;

#define RESULTS_MAX_VARIANTS 64

enum result_table {
	RESULT_SUMMARY,
	RESULT_TAINT,
	RESULT_SPB,
	RESULT_DEFRAG,
	RESULT_CHANCES,
	RESULT_DIVERGENCE,
	RESULT_LISTS,
	NR_RESULT_TABLES
};

/**
 * struct results - one run
 * @name: folder, or "" for the run at hand; borrowed
 * @variants: their names, in order; they point into the tables
 * @first_ns, @last_ns: times of the replay on the capture's clock
 * @capture: hash and size of the capture, "" when not known
 * @run: run.json, NULL for the run at hand
 */
struct results {
	const char *name;
	struct csv_data table[NR_RESULT_TABLES];
	u32 nr_variants;
	const char *variants[RESULTS_MAX_VARIANTS];
	u64 first_ns;
	u64 last_ns;
	char capture[64];
	struct json_object *run;
};

/** results_load - from folder @dir. Return: 0 or negative; needs results_fini() either way */
int results_load(struct results *r, const char *dir, struct error *err) __must_check;
/**
 * results_take - from @o, without RESULT_CHANCES and RESULT_LISTS
 *
 * Return: 0 or -ERR_IO; needs results_fini() either way.
 */
int results_take(struct results *r, const struct outcome *o, struct error *err) __must_check;
void results_fini(struct results *r);

/** results_columns - the column table of @table, for types and units */
const struct csv_table *results_columns(enum result_table table);

/** struct side - one variant of a run */
struct side {
	const struct results *r;
	const char *variant;
};

/** side_has - is @row of @table about this variant? */
bool side_has(const struct side *s, enum result_table table, u32 row);
/** side_table - shorthand */
static inline const struct csv_data *side_table(const struct side *s, enum result_table table)
{
	return &s->r->table[table];
}

#endif /* SPB_CMD_RESULTS_H */
