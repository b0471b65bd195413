// SPDX-License-Identifier: GPL-2.0
/* One capture of a batch: decoded once for all variants that have no result yet. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/batch/batch.h"
#include "cmd/common/jobs.h"
#include "replay/fleet/fleet_unit.h"
#include "replay/outcome/outcome.h"

/**
 * struct entry - a capture on its way
 * @dir: folder of its results; @lock: open on it, -1 for none
 * @hash, @snapshot_hash: of its inputs, "" when they cannot be read
 * @todo: indexes of the variants without a result, @nr_todo of them
 */
struct entry {
	const struct batch *b;
	const struct manifest_entry *from;
	u32 index;
	char dir[FLEET_PATH_MAX];
	int lock;
	char hash[HASH64_TEXT];
	char snapshot_hash[HASH64_TEXT];
	u32 todo[RUN_MAX_VARIANTS];
	u32 nr_todo;
	struct batch_result *result;
	struct error *err;
};

/* ---- the folder ---- */

static int make_folder(struct entry *e)
{
	struct error *err = e->err;

	for (char *p = e->dir + 1;; p++) {
		char was = *p;

		if (was && was != '/')
			continue;
		*p = '\0';
		if (mkdir(e->dir, 0777) && errno != EEXIST)
			return err_set(err, ERR_IO, "%s: cannot make the folder: %s - check the "
				       "path and the space left", e->dir, strerror(errno));
		*p = was;
		if (!was)
			return 0;
	}
}

/*
 * Somebody else at this capture, by mistake or after a restart, is waited for; then there is
 * nothing left to do. The lock goes with the process, however it ends. File systems without locks
 * do without: both would write the same bytes.
 */
