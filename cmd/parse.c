// SPDX-License-Identifier: GPL-2.0
/* spbreplay parse: capture to event log. */
#define _GNU_SOURCE	/* asprintf */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/common/jobs.h"
#include "cmd/common/outfile.h"
#include "cmd/common/progress.h"
#include "cmd/common/say.h"
#include "cmd/common/shared_opts.h"
#include "cmd/common/source.h"
#include "cmd/common/stop.h"
#include "cmd/common/units.h"

struct parse_opts {
	struct str_list inputs;
	const char *output;
	const char *buffer;
	const char *format_dir;
	bool salvage;
	const char *cpus;
	u32 jobs;
	bool force;
	bool anonymize;
	bool quiet;
	bool verbose;
};

static const struct opt parse_table[] = {
	{ "input", 'i', "CAPTURE", OPT_LIST, offsetof(struct parse_opts, inputs), 0, 0,
	  "capture to read; - is standard input; repeat for more files of one host" },
	{ "output", 'o', "FILE", OPT_STRING, offsetof(struct parse_opts, output), 0, 0,
	  "log to write, replaced if it exists; - is standard output" },
	SHARED_BUFFER(offsetof(struct parse_opts, buffer)),
	SHARED_CPU(offsetof(struct parse_opts, cpus)),
	SHARED_FORMAT_DIR(offsetof(struct parse_opts, format_dir)),
	SHARED_SALVAGE(offsetof(struct parse_opts, salvage)),
	{ "jobs", 'j', "N", OPT_U32, offsetof(struct parse_opts, jobs), 0, JOBS_MAX,
	  "threads (default 0: as many as CPUs); the log does not depend on it" },
	SHARED_ANONYMIZE(offsetof(struct parse_opts, anonymize)),
	{ "force", 'f', NULL, OPT_FLAG, offsetof(struct parse_opts, force), 0, 0,
	  "replace the default output if it exists" },
	{ "quiet", 'q', NULL, OPT_FLAG, offsetof(struct parse_opts, quiet), 0, 0,
	  "print only errors and warnings" },
	{ "verbose", 'v', NULL, OPT_FLAG, offsetof(struct parse_opts, verbose), 0, 0,
	  "print how long it took" },
};

/* NAME.dat becomes NAME.spblog in the current folder; malloc'ed. */
static char *default_output(const char *input)
{
	const char *slash = strrchr(input, '/');
	const char *name = slash ? slash + 1 : input;
	size_t len = strlen(name);
	char *out;

	if (!strcmp(input, "-"))
		return strdup("-");
	if (len > 4 && !strcmp(name + len - 4, ".dat"))
		len -= 4;
	return asprintf(&out, "%.*s.spblog", (int)len, name) < 0 ? NULL : out;
}

static int check_output(const struct parse_opts *opts, const char *output, struct error *err)
{
	const struct inputs in = { .captures = &opts->inputs, .format_dir = opts->format_dir };
	const bool to_stdout = !strcmp(output, "-");

	if (to_stdout && isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE, "standard output: a log is binary and this is a "
			       "terminal - give -o FILE or redirect");
	if (!to_stdout && !opts->output && !opts->force && !access(output, F_OK))
		return err_set(err, ERR_USAGE, "%s: exists already - give --force or -o FILE",
			       output);
	return outfile_check(output, OUTFILE_STREAM, &in, err);
}

static void say_written(const struct parse_opts *opts, const char *output,
			const struct log_meta *meta, u64 start)
{
	char n[UNIT_TEXT], size[UNIT_TEXT], t[UNIT_TEXT];
	struct stat st;

	if (opts->quiet)
		return;
	if (!strcmp(output, "-") || stat(output, &st))
		say("%s events", fmt_count(n, meta->nr_events));
	else
		say("%s: %s events in %s", output, fmt_count(n, meta->nr_events),
		    fmt_bytes(size, (u64)st.st_size));
	if (opts->verbose)
		say("time: %s", fmt_seconds(t, wall_ns() - start));
}

static int parse_to(const struct parse_opts *opts, const char *output, struct error *err)
{
	struct source_opts so = { .buffer = opts->buffer, .quiet = opts->quiet,
				  .format_dir = opts->format_dir, .salvage = opts->salvage,
				  .cpus = opts->cpus, .jobs = jobs_or_cpus(opts->jobs),
				  .keep_part = true, .anonymize = opts->anonymize };
	struct log_writer *w;
	struct source src;
	u64 start = wall_ns();
	int ret;

	ret = check_output(opts, output, err);
	if (ret)
		return ret;
	w = source_parse(&src, &opts->inputs, &so, err);
	if (!w)
		return -(int)err->code;
	stop_hold_for(output);	/* until the end: nothing else takes long */
	ret = log_writer_save(w, output, err);
	if (!ret) {
		if (src.status)
			say_error(&src.damage);
		say_written(opts, output, log_writer_meta(w), start);
		ret = -src.status;
	}
	log_writer_free(w);
	source_close(&src);
	return ret;
}

static int run_parse(const struct command *cmd, void *values, int nr, char **args)
{
	struct parse_opts *opts = values;
	struct error err = { 0 };
	char *output;
	int ret;

	for (int i = 0; i < nr && opts->inputs.nr < STR_LIST_MAX; i++)
		opts->inputs.at[opts->inputs.nr++] = args[i];
	if (!opts->inputs.nr)
		err_set(&err, ERR_USAGE, "parse: no capture - usage: spbreplay parse %s",
			cmd->usage);
	if (err.code)
		return say_error(&err);
	output = opts->output ? strdup(opts->output) : default_output(opts->inputs.at[0]);
	ret = output ? parse_to(opts, output, &err) : err_nomem(&err, "a name");
	free(output);
	if (err.code)
		say_error(&err);
	return -ret;
}

static const struct example examples[] = {
	{ "keep a capture as a log, which later runs read faster",
	  "spbreplay parse trace.dat -o trace.spblog" },
	{ "without a file in between", "spbreplay parse -i - <trace.dat | spbreplay info -" },
};

const struct command cmd_parse = {
	.name = "parse",
	.summary = "convert a capture to an event log (.spblog), which later runs read faster",
	.usage = "-i CAPTURE [-o F.spblog] [--buffer NAME] [-f] [-q] [-v]",
	.opts = parse_table,
	.nr_opts = ARRAY_SIZE(parse_table),
	.opts_size = sizeof(struct parse_opts),
	.max_args = STR_LIST_MAX,
	.run = run_parse,
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.notes = "Without -o, NAME.dat becomes NAME.spblog in the current folder; a capture from\n"
		 "standard input goes to standard output. A damaged capture gives a log of what could be\n"
		 "used, marked partial, and exit status 3.\n",
};
