// SPDX-License-Identifier: GPL-2.0
#include "replay/fleet/fleet_html.h"

#include <string.h>

#include "replay/outcome/outcome.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<title>spbreplay fleet</title><style>"
	"body{font:14px sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}"
	"td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid #ddd}"
	"td:first-child,th:first-child{text-align:left}"
	".helps{color:#06632f}.hurts{color:#a11212}</style></head><body>\n<h1>Fleet</h1>\n";

static void put(struct html_out *o, const char *text)
{
	if (!o->error)
		o->error = o->write(o->ctx, text, strlen(text));
}

/* Names come from manifests and variant files: nothing in them may become markup. */
static void put_escaped(struct html_out *o, const char *text)
{
	static const struct {
		char c;
		const char *as;
	} special[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
			{ '\'', "&#39;" } };
	const unsigned char *s = (const unsigned char *)text;
	size_t len = strlen(text);

	while (len) {
		size_t n = csv_utf8_length(s, len);
		char one[5] = { 0 };
		const char *as = n && *s >= ' ' ? one : "\xef\xbf\xbd";

		memcpy(one, s, n);
		for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
			if (*s == (unsigned char)special[i].c)
				as = special[i].as;
		}
		put(o, as);
		n = n ? n : 1;
		s += n;
		len -= n;
	}
}

static void cell(struct html_out *o, const char *text)
{
	put(o, "<td>");
	put_escaped(o, text);
	put(o, "</td>");
}

static bool in_ns(size_t metric)
{
	return !strcmp(outcome_metric_info(metric)->unit, "ns");
}

/* Thousandths of the metric's unit, in groups of three digits; times in seconds. */
static void cell_number(struct html_out *o, size_t metric, s64 milli)
{
	const struct csv_cell c = {
		.type = CSV_SMILLI, .s = in_ns(metric) ? milli / (s64)NSEC_PER_SEC : milli,
	};
	char text[CSV_NUMBER_MAX], grouped[2 * CSV_NUMBER_MAX];
	size_t len, point, at = 0;

	len = csv_format_number(text, &c);
	point = strcspn(text, ".");
	for (size_t i = 0; i < len; i++) {
		if (i && i < point && (point - i) % 3 == 0 && text[i - 1] != '-')
			grouped[at++] = ',';
		grouped[at++] = text[i];
	}
	grouped[at] = '\0';
	cell(o, grouped);
}

static void cell_count(struct html_out *o, u64 n)
{
	const struct csv_cell c = { .type = CSV_UINT, .u = n };
	char text[CSV_NUMBER_MAX];

	csv_format_number(text, &c);
	cell(o, text);
}

static void put_line(struct html_out *o, const struct fleet_line *l)
{
	const struct csv_column *m = outcome_metric_info(l->metric);

	put(o, "<tr class=\"");
	put(o, l->verdict);
	put(o, "\"><td title=\"");
	put_escaped(o, m->doc);
	put(o, "\">");
	put_escaped(o, m->name);
	put(o, "</td>");
	cell(o, in_ns(l->metric) ? "s" : m->unit);
	cell(o, l->verdict);
	cell_number(o, l->metric, l->diff_mean);
	if (l->hosts > 1) {
		cell_number(o, l->metric, l->diff.low);
		cell_number(o, l->metric, l->diff.high);
	} else {
		put(o, "<td></td><td></td>");
	}
	cell_count(o, l->wins);
	cell_count(o, l->ties);
	cell_count(o, l->losses);
	for (u32 q = 1; q < ARRAY_SIZE(l->quartile); q++)
		cell_number(o, l->metric, l->quartile[q]);
	cell(o, l->worst_host);
	put(o, "</tr>\n");
}

static void put_losses(struct html_out *o, const struct fleet_report *r, const char *variant)
{
	put(o, "<h3>Hosts where it hurts most</h3>\n<table><tr><th>metric<th>rank<th>host"
	       "<th>baseline<th>variant<th>difference</tr>\n");
	for (u32 i = 0; i < r->nr_losses; i++) {
		const struct fleet_loss *l = &r->losses[i];

		if (l->variant != variant)
			continue;
		put(o, "<tr>");
		cell(o, outcome_metric_info(l->metric)->name);
		cell_count(o, l->rank);
		cell(o, l->host);
		cell_number(o, l->metric, l->baseline_value);
		cell_number(o, l->metric, l->value);
		cell_number(o, l->metric, l->delta);
		put(o, "</tr>\n");
	}
	put(o, "</table>\n");
}

static void put_units(struct html_out *o, const struct fleet_variant_info *info)
{
	static const char *const names[] = { "missing", "failed", "partial", "ok" };

	put(o, "<p>Units:");
	for (u32 s = ARRAY_SIZE(names); s-- > 0;) {
		const struct csv_cell c = { .type = CSV_UINT, .u = info->count[s] };
		char text[CSV_NUMBER_MAX];

		csv_format_number(text, &c);
		put(o, " ");
		put(o, text);
		put(o, " ");
		put(o, names[s]);
		put(o, s ? "," : ".</p>\n");
	}
}

static void put_variant(struct html_out *o, const struct fleet_report *r, u32 v)
{
	put(o, "<h2>");
	put_escaped(o, r->variants[v].name);
	put(o, " against ");
	put_escaped(o, r->variants[0].name);
	put(o, "</h2>\n");
	put_units(o, &r->variants[v]);
	put(o, "<table><tr><th>value of a host<th>unit<th>verdict<th>mean difference<th>from<th>to"
	       "<th>wins<th>ties<th>losses<th>quartile 1<th>median<th>quartile 3<th>largest"
	       "<th>worst host</tr>\n");
	for (size_t m = 0; m < outcome_nr_metrics(); m++)
		put_line(o, &r->lines[v * outcome_nr_metrics() + m]);
	put(o, "</table>\n");
	put_losses(o, r, r->variants[v].name);
}

int fleet_html(const struct fleet_report *r, struct html_out *out)
{
	put(out, head);
	for (u32 v = 1; v < r->nr_variants; v++)
		put_variant(out, r, v);
	put(out, "</body></html>\n");
	return out->error;
}
