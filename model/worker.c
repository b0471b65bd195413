// SPDX-License-Identifier: GPL-2.0
#include "model/worker.h"

#include <stdlib.h>

#include "model/defrag.h"
#include "model/evac.h"
#include "model/evacuate.h"
#include "model/pcp.h"
#include "model/shrink.h"

/**
 * struct work_ops - a kind of work
 * @begin: the worker takes worker->work from its queue; may set worker->cost
 * @next: choose the next block to empty (worker->ev). Return: false: nothing is left to do
 * @end: the work is over; may give worker->work away
 */
struct work_ops {
	void (*begin)(struct worker *w);
	bool (*next)(struct worker *w);
	void (*end)(struct worker *w);
};

static const struct work_ops work_ops[NR_WORK_KINDS] = {
	[WORK_DEFRAG] = { defrag_begin, defrag_next, defrag_end },
	[WORK_EVACUATE] = { evac_begin, evac_next, evac_end },
	[WORK_SHRINK] = { shrink_begin, shrink_next, shrink_end },
};

/* ---- life ---- */

bool workers_init(struct model *m, struct node *node)
{
	const u32 threads = m->v.worker_threads;

	m->nr_threads = threads ? threads : m->config.nr_cpus;
	node->workers = calloc(m->nr_threads, sizeof(*node->workers));
	m->bytes += m->nr_threads * sizeof(*node->workers);
	return node->workers;
}

void workers_fini(struct model *m, struct node *node)
{
	for (u32 t = 0; node->workers && t < m->nr_threads; t++)
		free(node->workers[t]);
	free(node->workers);
}

void workers_start(struct model *m)
{
	for (struct worker *w = m->busy; w; w = w->busy_next)
		w->ev.pages_migrated = w->ev.pages_dropped = w->ev.pages_failed = 0;
}

static struct worker *worker_of(struct model *m, struct node *node, u32 cpu)
{
	const u32 thread = cpu % m->nr_threads;
	struct worker *w = node->workers[thread];

	if (w)
		return w;
	w = calloc(1, sizeof(*w));
	if (!w) {
		m->no_memory = true;
		return NULL;
	}
	w->node = node;
	w->thread = thread;
	w->due = TIME_NEVER;
	node->workers[thread] = w;
	m->bytes += sizeof(*w);
	return w;
}

/* ---- queues ---- */

/* The next step of all, and off the list with workers that have nothing to do. */
static void update_due(struct model *m)
{
	struct worker **link = &m->busy;

	m->due = m->pcp_tick;
	while (*link) {
		struct worker *w = *link;

		if (w->due == TIME_NEVER) {
			*link = w->busy_next;
			w->busy = false;
			continue;
		}
		m->due = min_u64(m->due, w->due);
		link = &w->busy_next;
	}
}

/* When the worker is idle: it picks up its oldest request after the wake-up latency. */
static void schedule_next(const struct model *m, struct worker *w)
{
	const struct work *work = w->queue_head;

	if (!work) {
		w->due = TIME_NEVER;
		return;
	}
	w->due = max_u64(w->free_at, work->queued_at + m->v.worker_latency_us * NSEC_PER_USEC);
}

void worker_raise(struct model *m, struct work *work)
{
	work->queued_at = m->now;
	work->cpu = m->op.cpu;
	if (m->v.irq_work_order == IRQ_WORK_LIFO || !m->raised_head) {
		work->next = m->raised_head;
		m->raised_head = work;
		if (!work->next)
			m->raised_tail = work;
	} else {
		work->next = NULL;
		m->raised_tail->next = work;
		m->raised_tail = work;
	}
	/* Should nobody call worker_interrupt(), worker_run() will. */
	m->due = min_u64(m->due, m->now);
}

/* queue_work() */
static void queue(struct model *m, struct work *work)
{
	struct node *node = work_zone(work)->node;
	struct worker *w;

	/* A work that runs is never started elsewhere at the same time. */
	if (work->kind == WORK_SHRINK && node->shrink_worker)
		w = node->shrink_worker;
	else
		w = worker_of(m, node, work->cpu);
	if (!w)
		return;
	work->next = NULL;
	if (w->queue_head)
		w->queue_tail->next = work;
	else
		w->queue_head = work;
	w->queue_tail = work;
	if (!w->work)
		schedule_next(m, w);
	if (w->busy)
		return;
	w->busy = true;
	w->busy_next = m->busy;
	m->busy = w;
}

void worker_queue_raised(struct model *m)
{
	struct work *work = m->raised_head;

	m->raised_head = NULL;
	m->raised_tail = NULL;
	while (work) {
		struct work *next = work->next;

		queue(m, work);
		work = next;
	}
	update_due(m);
}

static void begin_next(struct worker *w)
{
	struct work *work = w->queue_head;

	w->queue_head = work->next;
	if (!w->queue_head)
		w->queue_tail = NULL;
	w->work = work;
	w->ev = (struct evacuation){ .cpu = work->cpu };
	w->cost = 0;
	work_ops[work->kind].begin(w);
}

/* One batch at m->now. Return: ns until the next step, or TIME_NEVER when the work is over. */
static u64 work_step(struct model *m, struct worker *w)
{
	const struct work_ops *ops = &work_ops[w->work->kind];
	const u64 cost = w->cost;

	while (w->ev.busy || ops->next(w)) {
		const u64 pages = evacuate_step(&w->ev);

		if (pages)
			return pages * m->v.migrate_us_per_page * NSEC_PER_USEC;
	}
	w->cost = 0;
	if (cost)
		return cost;
	ops->end(w);
	w->work = NULL;
	return TIME_NEVER;
}

static void worker_step(struct model *m, struct worker *w)
{
	u64 cost;

	m->now = max_u64(m->now, w->due);
	if (!w->work)
		begin_next(w);
	/* What it changes between moves (bits, lists) happens on its CPU, too. */
	m->op.cpu = w->work->cpu;
	cost = work_step(m, w);
	if (cost != TIME_NEVER) {
		w->due = m->now + cost;
		return;
	}
	w->free_at = m->now;
	schedule_next(m, w);
}

static bool comes_first(const struct worker *a, const struct worker *b)
{
	if (a->due != b->due)
		return a->due < b->due;
	return a->node != b->node ? a->node < b->node : a->thread < b->thread;
}

/* The worker whose step comes first; the lower node, then the lower thread on a tie. */
static struct worker *next_worker(const struct model *m)
{
	struct worker *first = m->busy;

	for (struct worker *w = first->busy_next; w; w = w->busy_next) {
		if (comes_first(w, first))
			first = w;
	}
	return first;
}

void worker_run(struct model *m, u64 now)
{
	worker_interrupt(m);
	while (m->due <= now) {
		const struct op_context op = m->op;

		if (m->pcp_tick <= m->due) {
			m->now = max_u64(m->now, m->pcp_tick);
			pcp_tick(m);
		} else {
			m->by_worker = true;
			worker_step(m, next_worker(m));
			m->by_worker = false;
		}
		m->op = op;
		worker_interrupt(m);
		update_due(m);
	}
	m->now = max_u64(m->now, now);
}
