// SPDX-License-Identifier: GPL-2.0
/*
 * The log reader. It keeps the place of every frame (from the seek table, or from a walk) and
 * reads frame infos and frames when it comes to them. Damage ends the log where it is met, by
 * cut(), unless the reader is strict.
 */
#include "replay/log/log.h"

#include <stdlib.h>
#include <string.h>

#include "replay/log/log_frame.h"
#include "replay/log/log_image.h"
#include "replay/log/log_json.h"

/**
 * struct log_reader - one reader
 * @header_size: bytes before the first frame info
 * @scanned: the index comes from a walk, not from the seek table
 * @next: frame that log_reader_next() decodes next
 * @prev_end, @prev_time: index behind and time of the last event of the frame before it, 0 if
 *	that has not been read
 */
struct log_reader {
	char *name;
	bool strict;
	bool scanned;
	struct log_source src;
	struct log_meta meta;
	struct frame_index index;
	u32 header_size;
	u32 next;
	u64 prev_end;
	u64 prev_time;
	struct frame_decoder *dec;
	struct intern tasks;
	struct intern strings;
};

bool log_sniff(const void *bytes, size_t len)
{
	return wire_is_header(bytes, len);
}

static int damaged(const struct log_reader *r, u64 offset, const char *why, struct error *err)
{
	if (why == frame_nomem)
		return err_nomem(err, r->name);
	return err_set(err, ERR_DAMAGED, "%s: %s (offset %llu) - copy it again, or parse the "
		       "capture again", r->name, why, (unsigned long long)offset);
}

/* Say in the meta that the log is damaged at @offset; what the capture suffered comes after. */
static int mark_partial(struct log_reader *r, u64 offset, const char *why, struct error *err)
{
	char text[ERR_TEXT_MAX];

	snprintf(text, sizeof(text), "%s (offset %llu of the log)%s%s", why,
		 (unsigned long long)offset, r->meta.partial_why ? "; " : "",
		 r->meta.partial_why ? r->meta.partial_why : "");
	r->meta.partial = true;
	return log_meta_set(&r->meta.partial_why, text) ? err_nomem(err, r->name) : 0;
}

/* ---- frame infos ---- */

static int rescan(struct log_reader *r, const char *why, struct error *err);

/* Does the info at @pos say what the index says? */
static const char *compare(const struct frame_pos *pos, u32 i, const struct frame_info *info,
			   u32 info_size)
{
	if (info->seq != i)
		return "frame out of sequence";
	if (info_size != pos->info_size || info->csize != pos->csize || info->usize != pos->usize)
		return "seek table disagrees with a frame";
	return NULL;
}

/*
 * Read the info of frame @i. @why: what is wrong with it.
 * Return: 0; 1 when it is damaged; negative enum err_code.
 */
static int read_info(struct log_reader *r, u32 i, struct frame_info *info, const char **why,
		     struct error *err)
{
	const struct frame_pos *pos = &r->index.pos[i];
	u32 info_size = 0;

	if (log_source_info(&r->src, pos->offset, info, &info_size, why, err) && !*why)
		return err ? -(int)err->code : -ERR_IO;
	if (!*why)
		*why = compare(pos, i, info, info_size);
	return *why ? 1 : 0;
}

/* The counts of the meta become those of the first @nr frames, whose infos are good. */
static int recount(struct log_reader *r, u32 nr, struct error *err)
{
	struct log_meta *m = &r->meta;
	struct frame_info info;
	const char *why;

	m->nr_events = 0;
	m->unknown_events = 0;
	m->first_time = 0;
	m->last_time = 0;
	memset(m->count, 0, sizeof(m->count));
	for (u32 i = 0; i < nr; i++) {
		const int ret = read_info(r, i, &info, &why, err);

		if (ret)
			return ret < 0 ? ret : damaged(r, r->index.pos[i].offset, why, err);
		if (!i)
			m->first_time = info.first_time;
		m->last_time = info.last_time;
		m->nr_events += info.nr_events;
		for (u32 k = 0; k < info.nr_kinds; k++) {
			const struct frame_kind *fk = &info.kinds[k];

			if (fk->kind < NR_EVENT_KINDS)
				m->count[fk->kind] += fk->count;
			else
				m->unknown_events += fk->count;
		}
	}
	return 0;
}

/* The log ends before frame @i, which is damaged. Return: 0, or the error if strict */
static int cut(struct log_reader *r, u32 i, u64 offset, const char *why, struct error *err)
{
	int ret;

	if (r->strict || why == frame_nomem)
		return damaged(r, offset, why, err);
	ret = mark_partial(r, offset, why, err);
	r->index.nr = i;
	return ret ? ret : recount(r, i, err);
}

