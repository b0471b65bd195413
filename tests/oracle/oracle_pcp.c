// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists at page level: sizes, and upstream's lists (S7.3). Those of the series are in
 * oracle_pcp_buddy.c.
 *
 * Ours: no watermarks, so no zone is below high and no reclaim is active; the CPUs are spread
 * evenly over the nodes; PCPF_FREE_HIGH_BATCH is set.
 */
#include "tests/oracle/oracle.h"

#include <stdlib.h>

#define NOTHING ((struct opage){ .sb = NULL })

#define LOW_ORDERS 4	/* 0 to PAGE_ALLOC_COSTLY_ORDER */
#define SCALE_MAX 5	/* CONFIG_PCP_BATCH_SCALE_MAX */

static bool has_lists(const struct oracle *o)
{
	return o->config.page_level && o->v.pcp_mode != PCP_NONE;
}

static bool is_buddy(const struct oracle *o)
{
	return o->v.pcp_mode == PCP_BUDDY;
}

/* ---- sizes ---- */

static s64 at_least(s64 x, s64 floor)
{
	return x > floor ? x : floor;
}

static s64 at_most(s64 x, s64 ceiling)
{
	return x < ceiling ? x : ceiling;
}

static s64 clamped(s64 x, s64 lo, s64 hi)
{
	return at_least(lo, at_most(x, hi));
}

/* zone_batchsize(): one less than a power of two */
static s64 batch_of(const struct ozone *z)
{
	const s64 share = at_most((s64)(z->managed / 4096), 64);
	s64 power = 1;

	if (z->o->v.pcp_batch)
		return z->o->v.pcp_batch;
	while (2 * power <= share + share / 2)
		power *= 2;
	return share > 1 ? power - 1 : 1;
}

/*
 * set_recommended_min_free_kbytes() of khugepaged: in pages; a machine's zones of the rounds are
 * all lowmem
 */
static u64 khugepaged_min(const struct oracle *o, u64 managed)
{
	const u64 pairs = MIGRATE_PCPTYPES * MIGRATE_PCPTYPES;
	const u64 pages = o->nr_zones * (2 + pairs) << o->config.pageblock_order;

	return pages < managed / 20 ? pages : managed / 20;
}

/*
 * calculate_min_free_kbytes(), __setup_per_zone_wmarks(): the low watermark, watermark_scale_factor
 * 10
 */
static s64 low_watermark(const struct ozone *z)
{
	u64 managed = 0, kbytes = 1, min;

	for (u32 i = 0; i < z->o->nr_zones; i++)
		managed += z->o->zone[i].managed;
	while ((kbytes + 1) * (kbytes + 1) <= managed * 4 * 16)
		kbytes++;
	kbytes = (u64)clamped((s64)kbytes, 128, 262144);
	min = kbytes / 4 > khugepaged_min(z->o, managed) ? kbytes / 4
							 : khugepaged_min(z->o, managed);
	min = managed ? min * z->managed / managed : 0;
	return (s64)min + at_least((s64)min / 4, (s64)(z->managed * 10 / 10000));
}

/* zone_highsize() for both ends; where knobs contradict each other the lower one counts */
static void init_sizes(const struct ozone *z, struct opcp *pcp)
{
	const struct variant *v = &z->o->v;
	const s64 cpus = at_least(z->o->config.nr_cpus / z->o->nr_nodes, 1);

	pcp->batch = batch_of(z);
	pcp->high_min = v->pcp_high_min ? v->pcp_high_min :
					  at_least(low_watermark(z) / cpus, 4 * pcp->batch);
	pcp->high_max = v->pcp_high_max ? v->pcp_high_max :
					  at_least((s64)z->managed / 8 / cpus, 4 * pcp->batch);
	pcp->high_max = at_least(pcp->high_max, pcp->high_min);
	pcp->high = pcp->high_min;
}

void o_pcp_init(struct oracle *o)
{
	for (u32 z = 0; z < o->nr_zones && has_lists(o); z++) {
		struct ozone *zone = &o->zone[z];

		zone->pcp = calloc(o->config.nr_cpus, sizeof(*zone->pcp));
		if (!zone->pcp)
			abort();
		for (u32 cpu = 0; cpu < o->config.nr_cpus; cpu++)
			init_sizes(zone, &zone->pcp[cpu]);
	}
}

