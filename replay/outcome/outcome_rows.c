// SPDX-License-Identifier: GPL-2.0
/*
 * timeline.csv, spb.csv, defrag.csv and passes.csv: rows as they are printed, made from what
 * metrics kept. All numbers of a row are u64 so that one getter serves every column.
 */
#include "replay/outcome/outcome_data.h"

#define UINT(type, field, unit, merge, doc) \
	{ #field, CSV_UINT, unit, csv_get_number, offsetof(type, field), merge, doc }
#define MILLI(type, field, unit, merge, doc) \
	{ #field, CSV_MILLI, unit, csv_get_number, offsetof(type, field), merge, doc }
#define TEXT(type, field, doc) \
	{ #field, CSV_TEXT, "", csv_get_text, offsetof(type, field), MERGE_NONE, doc }

typedef int (*zone_rows)(const struct outcome *o, struct row_key key, const struct metrics_zone *z,
			 struct csv_writer *w);

/* Rows of every variant and zone, in that order. */
static int each_zone(const struct outcome *o, struct csv_writer *w, zone_rows rows)
{
	int ret = 0;

	for (u32 i = 0; i < o->nr_variants; i++)
		for (u32 z = 0; z < o->nr_zones && !ret; z++)
			ret = rows(o, row_key(o, i, z), &o->variants[i].metrics.zones[z], w);
	return ret;
}

/* ---- timeline.csv ---- */

struct timeline_row {
	struct row_key key;
	u64 time_ns, spb_clean, spb_tainted, spb_empty, free_pages, free_pages_tainted;
	u64 nr_free_blocks, stuck_spbs, migrated_total;
};

#define T(field, unit, merge, doc) UINT(struct timeline_row, field, unit, merge, doc)
static const struct csv_column timeline_columns[] = {
	KEY_COLUMNS,
	T(time_ns, "ns", MERGE_NONE, "sample time; all operations up to it are done"),
	T(spb_clean, "superpageblocks", MERGE_SUM, "in use and not tainted"),
	T(spb_tainted, "superpageblocks", MERGE_SUM, "tainted"),
	T(spb_empty, "superpageblocks", MERGE_SUM, "wholly free"),
	T(free_pages, "pages", MERGE_SUM, "free pages"),
	T(free_pages_tainted, "pages", MERGE_SUM, "free pages inside tainted superpageblocks"),
	T(nr_free_blocks, "pageblocks", MERGE_SUM, "wholly free pageblocks"),
	T(stuck_spbs, "superpageblocks", MERGE_SUM, "superpageblocks that are stuck now"),
	T(migrated_total, "pages", MERGE_SUM, "pages moved by the worker so far"),
};

static int zone_timeline(const struct outcome *o, struct row_key key, const struct metrics_zone *z,
			 struct csv_writer *w)
{
	int ret = 0;

	for (u32 i = 0; i < o->nr_times && !ret; i++) {
		const struct model_zone_state *st = &z->samples[i];
		struct timeline_row row = {
			.key = key,
			.time_ns = o->times[i],
			.spb_clean = st->spb_clean,
			.spb_tainted = st->spb_tainted,
			.spb_empty = st->spb_empty,
			.free_pages = st->free_pages,
			.free_pages_tainted = st->free_pages_tainted,
			.nr_free_blocks = st->nr_free_blocks,
			.stuck_spbs = st->stuck_spbs,
			.migrated_total = z->migrated[i],
		};

		ret = csv_row(w, &row);
	}
	return ret;
}

static int each_timeline(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_timeline);
}

const struct csv_table timeline_table = {
	"timeline.csv", "one row for each variant, zone and sample time", timeline_columns,
	ARRAY_SIZE(timeline_columns), each_timeline,
};

/* ---- spb.csv ---- */

struct spb_row {
	struct row_key key;
	const char *category, *fullness;
	u64 spb, start_pfn, nr_free, nr_unmovable, nr_reclaimable, nr_movable, nr_reserved;
	u64 total_pageblocks, free_pages, taints, defrag_passes, stuck_ns;
};

#define S(field, unit, merge, doc) UINT(struct spb_row, field, unit, merge, doc)
static const struct csv_column spb_columns[] = {
	KEY_COLUMNS,
	S(spb, "", MERGE_NONE, "index of the superpageblock inside its zone"),
	S(start_pfn, "", MERGE_NONE, "its first page frame"),
	TEXT(struct spb_row, category, "clean or tainted"),
	TEXT(struct spb_row, fullness,
	     "list it is on: full, 75pct, 50pct, 25pct, almost_empty or empty"),
	S(nr_free, "pageblocks", MERGE_SUM, "wholly free pageblocks"),
	S(nr_unmovable, "pageblocks", MERGE_SUM, "pageblocks that hold unmovable pages"),
	S(nr_reclaimable, "pageblocks", MERGE_SUM, "pageblocks that hold reclaimable pages"),
	S(nr_movable, "pageblocks", MERGE_SUM, "pageblocks that hold movable pages"),
	S(nr_reserved, "pageblocks", MERGE_SUM, "pageblocks that never were memory"),
	S(total_pageblocks, "pageblocks", MERGE_SUM, "pageblocks inside the zone"),
	S(free_pages, "pages", MERGE_SUM, "free pages"),
	S(taints, "events", MERGE_SUM, "changes from clean to tainted since the start"),
	S(defrag_passes, "passes", MERGE_SUM, "defrag passes finished"),
	S(stuck_ns, "ns", MERGE_SUM, "time stuck"),
};

static int zone_spbs(const struct outcome *o __unused, struct row_key key,
		     const struct metrics_zone *z, struct csv_writer *w)
{
	int ret = 0;

	for (u32 i = 0; i < z->nr_spbs && !ret; i++) {
		const struct model_spb_state *st = &z->spbs[i];
		struct spb_row row = {
			.key = key,
			.category = sb_category_name(st->category),
			.fullness = st->empty ? "empty" : sb_fullness_name(st->fullness),
			.spb = i,
			.start_pfn = st->start_pfn,
			.nr_free = st->nr_free,
			.nr_unmovable = st->nr_unmovable,
			.nr_reclaimable = st->nr_reclaimable,
			.nr_movable = st->nr_movable,
			.nr_reserved = st->nr_reserved,
			.total_pageblocks = st->total_pageblocks,
			.free_pages = st->free_pages,
			.taints = st->taints,
			.defrag_passes = st->defrag_passes,
			.stuck_ns = st->stuck_ns,
		};

		ret = csv_row(w, &row);
	}
	return ret;
}

static int each_spb(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_spbs);
}

const struct csv_table spb_table = {
	"spb.csv", "one row for each variant and superpageblock: its state at the end",
	spb_columns, ARRAY_SIZE(spb_columns), each_spb,
};

/* ---- defrag.csv ---- */

struct defrag_row {
	struct row_key key;
	const char *trigger;
	u64 time_ns, spb, start_ns, end_ns, nr_free_before, nr_free_after;
	u64 pages_migrated, pages_failed, progress;
};

#define D(field, unit, merge, doc) UINT(struct defrag_row, field, unit, merge, doc)
static const struct csv_column defrag_columns[] = {
	KEY_COLUMNS,
	D(time_ns, "ns", MERGE_NONE, "when it was queued"),
	D(spb, "", MERGE_NONE, "superpageblock, index inside its zone"),
	TEXT(struct defrag_row, trigger,
	     "who queued it: update (spb_update_list), alloc (trigger 1), fallthrough (trigger 2)"),
	D(start_ns, "ns", MERGE_NONE, "when the worker began"),
	D(end_ns, "ns", MERGE_NONE, "when the worker ended"),
	D(nr_free_before, "pageblocks", MERGE_NONE, "wholly free pageblocks at the start"),
	D(nr_free_after, "pageblocks", MERGE_NONE, "wholly free pageblocks at the end"),
	D(pages_migrated, "pages", MERGE_SUM, "pages moved"),
	D(pages_failed, "pages", MERGE_SUM, "pages that could not be moved"),
	D(progress, "", MERGE_SUM, "1: the count of free pageblocks changed, 0: cooldown follows"),
};

static int zone_defrag(const struct outcome *o __unused, struct row_key key,
		       const struct metrics_zone *z, struct csv_writer *w)
{
	int ret = 0;

	for (u32 i = 0; i < z->nr_passes && !ret; i++) {
		const struct model_defrag_pass *p = &z->passes[i];
		struct defrag_row row = {
			.key = key,
			.trigger = defrag_trigger_name(p->trigger),
			.time_ns = p->queued,
			.spb = p->spb,
			.start_ns = p->start,
			.end_ns = p->end,
			.nr_free_before = p->nr_free_before,
			.nr_free_after = p->nr_free_after,
			.pages_migrated = p->pages_migrated,
			.pages_failed = p->pages_failed,
			.progress = p->progress,
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
	"defrag.csv", "one row for each defrag pass that ended, in the order they were queued",
	defrag_columns, ARRAY_SIZE(defrag_columns), each_defrag,
};

/* ---- passes.csv ---- */

struct passes_row {
	struct row_key key;
	const char *outcome, *migratetype;
	u64 order, count, visits_mean, visits_p50, visits_p99, visits_max;
};

#define P(field, unit, merge, doc) UINT(struct passes_row, field, unit, merge, doc)
static const struct csv_column passes_columns[] = {
	KEY_COLUMNS,
	TEXT(struct passes_row, outcome,
	     "what served it: a pass, CLAIM, STEAL or ZONE_FB; NO_PAGE when it failed"),
	P(order, "", MERGE_NONE, "order asked for"),
	TEXT(struct passes_row, migratetype, "type asked for"),
	P(count, "operations", MERGE_SUM, "allocations asked of this zone"),
	MILLI(struct passes_row, visits_mean, "superpageblocks", MERGE_POOL,
	      "superpageblocks visited, mean"),
	P(visits_p50, "superpageblocks", MERGE_POOL, "superpageblocks visited, median"),
	P(visits_p99, "superpageblocks", MERGE_POOL, "superpageblocks visited, 99th percentile"),
	P(visits_max, "superpageblocks", MERGE_MAX, "superpageblocks visited, largest"),
};

static int passes_of(struct row_key key, const struct visits *v, u32 outcome, u32 order, u32 mt,
		     struct csv_writer *w)
{
	struct visits_stats st;
	struct passes_row row = {
		.key = key,
		.outcome = spb_outcome_name(outcome),
		.migratetype = migratetype_name(mt),
		.order = order,
	};

	visits_stats(v, &st);
	if (!st.count)
		return 0;
	row.count = st.count;
	row.visits_mean = st.mean;
	row.visits_p50 = st.p50;
	row.visits_p99 = st.p99;
	row.visits_max = st.max;
	return csv_row(w, &row);
}

static int zone_passes(const struct outcome *o __unused, struct row_key key,
		       const struct metrics_zone *z, struct csv_writer *w)
{
	int ret = 0;

	for (u32 outcome = 0; outcome < NR_SPB_OUTCOMES; outcome++)
		for (u32 order = 0; order < MODEL_MAX_ORDERS; order++)
			for (u32 mt = 0; mt < MIGRATE_TYPES && !ret; mt++)
				ret = passes_of(key, &z->visits[outcome][order][mt], outcome,
						order, mt, w);
	return ret;
}

static int each_passes(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_passes);
}

const struct csv_table passes_table = {
	"passes.csv", "one row for each variant, zone, outcome, order and type of allocation",
	passes_columns, ARRAY_SIZE(passes_columns), each_passes,
};
