// SPDX-License-Identifier: GPL-2.0
#include "replay/synth/recorder.h"

#include <stdio.h>

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

/* ---- the model's events; the extra words are in the order of event_kinds[].fields ---- */

static void zone_locked(const struct model_event *e, struct event *ev)
{
	ev->extra[0] = e->zone_locked.percpu_refill;
}

static void extfrag(const struct model_event *e, struct event *ev)
{
	ev->extra[0] = e->extfrag.fallback_order;
	ev->extra[1] = e->extfrag.fallback_migratetype;
	ev->extra[2] = e->extfrag.change_ownership;
}

static void pb_taint(const struct model_event *e, struct event *ev)
{
	ev->extra[0] = e->pb_taint.action;
	ev->extra[1] = e->pb_taint.is_first_or_last;
}

static void claim_refused(const struct model_event *e, struct event *ev)
{
	ev->extra[0] = e->claim_refused.block_type;
	ev->extra[1] = e->claim_refused.reason;
}

static void evacuate_done(const struct model_event *e, struct event *ev)
{
	ev->extra[1] = e->evacuate_done.phase1_attempts;
	ev->extra[2] = e->evacuate_done.phase2_attempts;
	ev->extra[3] = e->evacuate_done.did_evacuate;
}

static void atomic_relax(const struct model_event *e, struct event *ev)
{
	ev->extra[1] = e->atomic_relax.gfp_mask;
	ev->extra[2] = e->atomic_relax.step;
}

static void alloc_walk(const struct model_event *e, struct event *ev)
{
	ev->extra[1] = e->alloc_walk.alloc_flags;
	ev->extra[2] = e->alloc_walk.outcome;
	ev->extra[3] = e->alloc_walk.n_spbs_visited;
}

static void fall_through(const struct model_event *e, struct event *ev)
{
	ev->extra[1] = e->fall_through.alloc_flags;
	ev->extra[2] = e->fall_through.n_tainted;
	ev->extra[3] = e->fall_through.n_tainted_with_buddy;
	ev->extra[4] = e->fall_through.saw_free_pages;
	ev->extra[5] = e->fall_through.saw_free_pb;
	ev->extra[6] = e->fall_through.saw_below_reserve;
}

/* @page: the event names a page, @zone: a zone. */
static const struct {
	u8 kind;
	bool page;
	bool zone;
	void (*extra)(const struct model_event *e, struct event *ev);
} traced[NR_MODEL_EVENT_KINDS] = {
	[MODEL_ZONE_LOCKED] = { EVENT_ZONE_LOCKED, true, false, zone_locked },
	[MODEL_EXTFRAG] = { EVENT_EXTFRAG, true, false, extfrag },
	[MODEL_PB_TAINT] = { EVENT_SPB_PB_TAINT, true, false, pb_taint },
	[MODEL_CLAIM_REFUSED] = { EVENT_SPB_CLAIM_BLOCK_REFUSED, true, false, claim_refused },
	[MODEL_EVACUATE_DONE] = { EVENT_SPB_EVACUATE_FOR_ORDER_DONE, false, true, evacuate_done },
	[MODEL_ATOMIC_RELAX] = { EVENT_SPB_ALLOC_ATOMIC_RELAX, false, true, atomic_relax },
	[MODEL_ALLOC_WALK] = { EVENT_SPB_ALLOC_WALK, false, true, alloc_walk },
	[MODEL_FALL_THROUGH] = { EVENT_SPB_ALLOC_FALL_THROUGH, false, true, fall_through },
};

static struct synth_task worker_task(struct recorder *r, u32 node)
{
	snprintf(r->worker_comm, sizeof(r->worker_comm), "kevacuate/%u", node);
	return (struct synth_task){ WORKER_PID + node, r->worker_comm };
}

void recorder_event(struct recorder *r, const struct model_event *e)
{
	const struct model_zone_config *zone = &r->zones[e->zone];
	struct synth_task task = e->worker ? worker_task(r, zone->node) : r->task;
	struct event ev = {
		.pfn = traced[e->kind].page ? e->pfn : EVENT_NO_PFN,
		.cpu = (u16)(e->cpu % r->nr_cpus), .kind = traced[e->kind].kind,
		.order = e->order, .migratetype = (s8)e->migratetype,
	};

	traced[e->kind].extra(e, &ev);
	put(r, &ev, &task, e->time, traced[e->kind].zone ? zone->name : NULL);
}

/* ---- the load's own events ---- */

static void put_free(struct recorder *r, const struct synth_task *task, u64 now, struct event *ev,
		     u32 label, bool drains)
{
	ev->kind = EVENT_PAGE_FREE;
	ev->migratetype = EVENT_NO_MT;
	put(r, ev, task, now, NULL);
	if (!drains || !(r->pcp_orders >> ev->order & 1))
		return;
	ev->kind = EVENT_PCPU_DRAIN;
	ev->migratetype = (s8)label;
	put(r, ev, task, now, NULL);
}

void recorder_free(struct recorder *r, u64 now, u16 cpu, u64 pfn, u32 order, u32 label,
		   bool drains)
{
	struct event ev = { .pfn = pfn, .cpu = cpu, .order = (u8)order };

	put_free(r, &r->task, now, &ev, label, drains);
}

void recorder_worker_free(struct recorder *r, u32 node, u64 pfn, u32 order, u32 label)
{
	const struct synth_task task = worker_task(r, node);
	struct event ev = { .pfn = pfn, .cpu = r->last_cpu, .order = (u8)order };

	put_free(r, &task, r->last, &ev, label, true);
}

void recorder_alloc(struct recorder *r, u64 now, u16 cpu, u64 pfn, u32 order, u32 mt, u32 gfp)
{
	struct event ev = { .pfn = pfn, .cpu = cpu, .kind = EVENT_PAGE_ALLOC, .order = (u8)order,
			    .migratetype = (s8)mt, .extra = { gfp } };

	put(r, &ev, &r->task, now, NULL);
}
