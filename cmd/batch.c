// SPDX-License-Identifier: GPL-2.0
/* spbreplay batch: captures of many hosts under many variants, resumable, in parts. */
#include "cmd/batch/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/common/json_rows.h"
#include "cmd/common/level.h"
#include "cmd/common/outdir.h"
#include "cmd/common/progress.h"
#include "cmd/common/say.h"
#include "cmd/common/shared_opts.h"
#include "replay/outcome/outcome_file.h"

#define AT(member) offsetof(struct batch_opts, member)

#define PLAN_FILE "batch.csv"
#define DEFAULT_SPB_ORDER 18	/* in the unit id, for 1 GiB whatever the page size */

static const struct opt batch_opt_table[] = {
	{ "output", 'o', "FOLDER", OPT_STRING, AT(run.output), 0, 0,
	  "keep results there; what is already done there is not repeated" },
	{ "variant", 'V', "VARIANT", OPT_LIST, AT(run.variants), 0, 0,
	  "built-in, JSON file, or NAME:knob=value,...; the first is the baseline" },
	{ "grid", 'g', "KNOB=A,B,...", OPT_LIST, AT(grid), 0, 0,
	  "run every variant with each of these values; several grids multiply" },
	{ "shard", 0, "I/N", OPT_STRING, AT(shard), 0, 0,
	  "only part I of N (1/N to N/N); default: from Slurm or Kubernetes, or all" },
	{ "list", 0, NULL, OPT_FLAG, AT(list), 0, 0,
	  "print the units as CSV and do nothing else" },
	{ "json", 0, NULL, OPT_FLAG, AT(json), 0, 0, "JSON instead of the CSV of --list or the text of --dry-run" },
	{ "dry-run", 'n', NULL, OPT_FLAG, AT(dry_run), 0, 0,
	  "print what is left and how much time and memory it will take; keep nothing" },
	{ "retry-failed", 0, NULL, OPT_FLAG, AT(retry_failed), 0, 0,
	  "also retry damaged captures" },
	SHARED_WINDOW(AT(run.window)),
	SHARED_ZONE(AT(run.zone)),
	SHARED_LEVEL(AT(run.level)),
	SHARED_INITIAL(AT(run.initial)),
	SHARED_FILL(AT(run.fill)),
	SHARED_BUFFER(AT(run.buffer)),
	SHARED_SALVAGE(AT(run.salvage)),
	SHARED_SPB_ORDER(AT(run.spb_order)),
	SHARED_SEED(AT(run.seed)),
	{ "jobs", 'j', "N", OPT_U32, AT(run.jobs), 0, 1024,
	  "captures at a time (default 0: as many as CPUs); results do not depend on it" },
	{ "max-memory", 0, "SIZE", OPT_STRING, AT(run.max_memory), 0, 0,
	  "for all captures running at a time: refuse one that may need more than its share" },
	SHARED_CHECK_EVERY(AT(run.check_every)),
	SHARED_NO_NOTES(AT(run.quiet)),
};

struct fleet_row batch_plan_row(const struct batch *b, u32 entry, u32 variant,
				char arm[BATCH_ARM_TEXT])
{
	struct fleet_row row = b->manifest.entries[entry].cells;

	snprintf(arm, BATCH_ARM_TEXT, "%u", variant);
	row.cell[FLEET_ARM] = arm;
	row.cell[FLEET_VARIANT] = b->variants[variant].name;
	row.cell[FLEET_KNOBS] = b->knobs[variant];
	row.cell[FLEET_OPTIONS] = b->options;
	row.cell[FLEET_VERSION] = SPBREPLAY_VERSION;
	return row;
}

/* The options that results depend on; the defaults are spelled out, too. */
static int options_text(struct batch *b, struct error *err)
{
	const struct run_opts *o = &b->opts->run;
	int len = snprintf(b->options, sizeof(b->options),
			   "buffer=%s initial=%s level=%s seed=%llu spb_order=%u window=%s zone=%s%s%s%s",
			   o->buffer ? o->buffer : "", o->initial ? o->initial : "repopulate",
			   o->level ? o->level : "auto", (unsigned long long)o->seed,
			   o->spb_order ? o->spb_order : DEFAULT_SPB_ORDER,
			   o->window ? o->window : "", o->zone ? o->zone : "",
			   o->fill ? " fill=" : "", o->fill ? o->fill : "",
			   o->salvage ? " salvage" : "");

	if (len > 0 && (size_t)len < sizeof(b->options))
		return 0;
	return err_set(err, ERR_USAGE, "batch: --buffer, --window and --zone are too long - "
		       "shorten them");
}

