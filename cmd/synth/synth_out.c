// SPDX-License-Identifier: GPL-2.0
#include "cmd/synth/synth_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "cmd/common/save.h"
#include "cmd/common/spool.h"
#include "parsers/writer/trace_writer.h"
#include "replay/initial/snapshot_file.h"
#include "replay/log/log.h"

#define HOST "synth"
#define KERNEL "6.18.0-synth"

const char *synth_format_name(u32 format)
{
	static const char *const names[NR_SYNTH_FORMATS] = { "v7", "v6", "spblog" };

	return format < NR_SYNTH_FORMATS ? names[format] : NULL;
}

static int to_trace(void *ctx, const struct event *ev, const struct synth_task *task,
		    const char *zone, struct error *err)
{
	struct synth_out *out = ctx;

	return trace_writer_event(out->trace, ev, task->pid, task->comm, zone, err);
}

/* Of a kind's extra words, at most one is a string: the zone. */
static int to_log(void *ctx, const struct event *ev, const struct synth_task *task,
		  const char *zone, struct error *err)
{
	struct synth_out *out = ctx;
	struct event copy = *ev;

	copy.task = log_writer_task(out->log, task->pid, task->comm);
	if (zone)
		copy.extra[0] = log_writer_string(out->log, zone, strlen(zone));
	return log_writer_add(out->log, &copy, err);
}

int synth_out_open(struct synth_out *out, const char *path, enum synth_format format,
		   struct error *err)
{
	const struct trace_writer_opts opts = {
		.version = format == SYNTH_V6 ? 6 : 7, .zstd = format == SYNTH_V7,
		.host = HOST, .kernel = KERNEL, .temp_dir = spool_folder(),
	};

	*out = (struct synth_out){ .path = path, .format = format, .sink = { .ctx = out } };
	if (format == SYNTH_LOG)
		out->log = log_writer_new(err);
	else
		out->trace = trace_writer_open(path, &opts, err);
	if (out->log)
		log_writer_temp(out->log, spool_folder());
	out->sink.event = format == SYNTH_LOG ? to_log : to_trace;
	return out->log || out->trace ? 0 : -(int)err->code;
}

static int set_meta(struct log_meta *meta, const struct synth_opts *o,
		    const struct synth_result *res, struct error *err)
{
	const struct model_zone_config zone = synth_zone(o->spbs);
	char format[160];

	snprintf(format, sizeof(format), "synth %s, %s, seed %llu", o->profile->name,
		 o->variant->name, (unsigned long long)o->seed);
	meta->zones = calloc(1, sizeof(*meta->zones));
	if (!meta->zones || log_meta_set(&meta->host, HOST) ||
	    log_meta_set(&meta->kernel, KERNEL) || log_meta_set(&meta->machine, "x86_64") ||
	    log_meta_set(&meta->clock, "mono") || log_meta_set(&meta->format, format))
		return err_nomem(err, "the header of a log");
	meta->partial = res->stopped;
	if (res->stopped && log_meta_set(&meta->partial_why, "made until it was interrupted"))
		return err_nomem(err, "the header of a log");
	meta->nr_zones = 1;
	meta->zones[0].node = zone.node;
	memcpy(meta->zones[0].name, zone.name, sizeof(zone.name));
	meta->zones[0].start_pfn = zone.start_pfn;
	meta->zones[0].spanned = zone.spanned;
	meta->page_size = 4096;
	meta->pageblock_order = 9;
	meta->nr_cpus = o->cpus;
	return 0;
}

int synth_out_save(struct synth_out *out, const struct synth_opts *opts,
		   const struct synth_result *res, struct error *err)
{
	struct trace_writer *trace = out->trace;

	out->trace = NULL;
	if (trace)
		return trace_writer_close(trace, err);
	if (set_meta(log_writer_meta(out->log), opts, res, err))
		return -(int)err->code;
	return log_writer_save(out->log, out->path, err);
}

void synth_out_close(struct synth_out *out)
{
	trace_writer_abort(out->trace);
	log_writer_free(out->log);
	*out = (struct synth_out){ 0 };
}

/* ---- the snapshot: docs/snapshot-format.md ---- */

static void member(FILE *f, const char *name, const char *text)
{
	fprintf(f, "%s %zu\n%s", name, strlen(text), text);
}

static char *snapshot_text(u32 spbs, size_t *len)
{
	const struct model_zone_config zone = synth_zone(spbs);
	const unsigned long long pages = zone.spanned, start = zone.start_pfn;
	char *text = NULL, zoneinfo[512];
	FILE *f = open_memstream(&text, len);

	if (!f)
		return NULL;
	snprintf(zoneinfo, sizeof(zoneinfo),
		 "Node %u, zone %8s\n  pages free     %llu\n        spanned  %llu\n"
		 "        present  %llu\n        managed  %llu\n  start_pfn:           %llu\n",
		 zone.node, zone.name, pages, pages, pages, pages, start);
	fputs(SNAPSHOT_MAGIC, f);
	member(f, "kernel", KERNEL "\n");
	member(f, "host", "host " HOST "\nmachine x86_64\npage_size 4096\n");
	member(f, "zoneinfo", zoneinfo);
	member(f, "pagetypeinfo", "Page block order: 9\nPages per block:  512\n");
	fprintf(f, "%s 0\n", SNAPSHOT_END);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static int pack(FILE *f, const char *text, size_t len)
{
	const size_t room = ZSTD_compressBound(len);
	ZSTD_CCtx *zs = ZSTD_createCCtx();
	char *packed = malloc(room);
	size_t n = 0;

	if (zs && packed && !ZSTD_isError(ZSTD_CCtx_setParameter(zs, ZSTD_c_checksumFlag, 1)))
		n = ZSTD_compress2(zs, packed, room, text, len);
	if (n && !ZSTD_isError(n))
		n = fwrite(packed, 1, n, f) == n;
	else
		n = 0;
	free(packed);
	ZSTD_freeCCtx(zs);
	return n ? 0 : -1;
}

int synth_out_snapshot(const char *path, u32 spbs, struct error *err)
{
	struct save save;
	size_t len = 0;
	char *text = snapshot_text(spbs, &len);
	int ret = text ? save_open(&save, path, NULL, NULL, NULL, err) : err_nomem(err, "a snapshot");

	if (!ret && pack(save.out, text, len))
		ret = err_nomem(err, "a snapshot");
	if (text)
		ret = save_close(&save, ret, err);
	free(text);
	return ret;
}
