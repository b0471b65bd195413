// SPDX-License-Identifier: GPL-2.0
/* spbreplay check: a variant against what a kernel recorded. */
#include "cmd/check/check_show.h"
#include "cmd/commands.h"
#include "cmd/common/outdir.h"
#include "cmd/common/progress.h"
#include "cmd/common/say.h"
#include "cmd/common/shared_opts.h"
#include "cmd/common/stop.h"
#include "cmd/run/run_input.h"
#include "cmd/run/run_notes.h"
#include "replay/check/check_facts.h"
#include "replay/outcome/outcome_file.h"

/** struct check_cmd - options; @run: those it shares with replay */
struct check_cmd {
	struct run_opts run;
	const char *after;
	u32 misses;
};

#define AT(member) offsetof(struct check_cmd, member)

static const struct opt check_table[] = {
	SHARED_INPUT(AT(run.inputs)),
	{ "variant", 'V', "VARIANT", OPT_LIST, AT(run.variants), 0, 0,
	  "variant to check: built-in, JSON file, or NAME:knob=value,..." },
	SHARED_SNAPSHOT(AT(run.snapshot)),
	{ "after", 0, "SNAPSHOT", OPT_STRING, AT(after), 0, 0,
	  "the host after the capture, to compare pageblock labels" },
	{ "output", 'o', "FOLDER", OPT_STRING, AT(run.output), 0, 0, "write check.csv there" },
	{ "misses", 'n', "N", OPT_U32, AT(misses), 0, 100000,
	  "number of disagreements to show (default 10)" },
	SHARED_WINDOW(AT(run.window)),
	SHARED_LEVEL(AT(run.level)),
	{ "initial", 'I', "STATE", OPT_STRING, AT(run.initial), 0, 0,
	  "memory at the start: exact (default), repopulate or empty" },
	SHARED_FILL(AT(run.fill)),
	SHARED_BUFFER(AT(run.buffer)),
	SHARED_FORMAT_DIR(AT(run.format_dir)),
	SHARED_SALVAGE(AT(run.salvage)),
	SHARED_SPB_ORDER(AT(run.spb_order)),
	SHARED_SEED(AT(run.seed)),
	SHARED_CHECK_EVERY(AT(run.check_every)),
	SHARED_STRICT(AT(run.strict)),
	{ "json", 0, NULL, OPT_FLAG, AT(run.json), 0, 0, "print JSON instead of text" },
	{ "exit-code", 0, NULL, OPT_FLAG, AT(run.exit_code), 0, 0,
	  "exit with 1 if the open loop disagrees anywhere" },
	{ "quiet", 'q', NULL, OPT_FLAG, AT(run.quiet), 0, 0, "print only errors and warnings" },
};

static void check_defaults(void *values)
{
	struct check_cmd *o = values;

	run_defaults(&o->run);
	o->run.initial = "exact";
	o->misses = 10;
}

static const char *file_name(u32 i)
{
	return i ? NULL : check_csv.file;
}

static int write_csv(const struct check_csv_data *data, const char *dir, struct error *err)
{
	struct outcome_files files;
	int ret = outcome_files_open(&files, dir, err);

	stop_hold();
	if (!ret)
		ret = outcome_files_table(&files, &check_csv, data, err);
	if (!ret)
		ret = outcome_files_commit(&files, err);
	outcome_files_fini(&files);
	stop_release();
	return ret;
}

static int show(const struct check_cmd *o, const struct check_report *r,
		const struct variant *variant, struct error *err)
{
	const struct check_csv_data data = { .report = r, .variant = variant->name };
	int ret = o->run.output ? write_csv(&data, o->run.output, err) : 0;

	if (ret)
		return ret;
	if (o->run.json)
		ret = check_json(r, variant->name, err);
	else
		check_text(r, variant->name, stdout);
	return ret ? ret : stdout_flush(err);
}

static int check(const struct check_cmd *o, struct run_input *in, const struct variant *variant,
		 const struct snapshot *after, bool *differs, struct error *err)
{
	struct check_report *report = NULL;
	struct progress progress;
	struct check_opts co = {
		.variant = variant, .seed = o->run.seed, .spb_order = in->plan->opts.spb_order,
		.check_every = o->run.check_every, .max_misses = o->misses, .after = after,
		.stop = stop_flag(), .progress = progress_keep, .progress_ctx = &progress,
	};
	int ret;

	progress_begin(&progress, "checking", o->run.quiet);
	ret = check_run(in->src.reader, in->plan, &co, &report, err);
	progress_end(&progress);
	source_rename(&in->src, err);
	if (report) {
		struct error shown = { 0 };

		*differs = check_disagrees(report);
		if (show(o, report, variant, &shown))
			*err = shown;
		if (!err->code && report->partial)
			err_set(err, ERR_DAMAGED, "%s: interrupted - results are partial",
				in->src.name);
	}
	check_report_free(report);
	return ret;
}

static int prepare(const struct command *cmd, const struct check_cmd *o, struct run_input *in,
		   struct variant *variant, struct snapshot **after, struct error *err)
{
	struct source_opts so = { .buffer = o->run.buffer, .quiet = o->run.quiet,
				  .strict = o->run.strict, .format_dir = o->run.format_dir,
				  .salvage = o->run.salvage };

	if (o->run.variants.nr != 1)
		return err_set(err, ERR_USAGE, "check: %s - give one -V VARIANT",
			       o->run.variants.nr ? "several variants" : "no variant");
	if (run_input_check(in, cmd, err) ||
	    run_load_variants(&o->run, NULL, 0, variant, err) < 0)
		return -(int)err->code;
	if (o->after) {
		*after = snapshot_load(o->after, err);
		if (!*after)
			return -(int)err->code;
	}
	return source_open(&in->src, &o->run.inputs, &so, err);
}

static int run_check_command(const struct command *cmd, void *values, int nr __unused,
			     char **args __unused)
{
	const struct check_cmd *o = values;
	struct run_input in = { .opts = &o->run, .writes = file_name, .after = o->after };
	struct snapshot *after = NULL;
	struct error err = { 0 };
	struct variant variant;
	bool differs = false;

	if (prepare(cmd, o, &in, &variant, &after, &err)) {
		snapshot_free(after);
		return say_error(&err);
	}
	if (!run_input_plan(&in, &err)) {
		warn_before(&in.src, in.plan, in.snapshot, o->run.quiet);
		check(o, &in, &variant, after, &differs, &err);
		if (!err.code)
			source_damage(&in.src, &err);
	}
	if (err.code)
		say_error(&err);
	snapshot_free(after);
	run_input_close(&in);
	if (!err.code && o->run.exit_code && differs)
		return ERR_DIFFERS;
	return (int)err.code;
}

static const struct example examples[] = {
	{ "the model's upstream allocator against a recorded upstream kernel",
	  "spbreplay check -i trace.dat -V vanilla -s before/ --after after/" },
	{ "the same for a script: JSON, and 1 when anything disagrees",
	  "spbreplay check -i trace.dat -V vanilla -s before/ --json --exit-code" },
};

const struct command cmd_check = {
	.name = "check",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "compare a variant with what a kernel recorded",
	.usage = "-i FILE -V VARIANT [-s SNAPSHOT] [--after SNAPSHOT] [options]",
	.opts = check_table,
	.nr_opts = ARRAY_SIZE(check_table),
	.opts_size = sizeof(struct check_cmd),
	.defaults = check_defaults,
	.run = run_check_command,
};
