/* SPDX-License-Identifier: GPL-2.0 */
/*
 * More events of a text capture than memory should hold, sorted: runs in an unlinked temporary
 * file, merged in the end.
 */
#ifndef SPB_PARSERS_TEXT_RUNS_H
#define SPB_PARSERS_TEXT_RUNS_H

#include <stdio.h>

#include "parsers/text/text_events.h"

/** TEXT_RUN_EVENTS - events held in memory: 64 MB, twice that while they are sorted, and words */
#define TEXT_RUN_EVENTS (2u << 20)

/**
 * struct text_run_file - a run in the file, and how far the merge has read it
 * @at, @end: bytes of the file that are not in @buf yet
 * @buf: @len bytes read, of which @used are taken
 * @now: its next event; @some: there is one
 */
struct text_run_file {
	u64 at;
	u64 end;
	u8 *buf;
	size_t len;
	size_t used;
	struct event now;
	bool some;
};

/**
 * struct text_sorter - events on their way into order; all zero is an empty one
 * @run_events: events of a run; 0 = TEXT_RUN_EVENTS
 * @dir: where the file goes (temp_file()); borrowed
 * @memory: the run at hand; @file, @run: those before it
 * @next: of @memory, when there is no file
 * @top: run whose event comes next; @limit: it stays so up to this time
 */
struct text_sorter {
	u32 run_events;
	const char *dir;
	struct text_events memory;
	FILE *file;
	u64 size;
	u32 nr_runs;
	struct text_run_file *run;
	u32 next;
	u32 top;
	u64 limit;
};

void text_sorter_fini(struct text_sorter *s);
/** text_sorter_add - keep @ev. Return: 0 or -ERR_IO (no memory, no room for the file) */
int text_sorter_add(struct text_sorter *s, const struct event *ev, struct error *err) __must_check;
/** text_sorter_begin - all events are there. Return: 0 or -ERR_IO */
int text_sorter_begin(struct text_sorter *s, struct error *err) __must_check;
/**
 * text_sorter_next - the next event by time; those of one time in the order in which they came
 *
 * Return: 1, 0 at the end, -ERR_IO.
 */
int text_sorter_next(struct text_sorter *s, struct event *ev, struct error *err) __must_check;

#endif /* SPB_PARSERS_TEXT_RUNS_H */
