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
	worker_raise(m, work);
}

/* sb_collect_evacuate_candidates(): tainted SPBs that hold movable pages, in list order */
static void collect_candidates(struct evac_run *run)
{
	const struct zone *zone = run->zone;
	struct superpageblock *sb;
	u32 full;

	run->nr = 0;
	run->at = 0;
	run->blocks = 0;
	for_each_spb_in(zone, SB_TAINTED, full, sb) {
		if (sb->nr_movable && run->nr < zone->m->v.evac_candidates)
			run->sb[run->nr++] = sb;
	}
	if (run->nr)
		run->pfn = run->sb[0]->start_pfn;
}

static void run_begin(struct evac_run *run, struct zone *zone, u32 order, u32 mt)
{
	*run = (struct evac_run){ .zone = zone, .order = order, .mt = mt };
	collect_candidates(run);
}

/*
 * v2 takes any block. Before, the first phase took blocks of the request's own type, to coalesce
 * what is free in them, and the second movable ones, to free them whole (S4.5; the order is
 * INFERRED).
 */
static bool label_wanted(const struct evac_run *run, u32 label)
{
	if (run->zone->m->v.evac_phases == 1)
		return true;
	return label == (run->phase ? MIGRATE_MOVABLE : run->mt);
}

/* evacuate_pb_range(): which blocks of a candidate are worth the work */
static bool evacuable(const struct evac_run *run, const struct superpageblock *sb, u32 frame)
{
	const u32 label = pageblock_migratetype(sb, frame);

	return pageblock_begins_in_zone(sb, frame) && pageblock_test(sb, frame, PB_HAS_MOVABLE) &&
	       label != MIGRATE_ISOLATE && label != MIGRATE_CMA && label != MIGRATE_HIGHATOMIC &&
	       label_wanted(run, label);
}

static void next_candidate(struct evac_run *run)
{
	run->blocks = 0;
	if (++run->at < run->nr)
		run->pfn = run->sb[run->at]->start_pfn;
}

/* The second phase runs when the first found nothing to do (INFERRED: one of them was enough). */
static bool next_phase(struct evac_run *run)
{
	if (run->phase || run->attempts[0] || run->zone->m->v.evac_phases == 1)
		return false;
	run->phase = 1;
	collect_candidates(run);
	return true;
}

/* Choose the next block to empty. Return: false: nothing is left to do */
static bool run_next(struct evac_run *run, struct evacuation *ev)
{
	const struct model *m = run->zone->m;

	while (run->at < run->nr || next_phase(run)) {
		struct superpageblock *sb;
		const u64 pfn = run->pfn;

		if (run->at >= run->nr)
			continue;
		sb = run->sb[run->at];
		if (pfn >= sb->start_pfn + (1ULL << m->spb_order) ||
		    run->blocks >= m->v.evac_pb_per_sb) {
			next_candidate(run);
			continue;
		}
		run->pfn += m->pageblock_nr_pages;
		if (!evacuable(run, sb, (u32)(pfn - sb->start_pfn)))
			continue;
		run->blocks++;
		run->attempts[run->phase]++;
		evacuate_begin(ev, sb, pfn);
		return true;
	}
	return false;
}

static void run_end(const struct evac_run *run)
{
	queue_spb_slab_shrink(run->zone);
	if (traced(run->zone->m))
		event_evacuate_done(run->zone, run->order, run->mt, run->attempts[0],
				    run->attempts[1]);
}

void evac_begin(struct worker *w)
{
	const struct work *work = w->work;

	run_begin(&w->evac, work->zone, work->order, work->mt);
}

bool evac_next(struct worker *w)
{
	return run_next(&w->evac, &w->ev);
}

void evac_end(struct worker *w)
{
	struct work *work = w->work;
	struct zone *zone = work->zone;

	zone->counters.evac_runs++;
	zone->evac_in_flight[work->mt][work->order] = false;
	run_end(&w->evac);
	work->next = zone->m->evac_free;
	zone->m->evac_free = work;
}

bool spb_evacuate_for_order(struct zone *zone, u32 order, u32 mt, u16 cpu)
{
	struct model *m = zone->m;
	const struct op_context op = m->op;
	struct evacuation ev = { .cpu = cpu };
	struct evac_run run;
	u64 pages = 0;

	run_begin(&run, zone, order, mt);
	while (run_next(&run, &ev)) {
		while (ev.busy)
			pages += evacuate_step(&ev);
	}
	m->op = op;
	zone->counters.evac_direct++;
	zone->counters.stall_ns += pages * m->v.migrate_us_per_page * NSEC_PER_USEC;
	run_end(&run);
	/* No lock is held: the irq_work of the shrink comes at once. */
	worker_interrupt(m);
	return run.attempts[0] || run.attempts[1];
}
