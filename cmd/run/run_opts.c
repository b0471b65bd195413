// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cmd/run/run.h"
#include "cmd/common/shared_opts.h"
#include "cmd/common/variant_json.h"

#define AT(member) offsetof(struct run_opts, member)

const struct opt run_opt_table[NR_RUN_OPTS] = {
	SHARED_INPUT(AT(inputs)),
	{ "variant", 'V', "VARIANT", OPT_LIST, AT(variants), 0, 0,
	  "built-in, JSON file, or NAME:knob=value,...; see 'spbreplay variants'" },
	SHARED_SNAPSHOT(AT(snapshot)),
	{ "output", 'o', "FOLDER", OPT_STRING, AT(output), 0, 0,
	  "write CSV files and run.json there; without it only the table is shown" },
	SHARED_WINDOW(AT(window)),
	SHARED_ZONE(AT(zone)),
	SHARED_LEVEL(AT(level)),
	SHARED_INITIAL(AT(initial)),
	SHARED_FILL(AT(fill)),
	SHARED_BUFFER(AT(buffer)),
	SHARED_CPU(AT(cpus)),
	SHARED_FORMAT_DIR(AT(format_dir)),
	SHARED_SALVAGE(AT(salvage)),
	SHARED_SPB_ORDER(AT(spb_order)),
	SHARED_SEED(AT(seed)),
	{ "jobs", 'j', "N", OPT_U32, AT(jobs), 0, 1024,
	  "threads (default 0: as many as CPUs); results do not depend on it" },
	{ "max-memory", 0, "SIZE", OPT_STRING, AT(max_memory), 0, 0,
	  "refuse, beforehand, a replay that may need more than this: 500M, 16G" },
	SHARED_CHECK_EVERY(AT(check_every)),
	{ "contig", 0, "N", OPT_U32, AT(contig), 0, 1000000,
	  "after the end, request N whole superpageblocks (1 GiB pages) and count the successes" },
	{ "samples", 0, "N", OPT_U32, AT(samples), 1, 1000000,
	  "rows of timeline.csv per variant and zone (default 200)" },
	SHARED_STRICT(AT(strict)),
	SHARED_NO_NOTES(AT(quiet)),
	{ "verbose", 'v', NULL, OPT_FLAG, AT(verbose), 0, 0,
	  "also print time, memory and odd events" },
	{ "json", 0, NULL, OPT_FLAG, AT(json), 0, 0,
	  "print the figures (and differences) as JSON instead of a table" },
	{ "full", 'f', NULL, OPT_FLAG, AT(full), 0, 0,
	  "all figures and superpageblocks, including those that are the same everywhere" },
	{ "width", 0, "N", OPT_U32, AT(width), 40, 1000,
	  "columns of the table (default: those of the terminal); too wide: a row a variant" },
	{ "sort", 0, "KEY", OPT_STRING, AT(sort), 0, 0,
	  "print figures pair by pair, as diff does, sorted by table, name, delta or percent" },
	{ "exit-code", 0, NULL, OPT_FLAG, AT(exit_code), 0, 0,
	  "exit with 1 if a variant differs from the first one" },
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
