// SPDX-License-Identifier: GPL-2.0
/* Deferred evacuation: queue_spb_evacuate() and spb_evacuate_for_order() (S1.1, S4.5). */
#include "tests/oracle/oracle.h"

#define POOL 64		/* NR_SPB_EVAC_REQUESTS */

static u32 in_flight_anywhere(const struct oracle *o)
{
	u32 n = 0;

	for (u32 z = 0; z < o->nr_zones; z++) {
		for (u32 order = 0; order < O_ORDERS; order++) {
			for (u32 mt = 0; mt < MIGRATE_PCPTYPES; mt++)
				n += o->zone[z].evac[order][mt].in_flight;
		}
	}
	return n;
}

/* A tainted SPB that has just what is asked for: evacuating would not help. */
static bool tainted_has(const struct ozone *z, u32 order, u32 mt)
{
	for (u32 i = 0; i < z->nr_spbs; i++) {
		const struct ospb *sb = &z->spb[i];

		if (o_on_tainted(sb) && sb->free_list[order][mt].n)
			return true;
	}
	return false;
}

static bool too_soon(const struct ozone *z, u32 mt)
{
	const struct oracle *o = z->o;

	return z->evac_last[mt] &&
	       o_jiffies(o) - z->evac_last[mt] < (u64)o->v.evac_throttle_ms * o->v.hz / 1000;
}

void o_queue_evacuate(struct ozone *z, u32 order, u32 mt)
{
	struct oracle *o = z->o;

	if (!o->v.evac_deferred || mt >= MIGRATE_PCPTYPES || z->evac[order][mt].in_flight ||
	    too_soon(z, mt) || tainted_has(z, order, mt) || in_flight_anywhere(o) >= POOL)
		return;
	z->evac[order][mt] = (struct oevac){ .in_flight = true, .cpu = o->cpu,
					     .queued_at = o->now };
	z->evac_last[mt] = o_jiffies(o);
	z->cnt.evac_queued++;
	o_raise(o, OWORK_EVACUATE | z->index << 16 | order << 8 | mt);
}

static struct ozone *zone_of(struct oracle *o, u32 id)
{
	return &o->zone[(id & ~OWORK_EVACUATE) >> 16];
}

struct oevac *o_evac_of(struct oracle *o, u32 id)
{
	return &zone_of(o, id)->evac[id >> 8 & 0xff][id & 0xff];
}

/* Up to so many tainted SPBs that hold movable blocks, in list order */
static void collect(struct oracle *o, struct oworker *n)
{
	const struct ozone *z = zone_of(o, n->now_on);

	n->evac.nr = n->evac.at = n->evac.blocks = 0;
	for (u32 full = 0; full < __NR_SB_FULLNESS; full++) {
		const struct oseq *list = &z->list[SB_TAINTED * __NR_SB_FULLNESS + full];

		for (u32 i = 0; i < list->n; i++) {
			if (n->evac.nr < o->v.evac_candidates && o_nr_movable(&z->spb[list->v[i]]))
				n->evac.candidate[n->evac.nr++] = list->v[i];
		}
	}
	if (n->evac.nr)
		n->evac.next = z->spb[n->evac.candidate[0]].start_pfn;
}

void o_begin_evacuation(struct oracle *o, struct oworker *n)
{
	n->evac = (struct oevac_run){ 0 };
	collect(o, n);
}

/* Two phases: blocks of the wanted type, and if there were none, movable ones (S10 item 15) */
static bool evacuable(const struct oracle *o, const struct oworker *n, const struct ospb *sb,
		      u64 pfn)
{
	const struct oblk *b = o_blk(sb, (u32)(pfn - sb->start_pfn));

	if (pfn < sb->zone->start_pfn || b->outside || !b->has_movable)
		return false;
	if (b->label == MIGRATE_ISOLATE || b->label == MIGRATE_CMA ||
	    b->label == MIGRATE_HIGHATOMIC)
		return false;
	return o->v.evac_phases == 1 ||
	       b->label == (n->evac.phase ? (u32)MIGRATE_MOVABLE : (n->now_on & 0xff));
}

static bool next_in_phase(struct oracle *o, struct oworker *n)
{
	struct ozone *z = zone_of(o, n->now_on);

	while (n->evac.at < n->evac.nr) {
		struct ospb *sb = &z->spb[n->evac.candidate[n->evac.at]];
		const u64 pfn = n->evac.next;

		if (pfn >= sb->start_pfn + o->spb_pages || n->evac.blocks >= o->v.evac_pb_per_sb) {
			n->evac.blocks = 0;
			if (++n->evac.at < n->evac.nr)
				n->evac.next = z->spb[n->evac.candidate[n->evac.at]].start_pfn;
			continue;
		}
		n->evac.next += o->block_pages;
		if (!evacuable(o, n, sb, pfn))
			continue;
		n->evac.blocks++;
		n->evac.attempts[n->evac.phase]++;
		n->run = sb;
		n->pfn = pfn;
		return true;
	}
	return false;
}

bool o_next_block_of_evacuation(struct oracle *o, struct oworker *n)
{
	if (next_in_phase(o, n))
		return true;
	if (o->v.evac_phases == 1 || n->evac.phase || n->evac.attempts[0])
		return false;
	n->evac.phase = 1;
	collect(o, n);
	return next_in_phase(o, n);
}

/* The caller waits: what that costs is counted, time does not move. */
bool o_evacuate_now(struct ozone *z, u32 order, u32 mt, u16 cpu)
{
	struct oracle *o = z->o;
	struct oworker n = { .now_on = OWORK_EVACUATE | z->index << 16 | order << 8 | mt,
			     .cpu = cpu };
	const struct oop op = o->op;
	u64 pages = 0;

	o_begin_evacuation(o, &n);
	while (o_next_block_of_evacuation(o, &n)) {
		n.in_block = true;
		n.leave = false;
		n.scan = n.pfn;
		while (n.in_block) {
			pages += o_batch(o, &n);
			if (n.leave)
				o_leave_block(o, &n);
		}
	}
	z->cnt.evac_direct++;
	z->cnt.stall_ns += pages * o->v.migrate_us_per_page * NSEC_PER_USEC;
	o_queue_shrink(z);
	o_unlock(o);	/* no lock is held: the irq_work comes at once */
	o_trace_evacuated(z, order, mt, n.evac.attempts);
	o->op = op;
	return n.evac.attempts[0] + n.evac.attempts[1] > 0;
}

void o_end_evacuation(struct oracle *o, struct oworker *n)
{
	struct ozone *z = zone_of(o, n->now_on);

	o_evac_of(o, n->now_on)->in_flight = false;
	z->cnt.evac_runs++;
	o_queue_shrink(z);
	o_trace_evacuated(z, n->now_on >> 8 & 0xff, n->now_on & 0xff, n->evac.attempts);
}
