// SPDX-License-Identifier: GPL-2.0
#include "model/contig.h"

#include "model/buddy.h"
#include "model/evacuate.h"
#include "model/pageblock.h"
#include "model/place.h"
#include "model/superpageblock.h"

#define SPB_CONTIG_MAX_CANDIDATES 4U	/* S1.1 */

/** struct range - pageblocks of one SPB: frames [@start, @end) */
struct range {
	struct superpageblock *sb;
	u32 start;
	u32 end;
};

/* The first aligned range of an SPB, the only one that is ever looked at (S2.7) */
static bool first_range(struct superpageblock *sb, u32 order, struct range *r)
{
	*r = (struct range){ .sb = sb, .start = 0, .end = 1U << order };
	return (u64)sb->total_pageblocks * sb->zone->m->pageblock_nr_pages >= r->end;
}

static u32 add_candidates(const struct spb_list *list, u32 order, struct range *ranges, u32 nr)
{
	for (struct superpageblock *sb = list->head; sb && nr < SPB_CONTIG_MAX_CANDIDATES;
	     sb = sb->next)
		nr += first_range(sb, order, &ranges[nr]);
	return nr;
}

/* sb_collect_contig_candidates(): packed clean SPBs first, to keep empty ones whole (S2.7) */
static u32 collect(const struct zone *zone, u32 order, struct range *ranges)
{
	u32 nr = 0;

	for (u32 full = SB_FULL_75; full < __NR_SB_FULLNESS; full++)
		nr = add_candidates(&zone->spb_lists[SB_CLEAN][full], order, ranges, nr);
	return add_candidates(&zone->spb_empty, order, ranges, nr);
}

/* ---- isolation ---- */

/* has_unmovable_pages(), and units that are too large to find another place for */
static bool unit_may_leave(const struct model *m, u64 w)
{
	return page_is_movable(w) && page_order(w) < m->pageblock_order;
}

static bool may_isolate(const struct range *r)
{
	const struct superpageblock *sb = r->sb;
	const struct model *m = sb->zone->m;
	u32 order;

	for (u32 f = r->start; f < r->end; f += m->pageblock_nr_pages) {
		if (pageblock_test(sb, f, PB_OUTSIDE | PB_RESERVED) ||
		    pageblock_migratetype(sb, f) != MIGRATE_MOVABLE)
			return false;
	}
	for (u32 f = r->start; f < r->end;) {
		const u64 w = sb->page[f];

		if (page_state(w) == PAGE_USED ? !unit_may_leave(m, w) :
						 free_head_over(sb, f, &order) == FRAME_NIL)
			return false;
		f += page_state(w) == PAGE_USED || page_state(w) == PAGE_FREE ?
			     1U << page_order(w) : 1;
	}
	return true;
}

/* split_large_buddy(): a free buddy that reaches beyond the range is cut at its end. */
static void cut_at_end(const struct range *r)
{
	struct superpageblock *sb = r->sb;
	u32 order = 0;
	const u32 head = free_head_over(sb, r->start, &order);
	const u32 size = r->end - r->start;

	if (head == FRAME_NIL || head + (1U << order) <= r->end)
		return;
	del_from_free_list(sb, head);
	for (u32 f = head; f < head + (1U << order); f += size)
		add_to_free_list(sb, f, (u32)__builtin_ctz(size), MIGRATE_MOVABLE, false);
}

static void relabel(const struct range *r, u32 mt)
{
	for (u32 f = r->start; f < r->end; f += r->sb->zone->m->pageblock_nr_pages) {
		move_freepages_block(r->sb, f, mt);
		set_pageblock_migratetype(r->sb, f, mt);
	}
}

/* ---- one candidate ---- */

/* Migrate everything out of the range; skip hints do not count here. Return: pages worked on */
static u64 empty(const struct range *r, u16 cpu)
{
	struct superpageblock *sb = r->sb;
	const struct model *m = sb->zone->m;
	struct evacuation ev = { .cpu = cpu };
	u64 pages = 0;

	for (u32 f = r->start; f < r->end; f += m->pageblock_nr_pages) {
		u16 *pb = &sb->pb[frame_block(sb, f)];
		const u16 skip = *pb & PB_COMPACT_SKIP;

		*pb &= (u16)~PB_COMPACT_SKIP;
		evacuate_begin(&ev, sb, sb_frame_pfn(sb, f));
		while (ev.busy)
			pages += evacuate_step(&ev);
		*pb = (u16)((*pb & ~PB_COMPACT_SKIP) | skip);
	}
	sb->zone->counters.pages_migrated += ev.pages_migrated;
	sb->zone->counters.pages_dropped += ev.pages_dropped;
	sb->zone->counters.pages_failed += ev.pages_failed;
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
 * The pages leave the buddy. That has_movable is set is ours: the code that would do it is not in the
 * stored sources, and without it nothing would tell what the block holds.
 */
static void take(const struct range *r)
{
	struct superpageblock *sb = r->sb;
	const struct model *m = sb->zone->m;

	for (u32 f = r->start; f < r->end;) {
		const u32 size = 1U << page_order(sb->page[f]);

		del_from_free_list(sb, f);
		f += size;
	}
	for (u32 f = r->start; f < r->end; f += m->pageblock_nr_pages) {
		set_pageblock_migratetype(sb, f, MIGRATE_MOVABLE);
		pageblock_now_used(sb, f);
		spb_set_has_type(sb, f, MIGRATE_MOVABLE);
	}
	spb_update_list(sb);
}

/* undo_isolate_page_range(): whole blocks may merge again now. */
static void undo(const struct range *r)
{
	struct superpageblock *sb = r->sb;
	const struct model *m = sb->zone->m;

	relabel(r, MIGRATE_MOVABLE);
	for (u32 f = r->start; f < r->end; f += m->pageblock_nr_pages) {
		const u64 w = sb->page[f];

		if (page_state(w) != PAGE_FREE || page_order(w) < m->pageblock_order)
			continue;
		del_from_free_list(sb, f);
		free_one_page(sb, f, page_order(w), MIGRATE_MOVABLE, false);
	}
}

/* alloc_contig_frozen_range() */
static bool try_range(const struct range *r, u16 cpu)
{
	struct zone *zone = r->sb->zone;
	const struct op_context op = zone->m->op;
	u64 pages;

	if (!spb_touch(r->sb) || !may_isolate(r))
		return false;
	cut_at_end(r);
	relabel(r, MIGRATE_ISOLATE);
	pages = empty(r, cpu);
	zone->m->op = op;
	zone->counters.stall_ns += pages * zone->m->v.migrate_us_per_page * NSEC_PER_USEC;
	if (is_free(r)) {
		take(r);
		return true;
	}
	undo(r);
	return false;
}

bool spb_try_alloc_contig(struct zone *zone, u32 order, u16 cpu, struct found *at)
{
	struct range ranges[SPB_CONTIG_MAX_CANDIDATES];
	const u32 nr = collect(zone, order, ranges);

	for (u32 i = 0; i < nr; i++) {
		struct superpageblock *sb = ranges[i].sb;

		if (try_range(&ranges[i], cpu)) {
			*at = (struct found){ .sb = sb, .from = sb, .frame = ranges[i].start,
					      .outcome = OUTCOME_CONTIG };
			return true;
		}
		spb_list_rotate(sb);
	}
	return false;
}
