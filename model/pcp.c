// SPDX-License-Identifier: GPL-2.0
#include "model/pcp.h"

#include <stdlib.h>

#include "model/buddy.h"
#include "model/event.h"
#include "model/fallback.h"
#include "model/highatomic.h"
#include "model/pageblock.h"
#include "model/pcp_buddy.h"
#include "model/pcp_size.h"
#include "model/worker.h"

#define NR_LOW_ORDERS (PAGE_ALLOC_COSTLY_ORDER + 1)
#define NR_PCP_LISTS (NR_LOW_ORDERS * MIGRATE_PCPTYPES + 2)	/* and THP, movable or not */

/** struct pcp_list - a double-ended queue of pfns; the head is at @first */
struct pcp_list {
	u64 *pfn;
	u32 first;
	u32 nr;
	u32 size;
};

/** struct pcp - lists of one CPU for one zone (S7.3) */
struct pcp {
	struct pcp_list lists[NR_PCP_LISTS];
	struct pcp_size size;
};

/* ---- queues ---- */

static bool list_grow(struct model *m, struct pcp_list *l)
{
	const u32 size = l->size ? 2 * l->size : 64;
	u64 *pfn = malloc(size * sizeof(*pfn));

	if (!pfn) {
		m->no_memory = true;
		return false;
	}
	for (u32 i = 0; i < l->nr; i++)
		pfn[i] = l->pfn[(l->first + i) & (l->size - 1)];
	free(l->pfn);
	m->bytes += (size - l->size) * sizeof(*pfn);
	*l = (struct pcp_list){ .pfn = pfn, .nr = l->nr, .size = size };
	return true;
}

static bool list_push(struct model *m, struct pcp_list *l, u64 pfn, bool head)
{
	if (l->nr == l->size && !list_grow(m, l))
		return false;
	if (head)
		l->first = (l->first - 1) & (l->size - 1);
	l->pfn[(l->first + (head ? 0 : l->nr)) & (l->size - 1)] = pfn;
	l->nr++;
	return true;
}

static u64 list_pop_head(struct pcp_list *l)
{
	const u64 pfn = l->pfn[l->first];

	l->first = (l->first + 1) & (l->size - 1);
	l->nr--;
	return pfn;
}

static u64 list_pop_tail(struct pcp_list *l)
{
	l->nr--;
	return l->pfn[(l->first + l->nr) & (l->size - 1)];
}

/* order_to_pindex() and back */
static u32 list_index(const struct model *m, u32 order, u32 mt)
{
	if (order == m->pageblock_order)
		return NR_LOW_ORDERS * MIGRATE_PCPTYPES + (mt == MIGRATE_MOVABLE);
	return order * MIGRATE_PCPTYPES + mt;
}

static u32 list_order(const struct model *m, u32 index)
{
	const u32 order = index / MIGRATE_PCPTYPES;

	return order < NR_LOW_ORDERS ? order : m->pageblock_order;
}

static struct pcp *pcp_of(const struct model *m, const struct zone *zone, u32 cpu)
{
	return &m->pcps[(cpu % m->config.nr_cpus) * m->nr_zones + zone->index];
}

bool pcp_init(struct model *m)
{
	const size_t nr = (size_t)m->config.nr_cpus * m->nr_zones;

	if (!m->config.page_level || m->v.pcp_mode == PCP_NONE)
		return true;
	if (m->v.pcp_mode == PCP_BUDDY)
		return pcp_buddy_init(m);
	m->pcps = calloc(nr, sizeof(*m->pcps));
	if (!m->pcps)
		return false;
	m->bytes += nr * sizeof(*m->pcps);
	for (u32 cpu = 0; cpu < m->config.nr_cpus; cpu++) {
		for (u32 z = 0; z < m->nr_zones; z++)
			pcp_size_init(&pcp_of(m, &m->zones[z], cpu)->size, &m->zones[z]);
	}
	return true;
}

void pcp_fini(struct model *m)
{
	pcp_buddy_fini(m);
	for (size_t i = 0; m->pcps && i < (size_t)m->config.nr_cpus * m->nr_zones; i++) {
		for (u32 l = 0; l < NR_PCP_LISTS; l++)
			free(m->pcps[i].lists[l].pfn);
	}
	free(m->pcps);
}

