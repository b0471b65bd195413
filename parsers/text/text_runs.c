// SPDX-License-Identifier: GPL-2.0
#include "parsers/text/text_runs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/base/temp_file.h"

#define RUN_BUFFER (64u * 1024)
/* An event in the file: its columns, then its extra words. */
#define EVENT_FIXED offsetof(struct event, extra)

static int file_error(struct error *err)
{
	return err_set(err, ERR_IO, "temporary file: %s - free some space in the temporary folder",
		       strerror(errno ? errno : EIO));
}

void text_sorter_fini(struct text_sorter *s)
{
	text_events_fini(&s->memory);
	for (u32 i = 0; i < s->nr_runs; i++)
		free(s->run[i].buf);
	free(s->run);
	if (s->file)
		fclose(s->file);
	memset(s, 0, sizeof(*s));
}

static size_t event_bytes(u8 kind)
{
	return EVENT_FIXED + event_kinds[kind].nr_extra * sizeof(u64);
}

static struct text_run_file *new_run(struct text_sorter *s, struct error *err)
{
	struct text_run_file *grown;

	if (!s->file)
		s->file = temp_file(s->dir);
	if (!s->file) {
		temp_error(s->dir, err);
		return NULL;
	}
	grown = realloc(s->run, (s->nr_runs + 1) * sizeof(*grown));
	if (!grown) {
		err_nomem(err, "sorting a text capture");
		return NULL;
	}
	s->run = grown;
	grown[s->nr_runs] = (struct text_run_file){ .at = s->size };
	return &grown[s->nr_runs++];
}

/* The events in memory become a run of the file. */
static int spill(struct text_sorter *s, struct error *err)
{
	struct text_run_file *run = new_run(s, err);
	int ret = run ? text_events_sort(&s->memory, err) : -ERR_IO;

	for (u32 i = 0; i < s->memory.nr && !ret; i++) {
		struct event ev = { 0 };
		size_t len;

		text_events_get(&s->memory, i, &ev);
		len = event_bytes(ev.kind);
		if (fwrite(&ev, len, 1, s->file) != 1)
			ret = file_error(err);
		s->size += len;
	}
	if (!ret && fflush(s->file))
		ret = file_error(err);
	if (!ret) {
		run->end = s->size;
		s->memory.nr = s->memory.nr_extra = 0;
		s->memory.backwards = false;
	}
	return ret;
}

int text_sorter_add(struct text_sorter *s, const struct event *ev, struct error *err)
{
	u32 most = s->run_events ? s->run_events : TEXT_RUN_EVENTS;
	int ret = s->memory.nr >= most ? spill(s, err) : 0;

	return ret ? ret : text_events_add(&s->memory, ev, err);
}

/* More of the run into its buffer, behind what is not taken yet. */
static int fill(const struct text_sorter *s, struct text_run_file *run, struct error *err)
{
	const size_t kept = run->len - run->used;
	size_t want = min_u64(RUN_BUFFER - kept, run->end - run->at);

	memmove(run->buf, run->buf + run->used, kept);
	run->len = kept;
	run->used = 0;
	while (want) {
		ssize_t n = pread(fileno(s->file), run->buf + run->len, want, (off_t)run->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return file_error(err);
		run->len += (size_t)n;
		run->at += (u64)n;
		want -= (size_t)n;
	}
	return 0;
}

/* The next event of @run into run->now. */
static int load(const struct text_sorter *s, struct text_run_file *run, struct error *err)
{
	if (run->len - run->used < sizeof(struct event) && run->at < run->end) {
		int ret = fill(s, run, err);

		if (ret)
			return ret;
	}
	run->some = run->used < run->len;
	if (run->some) {
		memcpy(&run->now, run->buf + run->used, EVENT_FIXED);
		memcpy(run->now.extra, run->buf + run->used + EVENT_FIXED,
		       event_bytes(run->now.kind) - EVENT_FIXED);
		run->used += event_bytes(run->now.kind);
	}
	return 0;
}

/* Earlier runs come first at equal times: they hold earlier lines. */
static bool before(const struct text_run_file *a, const struct text_run_file *b)
{
	if (!a->some || !b->some)
		return a->some;
	return a->now.time < b->now.time || (a->now.time == b->now.time && a < b);
}

/* The run that comes next, and up to which time it stays so: later runs may tie, earlier not. */
static void choose(struct text_sorter *s)
{
	s->top = 0;
	for (u32 i = 1; i < s->nr_runs; i++)
		if (before(&s->run[i], &s->run[s->top]))
			s->top = i;
	s->limit = UINT64_MAX;
	for (u32 i = 0; i < s->nr_runs; i++) {
		const struct text_run_file *other = &s->run[i];

		if (i == s->top || !other->some)
			continue;
		/* An earlier run is not at this time yet, so its time is at least 1. */
		s->limit = min_u64(s->limit, other->now.time - (i < s->top));
	}
}

int text_sorter_begin(struct text_sorter *s, struct error *err)
{
	int ret = 0;

	if (!s->nr_runs)
		return text_events_sort(&s->memory, err);
	if (s->memory.nr)
		ret = spill(s, err);
	for (u32 i = 0; i < s->nr_runs && !ret; i++) {
		s->run[i].buf = malloc(RUN_BUFFER);
		ret = s->run[i].buf ? load(s, &s->run[i], err) :
				      err_nomem(err, "sorting a text capture");
	}
	choose(s);
	return ret;
}

int text_sorter_next(struct text_sorter *s, struct event *ev, struct error *err)
{
	struct text_run_file *run;
	int ret;

	if (!s->nr_runs) {
		if (s->next == s->memory.nr)
			return 0;
		text_events_get(&s->memory, s->next++, ev);
		return 1;
	}
	run = &s->run[s->top];
	if (!run->some)
		return 0;
	*ev = run->now;
	ret = load(s, run, err);
	if (ret)
		return ret;
	if (!run->some || run->now.time > s->limit)
		choose(s);
	return 1;
}
