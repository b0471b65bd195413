// SPDX-License-Identifier: GPL-2.0
#include "parsers/binary.h"

#include "parsers/capture_meta.h"
#include "parsers/merge.h"
#include "parsers/pick.h"
#include "parsers/quality.h"
#include "parsers/rawpages.h"

#include <stdlib.h>
#include <string.h>

/* Rows copied to a block before they are added to the log. */
#define PENDING_MAX 2048u

/* One file of the capture. */
struct file {
	struct stream_source src;	/* first: file_of() */
	struct tracedat td;
	const struct tracedat_buffer *buffer;
	struct cpustream *stream;
	u32 nr_streams;
};

/* The task of a CPU's last event, which mostly is that of the next, too. */
struct last_task {
	u32 pid;
	u32 task;
	bool known;
};

/*
 * A whole capture. @order: all streams, by CPU and then by file; @last: by the same index.
 * @pending, @pending_words: rows in the log's block that are not added yet.
 * @nr_extra: extra words of a kind; @strings: which of them are strings, a bit each.
 */
struct run {
	struct input *in;
	struct input_hasher hasher;
	u32 nr;
	struct file *file;
	u32 nr_streams;
	struct cpustream **order;
	struct last_task *last;
	struct ahead *ahead;
	struct merge merge;
	struct quality *quality;
	struct log_writer *w;
	const struct capture_opts *opts;
	u64 total;
	u32 lost_task;
	u32 pending;
	u32 pending_words;
	u16 strings[NR_EVENT_KINDS];
	u8 nr_extra[NR_EVENT_KINDS];
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

