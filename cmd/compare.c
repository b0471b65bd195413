// SPDX-License-Identifier: GPL-2.0
/* spbreplay compare: the main job. All variants on one load; differences to the first. */
#include "cmd/commands.h"
#include "cmd/run/run.h"
#include "cmd/common/say.h"

/* The patch, against the series without it. */
static const char *const usual[] = { "spb-v1-none", "spb-v1-hotpath" };

static int run_compare(const struct command *cmd, void *values, int nr __unused,
		       char **args __unused)
{
	const struct run_opts *opts = values;
	struct variant variants[RUN_MAX_VARIANTS];
	struct error err = { 0 };
	int n;

	if (opts->variants.nr == 1)
		err_set(&err, ERR_USAGE, "compare: one variant is not enough - give -V BASE "
			"-V OTHER..., or use replay");
	n = err.code ? -ERR_USAGE :
		run_load_variants(opts, usual, ARRAY_SIZE(usual), variants, &err);
	if (n < 0)
		return say_error(&err);
	return run_engine(cmd, opts, variants, (u32)n);
}

static const struct example examples[] = {
	{ "the series without and with the patch, on a capture and the host's state before it",
	  "spbreplay compare -i trace.dat -s before/ -V spb-v1-none -V spb-v1-hotpath -o out/" },
	{ "the second half of it, one zone, all figures",
	  "spbreplay compare -i trace.dat -s before/ --window 50%~ --zone 0/Normal --full" },
	{ "for a script", "spbreplay compare -q -i trace.dat -s before/ --json --exit-code" },
};

const struct command cmd_compare = {
	.name = "compare",
	.summary = "replay under several variants and show differences from the first: the main "
		   "job",
	.usage = "-i FILE [-V BASE -V OTHER...] [-s SNAPSHOT] [-o FOLDER] [options]",
	.opts = run_opt_table,
	.nr_opts = NR_RUN_OPTS,
	.opts_size = sizeof(struct run_opts),
	.defaults = run_defaults,
	.run = run_compare,
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.notes = "Without -V: spb-v1-none and spb-v1-hotpath, the series without and with the patch\n"
		 "\"trigger defrag from allocator hot path\".\n",
};
