// SPDX-License-Identifier: GPL-2.0
/* spbreplay replay: one variant. */
#include "cmd/commands.h"
#include "cmd/run/run.h"
#include "cmd/common/say.h"

static int run_replay(const struct command *cmd, void *values, int nr __unused,
		      char **args __unused)
{
	const struct run_opts *opts = values;
	struct variant variants[RUN_MAX_VARIANTS];
	struct error err = { 0 };
	int n;

	if (opts->variants.nr != 1)
		err_set(&err, ERR_USAGE, "replay: %s - give one -V VARIANT%s",
			opts->variants.nr ? "several variants" : "no variant",
			opts->variants.nr ? ", or use compare" : "");
	n = err.code ? -ERR_USAGE : run_load_variants(opts, NULL, 0, variants, &err);
	if (n < 0)
		return say_error(&err);
	return run_engine(cmd, opts, variants, (u32)n);
}

static const struct example examples[] = {
	{ "one variant alone",
	  "spbreplay replay -i trace.dat -s before/ -V spb-v1-hotpath -o out/" },
	{ "a knob of a built-in changed",
	  "spbreplay replay -i trace.dat -V spb-v1-hotpath:defrag_cooldown_ms=1000" },
};

const struct command cmd_replay = {
	.name = "replay",
	.summary = "replay a capture or log under one variant",
	.usage = "-i FILE -V VARIANT [-s SNAPSHOT] [-o FOLDER] [options]",
	.opts = run_opt_table,
	.nr_opts = NR_RUN_OPTS - NR_COMPARE_OPTS,
	.opts_size = sizeof(struct run_opts),
	.defaults = run_defaults,
	.run = run_replay,
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
};
