// SPDX-License-Identifier: GPL-2.0
#include "model/evacuate.h"

#include "model/buddy.h"
#include "model/gfp.h"
#include "model/pageblock.h"
#include "model/pcp.h"
#include "model/slowpath.h"
#include "model/worker.h"

/* Largest isolation batch, in units; migrate_batch is validated against it. */
#define BATCH_MAX 256

static u32 block_end(const struct model *m, u32 frame)
{
	return (frame | (m->pageblock_nr_pages - 1)) + 1;
}

static u32 block_start(const struct evacuation *ev)
{
	return (u32)(ev->pfn - ev->sb->start_pfn);
}

/* skip_isolation_on_order(): nothing as large as a pageblock is compacted, unless for contig */
static bool is_isolable(const struct evacuation *ev, u64 w)
{
	return page_is_movable(w) &&
	       (ev->contig || page_order(w) < ev->sb->zone->m->pageblock_order);
}

/* A scan of the whole block saw nothing movable: has_movable goes, unless fragments stay (S3) */
static void clear_has_movable(struct evacuation *ev, u32 start)
{
	struct superpageblock *sb = ev->sb;
	const u32 end = block_end(sb->zone->m, start);

	for (u32 f = start; f < end; f += page_frames(sb->page[f])) {
		if (page_is_movable(sb->page[f]))
			return;
	}
	if (!pageblock_has_free_movable_fragments(sb, start))
		spb_clear_has_type(sb, start, MIGRATE_MOVABLE);
}

/*
 * The skip hint of isolate_migratepages_block(): a scan that begins with the block looks at it,
 * gives up when it is set, and sets it. Return: give up
 */
static bool skip_hint(struct evacuation *ev)
{
	struct superpageblock *sb = ev->sb;
	u16 *pb = &sb->pb[frame_block(sb, block_start(ev))];

	if (!sb->zone->m->v.compact_skip || ev->contig)
		return false;
	if (*pb & PB_COMPACT_SKIP)
		return true;
	*pb |= PB_COMPACT_SKIP;
	return false;
}

/* From ev->frame on, at most to the end of its block. Return: units, with the @nr there were. */
static u32 isolate_in_block(struct evacuation *ev, u32 *units, u32 nr, u32 *pages)
{
	const struct superpageblock *sb = ev->sb;
	const struct model *m = sb->zone->m;
	const u32 start = ev->frame, before = nr;
	const u32 end = block_end(m, start);
	const bool from_start = !(start & (m->pageblock_nr_pages - 1));

	if (from_start && skip_hint(ev)) {
		ev->frame = end;
		return nr;
	}
	while (ev->frame < end && *pages < m->v.migrate_batch) {
		const u64 w = sb->page[ev->frame];

		if (is_isolable(ev, w)) {
			units[nr++] = ev->frame;
			*pages += 1U << page_order(w);
		}
		ev->frame += page_frames(w);
	}
	/* A free buddy or a unit may reach into the next block, which is scanned all the same. */
	if (ev->frame > end)
		ev->frame = end;
	if (from_start && nr == before)
		clear_has_movable(ev, start);
	return nr;
}

/* Isolate the next movable units, up to migrate_batch pages, in address order. */
static u32 isolate_batch(struct evacuation *ev, u32 *units)
{
	u32 nr = 0, pages = 0;

	while (ev->frame < ev->end && pages < ev->sb->zone->m->v.migrate_batch)
		nr = isolate_in_block(ev, units, nr, &pages);
	return nr;
}

static u64 unit_pages(const struct evacuation *ev, u32 frame)
{
	return 1ULL << page_order(ev->sb->page[frame]);
}

/* Counted as it happens: a sample in the middle of a long pass has what moved until then. */
static void count_pages(u64 *of_work, u64 *of_zone, u64 pages)
{
	*of_work += pages;
	*of_zone += pages;
}

static void release_unit(struct evacuation *ev, u32 frame)
{
	struct superpageblock *sb = ev->sb;
	const u64 w = sb->page[frame];
	const u32 order = page_order(w);
	const u32 label = pageblock_migratetype(sb, frame);

	sb->zone->m->op = (struct op_context){ .cpu = ev->cpu, .cause = CAUSE_FREE,
					       .order = (u8)order,
					       .migratetype = (u8)page_mt(w) };
	if (!pcp_free(sb, frame, order, label))
		free_unit(sb, frame, order);
	worker_interrupt(sb->zone->m);
}

/*
 * reclaim_clean_pages_from_list(): clean page cache is dropped, not moved, before anything is
 * migrated, and may make room for it (S4.2). Return: units left, in the order they came
 */
