// SPDX-License-Identifier: GPL-2.0
/* spbreplay synth: made-up load on a modelled machine, as the capture that it would have given. */
#define _GNU_SOURCE	/* asprintf */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/common/outfile.h"
#include "cmd/common/progress.h"
#include "cmd/common/say.h"
#include "cmd/common/stop.h"
#include "cmd/common/suggest.h"
#include "cmd/common/units.h"
#include "cmd/common/variant_json.h"
#include "cmd/synth/synth_out.h"
#include "replay/log/log.h"

#define DEFAULT_EVENTS 1000000
#define SPBS_MAX 16380	/* with the 4 GiB below it, all that a replay can number */

struct synth_cmd_opts {
	const char *output;
	const char *profile;
	const char *variant;
	const char *memory;
	const char *snapshot;
	const char *format;
	u32 spbs;
	u32 cpus;
	u32 seconds;
	u64 events;
	u64 seed;
	bool page_level;
	bool list;
	bool quiet;
};

#define AT(member) offsetof(struct synth_cmd_opts, member)

static const struct opt synth_table[] = {
	{ "output", 'o', "FILE", OPT_STRING, AT(output), 0, 0,
	  "capture to write, replaced if it exists; NAME.spblog: an event log; - is a log on "
	  "standard output" },
	{ "profile", 'p', "NAME", OPT_STRING, AT(profile), 0, 0,
	  "load: steady (default), slab-flood, fork-storm, thp, saturation; see --list" },
	{ "variant", 'V', "VARIANT", OPT_STRING, AT(variant), 0, 0,
	  "variant of the kernel: built-in, JSON file, or NAME:knob=value,... (default "
	  "spb-v1-none)" },
	{ "memory", 'm', "SIZE", OPT_STRING, AT(memory), 0, 0,
	  "memory of the machine, in whole GiB: 24G, 4T (default 24G; saturation 12G)" },
	{ "spbs", 0, "N", OPT_U32, AT(spbs), 1, SPBS_MAX,
	  "the same in superpageblocks of 1 GiB" },
	{ "cpus", 'c', "N", OPT_U32, AT(cpus), 1, LOG_MAX_CPUS, "CPUs (default 4; saturation 2)" },
	{ "events", 'n', "N", OPT_U64, AT(events), 1, UINT64_MAX,
	  "stop after the operation that reaches N events (default 1000000)" },
	{ "seconds", 0, "N", OPT_U32, AT(seconds), 1, UINT32_MAX,
	  "stop after N seconds of the machine's time; with -n, whichever comes first" },
	{ "seed", 0, "N", OPT_U64, AT(seed), 0, UINT64_MAX,
	  "seed of load and kernel (default 1); the same seed gives the same bytes" },
	{ "page-level", 0, NULL, OPT_FLAG, AT(page_level), 0, 0,
	  "also mm_page_alloc: what callers ask for, before the variant's per-CPU lists" },
	{ "snapshot", 's', "FILE", OPT_STRING, AT(snapshot), 0, 0,
	  "snapshot of the machine, replaced if it exists (default: the capture's name with "
	  ".snap, which must not exist)" },
	{ "format", 0, "FORMAT", OPT_STRING, AT(format), 0, 0,
	  "v7 (trace.dat, zstd; default), v6 (trace.dat), spblog" },
	{ "list", 0, NULL, OPT_FLAG, AT(list), 0, 0, "list the profiles" },
	{ "quiet", 'q', NULL, OPT_FLAG, AT(quiet), 0, 0, "print only errors and warnings" },
};

static void synth_defaults(void *opts)
{
	struct synth_cmd_opts *o = opts;

	o->profile = "steady";
	o->variant = "spb-v1-none";
	o->seed = 1;
}

static int list_profiles(void)
{
	for (size_t i = 0; i < nr_synth_profiles; i++)
		printf("%-12s %s\n", synth_profiles[i].name, synth_profiles[i].doc);
	return 0;
}

static const char *profile_name(const void *ctx __unused, size_t i)
{
	return i < nr_synth_profiles ? synth_profiles[i].name : NULL;
}

static const struct synth_profile *find_profile(const char *name, struct error *err)
{
	const struct synth_profile *p = synth_profile_find(name);
	const char *near = p ? NULL : suggest(name, profile_name, NULL);

	if (near)
		err_set(err, ERR_USAGE, "--profile: no profile '%.40s' - did you mean '%s'?", name,
			near);
	else if (!p)
		err_set(err, ERR_USAGE, "--profile: no profile '%.40s' - see 'spbreplay synth "
			"--list'", name);
	return p;
}

