// SPDX-License-Identifier: GPL-2.0
#include "model/shrink.h"

void queue_spb_slab_shrink(struct zone *zone)
{
	struct model *m = zone->m;
	struct node *node = zone->node;

	if (!m->v.shrink_enable || m->now < node->shrink_done)
		return;
	node->shrink_done =
		m->now + (m->v.worker_latency_us + m->v.shrink_run_us) * NSEC_PER_USEC;
	zone->counters.shrink_queued++;
	if (m->obs && m->obs->shrink_queued)
		m->obs->shrink_queued(m->ctx, m->now, zone->index);
}
