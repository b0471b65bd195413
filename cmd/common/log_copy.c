// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/log_copy.h"

#include <string.h>

void log_copy_row(const struct event_block *b, u32 i, const u64 *extra, struct event *ev)
{
	*ev = (struct event){
		.time = b->time[i], .pfn = b->pfn[i], .task = b->task[i], .cpu = b->cpu[i],
		.kind = b->kind[i], .order = b->order[i], .migratetype = b->migratetype[i],
	};
	memcpy(ev->extra, extra, event_kinds[ev->kind].nr_extra * sizeof(*extra));
}

static u32 copy_task(struct log_copy *c, u32 task)
{
	const char *comm;
	u32 pid;

	if (c->known && c->from == task)
		return c->to;
	log_reader_task(c->r, task, &pid, &comm);
	c->from = task;
	c->to = log_writer_task(c->w, pid, comm);
	c->known = true;
	return c->to;
}

void log_copy_ids(struct log_copy *c, struct event *ev)
{
	const u32 strings = event_string_mask(ev->kind);

	ev->task = copy_task(c, ev->task);
	for (u32 n = 0; strings >> n; n++) {
		const char *s;

		if (!(strings >> n & 1))
			continue;
		s = log_reader_string(c->r, (u32)ev->extra[n]);
		ev->extra[n] = log_writer_string(c->w, s, strlen(s));
	}
}
