// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/report_rows.h"

#include <inttypes.h>

#include "cmd/report/html.h"
#include "cmd/report/report_tables.h"

void table_begin(struct page *p, const char *caption)
{
	fputs("<div class=\"scroll\" tabindex=\"0\"><table><caption>", p->out);
	html_text(p->out, caption);
	fputs("</caption>\n", p->out);
}

void table_end(struct page *p)
{
	fputs("</table></div>\n", p->out);
}

void rows_head(struct page *p, const struct row_column *columns, size_t nr)
{
	fputs("<thead><tr>", p->out);
	for (size_t i = 0; i < nr; i++) {
		fputs(columns[i].cell == ROW_TEXT ? "<th>" : "<th class=\"n\">", p->out);
		html_text(p->out, columns[i].head);
		fputs("</th>", p->out);
	}
	fputs("</tr></thead>\n", p->out);
}

static void put_cell(struct page *p, const char *raw, enum row_cell cell)
{
	fputs(cell == ROW_TEXT ? "<td class=\"text\">" : "<td>", p->out);
	if (cell == ROW_TEXT || !*raw)
		html_text(p->out, raw);
	else if (cell == ROW_TIME)
		html_since(p->out, raw, p->v->times[0]);
	else if (cell == ROW_ID)
		html_id(p->out, raw);
	else
		html_number(p->out, raw);
	fputs("</td>", p->out);
}

void rows_table(struct page *p, enum view_table table, const struct row_column *columns, size_t nr,
		const char *caption)
{
	const struct csv_data *d = &p->v->tables[table];
	u32 left[VIEW_MAX_VARIANTS], most = REPORT_ROWS_MAX / p->v->nr_variants, shown = 0;

	if (!d->nr_rows) {
		fputs("<p>No rows.</p>\n", p->out);
		return;
	}
	table_begin(p, caption);
	rows_head(p, columns, nr);
	fputs("<tbody>\n", p->out);
	for (u32 i = 0; i < p->v->nr_variants; i++)
		left[i] = most;
	for (u32 row = 0; row < d->nr_rows; row++) {
		int variant = view_variant(p->v, csv_cell(d, row, 0));

		if (variant < 0 || !left[variant])
			continue;
		left[variant]--;
		shown++;
		fputs("<tr>", p->out);
		for (size_t i = 0; i < nr; i++)
			put_cell(p, csv_text(d, row, columns[i].name), columns[i].cell);
		fputs("</tr>\n", p->out);
	}
	fputs("</tbody>", p->out);
	table_end(p);
	if (shown < d->nr_rows)
		fprintf(p->out, "<p>%" PRIu32 " of %" PRIu32 " rows, the first of each variant; "
			"the file has all.</p>\n", shown, d->nr_rows);
}
