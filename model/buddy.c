// SPDX-License-Identifier: GPL-2.0
#include "model/buddy.h"

#include <stdlib.h>

#include "model/candidates.h"
#include "model/pageblock.h"
#include "model/stuck.h"
#include "model/superpageblock.h"
#include "model/vanilla.h"

bool spb_touch(struct superpageblock *sb)
{
	struct model *m = sb->zone->m;
	const u32 nr_pages = 1U << m->spb_order;
	const u32 nr_blocks = nr_pages >> m->pageblock_order;
	const u32 step = 1U << m->max_order;
	u32 prev = FRAME_NIL;

	if (sb->page)
		return true;
	if (m->vanilla && !vanilla_touch(sb))
		return false;
	sb->page = frames_get(m, nr_pages * sizeof(*sb->page));
	sb->pb = calloc(nr_blocks, sizeof(*sb->pb));
	if (!sb->page || !sb->pb) {
		frames_put(m, sb->page, nr_pages * sizeof(*sb->page));
		free(sb->pb);
		sb->page = NULL;
		sb->pb = NULL;
		m->no_memory = true;
		return false;
	}
	m->bytes += nr_pages * sizeof(*sb->page) + nr_blocks * sizeof(*sb->pb);
	if (sb->nr_free_pages != nr_pages)
		return true;
	/* Wholly free until now: the lists of boot, lowest frame first (FPI_TO_TAIL). */
	for (u32 b = 0; b < nr_blocks; b++)
		sb->pb[b] = MIGRATE_MOVABLE | PB_ALL_FREE;
	if (m->vanilla) {
		vanilla_list_untouched(sb);
		return true;
	}
	for (u32 f = 0; f < nr_pages; f += step) {
		const u32 next = f + step < nr_pages ? f + step : FRAME_NIL;

		sb->page[f] = page_make_free(m->max_order, MIGRATE_MOVABLE, next, prev);
		prev = f;
	}
	return true;
}

static void add_free_pages(struct superpageblock *sb, u32 order)
{
	sb->touched = true;
	sb->free_area[order].nr_free++;
	sb->nr_free_pages += 1ULL << order;
	sb->zone->nr_free_pages += 1ULL << order;
	if (unlikely(sb->watch_free_pages))
		spb_stuck_update(sb);
}

void add_to_free_list(struct superpageblock *sb, u32 frame, u32 order, u32 mt, bool tail)
{
	struct free_list *list = &sb->free_area[order].free_list[mt];
	u64 *page = sb->page;

	if (unlikely(sb->zone->m->vanilla)) {
		vanilla_list_add(sb, frame, order, mt, tail);
	} else if (tail) {
		const u32 last = list->tail;

		page[frame] = page_make_free(order, mt, FRAME_NIL, last);
		list->tail = frame;
		if (last != FRAME_NIL) {
			page[last] = page_with_next(page[last], frame);
		} else {
			list->head = frame;
			candidates_free_list(sb, order, mt);
		}
	} else {
		const u32 first = list->head;

		page[frame] = page_make_free(order, mt, first, FRAME_NIL);
		list->head = frame;
		if (first != FRAME_NIL) {
			page[first] = page_with_prev(page[first], frame);
		} else {
			list->tail = frame;
			candidates_free_list(sb, order, mt);
		}
	}
	if (unlikely(mt == MIGRATE_CMA))
		sb->zone->nr_free_cma += 1ULL << order;
	add_free_pages(sb, order);
}

/*
 * Pages leave from the head of a list one after the other, and lie anywhere in memory: @frame is
 * the new head, and the page behind it is fetched, which the next to leave will make head.
 *
 * Inline by force: gcc takes a function that only fetches for one without effects, and drops it.
 */
static __always_inline void prefetch_behind(const struct superpageblock *sb, u32 frame)
{
	const u32 next = page_next(sb->page[frame]);

	if (next != FRAME_NIL)
		__builtin_prefetch(&sb->page[next], 1);
}

void del_from_free_list(struct superpageblock *sb, u32 frame)
{
	u64 *page = sb->page;
	const u64 w = page[frame];
	const u32 order = page_order(w);
	struct free_list *list = &sb->free_area[order].free_list[page_mt(w)];

	if (unlikely(sb->zone->m->vanilla)) {
		vanilla_list_del(sb, frame);
	} else {
		if (page_prev(w) != FRAME_NIL)
			page[page_prev(w)] = page_with_next(page[page_prev(w)], page_next(w));
		else
			list->head = page_next(w);
		if (page_next(w) != FRAME_NIL) {
			page[page_next(w)] = page_with_prev(page[page_next(w)], page_prev(w));
			if (page_prev(w) == FRAME_NIL)
				prefetch_behind(sb, page_next(w));
		} else {
			list->tail = page_prev(w);
		}
		if (list->head == FRAME_NIL)
			candidates_free_list(sb, order, page_mt(w));
	}
	if (unlikely(page_mt(w) == MIGRATE_CMA))
		sb->zone->nr_free_cma -= 1ULL << order;
	page[frame] = PAGE_INSIDE;
	sb->touched = true;
	sb->free_area[order].nr_free--;
	sb->nr_free_pages -= 1ULL << order;
	sb->zone->nr_free_pages -= 1ULL << order;
	if (unlikely(sb->watch_free_pages))
		spb_stuck_update(sb);
}

void expand(struct superpageblock *sb, u32 frame, u32 low, u32 high, u32 mt)
{
	while (high > low) {
		high--;
		add_to_free_list(sb, frame + (1U << high), high, mt, false);
	}
}

