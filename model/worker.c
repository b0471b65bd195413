// SPDX-License-Identifier: GPL-2.0
#include "model/worker.h"

#include "model/defrag.h"
#include "model/evac.h"
#include "model/evacuate.h"

/**
 * struct work_ops - a kind of work
 * @begin: the worker takes node->work from its queue
 * @next: choose the next block to empty (node->ev). Return: false: nothing is left to do
 * @end: the work is over; may give node->work away
 */
struct work_ops {
	void (*begin)(struct node *node);
	bool (*next)(struct node *node);
	void (*end)(struct node *node);
};

static const struct work_ops work_ops[NR_WORK_KINDS] = {
	[WORK_DEFRAG] = { defrag_begin, defrag_next, defrag_end },
	[WORK_EVACUATE] = { evac_begin, evac_next, evac_end },
};

static void update_due(struct model *m)
{
	u64 due = TIME_NEVER;

	for (u32 n = 0; n < m->nr_nodes; n++)
		due = min_u64(due, m->nodes[n].due);
	m->due = due;
}

/* When the worker is idle: it picks up its oldest request after the wake-up latency. */
static void schedule_next(struct model *m, struct node *node)
{
	const struct work *work = node->queue_head;

	if (!work) {
		node->due = TIME_NEVER;
		return;
	}
	node->due = max_u64(node->free_at,
			    work->queued_at + m->v.worker_latency_us * NSEC_PER_USEC);
}

void worker_queue(struct zone *zone, struct work *work)
{
	struct model *m = zone->m;
	struct node *node = zone->node;

	work->next = NULL;
	work->queued_at = m->now;
	work->cpu = m->op.cpu;
	if (node->queue_tail)
		node->queue_tail->next = work;
	else
		node->queue_head = work;
	node->queue_tail = work;
	if (!node->work) {
		schedule_next(m, node);
		update_due(m);
	}
}

static void begin_next(struct node *node)
{
	struct work *work = node->queue_head;

	node->queue_head = work->next;
	if (!node->queue_head)
		node->queue_tail = NULL;
	node->work = work;
	node->ev = (struct evacuation){ .cpu = work->cpu };
	work_ops[work->kind].begin(node);
}

static void count_pages(struct node *node)
{
	const struct work *work = node->work;
	struct zone *zone = work->kind == WORK_DEFRAG ? work->sb->zone : work->zone;

	zone->counters.pages_migrated += node->ev.pages_migrated;
	zone->counters.pages_dropped += node->ev.pages_dropped;
	zone->counters.pages_failed += node->ev.pages_failed;
}

/* One batch at m->now. Return: ns until the next step, or TIME_NEVER when the work is over. */
static u64 work_step(struct model *m, struct node *node)
{
	const struct work_ops *ops = &work_ops[node->work->kind];

	while (node->ev.busy || ops->next(node)) {
		const u64 pages = evacuate_step(&node->ev);

		if (pages)
			return pages * m->v.migrate_us_per_page * NSEC_PER_USEC;
	}
	count_pages(node);
	ops->end(node);
	node->work = NULL;
	return TIME_NEVER;
}

static void node_step(struct model *m, struct node *node)
{
	u64 cost;

	m->now = max_u64(m->now, node->due);
	if (!node->work)
		begin_next(node);
	/* What it changes between moves (bits, lists) happens on its CPU, too. */
	m->op.cpu = node->work->cpu;
	cost = work_step(m, node);
	if (cost != TIME_NEVER) {
		node->due = m->now + cost;
		return;
	}
	node->free_at = m->now;
	schedule_next(m, node);
}

/* The node whose step comes first; the lower id on a tie. */
static struct node *next_node(struct model *m)
{
	struct node *first = &m->nodes[0];

	for (u32 n = 1; n < m->nr_nodes; n++) {
		if (m->nodes[n].due < first->due)
			first = &m->nodes[n];
	}
	return first;
}

void worker_run(struct model *m, u64 now)
{
	while (m->due <= now) {
		const struct op_context op = m->op;

		m->by_worker = true;
		node_step(m, next_node(m));
		m->by_worker = false;
		m->op = op;
		update_due(m);
	}
	m->now = max_u64(m->now, now);
}
