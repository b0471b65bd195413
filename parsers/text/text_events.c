// SPDX-License-Identifier: GPL-2.0
#include "parsers/text/text_events.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096u

void text_events_fini(struct text_events *e)
{
	free(e->v);
	free(e->extra);
	memset(e, 0, sizeof(*e));
}

/* Room for @more things of @size bytes behind @nr; false without memory. */
static bool grow(void **v, u32 nr, u32 *room, u32 more, size_t size)
{
	u64 want = *room ? 2ULL * *room : FIRST_ROOM;
	void *grown;

	if (nr + (u64)more <= *room)
		return true;
	want = min_u64(want, UINT32_MAX);
	if (want < nr + (u64)more)
		return false;
	grown = realloc(*v, want * size);
	if (!grown)
		return false;
	*v = grown;
	*room = (u32)want;
	return true;
}

int text_events_add(struct text_events *e, const struct event *ev, struct error *err)
{
	const u32 extra = event_kinds[ev->kind].nr_extra;

	if (!grow((void **)&e->v, e->nr, &e->room, 1, sizeof(*e->v)) ||
	    !grow((void **)&e->extra, e->nr_extra, &e->extra_room, extra, sizeof(*e->extra)))
		return err_nomem(err, "the events of a text capture");
	e->backwards |= e->nr && ev->time < e->v[e->nr - 1].time;
	e->v[e->nr++] = (struct text_event){
		.time = ev->time, .pfn = ev->pfn, .task = ev->task, .cpu = ev->cpu,
		.kind = ev->kind, .order = ev->order, .migratetype = ev->migratetype,
		.extra = e->nr_extra,
	};
	if (extra)
		memcpy(e->extra + e->nr_extra, ev->extra, extra * sizeof(*e->extra));
	e->nr_extra += extra;
	return 0;
}

/* Merge [@from, @mid) and [@mid, @to) of @v into @out; the left one first at equal times. */
static void merge(struct text_event *out, const struct text_event *v, u32 from, u32 mid, u32 to)
{
	u32 a = from, b = mid;

	for (u32 i = from; i < to; i++) {
		if (b == to || (a < mid && v[a].time <= v[b].time))
			out[i] = v[a++];
		else
			out[i] = v[b++];
	}
}

/* End of the run in order that begins at @from. */
static u32 run_end(const struct text_event *v, u32 from, u32 nr)
{
	u32 i = from;

	while (i + 1 < nr && v[i + 1].time >= v[i].time)
		i++;
	return i + 1;
}

/* Merge neighbouring runs once; returns whether the whole was one run. */
static bool merge_runs(struct text_event *out, const struct text_event *v, u32 nr)
{
	u32 from = 0;

	while (from < nr) {
		u32 mid = run_end(v, from, nr);
		u32 to = mid < nr ? run_end(v, mid, nr) : nr;

		if (!from && mid == nr)
			return true;
		merge(out, v, from, mid, to);
		from = to;
	}
	return false;
}

int text_events_sort(struct text_events *e, struct error *err)
{
	struct text_event *other;

	if (!e->backwards)
		return 0;
	other = malloc((size_t)e->nr * sizeof(*other));
	if (!other)
		return err_nomem(err, "sorting a text capture");
	while (!merge_runs(other, e->v, e->nr)) {
		struct text_event *t = e->v;

		e->v = other;
		other = t;
	}
	free(other);
	e->room = e->nr;
	e->backwards = false;
	return 0;
}

void text_events_get(const struct text_events *e, u32 i, struct event *ev)
{
	const struct text_event *t = &e->v[i];
	const u32 extra = event_kinds[t->kind].nr_extra;

	ev->time = t->time;
	ev->pfn = t->pfn;
	ev->task = t->task;
	ev->cpu = t->cpu;
	ev->kind = t->kind;
	ev->order = t->order;
	ev->migratetype = t->migratetype;
	if (extra)
		memcpy(ev->extra, e->extra + t->extra, extra * sizeof(*ev->extra));
}
