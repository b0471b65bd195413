// SPDX-License-Identifier: GPL-2.0
#include "model/place.h"

#include <errno.h>

#include "model/buddy.h"
#include "model/pageblock.h"
#include "model/shrinkable.h"
#include "model/superpageblock.h"
#include "model/vanilla.h"

u32 free_head_over(const struct superpageblock *sb, u32 frame, u32 *order)
{
	for (u32 o = 0; o <= sb->zone->m->max_order; o++) {
		const u32 head = frame & ~((1U << o) - 1);

		if (page_is_buddy(sb->page[head], o)) {
			*order = o;
			return head;
		}
	}
	return FRAME_NIL;
}

/*
 * Take [frame, frame + 2^low) out of the free head of @high; the rest stays free, as expand() does.
 */
static void carve(struct superpageblock *sb, u32 head, u32 high, u32 frame, u32 low)
{
	const u32 mt = page_mt(sb->page[head]);

	del_from_free_list(sb, head);
	while (high > low) {
		const u32 upper = head + (1U << --high);

		add_to_free_list(sb, frame < upper ? upper : head, high, mt, false);
		head = frame < upper ? head : upper;
	}
}

static struct superpageblock *spb_at(const struct model *m, u64 pfn)
{
	const struct zone *zone = pfn_to_zone(m, pfn);

	return zone ? pfn_to_superpageblock(zone, pfn) : NULL;
}

int model_place(struct model *m, const struct model_req *req, u64 pfn)
{
	struct superpageblock *sb = spb_at(m, pfn);
	const bool booting = m->booting;
	u32 frame, head, order = 0;

	if (!sb || req->order > m->max_order || req->migratetype >= MIGRATE_ISOLATE ||
	    pfn & ((1ULL << req->order) - 1))
		return -EINVAL;
	if (!spb_touch(sb))
		return -ENOMEM;
	frame = (u32)(pfn - sb->start_pfn);
	head = free_head_over(sb, frame, &order);
	if (head == FRAME_NIL || order < req->order)
		return -EBUSY;
	/* Not a request: nobody asks for defrag. */
	m->booting = true;
	m->op = (struct op_context){ .cpu = req->cpu, .cause = CAUSE_OUTCOME,
				     .order = req->order, .migratetype = req->migratetype };
	for (u32 i = 0; i < 1U << req->order; i += m->pageblock_nr_pages) {
		pageblock_now_used(sb, frame + i);
		spb_set_has_type(sb, frame + i, req->migratetype);
	}
	spb_update_list(sb);
	carve(sb, head, order, frame, req->order);
	sb->page[frame] = page_make_used(req->order, req->migratetype, req->owner,
					 unit_flags(m, req));
	shrinkable_note(sb, frame, req->ident);
	m->booting = booting;
	return 0;
}

int model_free_unit(const struct model *m, u64 pfn, u64 *head)
{
	const struct superpageblock *sb = spb_at(m, pfn);
	u32 order = 0, frame;

	if (!sb)
		return -1;
	*head = pfn & ~((1ULL << m->max_order) - 1);
	if (!sb->page)
		return (int)m->max_order;
	frame = free_head_over(sb, (u32)(pfn - sb->start_pfn), &order);
	*head = sb->start_pfn + frame;
	return frame == FRAME_NIL ? -1 : (int)order;
}

bool model_list_head(struct model *m, u32 zone, u32 order, u32 mt, u64 *pfn)
{
	return m->vanilla && zone < m->nr_zones && order <= m->max_order && mt < MIGRATE_TYPES &&
	       vanilla_list_head(&m->zones[zone], order, mt, pfn);
}

void model_requeue(struct model *m, u64 pfn)
{
	struct superpageblock *sb = spb_at(m, pfn);
	u32 frame;
	u64 w;

	if (!sb || !sb->page)
		return;
	frame = (u32)(pfn - sb->start_pfn);
	w = sb->page[frame];
	if (page_state(w) != PAGE_FREE)
		return;
	del_from_free_list(sb, frame);
	add_to_free_list(sb, frame, page_order(w), page_mt(w), true);
}

/* model_check() wants every block that is in use to hold something. */
static bool pageblock_holds_other(const struct superpageblock *sb, u32 frame, u32 mt)
{
	return sb->pb[frame_block(sb, frame)] & PB_HAS_MASK & ~pageblock_has_bit(mt);
}

/* Does a unit in use of type @mt begin in the block, or cover it? */
static bool holds_type(const struct superpageblock *sb, u32 frame, u32 mt)
{
	const struct model *m = sb->zone->m;
	const u32 start = frame & ~(m->pageblock_nr_pages - 1);
	const u32 big = frame & ~((1U << m->max_order) - 1);

	for (u32 f = start; f < start + m->pageblock_nr_pages; f++) {
		if (page_state(sb->page[f]) == PAGE_USED && page_mt(sb->page[f]) == mt)
			return true;
	}
	return page_state(sb->page[big]) == PAGE_USED && page_mt(sb->page[big]) == mt &&
	       big + (1U << page_order(sb->page[big])) > start;
}

