// SPDX-License-Identifier: GPL-2.0
#include "model/worker.h"

#include "model/defrag.h"

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
	const struct superpageblock *sb = node->queue_head;

	if (!sb) {
		node->due = TIME_NEVER;
		return;
	}
	node->due = max_u64(node->free_at,
			    sb->defrag_queued_at + m->v.worker_latency_us * NSEC_PER_USEC);
}

void worker_queue_defrag(struct superpageblock *sb)
{
	struct model *m = sb->zone->m;
	struct node *node = sb->zone->node;

	sb->work_next = NULL;
	if (node->queue_tail)
		node->queue_tail->work_next = sb;
	else
		node->queue_head = sb;
	node->queue_tail = sb;
	if (!node->run.sb) {
		schedule_next(m, node);
		update_due(m);
	}
}

static struct superpageblock *dequeue(struct node *node)
{
	struct superpageblock *sb = node->queue_head;

	node->queue_head = sb->work_next;
	if (!node->queue_head)
		node->queue_tail = NULL;
	return sb;
}

static void node_step(struct model *m, struct node *node)
{
	u64 cost;

	m->now = max_u64(m->now, node->due);
	if (!node->run.sb)
		defrag_begin(node, dequeue(node));
	cost = defrag_step(node);
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

		node_step(m, next_node(m));
		m->op = op;
		update_due(m);
	}
	m->now = max_u64(m->now, now);
}
