/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which modelled event answers which recorded one. Both sequences of a CPU are cut at the events
 * that are operations ("anchors"): between two anchors lie what the kernel traced after the first
 * and before the second. Events of the recorded kernel's worker and of the model's are one stream
 * of their own, without anchors.
 */
#ifndef SPB_REPLAY_CHECK_MATCH_H
#define SPB_REPLAY_CHECK_MATCH_H

#include "replay/check/check.h"

/** struct event_list - events and their indexes in the log; a growable array */
struct event_list {
	u32 nr;
	u32 max;
	struct event *ev;
	u64 *index;
};

/** struct cpu_stream - what waits on one CPU for the next anchor */
struct cpu_stream {
	struct event_list recorded;
	struct event_list model;
};

/**
 * struct matcher - one side's comparison
 * @cpus: by CPU; @worker: the stream of the workers
 * @told: what the model told during the operation at hand
 */
struct matcher {
	const struct check_names *names;
	struct check_report *report;
	enum check_side side;
	u32 nr_cpus;
	struct cpu_stream *cpus;
	struct cpu_stream worker;
	struct event_list told;
	bool no_memory;
};

/** matcher_init - one side of a check. Return: false without memory */
bool matcher_init(struct matcher *m, const struct check_names *names,
		  struct check_report *report, enum check_side side, u32 nr_cpus);
void matcher_fini(struct matcher *m);

/** matcher_told - the model told @e, not part of the worker's doing or part of it */
void matcher_told(struct matcher *m, const struct model_event *e);
/** matcher_recorded - the log has event @e, no anchor; @worker: by a worker's task */
void matcher_recorded(struct matcher *m, const struct event *e, u64 index, bool worker);

/**
 * matcher_alloc - the anchor @e is an allocation that the model just served
 *
 * What it told before its removal belongs before the anchor, the rest after it.
 * Return: false: both told another removal (@e and the model's)
 */
void matcher_alloc(struct matcher *m, const struct event *e, u64 index);
/** matcher_free - the anchor is a free: what the model told may lie on either side of it */
void matcher_free(struct matcher *m, const struct event *e, u64 index);

/** matcher_count - one event of @e's kind on both sides, the same or not */
void matcher_count(struct matcher *m, const struct event *e, u64 index, const struct event *model,
		   bool same);

/** matcher_end - nothing more comes */
void matcher_end(struct matcher *m);

#endif /* SPB_REPLAY_CHECK_MATCH_H */
