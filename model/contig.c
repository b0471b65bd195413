// SPDX-License-Identifier: GPL-2.0
#include "model/contig.h"

#include <errno.h>

#include "model/buddy.h"
#include "model/evacuate.h"
#include "model/pageblock.h"
#include "model/pcp.h"
#include "model/place.h"
#include "model/superpageblock.h"
#include "model/vanilla.h"
#include "model/worker.h"

#define SPB_CONTIG_MAX_CANDIDATES 4U	/* S1.1 */
#define SPB_CONTIG_ATTEMPTS 2U		/* S1.1 */
#define MAX_BLOCKS (1U << 15)		/* of a superpageblock: model_new() */

/** struct range - pageblocks of one SPB: frames [@start, @end); @labels: theirs while isolated */
struct range {
	struct superpageblock *sb;
	u32 start;
	u32 end;
	u8 labels[MAX_BLOCKS];
};

/* ---- candidates ---- */

/**
 * struct contig_candidates - SPBs whose first aligned range is tried, the only one that is looked
 * at (S2.7)
 */
struct contig_candidates {
	struct superpageblock *sb[SPB_CONTIG_MAX_CANDIDATES];
	u32 nr;
	u32 order;
};

static void add_candidates(const struct spb_list *list, struct contig_candidates *c)
{
	for (struct superpageblock *sb = list->head; sb && c->nr < SPB_CONTIG_MAX_CANDIDATES;
	     sb = sb->next) {
		const u64 pages = (u64)sb->total_pageblocks * sb->zone->m->pageblock_nr_pages;

		if (pages >= 1ULL << c->order)
			c->sb[c->nr++] = sb;
	}
}

/*
 * sb_collect_contig_candidates(): for less than an SPB packed clean ones first, to keep empty ones
 * whole; for a whole SPB those that need the least work (S2.7)
 */
static void collect(const struct zone *zone, struct contig_candidates *c)
{
	if (c->order < zone->m->spb_order) {
		for (u32 full = SB_FULL_75; full < __NR_SB_FULLNESS; full++)
			add_candidates(&zone->spb_lists[SB_CLEAN][full], c);
		add_candidates(&zone->spb_empty, c);
		return;
	}
	add_candidates(&zone->spb_empty, c);
	for (u32 full = __NR_SB_FULLNESS; full-- > 0;)
		add_candidates(&zone->spb_lists[SB_CLEAN][full], c);
}

/* ---- isolation ---- */

/* page_is_unmovable(); what waits on a per-CPU list will be drained */
static bool unit_may_leave(u64 w)
{
	return page_is_movable(w) || (w & PAGE_ON_PCP);
}

/*
 * has_unmovable_pages() of the pageblock at @start; isolate_single_pageblock(): nothing in use may
 * reach over the end of the range. Contig ranges leave CMA areas alone.
 */
static bool may_isolate(const struct range *r, u32 start)
{
	const struct superpageblock *sb = r->sb;
	const u32 end = start + sb->zone->m->pageblock_nr_pages;

	if (pageblock_test(sb, start, PB_OUTSIDE | PB_RESERVED) ||
	    pageblock_migratetype(sb, start) == MIGRATE_CMA)
		return false;
	for (u32 f = start; f < end;) {
		const u64 w = sb->page[f];
		const bool used = page_state(w) == PAGE_USED;
		const u32 next = f + page_frames(w);

		if (used ? !unit_may_leave(w) || next > r->end : page_state(w) == PAGE_FIXED)
			return false;
		f = next;
	}
	return true;
}

static void relabel(struct superpageblock *sb, u32 frame, u32 mt)
{
	move_freepages_block(sb, frame, mt);
	set_pageblock_migratetype(sb, frame, mt);
}

static u8 *label_of(struct range *r, u32 frame)
{
	return &r->labels[(frame - r->start) >> r->sb->zone->m->pageblock_order];
}

/* A free buddy of several blocks gives up the one at @frame, labelled @mt: split_large_buddy() */
static bool split_off(struct superpageblock *sb, u32 frame, u32 mt)
{
	u32 order = 0;
	const u32 head = free_head_over(sb, frame, &order);

	if (head == FRAME_NIL || order <= sb->zone->m->pageblock_order)
		return false;
	del_from_free_list(sb, head);
	set_pageblock_migratetype(sb, frame, mt);
	free_unit(sb, head, order);
	return true;
}

/* pfn_range_valid_contig(): asked before a scan by address isolates anything */
static bool range_valid(const struct range *r)
{
	for (u32 f = r->start; f < r->end; f += r->sb->zone->m->pageblock_nr_pages) {
		if (!may_isolate(r, f))
			return false;
	}
	return true;
}

