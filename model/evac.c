// SPDX-License-Identifier: GPL-2.0
#include "model/evac.h"

#include "model/evacuate.h"
#include "model/event.h"
#include "model/pageblock.h"
#include "model/shrink.h"
#include "model/superpageblock.h"
#include "model/worker.h"

void evac_init(struct model *m)
{
	for (u32 i = 0; i < NR_SPB_EVAC_REQUESTS; i++) {
		m->evac_pool[i].next = m->evac_free;
		m->evac_free = &m->evac_pool[i];
	}
}

/* A buddy is there: the claim was refused for other reasons, evacuating would not help (S4.5) */
static bool tainted_pool_has_free(struct zone *zone, u32 order, u32 mt)
{
	struct superpageblock *sb;
	u32 full;

	for_each_spb_in(zone, SB_TAINTED, full, sb) {
		if (sb->free_area[order].free_list[mt].head != FRAME_NIL)
			return true;
	}
	return false;
}

static bool throttled(const struct zone *zone, u32 mt)
{
	const struct model *m = zone->m;

	return zone->evac_last[mt] &&
	       model_jiffies(m) < zone->evac_last[mt] + (u64)m->v.evac_throttle_ms * m->v.hz / 1000;
}

void queue_spb_evacuate(struct zone *zone, u32 order, u32 mt)
{
	struct model *m = zone->m;
	struct work *work = m->evac_free;

	if (!m->v.evac_deferred || mt >= MIGRATE_PCPTYPES || throttled(zone, mt) ||
	    zone->evac_in_flight[mt][order] || tainted_pool_has_free(zone, order, mt) || !work)
		return;
	m->evac_free = work->next;
	zone->evac_in_flight[mt][order] = true;
	zone->evac_last[mt] = model_jiffies(m);
	*work = (struct work){ .kind = WORK_EVACUATE, .zone = zone, .order = (u8)order,
			       .mt = (u8)mt };
	zone->counters.evac_queued++;
	worker_queue(zone, work);
}

/* sb_collect_evacuate_candidates(): tainted SPBs that hold movable pages, in list order */
void evac_begin(struct node *node)
{
	struct zone *zone = node->work->zone;
	struct evac_run *run = &node->evac;
	struct superpageblock *sb;
	u32 full;

	*run = (struct evac_run){ 0 };
	for_each_spb_in(zone, SB_TAINTED, full, sb) {
		if (sb->nr_movable && run->nr < zone->m->v.evac_candidates)
			run->sb[run->nr++] = sb;
	}
	if (run->nr)
		run->pfn = run->sb[0]->start_pfn;
}

static bool evacuable(const struct superpageblock *sb, u32 frame)
{
	const u32 label = pageblock_migratetype(sb, frame);

	return pageblock_begins_in_zone(sb, frame) &&
	       pageblock_test(sb, frame, PB_HAS_MOVABLE) && label != MIGRATE_ISOLATE &&
	       label != MIGRATE_CMA && label != MIGRATE_HIGHATOMIC;
}

static void next_candidate(struct evac_run *run)
{
	run->blocks = 0;
	if (++run->at < run->nr)
		run->pfn = run->sb[run->at]->start_pfn;
}

bool evac_next(struct node *node)
{
	const struct model *m = node->work->zone->m;
	struct evac_run *run = &node->evac;

	while (run->at < run->nr) {
		struct superpageblock *sb = run->sb[run->at];
		const u64 pfn = run->pfn;

		if (pfn >= sb->start_pfn + (1ULL << m->spb_order) ||
		    run->blocks >= m->v.evac_pb_per_sb) {
			next_candidate(run);
			continue;
		}
		run->pfn += m->pageblock_nr_pages;
		if (!evacuable(sb, (u32)(pfn - sb->start_pfn)))
			continue;
		run->blocks++;
		run->attempts++;
		evacuate_begin(&node->ev, sb, pfn);
		return true;
	}
	return false;
}

void evac_end(struct node *node)
{
	struct work *work = node->work;
	struct zone *zone = work->zone;

	zone->counters.evac_runs++;
	zone->evac_in_flight[work->mt][work->order] = false;
	queue_spb_slab_shrink(zone);
	if (traced(zone->m))
		event_evacuate_done(zone, work->order, work->mt, zone->node->evac.attempts, 0);
	work->next = zone->m->evac_free;
	zone->m->evac_free = work;
}
