// SPDX-License-Identifier: GPL-2.0
/*
 * The log writer: events into the columns of one block, full blocks into frames, frames into a
 * spool.
 */
#include "replay/log/log.h"

#include <stdlib.h>
#include <string.h>

#include "replay/log/log_frame.h"
#include "replay/log/log_image.h"
#include "replay/log/log_words.h"

/**
 * struct log_writer - a log being written
 * @img: what is finished, and the meta
 * @block: events not encoded yet, @block.first the index of the first
 * @nr_extra, @string_mask: extra words of each kind, and which of them are strings
 * @error: the first error; it sticks
 * @done: log_writer_image() took the log away
 */
struct log_writer {
	struct log_image *img;
	struct event_block block;
	struct intern tasks;
	struct intern strings;
	struct frame_encoder *enc;
	u8 nr_extra[NR_EVENT_KINDS];
	u16 string_mask[NR_EVENT_KINDS];
	struct error error;
	bool done;
};

static int init(struct log_writer *w)
{
	w->img = calloc(1, sizeof(*w->img));
	w->enc = frame_encoder_new();
	if (!w->img || !w->enc || event_block_init(&w->block) ||
	    intern_init(&w->tasks, INTERN_MAX_TASKS) ||
	    intern_init(&w->strings, INTERN_MAX_STRINGS))
		return -1;
	spool_init(&w->img->body, SPOOL_MEMORY);
	for (u8 k = 0; k < NR_EVENT_KINDS; k++) {
		w->nr_extra[k] = event_kinds[k].nr_extra;
		w->string_mask[k] = words_string_mask(k);
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
	log_image_free(w->img);
	event_block_fini(&w->block);
	intern_fini(&w->tasks);
	intern_fini(&w->strings);
	frame_encoder_free(w->enc);
	free(w);
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

static u32 intern(struct log_writer *w, struct intern *t, u32 tag, const char *text, size_t len)
{
	u32 id = 0;

	if (intern_id(t, tag, text, len, &id))
		err_nomem(&w->error, "the tasks of an event log");
	return id;
}

u32 log_writer_task(struct log_writer *w, u32 pid, const char *comm)
{
	return intern(w, &w->tasks, pid, comm, comm ? strnlen(comm, WIRE_COMM_MAX) : 0);
}

u32 log_writer_string(struct log_writer *w, const char *s, size_t len)
{
	return intern(w, &w->strings, 0, s, len > WIRE_STRING_MAX ? WIRE_STRING_MAX : len);
}

/* Encode the events of the block, empty it. */
static int flush(struct log_writer *w)
{
	struct log_image *img = w->img;
	struct event_block *b = &w->block;
	struct frame_info info = { .seq = img->index.nr, .first_event = b->first };
	u8 head[WIRE_INFO_MAX];
	struct frame_pos pos;
	const u8 *data;
	int ret;

	if (!b->nr)
		return 0;
	ret = frame_encode(w->enc, b, &w->tasks, &w->strings, &info, &data, &w->error);
	if (ret)
		return ret;
	pos = (struct frame_pos){ img->body.size, (u32)frame_info_size(&info), info.csize,
				  info.usize };
	wire_put_info(head, &info);
	ret = spool_append(&img->body, head, pos.info_size, &w->error);
	if (!ret)
		ret = spool_append(&img->body, data, info.csize, &w->error);
	if (!ret && frame_index_add(&img->index, &pos))
		ret = err_nomem(&w->error, "the index of an event log");
	b->first += b->nr;
	b->nr = 0;
	b->nr_extra = 0;
	return ret;
}

/* Why log_writer_add() does not take @ev, NULL if it does. */
static const char *refuse(const struct log_writer *w, const struct event *ev)
{
	const struct log_meta *meta = &w->img->meta;

	if (ev->kind >= NR_EVENT_KINDS)
		return "unknown kind";
	if (ev->task >= w->tasks.nr)
		return "unknown task";
	if (meta->nr_events && ev->time < meta->last_time)
		return "time runs backwards";
	for (u32 j = 0; w->string_mask[ev->kind] >> j; j++)
		if (w->string_mask[ev->kind] >> j & 1 && ev->extra[j] >= w->strings.nr)
			return "unknown string";
	return NULL;
}

static void count(struct log_meta *meta, const struct event *ev)
{
	if (!meta->nr_events)
		meta->first_time = ev->time;
	else
		meta->equal_stamps += ev->time == meta->last_time;
	meta->last_time = ev->time;
	meta->nr_events++;
	meta->count[ev->kind]++;
}

static void append(struct log_writer *w, const struct event *ev)
{
	struct event_block *b = &w->block;
	const u32 i = b->nr++;
	const u32 nr_extra = w->nr_extra[ev->kind];

	b->time[i] = ev->time;
	b->pfn[i] = ev->pfn;
	b->task[i] = ev->task;
	b->cpu[i] = ev->cpu;
	b->kind[i] = ev->kind;
	b->order[i] = ev->order;
	b->migratetype[i] = ev->migratetype;
	for (u32 j = 0; j < nr_extra; j++)
		b->extra[b->nr_extra++] = ev->extra[j];
}

int log_writer_add(struct log_writer *w, const struct event *ev, struct error *err)
{
	const char *why;

	if (w->error.code)
		return sticky(w, err);
	why = w->done ? "the log is finished" : refuse(w, ev);
	if (why) {
		err_set(&w->error, ERR_BUG, "event log: event %llu: %s - report this",
			(unsigned long long)w->img->meta.nr_events, why);
		return sticky(w, err);
	}
	count(&w->img->meta, ev);
	append(w, ev);
	if (w->block.nr == EVENT_BLOCK_MAX && flush(w))
		return sticky(w, err);
	return 0;
}

static int finish(struct log_writer *w, struct error *err)
{
	if (w->done && !w->error.code)
		err_set(&w->error, ERR_BUG, "event log: finished twice - report this");
	if (w->error.code || flush(w) || spool_sync(&w->img->body, &w->error))
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
