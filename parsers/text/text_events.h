/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of text captures on their way to the log. Lines come as they were written, which need
 * not be the order of time: trace_pipe lets CPUs overtake each other, and files of single CPUs
 * follow one another. Then events are kept, 32 bytes each, and sorted (text_runs.h).
 */
#ifndef SPB_PARSERS_TEXT_EVENTS_H
#define SPB_PARSERS_TEXT_EVENTS_H

#include "replay/base/error.h"
#include "replay/log/event.h"

/** struct text_event - an event; its extra words begin at @extra of the store */
struct text_event {
	u64 time;
	u64 pfn;
	u32 task;
	u16 cpu;
	u8 kind;
	u8 order;
	s8 migratetype;
	u32 extra;
};

/**
 * struct text_events - all zero is an empty store
 * @backwards: a time was smaller than the one before
 */
struct text_events {
	u32 nr;
	u32 room;
	struct text_event *v;
	u32 nr_extra;
	u32 extra_room;
	u64 *extra;
	bool backwards;
};

void text_events_fini(struct text_events *e);
/** text_events_add - keep @ev. Return: 0 or -ERR_IO (no memory, or more than 4 Gi events) */
int text_events_add(struct text_events *e, const struct event *ev, struct error *err)
	__must_check;
/**
 * text_events_sort - into order of time; lines of one time stay as they came
 *
 * Return: 0 or -ERR_IO.
 */
int text_events_sort(struct text_events *e, struct error *err) __must_check;
/** text_events_get - the @i-th event */
void text_events_get(const struct text_events *e, u32 i, struct event *ev);

#endif /* SPB_PARSERS_TEXT_EVENTS_H */
