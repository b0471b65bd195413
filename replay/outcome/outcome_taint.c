// SPDX-License-Identifier: GPL-2.0
/* taint.csv and divergence.csv: the two tables that name who did something. */
#include "replay/outcome/outcome_table.h"

#include <inttypes.h>
#include <stdio.h>

#define WORKER_COMM "kevacuate/"	/* the node's workqueue (S1.4) */
#define TASK_COMM_MAX 32

/** struct who - the task a row names; @comm is borrowed or points to @buf */
struct who {
	u64 pid;
	const char *comm;
	struct csv_cell cpu;
	char buf[TASK_COMM_MAX];
};

/* A worker runs on no recorded CPU; before the capture nobody is known, and the timer is no task. */
static void fill_who(struct who *w, const struct outcome *o, const struct metrics_moment *at,
		     u32 zone)
{
	const struct outcome_task *task;

	w->pid = 0;
	w->comm = "";
	w->cpu = (struct csv_cell){ .type = CSV_EMPTY };
	if (at->actor == ACTOR_WORKER) {
		snprintf(w->buf, sizeof(w->buf), WORKER_COMM "%u", o->zones[zone].node);
		w->comm = w->buf;
	} else if (at->actor == ACTOR_OP) {
		w->cpu = (struct csv_cell){ .type = CSV_UINT, .u = at->cpu };
		task = outcome_tasks_find(&o->tasks, at->task);
		if (task) {
			w->pid = task->pid;
			w->comm = task->comm;
		}
	}
}

/* What changed a category, in one word: the pass that placed the page, or what else happened. */
static const char *cause_name(const struct metrics_taint *t)
{
	if (t->at.actor == ACTOR_INITIAL)
		return "initial";
	if (t->cause == CAUSE_OUTCOME)
		return spb_outcome_name(t->outcome);
	return taint_cause_name(t->cause);
}

/* ---- taint.csv ---- */

struct taint_row {
	struct row_key key;
	const char *from, *to, *cause, *migratetype, *comm;
	u64 time_ns, spb, start_pfn, order, pid, gfp;
	struct csv_cell cpu;
};

#define T(field, doc) UINT_COLUMN(struct taint_row, field, "", MERGE_NONE, doc)
static const struct csv_column taint_columns[] = {
	KEY_COLUMNS,
	UINT_COLUMN(struct taint_row, time_ns, "ns", MERGE_NONE, "when"),
	T(spb, "superpageblock, index inside its zone"),
	T(start_pfn, "its first page frame"),
	TEXT_COLUMN(struct taint_row, from, "category before: clean or tainted"),
	TEXT_COLUMN(struct taint_row, to, "category after"),
	TEXT_COLUMN(struct taint_row, cause,
	       "the pass or fallback that placed the page (PASS_2, CLAIM ...); free: a block "
	       "became free; migrate: a page was moved to free its block; initial: a page resident before "
	       "the capture"),
	T(order, "of the operation"),
	TEXT_COLUMN(struct taint_row, migratetype, "of the operation"),
	CELL_COLUMN(struct taint_row, cpu, "", MERGE_NONE,
		    "recorded CPU; empty for the worker, the timer of per-CPU lists and initial"),
	T(pid, "task of the operation; 0 where cpu is empty"),
	TEXT_COLUMN(struct taint_row, comm,
		    "its name; kevacuate/NODE for the worker, empty for the timer and initial"),
	HEX_COLUMN(struct taint_row, gfp, "gfp flags, empty when not recorded"),
};

static int taint_row(const struct table_zone *z, const struct metrics_taint *t,
		     struct csv_writer *w)
{
	struct who who;
	struct taint_row row = {
		.key = z->key,
		.from = sb_category_name(t->from),
		.to = sb_category_name(t->to),
		.cause = cause_name(t),
		.migratetype = migratetype_name(t->migratetype),
		.time_ns = t->at.time,
		.spb = t->spb,
		.start_pfn = t->start_pfn,
		.order = t->order,
		.gfp = t->at.gfp,
	};

	fill_who(&who, z->o, &t->at, z->zone);
	row.comm = who.comm;
	row.pid = who.pid;
	row.cpu = who.cpu;
	return csv_row(w, &row);
}

static int zone_taints(const struct table_zone *t, struct csv_writer *w)
{
	int ret = 0;

	for (u32 i = 0; i < t->metrics->nr_taints && !ret; i++)
		ret = taint_row(t, &t->metrics->taints[i], w);
	return ret;
}

static int each_taint(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_taints);
}

const struct csv_table taint_table = {
	"taint.csv", "one row for each change of a superpageblock's category", taint_columns,
	ARRAY_SIZE(taint_columns), each_taint,
};