int model_mark_type(struct model *m, u64 pfn, u32 mt)
{
	struct superpageblock *sb = spb_at(m, pfn);
	const bool booting = m->booting;
	u32 frame;
	u16 pb;

	if (!sb || mt >= MIGRATE_PCPTYPES)
		return 0;
	if (!spb_touch(sb))
		return -ENOMEM;
	frame = (u32)(pfn - sb->start_pfn);
	pb = sb->pb[frame_block(sb, frame)];
	if (pb & (PB_RESERVED | PB_OUTSIDE | PB_ALL_FREE))
		return 0;
	m->booting = true;
	m->op = (struct op_context){ .cause = CAUSE_OUTCOME, .migratetype = (u8)mt };
	spb_set_has_type(sb, frame, mt);
	spb_update_list(sb);
	m->booting = booting;
	return sb->pb[frame_block(sb, frame)] != pb;
}

void model_forget_type(struct model *m, u64 pfn, u32 mt)
{
	struct superpageblock *sb = spb_at(m, pfn);
	const bool booting = m->booting;
	u32 frame;

	if (!sb || !sb->page || mt >= MIGRATE_ISOLATE)
		return;
	frame = (u32)(pfn - sb->start_pfn);
	/*
	 * Memblock memory leaves its bit behind for good (S1.6); so does a block that holds
	 * nothing.
	 */
	if (holds_type(sb, frame, mt) || !pageblock_holds_other(sb, frame, mt))
		return;
	m->booting = true;
	m->op = (struct op_context){ .cause = CAUSE_FREE, .migratetype = (u8)mt };
	spb_clear_has_type(sb, frame, mt);
	spb_update_list(sb);
	m->booting = booting;
}

/* ---- labels ---- */

int model_label(const struct model *m, u64 pfn)
{
	const struct superpageblock *sb = spb_at(m, pfn);

	if (!sb)
		return -EINVAL;
	return sb->page ? (int)pageblock_migratetype(sb, (u32)(pfn - sb->start_pfn)) :
			  MIGRATE_MOVABLE;
}

bool model_is_hole(const struct model *m, u64 pfn)
{
	const struct superpageblock *sb = spb_at(m, pfn);

	return !sb || (sb->page && pageblock_test(sb, (u32)(pfn - sb->start_pfn), PB_RESERVED));
}

/* The free head covers whole blocks, which share a label: all of them change. */
static void relabel_head(struct superpageblock *sb, u32 head, u32 order, u32 mt)
{
	del_from_free_list(sb, head);
	for (u32 i = 0; i < 1U << order; i += sb->zone->m->pageblock_nr_pages)
		set_pageblock_migratetype(sb, head + i, mt);
	add_to_free_list(sb, head, order, mt, true);
}

int model_set_label(struct model *m, u64 pfn, u32 mt)
{
	struct superpageblock *sb = spb_at(m, pfn);
	u32 frame, head, order = 0;

	if (!sb || mt >= MIGRATE_PCPTYPES)
		return -EINVAL;
	if (!spb_touch(sb))
		return -ENOMEM;
	frame = (u32)(pfn - sb->start_pfn) & ~(m->pageblock_nr_pages - 1);
	if (sb->pb[frame_block(sb, frame)] & (PB_RESERVED | PB_OUTSIDE))
		return -EINVAL;
	/* The series relabels every wholly free block (S3). */
	if (!m->vanilla && pageblock_test(sb, frame, PB_ALL_FREE))
		return mt == MIGRATE_MOVABLE ? 0 : -EBUSY;
	head = free_head_over(sb, frame, &order);
	if (head != FRAME_NIL && order >= m->pageblock_order) {
		relabel_head(sb, head, order, mt);
		return 0;
	}
	move_freepages_block(sb, frame, mt);
	set_pageblock_migratetype(sb, frame, mt);
	return 0;
}

/* ---- order ---- */

static void sort_free_lists(struct superpageblock *sb)
{
	const u32 end = 1U << sb->zone->m->spb_order;
	u32 f = 0;

	while (f < end) {
		const u64 w = sb->page[f];

		if (page_state(w) == PAGE_FREE) {
			del_from_free_list(sb, f);
			add_to_free_list(sb, f, page_order(w), page_mt(w), true);
		}
		f += page_frames(w);
	}
}

void model_settle(struct model *m)
{
	m->booting = true;
	for (u32 z = 0; z < m->nr_zones; z++) {
		struct zone *zone = &m->zones[z];

		for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
			struct superpageblock *sb = &zone->superpageblocks[i];

			if (sb->page)
				sort_free_lists(sb);
			/* A hole stays on the list of boot. */
			if (sb->nr_reserved != sb->total_pageblocks)
				spb_list_rotate(sb);
		}
	}
	m->booting = false;
}
