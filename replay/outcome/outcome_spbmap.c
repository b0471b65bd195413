// SPDX-License-Identifier: GPL-2.0
/* spbmap.csv and visits.csv: what a picture of a run needs beyond the figures. */
#include "replay/outcome/outcome_table.h"

/* ---- spbmap.csv ---- */

struct spbmap_csv_row {
	struct row_key key;
	const char *category;
	u64 time_ns, spb, free_blocks, stuck;
};

#define M(field, unit, merge, doc) UINT_COLUMN(struct spbmap_csv_row, field, unit, merge, doc)
static const struct csv_column spbmap_columns[] = {
	KEY_COLUMNS,
	M(time_ns, "ns", MERGE_NONE, "sample time, one of timeline.csv"),
	M(spb, "", MERGE_NONE, "superpageblock, index inside its zone"),
	TEXT_COLUMN(struct spbmap_csv_row, category,
		    "tainted, clean (in use, not tainted) or empty, as timeline.csv counts them"),
	M(free_blocks, "pageblocks", MERGE_SUM, "wholly free pageblocks"),
	M(stuck, "", MERGE_SUM, "1: stuck then, 0: not"),
};

static int zone_spbmap(const struct table_zone *t, struct csv_writer *w)
{
	const struct spbmap *map = &t->metrics->map;
	int ret = 0;

	for (u32 i = 0; i < map->nr && !ret; i++) {
		const struct spbmap_row *r = &map->rows[i];
		struct spbmap_csv_row row = {
			.key = t->key,
			.category = spb_state_name(r->state),
			.time_ns = t->o->times[r->sample],
			.spb = r->spb,
			.free_blocks = r->free_blocks,
			.stuck = r->stuck,
		};

		ret = csv_row(w, &row);
	}
	return ret;
}

static int each_spbmap(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_spbmap);
}

const struct csv_table spbmap_table = {
	"spbmap.csv", "one row for each variant, sample time and superpageblock whose state has "
	"changed since the sample before; the first sample has all", spbmap_columns,
	ARRAY_SIZE(spbmap_columns), each_spbmap,
};

/* ---- visits.csv ---- */

struct visits_csv_row {
	struct row_key key;
	const char *outcome;
	u64 visits, count;
};

static const struct csv_column visits_columns[] = {
	KEY_COLUMNS,
	TEXT_COLUMN(struct visits_csv_row, outcome, "what served it, as in passes.csv"),
	UINT_COLUMN(struct visits_csv_row, visits, "superpageblocks", MERGE_NONE,
		    "superpageblocks visited; 65536 stands for that many or more"),
	UINT_COLUMN(struct visits_csv_row, count, "operations", MERGE_SUM,
		    "allocations that visited this many"),
};

/* All orders and types of one outcome. */
static int pool_visits(struct visits *pool, const struct metrics_zone *z, u32 outcome)
{
	int ret = 0;

	for (u32 order = 0; order < MODEL_MAX_ORDERS; order++)
		for (u32 mt = 0; mt < MIGRATE_TYPES && !ret; mt++)
			ret = visits_pool(pool, &z->visits[outcome][order][mt]);
	return ret;
}

static int outcome_visits(struct row_key key, const struct metrics_zone *z, u32 outcome,
			  struct csv_writer *w)
{
	struct visits pool = { 0 };
	struct visits_csv_row row = { .key = key, .outcome = spb_outcome_name(outcome) };
	int ret = pool_visits(&pool, z, outcome) ? -(int)ERR_IO : 0;

	for (u32 i = 0; i < pool.size && !ret; i++) {
		row.visits = i;
		row.count = pool.count[i];
		if (row.count)
			ret = csv_row(w, &row);
	}
	row.visits = VISITS_MAX + 1;
	row.count = pool.over;
	if (!ret && row.count)
		ret = csv_row(w, &row);
	visits_fini(&pool);
	return ret;
}

static int zone_visits(const struct table_zone *t, struct csv_writer *w)
{
	int ret = 0;

	for (u32 outcome = 0; outcome < NR_SPB_OUTCOMES && !ret; outcome++)
		ret = outcome_visits(t->key, t->metrics, outcome, w);
	return ret;
}

static int each_visits(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_visits);
}

const struct csv_table visits_table = {
	"visits.csv",
	"one row for each variant, zone, outcome and number of superpageblocks visited",
	visits_columns, ARRAY_SIZE(visits_columns), each_visits,
};
