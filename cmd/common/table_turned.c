// SPDX-License-Identifier: GPL-2.0
/* The table with a row a variant: for more variants than fit side by side. */
#include <string.h>

#include "cmd/common/table_rows.h"
#include "cmd/common/units.h"

#define GAP 2

static size_t longer(size_t width, const char *text)
{
	const size_t len = strlen(text);

	return len > width ? len : width;
}

static const char *cell(const struct view *v, u32 variant, const struct row *row,
			char text[UNIT_TEXT])
{
	bool milli;
	const u64 value = row_value(v, variant, row, &milli);

	return fmt_number(text, value, milli);
}

static size_t column_width(const struct view *v, const struct row *row)
{
	size_t width = longer(longer(0, row->head[0]), row->head[1]);
	char text[UNIT_TEXT];

	for (u32 i = 0; i < outcome_nr_variants(v->o); i++)
		width = longer(width, cell(v, i, row, text));
	return width;
}

/* The zone heads the names. */
static size_t name_width(const struct view *v)
{
	size_t width = longer(0, outcome_zone_name(v->o, v->zone));

	for (u32 i = 0; i < outcome_nr_variants(v->o); i++)
		width = longer(width, outcome_variant(v->o, i)->name);
	return width;
}

static const struct row *next_shown(const struct view *v, const struct row *row)
{
	while (row < table_rows + TABLE_ROWS && (!row->metric || !row_is_shown(v, row)))
		row++;
	return row;
}

/* As many columns from @first on as there is room for, at least one. Return: the one after them */
static const struct row *fit(const struct view *v, const struct row *first, size_t names)
{
	const struct row *row = first;
	size_t width = names;

	do {
		width += GAP + column_width(v, row);
		if (width > v->width && row != first)
			break;
		row = next_shown(v, row + 1);
	} while (row < table_rows + TABLE_ROWS);
	return row;
}

/* Columns @first to before @end, each with what @variant has there or one line of its head. */
static void print_line(const struct view *v, const struct row *first, const struct row *end,
		       int variant, u32 line, FILE *out)
{
	for (const struct row *row = first; row < end; row = next_shown(v, row + 1)) {
		char text[UNIT_TEXT];

		fprintf(out, "  %*s", (int)column_width(v, row),
			variant < 0 ? row->head[line] : cell(v, (u32)variant, row, text));
	}
	fputc('\n', out);
}

static void print_part(const struct view *v, const struct row *first, const struct row *end,
		       int names, FILE *out)
{
	fprintf(out, "%-*s", names, outcome_zone_name(v->o, v->zone));
	print_line(v, first, end, -1, 0, out);
	fprintf(out, "%-*s", names, "");
	print_line(v, first, end, -1, 1, out);
	for (u32 i = 0; i < outcome_nr_variants(v->o); i++) {
		fprintf(out, "%-*s", names, outcome_variant(v->o, i)->name);
		print_line(v, first, end, (int)i, 0, out);
	}
}

void table_print_turned(const struct view *v, FILE *out)
{
	const struct row *first = next_shown(v, table_rows), *end;
	const size_t names = name_width(v);

	while (first < table_rows + TABLE_ROWS) {
		end = fit(v, first, names);
		print_part(v, first, end, (int)names, out);
		first = end;
		if (first < table_rows + TABLE_ROWS)
			fputc('\n', out);
	}
}