/* nr_pcp_alloc() */
static s64 refill_size(struct opcp *pcp, u32 order)
{
	s64 batch = pcp->batch, most;

	pcp->high = clamped(pcp->high, pcp->high_min, pcp->high_max);
	if (pcp->high < pcp->batch)
		return 1;
	if (!order)
		batch = pcp->batch << pcp->alloc_factor;
	if (pcp->high_min != pcp->high_max)
		pcp->high = at_most(pcp->high + batch, pcp->high_max);
	if (!order) {
		most = at_least(pcp->high - pcp->count - pcp->batch, pcp->batch);
		if (batch <= most && pcp->alloc_factor < SCALE_MAX)
			pcp->alloc_factor++;
		batch = at_most(batch, most);
	}
	return batch > 1 ? at_least(batch >> order, 2) : batch;
}

/* nr_pcp_high(): the mark for this free; the next one may be higher */
static s64 high_now(struct opcp *pcp, bool free_high)
{
	const s64 high = clamped(pcp->high, pcp->high_min, pcp->high_max);

	pcp->high = high;
	if (!high)
		return 0;
	if (free_high) {
		pcp->high = at_least(high - (pcp->batch << SCALE_MAX), pcp->high_min);
		return 0;
	}
	if (pcp->high_min != pcp->high_max && pcp->count >= high &&
	    pcp->high < pcp->free_count + pcp->batch)
		pcp->high = clamped(pcp->free_count + pcp->batch, pcp->high_min, pcp->high_max);
	return high;
}

/* nr_pcp_free() */
static s64 to_free(const struct opcp *pcp, s64 high, bool free_high)
{
	if (free_high)
		return at_most(pcp->count, pcp->batch << SCALE_MAX);
	if (high < pcp->batch)
		return 1;
	/* clamp_t() looks at the upper bound first, which may be the lesser one here */
	if (pcp->free_count >= high - pcp->batch)
		return high - pcp->batch;
	return at_least(pcp->free_count, pcp->batch);
}

/* free_frozen_page_commit(): what a unit that is on a list now makes the CPU give back */
static s64 drain_size(struct opcp *pcp, u32 order)
{
	const bool high_order = order > 0 && order < LOW_ORDERS;
	const bool free_high = high_order && pcp->freed_high_order && pcp->count >= pcp->batch &&
			       pcp->free_count >= pcp->batch + pcp->high_min / 2;
	s64 high;

	pcp->freed_high_order = high_order;
	if (pcp->free_count < pcp->batch << SCALE_MAX)
		pcp->free_count += 1LL << order;
	high = high_now(pcp, free_high);
	return pcp->count < high ? 0 : to_free(pcp, high, free_high);
}

/* ---- lists ---- */

bool o_pcp_serves(const struct oracle *o, u32 order, u32 mt)
{
	const u32 block = o->config.pageblock_order;

	if (!has_lists(o) || mt >= MIGRATE_PCPTYPES)
		return false;
	return is_buddy(o) ? order <= block : order < LOW_ORDERS || order == block;
}

u32 o_pcp_list(const struct oracle *o, u32 order, u32 mt)
{
	if (!is_buddy(o) && order >= LOW_ORDERS)
		return LOW_ORDERS * MIGRATE_PCPTYPES + (mt == MIGRATE_MOVABLE);
	return order * MIGRATE_PCPTYPES + mt;
}

u32 o_pcp_id(const struct ospb *sb, u32 frame)
{
	return sb->index * sb->zone->o->spb_pages + frame;
}

struct opage o_pcp_spot(struct ozone *z, u32 id)
{
	return (struct opage){ .sb = &z->spb[id / z->o->spb_pages],
			       .frame = id % z->o->spb_pages };
}