	pick_source(&f->src, &f->td, b);
	f->stream = calloc(b->nr_cpus ? b->nr_cpus : 1, sizeof(*f->stream));
	if (!f->stream)
		return err_nomem(err, "the streams of the CPUs");
	for (u32 i = 0; i < b->nr_cpus; i++) {
		struct cpustream *s = &f->stream[f->nr_streams];

		if (r->opts && !cpulist_has(r->opts->cpus, b->cpu[i].id))
			continue;
		cpustream_init(s, &f->src, b->cpu[i].id, b->cpu[i].offset, b->cpu[i].size,
			       &f->td.damage);
		r->total += s->chunks.end - s->chunks.pos;
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
		ret = tracedat_open(&f->td, &r->in[i],
				    r->opts && r->opts->salvage ? TRACEDAT_SALVAGE : 0, err);
	else
		ret = raw_open(&f->td, &r->in[i], r->opts ? r->opts->format_dir : NULL, i, err);
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

	if (x->chunks.cpu != y->chunks.cpu)
		return x->chunks.cpu < y->chunks.cpu ? -1 : 1;
	if (fx != fy)
		return fx < fy ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* The first damage is the one that is told. */
static void note_damage(void *ctx, u32 rank, const struct error *damage)
{
	const struct run *r = ctx;

	err_set(&file_of(r->order[rank])->td.damage, damage->code, "%s", damage->text);
}

/* With more than one thread the log is encoded beside the merge, and CPUs are decoded ahead. */
static int start_threads(struct run *r, struct error *err)
{
	u32 jobs = r->opts && r->opts->jobs ? r->opts->jobs : 1;
	u32 encoders = jobs / 2;
	int ret = log_writer_threads(r->w, encoders, err);

	if (ret)
		return ret;
	r->ahead = ahead_new(r->order, r->nr_streams, jobs - 1 - (jobs > 1 ? encoders : 0));
	return r->ahead ? 0 : err_nomem(err, "the streams of the CPUs");
}

static int start_merge(struct run *r, struct error *err)
{
	u32 n = 0;
	int ret;

	r->quality = quality_new();
	r->order = calloc(r->nr_streams ? r->nr_streams : 1, sizeof(*r->order));
	r->last = calloc(r->nr_streams ? r->nr_streams : 1, sizeof(*r->last));
	for (u8 k = 0; k < NR_EVENT_KINDS; k++) {
		r->strings[k] = event_string_mask(k);
		r->nr_extra[k] = event_kinds[k].nr_extra;
	}
	if (!r->quality || !r->order || !r->last)
		return err_nomem(err, "the streams of the CPUs");
	for (u32 i = 0; i < r->nr; i++)
		for (u32 c = 0; c < r->file[i].nr_streams; c++)
			r->order[n++] = &r->file[i].stream[c];
	qsort(r->order, n, sizeof(*r->order), by_cpu_file);
	ret = start_threads(r, err);
	return ret ? ret : merge_init(&r->merge, r->ahead, n, note_damage, r, err);
}

static void progress(const struct run *r)
{
	u64 done = 0;

	if (!r->opts || !r->opts->progress)
		return;
	for (u32 i = 0; i < r->nr; i++)
		done += atomic_load(&r->file[i].src.chunks.done);
	r->opts->progress(r->opts->progress_ctx, min_u64(done, r->total), r->total);
}

/* Asked to stop? Then what was read so far is what there is. */
static bool stopped(struct run *r)
{
	struct tracedat *td = &r->file[0].td;

	if (!r->opts || !r->opts->stop || !*r->opts->stop)
		return false;
	if (!td->damage.code)
		err_set(&td->damage, ERR_DAMAGED,
			"%s: interrupted after %llu events - parse it again for the rest",
			td->in->path,
			(unsigned long long)log_writer_meta(r->w)->nr_events);
	return true;
}

/* A pid whose name this file does not hold may have one in another. */
static void share_comms(struct run *r)
{
	for (u32 i = 0; i < r->nr; i++)
		r->file[i].td.comms.others = &r->file[(i + 1) % r->nr].td.comms;
}

/* Task of an event that is not by the task of that CPU's event before. */
static int find_task(const struct run *r, u32 rank, u32 pid, u8 kind, u32 *task, struct error *err)
{
	struct last_task *last = &r->last[rank];
	int ret;

	*task = r->lost_task;
	if (kind == EVENT_LOST)
		return 0;
	ret = comms_task(&file_of(r->order[rank])->td.comms, r->w, pid, task, err);
	if (!ret)
		*last = (struct last_task){ pid, *task, true };
	return ret;
}

/* Words that are strings get their ids: of the rows [@from, @end) of @b, whose words are @to. */
static void intern_strings(const struct run *r, const struct batch *b, u32 from, u32 end, u64 *to)
{
	for (u32 i = from; i < end; i++) {
		u32 mask = r->strings[b->kind[i]];

		for (u32 j = 0; mask >> j; j++)
			if (mask >> j & 1)
				to[j] = log_writer_string(r->w, b->text + (to[j] >> 16),
							  to[j] & 0xffff);
		to += r->nr_extra[b->kind[i]];
	}
}

/* Whole pieces: what comes behind @bytes is written over by the next run. */
static inline void copy_column(void *to, const void *from, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += BATCH_PIECE)
		memcpy((u8 *)to + at, (const u8 *)from + at, BATCH_PIECE);
}

static inline void fill_column(void *to, const void *piece, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += BATCH_PIECE)
		memcpy((u8 *)to + at, piece, BATCH_PIECE);
}

/* Are all events of the run by the task of that CPU's event before? */
static bool same_task(const struct last_task *last, const struct batch *b, u32 end)
{
	u32 other = 0;

	for (u32 i = b->at; i < end; i++)
		other |= b->pid[i] ^ last->pid;
	return !other && last->known && !b->lost;
}

static int copy_tasks(struct run *r, u32 rank, const struct batch *b, u32 end, u32 *to,
		      struct error *err)
{
	const struct last_task *last = &r->last[rank];

	if (same_task(last, b, end)) {
		const u32 piece[] = { last->task, last->task, last->task, last->task };

		_Static_assert(sizeof(piece) == BATCH_PIECE, "a piece of tasks");
		fill_column(to, piece, (end - b->at) * sizeof(*to));
		return 0;
	}
	for (u32 i = b->at; i < end; i++) {
		const bool other = b->pid[i] != last->pid || !last->known ||
				   b->kind[i] == EVENT_LOST;
		u32 task = last->task;
		int ret = other ? find_task(r, rank, b->pid[i], b->kind[i], &task, err) : 0;

		if (ret)
			return ret;
		to[i - b->at] = task;
	}
	return 0;
}