bool pcp_serves(const struct model *m, u32 order, u32 mt)
{
	if (m->pcp_buddy)
		return mt < MIGRATE_PCPTYPES && order <= m->pageblock_order;
	return m->pcps && mt < MIGRATE_PCPTYPES &&
	       (order < NR_LOW_ORDERS || order == m->pageblock_order);
}

/* ---- allocation ---- */

static struct found spot_of(const struct zone *zone, u64 pfn)
{
	struct superpageblock *sb = pfn_to_superpageblock(zone, pfn);

	return (struct found){ .sb = sb, .from = sb, .frame = (u32)(pfn - sb->start_pfn) };
}

/* rmqueue_bulk(): one by one, appended to the tail; the first one's outcome names the refill */
static bool refill(struct search *s, u32 flags, struct pcp *pcp, struct pcp_list *list,
		   struct found *first)
{
	const s64 want = pcp_refill_size(&pcp->size, s->order);
	s64 got = 0;

	/* A refill would not build up a reserve (S2.7). */
	if (flags & ALLOC_HIGHATOMIC)
		return false;
	for (; got < want; got++) {
		struct found at = { 0 };

		if (!rmqueue(s, flags, &at))
			break;
		at.sb->page[at.frame] = page_make_used(s->order, s->mt, 0, PAGE_ON_PCP);
		if (!got)
			*first = at;
		pcp->size.count += 1LL << s->order;
		if (!list_push(s->m, list, sb_frame_pfn(at.sb, at.frame), false))
			return false;
	}
	return got > 0;
}

static bool take(struct search *s, u32 alloc_flags, struct found *at)
{
	struct pcp *pcp = pcp_of(s->m, s->zone, s->cpu);
	struct pcp_list *list = &pcp->lists[list_index(s->m, s->order, s->mt)];
	struct found first = { .outcome = OUTCOME_PCP };

	pcp->size.free_count >>= 1;
	if (!list->nr && !refill(s, alloc_flags, pcp, list, &first))
		return false;
	*at = spot_of(s->zone, list_pop_head(list));
	at->outcome = first.outcome;
	at->fallback_order = first.fallback_order;
	at->fallback_mt = first.fallback_mt;
	pcp->size.count -= 1LL << s->order;
	return true;
}

/* The lists are used: their marks may fall from now on. */
static void arm_tick(struct model *m)
{
	const u64 period = m->v.pcp_decay_ms * NSEC_PER_MSEC;

	if (likely(m->pcp_tick != TIME_NEVER) || !period)
		return;
	m->pcp_tick = (m->now / period + 1) * period;
	m->due = min_u64(m->due, m->pcp_tick);
}

bool pcp_rmqueue(struct search *s, u32 alloc_flags, struct found *at)
{
	arm_tick(s->m);
	return s->m->pcp_buddy ? pcp_buddy_rmqueue(s, alloc_flags, at) : take(s, alloc_flags, at);
}

/* ---- free ---- */

static void drain_one(struct zone *zone, struct pcp *pcp, struct pcp_list *list, u32 order)
{
	const struct found at = spot_of(zone, list_pop_tail(list));
	const u32 mt = pageblock_migratetype(at.sb, at.frame);

	pcp->size.count -= 1LL << order;
	at.sb->page[at.frame] = PAGE_INSIDE;
	free_one_page(at.sb, at.frame, order, mt, false);
	if (traced(zone->m))
		event_pcpu_drain(at.sb, at.frame, order, mt);
}

/* free_pcppages_bulk(): whole lists in turn, tails first, beginning with the one just used */
static void drain(struct zone *zone, struct pcp *pcp, s64 count, u32 index)
{
	count = count < pcp->size.count ? count : pcp->size.count;
	while (count > 0) {
		struct pcp_list *list = &pcp->lists[index];
		const u32 order = list_order(zone->m, index);

		for (; count > 0 && list->nr; count -= 1LL << order)
			drain_one(zone, pcp, list, order);
		index = (index + 1) % NR_PCP_LISTS;
	}
}