/* set_migratetype_isolate() */
static bool isolate_block(struct range *r, u32 frame)
{
	if (!may_isolate(r, frame))
		return false;
	*label_of(r, frame) = (u8)pageblock_migratetype(r->sb, frame);
	if (!split_off(r->sb, frame, MIGRATE_ISOLATE))
		relabel(r->sb, frame, MIGRATE_ISOLATE);
	worker_interrupt(r->sb->zone->m);
	return true;
}

/* The pageblock could merge with its neighbour, were it not isolated. */
static bool could_merge(const struct superpageblock *sb, u32 frame)
{
	const struct model *m = sb->zone->m;
	const u32 buddy = frame ^ m->pageblock_nr_pages;

	return m->pageblock_order < m->max_order &&
	       page_is_buddy(sb->page[frame], m->pageblock_order) &&
	       page_is_buddy(sb->page[buddy], m->pageblock_order) &&
	       pageblock_migratetype(sb, buddy) != MIGRATE_ISOLATE;
}

/* unset_migratetype_isolate() */
static void release_block(struct range *r, u32 frame)
{
	struct superpageblock *sb = r->sb;
	const struct model *m = sb->zone->m;
	const u32 label = *label_of(r, frame);

	if (could_merge(sb, frame)) {
		del_from_free_list(sb, frame);
		pageblock_now_used(sb, frame);
		set_pageblock_migratetype(sb, frame, label);
		free_one_page(sb, frame, m->pageblock_order, label, true);
	} else if (!split_off(sb, frame, label)) {
		relabel(sb, frame, label);
	}
	worker_interrupt(sb->zone->m);
}

static void release(struct range *r, u32 start, u32 end)
{
	for (u32 f = start; f < end; f += r->sb->zone->m->pageblock_nr_pages)
		release_block(r, f);
}

/*
 * start_isolate_page_range(): the ends first, then what is between. Return: all are isolated, or
 * none
 */
static bool isolate(struct range *r)
{
	const u32 step = r->sb->zone->m->pageblock_nr_pages;
	const u32 last = r->end - step;

	if (!isolate_block(r, r->start))
		return false;
	if (last > r->start && !isolate_block(r, last)) {
		release_block(r, r->start);
		return false;
	}
	for (u32 f = r->start + step; f < last; f += step) {
		if (isolate_block(r, f))
			continue;
		release(r, r->start, f);
		release_block(r, last);
		return false;
	}
	return true;
}

/* ---- one candidate ---- */

/*
 * __alloc_contig_migrate_range(): a batch in which something does not move is the last. Return:
 * pages worked on
 */
static u64 empty(const struct range *r, u16 cpu)
{
	struct superpageblock *sb = r->sb;
	struct evacuation ev = { .cpu = cpu };
	u64 pages = 0;

	evacuate_begin_range(&ev, sb, r->start, r->end);
	while (ev.busy)
		pages += evacuate_step(&ev);
	return pages;
}

static bool is_free(const struct range *r)
{
	const u64 *page = r->sb->page;

	for (u32 f = r->start; f < r->end; f += 1U << page_order(page[f])) {
		if (page_state(page[f]) != PAGE_FREE)
			return false;
	}
	return true;
}

/*
 * The pages leave the buddy. That has_movable is set is ours: the code that would do it is not in
 * the stored sources, and without it nothing would tell what the block holds.
 */
static void take(struct range *r)
{
	struct superpageblock *sb = r->sb;
	const u32 step = sb->zone->m->pageblock_nr_pages;

	for (u32 f = r->start; f < r->end;) {
		const u32 next = f + (1U << page_order(sb->page[f]));

		del_from_free_list(sb, f);
		for (u32 b = f; next - f >= step && b < next; b += step)
			pageblock_now_used(sb, b);
		f = next;
	}
	for (u32 f = r->start; f < r->end; f += step) {
		set_pageblock_migratetype(sb, f, *label_of(r, f));
		spb_set_has_type(sb, f, MIGRATE_MOVABLE);
	}
	spb_update_list(sb);
}

/* Isolated: what is in the range goes, then all of it is taken, or given back. */
static bool take_isolated(struct range *r, u16 cpu)
{
	struct zone *zone = r->sb->zone;
	struct model *m = zone->m;
	const struct op_context op = m->op;
	u64 pages;

	pcp_drain_zone(zone);
	m->in_contig = true;
	pages = empty(r, cpu);
	m->in_contig = false;
	m->op = op;
	zone->counters.stall_ns += pages * m->v.migrate_us_per_page * NSEC_PER_USEC;
	if (is_free(r)) {
		take(r);
		return true;
	}
	release(r, r->start, r->end);
	return false;
}

/* alloc_contig_frozen_range(): the first @order pages of the SPB. It frees blocks on its way. */
static bool try_spb(struct superpageblock *sb, u32 order, u16 cpu, bool validate)
{
	struct model *m = sb->zone->m;
	const struct op_context op = m->op;
	struct range r = { .sb = sb, .end = 1U << order };
	bool taken;

	if (!spb_touch(sb) || sb->contig_allocated || (validate && !range_valid(&r)))
		return false;
	m->op = (struct op_context){ .cpu = cpu, .cause = CAUSE_FREE, .order = (u8)order,
				     .migratetype = MIGRATE_MOVABLE };
	taken = isolate(&r) && take_isolated(&r, cpu);
	m->op = op;
	return taken;
}

