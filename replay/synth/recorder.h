/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the made-up kernel traces: the model's events, and the events of the load itself, as a
 * recorder would have seen them, in an order that a merge by (time, CPU) gives back.
 */
#ifndef SPB_REPLAY_SYNTH_RECORDER_H
#define SPB_REPLAY_SYNTH_RECORDER_H

#include "model/model.h"
#include "replay/base/error.h"
#include "replay/log/event.h"

/** struct synth_task - who was running */
struct synth_task {
	u32 pid;
	const char *comm;
};

/**
 * struct synth_sink - where events go
 * @event: one more; @zone: name of its zone for kinds that carry one, else NULL. Times never go
 *	backwards. Return: 0 or a negative enum err_code, which ends the run
 */
struct synth_sink {
	int (*event)(void *ctx, const struct event *ev, const struct synth_task *task,
		     const char *zone, struct error *err);
	void *ctx;
};

/**
 * struct recorder - state of the recording
 * @epoch: what is added to model time; @last, @last_cpu: of the last event, model time
 * @task: who is running; @worker: node to its worker's task, as the comm says
 * @pcp_orders: orders whose frees are seen twice, on the way to a per-CPU list and from there to
 *	the buddy, as bits (S2.8, S7.3); at page level none: drains are the model's own business
 * @nr_events, @count: written so far
 * @err: first failure; nothing is written after it
 */
struct recorder {
	const struct synth_sink *sink;
	const struct model_zone_config *zones;
	u64 epoch;
	u64 last;
	u16 last_cpu;
	u16 nr_cpus;
	struct synth_task task;
	char worker_comm[24];
	u32 pcp_orders;
	u64 nr_events;
	u64 count[NR_EVENT_KINDS];
	struct error err;
};

/** recorder_event - the model's @e; by the worker's task when the worker fired it */
void recorder_event(struct recorder *r, const struct model_event *e);

/**
 * recorder_free - the running task frees a unit: mm_page_free, and for @pcp_orders the drain
 * @label: migratetype of its block
 */
void recorder_free(struct recorder *r, u64 now, u16 cpu, u64 pfn, u32 order, u32 label);
/** recorder_worker_free - the same by the worker of @node */
void recorder_worker_free(struct recorder *r, u64 now, u32 node, u64 pfn, u32 order, u32 label);
/** recorder_worker_alloc - mm_page_alloc of the page that a copy goes to, likewise */
void recorder_worker_alloc(struct recorder *r, u32 node, u64 pfn, u32 order);

/** recorder_alloc - mm_page_alloc: the running task got @pfn, or EVENT_NO_PFN */
void recorder_alloc(struct recorder *r, u64 now, u16 cpu, u64 pfn, u32 order, u32 mt, u32 gfp);

#endif /* SPB_REPLAY_SYNTH_RECORDER_H */
