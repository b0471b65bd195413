// SPDX-License-Identifier: GPL-2.0
#include "parsers/text/text.h"

#include "parsers/capture_meta.h"
#include "parsers/text/text_fields.h"
#include "parsers/text/text_line.h"
#include "parsers/text/text_runs.h"
#include "replay/base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef BLOCK_BYTES	/* fuzzing: smaller, and so the two below */
#define BLOCK_BYTES (1u << 20)
#define LINE_MAX_BYTES 65536u	/* longer ones are no trace lines */
#define TASK_SLOTS 4096u
#endif
#define COMM_MAX 64u
#define SHOWN_WRONG 3u
#define SHOWN_BYTES 60u

/* A task met before, by hash of its pid. */
struct task_cache {
	bool used;
	u32 pid;
	u32 task;
	size_t len;
	char comm[COMM_MAX];
};

/* Losses of one CPU, and the mark that waits for the next line of that CPU. */
struct text_cpu {
	bool seen;
	bool waiting;
	u64 waiting_lost;
	u64 lost_events;
	u64 lost_gaps;
};

/*
 * One text capture being read. @line counts the lines of the file at hand; @last is the time of
 * the last event; @stopped: interrupted; @shown holds the first wrong lines.
 * @sort: events are kept and sorted; otherwise they go to the log at once, until a line is earlier
 * than the one before: then @backwards, and all is read again
 */
struct text_run {
	struct input *in;
	const struct capture_opts *opts;
	struct log_writer *w;
	struct quality *quality;
	struct text_sorter sorter;
	struct text_fields fields;
	struct task_cache task[TASK_SLOTS];
	struct text_cpu cpu[LOG_MAX_CPUS];
	u32 lost_task;
	u64 line;
	u64 last;
	u64 known;
	u64 unknown;
	u64 wrong;
	u64 done;
	u64 total;
	bool stopped;
	bool sort;
	bool backwards;
	u8 last_kind;
	char shown[ERR_TEXT_MAX / 2];
};

bool text_sniff(const u8 *bytes, size_t len)
{
	const char *p = (const char *)bytes, *end = p + len;

	if (memchr(bytes, '\0', len))
		return false;
	if (len >= 9 && !memcmp(p, "# tracer:", 9))
		return true;
	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		struct text_line l;
		enum text_line_kind kind = text_line_parse(p, eol ? eol : end, &l);

		if (kind == TEXT_EVENT || kind == TEXT_LOST)
			return true;
		p = eol ? eol + 1 : end;
	}
	return false;
}

static void note_wrong(struct text_run *r, const char *p, const char *end)
{
	size_t used = strlen(r->shown), len = (size_t)(end - p);

	if (r->wrong++ >= SHOWN_WRONG)
		return;
	snprintf(r->shown + used, sizeof(r->shown) - used, "%s%llu: \"%.*s%s\"",
		 used ? ", " : "", (unsigned long long)r->line,
		 (int)min_u64(len, SHOWN_BYTES), p, len > SHOWN_BYTES ? "..." : "");
}

static u32 find_task(struct text_run *r, const struct text_line *l)
{
	struct task_cache *t = &r->task[(l->pid * 2654435761u) >> 8 & (TASK_SLOTS - 1)];
	size_t len = min_u64(l->comm.len, COMM_MAX - 1);

	if (t->used && t->pid == l->pid && t->len == len && !memcmp(t->comm, l->comm.at, len))
		return t->task;
	memcpy(t->comm, l->comm.at, len);
	t->comm[len] = '\0';
	t->len = len;
	t->pid = l->pid;
	t->used = true;
	/* As the readers of trace.dat say it. */
	t->task = log_writer_task(r->w, l->pid, !l->pid ? "<idle>" :
				  strcmp(t->comm, "<...>") ? t->comm : "");
	return t->task;
}

/* To the log at once, or to where it will be sorted. */
static int add_event(struct text_run *r, const struct event *ev, struct error *err)
{
	const struct log_meta *meta = log_writer_meta(r->w);

	if (r->sort)
		return text_sorter_add(&r->sorter, ev, err);
	if (meta->nr_events && ev->time < meta->last_time) {
		r->backwards = true;
		return 0;
	}
	quality_event(r->quality, ev);
	return log_writer_add(r->w, ev, err);
}

static int add_lost(struct text_run *r, u32 cpu, struct error *err)
{
	struct text_cpu *c = &r->cpu[cpu];
	struct event ev = {
		.time = r->last, .pfn = EVENT_NO_PFN, .task = r->lost_task, .cpu = (u16)cpu,
		.kind = EVENT_LOST, .migratetype = EVENT_NO_MT, .extra = { c->waiting_lost },
	};

	c->waiting = false;
	c->lost_events += c->waiting_lost;
	c->lost_gaps += !c->waiting_lost;
	return add_event(r, &ev, err);
}

