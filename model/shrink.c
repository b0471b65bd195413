// SPDX-License-Identifier: GPL-2.0
#include "model/shrink.h"

#include "model/worker.h"

void queue_spb_slab_shrink(struct zone *zone)
{
	struct model *m = zone->m;
	struct node *node = zone->node;

	if (!m->v.shrink_enable || node->shrink_pending)
		return;
	node->shrink_pending = true;
	node->shrink = (struct work){ .kind = WORK_SHRINK, .zone = zone };
	worker_raise(m, &node->shrink);
	zone->counters.shrink_queued++;
	if (m->obs && m->obs->shrink_queued)
		m->obs->shrink_queued(m->ctx, m->now, zone->index);
}

void shrink_begin(struct worker *w)
{
	w->node->shrink_pending = false;
	w->node->shrink_worker = w;
	w->cost = work_zone(w->work)->m->v.shrink_run_us * NSEC_PER_USEC;
}

bool shrink_next(struct worker *w __unused)
{
	return false;
}

void shrink_end(struct worker *w)
{
	w->node->shrink_worker = NULL;
}