/* The run [b->at, @end) of the CPU @rank behind what is pending. */
static int copy_run(struct run *r, u32 rank, struct batch *b, u32 end, struct error *err)
{
	const struct event_block *to = log_writer_block(r->w);
	const u32 at = b->at, row = to->nr + r->pending;
	const size_t nr = end - at;
	const u32 nr_words = (u32)b->word[end] - b->word[at];
	u64 *const words = to->extra + to->nr_extra + r->pending_words;
	const u16 cpu = r->order[rank]->chunks.cpu;
	const u16 cpus[] = { cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu };
	int ret = copy_tasks(r, rank, b, end, to->task + row, err);

	_Static_assert(sizeof(cpus) == BATCH_PIECE, "a piece of CPUs");
	if (ret)
		return ret;
	fill_column(to->cpu + row, cpus, nr * sizeof(*to->cpu));
	copy_column(to->time + row, b->time + at, nr * sizeof(*to->time));
	copy_column(to->pfn + row, b->pfn + at, nr * sizeof(*to->pfn));
	copy_column(to->kind + row, b->kind + at, nr);
	copy_column(to->order + row, b->order + at, nr);
	copy_column(to->migratetype + row, b->migratetype + at, nr);
	copy_column(words, b->extra + b->word[at], nr_words * sizeof(*words));
	if (b->nr_text)
		intern_strings(r, b, at, end, words);
	r->pending += end - at;
	r->pending_words += nr_words;
	return 0;
}

/* Rows that were copied become part of the log: many at a time, runs are short. */
static int add_pending(struct run *r, struct error *err)
{
	const struct event_block *b = log_writer_block(r->w);
	const u32 nr = r->pending, nr_words = r->pending_words;

	quality_rows(r->quality, b, b->nr, nr);
	r->pending = r->pending_words = 0;
	return log_writer_added(r->w, nr, nr_words, err);
}

static int read_events(struct run *r, struct error *err)
{
	const struct merge_item *top;
	int ret = start_merge(r, err);

	share_comms(r);
	r->lost_task = log_writer_task(r->w, 0, "");
	while (!ret && (top = merge_top(&r->merge))) {
		u32 room = EVENT_BLOCK_MAX - log_writer_block(r->w)->nr - r->pending;
		u32 end = merge_run(&r->merge, room);

		room -= end - top->feed->now->at;
		ret = copy_run(r, top->rank, top->feed->now, end, err);
		if (!ret)
			ret = merge_advance(&r->merge, end, err);
		if (ret || (room && r->pending < PENDING_MAX))
			continue;
		ret = add_pending(r, err);
		if (!room)
			progress(r);
		if (stopped(r))
			break;
	}
	if (!ret && r->pending)
		ret = add_pending(r, err);
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
		meta->nr_cpus += !i || r->order[i]->chunks.cpu != r->order[i - 1]->chunks.cpu;
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
	/* First of all: its threads use the streams. */
	ahead_free(r->ahead);
	for (u32 i = 0; r->file && i < r->nr; i++) {
		struct file *f = &r->file[i];

		for (u32 c = 0; c < f->nr_streams; c++)
			cpustream_fini(&f->stream[c]);
		free(f->stream);
		tracedat_close(&f->td);
	}
	free(r->file);
	free(r->order);
	free(r->last);
	merge_fini(&r->merge);
	quality_free(r->quality);
}

/* Read the events of the open files; their bytes are hashed meanwhile. */
static int read_files(struct run *r, struct error *err)
{
	int ret, hashed;

	input_hasher_start(&r->hasher, r->in, r->nr, r->opts && r->opts->jobs > 1);
	ret = read_events(r, err);
	hashed = input_hasher_finish(&r->hasher, ret ? NULL : err);
	if (!ret)
		ret = hashed;
	return ret ? ret : finish(r, err);
}

int binary_parse(struct input *in, u32 nr, const struct capture_opts *opts,
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
		ret = read_files(&r, err);
	run_fini(&r);
	return ret;
}
