// SPDX-License-Identifier: GPL-2.0
#include "model/shrink.h"

#include "model/shrinkable.h"
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
	work_zone(w->work)->counters.shrink_runs++;
	w->cost = work_zone(w->work)->m->v.shrink_run_us * NSEC_PER_USEC;
}

bool shrink_next(struct worker *w __unused)
{
	return false;
}

/* What was freed is back when the run ends, not object by object (S10 item 7). */
void shrink_end(struct worker *w)
{
	struct model *m = work_zone(w->work)->m;

	if (m->v.shrink_pages_per_run)
		shrinkable_drop(m, w->node, m->v.shrink_pages_per_run, w->ev.cpu);
	w->node->shrink_worker = NULL;
}