/* "24G", "4T": whole GiB, one superpageblock each. */
static int parse_memory(const char *text, u32 *spbs, struct error *err)
{
	char *end;
	unsigned long long n = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
	u64 unit = 0;

	if (n && n <= SPBS_MAX)
		unit = !strcmp(end, "G") || !strcmp(end, "GiB") ? 1 :
		       !strcmp(end, "T") || !strcmp(end, "TiB") ? 1024 : 0;
	if (!unit || n * unit > SPBS_MAX)
		return err_set(err, ERR_USAGE, "--memory: '%.40s' is no size of a machine - write "
			       "whole GiB or TiB, 1G to %uG", text, SPBS_MAX);
	*spbs = (u32)(n * unit);
	return 0;
}

static bool ends_with(const char *s, const char *tail)
{
	const size_t len = strlen(s), tail_len = strlen(tail);

	return len >= tail_len && !strcmp(s + len - tail_len, tail);
}

static int choose_format(const struct synth_cmd_opts *o, enum synth_format *format,
			 struct error *err)
{
	const bool pipe = !strcmp(o->output, "-");

	*format = pipe || ends_with(o->output, ".spblog") ? SYNTH_LOG : SYNTH_V7;
	if (!o->format)
		return 0;
	for (u32 i = 0; i < NR_SYNTH_FORMATS; i++) {
		if (!strcmp(o->format, synth_format_name(i))) {
			*format = (enum synth_format)i;
			return pipe && i != SYNTH_LOG ?
				err_set(err, ERR_USAGE, "--format: a trace.dat cannot go to standard "
					"output - give -o FILE") : 0;
		}
	}
	return err_set(err, ERR_USAGE, "--format: '%.40s' - write v7, v6 or spblog", o->format);
}

/* Both files, before the long work. */
static int check_files(const struct synth_cmd_opts *o, const char *snap, enum synth_format format,
		       struct error *err)
{
	const struct str_list variants = { .nr = 1, .at = { o->variant } };
	const struct inputs in = { .variants = &variants };
	const bool pipe = !strcmp(o->output, "-");
	int ret = outfile_check(o->output, format == SYNTH_LOG ? OUTFILE_STREAM : OUTFILE_PLAIN,
				&in, err);

	if (ret || (pipe && !o->snapshot))
		return ret;
	if (outfile_same(o->output, snap))
		return err_set(err, ERR_USAGE, "%s: cannot hold both the capture and its snapshot "
			       "- name one of them otherwise with -o or -s", snap);
	if (inputs_spared(&in, snap, "-s", err))
		return -ERR_USAGE;
	if (!o->snapshot && !access(snap, F_OK))
		return err_set(err, ERR_USAGE, "%s: exists already - name the snapshot with -s",
			       snap);
	return outfile_check(snap, OUTFILE_STREAM, NULL, err);
}

/* NAME.dat and NAME.spblog become NAME.snap; malloc'ed, NULL: none is to be written. */
static char *snapshot_name(const struct synth_cmd_opts *o, struct error *err)
{
	const char *dot = strrchr(o->output, '.'), *slash = strrchr(o->output, '/');
	const int stem = dot && dot > o->output && (!slash || dot > slash + 1) ?
			 (int)(dot - o->output) : (int)strlen(o->output);
	char *name = NULL;

	if (o->snapshot ? asprintf(&name, "%s", o->snapshot) < 0 :
			  asprintf(&name, "%.*s.snap", stem, o->output) < 0) {
		err_nomem(err, "a file name");
		return NULL;
	}
	return name;
}

static int check(const struct synth_cmd_opts *o, struct synth_opts *so, struct variant *v,
		 enum synth_format *format, struct error *err)
{
	if (!o->output)
		return err_set(err, ERR_USAGE, "synth: no output - give -o FILE (trace.dat, or "
			       "NAME.spblog)");
	if (o->memory && o->spbs)
		return err_set(err, ERR_USAGE, "synth: --memory and --spbs say the same - give one");
	so->profile = find_profile(o->profile, err);
	if (!so->profile)
		return -ERR_USAGE;
	so->spbs = o->spbs ? o->spbs : so->profile->memory_spbs;
	if (o->memory && parse_memory(o->memory, &so->spbs, err))
		return -ERR_USAGE;
	if (so->spbs < so->profile->least_spbs)
		return err_set(err, ERR_USAGE, "synth: profile %s needs at least %u superpageblocks - "
			       "give a larger --memory", so->profile->name, so->profile->least_spbs);
	if (variant_load(o->variant, v, err) || choose_format(o, format, err))
		return -(int)err->code;
	so->variant = v;
	so->cpus = o->cpus ? o->cpus : so->profile->cpus;
	so->seed = o->seed;
	so->page_level = o->page_level;
	so->ns = o->seconds * NSEC_PER_SEC;
	so->events = o->events;
	if (!o->events && !o->seconds && !so->profile->scripted)
		so->events = DEFAULT_EVENTS;
	return 0;
}

