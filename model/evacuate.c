// SPDX-License-Identifier: GPL-2.0
#include "model/evacuate.h"

#include "model/buddy.h"
#include "model/pageblock.h"
#include "model/pcp.h"
#include "model/slowpath.h"

/* Largest isolation batch, in units; migrate_batch is validated against it. */
#define BATCH_MAX 256

static u32 block_end(const struct model *m, u32 frame)
{
	return (frame | (m->pageblock_nr_pages - 1)) + 1;
}

static u32 next_unit(u64 w, u32 frame)
{
	const bool head = page_state(w) == PAGE_USED || page_state(w) == PAGE_FREE;

	return frame + (head ? 1U << page_order(w) : 1);
}

/* Isolate the next movable units of the block, up to migrate_batch pages. */
static u32 isolate_batch(struct evacuation *ev, u32 *units)
{
	const struct superpageblock *sb = ev->sb;
	const struct model *m = sb->zone->m;
	const u32 end = block_end(m, (u32)(ev->pfn - sb->start_pfn));
	u32 nr = 0, pages = 0;

	while (ev->frame < end && pages < m->v.migrate_batch) {
		const u64 w = sb->page[ev->frame];

		if (page_is_movable(w)) {
			units[nr++] = ev->frame;
			pages += 1U << page_order(w);
		}
		ev->frame = next_unit(w, ev->frame);
	}
	return nr;
}

static void release_unit(struct superpageblock *sb, u32 frame)
{
	const u32 order = page_order(sb->page[frame]);

	const u32 label = pageblock_migratetype(sb, frame);

	if (pcp_free(sb, frame, order, label))
		return;
	free_unit(sb, frame, order);
}

static bool migrate_unit(struct evacuation *ev, u32 frame)
{
	struct superpageblock *sb = ev->sb;
	struct model *m = sb->zone->m;
	const u64 w = sb->page[frame];
	const u32 order = page_order(w);
	struct found to;

	if (w & PAGE_PINNED)
		return false;
	m->op = (struct op_context){ .cpu = ev->cpu, .cause = CAUSE_MIGRATE, .order = (u8)order,
				     .migratetype = MIGRATE_MOVABLE };
	if (!alloc_migration_target(sb->zone, order, ev->cpu, &to))
		return false;
	to.sb->page[to.frame] = page_make_used(order, page_mt(w), page_owner(w), 0);
	if (m->obs && m->obs->moved)
		m->obs->moved(m->ctx, page_owner(w), sb_frame_pfn(to.sb, to.frame));
	m->op.cause = CAUSE_FREE;
	release_unit(sb, frame);
	return true;
}

/* reclaim_clean_pages_from_list(): clean page cache is dropped, not moved (S4.2) */
static bool drop_unit(struct evacuation *ev, u32 frame)
{
	struct superpageblock *sb = ev->sb;
	struct model *m = sb->zone->m;
	const u64 w = sb->page[frame];

	if (!(w & PAGE_CLEAN_CACHE))
		return false;
	if (m->obs && m->obs->dropped)
		m->obs->dropped(m->ctx, page_owner(w));
	m->op = (struct op_context){ .cpu = ev->cpu, .cause = CAUSE_FREE,
				     .order = (u8)page_order(w), .migratetype = MIGRATE_MOVABLE };
	release_unit(sb, frame);
	return true;
}

/* Migrate one batch. Return: pages worked on; *failed when any page stayed. */
static u64 evacuate_batch(struct evacuation *ev, bool *failed)
{
	struct superpageblock *sb = ev->sb;
	u32 units[BATCH_MAX];
	const u32 nr = isolate_batch(ev, units);
	u64 pages = 0;

	u32 left = 0;

	*failed = false;
	/* Clean cache goes before anything is migrated, and may make room for it (S4.2) */
	for (u32 i = 0; i < nr; i++) {
		const u64 size = 1ULL << page_order(sb->page[units[i]]);

		pages += size;
		if (drop_unit(ev, units[i]))
			ev->pages_dropped += size;
		else
			units[left++] = units[i];
	}
	for (u32 i = 0; i < left; i++) {
		const u64 size = 1ULL << page_order(sb->page[units[i]]);

		if (migrate_unit(ev, units[i])) {
			ev->pages_migrated += size;
		} else {
			ev->pages_failed += size;
			*failed = true;
		}
	}
	return pages;
}

/* The rescan: nothing movable in use any more clears has_movable, unless fragments stay (S3) */
static void finish_block(struct evacuation *ev)
{
	struct superpageblock *sb = ev->sb;
	const struct model *m = sb->zone->m;
	u32 f = (u32)(ev->pfn - sb->start_pfn);
	const u32 start = f;
	const u32 end = block_end(m, f);
	bool movable = false;

	for (; f < end && !movable; f = next_unit(sb->page[f], f))
		movable = page_is_movable(sb->page[f]);
	if (!movable && !pageblock_has_free_movable_fragments(sb, start))
		spb_clear_has_type(sb, start, MIGRATE_MOVABLE);
	ev->busy = false;
}

void evacuate_begin(struct evacuation *ev, struct superpageblock *sb, u64 pfn)
{
	ev->sb = sb;
	ev->pfn = pfn;
	ev->frame = (u32)(pfn - sb->start_pfn);
	ev->busy = true;
}

u64 evacuate_step(struct evacuation *ev)
{
	bool failed;
	const u64 pages = evacuate_batch(ev, &failed);

	if (!pages || failed)
		finish_block(ev);
	return pages;
}
