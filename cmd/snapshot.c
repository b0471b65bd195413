// SPDX-License-Identifier: GPL-2.0
/* spbreplay snapshot: zones, pageblocks and page classes of this host, now. */
#include <sys/stat.h>

#include "cmd/commands.h"
#include "cmd/common/say.h"
#include "cmd/common/stop.h"
#include "cmd/record/privileges.h"
#include "cmd/record/snapshot_take.h"
#include "cmd/common/units.h"

struct snapshot_opts {
	const char *output;
	bool quiet;
};

static const struct opt snapshot_table[] = {
	{ "output", 'o', "FILE", OPT_STRING, offsetof(struct snapshot_opts, output), 0, 0,
	  "file to write, replaced if it exists (default host.snap)" },
	{ "quiet", 'q', NULL, OPT_FLAG, offsetof(struct snapshot_opts, quiet), 0, 0,
	  "do not print what is missing" },
};

static int run_snapshot(const struct command *cmd __unused, void *values, int nr __unused,
			char **args __unused)
{
	const struct snapshot_opts *o = values;
	const char *path = o->output ? o->output : "host.snap";
	char size[UNIT_TEXT];
	struct error err = { 0 };
	struct stat st;
	int ret;

	privileges_reduce();
	ret = privileges_outfile(path, &err);
	stop_hold();
	if (!ret)
		ret = snapshot_take(path, o->quiet, &err);
	stop_release();
	if (ret)
		return say_error(&err);
	if (!o->quiet && !stat(path, &st))
		say("%s: %s", path, fmt_bytes(size, (u64)st.st_size));
	return 0;
}

static const struct example examples[] = {
	{ "what memory holds now",
	  "spbreplay snapshot -o now.snap" },
};

const struct command cmd_snapshot = {
	.name = "snapshot",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "record what this host's memory holds now, for -s of later replays",
	.usage = "[-o F.snap] [-q]",
	.opts = snapshot_table,
	.nr_opts = ARRAY_SIZE(snapshot_table),
	.opts_size = sizeof(struct snapshot_opts),
	.run = run_snapshot,
	.notes = "Root can read everything; other users get what they may read, and are told what is\n"
		 "missing. docs/snapshot-format.md describes the format.\n",
};