bool pcp_free(struct superpageblock *sb, u32 frame, u32 order, u32 mt)
{
	struct zone *zone = sb->zone;
	struct model *m = zone->m;
	struct pcp *pcp;
	u32 index;
	s64 most;

	if (mt == MIGRATE_HIGHATOMIC || mt == MIGRATE_CMA)
		mt = MIGRATE_MOVABLE;
	if (!pcp_serves(m, order, mt))
		return false;
	arm_tick(m);
	if (m->pcp_buddy)
		return pcp_buddy_free(sb, frame, order, mt);
	pcp = pcp_of(m, zone, m->op.cpu);
	index = list_index(m, order, mt);
	if (!list_push(m, &pcp->lists[index], sb_frame_pfn(sb, frame), true))
		return false;
	sb->page[frame] = page_make_used(order, page_mt(sb->page[frame]), 0, PAGE_ON_PCP);
	pcp->size.count += 1LL << order;
	most = pcp_drain_size(&pcp->size, order);
	if (most)
		drain(zone, pcp, most, index);
	return true;
}

/* Return: the mark fell, or pages went */
static bool decay(struct zone *zone, u32 cpu)
{
	struct pcp *pcp = pcp_of(zone->m, zone, cpu);
	bool fell;
	const s64 count = pcp_decay_size(&pcp->size, &fell);

	drain(zone, pcp, count, 0);
	worker_interrupt(zone->m);
	return fell || count;
}

void pcp_tick(struct model *m)
{
	bool again = false;

	m->pcp_tick = TIME_NEVER;
	for (u32 cpu = 0; cpu < m->config.nr_cpus; cpu++) {
		m->op = (struct op_context){ .cpu = (u16)cpu, .cause = CAUSE_FREE };
		for (u32 z = 0; z < m->nr_zones; z++)
			again |= m->pcp_buddy ? pcp_buddy_decay(&m->zones[z], cpu) :
						decay(&m->zones[z], cpu);
	}
	if (again)
		arm_tick(m);
}

void pcp_drain_zone(struct zone *zone)
{
	struct model *m = zone->m;

	if (m->pcp_buddy)
		pcp_buddy_drain_zone(zone);
	for (u32 cpu = 0; m->pcps && cpu < m->config.nr_cpus; cpu++) {
		struct pcp *pcp = pcp_of(m, zone, cpu);

		while (pcp->size.count) {
			drain(zone, pcp, pcp_portion(&pcp->size), 0);
			worker_interrupt(m);
		}
	}
}

/* ---- check ---- */

static bool check_pfn(const struct zone *zone, u64 pfn, u32 order)
{
	u64 w;

	if (pfn_to_zone(zone->m, pfn) != zone || !pfn_to_superpageblock(zone, pfn)->page)
		return false;
	w = spot_of(zone, pfn).sb->page[spot_of(zone, pfn).frame];
	return page_state(w) == PAGE_USED && (w & PAGE_ON_PCP) && page_order(w) == order;
}

static bool check_lists(const struct zone *zone, const struct pcp *pcp, u64 *pages, u64 *pfn)
{
	s64 count = 0;

	for (u32 i = 0; i < NR_PCP_LISTS; i++) {
		const struct pcp_list *l = &pcp->lists[i];
		const u32 order = list_order(zone->m, i);

		for (u32 k = 0; k < l->nr; k++) {
			*pfn = l->pfn[(l->first + k) & (l->size - 1)];
			if (!check_pfn(zone, *pfn, order))
				return false;
			count += 1LL << order;
		}
	}
	*pfn = 0;
	*pages += (u64)count;
	return count == pcp->size.count;
}

bool pcp_check(const struct model *m, u64 *pages, u64 *pfn)
{
	*pages = 0;
	if (m->pcp_buddy)
		return pcp_buddy_check(m, pages, pfn);
	for (u32 cpu = 0; cpu < m->config.nr_cpus; cpu++) {
		for (u32 z = 0; z < m->nr_zones; z++) {
			if (!check_lists(&m->zones[z], pcp_of(m, &m->zones[z], cpu), pages, pfn))
				return false;
		}
	}
	return true;
}
