// SPDX-License-Identifier: GPL-2.0
/* spbreplay info: what a capture or log holds, and what it can and cannot answer. */
#include "cmd/info/info.h"

#include <string.h>
#include <sys/stat.h>

#include "cmd/commands.h"
#include "cmd/common/jobs.h"
#include "cmd/common/level.h"
#include "cmd/common/progress.h"
#include "cmd/common/say.h"
#include "cmd/common/shared_opts.h"
#include "replay/demand/host_moves.h"


struct info_opts {
	const char *buffer;
	const char *format_dir;
	bool salvage;
	const char *cpus;
	const char *snapshot;
	bool json;
	bool strict;
	bool quiet;
};

static const struct opt info_table[] = {
	SHARED_BUFFER(offsetof(struct info_opts, buffer)),
	SHARED_CPU(offsetof(struct info_opts, cpus)),
	SHARED_FORMAT_DIR(offsetof(struct info_opts, format_dir)),
	SHARED_SALVAGE(offsetof(struct info_opts, salvage)),
	{ "snapshot", 's', "SNAPSHOT", OPT_STRING, offsetof(struct info_opts, snapshot), 0, 0,
	  "snapshot of the host: its zones and residents" },
	{ "json", 'J', NULL, OPT_FLAG, offsetof(struct info_opts, json), 0, 0,
	  "as JSON" },
	SHARED_STRICT(offsetof(struct info_opts, strict)),
	{ "quiet", 'q', NULL, OPT_FLAG, offsetof(struct info_opts, quiet), 0, 0,
	  "no progress line" },
};

u64 info_odd(const struct info *info, size_t i)
{
	u64 value;

	memcpy(&value, (const char *)&info->odd + demand_oddity_table[i].offset, sizeof(value));
	return value;
}

void info_lost(const struct log_meta *meta, u64 *events, u64 *unknown_gaps)
{
	*events = 0;
	*unknown_gaps = 0;
	for (u32 i = 0; i < meta->nr_lost; i++) {
		*events += meta->lost[i].events;
		*unknown_gaps += meta->lost[i].unknown_gaps;
	}
}

bool info_answer(const struct info *info, size_t i)
{
	const struct answer *a = &answer_table[i];

	if (a->lacks)
		return !(a->lacks & info->have);
	return !(a->has & ~info->have);
}

/* Second pass: only its counts are wanted. */
static int count_oddities(struct info *info, struct error *err)
{
	struct demand *d = demand_new(info->plan, err);
	struct event_block block;
	struct op_block ops = { 0 };
	int ret = -ERR_IO;

	if (!d)
		return -(int)err->code;
	if (event_block_init(&block)) {
		err_nomem(err, "events");
		goto out;
	}
	ret = log_reader_rewind(info->src.reader, err);
	while (!ret) {
		ret = log_reader_next(info->src.reader, &block, err);
		if (ret <= 0)
			break;
		ret = demand_next(d, &block, &ops, err);
	}
	info->odd = *demand_oddities(d);
	event_block_fini(&block);
	op_block_fini(&ops);
out:
	demand_free(d);
	return ret;
}

static int look_at_demand(struct info *info, const struct snapshot *snapshot, struct error *err)
{
	struct demand_opts opts = { .t1 = UINT64_MAX, .snapshot = snapshot };
	const struct level *level = level_choose(NULL, info->have);
	char missing[256];
	int ret;

	if (!(info->have & level->needs)) {
		kinds_missing(level->needs, info->have, missing, sizeof(missing));
		err_set(&info->no_plan, ERR_DAMAGED, "the capture has no %s", missing);
		return 0;
	}
	opts.level = level->level;
	info->plan = demand_scan(info->src.reader, &opts, &info->no_plan);
	if (!info->plan)
		return info->no_plan.code == ERR_DAMAGED || info->no_plan.code == ERR_USAGE ? 0 :
			err_set(err, info->no_plan.code, "%s", info->no_plan.text);
	ret = count_oddities(info, err);
	source_rename(&info->src, err);
	return ret;
}

static u64 file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (u64)st.st_size;
}

static int show(struct info *info, const struct info_opts *opts, struct error *err)
{
	int ret = 0;

	if (opts->json)
		ret = info_json(info, stdout);
	else
		info_text(info, stdout);
	return ret ? err_nomem(err, "JSON") : 0;
}

static int run_info(const struct command *cmd __unused, void *values, int nr, char **args)
{
	const struct info_opts *opts = values;
	struct source_opts so = { .buffer = opts->buffer, .quiet = opts->quiet,
				  .strict = opts->strict, .format_dir = opts->format_dir,
				  .salvage = opts->salvage,
				  .cpus = opts->cpus, .jobs = jobs_or_cpus(0) };
	struct snapshot *snapshot = NULL;
	struct str_list paths = { .nr = (u32)nr };
	struct info info = { 0 };
	struct error err = { 0 };

	memcpy(paths.at, args, (size_t)nr * sizeof(*args));

	if (source_open(&info.src, &paths, &so, &err))
		return say_error(&err);
	info.meta = source_meta(&info.src);
	info.have = kinds_of(info.meta);
	info.have_moves = host_moves_in(info.meta);
	info.bytes = info.src.image ? log_image_bytes(info.src.image) : file_size(info.src.real);
	if (opts->snapshot)
		snapshot = snapshot_load(opts->snapshot, &err);
	if (!err.code && !info_scan(&info.scan, info.src.reader, &err) &&
	    !look_at_demand(&info, snapshot, &err) && !show(&info, opts, &err))
		source_damage(&info.src, &err);
	if (err.code)
		say_error(&err);
	info_scan_fini(&info.scan);
	demand_plan_free(info.plan);
	snapshot_free(snapshot);
	source_close(&info.src);
	return (int)err.code;
}

static const struct example examples[] = {
	{ "what a capture can answer", "spbreplay info trace.dat" },
	{ "and how much of the memory in use a snapshot explains",
	  "spbreplay info -s before/ trace.dat" },
};

const struct command cmd_info = {
	.name = "info",
	.summary = "what a capture or log holds, and what it can and cannot answer",
	.usage = "FILE... [--buffer NAME] [-s SNAPSHOT] [--json] [--strict]",
	.opts = info_table,
	.nr_opts = ARRAY_SIZE(info_table),
	.opts_size = sizeof(struct info_opts),
	.min_args = 1,
	.max_args = SOURCE_MAX_FILES,
	.run = run_info,
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.notes = "FILE is a capture (trace.dat, ftrace text, raw pages with --format-dir), an .spblog, or\n"
		 "- for standard input; several files are read as one capture of one host.\n",
};