/* The rest goes into folders of its own. */
static const char *file_name(u32 i)
{
	return i ? NULL : PLAN_FILE;
}

static int check_options(const struct batch *b, char *const *manifest, struct error *err)
{
	const struct batch_opts *o = b->opts;
	const struct inputs in = { .variants = &o->run.variants, .files = manifest,
				   .nr_files = 1 };

	if (o->json && !o->list && !o->dry_run)
		return err_set(err, ERR_USAGE, "batch: --json is for --list and --dry-run - give "
			       "one of them, or use 'spbreplay merge --json' for results");
	if (!o->run.output && !o->list)
		return err_set(err, ERR_USAGE, "batch: no folder for the results - give -o "
			       "FOLDER");
	if (run_check(&o->run, err))
		return -(int)err->code;
	return o->list || o->dry_run ? 0 : outdir_check(o->run.output, file_name, &in, err);
}

static int plan_rows(const struct batch *b, const u32 *which, u32 nr, struct fleet_set *set,
		     struct error *err)
{
	int ret = 0;

	for (u32 i = 0; i < nr && !ret; i++) {
		for (u32 v = 0; v < b->nr_variants && !ret; v++) {
			char arm[BATCH_ARM_TEXT];
			struct fleet_row row = batch_plan_row(b, which ? which[i] : i, v, arm);

			ret = fleet_set_add(set, &row, err);
		}
	}
	return ret;
}

static int to_stdout(void *ctx __unused, const void *bytes, size_t len)
{
	return fwrite(bytes, 1, len, stdout) == len ? 0 : -(int)ERR_IO;
}

/* The whole plan (@which NULL) or a part, as CSV through @write. */
static int write_plan(const struct batch *b, const u32 *which, u32 nr,
		      int (*write)(void *ctx, const void *bytes, size_t len), void *ctx,
		      struct error *err)
{
	struct csv_writer *w = calloc(1, sizeof(*w));
	struct fleet_set set = { 0 };
	struct fleet_table t;
	int ret = w ? plan_rows(b, which, nr, &set, err) : err_nomem(err, "the plan");

	if (!ret) {
		w->write = write;
		w->ctx = ctx;
		fleet_table_init(&t, PLAN_FILE, 0, FLEET_PLAN_CELLS);
		ret = csv_write(w, &t.table, &set);
	}
	fleet_set_fini(&set);
	free(w);
	return ret;
}

/* This shard's part of the plan on stdout. */
static int show_plan(const struct batch *b, struct error *err)
{
	struct fleet_set set = { 0 };
	struct csv_data d = { 0 };
	struct fleet_table t;
	int ret;

	if (!b->opts->json)
		return write_plan(b, b->mine, b->nr_mine, to_stdout, NULL, err);
	fleet_table_init(&t, PLAN_FILE, 0, FLEET_PLAN_CELLS);
	ret = plan_rows(b, b->mine, b->nr_mine, &set, err);
	if (!ret)
		ret = csv_from_table(&d, &t.table, &set, err);
	if (!ret)
		ret = json_say(json_rows(&d, &t.table), err);
	csv_data_fini(&d);
	fleet_set_fini(&set);
	return ret;
}

/*
 * What this folder is about, for merge. Every task of a job array writes the same bytes; the lock
 * keeps tasks in different containers, which may have the same process number, apart.
 */
