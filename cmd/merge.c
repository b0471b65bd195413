// SPDX-License-Identifier: GPL-2.0
/* spbreplay merge: results of a batch, or of parts of it, as one table, and the fleet's tables. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/batch/fleet_text.h"
#include "cmd/common/json_rows.h"
#include "cmd/common/outdir.h"
#include "cmd/common/say.h"
#include "cmd/common/stop.h"
#include "replay/base/regular.h"
#include "replay/fleet/fleet_html.h"
#include "replay/fleet/fleet_unit.h"
#include "replay/outcome/outcome_file.h"

struct merge_opts {
	const char *output;
	const char *baseline;
	u64 seed;
	u32 resamples;
	u32 confidence;
	u32 worst;
	bool json;
	bool quiet;
};

#define AT(member) offsetof(struct merge_opts, member)

#define MERGED_FILE "merged.csv"
#define PAGE_FILE "fleet.html"

static const struct opt merge_table[] = {
	{ "output", 'o', "FOLDER", OPT_STRING, AT(output), 0, 0,
	  "write merged.csv, fleet.csv, fleet_hosts.csv and fleet.html there" },
	{ "baseline", 'b', "VARIANT", OPT_STRING, AT(baseline), 0, 0,
	  "compare with this variant (default: the first one of the batch)" },
	{ "confidence", 0, "PERCENT", OPT_U32, AT(confidence), 50, 99,
	  "confidence level of the intervals (default 95)" },
	{ "resamples", 0, "N", OPT_U32, AT(resamples), 100, 100000,
	  "number of bootstrap resamples (default 2000)" },
	{ "seed", 0, "N", OPT_U64, AT(seed), 0, UINT64_MAX, "seed of the bootstrap (default 1)" },
	{ "worst", 0, "N", OPT_U32, AT(worst), 0, 1000,
	  "hosts in fleet_hosts.csv per variant and metric (default 10)" },
	{ "json", 0, NULL, OPT_FLAG, AT(json), 0, 0,
	  "print fleet.csv and fleet_hosts.csv as JSON instead of the tables" },
	{ "quiet", 'q', NULL, OPT_FLAG, AT(quiet), 0, 0,
	  "no table; errors and warnings stay" },
};

/* Results of a batch's folder: for each row of its plan what there is. */
static int load_folder(struct fleet_set *set, const char *folder, struct error *err)
{
	struct fleet_set plan = { 0 };
	char path[FLEET_PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s/batch.csv", folder);
	if (access(path, F_OK))
		return err_set(err, ERR_IO, "%s: cannot read (%s) - give the folder that batch -o "
			       "wrote", path, strerror(errno));
	ret = regular_check(path, "give the folder that batch -o wrote", err);
	if (!ret)
		ret = fleet_set_load(&plan, path, FLEET_PLAN_CELLS, err);
	for (u32 i = 0; i < plan.nr && ret >= 0; i++) {
		struct fleet_row *row = &plan.rows[i];

		ret = fleet_entry_folder(folder, row, path, err);
		if (!ret)
			ret = fleet_unit_read(path, row, set, err);
		if (ret)
			continue;
		row->cell[FLEET_STATUS] = fleet_status_text(FLEET_MISSING);
		ret = fleet_set_add(set, row, err);
	}
	fleet_set_fini(&plan);
	return ret < 0 ? ret : 0;
}

static int load(struct fleet_set *set, const char *path, struct error *err)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return load_folder(set, path, err);
	return fleet_set_load(set, path, fleet_nr_cells(), err);
}