void o_pcp_enqueue(struct ozone *z, struct opcp *pcp, u32 id, u32 order, u32 mt, bool tail,
		   bool owned)
{
	const struct opage p = o_pcp_spot(z, id);
	struct oseq *list = &pcp->list[o_pcp_list(z->o, order, mt)];

	p.sb->frm[p.frame] = (struct ofrm){ .state = OF_PCP, .order = (u8)order, .mt = (u8)mt,
					    .pcp_buddy = owned };
	if (tail)
		oseq_push_tail(list, id);
	else
		oseq_push_head(list, id);
	pcp->count += 1LL << order;
}

void o_pcp_dequeue(struct ozone *z, struct opcp *pcp, u32 id)
{
	const struct opage p = o_pcp_spot(z, id);
	const struct ofrm old = p.sb->frm[p.frame];

	oseq_remove(&pcp->list[o_pcp_list(z->o, old.order, old.mt)], id);
	p.sb->frm[p.frame] = (struct ofrm){ .state = OF_INSIDE };
	pcp->count -= 1LL << old.order;
}

struct opage o_pcp_take(struct ozone *z, struct opcp *pcp, u32 list)
{
	const struct oseq *l = &pcp->list[list];
	u32 id;

	if (!l->n)
		return NOTHING;
	id = l->v[0];
	o_pcp_dequeue(z, pcp, id);
	return o_pcp_spot(z, id);
}

/* rmqueue_bulk() of upstream: each page to the tail */
static struct opage refill(struct ozone *z, struct oreq *r, struct opcp *pcp, s64 count)
{
	struct opage first = NOTHING;

	for (s64 i = 0; i < count; i++) {
		const struct opage p = o_rmqueue(z, r);

		if (!p.sb)
			break;
		o_report_taint_of(p.sb, p.outcome);
		o_pcp_enqueue(z, pcp, o_pcp_id(p.sb, p.frame), r->order, r->mt, true, false);
		if (!i)
			first = p;
		z->o->sites[SITE_REFILL]++;
	}
	return first;
}

static struct opage from_lists(struct ozone *z, struct opcp *pcp, u32 order, u32 mt)
{
	if (is_buddy(z->o))
		return o_pcp_buddy_smallest(z, pcp, order, mt);
	return o_pcp_take(z, pcp, o_pcp_list(z->o, order, mt));
}

static struct opcp *pcp_of(struct ozone *z, u32 cpu)
{
	return &z->pcp[cpu % z->o->config.nr_cpus];
}

/* Ours: the page of a refill is told with the outcome of the refill's first one. */
struct opage o_pcp_rmqueue(struct ozone *z, struct oreq *r)
{
	struct opcp *pcp = pcp_of(z, r->cpu);
	struct opage p, first;
	s64 count;

	o_pcp_used(z->o);
	pcp->free_count /= 2;
	p = from_lists(z, pcp, r->order, r->mt);
	p.outcome = OUTCOME_PCP;
	if (p.sb)
		return p;
	count = refill_size(pcp, r->order);
	if (r->highatomic)
		return NOTHING;
	r->mode = OMODE_NORMAL;
	first = is_buddy(z->o) ? o_pcp_buddy_refill(z, r, pcp, count) : refill(z, r, pcp, count);
	o_unlock(z->o);
	p = from_lists(z, pcp, r->order, r->mt);
	p.outcome = first.outcome;
	p.fallback_order = first.fallback_order;
	p.fallback_mt = first.fallback_mt;
	return p;
}

/* The label is read before blocks may merge and change it. */
void o_pcp_drain_one(struct ospb *sb, u32 frame, u32 order, bool tail)
{
	const u32 mt = o_blk(sb, frame)->label;

	o_free_one(sb, frame, order, tail);
	o_trace_drain(sb, frame, order, mt);
	o_report_taint_of(sb, OUTCOME_NO_PAGE);
}

/* free_pcppages_bulk() of upstream: round robin from @list on, each list from its tail */
static void drain(struct ozone *z, struct opcp *pcp, s64 count, u32 list)
{
	count = at_most(count, pcp->count);
	while (count > 0) {
		const struct oseq *l = &pcp->list[list];

		while (l->n && count > 0) {
			const u32 id = l->v[l->n - 1];
			const struct opage p = o_pcp_spot(z, id);
			const u32 order = p.sb->frm[p.frame].order;

			o_pcp_dequeue(z, pcp, id);
			z->o->sites[SITE_DRAIN]++;
			count -= 1LL << order;
			o_pcp_drain_one(p.sb, p.frame, order, false);
		}
		list = (list + 1) % O_PCP_LISTS;
	}
}