static bool wanted(const struct text_run *r, const struct text_line *l)
{
	const char *buffer = r->opts ? r->opts->buffer : NULL;

	if (r->opts && !cpulist_has(r->opts->cpus, l->cpu))
		return false;
	return !buffer || (strlen(buffer) == l->instance.len &&
			   !memcmp(buffer, l->instance.at, l->instance.len));
}

/* Kind of the line's event, -1 for unknown ones; mostly that of the line before. */
static int kind_of(struct text_run *r, const struct text_line *l)
{
	const char *name = event_kinds[r->last_kind].name;
	int kind;

	if (!strncmp(name, l->event.at, l->event.len) && !name[l->event.len])
		return r->last_kind;
	kind = event_kind_by_name(l->event.at, l->event.len);
	if (kind >= 0)
		r->last_kind = (u8)kind;
	return kind;
}

static int take_event(struct text_run *r, const struct text_line *l, const char *p,
		      const char *end, struct error *err)
{
	int kind = kind_of(r, l), ret = 0;
	struct event ev = { .time = l->time, .cpu = (u16)l->cpu };

	r->last = l->time;
	if (r->cpu[l->cpu].waiting)
		ret = add_lost(r, l->cpu, err);
	if (ret)
		return ret;
	if (kind < 0) {
		r->unknown++;
		return 0;
	}
	ev.kind = (u8)kind;
	if (!text_fields_read(&ev, l->fields, &r->fields, r->w)) {
		note_wrong(r, p, end);
		return 0;
	}
	ev.task = find_task(r, l);
	r->cpu[l->cpu].seen = true;
	r->known++;
	return add_event(r, &ev, err);
}

static int take_line(struct text_run *r, const char *p, const char *end, struct error *err)
{
	struct text_line l;
	enum text_line_kind kind = text_line_parse(p, end, &l);

	r->line++;
	if (kind == TEXT_OTHER)
		return 0;
	if (kind == TEXT_WRONG || l.cpu >= LOG_MAX_CPUS) {
		note_wrong(r, p, end);
		return 0;
	}
	if (!wanted(r, &l))
		return 0;
	if (kind == TEXT_EVENT)
		return take_event(r, &l, p, end, err);
	r->cpu[l.cpu].waiting = true;
	r->cpu[l.cpu].waiting_lost += l.lost;
	return 0;
}

static void progress(struct text_run *r)
{
	if (r->opts && r->opts->progress)
		r->opts->progress(r->opts->progress_ctx, min_u64(r->done, r->total), r->total);
	r->stopped = r->opts && r->opts->stop && *r->opts->stop;
}

/* The last line of a cut file: nobody knows what is missing of it, even where it can be read. */
static void take_cut_line(struct text_run *r, const char *p, const char *end)
{
	r->line++;
	note_wrong(r, p, end);
}

/* The lines of @buf, and with @last what follows the last newline. Returns bytes used. */
static int take_lines(struct text_run *r, const char *buf, size_t len, bool last, size_t *used,
		      struct error *err)
{
	const char *p = buf, *end = buf + len;
	int ret = 0;

	while (p < end && !ret && !r->backwards) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));

		if (!eol && !last && end - p < LINE_MAX_BYTES)
			break;
		if (!eol)
			eol = end;
		if (eol == end && last)
			take_cut_line(r, p, end);
		else
			ret = take_line(r, p, eol, err);
		p = eol < end ? eol + 1 : end;
	}
	*used = (size_t)(p - buf);
	return ret;
}

static int read_file(struct text_run *r, struct input *in, char *buf, struct error *err)
{
	struct hash64 hash;
	size_t kept = 0;
	u64 at = 0;

	r->line = 0;
	hash64_init(&hash);
	while (at < in->size || kept) {
		size_t got, used;
		int ret = input_read(in, at, buf + kept, BLOCK_BYTES - kept, &got, err);

		at += got;
		r->done += got;
		if (!in->hashed)
			hash64_update(&hash, buf + kept, got);
		if (!ret)
			ret = take_lines(r, buf, kept + got, !got || at >= in->size, &used, err);
		if (ret)
			return ret;
		kept = kept + got - used;
		memmove(buf, buf + used, kept);
		progress(r);
		if (!got || r->stopped || r->backwards)
			break;
	}
	if (!in->hashed && at >= in->size) {
		in->hash = hash64_final(&hash);
		in->hashed = true;
	}
	return 0;
}

/* Marks that no line followed: the loss was at the end. */
static int add_last_losses(struct text_run *r, struct error *err)
{
	int ret = 0;

	for (u32 c = 0; c < LOG_MAX_CPUS && !ret; c++)
		if (r->cpu[c].waiting)
			ret = add_lost(r, c, err);
	return ret;
}

static int emit(struct text_run *r, struct error *err)
{
	int ret = text_sorter_begin(&r->sorter, err);
	struct event ev;

	while (!ret) {
		ret = text_sorter_next(&r->sorter, &ev, err);
		if (ret <= 0)
			break;
		quality_event(r->quality, &ev);
		ret = log_writer_add(r->w, &ev, err);
	}
	return ret;
}

