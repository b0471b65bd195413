// SPDX-License-Identifier: GPL-2.0
/* spbreplay replay: one variant. */
#include "cmd/commands.h"
#include "cmd/run.h"
#include "cmd/say.h"

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

const struct command cmd_replay = {
	.name = "replay",
	.summary = "replay a capture or log under one variant",
	.usage = "-i FILE -V VARIANT [-s SNAPSHOT] [-o FOLDER] [options]",
	.opts = run_opt_table,
	.nr_opts = NR_RUN_OPTS,
	.opts_size = sizeof(struct run_opts),
	.defaults = run_defaults,
	.run = run_replay,
};
