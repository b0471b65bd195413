// SPDX-License-Identifier: GPL-2.0
/*
 * What only the events themselves tell: where nothing was recorded, how dense the load was at its
 * densest, and when events were lost.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/info/info.h"

#define NO_EVENT UINT64_MAX	/* time before the first event */

/* The second at hand, for the busiest one. */
struct pace {
	u64 second;
	u64 events;
};

static void look_at_pace(struct info_scan *s, struct pace *pace, u64 time)
{
	if (time / NSEC_PER_SEC != pace->second) {
		pace->second = time / NSEC_PER_SEC;
		pace->events = 0;
	}
	if (++pace->events > s->busiest_events) {
		s->busiest_events = pace->events;
		s->busiest_second = pace->second;
	}
}

static int add_loss(struct info_scan *s, const struct info_loss *loss, struct error *err)
{
	struct info_loss *grown;

	s->nr_losses_all++;
	if (s->nr_losses == INFO_LOSSES_MAX)
		return 0;
	grown = realloc(s->loss, (s->nr_losses + 1) * sizeof(*grown));
	if (!grown)
		return err_nomem(err, "lost events");
	s->loss = grown;
	s->loss[s->nr_losses++] = *loss;
	return 0;
}

/* @last: time of each CPU's event before, 0 for none. */
static int look_at_block(struct info_scan *s, const struct event_block *b, u64 *last,
			 struct pace *pace, u64 *before, struct error *err)
{
	const u64 *word = b->extra;
	int ret = 0;

	for (u32 i = 0; i < b->nr && !ret; i++) {
		const u64 time = b->time[i];

		if (*before != NO_EVENT && time - *before > s->gap_ns) {
			s->gap_ns = time - *before;
			s->gap_from = *before;
		}
		*before = time;
		if (b->kind[i] != EVENT_LOST)
			look_at_pace(s, pace, time);
		if (b->kind[i] == EVENT_LOST) {
			struct info_loss loss = { b->cpu[i], last[b->cpu[i]], time, *word };

			ret = add_loss(s, &loss, err);
		}
		info_moves_event(&s->moves, b, i, word);
		last[b->cpu[i]] = time;
		word += event_kinds[b->kind[i]].nr_extra;
	}
	return ret;
}

int info_scan(struct info_scan *s, struct log_reader *r, struct error *err)
{
	u64 *last = calloc(UINT16_MAX + 1, sizeof(*last));
	struct pace pace = { 0 };
	struct event_block b;
	u64 before = NO_EVENT;
	int ret;

	memset(s, 0, sizeof(*s));
	if (!last || event_block_init(&b)) {
		free(last);
		return err_nomem(err, "events");
	}
	ret = log_reader_rewind(r, err);
	while (!ret) {
		ret = log_reader_next(r, &b, err);
		if (ret <= 0)
			break;
		ret = look_at_block(s, &b, last, &pace, &before, err);
	}
	event_block_fini(&b);
	free(last);
	return ret;
}

void info_scan_fini(struct info_scan *s)
{
	free(s->loss);
	s->loss = NULL;
}