/* ---- divergence.csv ---- */

#define DID_MAX 96

struct divergence_csv_row {
	struct row_key key;
	const char *kind, *migratetype, *comm, *baseline_did, *variant_did;
	u64 time_ns, event_index, spb, order, pid;
};

#define D(field, doc) UINT_COLUMN(struct divergence_csv_row, field, "", MERGE_NONE, doc)
static const struct csv_column divergence_columns[] = {
	KEY_COLUMNS,
	UINT_COLUMN(struct divergence_csv_row, time_ns, "ns", MERGE_NONE, "when"),
	D(event_index, "index in the log of the event"),
	TEXT_COLUMN(struct divergence_csv_row, kind,
	       "placement_category, placement_spb, failed: the first allocation that is placed "
	       "in another category, in another superpageblock, or fails on one side only; "
	       "taint_only_variant, taint_only_baseline: the first time that this superpageblock "
	       "was tainted on one side, while on the other it was tainted neither then nor "
	       "later"),
	D(spb,
	  "superpageblock where the variant placed it (the baseline, if the variant failed), or "
	  "that was tainted"),
	D(order, "of the operation"),
	TEXT_COLUMN(struct divergence_csv_row, migratetype, "of the operation"),
	D(pid, "task of the operation; 0 for the worker"),
	TEXT_COLUMN(struct divergence_csv_row, comm, "its name; kevacuate/NODE for the worker"),
	TEXT_COLUMN(struct divergence_csv_row, baseline_did,
		    "what the baseline did with the same operation"),
	TEXT_COLUMN(struct divergence_csv_row, variant_did, "what the variant did with it"),
};

/* Does this side hold the taint that the row is about? */
static bool is_tainting_side(const struct divergence_row *row, const struct placement *p)
{
	return (row->kind == DIVERGE_TAINT_VARIANT && p == &row->variant) ||
	       (row->kind == DIVERGE_TAINT_BASELINE && p == &row->baseline);
}

static const char *const actor_names[] = {
	[ACTOR_INITIAL] = "initial state",
	[ACTOR_OP] = "operation",
	[ACTOR_WORKER] = "worker",
	[ACTOR_TIMER] = "timer",
};

/* "PASS_2C in tainted spb 3", with the zone when it is not the row's. */
static void placement_text(char out[DID_MAX], const struct outcome *o,
			   const struct divergence_row *row, const struct placement *p)
{
	bool elsewhere = p->zone != row->zone;

	if (p->outcome == PLACED_FAILED)
		snprintf(out, DID_MAX, "failed");
	else if (p->outcome != PLACED_NONE)
		snprintf(out, DID_MAX, "%s in %s spb %" PRIu32 "%s%s", spb_outcome_name(p->outcome),
			 sb_category_name(p->category), p->spb, elsewhere ? " of " : "",
			 elsewhere ? outcome_zone_name(o, p->zone) : "");
	else if (!is_tainting_side(row, p))
		snprintf(out, DID_MAX, "spb %" PRIu32 " stays untainted", row->spb);
	else
		snprintf(out, DID_MAX, "%s taints spb %" PRIu32, actor_names[row->at.actor],
			 row->spb);
}

static int divergence_csv_row(const struct outcome *o, u32 variant,
			      const struct divergence_row *d, struct csv_writer *w)
{
	char baseline[DID_MAX], other[DID_MAX];
	struct who who;
	struct divergence_csv_row row = {
		.key = row_key(o, variant, d->zone),
		.kind = divergence_kind_name(d->kind),
		.migratetype = migratetype_name(d->migratetype),
		.baseline_did = baseline,
		.variant_did = other,
		.time_ns = d->at.time,
		.event_index = d->at.event,
		.spb = d->spb,
		.order = d->order,
	};

	fill_who(&who, o, &d->at, d->zone);
	row.comm = who.comm;
	row.pid = who.pid;
	placement_text(baseline, o, d, &d->baseline);
	placement_text(other, o, d, &d->variant);
	return csv_row(w, &row);
}

static int each_divergence(const void *data, struct csv_writer *w)
{
	const struct outcome *o = data;
	int ret = 0;

	for (u32 i = 1; i < o->nr_variants; i++) {
		const struct divergence *d = &o->variants[i].divergence;

		for (u32 row = 0; row < d->nr_rows && !ret; row++)
			ret = divergence_csv_row(o, i, &d->rows[row], w);
	}
	return ret;
}

const struct csv_table divergence_table = {
	"divergence.csv", "where a variant diverges from the baseline, in order of operations",
	divergence_columns, ARRAY_SIZE(divergence_columns), each_divergence,
};
