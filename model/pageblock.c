// SPDX-License-Identifier: GPL-2.0
#include "model/pageblock.h"

#include "model/event.h"
#include "model/pcp_buddy.h"
#include "model/stuck.h"
#include "model/superpageblock.h"

/** struct has_type - a has-bit and the SPB counter that follows it */
struct has_type {
	u16 bit;
	size_t counter;
};

#define COUNTER(field) offsetof(struct superpageblock, field)

/* HIGHATOMIC content is unmovable, CMA content movable; ISOLATE has no bit (S1.5). */
static const struct has_type has_types[MIGRATE_TYPES] = {
	[MIGRATE_UNMOVABLE] = { PB_HAS_UNMOVABLE, COUNTER(nr_unmovable) },
	[MIGRATE_MOVABLE] = { PB_HAS_MOVABLE, COUNTER(nr_movable) },
	[MIGRATE_RECLAIMABLE] = { PB_HAS_RECLAIMABLE, COUNTER(nr_reclaimable) },
	[MIGRATE_HIGHATOMIC] = { PB_HAS_UNMOVABLE, COUNTER(nr_unmovable) },
	[MIGRATE_CMA] = { PB_HAS_MOVABLE, COUNTER(nr_movable) },
};

u16 pageblock_has_bit(u32 mt)
{
	return has_types[mt].bit;
}

static u16 *has_counter(struct superpageblock *sb, const struct has_type *t)
{
	return (u16 *)((char *)sb + t->counter);
}

static void report_taint(struct superpageblock *sb, enum sb_category from, enum sb_category to)
{
	struct model *m = sb->zone->m;
	const struct model_taint t = {
		.time = m->now,
		.start_pfn = sb->start_pfn,
		.spb = sb->index,
		.zone = (u16)sb->zone->index,
		.from = (u8)from,
		.to = (u8)to,
		.cause = m->op.cause,
		.outcome = m->op.outcome,
		.order = m->op.order,
		.migratetype = m->op.migratetype,
		.worker = m->by_worker,
	};

	if (to == SB_TAINTED) {
		sb->taints++;
		sb->tainted_by = m->nr_requests;
	}
	if (m->obs && m->obs->taint)
		m->obs->taint(m->ctx, &t);
}

static void change_has_type(struct superpageblock *sb, u32 frame, u32 mt, bool set)
{
	const struct has_type *t = &has_types[mt];
	u16 *pb = &sb->pb[frame_block(sb, frame)];
	u16 *counter = has_counter(sb, t);
	enum sb_category from;

	if (!t->bit || !!(*pb & t->bit) == set)
		return;
	from = spb_get_category(sb);
	*pb ^= t->bit;
	sb->list_stale = true;
	*counter = (u16)(*counter + (set ? 1 : -1));
	/* Upstream has no has-bits: they are ours there (vanilla.h). */
	if (traced(sb->zone->m) && !sb->zone->m->vanilla)
		event_pb_taint(sb, frame, mt, set, *counter == (set ? 1 : 0));
	if (spb_get_category(sb) != from)
		report_taint(sb, from, spb_get_category(sb));
	spb_stuck_update(sb);
}

void spb_set_has_type(struct superpageblock *sb, u32 frame, u32 mt)
{
	change_has_type(sb, frame, mt, true);
}

void spb_clear_has_type(struct superpageblock *sb, u32 frame, u32 mt)
{
	change_has_type(sb, frame, mt, false);
}

void set_pageblock_migratetype(struct superpageblock *sb, u32 frame, u32 mt)
{
	u16 *pb = &sb->pb[frame_block(sb, frame)];

	*pb = (u16)((*pb & ~PB_MIGRATE_MASK) | mt);
}

void pageblock_now_used(struct superpageblock *sb, u32 frame)
{
	u16 *pb = &sb->pb[frame_block(sb, frame)];

	if (!(*pb & PB_ALL_FREE))
		return;
	*pb &= (u16)~PB_ALL_FREE;
	sb->nr_free--;
	spb_stuck_update(sb);
	spb_update_list(sb);
}

void mark_pageblock_free(struct superpageblock *sb, u32 frame, u32 *mt)
{
	u16 *pb = &sb->pb[frame_block(sb, frame)];

	if (unlikely(sb->owners))
		pcp_buddy_disown(sb, frame);
	spb_clear_has_type(sb, frame, MIGRATE_UNMOVABLE);
	spb_clear_has_type(sb, frame, MIGRATE_RECLAIMABLE);
	spb_clear_has_type(sb, frame, MIGRATE_MOVABLE);
	if (!(*pb & PB_ALL_FREE)) {
		*pb |= PB_ALL_FREE;
		sb->nr_free++;
		spb_stuck_update(sb);
		spb_update_list(sb);
	}
	if (*mt == MIGRATE_UNMOVABLE || *mt == MIGRATE_RECLAIMABLE || *mt == MIGRATE_HIGHATOMIC) {
		set_pageblock_migratetype(sb, frame, MIGRATE_MOVABLE);
		*mt = MIGRATE_MOVABLE;
	}
}

bool pageblock_has_free_movable_fragments(const struct superpageblock *sb, u32 frame)
{
	const struct model *m = sb->zone->m;
	const u32 start = frame & ~(m->pageblock_nr_pages - 1);
	const u32 end = start + m->pageblock_nr_pages;
	u32 f = start;

	while (f < end) {
		const u64 w = sb->page[f];

		if (page_state(w) == PAGE_FREE && page_mt(w) == MIGRATE_MOVABLE &&
		    page_order(w) < m->pageblock_order)
			return true;
		f += page_frames(w);
	}
	return false;
}
