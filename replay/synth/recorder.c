// SPDX-License-Identifier: GPL-2.0
#include "replay/synth/recorder.h"

#include <stdio.h>

#include "replay/engine/model_events.h"

#define GFP_HIGHUSER_MOVABLE 0x100cca	/* of migration targets (S4.2), as Linux 6.18 numbers it */
#define WORKER_PID 61	/* of node 0's kevacuate; the next nodes follow */

/* Every event goes through here: order, count, sink. */
static void put(struct recorder *r, struct event *ev, const struct synth_task *task, u64 now,
		const char *zone)
{
	if (r->err.code)
		return;
	/* At the same time, a lower CPU would come first. */
	if (now <= r->last)
		now = r->last + (ev->cpu < r->last_cpu);
	ev->time = now + r->epoch;
	r->last = now;
	r->last_cpu = ev->cpu;
	r->nr_events++;
	r->count[ev->kind]++;
	(void)r->sink->event(r->sink->ctx, ev, task, zone, &r->err);
}

/* ---- the model's events ---- */

static struct synth_task worker_task(struct recorder *r, u32 node)
{
	snprintf(r->worker_comm, sizeof(r->worker_comm), "kevacuate/%u", node);
	return (struct synth_task){ WORKER_PID + node, r->worker_comm };
}

void recorder_event(struct recorder *r, const struct model_event *e)
{
	const struct model_zone_config *zone = &r->zones[e->zone];
	struct synth_task task = e->worker ? worker_task(r, zone->node) : r->task;
	struct event ev;
	const bool names_zone = model_event_to_log(e, &ev);

	ev.cpu = (u16)(e->cpu % r->nr_cpus);
	put(r, &ev, &task, e->time, names_zone ? zone->name : NULL);
}

/* ---- the load's own events ---- */

static void put_free(struct recorder *r, const struct synth_task *task, u64 now, struct event *ev,
		     u32 label)
{
	ev->kind = EVENT_PAGE_FREE;
	ev->migratetype = EVENT_NO_MT;
	put(r, ev, task, now, NULL);
	if (!(r->pcp_orders >> ev->order & 1))
		return;
	ev->kind = EVENT_PCPU_DRAIN;
	ev->migratetype = (s8)label;
	put(r, ev, task, now, NULL);
}

void recorder_free(struct recorder *r, u64 now, u16 cpu, u64 pfn, u32 order, u32 label)
{
	struct event ev = { .pfn = pfn, .cpu = cpu, .order = (u8)order };

	put_free(r, &r->task, now, &ev, label);
}

void recorder_worker_free(struct recorder *r, u64 now, u32 node, u64 pfn, u32 order, u32 label)
{
	const struct synth_task task = worker_task(r, node);
	struct event ev = { .pfn = pfn, .cpu = r->last_cpu, .order = (u8)order };

	put_free(r, &task, max_u64(now, r->last), &ev, label);
}

void recorder_worker_alloc(struct recorder *r, u32 node, u64 pfn, u32 order)
{
	const struct synth_task task = worker_task(r, node);
	struct event ev = { .pfn = pfn, .cpu = r->last_cpu, .kind = EVENT_PAGE_ALLOC,
			    .order = (u8)order, .migratetype = MIGRATE_MOVABLE,
			    .extra = { GFP_HIGHUSER_MOVABLE } };

	put(r, &ev, &task, r->last, NULL);
}

void recorder_alloc(struct recorder *r, u64 now, u16 cpu, u64 pfn, u32 order, u32 mt, u32 gfp)
{
	struct event ev = { .pfn = pfn, .cpu = cpu, .kind = EVENT_PAGE_ALLOC, .order = (u8)order,
			    .migratetype = (s8)mt, .extra = { gfp } };

	put(r, &ev, &r->task, now, NULL);
}
