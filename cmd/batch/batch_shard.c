// SPDX-License-Identifier: GPL-2.0
/* Which part of a batch is ours: --shard i/n, or what a job array says in the environment. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/batch/batch.h"

#define SHARDS_MAX 1000000u

static int from_text(struct batch *b, const char *text, struct error *err)
{
	const char *slash = strchr(text, '/');
	char first[16];
	u64 i, n;

	if (!slash || slash - text >= (int)sizeof(first))
		return err_set(err, ERR_USAGE, "--shard: '%.40s' is not I/N - give 1/4 up to 4/4",
			       text);
	snprintf(first, sizeof(first), "%.*s", (int)(slash - text), text);
	if (opts_u64(slash + 1, "--shard I/N", 1, SHARDS_MAX, &n, err) ||
	    opts_u64(first, "--shard I/N", 1, n, &i, err))
		return -ERR_USAGE;
	b->shard = (u32)i - 1;
	b->nr_shards = (u32)n;
	return 0;
}

/* Number in the environment; @missing when it is not set. */
static int from_env(const char *name, u64 missing, u64 *value, struct error *err)
{
	const char *text = getenv(name);

	*value = missing;
	return text ? opts_u64(text, name, 0, UINT32_MAX, value, err) : 0;
}

static int take(struct batch *b, const char *id_name, u64 index, const char *count_name, u64 count,
		struct error *err)
{
	if (!count || count > SHARDS_MAX || index >= count)
		return err_set(err, ERR_USAGE, "%s: is task %" PRIu64 " of %s=%" PRIu64 " - set "
			       "%s to the number of tasks, or give --shard I/N", id_name, index,
			       count_name, count, count_name);
	b->shard = (u32)index;
	b->nr_shards = (u32)count;
	return 0;
}

/* Task ids of a Slurm array begin and step as the user likes. */
static int from_slurm(struct batch *b, struct error *err)
{
	u64 id, min, step, count;

	if (from_env("SLURM_ARRAY_TASK_ID", 0, &id, err) ||
	    from_env("SLURM_ARRAY_TASK_MIN", 0, &min, err) ||
	    from_env("SLURM_ARRAY_TASK_STEP", 1, &step, err) ||
	    from_env("SLURM_ARRAY_TASK_COUNT", 0, &count, err))
		return -ERR_USAGE;
	return take(b, "SLURM_ARRAY_TASK_ID", step && id >= min ? (id - min) / step : UINT64_MAX,
		    "SLURM_ARRAY_TASK_COUNT", count, err);
}

/* Kubernetes sets the index only; the example's manifest sets the count. */
static int from_kubernetes(struct batch *b, struct error *err)
{
	u64 index, count;

	if (from_env("JOB_COMPLETION_INDEX", 0, &index, err) ||
	    from_env("JOB_COMPLETIONS", 0, &count, err))
		return -ERR_USAGE;
	return take(b, "JOB_COMPLETION_INDEX", index, "JOB_COMPLETIONS", count, err);
}

static int find_shard(struct batch *b, struct error *err)
{
	if (b->opts->shard)
		return from_text(b, b->opts->shard, err);
	if (getenv("SLURM_ARRAY_TASK_ID"))
		return from_slurm(b, err);
	if (getenv("JOB_COMPLETION_INDEX"))
		return from_kubernetes(b, err);
	b->nr_shards = 1;
	return 0;
}

int batch_shard(struct batch *b, struct error *err)
{
	int ret = find_shard(b, err);

	if (ret)
		return ret;
	b->mine = calloc(b->manifest.nr, sizeof(*b->mine));
	if (!b->mine)
		return err_nomem(err, "the batch");
	for (u32 i = 0; i < b->manifest.nr; i++) {
		if (manifest_in_shard(&b->manifest.entries[i], b->shard, b->nr_shards))
			b->mine[b->nr_mine++] = i;
	}
	return 0;
}
