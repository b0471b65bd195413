// SPDX-License-Identifier: GPL-2.0
/*
 * The log writer: events into the columns of a block, full blocks through the pipe into an image.
 */
#include "replay/log/log.h"

#include <stdlib.h>
#include <string.h>

#include "replay/log/log_anon.h"
#include "replay/log/log_pipe.h"
#include "replay/log/log_words.h"

/**
 * struct log_writer - a log being written
 * @img: what is finished, and the meta
 * @block: takes the next events; belongs to @pipe
 * @lock: held while @tasks and @strings change, for the threads of the pipe
 * @nr_extra, @string_mask: extra words of each kind, and which of them are strings
 * @error: the first error; it sticks
 * @anon: names instead of names, NULL: as they are
 * @done: log_writer_image() took the log away; @discard: blocks are emptied, not encoded
 */
struct log_writer {
	struct log_image *img;
	struct frame_pipe *pipe;
	struct event_block *block;
	pthread_mutex_t lock;
	struct intern tasks;
	struct intern strings;
	u8 nr_extra[NR_EVENT_KINDS];
	u16 string_mask[NR_EVENT_KINDS];
	struct log_anon *anon;
	struct error error;
	bool done;
	bool discard;
};

static int init(struct log_writer *w)
{
	const struct frame_names names = { &w->tasks, &w->strings, &w->lock };

	pthread_mutex_init(&w->lock, NULL);
	w->img = calloc(1, sizeof(*w->img));
	if (!w->img || intern_init(&w->tasks, INTERN_MAX_TASKS) ||
	    intern_init(&w->strings, INTERN_MAX_STRINGS))
		return -1;
	w->pipe = frame_pipe_new(w->img, &names);
	if (!w->pipe)
		return -1;
	w->block = frame_pipe_block(w->pipe);
	spool_init(&w->img->body, SPOOL_MEMORY);
	for (u8 k = 0; k < NR_EVENT_KINDS; k++) {
		w->nr_extra[k] = event_kinds[k].nr_extra;
		w->string_mask[k] = event_string_mask(k);
	}
	return 0;
}

struct log_writer *log_writer_new(struct error *err)
{
	struct log_writer *w = calloc(1, sizeof(*w));

	if (w && !init(w))
		return w;
	log_writer_free(w);
	err_nomem(err, "an event log");
	return NULL;
}

