// SPDX-License-Identifier: GPL-2.0
/* timeline.csv, spb.csv and passes.csv: rows as they are printed, made from what metrics kept. */
#include "replay/outcome/outcome_table.h"

int each_zone(const struct outcome *o, struct csv_writer *w,
	      int (*rows)(const struct table_zone *t, struct csv_writer *w))
{
	int ret = 0;

	for (u32 i = 0; i < o->nr_variants; i++) {
		for (u32 z = 0; z < o->nr_zones && !ret; z++) {
			const struct table_zone t = {
				.o = o, .key = row_key(o, i, z), .zone = z,
				.metrics = &o->variants[i].metrics.zones[z],
			};

			ret = rows(&t, w);
		}
	}
	return ret;
}

/* ---- timeline.csv ---- */

struct timeline_row {
	struct row_key key;
	u64 time_ns, spb_clean, spb_tainted, spb_empty, free_pages, free_pages_tainted;
	u64 nr_free_blocks, stuck_spbs, migrated_total;
};

#define T(field, unit, merge, doc) UINT_COLUMN(struct timeline_row, field, unit, merge, doc)
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
	T(migrated_total, "pages", MERGE_SUM,
	  "pages moved out of pageblocks so far, as pages_migrated of summary.csv counts them"),
};

static int zone_timeline(const struct table_zone *t, struct csv_writer *w)
{
	int ret = 0;

	for (u32 i = 0; i < t->o->nr_times && !ret; i++) {
		const struct model_zone_state *st = &t->metrics->samples[i];
		struct timeline_row row = {
			.key = t->key,
			.time_ns = t->o->times[i],
			.spb_clean = st->spb_clean,
			.spb_tainted = st->spb_tainted,
			.spb_empty = st->spb_empty,
			.free_pages = st->free_pages,
			.free_pages_tainted = st->free_pages_tainted,
			.nr_free_blocks = st->nr_free_blocks,
			.stuck_spbs = st->stuck_spbs,
			.migrated_total = t->metrics->migrated[i],
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

#define S(field, unit, merge, doc) UINT_COLUMN(struct spb_row, field, unit, merge, doc)
static const struct csv_column spb_columns[] = {
	KEY_COLUMNS,
	S(spb, "", MERGE_NONE, "index of the superpageblock inside its zone"),
	S(start_pfn, "", MERGE_NONE, "its first page frame"),
	TEXT_COLUMN(struct spb_row, category, "clean or tainted"),
	TEXT_COLUMN(struct spb_row, fullness,
		    "list that matches its counts: full, 75pct, 50pct, 25pct, almost_empty or "
		    "empty; lists.csv has the moves themselves, which may lag behind"),
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

static int zone_spbs(const struct table_zone *t, struct csv_writer *w)
{
	int ret = 0;

	for (u32 i = 0; i < t->metrics->nr_spbs && !ret; i++) {
		const struct model_spb_state *st = &t->metrics->spbs[i];
		struct spb_row row = {
			.key = t->key,
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

/* ---- passes.csv ---- */

struct passes_row {
	struct row_key key;
	const char *outcome, *migratetype;
	u64 order, count, visits_mean, visits_p50, visits_p99, visits_max;
};

#define P(field, unit, merge, doc) UINT_COLUMN(struct passes_row, field, unit, merge, doc)
static const struct csv_column passes_columns[] = {
	KEY_COLUMNS,
	TEXT_COLUMN(struct passes_row, outcome,
		    "what served it: a pass, CLAIM or STEAL; NORMAL: upstream's own list; PCP: a "
		    "per-CPU list that needed no refill (otherwise the outcome of the refill's "
		    "first page); CONTIG: a range emptied for it; NO_PAGE if it failed"),
	P(order, "", MERGE_NONE, "order asked for"),
	TEXT_COLUMN(struct passes_row, migratetype, "type asked for"),
	P(count, "operations", MERGE_SUM, "allocations asked of this zone"),
	MILLI_COLUMN(struct passes_row, visits_mean, "superpageblocks", MERGE_POOL,
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

static int zone_passes(const struct table_zone *t, struct csv_writer *w)
{
	int ret = 0;

	for (u32 outcome = 0; outcome < NR_SPB_OUTCOMES; outcome++)
		for (u32 order = 0; order < MODEL_MAX_ORDERS; order++)
			for (u32 mt = 0; mt < MIGRATE_TYPES && !ret; mt++)
				ret = passes_of(t->key, &t->metrics->visits[outcome][order][mt],
						outcome, order, mt, w);
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
