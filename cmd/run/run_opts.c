// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cmd/run/run.h"
#include "cmd/common/variant_json.h"

#define AT(member) offsetof(struct run_opts, member)

const struct opt run_opt_table[NR_RUN_OPTS] = {
	{ "input", 'i', "FILE", OPT_LIST, AT(inputs), 0, 0,
	  "capture or event log; - is standard input; again for more files of a capture" },
	{ "variant", 'V', "VARIANT", OPT_LIST, AT(variants), 0, 0,
	  "built-in, JSON file, or NAME:knob=value,...; see 'spbreplay variants'" },
	{ "snapshot", 's', "FOLDER", OPT_STRING, AT(snapshot), 0, 0,
	  "the host before the capture: zoneinfo, pagetypeinfo, iomem, kpageflags" },
	{ "output", 'o', "FOLDER", OPT_STRING, AT(output), 0, 0,
	  "write CSV files and run.json there; without it only the table is shown" },
	{ "window", 'w', "T0~T1", OPT_STRING, AT(window), 0, 0,
	  "part of the capture: 123.4 (clock, s), +1.5s (from start), 10%, or open" },
	{ "zone", 'z', "NODE/NAME", OPT_STRING, AT(zone), 0, 0,
	  "only this zone, for example 0/Normal" },
	{ "level", 'l', "LEVEL", OPT_STRING, AT(level), 0, 0,
	  "demand level: zone, page, implied or auto (default)" },
	{ "initial", 'I', "STATE", OPT_STRING, AT(initial), 0, 0,
	  "memory at the start: repopulate (default), exact or empty" },
	{ "fill", 'F', "PCT:MIX", OPT_STRING, AT(fill), 0, 0,
	  "fill memory up to PCT percent before the start, for example 60:70M20U10R" },
	{ "buffer", 'B', "NAME", OPT_STRING, AT(buffer), 0, 0,
	  "instance of a capture to read; default: the one with page events" },
	{ "cpu", 0, "LIST", OPT_STRING, AT(cpus), 0, 0,
	  "only events of these CPUs, for example 0,2-5" },
	{ "format-dir", 0, "FOLDER", OPT_STRING, AT(format_dir), 0, 0,
	  "what raw pages hold: a tracing folder (events/...), or a trace.dat of that host" },
	{ "salvage", 0, NULL, OPT_FLAG, AT(salvage), 0, 0,
	  "search a damaged trace.dat for what its index no longer leads to" },
	{ "spb-order", 0, "N", OPT_U32, AT(spb_order), 11, 18,
	  "order of a superpageblock, 11 to 18 (default: 1 GiB, 18 with 4 KiB pages)" },
	{ "seed", 0, "N", OPT_U64, AT(seed), 0, UINT64_MAX,
	  "of the hash that decides which pages cannot move (default 1)" },
	{ "jobs", 'j', "N", OPT_U32, AT(jobs), 0, 1024,
	  "threads (default 0: as many as CPUs); results do not depend on it" },
	{ "max-memory", 0, "SIZE", OPT_STRING, AT(max_memory), 0, 0,
	  "refuse a replay that may take more, before it begins: 500M, 16G" },
	{ "check-every", 0, "N", OPT_U64, AT(check_every), 0, UINT64_MAX,
	  "check all invariants after every N operations (default 0: never)" },
	{ "samples", 0, "N", OPT_U32, AT(samples), 1, 1000000,
	  "rows of timeline.csv per variant and zone (default 200)" },
	{ "strict", 'S', NULL, OPT_FLAG, AT(strict), 0, 0,
	  "refuse a damaged log instead of using what is whole" },
	{ "quiet", 'q', NULL, OPT_FLAG, AT(quiet), 0, 0,
	  "no progress and notes on stderr; errors and warnings stay" },
	{ "verbose", 'v', NULL, OPT_FLAG, AT(verbose), 0, 0,
	  "also say time, memory and odd events" },
	{ "json", 0, NULL, OPT_FLAG, AT(json), 0, 0,
	  "print the figures (and differences) as JSON instead of a table" },
	{ "full", 'f', NULL, OPT_FLAG, AT(full), 0, 0,
	  "all figures and superpageblocks, also those that are the same everywhere" },
	{ "sort", 0, "KEY", OPT_STRING, AT(sort), 0, 0,
	  "figures pair by pair, as diff prints them, in this order: table, name, delta, percent" },
	{ "exit-code", 0, NULL, OPT_FLAG, AT(exit_code), 0, 0,
	  "exit with 1 when a variant differs from the first one" },
};

void run_defaults(void *opts)
{
	struct run_opts *o = opts;

	o->seed = 1;
	o->samples = 200;
}

static int check_name(const struct variant *variants, u32 nr, struct error *err)
{
	for (u32 i = 0; i < nr; i++) {
		if (!strcmp(variants[i].name, variants[nr].name))
			return err_set(err, ERR_USAGE, "variant %s is given twice - give one of "
				       "them another \"name\"", variants[nr].name);
	}
	return 0;
}

int run_load_variants(const struct run_opts *opts, const char *const *fallback, u32 nr_fallback,
		      struct variant *variants, struct error *err)
{
	const char *const *names = opts->variants.nr ? opts->variants.at : fallback;
	u32 nr = opts->variants.nr ? opts->variants.nr : nr_fallback;

	for (u32 i = 0; i < nr; i++) {
		int ret = variant_load(names[i], &variants[i], err);

		if (!ret)
			ret = check_name(variants, i, err);
		if (ret)
			return ret;
	}
	return (int)nr;
}
