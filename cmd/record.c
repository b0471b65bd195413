// SPDX-License-Identifier: GPL-2.0
/* spbreplay record: the page events of this host into a trace.dat, with snapshots around it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/record/record_run.h"
#include "cmd/common/say.h"
#include "cmd/common/units.h"
#include "replay/initial/snapshot.h"

#define AT(member) offsetof(struct record_opts, member)

static const struct opt record_table[] = {
	{ "output", 'o', "FILE", OPT_STRING, AT(output), 0, 0,
	  "trace.dat to write, replaced if it exists (default host.dat)" },
	{ "duration", 'd', "SECONDS", OPT_U32, AT(seconds), 1, 10000000,
	  "stop after that time (default: when the command ends, or at Ctrl-C)" },
	{ "buffer", 'b', "KB", OPT_U32, AT(buffer_kb), 64, 1u << 22,
	  "ring buffer of each CPU (default 8192)" },
	{ "cpu", 0, "LIST", OPT_STRING, AT(cpus), 0, 0, "only these CPUs, for example 0,2-5" },
	{ "page-level", 'p', NULL, OPT_FLAG, AT(page_level), 0, 0,
	  "also mm_page_alloc: what callers asked for; about half as many events again" },
	{ "moves", 'm', NULL, OPT_FLAG, AT(moves), 0, 0,
	  "also compaction and migration events" },
	{ "min-order", 0, "N", OPT_U32, AT(min_order), 0, 18,
	  "only pages of this order or above" },
	{ "zone", 'z', "NODE/NAME", OPT_STRING, AT(zone), 0, 0,
	  "only pages of this zone, for example 0/Normal" },
	{ "limit", 0, "MB", OPT_U32, AT(limit_mb), 1, UINT32_MAX,
	  "stop after recording that much, before compression" },
	{ "trace-version", 0, "N", OPT_U32, AT(version), 6, 7,
	  "version of the file: 7 (default) or 6" },
	{ "no-snapshot", 0, NULL, OPT_FLAG, AT(no_snapshot), 0, 0,
	  "do not write the .before.snap and .after.snap files" },
	{ "quiet", 'q', NULL, OPT_FLAG, AT(quiet), 0, 0, "print only errors and warnings" },
};

static void record_defaults(void *values)
{
	struct record_opts *o = values;

	o->output = "host.dat";
	o->buffer_kb = 8192;
	o->version = 7;
}

static int run_record(const struct command *cmd __unused, void *values, int nr, char **args)
{
	struct record_opts *o = values;
	struct error err = { 0 };

	o->command = nr ? args : NULL;
	record_run(o, &err);
	return err.code ? say_error(&err) : 0;
}

static const struct example examples[] = {
	{ "ten seconds of this host, as root",
	  "spbreplay record -o host.dat -d 10" },
};

const struct command cmd_record = {
	.name = "record",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "record this host's page events, with snapshots before and after",
	.usage = "[-o F.dat] [-d SECONDS] [-b KB] [options] [-- COMMAND...]",
	.opts = record_table,
	.nr_opts = ARRAY_SIZE(record_table),
	.opts_size = sizeof(struct record_opts),
	.max_args = 1 << 20,
	.defaults = record_defaults,
	.run = run_record,
	.notes = "Needs root. Uses a tracefs instance of its own, so other tracing is not disturbed.\n"
		 "trace-cmd and KernelShark can open the file. Ctrl-C, SIGTERM and a full disk end the\n"
		 "recording with a valid file.\n",
};
