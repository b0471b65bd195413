// SPDX-License-Identifier: GPL-2.0
#include "replay/outcome/diff.h"

#include "replay/outcome/outcome_data.h"

static s64 signed_difference(u64 a, u64 b)
{
	u64 size = a > b ? a - b : b - a;
	s64 limited = (s64)min_u64(size, INT64_MAX);

	return a >= b ? limited : -limited;
}

/* a / b in thousandths, to nearest. */
static u64 ratio_milli(u64 a, u64 b)
{
	unsigned __int128 r = ((unsigned __int128)a * 1000 + b / 2) / b;

	return r > INT64_MAX ? INT64_MAX : (u64)r;
}

struct diff_cells diff_metric(enum csv_type type, u64 baseline, u64 value)
{
	struct diff_cells d = {
		.baseline = { .type = type, .u = baseline },
		.value = { .type = type, .u = value },
		.delta = { .type = type == CSV_MILLI ? CSV_SMILLI : CSV_SINT,
			   .s = signed_difference(value, baseline) },
		.ratio = { .type = CSV_EMPTY },
	};

	if (baseline)
		d.ratio = (struct csv_cell){ .type = CSV_MILLI,
					     .u = ratio_milli(value, baseline) };
	return d;
}

struct diff_row {
	struct row_key key;
	const char *metric, *unit, *baseline;
	struct diff_cells cells;
};

#define TEXT(name, doc) \
	{ #name, CSV_TEXT, "", csv_get_text, offsetof(struct diff_row, name), MERGE_NONE, doc }
#define CELL(name, member, doc) \
	{ name, CSV_NUMBER, "", csv_get_cell, offsetof(struct diff_row, cells.member), MERGE_NONE, \
	  doc }

static const struct csv_column diff_columns[] = {
	KEY_COLUMNS,
	TEXT(metric, "a column of summary.csv"),
	TEXT(unit, "its unit"),
	TEXT(baseline, "the variant it is compared with: the first one named"),
	CELL("baseline_value", baseline, "value of the baseline"),
	CELL("value", value, "value of the variant"),
	CELL("delta", delta, "value - baseline_value"),
	CELL("ratio", ratio, "value / baseline_value; empty when baseline_value is 0"),
};

static int diff_zone(const struct outcome *o, u32 variant, u32 zone, struct csv_writer *w)
{
	int ret = 0;

	for (size_t i = 0; i < outcome_nr_metrics() && !ret; i++) {
		const struct csv_column *col = outcome_metric_info(i);
		struct diff_row row = {
			.key = row_key(o, variant, zone),
			.metric = col->name,
			.unit = col->unit,
			.baseline = o->variants[0].variant.name,
			.cells = diff_metric(col->type, outcome_metric(o, 0, zone, i),
					     outcome_metric(o, variant, zone, i)),
		};

		ret = csv_row(w, &row);
	}
	return ret;
}

static int each_diff(const void *data, struct csv_writer *w)
{
	const struct outcome *o = data;
	int ret = 0;

	for (u32 i = 1; i < o->nr_variants; i++) {
		for (u32 z = 0; z < o->nr_zones && !ret; z++)
			ret = diff_zone(o, i, z, w);
		if (!ret)
			ret = diff_zone(o, i, ZONE_ALL, w);
	}
	return ret;
}

const struct csv_table diff_table = {
	"diff.csv", "one row for each variant except the first, zone (and all zones together) "
		    "and metric",
	diff_columns, ARRAY_SIZE(diff_columns), each_diff,
};