static u32 drop_clean(struct evacuation *ev, u32 *units, u32 nr)
{
	struct zone *zone = ev->sb->zone;
	const struct model *m = zone->m;
	u32 left = 0;

	for (u32 i = 0; i < nr; i++) {
		const u64 w = ev->sb->page[units[i]];

		if (!(w & PAGE_CLEAN_CACHE)) {
			units[left++] = units[i];
			continue;
		}
		count_pages(&ev->pages_dropped, &zone->counters.pages_dropped,
			    unit_pages(ev, units[i]));
		if (m->obs && m->obs->dropped)
			m->obs->dropped(m->ctx, page_owner(w));
		release_unit(ev, units[i]);
	}
	return left;
}

/* alloc_contig_range() never lets its movers give up early; evacuate_pageblock() does (S4.2). */
static u32 mover_gfp(const struct model *m)
{
	return GFP_HIGHUSER_MOVABLE | (m->in_contig ? ___GFP_RETRY_MAYFAIL : 0);
}

static bool find_target(const struct evacuation *ev, u32 frame, struct found *to)
{
	struct model *m = ev->sb->zone->m;
	const u32 order = page_order(ev->sb->page[frame]);

	m->op = (struct op_context){ .cpu = ev->cpu, .cause = CAUSE_MIGRATE, .order = (u8)order,
				     .migratetype = MIGRATE_MOVABLE };
	return alloc_migration_target(ev->sb->zone, mover_gfp(m), order, ev->cpu, to);
}

static void move_unit(struct evacuation *ev, u32 frame, const struct found *to)
{
	struct zone *zone = ev->sb->zone;
	const struct model *m = zone->m;
	const u64 w = ev->sb->page[frame];

	count_pages(&ev->pages_migrated, &zone->counters.pages_migrated, unit_pages(ev, frame));
	to->sb->page[to->frame] = page_make_used(page_order(w), page_mt(w), page_owner(w), 0);
	if (m->obs && m->obs->moved)
		m->obs->moved(m->ctx, page_owner(w), sb_frame_pfn(to->sb, to->frame));
	release_unit(ev, frame);
}

/*
 * migrate_pages_batch(): targets for all first, until there is none, then the moves; only they free
 * the old places. Return: every unit was moved
 */
static bool migrate_units(struct evacuation *ev, const u32 *units, u32 nr)
{
	struct found to[BATCH_MAX];
	u32 moving[BATCH_MAX];
	u32 nr_moving = 0, i;
	u64 failed = 0;

	for (i = 0; i < nr; i++) {
		if (ev->sb->page[units[i]] & PAGE_PINNED) {
			failed += unit_pages(ev, units[i]);
			continue;
		}
		if (!find_target(ev, units[i], &to[nr_moving]))
			break;
		moving[nr_moving++] = units[i];
	}
	for (; i < nr; i++)
		failed += unit_pages(ev, units[i]);
	count_pages(&ev->pages_failed, &ev->sb->zone->counters.pages_failed, failed);
	for (i = 0; i < nr_moving; i++)
		move_unit(ev, moving[i], &to[i]);
	return nr_moving == nr;
}

/* Isolated pages are put before each other on the list: the last one comes first from here on. */
static void reverse(u32 *units, u32 nr)
{
	for (u32 i = 0; i < nr / 2; i++) {
		const u32 unit = units[i];

		units[i] = units[nr - 1 - i];
		units[nr - 1 - i] = unit;
	}
}

/* The rescan at the end of evacuate_pageblock(); the hint that the first scan has set stops it. */
static void finish_block(struct evacuation *ev)
{
	if (!ev->sb->zone->m->v.compact_skip && !ev->contig)
		clear_has_movable(ev, block_start(ev));
	ev->busy = false;
}

void evacuate_begin(struct evacuation *ev, struct superpageblock *sb, u64 pfn)
{
	ev->sb = sb;
	ev->pfn = pfn;
	ev->frame = block_start(ev);
	ev->end = block_end(sb->zone->m, ev->frame);
	ev->busy = true;
}

void evacuate_begin_range(struct evacuation *ev, struct superpageblock *sb, u32 start, u32 end)
{
	evacuate_begin(ev, sb, sb_frame_pfn(sb, start));
	ev->end = end;
	ev->contig = true;
}

u64 evacuate_step(struct evacuation *ev)
{
	u32 units[BATCH_MAX];
	u32 nr = isolate_batch(ev, units);
	u64 pages = 0;

	reverse(units, nr);
	for (u32 i = 0; i < nr; i++)
		pages += unit_pages(ev, units[i]);
	nr = drop_clean(ev, units, nr);
	if (!pages || !migrate_units(ev, units, nr))
		finish_block(ev);
	return pages;
}
