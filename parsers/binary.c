// SPDX-License-Identifier: GPL-2.0
#include "parsers/binary.h"

#include "parsers/capture_meta.h"
#include "parsers/merge.h"
#include "parsers/pick.h"
#include "parsers/quality.h"
#include "parsers/rawpages.h"

#include <stdlib.h>
#include <string.h>

#define PROGRESS_EVENTS 65536u

/*
 * One file of the capture. @last_pid and @last_task spare a look-up: a task mostly has many
 * events in a row.
 */
struct file {
	struct stream_source src;	/* first: file_of() */
	struct tracedat td;
	const struct tracedat_buffer *buffer;
	struct cpustream *stream;
	u32 nr_streams;
	u32 last_pid;
	u32 last_task;
	bool have_task;
};

/* A whole capture. @order: all streams, by CPU and then by file. */
struct run {
	const struct input *in;
	u32 nr;
	struct file *file;
	u32 nr_streams;
	struct cpustream **order;
	struct merge merge;
	struct quality *quality;
	struct log_writer *w;
	const struct capture_opts *opts;
	u64 total;
	u32 lost_task;
};

/* Clocks whose unit is not the nanosecond, and which no option converts. */
static const char *const unusable_clocks[] = { "uptime", "counter", "x86-tsc", "ppc-tb" };

static struct file *file_of(const struct cpustream *s)
{
	return (struct file *)(void *)s->src;
}

static int check_clock(const struct file *f, struct error *err)
{
	const char *clock = capture_clock(&f->td, f->buffer);

	for (size_t i = 0; clock && i < ARRAY_SIZE(unusable_clocks); i++)
		if (!strcmp(clock, unusable_clocks[i]) && !f->td.tsc.mult)
			return err_set(err, ERR_DAMAGED,
				       "%s: trace clock \"%s\" does not count nanoseconds - record with trace-cmd record -C mono",
				       f->td.in->path, clock);
	return 0;
}

static bool differ(const char *a, const char *b)
{
	return a && b && strcmp(a, b);
}

/* Files that are read together must come from one host and count one clock. */
static int check_same_host(const struct run *r, const struct file *f, struct error *err)
{
	const struct file *first = &r->file[0];

	if (differ(first->td.uname, f->td.uname))
		return err_set(err, ERR_USAGE,
			       "%s: recorded on \"%.80s\", %s on \"%.80s\" - give files of one host",
			       f->td.in->path, f->td.uname, first->td.in->path, first->td.uname);
	if (differ(capture_clock(&first->td, first->buffer), capture_clock(&f->td, f->buffer)))
		return err_set(err, ERR_USAGE,
			       "%s: its clock is \"%.40s\", that of %s is \"%.40s\" - give files of one recording",
			       f->td.in->path, capture_clock(&f->td, f->buffer),
			       first->td.in->path, capture_clock(&first->td, first->buffer));
	return 0;
}

static int open_streams(struct run *r, struct file *f, struct error *err)
{
	const struct tracedat_buffer *b = f->buffer;
	int ret;

	pick_source(&f->src, &f->td, b, &f->td.damage);
	ret = stream_source_init(&f->src, err);
	if (ret)
		return ret;
	f->stream = calloc(b->nr_cpus ? b->nr_cpus : 1, sizeof(*f->stream));
	if (!f->stream)
		return err_nomem(err, "the streams of the CPUs");
	for (u32 i = 0; i < b->nr_cpus; i++) {
		struct cpustream *s = &f->stream[f->nr_streams];

		if (r->opts && !cpulist_has(r->opts->cpus, b->cpu[i].id))
			continue;
		cpustream_init(s, &f->src, b->cpu[i].id, b->cpu[i].offset, b->cpu[i].size);
		r->total += s->end - s->pos;
		f->nr_streams++;
	}
	r->nr_streams += f->nr_streams;
	return 0;
}

static int open_file(struct run *r, u32 i, struct error *err)
{
	const char *name = r->opts ? r->opts->buffer : NULL;
	struct file *f = &r->file[i];
	int ret;

	if (tracedat_is(&r->in[i]))
		ret = tracedat_open(&f->td, &r->in[i], err);
	else
		ret = raw_open(&f->td, &r->in[i], r->opts->format_dir, i, err);
	if (!ret)
		ret = pick_buffer(&f->td, name, &f->buffer, err);
	if (!ret)
		ret = check_clock(f, err);
	if (!ret)
		ret = check_same_host(r, f, err);
	return ret ? ret : open_streams(r, f, err);
}