/*
 * Info of frame @i, which must be below @r->index.nr. Damage shortens the log.
 * Return: 1 with the info; 0 when the log ends before it; negative enum err_code.
 */
static int get_info(struct log_reader *r, u32 i, struct frame_info *info, struct error *err)
{
	const char *why;
	int ret = read_info(r, i, info, &why, err);

	if (ret > 0 && !r->scanned && !r->strict) {
		/* The table may be what is wrong. */
		ret = rescan(r, "seek table damaged", err);
		if (ret)
			return ret;
		if (i >= r->index.nr)
			return 0;
		ret = read_info(r, i, info, &why, err);
	}
	if (ret > 0)
		ret = cut(r, i, r->index.pos[i].offset, why, err);
	else if (!ret)
		return 1;
	return ret;
}

/* Replace the index by what a walk finds. Return: 0 or negative enum err_code */
static int rescan(struct log_reader *r, const char *why, struct error *err)
{
	struct frame_index ix;
	const char *stop;
	u64 end, events;

	stop = frame_index_scan(&ix, &r->src, r->header_size, &end, &events, err);
	if (stop == frame_nomem || (err && err->code)) {
		frame_index_fini(&ix);
		return stop == frame_nomem ? err_nomem(err, r->name) : -(int)err->code;
	}
	frame_index_fini(&r->index);
	r->index = ix;
	r->scanned = true;
	if (!stop && events == r->meta.nr_events)
		return mark_partial(r, end, why, err);
	if (recount(r, ix.nr, err))
		return err ? -(int)err->code : -ERR_IO;
	return mark_partial(r, end, stop ? stop : "frames missing", err);
}

/* ---- opening ---- */

static struct log_reader *reader_new(const char *name, bool strict, struct error *err)
{
	struct log_reader *r = calloc(1, sizeof(*r));

	if (!r) {
		err_nomem(err, name);
		return NULL;
	}
	r->src.fd = -1;
	r->strict = strict;
	r->name = strdup(name);
	if (r->name && !intern_init(&r->tasks, INTERN_MAX_TASKS) &&
	    !intern_init(&r->strings, INTERN_MAX_STRINGS))
		return r;
	log_reader_free(r);
	err_nomem(err, name);
	return NULL;
}

void log_reader_free(struct log_reader *r)
{
	if (!r)
		return;
	log_source_fini(&r->src);
	log_meta_fini(&r->meta);
	frame_index_fini(&r->index);
	frame_decoder_free(r->dec);
	intern_fini(&r->tasks);
	intern_fini(&r->strings);
	free(r->name);
	free(r);
}

static int read_header(struct log_reader *r, struct error *err)
{
	const char *why;
	const u8 *p;
	u32 len;

	if (r->src.size < WIRE_HEADER_FIXED)
		return err_set(err, ERR_DAMAGED, "%s: not an event log: only %llu bytes - name a "
			       ".spblog file", r->name, (unsigned long long)r->src.size);
	p = log_source_at(&r->src, 0, WIRE_HEADER_FIXED, err);
	if (!p)
		return -ERR_IO;
	why = wire_check_header_start(p, &len);
	if (why)
		return damaged(r, 0, why, err);
	r->header_size = (u32)wire_header_size(len);
	if (r->src.size < r->header_size)
		return damaged(r, r->src.size, "header cut off", err);
	p = log_source_at(&r->src, 0, r->header_size, err);
	if (!p)
		return -ERR_IO;
	if (get_le32(p + r->header_size - 4) != wire_crc32(p, r->header_size - 4))
		return damaged(r, 0, "header fails its checksum", err);
	why = log_json_read(&r->meta, (const char *)p + WIRE_HEADER_FIXED, len);
	if (why == log_json_nomem)
		return err_nomem(err, r->name);
	return why ? damaged(r, WIRE_HEADER_FIXED, why, err) : 0;
}

/* Do the frames hold as many events as the header says? */
static const char *check_total(struct log_reader *r, struct error *err)
{
	const u32 nr = r->index.nr;
	struct frame_info info;
	const char *why = NULL;
	u64 events = 0;

	if (nr) {
		if (read_info(r, nr - 1, &info, &why, err))
			return why ? why : "last frame cannot be read";
		events = info.first_event + info.nr_events;
	}
	return events == r->meta.nr_events ? NULL : "number of events differs from the header";
}

