/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the recorded kernel's own worker did (kevacuate/NODE, S1.4) is no demand: every variant has
 * a worker of its own. Its allocations are targets of migration and its frees are sources, so a
 * pair is a unit that moved: the unit keeps its handle, and its later free is found at the new
 * frame.
 *
 * The kernel runs the queue's works in kworkers of the pool, which do other things, too. So a name
 * tells of the worker only where it is that of the queue: of its rescuer, of what synth makes, and
 * of an anonymized log. Otherwise its moves are demand, as limits.c says.
 *
 * Pairs are made in order, by task and order of the page: migration takes its targets one after
 * another and gives the sources back in the same sequence (S4.2). A source without a target is
 * clean page cache that was dropped, or went to a page that no event shows: a free.
 */
#ifndef SPB_REPLAY_DEMAND_WORKER_H
#define SPB_REPLAY_DEMAND_WORKER_H

#include "replay/demand/demand_core.h"

#define WORKER_COMM "kevacuate"
#define WORKER_RESCUER "kworker/R-kevac"	/* as far as a comm reaches */
#define WORKER_MAX_TARGETS 1024u

/** struct worker_target - a page that the worker took and has not filled */
struct worker_target {
	u64 pfn;
	u32 task;
	u8 order;
};

/** struct demand_worker - targets that wait for their sources, oldest first; all zero: none */
struct demand_worker {
	u32 nr;
	struct worker_target target[WORKER_MAX_TARGETS];
};

enum { TASK_UNKNOWN, TASK_OTHER, TASK_WORKER };

/**
 * worker_tasks_learn - look up the tasks of @b that are new. Return: 0 or negative with @err set
 */
int worker_tasks_learn(struct worker_tasks *t, const struct log_reader *r,
		       const struct event_block *b, struct error *err) __must_check;
void worker_tasks_fini(struct worker_tasks *t);
/** worker_tasks_any - was there a task of a worker? */
bool worker_tasks_any(const struct worker_tasks *t);

/** is_worker_task - does the task belong to a worker? */
static inline bool is_worker_task(const struct worker_tasks *t, u32 task)
{
	return task < t->nr && t->is[task] == TASK_WORKER;
}

/** is_worker_comm - can only a node's worker have this name? */
bool is_worker_comm(const char *comm);

/**
 * worker_judge - an event of a worker
 * @t: the block it is about; @verdict: of the rules; becomes NONE when nothing is left to do
 *
 * After demand_core_begin(). Return: 0 or negative with @err set.
 */
int worker_judge(struct demand_worker *w, struct demand_core *core, u32 task,
		 const struct touch *t, enum verdict *verdict, struct error *err) __must_check;

#endif /* SPB_REPLAY_DEMAND_WORKER_H */
