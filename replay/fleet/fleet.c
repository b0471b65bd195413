// SPDX-License-Identifier: GPL-2.0
#include "replay/fleet/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "replay/csv/csv_read.h"
#include "replay/outcome/outcome.h"

static const struct {
	const char *name;
	const char *doc;
} fixed_cells[FLEET_METRICS] = {
	[FLEET_HOST] = { "host", "column host of the manifest; without it the capture" },
	[FLEET_CAPTURE] = { "capture", "column capture of the manifest" },
	[FLEET_SNAPSHOT] = { "snapshot", "column snapshot of the manifest" },
	[FLEET_KERNEL] = { "kernel", "column kernel of the manifest" },
	[FLEET_WORKLOAD] = { "workload", "column workload of the manifest" },
	[FLEET_LABELS] = { "labels", "all other columns, as name=value;name=value" },
	[FLEET_ENTRY] = { "entry", "XXH64 of capture and snapshot as the manifest names them" },
	[FLEET_ARM] = { "arm", "place of the variant in the batch; 0 is the baseline" },
	[FLEET_VARIANT] = { "variant", "name of the variant" },
	[FLEET_KNOBS] = { "knobs", "XXH64 of all knobs with their values" },
	[FLEET_OPTIONS] = { "options", "options that results depend on" },
	[FLEET_VERSION] = { "version", "of the tool" },
	[FLEET_STATUS] = { "status", "ok, partial (damaged capture), failed or missing" },
	[FLEET_CODE] = { "code", "exit status that compare would have given" },
	[FLEET_REASON] = { "reason", "why the unit failed or is partial" },
	[FLEET_UNIT] = { "unit", "XXH64 of everything that the result depends on" },
	[FLEET_CAPTURE_HASH] = { "capture_hash", "XXH64 of the capture's bytes" },
	[FLEET_SNAPSHOT_HASH] = { "snapshot_hash", "XXH64 of the snapshot's files" },
};

static const char *const status_names[] = {
	[FLEET_MISSING] = "missing", [FLEET_FAILED] = "failed", [FLEET_PARTIAL] = "partial",
	[FLEET_OK] = "ok",
};

u32 fleet_nr_cells(void)
{
	return FLEET_METRICS + (u32)outcome_nr_metrics();
}

int fleet_status(const struct fleet_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_names); i++) {
		if (!strcmp(row->cell[FLEET_STATUS], status_names[i]))
			return (int)i;
	}
	return -1;
}

const char *fleet_status_text(enum fleet_status status)
{
	return status_names[status];
}

bool fleet_has_values(const struct fleet_row *row)
{
	return fleet_status(row) >= FLEET_PARTIAL;
}

s64 fleet_metric(const struct fleet_row *row, size_t metric)
{
	const char *p = row->cell[FLEET_METRICS + metric];
	u64 value = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (value > INT64_MAX / 10000 - 10)
			return INT64_MAX;
		value = value * 10 + (u64)(*p - '0');
	}
	p += *p == '.';
	for (u32 i = 0; i < 3; i++)
		value = value * 10 + (*p >= '0' && *p <= '9' ? (u64)(*p++ - '0') : 0);
	return (s64)value;
}

/* ---- sets ---- */

int fleet_set_add(struct fleet_set *set, const struct fleet_row *row, struct error *err)
{
	struct fleet_row copy = { 0 };

	for (u32 i = 0; i < fleet_nr_cells(); i++) {
		copy.cell[i] = text_store_add(&set->texts, row->cell[i] ? row->cell[i] : "");
		if (!copy.cell[i])
			return err_nomem(err, "the fleet's rows");
	}
	if (set->nr == set->max) {
		u32 max = set->max ? set->max * 2 : 256;
		struct fleet_row *rows = realloc(set->rows, max * sizeof(*rows));

		if (!rows)
			return err_nomem(err, "the fleet's rows");
		set->rows = rows;
		set->max = max;
	}
	set->rows[set->nr++] = copy;
	return 0;
}

void fleet_set_fini(struct fleet_set *set)
{
	free(set->rows);
	text_store_fini(&set->texts);
	*set = (struct fleet_set){ 0 };
}

static const char *cell_name(u32 i)
{
	return i < FLEET_METRICS ? fixed_cells[i].name :
				   outcome_metric_info(i - FLEET_METRICS)->name;
}

static int check_header(const struct csv_data *d, u32 nr_cells, struct error *err)
{
	bool same = d->nr_columns == nr_cells;

	for (u32 i = 0; i < nr_cells && same; i++)
		same = !strcmp(csv_header(d, i), cell_name(i));
	if (same)
		return 0;
	return err_set(err, ERR_USAGE, "%s: its columns are not those of this version - give what "
		       "'spbreplay batch' and 'spbreplay merge' of this version wrote", d->path);
}

/* A result's metrics are numbers, those of a unit without result are empty. */
static int check_result(const struct csv_data *d, u32 r, const struct fleet_row *row,
			struct error *err)
{
	if (fleet_status(row) < 0)
		return err_set(err, ERR_DAMAGED, "%s: unknown status '%.40s' (line %u) - merge "
			       "again", d->path, row->cell[FLEET_STATUS], csv_line(d, r));
	for (u32 i = FLEET_METRICS; i < fleet_nr_cells(); i++) {
		const char *cell = row->cell[i];

		if (csv_fits(CSV_NUMBER, cell) && fleet_has_values(row) == (*cell != '\0'))
			continue;
		return err_set(err, ERR_DAMAGED, "%s: %s is '%.40s' (line %u) - merge again",
			       d->path, cell_name(i), cell, csv_line(d, r));
	}
	return 0;
}