static void tell(const struct synth_out *out, const struct synth_opts *o,
		 const struct synth_result *r)
{
	char n[5][UNIT_TEXT];

	say("%s: %s events in %s on %u superpageblocks, %s allocations, %s frees", out->path,
	    fmt_count(n[0], r->events), fmt_seconds(n[1], r->ns), o->spbs,
	    fmt_count(n[2], r->allocs), fmt_count(n[3], r->frees));
	say("the machine starts empty; superpageblocks at the end: %u tainted, %u stuck",
	    r->tainted, r->stuck);
	if (r->failed)
		say_warn("%s requests found no memory: a replay at zone level does not see them",
			 fmt_count(n[4], r->failed));
	if (r->cut)
		say_warn("the length ends %s before its last phase", o->profile->name);
}

static int make(const struct synth_cmd_opts *o, struct synth_opts *so, enum synth_format format,
		struct error *err)
{
	struct synth_result res;
	struct synth_out out;
	struct progress bar;
	char *snap = snapshot_name(o, err);
	int ret = snap ? check_files(o, snap, format, err) : -(int)err->code;

	if (!ret)
		ret = synth_out_open(&out, o->output, format, err);
	if (ret) {
		free(snap);
		return ret;
	}
	progress_begin(&bar, "making", o->quiet);
	so->stop = stop_flag();
	stop_asks();
	so->progress = progress_tick;
	so->progress_ctx = &bar;
	ret = synth_run(so, &out.sink, &res, err);
	progress_end(&bar);
	stop_hold_for(o->output);
	if (!ret)
		ret = synth_out_save(&out, so, &res, err);
	if (!ret && (o->snapshot || strcmp(o->output, "-")))
		ret = synth_out_snapshot(snap, so->spbs, err);
	stop_release();
	if (!ret && !o->quiet)
		tell(&out, so, &res);
	if (!ret && res.stopped)
		ret = err_set(err, ERR_DAMAGED, "%s: interrupted after %llu events - what was made "
			      "until then is there", o->output, (unsigned long long)res.events);
	synth_out_close(&out);
	free(snap);
	return ret;
}

static int run_synth(const struct command *cmd __unused, void *values, int nr __unused,
		     char **args __unused)
{
	const struct synth_cmd_opts *o = values;
	struct synth_opts so = { 0 };
	struct error err = { 0 };
	enum synth_format format = SYNTH_V7;
	struct variant v;

	if (o->list)
		return list_profiles();
	if (check(o, &so, &v, &format, &err))
		return say_error(&err);
	return make(o, &so, format, &err) ? say_error(&err) : 0;
}

static const struct example examples[] = {
	{ "the failure that the seed patch describes, and what the patch does about it",
	  "spbreplay synth -p saturation -o sat.dat" },
	{ "ten million events of slab load on a machine of 4 TiB, as a log",
	  "spbreplay synth -p slab-flood -m 4T -n 10000000 -o big.spblog" },
};

const struct command cmd_synth = {
	.name = "synth",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "make a capture: a synthetic load on a modelled machine",
	.usage = "-o FILE [-p PROFILE] [-m SIZE] [-V VARIANT] [-n EVENTS]",
	.opts = synth_table,
	.nr_opts = ARRAY_SIZE(synth_table),
	.opts_size = sizeof(struct synth_cmd_opts),
	.defaults = synth_defaults,
	.run = run_synth,
	.notes = "The machine has one zone (0/Normal), starts empty, and fills up as the profile says.\n"
		 "The capture holds what a kernel with this variant would have traced: page events and,\n"
		 "for variants of the series, its six events. The worker's task is kevacuate/NODE.\n"
		 "trace-cmd and KernelShark can open a trace.dat; replay it with -s NAME.snap.\n",
};
