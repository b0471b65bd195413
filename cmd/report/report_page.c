// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/report_page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/report/assets.h"
#include "cmd/report/html.h"
#include "cmd/report/report_json.h"
#include "cmd/report/report_made.h"
#include "cmd/report/report_svg.h"
#include "cmd/report/report_tables.h"

#define KEYS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void part_title(struct page *p)
{
	for (u32 i = 0; i < p->v->nr_variants; i++) {
		fputs(!i ? "" : i == 1 ? " against " : ", ", p->out);
		html_text(p->out, p->v->variants[i]);
	}
}

static void part_where(struct page *p)
{
	fputs("Host ", p->out);
	html_text(p->out, view_json_text(p->v, KEYS("capture", "host")));
	fputs(", kernel ", p->out);
	html_text(p->out, view_json_text(p->v, KEYS("capture", "kernel")));
	fputs(", capture ", p->out);
	html_text(p->out, view_json_text(p->v, KEYS("capture", "source")));
}

static void part_warnings(struct page *p)
{
	const char *why = view_json_text(p->v, KEYS("partial_why"));

	if (*why) {
		fputs("<p class=\"warning\">Partial: ", p->out);
		html_text(p->out, why);
		fputs("</p>\n", p->out);
	}
	if (p->step > 1)
		fprintf(p->out, "<p class=\"warning\">The interactive pictures show one sample in "
			"%" PRIu32 ", to keep this file small; the static pictures, tables and "
			"CSV files have all.</p>\n", p->step);
}

static void part_legend(struct page *p)
{
	fputs("<p class=\"legend\">", p->out);
	for (u32 i = 0; i < p->v->nr_variants; i++) {
		fprintf(p->out, "<span><svg width=\"34\" height=\"10\" aria-hidden=\"true\">"
			"<path class=\"line s%" PRIu32 "\" d=\"M1 5H33\"/></svg> #%" PRIu32 " ",
			i % 8, i + 1);
		html_text(p->out, p->v->variants[i]);
		fputs("</span> ", p->out);
	}
	fputs("</p>\n", p->out);
}

static void part_style(struct page *p)
{
	fputs(asset_report_css, p->out);
}

static void part_script(struct page *p)
{
	fputs(asset_report_js, p->out);
}

static void part_data(struct page *p)
{
	fputs(p->json, p->out);
}

static void part_zone(struct page *p)
{
	html_text(p->out, p->v->zones[view_main_zone(p->v)].name);
}

static const struct part {
	const char *name;
	void (*write)(struct page *p);
} parts[] = {
	{ "title", part_title }, { "where", part_where }, { "warnings", part_warnings },
	{ "legend", part_legend }, { "zone", part_zone }, { "style", part_style },
	{ "script", part_script }, { "data", part_data }, { "short", part_short },
	{ "figures", part_figures }, { "ledger", part_ledger }, { "walks", part_walks },
	{ "defrag", part_defrag }, { "divergence", part_divergence }, { "made", part_made },
	{ "lines", part_lines }, { "maps", part_maps }, { "strip", part_strip },
};

/* report.html, with each @@name@@ replaced by what that part writes. */
static void write_template(struct page *p)
{
	const char *at = asset_report_html, *mark, *end;

	while ((mark = strstr(at, "@@")) && (end = strstr(mark + 2, "@@"))) {
		size_t len = (size_t)(end - mark - 2);

		fwrite(at, 1, (size_t)(mark - at), p->out);
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
			if (strlen(parts[i].name) == len && !strncmp(parts[i].name, mark + 2, len))
				parts[i].write(p);
		at = end + 2;
	}
	fputs(at, p->out);
}

int report_page(const struct outcome_view *v, FILE *out, struct error *err)
{
	struct page p = { .v = v, .out = out, .err = err };
	char *json = NULL;
	size_t len;
	FILE *f = open_memstream(&json, &len);
	int ret = f ? report_json(v, f, &p.step, err) : err_nomem(err, "the report");

	if (f && (ferror(f) | fclose(f)) && !ret)
		ret = err_nomem(err, "the report");
	p.json = json;
	if (!ret)
		write_template(&p);
	free(json);
	if (!ret && err->code)
		ret = -(int)err->code;
	if (!ret && (p.nomem || ferror(out)))
		ret = err_nomem(err, "the report");
	return ret;
}
