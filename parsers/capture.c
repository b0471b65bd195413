// SPDX-License-Identifier: GPL-2.0
#include "parsers/capture.h"

#include "parsers/capture_meta.h"
#include "parsers/merge.h"
#include "parsers/pick.h"
#include "parsers/quality.h"
#include "parsers/sniff.h"

#include <stdlib.h>
#include <string.h>

#define PROGRESS_EVENTS 65536u

/*
 * One capture being read. @last_pid and @last_task spare a look-up: a task mostly has many events
 * in a row.
 */
struct run {
	struct tracedat td;
	const struct tracedat_buffer *buffer;
	struct stream_source src;
	struct cpustream *stream;
	struct merge merge;
	struct quality *quality;
	struct log_writer *w;
	const struct capture_opts *opts;
	u64 total;
	u32 lost_task;
	u32 last_pid;
	u32 last_task;
	bool have_task;
};

/* Clocks whose unit is not the nanosecond, and which no option converts. */
static const char *const unusable_clocks[] = { "uptime", "counter", "x86-tsc", "ppc-tb" };

bool capture_sniff(const void *bytes, size_t len)
{
	return tracedat_sniff(bytes, len);
}

static int check_clock(const struct run *r, struct error *err)
{
	const char *clock = capture_clock(&r->td, r->buffer);

	for (size_t i = 0; clock && i < ARRAY_SIZE(unusable_clocks); i++)
		if (!strcmp(clock, unusable_clocks[i]) && !r->td.tsc.mult)
			return err_set(err, ERR_DAMAGED,
				       "%s: trace clock \"%s\" does not count nanoseconds - record with trace-cmd record -C mono",
				       r->td.in->path, clock);
	return 0;
}

static int open_streams(struct run *r, struct error *err)
{
	const struct tracedat_buffer *b = r->buffer;
	int ret;

	pick_source(&r->src, &r->td, b, &r->td.damage);
	ret = stream_source_init(&r->src, err);
	if (ret)
		return ret;
	r->stream = calloc(b->nr_cpus, sizeof(*r->stream));
	r->quality = quality_new();
	if (!r->stream || !r->quality)
		return err_nomem(err, "the streams of the CPUs");
	for (u32 i = 0; i < b->nr_cpus; i++) {
		cpustream_init(&r->stream[i], &r->src, b->cpu[i].id, b->cpu[i].offset,
			       b->cpu[i].size);
		r->total += r->stream[i].end - r->stream[i].pos;
	}
	return merge_init(&r->merge, r->stream, b->nr_cpus, err);
}

static void progress(const struct run *r)
{
	if (r->opts && r->opts->progress)
		r->opts->progress(r->opts->progress_ctx, min_u64(r->src.done, r->total), r->total);
}

static void lost_event(const struct run *r, const struct cpustream *s, struct event *ev)
{
	ev->kind = EVENT_LOST;
	ev->pfn = EVENT_NO_PFN;
	ev->order = 0;
	ev->migratetype = EVENT_NO_MT;
	ev->task = r->lost_task;
	ev->extra[0] = s->lost;
}

static int set_task(struct run *r, u32 pid, struct event *ev, struct error *err)
{
	if (!r->have_task || pid != r->last_pid) {
		int ret = comms_task(&r->td.comms, r->w, pid, &r->last_task, err);

		if (ret)
			return ret;
		r->last_pid = pid;
		r->have_task = true;
	}
	ev->task = r->last_task;
	return 0;
}

static int add_event(struct run *r, struct cpustream *s, struct error *err)
{
	struct event ev;
	u32 pid;
	int ret;

	if (s->kind == EVENT_LOST) {
		lost_event(r, s, &ev);
	} else {
		if (!decode_event(r->td.dec, s->kind, s->rec, s->rec_len, &ev, &pid, r->w)) {
			cpustream_damage(s, "a string lies outside its event");
			return 0;
		}
		ret = set_task(r, pid, &ev, err);
		if (ret)
			return ret;
	}
	ev.time = s->time;
	ev.cpu = s->cpu;
	quality_event(r->quality, &ev);
	return log_writer_add(r->w, &ev, err);
}

static int read_events(struct run *r, struct error *err)
{
	struct cpustream *s;
	u64 n = 0;
	int ret = open_streams(r, err);

	r->lost_task = log_writer_task(r->w, 0, "");
	while (!ret && (s = merge_top(&r->merge))) {
		ret = add_event(r, s, err);
		if (!ret)
			ret = merge_advance(&r->merge, err);
		if (++n % PROGRESS_EVENTS == 0)
			progress(r);
	}
	if (!ret)
		progress(r);
	return ret;
}

static int parse_tracedat(struct run *r, struct error *err)
{
	struct log_meta *meta = log_writer_meta(r->w);
	struct error *damage = &r->td.damage;
	int ret;

	ret = pick_buffer(&r->td, r->opts ? r->opts->buffer : NULL, &r->buffer, err);
	if (!ret)
		ret = check_clock(r, err);
	if (!ret)
		ret = capture_meta_source(meta, &r->td, r->buffer, err);
	if (!ret)
		ret = read_events(r, err);
	if (!ret)
		ret = capture_meta_events(meta, &r->td, r->buffer, r->stream, r->quality, damage,
					  err);
	if (!ret && damage->code)
		ret = err_set(err, damage->code, "%s", damage->text);
	return ret;
}

static void run_fini(struct run *r)
{
	for (u32 i = 0; r->stream && i < r->buffer->nr_cpus; i++)
		cpustream_fini(&r->stream[i]);
	free(r->stream);
	merge_fini(&r->merge);
	quality_free(r->quality);
	stream_source_fini(&r->src);
	tracedat_close(&r->td);
}

static int parse_input(const struct input *in, const struct capture_opts *opts,
		       struct log_writer *w, struct error *err)
{
	struct run r = { .opts = opts, .w = w };
	u8 first[SNIFF_BYTES + PAGE_SLACK] = { 0 };
	size_t len;
	int ret = input_read(in, 0, first, SNIFF_BYTES, &len, err);

	if (ret)
		return ret;
	if (!capture_sniff(first, len))
		return sniff_refuse(in->path, first, len, err);
	ret = tracedat_open(&r.td, in, err);
	if (!ret)
		ret = parse_tracedat(&r, err);
	run_fini(&r);
	return ret;
}

int capture_parse(const char *path, const struct capture_opts *opts, struct log_writer *w,
		  struct error *err)
{
	struct error own = { 0 };
	struct input in;
	int ret;

	/* Callers may pass no error, or one that is set; the code returned must be this one's. */
	ret = input_open(&in, path, &own);
	if (!ret) {
		ret = parse_input(&in, opts, w, &own);
		input_close(&in);
	}
	if (own.code)
		err_set(err, own.code, "%s", own.text);
	return ret;
}