static struct superpageblock *try_candidates(struct zone *zone, u32 order, u16 cpu)
{
	struct contig_candidates c = { .order = order };

	collect(zone, &c);
	for (u32 i = 0; i < c.nr; i++) {
		/*
		 * Twice, for what was in the way for a moment; the second time a batch more may
		 * move.
		 */
		for (u32 attempt = 0; attempt < SPB_CONTIG_ATTEMPTS; attempt++) {
			if (try_spb(c.sb[i], order, cpu, false))
				return c.sb[i];
		}
		spb_list_rotate(c.sb[i]);
	}
	return NULL;
}

bool spb_try_alloc_contig(struct zone *zone, u32 order, u16 cpu, struct found *at)
{
	struct superpageblock *sb = try_candidates(zone, order, cpu);

	if (sb)
		*at = (struct found){ .sb = sb, .from = sb, .outcome = OUTCOME_CONTIG };
	return sb;
}

/* ---- whole superpageblocks ---- */

/* The scan by address that follows, upstream's only one */
static struct superpageblock *scan_zone(struct zone *zone, u16 cpu)
{
	const struct model *m = zone->m;

	/* What cannot be emptied goes back to the tails of the lists. */
	if (m->vanilla)
		vanilla_list_all(zone);
	for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
		struct superpageblock *sb = &zone->superpageblocks[i];

		if (sb->start_pfn >= zone->config.start_pfn &&
		    sb->start_pfn + (1ULL << m->spb_order) <= zone->end_pfn &&
		    try_spb(sb, m->spb_order, cpu, true))
			return sb;
	}
	return NULL;
}

static struct superpageblock *search_spbs(struct zone *zone, u16 cpu)
{
	return try_candidates(zone, zone->m->spb_order, cpu);
}

/* superpageblock_contig_mark() */
static void contig_mark(struct superpageblock *sb, bool allocated)
{
	sb->contig_allocated = allocated;
	spb_update_list(sb);
}

static void hold(struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;

	for (u32 f = 0; f < 1U << m->spb_order; f += 1U << m->max_order)
		sb->page[f] = page_make_used(m->max_order, MIGRATE_MOVABLE, 0, 0);
	contig_mark(sb, true);
}

/* alloc_contig_frozen_pages(): all zones by what the SPBs' lists say, then all by address */
static struct superpageblock *alloc_contig_pages(struct zone *zone, u16 cpu)
{
	struct superpageblock *(*const passes[])(struct zone *zone, u16 cpu) = {
		zone->m->vanilla ? NULL : search_spbs, scan_zone,
	};
	struct superpageblock *sb = NULL;

	for (size_t p = 0; p < ARRAY_SIZE(passes); p++) {
		for (u32 z = zone->index + 1; passes[p] && !sb && z-- > 0;) {
			if (zone->m->zones[z].node == zone->node)
				sb = passes[p](&zone->m->zones[z], cpu);
		}
	}
	return sb;
}

int model_alloc_contig(struct model *m, u64 now, u32 zone, u32 cpu, u64 *pfn)
{
	struct superpageblock *sb;

	if (zone >= m->nr_zones)
		return -EINVAL;
	model_run(m, now);
	m->op = (struct op_context){ .cpu = (u16)cpu, .cause = CAUSE_OUTCOME,
				     .outcome = OUTCOME_CONTIG, .order = (u8)m->spb_order,
				     .migratetype = MIGRATE_MOVABLE };
	sb = alloc_contig_pages(&m->zones[zone], (u16)cpu);
	worker_interrupt(m);
	if (!sb)
		return m->no_memory ? -ENOMEM : -ENOSPC;
	hold(sb);
	sb->zone->counters.contig_spbs++;
	*pfn = sb->start_pfn;
	return 0;
}

int model_free_contig(struct model *m, u64 now, u32 cpu, u64 pfn)
{
	struct zone *zone = pfn_to_zone(m, pfn);
	struct superpageblock *sb = zone ? pfn_to_superpageblock(zone, pfn) : NULL;

	if (!sb || sb->start_pfn != pfn || !sb->contig_allocated)
		return -EINVAL;
	model_run(m, now);
	m->op = (struct op_context){ .cpu = (u16)cpu, .cause = CAUSE_FREE,
				     .order = (u8)m->spb_order, .migratetype = MIGRATE_MOVABLE };
	contig_mark(sb, false);
	for (u32 f = 0; f < 1U << m->spb_order; f += 1U << m->max_order)
		free_unit(sb, f, m->max_order);
	worker_interrupt(m);
	return 0;
}
