// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/table.h"

#include <string.h>

#include "cmd/common/options.h"
#include "cmd/common/units.h"

/**
 * enum shown - when a line is shown
 * @DIFFERS: between the variants, or with --full; @BRIEF: always, for single zones too
 * @REQUESTED: unless it is 0 everywhere: then nobody asked
 */
enum shown { DIFFERS, BRIEF, REQUESTED };

/**
 * struct row - one line of the table
 * @metric: name in summary.csv; NULL: @label is the heading of a group
 * @label: what people call it; "(s)" there when the metric is in ns
 * @shown: when
 */
struct row {
	const char *metric;
	const char *label;
	enum shown shown;
};

static const struct row rows[] = {
	{ "spb_total", "superpageblocks (SPBs)", BRIEF },
	{ "spb_tainted_start", "tainted at the start", BRIEF },
	{ "spb_tainted_end", "tainted at the end", BRIEF },
	{ "spb_tainted_max", "tainted at most", BRIEF },
	{ "spb_clean_end", "clean at the end", DIFFERS },
	{ "spb_empty_end", "empty at the end", DIFFERS },
	{ "stuck_spbs", "SPBs that were stuck", BRIEF },
	{ "stuck_ns_total", "stuck time, all SPBs (s)", BRIEF },
	{ "stuck_ns_max", "stuck time, longest (s)", BRIEF },
	{ "fresh_taints", "fresh taints", BRIEF },
	{ "untaints", "untaints", BRIEF },
	{ NULL, "fallback", DIFFERS },
	{ "fallback_claims", "claims", DIFFERS },
	{ "steals", "steals", DIFFERS },
	{ "pass3", "PASS_3", DIFFERS },
	{ "failed_allocs", "failed allocations", DIFFERS },
	{ NULL, "defrag", DIFFERS },
	{ "defrag_queued_update", "queued by list update", DIFFERS },
	{ "defrag_queued_alloc", "queued by trigger 1 (alloc)", DIFFERS },
	{ "defrag_queued_fallthrough", "queued by trigger 2 (walk)", DIFFERS },
	{ "defrag_gated_cooldown", "held back by cooldown", DIFFERS },
	{ "defrag_passes", "passes", DIFFERS },
	{ "defrag_no_progress", "passes without progress", DIFFERS },
	{ "pages_migrated", "pages migrated", DIFFERS },
	{ "shrink_queued", "slab shrinks queued", DIFFERS },
	{ NULL, "cost: SPBs visited per allocation", DIFFERS },
	{ "visits_mean", "mean", DIFFERS },
	{ "visits_p99", "99th percentile", DIFFERS },
	{ "visits_max", "most", DIFFERS },
	{ NULL, "1 GiB pages after the end", DIFFERS },
	{ "contig_spbs", "given", REQUESTED },
	{ "contig_migrated", "pages migrated for them", REQUESTED },
};

#define NR_ROWS ARRAY_SIZE(rows)
#define LABEL_WIDTH 30
#define CELL_MIN 12

/**
 * struct view - a table about to be printed
 * @zone: index or ZONE_ALL; @brief: only brief rows; @full: also rows without a difference
 */
struct view {
	const struct outcome *o;
	u32 zone;
	bool brief;
	bool full;
};

#define CELL_TEXT DIFFERENCE_TEXT

/* How a metric's numbers are shown: whole, or as thousandths of what the label says. */
static u64 shown_value(const struct view *v, u32 variant, size_t metric, bool *milli)
{
	const struct csv_column *info = outcome_metric_info(metric);
	u64 value = outcome_metric(v->o, variant, v->zone, metric);

	*milli = info->type == CSV_MILLI || !strcmp(info->unit, "ns");
	return strcmp(info->unit, "ns") ? value : value / NSEC_PER_MSEC;
}

/* Columns: the first variant, then each other one with its difference to the first. */
static u32 nr_columns(const struct view *v)
{
	return 2 * outcome_nr_variants(v->o) - 1;
}

/* Text of @row (NULL: the head) in @column. */
static void cell(const struct view *v, const struct row *row, u32 column, char out[CELL_TEXT])
{
	u32 variant = (column + 1) / 2;
	bool is_difference = column && !(column & 1);
	char text[UNIT_TEXT];
	size_t metric;
	u64 value;
	bool milli;

	if (!row) {
		snprintf(out, CELL_TEXT, "%s", is_difference ? "difference" :
			 outcome_variant(v->o, variant)->name);
		return;
	}
	metric = (size_t)outcome_metric_find(row->metric);
	value = shown_value(v, variant, metric, &milli);
	if (is_difference) {
		fmt_difference(out, shown_value(v, 0, metric, &milli), value, milli);
		return;
	}
	fmt_number(text, value, milli);
	snprintf(out, CELL_TEXT, "%s", text);
}

