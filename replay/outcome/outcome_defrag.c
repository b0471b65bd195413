// SPDX-License-Identifier: GPL-2.0
/*
 * chances.csv: what each call of spb_maybe_start_defrag() met, calls that met the same as one row;
 * defrag.csv: the passes that followed.
 */
#include "replay/outcome/outcome_table.h"

/* ---- chances.csv ---- */

struct chance_csv_row {
	struct row_key key;
	const char *trigger, *verdict;
	u64 first_ns, last_ns, spb, count;
	struct csv_cell cooldown_left_ns;
};

#define C(field, unit, merge, doc) UINT_COLUMN(struct chance_csv_row, field, unit, merge, doc)
static const struct csv_column chance_columns[] = {
	KEY_COLUMNS,
	C(first_ns, "ns", MERGE_NONE, "when the first one came"),
	C(last_ns, "ns", MERGE_NONE, "when the last one came"),
	C(spb, "", MERGE_NONE, "superpageblock, index inside its zone"),
	TEXT_COLUMN(struct chance_csv_row, trigger,
	       "who asked: update (spb_update_list), alloc (trigger 1), fallthrough (trigger 2)"),
	TEXT_COLUMN(struct chance_csv_row, verdict,
	       "the outcome, tested in this order: cooldown, clean (not tainted), "
	       "nothing_movable, above_reserve, active (a pass is already queued or running), "
	       "queued (a pass was queued); various: all later calls of a superpageblock that "
	       "has 1024 rows"),
	C(count, "calls", MERGE_SUM, "how many"),
	CELL_COLUMN(struct chance_csv_row, cooldown_left_ns, "ns", MERGE_NONE,
		    "remaining cooldown at first_ns; empty for other verdicts"),
};

static int chance_row(struct row_key key, const struct chance_row *c, struct csv_writer *w)
{
	struct chance_csv_row row = {
		.key = key,
		.trigger = defrag_trigger_name(c->trigger),
		.verdict = chance_verdict_name(c->verdict),
		.first_ns = c->first,
		.last_ns = c->last,
		.spb = c->spb,
		.count = c->count,
		.cooldown_left_ns = { .type = CSV_EMPTY },
	};

	if (c->verdict == VERDICT_COOLDOWN)
		row.cooldown_left_ns = (struct csv_cell){ .type = CSV_UINT,
							  .u = c->cooldown_left };
	return csv_row(w, &row);
}

static int zone_chances(const struct table_zone *t, struct csv_writer *w)
{
	const struct chances *c = &t->metrics->chances;
	int ret = 0;

	for (u32 i = 0; i < c->nr && !ret; i++)
		ret = chance_row(t->key, &c->rows[i], w);
	return ret;
}

static int each_chance(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_chances);
}

const struct csv_table chances_table = {
	"chances.csv", "one row for consecutive calls of spb_maybe_start_defrag() after the "
	"start, by one trigger on one superpageblock with the same outcome, in order of first_ns",
	chance_columns, ARRAY_SIZE(chance_columns), each_chance,
};

/* ---- defrag.csv ---- */

struct defrag_row {
	struct row_key key;
	const char *trigger, *state;
	u64 time_ns, spb;
	struct csv_cell start_ns, end_ns, nr_free_before, nr_free_after;
	struct csv_cell pages_migrated, pages_failed, progress;
};

static const char *const state_names[NR_DEFRAG_STATES] = {
	[DEFRAG_ENDED] = "ended", [DEFRAG_RUNNING] = "running", [DEFRAG_QUEUED] = "queued",
};

#define D(field, unit, merge, doc) CELL_COLUMN(struct defrag_row, field, unit, merge, doc)
static const struct csv_column defrag_columns[] = {
	KEY_COLUMNS,
	UINT_COLUMN(struct defrag_row, time_ns, "ns", MERGE_NONE, "when it was queued"),
	UINT_COLUMN(struct defrag_row, spb, "", MERGE_NONE,
		    "superpageblock, index inside its zone"),
	TEXT_COLUMN(struct defrag_row, trigger,
		    "who queued it: update (spb_update_list), alloc (trigger 1), fallthrough "
		    "(trigger 2)"),
	D(start_ns, "ns", MERGE_NONE, "when the worker began"),
	D(end_ns, "ns", MERGE_NONE, "when the worker ended"),
	D(nr_free_before, "pageblocks", MERGE_NONE, "wholly free pageblocks at the start"),
	D(nr_free_after, "pageblocks", MERGE_NONE, "wholly free pageblocks at the end"),
	D(pages_migrated, "pages", MERGE_SUM, "pages moved, of a pass still running those so far"),
	D(pages_failed, "pages", MERGE_SUM, "pages that could not be moved, likewise"),
	D(progress, "", MERGE_SUM, "1: the count of free pageblocks changed, 0: cooldown follows"),
	TEXT_COLUMN(struct defrag_row, state,
		    "ended; or, if the run ended first, running or queued: what is not known of "
		    "such a pass is empty"),
};

/* @value, if a pass that has come as far as @needs has it. */
static struct csv_cell known(const struct model_defrag_pass *p, enum defrag_state needs, u64 value)
{
	if (p->state > needs)
		return (struct csv_cell){ .type = CSV_EMPTY };
	return (struct csv_cell){ .type = CSV_UINT, .u = value };
}

static int zone_defrag(const struct table_zone *t, struct csv_writer *w)
{
	int ret = 0;

	for (u32 i = 0; i < t->metrics->nr_passes && !ret; i++) {
		const struct model_defrag_pass *p = &t->metrics->passes[i];
		struct defrag_row row = {
			.key = t->key,
			.trigger = defrag_trigger_name(p->trigger),
			.time_ns = p->queued,
			.spb = p->spb,
			.start_ns = known(p, DEFRAG_RUNNING, p->start),
			.end_ns = known(p, DEFRAG_ENDED, p->end),
			.nr_free_before = known(p, DEFRAG_RUNNING, p->nr_free_before),
			.nr_free_after = known(p, DEFRAG_ENDED, p->nr_free_after),
			.pages_migrated = known(p, DEFRAG_RUNNING, p->pages_migrated),
			.pages_failed = known(p, DEFRAG_RUNNING, p->pages_failed),
			.progress = known(p, DEFRAG_ENDED, p->progress),
			.state = state_names[p->state],
		};

		ret = csv_row(w, &row);
	}
	return ret;
}

static int each_defrag(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_defrag);
}

const struct csv_table defrag_table = {
	"defrag.csv", "one row for each defrag pass, in order of their end, then those that had "
	"not ended when the run did",
	defrag_columns, ARRAY_SIZE(defrag_columns), each_defrag,
};
