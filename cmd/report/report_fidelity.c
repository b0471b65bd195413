// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/report_fidelity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report/html.h"
#include "cmd/report/report_tables.h"
#include "replay/check/check_facts.h"
#include "replay/csv/csv_read.h"

/* Columns of the table: figures of check.csv that share a key. */
static const struct {
	const char *head;
	const char *side;
	const char *figure;
} cells[] = {
	{ "recorded", "open", "events_recorded" },
	{ "open loop", "open", "events_model" },
	{ "agree", "open", "events_agree" },
	{ "following", "follow", "events_model" },
	{ "agree", "follow", "events_agree" },
};

static bool is_figure(const struct csv_data *d, u32 row, size_t i)
{
	return !strcmp(csv_text(d, row, "side"), cells[i].side) &&
	       !strcmp(csv_text(d, row, "figure"), cells[i].figure);
}

static const char *figure_of(const struct csv_data *d, u32 like, size_t i)
{
	for (u32 row = 0; row < d->nr_rows; row++) {
		if (is_figure(d, row, i) &&
		    !strcmp(csv_text(d, row, "variant"), csv_text(d, like, "variant")) &&
		    !strcmp(csv_text(d, row, "key"), csv_text(d, like, "key")))
			return csv_text(d, row, "value");
	}
	return "";
}

static void put_row(struct page *p, const struct csv_data *d, u32 row)
{
	fputs("<tr><td class=\"text\">", p->out);
	html_text(p->out, csv_text(d, row, "variant"));
	fputs("</td><td class=\"text\">", p->out);
	html_text(p->out, csv_text(d, row, "key"));
	fputs("</td>", p->out);
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++) {
		const char *value = figure_of(d, row, i);

		fputs("<td>", p->out);
		if (*value)
			html_number(p->out, value);
		fputs("</td>", p->out);
	}
	fputs("</tr>\n", p->out);
}

static void put_table(struct page *p, const struct csv_data *d)
{
	table_begin(p, "Fidelity: the model compared with the capture (all in check.csv)");
	fputs("<thead><tr><th>variant</th><th>event</th>", p->out);
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		fprintf(p->out, "<th class=\"n\">%s</th>", cells[i].head);
	fputs("</tr></thead>\n<tbody>\n", p->out);
	for (u32 row = 0; row < d->nr_rows; row++) {
		if (is_figure(d, row, 0))
			put_row(p, d, row);
	}
	fputs("</tbody>", p->out);
	table_end(p);
}

/* A folder takes the results of another capture, and check.csv stays. */
static bool is_of_run(const struct page *p, const struct csv_data *d)
{
	const char *capture = view_json_text(p->v, (const char *const[]){ "capture", "xxh64",
									   NULL });

	for (u32 row = 0; row < d->nr_rows; row++) {
		if (!strcmp(csv_text(d, row, "figure"), "capture_bytes"))
			return *capture && !strcmp(csv_text(d, row, "key"), capture);
	}
	return false;
}

static bool is_there(const char *dir, const char *file)
{
	const size_t size = strlen(dir) + strlen(file) + 2;
	char *path = malloc(size);
	bool there = true;

	if (path) {
		snprintf(path, size, "%s/%s", dir, file);
		there = !access(path, F_OK);
	}
	free(path);
	return there;
}

void part_fidelity(struct page *p)
{
	struct csv_data d;
	struct error err = { 0 };

	if (!is_there(p->v->dir, check_csv.file)) {
		fputs("<p>Fidelity is not known: check -o with this folder measures it.</p>\n",
		      p->out);
		return;
	}
	if (csv_read(&d, p->v->dir, &check_csv, &err)) {
		if (err.code == ERR_IO)
			err_set(p->err, ERR_IO, "%s", err.text);
		fputs("<p class=\"warning\">", p->out);
		html_text(p->out, err.text);
		fputs("</p>\n", p->out);
		return;
	}
	if (is_of_run(p, &d))
		put_table(p, &d);
	else
		fputs("<p class=\"warning\">Fidelity is not known: check.csv is of another "
		      "capture, or does not say of which: run check -o with this folder "
		      "again.</p>\n", p->out);
	csv_data_fini(&d);
}
