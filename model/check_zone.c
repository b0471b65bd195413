// SPDX-License-Identifier: GPL-2.0
#include "model/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "model/defrag.h"
#include "model/pcp.h"
#include "model/vanilla.h"

bool check_broken(const struct check *c, const char *fmt, ...)
{
	va_list ap;
	int n = 0;

	if (c->sb)
		n = snprintf(c->why, c->len, "zone %s spb %u: ", c->zone->config.name,
			     c->sb->index);
	else if (c->zone)
		n = snprintf(c->why, c->len, "zone %s: ", c->zone->config.name);
	va_start(ap, fmt);
	if (n >= 0 && (size_t)n < c->len)
		vsnprintf(c->why + n, c->len - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- lists of superpageblocks ---- */

/* Back links that fit exclude rings. */
static bool check_spb_list(const struct check *c, const struct spb_list *list, const char *name,
			   u32 *listed)
{
	const struct superpageblock *prev = NULL;

	for (const struct superpageblock *sb = list->head; sb; sb = sb->next) {
		if (sb->on != list)
			return check_broken(c, "spb %u stands on the list %s, says another",
					    sb->index, name);
		if (sb->prev != prev)
			return check_broken(c, "links of spb %u on the list %s", sb->index, name);
		++*listed;
		prev = sb;
	}
	return list->tail == prev || check_broken(c, "tail of the list %s", name);
}

/* Each SPB on exactly one list: none twice (@on has one value), none missing (the sum). */
static bool check_spb_lists(const struct check *c)
{
	const struct zone *zone = c->zone;
	u32 listed = 0;

	if (!check_spb_list(c, &zone->spb_empty, "empty", &listed) ||
	    !check_spb_list(c, &zone->spb_isolated, "isolated", &listed))
		return false;
	for (u32 cat = 0; cat < __NR_SB_CATEGORIES; cat++) {
		for (u32 full = 0; full < __NR_SB_FULLNESS; full++) {
			if (!check_spb_list(c, &zone->spb_lists[cat][full],
					    sb_category_name(cat), &listed))
				return false;
		}
	}
	return listed == zone->nr_superpageblocks ||
	       check_broken(c, "%u SPBs on lists, %u exist", listed, zone->nr_superpageblocks);
}

/* ---- sums, hints ---- */

static bool check_sums(const struct check *c)
{
	const struct zone *zone = c->zone;
	u64 pages = 0;

	for (u32 i = 0; i < zone->nr_superpageblocks; i++)
		pages += zone->superpageblocks[i].nr_free_pages;
	return pages == zone->nr_free_pages ||
	       check_broken(c, "SPBs have %llu free pages, the zone %llu",
			    (unsigned long long)pages, (unsigned long long)zone->nr_free_pages);
}

/* Hints may be stale in every way (S2.3 item 3), but they name an SPB of the zone. */
static bool check_hints(const struct check *c)
{
	const struct model *m = c->zone->m;
	const size_t nr = (size_t)m->config.nr_cpus * m->nr_zone_idx * HINTS_PER_ZONE;

	for (u32 i = 0; i < HINTS_PER_ZONE; i++) {
		if (c->zone->sb_hint[i] != SPB_NONE &&
		    c->zone->sb_hint[i] >= c->zone->nr_superpageblocks)
			return check_broken(c, "hint %u names spb %u", i, c->zone->sb_hint[i]);
	}
	for (size_t i = 0; i < nr; i++) {
		const struct spb_hint *h = &m->cpu_hints[i];

		if (h->zone == c->zone->index && h->spb >= c->zone->nr_superpageblocks)
			return check_broken(c, "CPU hint %zu names spb %u", i, h->spb);
	}
	return true;
}

bool check_zone(const struct check *c)
{
	u32 order;

	if (c->zone->m->vanilla && !vanilla_check_lists(c->zone, &order))
		return check_broken(c, "the lists of order %u do not hold what is free", order);
	return check_spb_lists(c) && check_sums(c) && check_hints(c);
}

/* ---- workers ---- */

/** struct work_count - requests found in queues, by kind */
struct work_count {
	u32 nr[NR_WORK_KINDS];
};

static bool check_work(const struct check *c, const struct work *work, const struct worker *w,
		       struct work_count *n)
{
	const struct zone *zone = work_zone(work);

	if (zone->node != w->node)
		return check_broken(c, "work of zone %s waits on node %u", zone->config.name,
				    w->node->id);
	if (work->kind == WORK_DEFRAG && !work->sb->defrag_active)
		return check_broken(c, "spb %u is queued for defrag and not active",
				    work->sb->index);
	if (work->kind == WORK_EVACUATE && !zone->evac_in_flight[work->mt][work->order])
		return check_broken(c, "an evacuation for order %u type %u is not in flight",
				    work->order, work->mt);
	n->nr[work->kind]++;
	return true;
}

static bool check_queue(const struct check *c, const struct worker *w, struct work_count *n)
{
	const struct work *last = NULL;
	u64 at = 0;

	for (const struct work *work = w->queue_head; work; work = work->next) {
		if (!check_work(c, work, w, n))
			return false;
		if (work->queued_at < at)
			return check_broken(c, "node %u does not serve in order of time",
					    w->node->id);
		if (work->kind == WORK_SHRINK && !w->node->shrink_pending)
			return check_broken(c, "a shrink of node %u is queued, not pending",
					    w->node->id);
		at = work->queued_at;
		last = work;
	}
	if (last != w->queue_tail)
		return check_broken(c, "tail of the queue of node %u", w->node->id);
	if (w->work && !check_work(c, w->work, w, n))
		return false;
	return (w->due == TIME_NEVER) == (!w->work && !w->queue_head) ||
	       check_broken(c, "node %u is due without work, or not due with some", w->node->id);
}

/* One request a defrag_active SPB, one an (order, type) in flight. */
static bool check_requests(const struct check *c, const struct model *m,
			   const struct work_count *queued)
{
	u32 active = 0, in_flight = 0;

	for (u32 z = 0; z < m->nr_zones; z++) {
		const struct zone *zone = &m->zones[z];

		for (u32 i = 0; i < zone->nr_superpageblocks; i++)
			active += zone->superpageblocks[i].defrag_active;
		for (u32 mt = 0; mt < MIGRATE_PCPTYPES; mt++) {
			for (u32 o = 0; o < MODEL_MAX_ORDERS; o++)
				in_flight += zone->evac_in_flight[mt][o];
		}
	}
	if (active != queued->nr[WORK_DEFRAG])
		return check_broken(c, "%u SPBs are defrag_active, %u passes are queued", active,
				    queued->nr[WORK_DEFRAG]);
	return in_flight == queued->nr[WORK_EVACUATE] ||
	       check_broken(c, "%u evacuations are in flight, %u are queued", in_flight,
			    queued->nr[WORK_EVACUATE]);
}

static u32 free_evac_requests(const struct model *m)
{
	u32 nr = 0;

	for (const struct work *w = m->evac_free; w && nr <= NR_SPB_EVAC_REQUESTS; w = w->next)
		nr++;
	return nr;
}

static bool check_node(const struct check *c, const struct model *m, const struct node *node,
		       struct work_count *n, u64 *due)
{
	const u32 shrinks = n->nr[WORK_SHRINK];
	const bool raised = node->shrink_pending && m->raised_head;

	for (u32 t = 0; t < m->nr_threads; t++) {
		const struct worker *w = node->workers[t];

		if (!w)
			continue;
		if (!check_queue(c, w, n))
			return false;
		*due = min_u64(*due, w->due);
	}
	return raised || n->nr[WORK_SHRINK] - shrinks ==
				 (u32)node->shrink_pending + !!node->shrink_worker ||
	       check_broken(c, "shrinks of node %u: not those that are pending or running",
			    node->id);
}

bool check_workers(const struct check *c, const struct model *m)
{
	struct work_count queued = { { 0 } };
	u64 due = m->pcp_tick;

	for (u32 n = 0; n < m->nr_nodes; n++) {
		if (!check_node(c, m, &m->nodes[n], &queued, &due))
			return false;
	}
	/* Raised works wait for the lock to be dropped; then the next step is now. */
	for (const struct work *work = m->raised_head; work; work = work->next)
		queued.nr[work->kind]++;
	if (!m->raised_head && due != m->due)
		return check_broken(c, "the next step is not when a node is due");
	if (!check_requests(c, m, &queued))
		return false;
	return free_evac_requests(m) + queued.nr[WORK_EVACUATE] == NR_SPB_EVAC_REQUESTS ||
	       check_broken(c, "evacuation requests were lost from the pool");
}

/* ---- per-CPU lists ---- */

/* Pages whose words say that they are on a per-CPU list */
static u64 count_pcp_words(const struct model *m)
{
	u64 pages = 0;

	for (u32 z = 0; z < m->nr_zones; z++) {
		const struct zone *zone = &m->zones[z];

		for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
			const u64 *page = zone->superpageblocks[i].page;

			for (u32 f = 0; page && f < 1U << m->spb_order; f++) {
				if (page_state(page[f]) == PAGE_USED && (page[f] & PAGE_ON_PCP))
					pages += 1ULL << page_order(page[f]);
			}
		}
	}
	return pages;
}

bool check_pcps(const struct check *c, const struct model *m)
{
	u64 listed = 0, said, pfn;

	if (!has_pcps(m))
		return true;
	if (!pcp_check(m, &listed, &pfn))
		return check_broken(c, "a per-CPU list and its count, or pfn %llu on it",
				    (unsigned long long)pfn);
	said = count_pcp_words(m);
	return said == listed ||
	       check_broken(c, "%llu pages say they are on per-CPU lists, %llu are",
			    (unsigned long long)said, (unsigned long long)listed);
}