int fleet_set_load(struct fleet_set *set, const char *path, u32 nr_cells, struct error *err)
{
	struct csv_data d;
	int ret = csv_read_any(&d, path, err);

	if (ret)
		return ret;
	ret = check_header(&d, nr_cells, err);
	if (!ret && d.open_end)
		ret = err_set(err, ERR_DAMAGED, "%s: is cut off: the last line has no end (line %u)"
			      " - merge again", path, d.lines[d.nr_rows]);
	for (u32 r = 0; r < d.nr_rows && !ret; r++) {
		struct fleet_row row = { 0 };

		for (u32 i = 0; i < nr_cells; i++)
			row.cell[i] = csv_cell(&d, r, i);
		if (nr_cells > FLEET_STATUS)
			ret = check_result(&d, r, &row, err);
		if (!ret)
			ret = fleet_set_add(set, &row, err);
	}
	csv_data_fini(&d);
	return ret;
}

/* ---- files ---- */

static int each_row(const void *data, struct csv_writer *w)
{
	const struct fleet_set *set = data;
	int ret = 0;

	for (u32 i = 0; i < set->nr && !ret; i++)
		ret = csv_row(w, &set->rows[i]);
	return ret;
}

void fleet_table_init(struct fleet_table *t, const char *file, u32 first, u32 end)
{
	for (u32 i = first; i < end; i++) {
		t->columns[i - first] = (struct csv_column){
			.name = cell_name(i), .type = CSV_TEXT, .unit = "", .get = csv_get_text,
			.offset = offsetof(struct fleet_row, cell) + i * sizeof(char *),
			.doc = i < FLEET_METRICS ? fixed_cells[i].doc :
						   outcome_metric_info(i - FLEET_METRICS)->doc,
		};
	}
	t->table = (struct csv_table){ file, "one row for each unit", t->columns, end - first,
				       each_row };
}

/* ---- order and join ---- */

static int compare_arms(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);

	if (la != lb)
		return la < lb ? -1 : 1;
	return strcmp(a, b);
}

int fleet_order(const void *a, const void *b)
{
	const struct fleet_row *x = a, *y = b;
	static const u8 keys[] = { FLEET_HOST, FLEET_CAPTURE, FLEET_SNAPSHOT };
	int c = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !c; i++)
		c = strcmp(x->cell[keys[i]], y->cell[keys[i]]);
	if (!c)
		c = compare_arms(x->cell[FLEET_ARM], y->cell[FLEET_ARM]);
	return c ? c : strcmp(x->cell[FLEET_VARIANT], y->cell[FLEET_VARIANT]);
}

/* Rows of one unit beside each other, the one that counts first. */
static int join_order(const void *a, const void *b)
{
	const struct fleet_row *x = a, *y = b;
	int c = strcmp(x->cell[FLEET_ENTRY], y->cell[FLEET_ENTRY]);

	if (!c)
		c = strcmp(x->cell[FLEET_VARIANT], y->cell[FLEET_VARIANT]);
	if (!c)
		c = fleet_status(y) - fleet_status(x);
	for (u32 i = FLEET_STATUS; i < fleet_nr_cells() && !c; i++)
		c = strcmp(x->cell[i], y->cell[i]);
	return c;
}

static bool same_cells(const struct fleet_row *a, const struct fleet_row *b, u32 first, u32 end)
{
	for (u32 i = first; i < end; i++) {
		if (strcmp(a->cell[i], b->cell[i]))
			return false;
	}
	return true;
}

static bool same_unit(const struct fleet_row *a, const struct fleet_row *b)
{
	return !strcmp(a->cell[FLEET_ENTRY], b->cell[FLEET_ENTRY]) &&
	       !strcmp(a->cell[FLEET_VARIANT], b->cell[FLEET_VARIANT]);
}

static int check_pair(const struct fleet_row *keep, const struct fleet_row *other,
		      struct error *err)
{
	const char *what = NULL;

	if (!same_cells(keep, other, 0, FLEET_PLAN_CELLS))
		what = "was asked for with different labels, knobs, options or version";
	else if (fleet_status(keep) == fleet_status(other) && fleet_has_values(keep) &&
		 !same_cells(keep, other, FLEET_STATUS, fleet_nr_cells()))
		what = "has two different results";
	if (!what)
		return 0;
	return err_set(err, ERR_USAGE, "%.100s: the unit of variant %.70s %s - run batch anew, or "
		       "merge these folders apart", keep->cell[FLEET_CAPTURE],
		       keep->cell[FLEET_VARIANT], what);
}

int fleet_join(struct fleet_set *set, struct error *err)
{
	u32 kept = 0;

	if (!set->nr)
		return 0;
	qsort(set->rows, set->nr, sizeof(*set->rows), join_order);
	for (u32 i = 1; i < set->nr; i++) {
		if (!same_unit(&set->rows[kept], &set->rows[i]))
			set->rows[++kept] = set->rows[i];
		else if (check_pair(&set->rows[kept], &set->rows[i], err))
			return -(int)ERR_USAGE;
	}
	set->nr = kept + 1;
	qsort(set->rows, set->nr, sizeof(*set->rows), fleet_order);
	return 0;
}