void log_writer_free(struct log_writer *w)
{
	if (!w)
		return;
	/* Its threads use all the rest. */
	frame_pipe_free(w->pipe);
	log_image_free(w->img);
	intern_fini(&w->tasks);
	intern_fini(&w->strings);
	log_anon_free(w->anon);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void log_writer_temp(struct log_writer *w, const char *dir)
{
	w->img->body.dir = dir;
}

struct log_meta *log_writer_meta(struct log_writer *w)
{
	return &w->img->meta;
}

/* Hand the error that sticks to a caller. */
static int sticky(const struct log_writer *w, struct error *err)
{
	return err_set(err, w->error.code, "%s", w->error.text);
}

/* The caller has the lock. */
static u32 intern(struct log_writer *w, struct intern *t, u32 tag, const char *text, size_t len)
{
	u32 id = 0;

	if (intern_id(t, tag, text, len, &id))
		err_nomem(&w->error, "the tasks of an event log");
	return id;
}

u32 log_writer_task(struct log_writer *w, u32 pid, const char *comm)
{
	size_t len = comm ? strnlen(comm, WIRE_COMM_MAX) : 0;
	char text[ANON_TEXT];
	u32 id;

	pthread_mutex_lock(&w->lock);
	if (w->anon) {
		if (log_anon_task(w->anon, &pid, comm ? comm : "", len, text))
			err_nomem(&w->error, "the tasks of an event log");
		comm = text;
		len = strlen(text);
	}
	id = intern(w, &w->tasks, pid, comm, len);
	pthread_mutex_unlock(&w->lock);
	return id;
}

u32 log_writer_string(struct log_writer *w, const char *s, size_t len)
{
	char text[ANON_TEXT] = "";
	u32 id;

	len = len > WIRE_STRING_MAX ? WIRE_STRING_MAX : len;
	pthread_mutex_lock(&w->lock);
	if (w->anon) {
		if (log_anon_string(w->anon, s, len, text))
			err_nomem(&w->error, "the strings of an event log");
		s = text;
		len = strlen(text);
	}
	id = intern(w, &w->strings, 0, s, len);
	pthread_mutex_unlock(&w->lock);
	return id;
}

int log_writer_anonymize(struct log_writer *w, struct error *err)
{
	w->anon = log_anon_new();
	return w->anon ? 0 : err_nomem(err, "an event log");
}

/* Hand the full block on. Return: 0 or negative enum err_code */
static int flush(struct log_writer *w)
{
	int ret;

	if (w->discard) {
		w->block->nr = w->block->nr_extra = 0;
		return 0;
	}
	ret = frame_pipe_push(w->pipe, &w->error);
	w->block = frame_pipe_block(w->pipe);
	return ret;
}

/* Ids that the tables do not hold: of the words of one event. */
static bool bad_string(const struct log_writer *w, u8 kind, const u64 *words)
{
	for (u32 j = 0; w->string_mask[kind] >> j; j++)
		if (w->string_mask[kind] >> j & 1 && words[j] >= w->strings.nr)
			return true;
	return false;
}

/*
 * Why the log does not take the first of these rows that it does not take, @bad; NULL: it takes
 * all.
 */
static const char *refuse_rows(const struct log_writer *w, u32 row, u32 nr, u64 last, u32 *bad)
{
	const struct event_block *b = w->block;
	const u64 *words = b->extra + b->nr_extra;

	for (*bad = row; *bad < row + nr; ++*bad) {
		const u8 kind = b->kind[*bad];

		if (kind >= NR_EVENT_KINDS)
			return "unknown kind";
		if (b->task[*bad] >= w->tasks.nr)
			return "unknown task";
		if (b->time[*bad] < last)
			return "time runs backwards";
		if (w->string_mask[kind] && bad_string(w, kind, words))
			return "unknown string";
		words += w->nr_extra[kind];
		last = b->time[*bad];
	}
	return NULL;
}

/*
 * Count @nr rows of the block from @row on. Return: NULL, or why the log does not take the row
 * @bad.
 */
static const char *count_rows(struct log_writer *w, u32 row, u32 nr, u32 *bad)
{
	const struct event_block *b = w->block;
	struct log_meta *meta = &w->img->meta;
	const u64 begin = meta->nr_events ? meta->last_time : b->time[row];
	/* Two of them: neighbours are often of one kind, and need not wait for each other. */
	u32 count[2][NR_EVENT_KINDS + 1] = { 0 };
	u64 last = begin, equal = 0;
	bool strings = false, wrong = false;

	for (u32 i = row; i < row + nr; i++) {
		const u8 kind = b->kind[i] < NR_EVENT_KINDS ? b->kind[i] : NR_EVENT_KINDS;

		wrong |= (b->task[i] >= w->tasks.nr) | (b->time[i] < last);
		equal += b->time[i] == last;
		last = b->time[i];
		count[i & 1][kind]++;
	}
	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		strings |= w->string_mask[k] && count[0][k] + count[1][k];
	/* Rarely anything is wrong, and what exactly, another loop finds. */
	if (wrong || strings || count[0][NR_EVENT_KINDS] + count[1][NR_EVENT_KINDS]) {
		const char *why = refuse_rows(w, row, nr, begin, bad);

		if (why)
			return why;
	}
	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		meta->count[k] += count[0][k] + count[1][k];
	if (!meta->nr_events) {
		meta->first_time = b->time[row];
		equal--;	/* the first event equals itself */
	}
	meta->last_time = last;
	meta->equal_stamps += equal;
	meta->nr_events += nr;
	return NULL;
}

struct event_block *log_writer_block(struct log_writer *w)
{
	return w->block;
}

int log_writer_added(struct log_writer *w, u32 nr, u32 nr_words, struct error *err)
{
	struct event_block *b = w->block;
	const char *why;
	u32 bad = 0;

	if (w->error.code)
		return sticky(w, err);
	why = w->done ? "the log is finished" : count_rows(w, b->nr, nr, &bad);
	if (why) {
		err_set(&w->error, ERR_BUG, "event log: event %llu: %s - report this",
			(unsigned long long)w->img->meta.nr_events + bad - b->nr, why);
		return sticky(w, err);
	}
	b->nr += nr;
	b->nr_extra += nr_words;
	if (b->nr == EVENT_BLOCK_MAX && flush(w))
		return sticky(w, err);
	return 0;
}

int log_writer_add(struct log_writer *w, const struct event *ev, struct error *err)
{
	struct event_block *b = w->block;
	const u32 i = b->nr;
	const u32 nr_extra = ev->kind < NR_EVENT_KINDS ? w->nr_extra[ev->kind] : 0;

	b->time[i] = ev->time;
	b->pfn[i] = ev->pfn;
	b->task[i] = ev->task;
	b->cpu[i] = ev->cpu;
	b->kind[i] = ev->kind;
	b->order[i] = ev->order;
	b->migratetype[i] = ev->migratetype;
	for (u32 j = 0; j < nr_extra; j++)
		b->extra[b->nr_extra + j] = ev->extra[j];
	return log_writer_added(w, 1, nr_extra, err);
}

void log_writer_watch(struct log_writer *w, const struct block_watch *watch)
{
	frame_pipe_watch(w->pipe, watch);
}

void log_writer_discard(struct log_writer *w)
{
	w->discard = true;
}

int log_writer_threads(struct log_writer *w, u32 nr, struct error *err)
{
	if (frame_pipe_threads(w->pipe, nr, &w->error))
		return sticky(w, err);
	return 0;
}

int log_writer_reset(struct log_writer *w, struct error *err)
{
	struct log_meta *meta = &w->img->meta;

	frame_pipe_reset(w->pipe);
	w->block = frame_pipe_block(w->pipe);
	meta->nr_events = meta->equal_stamps = 0;
	meta->first_time = meta->last_time = 0;
	memset(meta->count, 0, sizeof(meta->count));
	return w->error.code ? sticky(w, err) : 0;
}

static int finish(struct log_writer *w, struct error *err)
{
	if (w->done && !w->error.code)
		err_set(&w->error, ERR_BUG, "event log: finished twice - report this");
	if (w->discard)
		flush(w);
	if (w->anon && log_anon_meta(&w->img->meta) && !w->error.code)
		err_nomem(&w->error, "the description of the capture");
	if (w->error.code || frame_pipe_drain(w->pipe, &w->error) ||
	    spool_sync(&w->img->body, &w->error))
		return sticky(w, err);
	return 0;
}

int log_writer_save(struct log_writer *w, const char *path, struct error *err)
{
	const int ret = finish(w, err);

	return ret ? ret : log_save(w->img, path, err);
}

struct log_image *log_writer_image(struct log_writer *w, struct error *err)
{
	struct log_image *img = w->img;

	if (finish(w, err))
		return NULL;
	w->img = calloc(1, sizeof(*w->img));	/* log_writer_meta() stays valid */
	if (!w->img) {
		w->img = img;
		err_nomem(err, "an event log");
		return NULL;
	}
	w->done = true;
	return img;
}

void log_image_free(struct log_image *img)
{
	if (!img)
		return;
	log_meta_fini(&img->meta);
	spool_fini(&img->body);
	frame_index_fini(&img->index);
	free(img);
}

u64 log_image_bytes(const struct log_image *img)
{
	return img->body.size;
}