static void drain_portion(struct ozone *z, struct opcp *pcp, s64 count, u32 list)
{
	if (is_buddy(z->o))
		o_pcp_buddy_drain(z, pcp, count);
	else
		drain(z, pcp, count, list);
	o_unlock(z->o);
}

/* A CPU that has nothing but what others freed is not asked; else drain_pages_zone(). */
void o_pcp_drain_all(struct ozone *z)
{
	for (u32 cpu = 0; z->pcp && cpu < z->o->config.nr_cpus; cpu++) {
		struct opcp *pcp = &z->pcp[cpu];

		while (pcp->count) {
			drain_portion(z, pcp, pcp->batch << SCALE_MAX, 0);
			z->o->sites[SITE_CONTIG_DRAIN]++;
		}
	}
}

/* decay_pcp_high(). Return: something changed */
static bool decay(struct ozone *z, struct opcp *pcp)
{
	const s64 high = pcp->high;
	s64 left;

	if (high > pcp->high_min)
		pcp->high =
			at_least(at_least(pcp->count - (pcp->batch << SCALE_MAX), high - high / 8),
				 pcp->high_min);
	left = pcp->count - pcp->high;
	if (left <= 0)
		return pcp->high != high;
	if (!is_buddy(z->o)) {
		drain_portion(z, pcp, left, 0);
		return true;
	}
	for (; left > 0 && pcp->count > 0; left -= pcp->batch)
		drain_portion(z, pcp, at_most(left, pcp->batch), 0);
	return true;
}

/*
 * vmstat_update() of all CPUs. Ours: at one time, at multiples of the period; and not while idle.
 */
void o_pcp_tick(struct oracle *o)
{
	const struct oop op = o->op;
	bool changed = false;

	o_remember_categories(o);
	o->op = (struct oop){ .cause = CAUSE_FREE };
	for (u32 cpu = 0; cpu < o->config.nr_cpus; cpu++) {
		o->cpu = (u16)cpu;
		for (u32 z = 0; z < o->nr_zones; z++)
			changed |= decay(&o->zone[z], &o->zone[z].pcp[cpu]);
	}
	o->op = op;
	o->tick = TIME_NEVER;
	if (changed)
		o_pcp_used(o);
}

void o_pcp_used(struct oracle *o)
{
	const u64 period = o->v.pcp_decay_ms * NSEC_PER_MSEC;

	if (period && o->tick == TIME_NEVER)
		o->tick = o->now - o->now % period + period;
}

bool o_pcp_free(struct ospb *sb, u32 frame, u32 order)
{
	struct ozone *z = sb->zone;
	struct oracle *o = z->o;
	const u32 label = o_blk(sb, frame)->label, cpu = o->cpu % o->config.nr_cpus;
	const u32 mt = label < MIGRATE_PCPTYPES ? label : MIGRATE_MOVABLE;
	struct opcp *pcp;
	s64 left;

	if (label == MIGRATE_ISOLATE || !o_pcp_serves(o, order, mt))
		return false;
	o_pcp_used(o);
	if (is_buddy(o) && o_pcp_buddy_remote(sb, frame, order))
		return true;
	pcp = pcp_of(z, cpu);
	pcp->alloc_factor /= 2;
	o_pcp_enqueue(z, pcp, o_pcp_id(sb, frame), order, mt, false,
		      o_blk(sb, frame)->pcp_owner == cpu + 1);
	left = drain_size(pcp, order);
	/* The tree of the series frees in portions of a batch; Linux 6.17 and 6.18 do not yet. */
	while (left > 0 && pcp->count > 0) {
		const s64 portion = is_buddy(o) ? at_most(left, pcp->batch) : left;

		drain_portion(z, pcp, portion, o_pcp_list(o, order, mt));
		left -= portion;
	}
	return true;
}
