// SPDX-License-Identifier: GPL-2.0
/*
 * batch --dry-run: what is left, and an estimate. The capture of median size is replayed once;
 * time and memory of the others follow by their sizes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/batch/batch.h"
#include "cmd/common/progress.h"
#include "cmd/common/units.h"

/** struct rest - what is left: captures with units to do, with their sizes */
struct rest {
	const struct batch *b;
	struct batch_result *left;
	u32 nr;
	u32 units;
	u32 kept;
	u64 work;	/* bytes x units */
};

static void look(void *ctx, const struct batch_result *r)
{
	struct rest *rest = ctx;
	u32 todo = r->units - r->kept;

	rest->kept += r->kept;
	rest->units += todo;
	rest->work += r->bytes * todo;
	if (todo)
		rest->left[rest->nr++] = *r;
}

static void ignore(void *ctx __unused, const struct batch_result *r __unused)
{
}

static int by_size(const void *a, const void *b)
{
	const struct batch_result *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

static void print(const struct rest *rest, const struct batch_result *sample, u64 ns, u64 rss)
{
	const struct batch *b = rest->b;
	const u32 jobs = batch_jobs(b, rest->nr);
	const u64 work = max_u64(sample->bytes, 1) * (sample->units - sample->kept);
	const u64 largest = max_u64(rest->left[rest->nr - 1].bytes, sample->bytes);
	char t[4][UNIT_TEXT];

	printf("measured: %s, %s, %u variants: %s, %s of memory\n",
	       b->manifest.entries[sample->entry].cells.cell[FLEET_CAPTURE],
	       fmt_bytes(t[0], sample->bytes), sample->units - sample->kept, fmt_seconds(t[1], ns),
	       fmt_bytes(t[2], rss));
	printf("estimate: %s with %u at a time", fmt_seconds(t[0], mul_div(ns, rest->work, work) /
	       jobs), jobs);
	printf(", %s of memory at most (largest capture: %s)\n",
	       fmt_bytes(t[1], mul_div(rss, largest, max_u64(sample->bytes, 1)) * jobs),
	       fmt_bytes(t[2], largest));
}

static int estimate(struct rest *rest, struct error *err)
{
	const struct batch_result *sample = &rest->left[rest->nr / 2];
	u64 start, rss;
	int ret;

	qsort(rest->left, rest->nr, sizeof(*rest->left), by_size);
	start = wall_ns();
	ret = batch_pool(rest->b, BATCH_SAMPLE, &sample->entry, 1, ignore, NULL, &rss, err);
	if (!ret)
		print(rest, sample, wall_ns() - start, rss);
	return ret;
}

int batch_dry_run(const struct batch *b, struct error *err)
{
	struct rest rest = { .b = b, .left = calloc(b->nr_mine + 1, sizeof(*rest.left)) };
	int ret;

	if (!rest.left)
		return err_nomem(err, "the estimate");
	ret = batch_pool(b, BATCH_CHECK, b->mine, b->nr_mine, look, &rest, NULL, err);
	if (!ret) {
		printf("shard %u of %u: %u captures x %u variants: %u units, %u done, %u left\n",
		       b->shard + 1, b->nr_shards, b->nr_mine, b->nr_variants,
		       b->nr_mine * b->nr_variants, rest.kept, rest.units);
		if (rest.nr)
			ret = estimate(&rest, err);
	}
	free(rest.left);
	return ret;
}