static bool differs(const struct view *v, size_t metric)
{
	for (u32 i = 1; i < outcome_nr_variants(v->o); i++) {
		if (outcome_metric(v->o, i, v->zone, metric) !=
		    outcome_metric(v->o, 0, v->zone, metric))
			return true;
	}
	return false;
}

static bool is_requested(const struct view *v, const struct row *row)
{
	const int metric = outcome_metric_find(row->metric);

	for (u32 i = 0; metric >= 0 && i < outcome_nr_variants(v->o); i++) {
		if (outcome_metric(v->o, i, v->zone, (size_t)metric))
			return true;
	}
	return false;
}

static bool is_metric_shown(const struct view *v, const struct row *row)
{
	int metric = outcome_metric_find(row->metric);

	if (metric < 0 || (v->brief && row->shown != BRIEF))
		return false;
	if (row->shown == REQUESTED)
		return is_requested(v, row);
	return row->shown == BRIEF || v->full || differs(v, (size_t)metric);
}

/* A heading goes with its group. */
static bool is_shown(const struct view *v, const struct row *row)
{
	if (row->metric)
		return is_metric_shown(v, row);
	for (row++; row < rows + NR_ROWS && row->metric; row++) {
		if (is_metric_shown(v, row))
			return true;
	}
	return false;
}

static int column_width(const struct view *v, u32 column)
{
	char text[CELL_TEXT];
	size_t width = CELL_MIN;

	for (size_t i = 0; i <= NR_ROWS; i++) {
		const struct row *row = i < NR_ROWS ? &rows[i] : NULL;

		if (row && (!row->metric || !is_shown(v, row)))
			continue;
		cell(v, row, column, text);
		width = strlen(text) > width ? strlen(text) : width;
	}
	return (int)width;
}

static void print_row(const struct view *v, const struct row *row, const int *widths, FILE *out)
{
	char text[CELL_TEXT];

	if (row)
		fprintf(out, "  %-*s", LABEL_WIDTH - 2, row->label);
	else
		fprintf(out, "%-*s", LABEL_WIDTH, outcome_zone_name(v->o, v->zone));
	for (u32 i = 0; i < nr_columns(v); i++) {
		cell(v, row, i, text);
		fprintf(out, "  %*s", widths[i], text);
	}
	fputc('\n', out);
}

static void print_hidden(const struct view *v, FILE *out)
{
	unsigned int hidden = 0;

	for (size_t i = 0; i < NR_ROWS && !v->brief; i++)
		hidden += rows[i].metric && rows[i].shown != REQUESTED && !is_shown(v, &rows[i]);
	if (hidden)
		fprintf(out, "%u more figures are the same everywhere: --full shows them\n",
			hidden);
}

static void print_view(const struct view *v, FILE *out)
{
	int widths[2 * STR_LIST_MAX];

	for (u32 i = 0; i < nr_columns(v); i++)
		widths[i] = column_width(v, i);
	print_row(v, NULL, widths, out);
	for (size_t i = 0; i < NR_ROWS; i++) {
		if (!is_shown(v, &rows[i]))
			continue;
		if (rows[i].metric)
			print_row(v, &rows[i], widths, out);
		else
			fprintf(out, "%s\n", rows[i].label);
	}
	print_hidden(v, out);
}

static bool has_ops(const struct outcome *o, u32 zone)
{
	int metric = outcome_metric_find("ops");

	return metric >= 0 && outcome_metric(o, 0, zone, (size_t)metric);
}

static void print_folded(const struct outcome *o, FILE *out)
{
	const char *lead = "no operations in zone";

	for (u32 z = 0; z < outcome_nr_zones(o); z++) {
		if (has_ops(o, z))
			continue;
		fprintf(out, "%s %s", lead, outcome_zone_name(o, z));
		lead = ",";
	}
	if (*lead == ',')
		fputc('\n', out);
}

void table_print(const struct outcome *o, bool full, FILE *out)
{
	struct view v = { .o = o, .zone = ZONE_ALL, .full = full || outcome_nr_variants(o) == 1 };
	u32 active = 0, only = 0;

	for (u32 z = 0; z < outcome_nr_zones(o); z++) {
		if (has_ops(o, z)) {
			active++;
			only = z;
		}
	}
	if (active == 1)
		v.zone = only;
	print_view(&v, out);
	v.brief = true;
	for (v.zone = 0; active > 1 && v.zone < outcome_nr_zones(o); v.zone++) {
		if (!has_ops(o, v.zone))
			continue;
		fputc('\n', out);
		print_view(&v, out);
	}
	print_folded(o, out);
}
