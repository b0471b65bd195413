// SPDX-License-Identifier: GPL-2.0
/*
 * batch --dry-run: what is left, and an estimate. The capture of median size is replayed once;
 * time and memory of the others follow by their sizes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/batch/batch.h"
#include "cmd/common/json_rows.h"
#include "cmd/common/progress.h"
#include "cmd/common/terminal.h"
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

/**
 * struct estimate - what the rest will take, from one capture that was replayed
 * @sample, @capture: that one, NULL when nothing is left; @ns, @rss: what it took
 * @largest: bytes of the largest capture; @total_ns, @total_rss: of all, @jobs at a time
 */
struct estimate {
	const struct batch_result *sample;
	const char *capture;
	u64 ns;
	u64 rss;
	u64 largest;
	u64 total_ns;
	u64 total_rss;
	u32 jobs;
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

static int measure(struct rest *rest, struct estimate *e, struct error *err)
{
	const struct batch_result *sample = &rest->left[rest->nr / 2];
	u64 start, work;
	int ret;

	qsort(rest->left, rest->nr, sizeof(*rest->left), by_size);
	start = wall_ns();
	ret = batch_pool(rest->b, BATCH_SAMPLE, &sample->entry, 1, ignore, NULL, &e->rss, err);
	if (ret)
		return ret;
	work = max_u64(sample->bytes, 1) * (sample->units - sample->kept);
	e->sample = sample;
	e->capture = rest->b->manifest.entries[sample->entry].cells.cell[FLEET_CAPTURE];
	e->ns = wall_ns() - start;
	e->jobs = batch_jobs(rest->b, rest->nr);
	e->largest = max_u64(rest->left[rest->nr - 1].bytes, sample->bytes);
	e->total_ns = mul_div(e->ns, rest->work, work) / e->jobs;
	e->total_rss = mul_div(e->rss, e->largest, max_u64(sample->bytes, 1)) * e->jobs;
	return 0;
}

static void print(const struct rest *rest, const struct estimate *e)
{
	const struct batch *b = rest->b;
	char t[3][UNIT_TEXT];

	printf("shard %u of %u: %u captures x %u variants: %u units, %u done, %u left\n",
	       b->shard + 1, b->nr_shards, b->nr_mine, b->nr_variants, b->nr_mine * b->nr_variants,
	       rest->kept, rest->units);
	if (!e->sample)
		return;
	fputs("measured: ", stdout);
	terminal_text(stdout, e->capture);
	printf(", %s, %u variants: %s, %s of memory\n",
	       fmt_bytes(t[0], e->sample->bytes), e->sample->units - e->sample->kept,
	       fmt_seconds(t[1], e->ns), fmt_bytes(t[2], e->rss));
	printf("estimate: %s with %u at a time, %s of memory at most (largest capture: %s)\n",
	       fmt_seconds(t[0], e->total_ns), e->jobs, fmt_bytes(t[1], e->total_rss),
	       fmt_bytes(t[2], e->largest));
}

/** struct member - one of the JSON object */
struct member {
	const char *name;
	u64 value;
};

static struct json_object *object(const struct member *members, size_t nr)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < nr; i++)
		json_object_object_add(o, members[i].name,
				       json_object_new_uint64(members[i].value));
	return o;
}

static int print_json(const struct rest *rest, const struct estimate *e, struct error *err)
{
	const struct batch *b = rest->b;
	const struct member left[] = {
		{ "shard", b->shard + 1 }, { "shards", b->nr_shards }, { "captures", b->nr_mine },
		{ "variants", b->nr_variants }, { "units", b->nr_mine * b->nr_variants },
		{ "units_done", rest->kept }, { "units_left", rest->units },
	};
	struct json_object *root = object(left, ARRAY_SIZE(left)), *measured = NULL, *sum = NULL;

	if (e->sample) {
		const struct member was[] = {
			{ "bytes", e->sample->bytes },
			{ "variants", e->sample->units - e->sample->kept },
			{ "wall_ns", e->ns }, { "memory_bytes", e->rss },
		};
		const struct member will[] = {
			{ "wall_ns", e->total_ns }, { "jobs", e->jobs },
			{ "memory_bytes", e->total_rss }, { "largest_capture_bytes", e->largest },
		};

		measured = object(was, ARRAY_SIZE(was));
		json_object_object_add(measured, "capture", json_object_new_string(e->capture));
		sum = object(will, ARRAY_SIZE(will));
	}
	json_object_object_add(root, "measured", measured);
	json_object_object_add(root, "estimate", sum);
	return json_say(root, err);
}

int batch_dry_run(const struct batch *b, struct error *err)
{
	struct rest rest = { .b = b, .left = calloc(b->nr_mine + 1, sizeof(*rest.left)) };
	struct estimate e = { 0 };
	int ret;

	if (!rest.left)
		return err_nomem(err, "the estimate");
	ret = batch_pool(b, BATCH_CHECK, b->mine, b->nr_mine, look, &rest, NULL, err);
	if (!ret && rest.nr)
		ret = measure(&rest, &e, err);
	if (!ret && b->opts->json)
		ret = print_json(&rest, &e, err);
	else if (!ret)
		print(&rest, &e);
	free(rest.left);
	return ret;
}