static int keep_plan(const struct batch *b, struct error *err)
{
	struct outcome_files files;
	struct outcome_file *f;
	int lock = -1;
	int ret = outcome_files_open(&files, b->opts->run.output, err);

	if (ret)
		return ret;
	lock = open(b->opts->run.output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (lock >= 0 && flock(lock, LOCK_EX) && errno == EINTR)
		;
	f = outcome_files_add(&files, PLAN_FILE, err);
	ret = f ? write_plan(b, NULL, b->manifest.nr, outcome_file_write, f, err) : -ERR_IO;
	if (!ret)
		ret = outcome_file_close(f, err);
	if (!ret)
		ret = outcome_files_commit(&files, err);
	outcome_files_fini(&files);
	if (lock >= 0)
		close(lock);
	return ret;
}

/** struct tally - totals of a run, and its progress */
struct tally {
	struct batch_result sum;
	u32 captures;
	u32 failed_captures;
	u32 nr;
	struct progress progress;
};

static void count(void *ctx, const struct batch_result *r)
{
	struct tally *t = ctx;

	t->sum.units += r->units;
	t->sum.kept += r->kept;
	t->sum.ran += r->ran;
	t->sum.failed += r->failed;
	t->sum.partial += r->partial;
	t->failed_captures += r->failed > 0;
	progress_tick(&t->progress, ++t->captures, t->nr);
}

static int run_units(const struct batch *b, struct error *err)
{
	struct tally t = { .nr = b->nr_mine };
	int ret = keep_plan(b, err);

	if (ret)
		return ret;
	progress_begin(&t.progress, "replaying", b->opts->run.quiet);
	ret = batch_pool(b, BATCH_RUN, b->mine, b->nr_mine, count, &t, NULL, err);
	progress_end(&t.progress);
	if (ret)
		return ret;
	if (!b->opts->run.quiet)
		say("%s: shard %u of %u: %u captures x %u variants: %u units replayed, %u were "
		    "done, %u failed - see 'spbreplay merge %s'", b->opts->run.output,
		    b->shard + 1, b->nr_shards, b->nr_mine, b->nr_variants, t.sum.ran,
		    t.sum.kept, t.sum.failed, b->opts->run.output);
	if (!t.sum.failed && !t.sum.partial)
		return 0;
	return err_set(err, ERR_DAMAGED, "%s: %u of %u units failed, %u cover a part of their "
		       "capture - merged.csv of 'spbreplay merge' says why", b->opts->run.output,
		       t.sum.failed, t.sum.units, t.sum.partial);
}

/* Those of this part: another looks at its own. */
static int spare_captures(const struct batch *b, struct error *err)
{
	const struct batch_opts *o = b->opts;
	int ret = 0;

	for (u32 i = 0; i < b->nr_mine && !ret && !o->list && !o->dry_run; i++) {
		const struct manifest_entry *e = &b->manifest.entries[b->mine[i]];
		const struct str_list captures = { .nr = 1, .at = { e->capture } };
		const struct inputs in = { .captures = &captures, .snapshot = e->snapshot };

		ret = outdir_spares(o->run.output, file_name, &in, err);
	}
	return ret;
}

static int prepare(struct batch *b, char *const *manifest, struct error *err)
{
	int ret = check_options(b, manifest, err);

	if (!ret)
		ret = options_text(b, err);
	if (!ret)
		ret = batch_variants(b, err);
	if (!ret)
		ret = manifest_load(&b->manifest, *manifest, err);
	if (!ret)
		ret = batch_shard(b, err);
	return ret ? ret : spare_captures(b, err);
}

static int run_batch(const struct command *cmd, void *values, int nr __unused, char **args)
{
	struct batch *b = calloc(1, sizeof(*b));
	struct error err = { 0 };
	int ret = b ? 0 : err_nomem(&err, "the batch");

	if (!ret) {
		b->cmd = cmd;
		b->opts = values;
		ret = prepare(b, args, &err);
	}
	if (!ret && b->opts->list)
		ret = show_plan(b, &err);
	else if (!ret && b->opts->dry_run)
		ret = batch_dry_run(b, &err);
	else if (!ret)
		ret = run_units(b, &err);
	if (b) {
		manifest_fini(&b->manifest);
		free(b->mine);
	}
	free(b);
	return err.code ? say_error(&err) : -ret;
}

static void defaults(void *values)
{
	run_defaults(&((struct batch_opts *)values)->run);
}

static const struct example examples[] = {
	{ "replay two hosts under two variants",
	  "spbreplay batch -o results/ -V spb-v1-none -V spb-v1-hotpath hosts.csv" },
	{ "the same for two cooldowns",
	  "spbreplay batch -o results/ -V spb-v1-none -V spb-v1-hotpath "
	  "--grid defrag_cooldown_ms=1000,5000 hosts.csv" },
};

const struct command cmd_batch = {
	.name = "batch",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "replay captures of many hosts under many variants, resumably",
	.usage = "-o FOLDER [-V BASE -V OTHER...] [--grid KNOB=A,B] [options] MANIFEST.csv",
	.opts = batch_opt_table,
	.nr_opts = ARRAY_SIZE(batch_opt_table),
	.opts_size = sizeof(struct batch_opts),
	.min_args = 1,
	.max_args = 1,
	.defaults = defaults,
	.run = run_batch,
	.notes = "MANIFEST.csv has a header. Column capture is required; snapshot, host, kernel and\n"
		 "workload are known; others are labels. Paths are relative to the manifest's folder.\n"
		 "A unit is a capture under a variant; 'spbreplay merge FOLDER' makes the tables.\n"
		 "In a Slurm array or a Kubernetes Indexed Job (with JOB_COMPLETIONS set) each task\n"
		 "takes its part without --shard.\n",
};