static int set_meta(struct text_run *r, u32 nr, struct error *err)
{
	struct log_meta *meta = log_writer_meta(r->w);
	int ret = 0;

	/* Where the reading ended early. */
	for (u32 i = 0; i < nr && !ret; i++)
		ret = input_hash(&r->in[i], err);
	if (!ret)
		ret = capture_meta_files(meta, r->in, nr, "ftrace text", err);
	meta->unknown_events = r->unknown;
	meta->causality = r->quality->causality;
	meta->frees_matched = r->quality->frees_matched;
	meta->frees_total = r->quality->frees_total;
	meta->nr_cpus = 0;
	meta->lost = calloc(LOG_MAX_CPUS, sizeof(*meta->lost));
	if (ret || !meta->lost)
		return ret ? ret : err_nomem(err, "lost events");
	for (u32 c = 0; c < LOG_MAX_CPUS; c++) {
		const struct text_cpu *cpu = &r->cpu[c];

		meta->nr_cpus += cpu->seen;
		if (cpu->lost_events || cpu->lost_gaps)
			meta->lost[meta->nr_lost++] = (struct log_lost){
				c, cpu->lost_events, cpu->lost_gaps,
			};
	}
	return 0;
}

static int judge(const struct text_run *r, struct error *err)
{
	struct log_meta *meta = log_writer_meta(r->w);
	struct error damage = { 0 };

	/* There may still be marks of losses, which count as events of the log. */
	if (!r->known && !r->wrong && !r->stopped)
		err_set(&damage, ERR_DAMAGED,
			"%s: holds no page events (%llu events of other kinds) - record them: trace-cmd record -e 'kmem:mm_page_*'",
			r->in->path, (unsigned long long)r->unknown);
	else if (r->stopped)
		err_set(&damage, ERR_DAMAGED,
			"%s: interrupted after %llu events - parse it again for the rest",
			r->in->path, (unsigned long long)r->known);
	else if (r->wrong)
		err_set(&damage, ERR_DAMAGED,
			"%s: %llu lines cannot be read (line %s) - the other lines are used",
			r->in->path, (unsigned long long)r->wrong, r->shown);
	else
		return 0;
	meta->partial = true;
	if (log_meta_set(&meta->partial_why, damage.text))
		return err_nomem(err, "the description of the capture");
	return err_set(err, ERR_DAMAGED, "%s", damage.text);
}

/* All lines of all files, from the first on. */
static int read_files(struct text_run *r, u32 nr, char *buf, struct error *err)
{
	int ret = 0;

	for (u32 i = 0; i < nr && !ret && !r->stopped && !r->backwards; i++)
		ret = read_file(r, &r->in[i], buf, err);
	return ret || r->backwards ? ret : add_last_losses(r, err);
}

/* Forget what the first reading found: the lines are not in order of time. */
static int start_again(struct text_run *r, struct error *err)
{
	quality_free(r->quality);
	r->quality = quality_new();
	if (!r->quality)
		return err_nomem(err, "a text capture");
	memset(r->cpu, 0, sizeof(r->cpu));
	r->known = r->unknown = r->wrong = r->done = r->last = 0;
	r->shown[0] = '\0';
	r->backwards = false;
	r->sort = true;
	return log_writer_reset(r->w, err);
}

static int read_all(struct text_run *r, u32 nr, struct error *err)
{
	const u32 jobs = r->opts && r->opts->jobs ? r->opts->jobs : 1;
	char *buf = calloc(1, BLOCK_BYTES + FIELDS_SLACK);
	int ret = buf ? log_writer_threads(r->w, jobs / 2, err) : err_nomem(err, "a text capture");

	r->lost_task = log_writer_task(r->w, 0, "");
	if (!ret)
		ret = read_files(r, nr, buf, err);
	if (!ret && r->backwards) {
		ret = start_again(r, err);
		if (!ret)
			ret = read_files(r, nr, buf, err);
	}
	free(buf);
	if (!ret && r->sort && r->known)
		ret = emit(r, err);
	if (!ret)
		ret = set_meta(r, nr, err);
	return ret ? ret : judge(r, err);
}

int text_parse(struct input *in, u32 nr, const struct capture_opts *opts,
	       struct log_writer *w, struct error *err)
{
	struct text_run *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return err_nomem(err, "a text capture");
	text_fields_init(&r->fields);
	r->in = in;
	r->opts = opts;
	r->sorter.dir = opts ? opts->temp_dir : NULL;
	r->w = w;
	for (u32 i = 0; i < nr; i++)
		r->total += in[i].size;
	r->quality = quality_new();
	ret = r->quality ? read_all(r, nr, err) : err_nomem(err, "a text capture");
	quality_free(r->quality);
	text_sorter_fini(&r->sorter);
	free(r);
	return ret;
}
