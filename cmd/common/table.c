// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/table.h"

#include <string.h>

#include "cmd/common/options.h"
#include "cmd/common/table_rows.h"
#include "cmd/common/units.h"

#define LABEL_WIDTH 30
#define CELL_MIN 12
#define FEW_VARIANTS 4		/* where no width is known, their columns are not too many */
#define WIDTH_DEFAULT 80
#define CELL_TEXT DIFFERENCE_TEXT

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
	u64 value;
	bool milli;

	if (!row) {
		snprintf(out, CELL_TEXT, "%s", is_difference ? "difference" :
			 outcome_variant(v->o, variant)->name);
		return;
	}
	value = row_value(v, variant, row, &milli);
	if (is_difference) {
		fmt_difference(out, row_value(v, 0, row, &milli), value, milli);
		return;
	}
	fmt_number(text, value, milli);
	snprintf(out, CELL_TEXT, "%s", text);
}

static int column_width(const struct view *v, u32 column)
{
	char text[CELL_TEXT];
	size_t width = CELL_MIN;

	for (size_t i = 0; i <= TABLE_ROWS; i++) {
		const struct row *row = i < TABLE_ROWS ? &table_rows[i] : NULL;

		if (row && (!row->metric || !row_is_shown(v, row)))
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

	for (size_t i = 0; i < TABLE_ROWS && !v->brief; i++)
		hidden += table_rows[i].metric && table_rows[i].shown != REQUESTED &&
			  !row_is_shown(v, &table_rows[i]);
	if (hidden)
		fprintf(out, "%u more figures are the same everywhere: --full shows them\n",
			hidden);
}

/* One column a variant. Return: false when that is wider than @v->width */
static bool print_columns(const struct view *v, FILE *out)
{
	int widths[2 * STR_LIST_MAX] = { 0 };
	u64 total = LABEL_WIDTH;

	for (u32 i = 0; i < nr_columns(v); i++) {
		widths[i] = column_width(v, i);
		total += 2 + (u64)widths[i];
	}
	if (total > v->width)
		return false;
	print_row(v, NULL, widths, out);
	for (size_t i = 0; i < TABLE_ROWS; i++) {
		if (!row_is_shown(v, &table_rows[i]))
			continue;
		if (table_rows[i].metric)
			print_row(v, &table_rows[i], widths, out);
		else
			fprintf(out, "%s\n", table_rows[i].label);
	}
	return true;
}

static void print_view(const struct view *v, FILE *out)
{
	if (!print_columns(v, out))
		table_print_turned(v, out);
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

void table_print(const struct outcome *o, bool full, u32 width, FILE *out)
{
	const u32 nr = outcome_nr_variants(o);
	struct view v = { .o = o, .zone = ZONE_ALL, .full = full || nr == 1 };
	u32 active = 0, only = 0;

	/* A single figure a row is read as it is, on any terminal. */
	v.width = nr == 1 || !width ? UINT32_MAX : width;
	if (!width && nr > FEW_VARIANTS)
		v.width = WIDTH_DEFAULT;
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