static int open_folder(struct entry *e, enum batch_mode mode)
{
	int ret = fleet_entry_folder(e->b->opts->run.output, &e->from->cells, e->dir, e->err);

	e->lock = -1;
	if (ret || mode != BATCH_RUN)
		return ret;
	ret = make_folder(e);
	if (ret)
		return ret;
	e->lock = open(e->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (e->lock >= 0 && flock(e->lock, LOCK_EX) && errno == EINTR)
		;
	return 0;
}

/* ---- rows ---- */

static struct fleet_row result_row(const struct entry *e, u32 variant, char arm[BATCH_ARM_TEXT],
				   enum fleet_status status, char unit[HASH64_TEXT])
{
	struct fleet_row row = batch_plan_row(e->b, e->index, variant, arm);

	row.cell[FLEET_STATUS] = fleet_status_text(status);
	row.cell[FLEET_CODE] = "0";
	row.cell[FLEET_REASON] = "";
	row.cell[FLEET_CAPTURE_HASH] = e->hash;
	row.cell[FLEET_SNAPSHOT_HASH] = e->snapshot_hash;
	fleet_unit_id(&row, unit);
	row.cell[FLEET_UNIT] = unit;
	for (u32 i = FLEET_METRICS; i < fleet_nr_cells(); i++)
		row.cell[i] = "";
	return row;
}

/* Results must not depend on where the captures lie: say paths as the manifest does. */
static void rename_path(char text[ERR_TEXT_MAX], const char *real, const char *name)
{
	const char *at = real && *name && strcmp(real, name) ? strstr(text, real) : NULL;
	char copy[ERR_TEXT_MAX];

	if (!at)
		return;
	snprintf(copy, sizeof(copy), "%.*s%s%s", (int)(at - text), text, name, at + strlen(real));
	memcpy(text, copy, sizeof(copy));
}

static void say_why(const struct entry *e, struct fleet_row *row, struct error *why,
		    char code[BATCH_ARM_TEXT])
{
	rename_path(why->text, e->from->capture, e->from->cells.cell[FLEET_CAPTURE]);
	rename_path(why->text, e->from->snapshot, e->from->cells.cell[FLEET_SNAPSHOT]);
	snprintf(code, BATCH_ARM_TEXT, "%d", (int)why->code);
	row->cell[FLEET_CODE] = code;
	row->cell[FLEET_REASON] = why->text;
}

static int write_failed(struct entry *e, const u32 *variants, u32 nr, const struct error *cause)
{
	struct error why = *cause;
	int ret = 0;

	e->result->failed += nr;
	for (u32 i = 0; i < nr && !ret; i++) {
		char arm[BATCH_ARM_TEXT], code[BATCH_ARM_TEXT], unit[HASH64_TEXT];
		struct fleet_row row = result_row(e, variants[i], arm, FLEET_FAILED, unit);

		say_why(e, &row, &why, code);
		ret = fleet_unit_write(e->dir, &row, e->err);
	}
	return ret;
}

static int write_done(struct entry *e, const u32 *variants, const struct outcome *o,
		      struct error *why)
{
	enum fleet_status status = why->code ? FLEET_PARTIAL : FLEET_OK;
	int ret = 0;

	for (u32 i = 0; i < outcome_nr_variants(o) && !ret; i++) {
		char arm[BATCH_ARM_TEXT], code[BATCH_ARM_TEXT], unit[HASH64_TEXT];
		char numbers[FLEET_CELLS_MAX][CSV_NUMBER_MAX];
		struct fleet_row row = result_row(e, variants[i], arm, status, unit);

		if (why->code)
			say_why(e, &row, why, code);
		for (size_t m = 0; m < outcome_nr_metrics(); m++) {
			struct csv_cell cell = { .type = outcome_metric_info(m)->type,
						 .u = outcome_metric(o, i, ZONE_ALL, m) };

			csv_format_number(numbers[m], &cell);
			row.cell[FLEET_METRICS + m] = numbers[m];
		}
		ret = fleet_unit_write(e->dir, &row, e->err);
	}
	if (why->code)
		e->result->partial += outcome_nr_variants(o);
	return ret;
}

/* ---- what is left ---- */

/* I/O errors, lack of memory and bugs may be gone next time; damage stays. */
static bool worth_a_retry(const struct entry *e, const struct fleet_row *row)
{
	return fleet_status(row) == FLEET_FAILED &&
	       (e->b->opts->retry_failed || *row->cell[FLEET_CODE] >= '0' + ERR_IO);
}

static int find_todo(struct entry *e)
{
	struct fleet_set done = { 0 };
	int ret = 0;

	for (u32 v = 0; v < e->b->nr_variants && ret >= 0; v++) {
		char arm[BATCH_ARM_TEXT], unit[HASH64_TEXT];
		struct fleet_row want = result_row(e, v, arm, FLEET_OK, unit);
		const struct fleet_row *row;

		ret = fleet_unit_read(e->dir, &want, &done, e->err);
		row = ret > 0 ? &done.rows[done.nr - 1] : NULL;
		if (!row || strcmp(row->cell[FLEET_UNIT], unit) || worth_a_retry(e, row)) {
			e->todo[e->nr_todo++] = v;
			continue;
		}
		e->result->kept++;
		e->result->failed += fleet_status(row) == FLEET_FAILED;
		e->result->partial += fleet_status(row) == FLEET_PARTIAL;
	}
	fleet_set_fini(&done);
	return ret < 0 ? ret : 0;
}

/* Hash the inputs. Return: 0, or -ERR_IO with @why: then they cannot be replayed either. */
static int identify(struct entry *e, struct error *why)
{
	u64 hash;

	if (fleet_hash_file(e->from->capture, &hash, &e->result->bytes, why))
		return -(int)ERR_IO;
	hash64_text(e->hash, hash);
	if (!e->from->snapshot)
		return 0;
	if (fleet_hash_snapshot(e->from->snapshot, &hash, why))
		return -(int)ERR_IO;
	hash64_text(e->snapshot_hash, hash);
	return 0;
}

/* ---- replay ---- */

static int replay(struct entry *e, const u32 *variants, u32 nr, u32 threads, bool write)
{
	struct variant *v = calloc(nr, sizeof(*v));
	struct run_opts opts = e->b->opts->run;
	struct outcome *o = NULL;
	struct error why = { 0 };
	int ret;

	if (!v)
		return err_nomem(e->err, "the variants");
	for (u32 i = 0; i < nr; i++)
		v[i] = e->b->variants[variants[i]];
	opts.inputs = (struct str_list){ .nr = 1, .at = { e->from->capture } };
	opts.snapshot = e->from->snapshot;
	opts.output = NULL;
	opts.jobs = threads;
	opts.memory_share = jobs_or_cpus(e->b->opts->run.jobs) / threads;
	opts.quiet = true;
	opts.samples = 1;
	ret = run_outcome(e->b->cmd, &opts, v, nr, &o, &why);
	free(v);
	if (!write)
		ret = 0;
	else if (o)
		ret = write_done(e, variants, o, &why);
	else if (ret == -ERR_BUG && nr > 1)
		ret = 1;	/* one variant broke: the others are asked again, alone */
	else
		ret = write_failed(e, variants, nr, &why);
	outcome_free(o);
	return ret;
}

static int replay_todo(struct entry *e, enum batch_mode mode, u32 threads)
{
	int ret = replay(e, e->todo, e->nr_todo, threads, mode == BATCH_RUN);

	if (ret <= 0)
		return ret;
	ret = 0;
	for (u32 i = 0; i < e->nr_todo && !ret; i++)
		ret = replay(e, &e->todo[i], 1, threads, true);
	return ret;
}

static int work(struct entry *e, enum batch_mode mode, u32 threads)
{
	struct error why = { 0 };
	int ret = open_folder(e, mode);

	if (ret)
		return ret;
	if (identify(e, &why))
		e->hash[0] = e->snapshot_hash[0] = '\0';
	ret = find_todo(e);
	if (ret || mode == BATCH_CHECK || !e->nr_todo)
		return ret;
	e->result->ran = e->nr_todo;
	if (!why.code)
		return replay_todo(e, mode, threads);
	return mode == BATCH_RUN ? write_failed(e, e->todo, e->nr_todo, &why) : 0;
}

static struct entry entry_of(const struct batch *b, u32 index, struct batch_result *r,
			     struct error *err)
{
	*r = (struct batch_result){ .entry = index, .units = b->nr_variants };
	return (struct entry){ .b = b, .from = &b->manifest.entries[index], .index = index,
			       .lock = -1, .result = r, .err = err };
}

int batch_entry(const struct batch *b, u32 entry, enum batch_mode mode, u32 threads,
		struct batch_result *r, struct error *err)
{
	struct entry e = entry_of(b, entry, r, err);
	int ret = work(&e, mode, threads);

	if (e.lock >= 0)
		close(e.lock);
	return ret;
}

int batch_entry_crashed(const struct batch *b, u32 entry, enum err_code code, const char *why,
			struct batch_result *r, struct error *err)
{
	struct entry e = entry_of(b, entry, r, err);
	struct error cause = { 0 }, unread = { 0 };
	int ret = open_folder(&e, BATCH_RUN);

	err_set(&cause, code, "%s: %s", e.from->capture, why);
	if (!ret && identify(&e, &unread))
		e.hash[0] = e.snapshot_hash[0] = '\0';
	if (!ret)
		ret = find_todo(&e);
	if (!ret) {
		e.result->ran = e.nr_todo;
		ret = write_failed(&e, e.todo, e.nr_todo, &cause);
	}
	if (e.lock >= 0)
		close(e.lock);
	return ret;
}