static int by_cpu_file(const void *a, const void *b)
{
	const struct cpustream *x = *(struct cpustream *const *)a;
	const struct cpustream *y = *(struct cpustream *const *)b;
	const struct file *fx = file_of(x), *fy = file_of(y);

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	if (fx != fy)
		return fx < fy ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int start_merge(struct run *r, struct error *err)
{
	u32 n = 0;

	r->quality = quality_new();
	r->order = calloc(r->nr_streams ? r->nr_streams : 1, sizeof(*r->order));
	if (!r->quality || !r->order)
		return err_nomem(err, "the streams of the CPUs");
	for (u32 i = 0; i < r->nr; i++)
		for (u32 c = 0; c < r->file[i].nr_streams; c++)
			r->order[n++] = &r->file[i].stream[c];
	qsort(r->order, n, sizeof(*r->order), by_cpu_file);
	return merge_init(&r->merge, r->order, n, err);
}

static void progress(const struct run *r)
{
	u64 done = 0;

	if (!r->opts || !r->opts->progress)
		return;
	for (u32 i = 0; i < r->nr; i++)
		done += r->file[i].src.done;
	r->opts->progress(r->opts->progress_ctx, min_u64(done, r->total), r->total);
}

/* Asked to stop? Then what was read so far is what there is. */
static bool stopped(struct run *r, u64 events)
{
	struct tracedat *td = &r->file[0].td;

	if (!r->opts || !r->opts->stop || !*r->opts->stop)
		return false;
	if (!td->damage.code)
		err_set(&td->damage, ERR_DAMAGED,
			"%s: interrupted after %llu events - parse it again for the rest",
			td->in->path, (unsigned long long)events);
	return true;
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

/* A pid whose name this file does not hold may have one in another. */
static void share_comms(struct run *r)
{
	for (u32 i = 0; i < r->nr; i++)
		r->file[i].td.comms.others = &r->file[(i + 1) % r->nr].td.comms;
}

static int set_task(const struct run *r, struct file *f, u32 pid, struct event *ev,
		    struct error *err)
{
	if (!f->have_task || pid != f->last_pid) {
		int ret = comms_task(&f->td.comms, r->w, pid, &f->last_task, err);

		if (ret)
			return ret;
		f->last_pid = pid;
		f->have_task = true;
	}
	ev->task = f->last_task;
	return 0;
}

static int add_event(struct run *r, struct cpustream *s, struct error *err)
{
	struct file *f = file_of(s);
	struct event ev;
	u32 pid;
	int ret;

	if (s->kind == EVENT_LOST) {
		lost_event(r, s, &ev);
	} else {
		if (!decode_event(f->td.dec, s->kind, s->rec, s->rec_len, &ev, &pid, r->w)) {
			cpustream_damage(s, "a string lies outside its event");
			return 0;
		}
		ret = set_task(r, f, pid, &ev, err);
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
	int ret = start_merge(r, err);

	share_comms(r);
	r->lost_task = log_writer_task(r->w, 0, "");
	while (!ret && (s = merge_top(&r->merge))) {
		ret = add_event(r, s, err);
		if (!ret)
			ret = merge_advance(&r->merge, err);
		if (++n % PROGRESS_EVENTS)
			continue;
		progress(r);
		if (stopped(r, n))
			break;
	}
	if (!ret)
		progress(r);
	return ret;
}

static int describe(struct run *r, struct error *err)
{
	struct log_meta *meta = log_writer_meta(r->w);
	int ret = capture_meta_source(meta, &r->file[0].td, r->file[0].buffer, err);

	if (!ret)
		ret = capture_meta_files(meta, r->in, r->nr, meta->format, err);
	meta->nr_cpus = 0;
	for (u32 i = 0; i < r->nr_streams; i++)
		meta->nr_cpus += !i || r->order[i]->cpu != r->order[i - 1]->cpu;
	for (u32 i = 0; i < r->nr && !ret; i++) {
		const struct file *f = &r->file[i];

		ret = capture_meta_losses(meta, &f->td, f->buffer, f->stream, f->nr_streams, err);
	}
	return ret;
}

static int finish(struct run *r, struct error *err)
{
	const struct error *damage = NULL;
	int ret = describe(r, err);

	for (u32 i = 0; i < r->nr && !damage; i++)
		if (r->file[i].td.damage.code)
			damage = &r->file[i].td.damage;
	if (!ret)
		ret = capture_meta_events(log_writer_meta(r->w), r->quality, damage, err);
	if (!ret && damage)
		ret = err_set(err, damage->code, "%s", damage->text);
	return ret;
}

static void run_fini(struct run *r)
{
	for (u32 i = 0; r->file && i < r->nr; i++) {
		struct file *f = &r->file[i];

		for (u32 c = 0; c < f->nr_streams; c++)
			cpustream_fini(&f->stream[c]);
		free(f->stream);
		stream_source_fini(&f->src);
		tracedat_close(&f->td);
	}
	free(r->file);
	free(r->order);
	merge_fini(&r->merge);
	quality_free(r->quality);
}

int binary_parse(const struct input *in, u32 nr, const struct capture_opts *opts,
		 struct log_writer *w, struct error *err)
{
	struct run r = { .in = in, .nr = nr, .opts = opts, .w = w };
	int ret = 0;

	r.file = calloc(nr, sizeof(*r.file));
	if (!r.file)
		return err_nomem(err, "the capture");
	for (u32 i = 0; i < nr && !ret; i++)
		ret = open_file(&r, i, err);
	if (!ret)
		ret = read_events(&r, err);
	if (!ret)
		ret = finish(&r, err);
	run_fini(&r);
	return ret;
}