static int read_index(struct log_reader *r, struct error *err)
{
	const char *why = seek_table_get(&r->index, &r->src, r->header_size, err);

	if (!why)
		why = check_total(r, err);
	if (err && err->code)
		return -(int)err->code;
	if (!why)
		return 0;
	if (r->strict || why == frame_nomem)
		return damaged(r, r->src.size, why, err);
	return rescan(r, why, err);
}

struct log_reader *log_reader_open(const char *path, bool strict, struct error *err)
{
	struct error local = { ERR_NONE, "" };
	struct error *e = err ? err : &local;
	struct log_reader *r = reader_new(path, strict, e);

	if (!r)
		return NULL;
	if (!log_source_open(&r->src, r->name, e) && !read_header(r, e) && !read_index(r, e))
		return r;
	log_reader_free(r);
	return NULL;
}

struct log_reader *log_reader_open_image(const struct log_image *img, struct error *err)
{
	struct log_reader *r = reader_new("event log in memory", true, err);

	if (!r)
		return NULL;
	r->src.name = r->name;
	r->src.spool = &img->body;
	r->src.size = img->body.size;
	if (!log_meta_copy(&r->meta, &img->meta) && !frame_index_copy(&r->index, &img->index))
		return r;
	log_reader_free(r);
	err_nomem(err, "a reader of the event log");
	return NULL;
}

const struct log_meta *log_reader_meta(const struct log_reader *r)
{
	return &r->meta;
}

/* ---- reading ---- */

static void go_to(struct log_reader *r, u32 frame)
{
	r->next = frame;
	r->prev_end = 0;
	r->prev_time = 0;
}

/* Does the frame continue the one before it? */
static const char *check_order(const struct log_reader *r, const struct frame_info *info)
{
	if (info->first_time < r->prev_time)
		return "time runs backwards between frames";
	if (r->prev_end && info->first_event != r->prev_end)
		return "event index does not continue";
	return NULL;
}

int log_reader_next(struct log_reader *r, struct event_block *b, struct error *err)
{
	struct error local = { ERR_NONE, "" };
	struct error *e = err ? err : &local;

	/* Not before the first frame is read: many logs are opened for what their header says. */
	if (!r->dec && r->next < r->index.nr) {
		r->dec = frame_decoder_new();
		if (!r->dec)
			return err_nomem(e, r->name);
	}
	while (r->next < r->index.nr) {
		const u32 i = r->next;
		struct frame_info info;
		const char *why;
		const u8 *data;
		u64 offset;
		int ret = get_info(r, i, &info, e);

		if (ret <= 0)
			return ret;
		offset = r->index.pos[i].offset + r->index.pos[i].info_size;
		data = log_source_at(&r->src, offset, info.csize, e);
		if (!data)
			return -(int)e->code;
		why = check_order(r, &info);
		if (!why)
			why = frame_decode(r->dec, &info, data, &r->tasks, &r->strings, b);
		if (why)
			return cut(r, i, offset, why, e);
		r->next++;
		r->prev_end = info.first_event + info.nr_events;
		r->prev_time = info.last_time;
		if (b->nr)
			return 1;	/* else: nothing but unknown kinds */
	}
	return 0;
}

int log_reader_rewind(struct log_reader *r, struct error *err __unused)
{
	go_to(r, 0);
	return 0;
}

int log_reader_seek(struct log_reader *r, u64 time_ns, struct error *err)
{
	struct error local = { ERR_NONE, "" };
	struct error *e = err ? err : &local;
	u32 lo = 0, hi = r->index.nr;

	/* The first frame whose last event is not before @time_ns. */
	while (lo < hi) {
		const u32 mid = lo + (hi - lo) / 2;
		struct frame_info info;
		const int ret = get_info(r, mid, &info, e);

		if (ret < 0)
			return ret;
		if (ret && info.last_time < time_ns)
			lo = mid + 1;
		else
			hi = mid;
		if (hi > r->index.nr)	/* damage on the way: look again at what is left */
			hi = r->index.nr;
	}
	go_to(r, lo);
	return 0;
}

void log_reader_task(const struct log_reader *r, u32 task, u32 *pid, const char **comm)
{
	const struct intern_entry *e = &r->tasks.entry[task < r->tasks.nr ? task : 0];

	*pid = e->tag;
	*comm = e->text;
}

const char *log_reader_string(const struct log_reader *r, u32 id)
{
	return r->strings.entry[id < r->strings.nr ? id : 0].text;
}
