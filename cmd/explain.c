// SPDX-License-Identifier: GPL-2.0
/* spbreplay explain: the life of one superpageblock, from the results of an earlier run. */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/common/json_rows.h"
#include "cmd/common/partial.h"
#include "cmd/explain/life_text.h"
#include "cmd/common/say.h"
#include "cmd/common/units.h"
#include "cmd/common/window.h"

struct explain_opts {
	const char *zone;
	const char *at;
	u32 spb;
	bool full;
	bool json;
};

#define AT(member) offsetof(struct explain_opts, member)

static const struct opt explain_table[] = {
	{ "spb", 'n', "N", OPT_U32, AT(spb), 0, UINT32_MAX - 1,
	  "which superpageblock: its index inside the zone, as in the files" },
	{ "zone", 'z', "NODE/NAME", OPT_STRING, AT(zone), 0, 0,
	  "its zone, if several zones have one of that number" },
	{ "at", 't', "TIME", OPT_STRING, AT(at), 0, 0,
	  "also show its state at that time: 123.4 (clock, s), +1.5s (from start) or 10%" },
	{ "full", 'f', NULL, OPT_FLAG, AT(full), 0, 0,
	  "every answer to every trigger and every list change, even while it was not tainted" },
	{ "json", 0, NULL, OPT_FLAG, AT(json), 0, 0, "print JSON" },
};

static void explain_defaults(void *values)
{
	struct explain_opts *opts = values;

	opts->spb = UINT32_MAX;
}

/* What happened before or after is not known, so nor is a state. */
static int find_time(const struct explain_opts *opts, const struct results *r, u64 *at,
		     struct error *err)
{
	char a[UNIT_TEXT], b[UNIT_TEXT];

	if (window_time(opts->at, "--at", r->first_ns, r->last_ns, at, err))
		return -ERR_USAGE;
	if (*at == UINT64_MAX)	/* 100% */
		*at = r->last_ns;
	if (*at >= r->first_ns && *at <= r->last_ns)
		return 0;
	return err_set(err, ERR_USAGE, "--at: lies outside of the run - it goes from %s to %s s",
		       fmt_stamp(a, r->first_ns), fmt_stamp(b, r->last_ns));
}

static int show(const struct explain_opts *opts, const struct results *r, struct error *err)
{
	struct life_view view = { .at = UINT64_MAX, .full = opts->full };
	struct life life = { 0 };
	int ret = 0;

	if (opts->at)
		ret = find_time(opts, r, &view.at, err);
	if (!ret)
		ret = life_find(&life, r, opts->zone, opts->spb, err);
	if (!ret && opts->json)
		ret = json_say(life_json(&life, &view), err);
	else if (!ret)
		life_print(&life, &view, stdout);
	life_fini(&life);
	return ret;
}

static int run_explain(const struct command *cmd __unused, void *values, int nr __unused,
		       char **args)
{
	const struct explain_opts *opts = values;
	struct results r = { 0 };
	struct error err = { 0 };

	if (opts->spb == UINT32_MAX) {
		err_set(&err, ERR_USAGE, "explain: no superpageblock - give --spb N, as in "
			"%s/spb.csv", args[0]);
	} else if (!results_load(&r, args[0], &err)) {
		partial_warn(args[0], r.run);
		show(opts, &r, &err);
	}
	results_fini(&r);
	return err.code ? say_error(&err) : 0;
}

static const struct example examples[] = {
	{ "why superpageblock 0 stayed without free blocks, and what each variant did",
	  "spbreplay explain out/ --spb 0" },
	{ "its state ten seconds after the start, too",
	  "spbreplay explain out/ --spb 0 --zone 0/Normal --at +10s" },
};

const struct command cmd_explain = {
	.name = "explain",
	.summary = "the history of one superpageblock: lists, taints, requests for defrag, passes",
	.usage = "FOLDER --spb N [--zone Z] [--at TIME] [--full] [--json]",
	.opts = explain_table,
	.nr_opts = ARRAY_SIZE(explain_table),
	.opts_size = sizeof(struct explain_opts),
	.min_args = 1,
	.max_args = 1,
	.defaults = explain_defaults,
	.run = run_explain,
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.notes = "FOLDER is written by compare -o or replay -o. Each line shows the numbers of the\n"
		 "variants in which it happened, and a dot for the others. Repeated requests by a trigger\n"
		 "with the same outcome share a line, as do moves to and fro between two lists.\n",
};