static const char *file_name(u32 i)
{
	const char *const names[] = { MERGED_FILE, PAGE_FILE, fleet_table_csv.file,
				      fleet_hosts_csv.file };

	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

static int write_page(struct outcome_files *files, const struct fleet_report *r,
		      struct error *err)
{
	struct outcome_file *f = outcome_files_add(files, PAGE_FILE, err);
	struct html_out out = { .write = outcome_file_write, .ctx = f };
	int ret = f ? fleet_html(r, &out) : -(int)ERR_IO;

	return ret ? ret : outcome_file_close(f, err);
}

static int write_all(const char *folder, const struct fleet_set *set,
		     const struct fleet_report *r, struct error *err)
{
	struct outcome_files files;
	struct fleet_table merged;
	int ret = outcome_files_open(&files, folder, err);

	fleet_table_init(&merged, MERGED_FILE, 0, fleet_nr_cells());
	if (!ret)
		ret = outcome_files_table(&files, &merged.table, set, err);
	if (!ret)
		ret = outcome_files_table(&files, &fleet_table_csv, r, err);
	if (!ret)
		ret = outcome_files_table(&files, &fleet_hosts_csv, r, err);
	if (!ret)
		ret = write_page(&files, r, err);
	if (!ret)
		ret = outcome_files_commit(&files, err);
	outcome_files_fini(&files);
	return ret;
}

/* A table over less than all of the fleet is no reason for silence. */
static int completeness(const struct fleet_report *r, struct error *err)
{
	u32 count[4] = { 0 };

	for (u32 v = 0; v < r->nr_variants; v++) {
		for (u32 s = 0; s < ARRAY_SIZE(count); s++)
			count[s] += r->variants[v].count[s];
	}
	if (!count[FLEET_MISSING] && !count[FLEET_FAILED] && !count[FLEET_PARTIAL])
		return 0;
	return err_set(err, ERR_DAMAGED, "merged: %u units whole, %u of damaged captures, %u "
		       "failed, %u not done yet - run batch again, or read status and reason in "
		       "merged.csv", count[FLEET_OK], count[FLEET_PARTIAL], count[FLEET_FAILED],
		       count[FLEET_MISSING]);
}

static int add_rows(struct json_object *root, const char *name, const struct csv_table *table,
		    const struct fleet_report *r, struct error *err)
{
	struct csv_data d = { 0 };
	int ret = csv_from_table(&d, table, r, err);

	if (!ret)
		json_object_object_add(root, name, json_rows(&d, table));
	csv_data_fini(&d);
	return ret;
}

static int show_json(const struct fleet_report *r, struct error *err)
{
	struct json_object *root = json_object_new_object();
	int ret = add_rows(root, "fleet", &fleet_table_csv, r, err);

	if (!ret)
		ret = add_rows(root, "hosts", &fleet_hosts_csv, r, err);
	if (!ret)
		return json_say(root, err);
	json_object_put(root);
	return ret;
}

static int merge(const struct merge_opts *o, struct fleet_set *set, struct fleet_report *r,
		 struct error *err)
{
	const struct fleet_report_opts ro = {
		.baseline = o->baseline, .worst = o->worst,
		.bootstrap = { .seed = o->seed, .resamples = o->resamples,
			       .confidence = o->confidence },
	};
	int ret = fleet_join(set, err);

	if (!ret)
		ret = fleet_report(r, set, &ro, err);
	if (!ret && o->output) {
		stop_hold();
		ret = write_all(o->output, set, r, err);
		stop_release();
	}
	if (ret)
		return ret;
	if (o->json)
		ret = show_json(r, err);
	else if (!o->quiet)
		fleet_text(r, stdout);
	if (!ret)
		ret = stdout_flush(err);
	return ret ? ret : completeness(r, err);
}

static int run_merge(const struct command *cmd __unused, void *values, int nr, char **args)
{
	const struct merge_opts *o = values;
	const struct inputs in = { .files = args, .nr_files = (u32)nr };
	struct fleet_set set = { 0 };
	struct fleet_report r = { 0 };
	struct error err = { 0 };
	int ret = o->output ? outdir_check(o->output, file_name, &in, &err) : 0;

	for (int i = 0; i < nr && !ret; i++)
		ret = load(&set, args[i], &err);
	if (!ret)
		ret = merge(o, &set, &r, &err);
	fleet_report_fini(&r);
	fleet_set_fini(&set);
	return err.code ? say_error(&err) : -ret;
}

static void defaults(void *values)
{
	struct merge_opts *o = values;

	o->seed = 1;
	o->resamples = 2000;
	o->confidence = 95;
	o->worst = 10;
}

static const struct example examples[] = {
	{ "what the variants do to the fleet",
	  "spbreplay merge -o fleet/ results/" },
};

const struct command cmd_merge = {
	.name = "merge",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "combine results of batch and report what each variant does to the fleet",
	.usage = "[-o FOLDER] [options] FOLDER|merged.csv...",
	.opts = merge_table,
	.nr_opts = ARRAY_SIZE(merge_table),
	.opts_size = sizeof(struct merge_opts),
	.min_args = 1,
	.max_args = 10000,
	.defaults = defaults,
	.run = run_merge,
	.notes = "Give folders of 'spbreplay batch', or merged.csv files of earlier merges, in any\n"
		 "order: the result is the same. docs/fleet.md describes every column.\n",
};
