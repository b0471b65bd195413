// SPDX-License-Identifier: GPL-2.0
/* spbreplay export: an outcome folder in the formats of other tools. */
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/export/export_gnuplot.h"
#include "cmd/export/export_perfetto.h"
#include "cmd/common/drawn.h"
#include "cmd/common/outdir.h"
#include "cmd/common/save.h"
#include "cmd/common/modes.h"
#include "cmd/common/partial.h"
#include "cmd/common/say.h"

struct export_opts {
	const char *output;
	bool perfetto;
	bool gnuplot;
	bool quiet;
};

#define AT(member) offsetof(struct export_opts, member)

static const struct opt export_table[] = {
	{ "perfetto", 'p', NULL, OPT_FLAG, AT(perfetto), 0, 0,
	  "write a trace for ui.perfetto.dev: counters, states of superpageblocks, passes, "
	  "taints" },
	{ "gnuplot", 'g', NULL, OPT_FLAG, AT(gnuplot), 0, 0,
	  "write a folder with data and a script that draws SVG" },
	{ "output", 'o', "PATH", OPT_STRING, AT(output), 0, 0,
	  "file (- is standard output) or folder to write (default: " PERFETTO_NAME " or "
	  GNUPLOT_NAME " in FOLDER)" },
	{ "quiet", 'q', NULL, OPT_FLAG, AT(quiet), 0, 0, "no note on stderr" },
};

static int write_perfetto(const struct outcome_view *v, const struct export_opts *opts,
			  struct error *err)
{
	const struct inputs in = { .results = v->dir };
	struct save s;
	int ret = save_open(&s, opts->output, v->dir, PERFETTO_NAME, &in, err);

	if (!ret)
		ret = export_perfetto(v, s.out, err);
	ret = save_close(&s, ret, err);
	if (!ret && !opts->quiet && s.path[0])
		say("open %s in https://ui.perfetto.dev", s.path);
	return ret;
}

static int write_gnuplot(const struct outcome_view *v, const struct export_opts *opts,
			 struct error *err)
{
	char dir[SAVE_PATH];
	int len = opts->output ? snprintf(dir, sizeof(dir), "%s", opts->output) :
				 snprintf(dir, sizeof(dir), "%s/" GNUPLOT_NAME, v->dir);
	int ret;

	if (len >= SAVE_PATH)
		return err_set(err, ERR_IO, "%.80s...: the path is too long - choose a shorter one",
			       dir);
	ret = outdir_check(dir, NULL, NULL, err);
	if (!ret)
		ret = export_gnuplot(v, dir, err);
	if (!ret && !opts->quiet)
		say("run gnuplot plot.gp in %s", dir);
	return ret;
}

static int check_options(const struct export_opts *opts, struct error *err)
{
	if (opts->perfetto == opts->gnuplot)
		return err_set(err, ERR_USAGE, "export: %s - give --perfetto or --gnuplot",
			       opts->perfetto ? "two formats" : "no format");
	if (opts->gnuplot && opts->output && !strcmp(opts->output, "-"))
		return err_set(err, ERR_USAGE, "export: --gnuplot writes a folder, not standard "
			       "output - name one with -o");
	return 0;
}

static int run_export(const struct command *cmd __unused, void *values, int nr __unused,
		      char **args)
{
	const struct export_opts *opts = values;
	struct error err = { 0 };
	struct outcome_view view;
	int ret;

	if (check_options(opts, &err) || outcome_view_open(&view, args[0], &err))
		return say_error(&err);
	modes_follow_results(args[0]);
	partial_warn(args[0], view.run);
	ret = opts->perfetto ? write_perfetto(&view, opts, &err) : write_gnuplot(&view, opts, &err);
	outcome_view_close(&view);
	return ret ? say_error(&err) : 0;
}

static const struct example examples[] = {
	{ "counters and taints for ui.perfetto.dev",
	  "spbreplay export out/ --perfetto" },
	{ "figures for a mail or a paper",
	  "spbreplay export out/ --gnuplot" },
};

const struct command cmd_export = {
	.name = "export",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "export a result folder for other tools: Perfetto, gnuplot",
	.usage = "--perfetto|--gnuplot [-o PATH] FOLDER",
	.opts = export_table,
	.nr_opts = ARRAY_SIZE(export_table),
	.opts_size = sizeof(struct export_opts),
	.min_args = 1,
	.max_args = 1,
	.run = run_export,
	.notes = "FOLDER is written by compare -o or replay -o.\n",
};