/*
 * Blocks that leave the wholly free state when @high is taken for @low: all that the buddy covers,
 * although one half may stay free (S2.3 item 4); without the quirk only those really used.
 */
static u32 blocks_used(const struct model *m, u32 low, u32 high)
{
	const u32 order = m->v.order10_quirk ? high : low;

	return order > m->pageblock_order ? 1U << (order - m->pageblock_order) : 1;
}

void page_del_and_expand(struct superpageblock *sb, u32 frame, u32 low, u32 high, u32 mt)
{
	const struct model *m = sb->zone->m;

	if (high >= m->pageblock_order) {
		const u32 nr = blocks_used(m, low, high);

		for (u32 i = 0; i < nr; i++) {
			const u32 f = frame + i * m->pageblock_nr_pages;

			pageblock_now_used(sb, f);
			spb_set_has_type(sb, f, mt);
		}
	} else {
		spb_set_has_type(sb, frame, mt);
	}
	spb_update_list(sb);
	del_from_free_list(sb, frame);
	expand(sb, frame, low, high, mt);
}

void claim_whole_block(struct superpageblock *sb, u32 frame, u32 low, u32 high, u32 new_mt)
{
	const struct model *m = sb->zone->m;
	const u32 covered = 1U << (high - m->pageblock_order);
	const u32 used = blocks_used(m, low, high);

	for (u32 i = 0; i < used; i++) {
		const u32 f = frame + i * m->pageblock_nr_pages;

		pageblock_now_used(sb, f);
		spb_set_has_type(sb, f, new_mt);
	}
	del_from_free_list(sb, frame);
	for (u32 i = 0; i < covered; i++)
		set_pageblock_migratetype(sb, frame + i * m->pageblock_nr_pages, new_mt);
	expand(sb, frame, low, high, new_mt);
	spb_update_list(sb);
}

void move_freepages_block(struct superpageblock *sb, u32 frame, u32 mt)
{
	const struct model *m = sb->zone->m;
	u32 f = frame & ~(m->pageblock_nr_pages - 1);
	const u32 end = f + m->pageblock_nr_pages;

	while (f < end) {
		const u64 w = sb->page[f];

		if (page_state(w) == PAGE_FREE) {
			del_from_free_list(sb, f);
			add_to_free_list(sb, f, page_order(w), mt, true);
		}
		f += page_frames(w);
	}
}

static bool migratetype_is_mergeable(u32 mt)
{
	return mt < MIGRATE_PCPTYPES;
}

/* May a free buddy at pageblock order or above be merged; relabel it to match (S3). */
static bool merge_labels(struct superpageblock *sb, u32 buddy, u32 order, u32 mt)
{
	const struct model *m = sb->zone->m;
	const u32 buddy_mt = pageblock_migratetype(sb, buddy);

	if (buddy_mt == mt)
		return true;
	if (!migratetype_is_mergeable(mt) || !migratetype_is_mergeable(buddy_mt))
		return false;
	for (u32 i = 0; i < 1U << (order - m->pageblock_order); i++)
		set_pageblock_migratetype(sb, buddy + i * m->pageblock_nr_pages, mt);
	return true;
}

/*
 * The buddy of the next order up is free: this page will merge soon, keep it at the tail (S3).
 */
static bool buddy_merge_likely(const struct superpageblock *sb, u32 frame, u32 order)
{
	u32 higher;

	if (order + 1 >= sb->zone->m->max_order)
		return false;
	higher = frame & ~(1U << order);
	return page_is_buddy(sb->page[higher ^ (1U << (order + 1))], order + 1);
}

static u32 mark_freed_blocks(struct superpageblock *sb, u32 frame, u32 order, u32 mt)
{
	const struct model *m = sb->zone->m;

	for (u32 i = 0; i < 1U << (order - m->pageblock_order); i++) {
		const u32 f = frame + i * m->pageblock_nr_pages;
		u32 label = pageblock_migratetype(sb, f);

		mark_pageblock_free(sb, f, &label);
	}
	return mt == MIGRATE_CMA || mt == MIGRATE_ISOLATE ? mt : MIGRATE_MOVABLE;
}

void free_one_page(struct superpageblock *sb, u32 frame, u32 order, u32 mt, bool to_tail)
{
	const struct model *m = sb->zone->m;

	if (order >= m->pageblock_order && !m->vanilla)
		mt = mark_freed_blocks(sb, frame, order, mt);

	while (order < m->max_order) {
		const u32 buddy = frame ^ (1U << order);

		if (!page_is_buddy(sb->page[buddy], order))
			break;
		if (order >= m->pageblock_order && !merge_labels(sb, buddy, order, mt))
			break;
		del_from_free_list(sb, buddy);
		frame &= ~(1U << order);
		order++;
		/* Only a merge that reaches exactly this order marks the block (S2.3 item 4). */
		if (order == m->pageblock_order && !m->vanilla)
			mark_pageblock_free(sb, frame, &mt);
	}
	if (order >= m->pageblock_order && m->vanilla)
		vanilla_mark_free(sb, frame, order);
	add_to_free_list(sb, frame, order, mt,
			 to_tail || buddy_merge_likely(sb, frame, order));
}

void free_unit(struct superpageblock *sb, u32 frame, u32 order)
{
	const u32 block_order = sb->zone->m->pageblock_order;
	const u32 piece = order < block_order ? order : block_order;

	sb->page[frame] = PAGE_INSIDE;
	for (u32 f = frame; f < frame + (1U << order); f += 1U << piece)
		free_one_page(sb, f, piece, pageblock_migratetype(sb, f), false);
}
