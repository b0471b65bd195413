// SPDX-License-Identifier: GPL-2.0
/* The figures of summary.csv and diff.csv: all of them, and the few that one looks for first. */
#include <string.h>

#include "cmd/report/html.h"
#include "cmd/report/report_tables.h"
#include "replay/outcome/outcome.h"

#define ALL "all"	/* zone of diff.csv's rows for all zones together */

/**
 * struct figures - one table: the metrics of one zone
 * @zone: its name, or ALL; @only: these metrics in this order, NULL-terminated; NULL: all
 */
struct figures {
	struct page *p;
	const char *zone;
	const char *const *only;
};

/* Row of diff.csv, or -1. */
static s64 diff_row(const struct outcome_view *v, u32 variant, const char *zone, const char *metric)
{
	const struct csv_data *d = &v->tables[VIEW_DIFF];

	for (u32 row = 0; row < d->nr_rows; row++)
		if (!strcmp(csv_text(d, row, "metric"), metric) &&
		    !strcmp(csv_cell(d, row, 1), zone) &&
		    !strcmp(csv_cell(d, row, 0), v->variants[variant]))
			return row;
	return -1;
}

static const char *diff_text(const struct outcome_view *v, u32 variant, const char *zone,
			     const char *metric, const char *column)
{
	s64 row = diff_row(v, variant, zone, metric);

	return row < 0 ? "" : csv_text(&v->tables[VIEW_DIFF], (u32)row, column);
}

static const char *figure(const struct outcome_view *v, u32 variant, const char *zone,
			  const char *metric)
{
	const struct csv_data *d = &v->tables[VIEW_SUMMARY];

	for (u32 row = 0; row < d->nr_rows; row++)
		if (!strcmp(csv_cell(d, row, 0), v->variants[variant]) &&
		    !strcmp(csv_cell(d, row, 1), zone))
			return csv_text(d, row, metric);
	/* All zones together: only diff.csv has them, the baseline's in every variant's rows. */
	return variant ? diff_text(v, variant, zone, metric, "value") :
			 diff_text(v, 1, zone, metric, "baseline_value");
}

/* Are there figures for all zones together? */
static bool has_all(const struct outcome_view *v)
{
	return v->nr_variants > 1 && v->nr_zones > 1 && diff_row(v, 1, ALL, "ops") >= 0;
}

static void put_value(struct page *p, const char *raw, bool ns)
{
	if (ns)
		html_seconds(p->out, raw);
	else
		html_number(p->out, raw);
}

static void put_delta(struct page *p, const char *raw, bool ns)
{
	bool same = !*raw || !strcmp(raw, "0") || !strcmp(raw, "0.000");

	fprintf(p->out, "<td class=\"delta%s\">", same ? " same" : "");
	if (same)
		putc('=', p->out);
	else if (*raw != '-')
		putc('+', p->out);
	if (!same)
		put_value(p, raw, ns);
	fputs("</td>", p->out);
}

static void put_metric(const struct figures *f, const struct csv_column *m)
{
	struct page *p = f->p;
	bool ns = !strcmp(m->unit, "ns");

	fputs("<tr><th scope=\"row\">", p->out);
	html_text(p->out, m->name);
	fprintf(p->out, "<small>%s</small></th>", m->doc);
	for (u32 i = 0; i < p->v->nr_variants; i++) {
		fputs("<td>", p->out);
		put_value(p, figure(p->v, i, f->zone, m->name), ns);
		fputs("</td>", p->out);
		if (i)
			put_delta(p, diff_text(p->v, i, f->zone, m->name, "delta"), ns);
	}
	fprintf(p->out, "<td class=\"text\">%s</td></tr>\n", ns ? "s" : m->unit);
}

static void put_metrics(const struct figures *f)
{
	for (size_t i = 0; f->only && f->only[i]; i++)
		put_metric(f, outcome_metric_info((size_t)outcome_metric_find(f->only[i])));
	for (size_t i = 0; !f->only && i < outcome_nr_metrics(); i++)
		put_metric(f, outcome_metric_info(i));
}

static void put_figures(const struct figures *f)
{
	struct page *p = f->p;

	table_begin(p, !strcmp(f->zone, ALL) ? "All zones together" : f->zone);
	fputs("<thead><tr><th>metric</th>", p->out);
	for (u32 i = 0; i < p->v->nr_variants; i++) {
		fputs("<th class=\"n\">", p->out);
		html_text(p->out, p->v->variants[i]);
		fputs(i ? "</th><th class=\"n\">difference</th>" : "</th>", p->out);
	}
	fputs("<th>unit</th></tr></thead>\n<tbody>\n", p->out);
	put_metrics(f);
	fputs("</tbody>", p->out);
	table_end(p);
}

/* What a row of divergence.csv is about. Nobody asked for what the initial state placed. */
static void put_operation(struct page *p, const struct csv_data *d, u32 row)
{
	const char *comm = csv_text(d, row, "comm");

	fputs(*comm ? " s, in an allocation of order " : " s, in a page of order ", p->out);
	html_number(p->out, csv_text(d, row, "order"));
	putc(' ', p->out);
	html_text(p->out, csv_text(d, row, "migratetype"));
	if (*comm) {
		fputs(" by ", p->out);
		html_text(p->out, comm);
		fputs(" (pid ", p->out);
		html_id(p->out, csv_text(d, row, "pid"));
		putc(')', p->out);
	} else {
		fputs(" that was in use before", p->out);
	}
}

/* "#2 first places a page differently at +15.000 s: ...", from the first row of divergence.csv. */
static void put_parting(struct page *p, u32 variant)
{
	const struct csv_data *d = &p->v->tables[VIEW_DIVERGENCE];
	u32 row = 0;

	while (row < d->nr_rows && strcmp(csv_cell(d, row, 0), p->v->variants[variant]))
		row++;
	fputs("<li><b>", p->out);
	html_text(p->out, p->v->variants[variant]);
	if (row == d->nr_rows) {
		fputs("</b> places every page in the superpageblock where the baseline does."
		      "</li>\n", p->out);
		return;
	}
	fputs("</b> first places a page differently at ", p->out);
	html_since(p->out, csv_text(d, row, "time_ns"), p->v->times[0]);
	put_operation(p, d, row);
	fputs(": the baseline did <i>", p->out);
	html_text(p->out, csv_text(d, row, "baseline_did"));
	fputs("</i>, this one <i>", p->out);
	html_text(p->out, csv_text(d, row, "variant_did"));
	fputs("</i>.</li>\n", p->out);
}

static const char *short_zone(const struct page *p)
{
	return has_all(p->v) ? ALL : p->v->zones[view_main_zone(p->v)].name;
}

void part_short(struct page *p)
{
	static const char *const first[] = {
		"spb_total", "spb_tainted_start", "spb_tainted_end", "stuck_spbs", "stuck_ns_total",
		"fresh_taints", "defrag_passes", "pages_migrated", "visits_mean", "failed_allocs",
		NULL
	};
	struct figures f = { .p = p, .zone = short_zone(p), .only = first };

	put_figures(&f);
	if (p->v->nr_variants < 2)
		return;
	fputs("<ul>\n", p->out);
	for (u32 i = 1; i < p->v->nr_variants; i++)
		put_parting(p, i);
	fputs("</ul>\n", p->out);
}

void part_figures(struct page *p)
{
	struct figures f = { .p = p, .zone = ALL };

	if (has_all(p->v))
		put_figures(&f);
	for (u32 z = 0; z < p->v->nr_zones; z++) {
		f.zone = p->v->zones[z].name;
		if (p->v->zones[z].nr_spbs)
			put_figures(&f);
	}
}
