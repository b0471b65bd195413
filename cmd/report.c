// SPDX-License-Identifier: GPL-2.0
/* spbreplay report: an outcome folder as one HTML file, or as a heat map on the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/report/report_page.h"
#include "cmd/report/report_text.h"
#include "cmd/common/drawn.h"
#include "cmd/common/save.h"
#include "cmd/common/modes.h"
#include "cmd/common/partial.h"
#include "cmd/common/say.h"
#include "replay/outcome/outcome_view.h"
#include "replay/outcome/runjson_read.h"

struct report_opts {
	const char *output;
	const char *color;
	u32 width;
	bool text;
	bool json;
	bool quiet;
};

#define AT(member) offsetof(struct report_opts, member)

static const struct opt report_table[] = {
	{ "output", 'o', "FILE", OPT_STRING, AT(output), 0, 0,
	  "write the page there; - is standard output (default: " REPORT_NAME " in FOLDER)" },
	{ "text", 't', NULL, OPT_FLAG, AT(text), 0, 0,
	  "print heat maps on the terminal instead of writing a page" },
	{ "color", 0, "WHEN", OPT_STRING, AT(color), 0, 0,
	  "colours of --text: auto (default), always or never" },
	{ "width", 0, "N", OPT_U32, AT(width), 40, 1000,
	  "columns of --text (default: those of the terminal, or 80)" },
	{ "json", 0, NULL, OPT_FLAG, AT(json), 0, 0, "the maps of --text as JSON" },
	{ "quiet", 'q', NULL, OPT_FLAG, AT(quiet), 0, 0, "no note on stderr" },
};

static int write_page(const struct outcome_view *v, const struct report_opts *opts,
		      struct error *err)
{
	const struct inputs in = { .results = v->dir };
	struct save s;
	/* The page lists the files of the run as what it wrote. */
	int ret = runjson_check_files(v->run, v->dir, err);

	if (ret)
		return ret;
	ret = save_open(&s, opts->output, v->dir, REPORT_NAME, &in, err);
	if (!ret)
		ret = report_page(v, s.out, err);
	ret = save_close(&s, ret, err);
	if (!ret && !opts->quiet && s.path[0])
		say("report: %s", s.path);
	return ret;
}

static int run_report(const struct command *cmd __unused, void *values, int nr __unused,
		      char **args)
{
	const struct report_opts *opts = values;
	struct error err = { 0 };
	struct outcome_view view;
	struct text_opts text;
	int ret;

	if (opts->json && !opts->text) {
		err_set(&err, ERR_USAGE, "report: --json is for --text - give both; the page's "
			"numbers are those of the CSV files");
		return say_error(&err);
	}
	if (opts->text && opts->output) {
		err_set(&err, ERR_USAGE, "report: -o is for the page - leave it out, and redirect "
			"--text with '>'");
		return say_error(&err);
	}
	if (text_options(&text, opts->color, opts->width, &err) ||
	    outcome_view_open(&view, args[0], &err))
		return say_error(&err);
	modes_follow_results(args[0]);
	partial_warn(args[0], view.run);
	if (opts->json)
		ret = report_text_json(&view, text.width, &err);
	else if (opts->text)
		ret = report_text(&view, &text, stdout, &err);
	else
		ret = write_page(&view, opts, &err);
	outcome_view_close(&view);
	return ret ? say_error(&err) : 0;
}

static const struct example examples[] = {
	{ "one page for a review, from the results of compare",
	  "spbreplay report out/ -o report.html" },
	{ "the heat map in the terminal",
	  "spbreplay report --text out/" },
};

const struct command cmd_report = {
	.name = "report",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "show a result folder as one HTML page, or its heat maps as text",
	.usage = "[-o FILE] [--text] FOLDER",
	.opts = report_table,
	.nr_opts = ARRAY_SIZE(report_table),
	.opts_size = sizeof(struct report_opts),
	.min_args = 1,
	.max_args = 1,
	.run = run_report,
	.notes = "FOLDER is written by compare -o or replay -o. The page needs no network and no other\n"
		 "file; its numbers are those of the CSV files and run.json beside it.\n",
};
