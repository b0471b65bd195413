// SPDX-License-Identifier: GPL-2.0
#include "model/vanilla.h"

#include <stdlib.h>

#include "model/buddy.h"
#include "model/cma.h"
#include "model/event.h"
#include "model/fallback.h"
#include "model/pageblock.h"
#include "model/stuck.h"
#include "model/superpageblock.h"

/* ---- zone-wide lists ---- */

#define ZONE_NIL UINT32_MAX
#define UNLISTED (UINT32_MAX - 1)	/* back link of a page that boot left for later: list_head() */

static u64 word_with_next(u64 w, u32 next)
{
	return (w & 0x1ff) | (u64)next << 16;
}

static u32 word_next(u64 w)
{
	return (u32)(w >> 16);
}

/** struct spot - a frame of the zone */
struct spot {
	struct superpageblock *sb;
	u32 frame;
};

static u32 zone_index(const struct superpageblock *sb, u32 frame)
{
	return (sb->index << sb->zone->m->spb_order) + frame;
}

static struct spot spot_of(struct zone *zone, u32 index)
{
	const u32 order = zone->m->spb_order;

	return (struct spot){ &zone->superpageblocks[index >> order],
			      index & ((1U << order) - 1) };
}

static void set_next(struct zone *zone, u32 index, u32 next)
{
	const struct spot at = spot_of(zone, index);

	at.sb->page[at.frame] = word_with_next(at.sb->page[at.frame], next);
}

static void set_prev(struct zone *zone, u32 index, u32 prev)
{
	const struct spot at = spot_of(zone, index);

	at.sb->list_prev[at.frame] = prev;
}

void vanilla_boot_lists(struct zone *zone)
{
	for (u32 o = 0; o < MODEL_MAX_ORDERS; o++) {
		for (u32 t = 0; t < MIGRATE_TYPES; t++)
			zone->free_area[o].free_list[t] = (struct free_list){ ZONE_NIL, ZONE_NIL };
	}
}

bool vanilla_touch(struct superpageblock *sb)
{
	struct model *m = sb->zone->m;
	const size_t nr = (size_t)1 << m->spb_order;

	sb->list_prev = calloc(nr, sizeof(*sb->list_prev));
	if (!sb->list_prev) {
		m->no_memory = true;
		return false;
	}
	m->bytes += nr * sizeof(*sb->list_prev);
	return true;
}

void vanilla_list_add(struct superpageblock *sb, u32 frame, u32 order, u32 mt, bool tail)
{
	struct zone *zone = sb->zone;
	struct free_list *list = &zone->free_area[order].free_list[mt];
	const u32 index = zone_index(sb, frame);
	const u64 w = PAGE_FREE | (u64)order << 2 | (u64)mt << 6;

	if (zone->m->booting && order == zone->m->max_order && mt == MIGRATE_MOVABLE) {
		sb->page[frame] = w;
		sb->list_prev[frame] = UNLISTED;
		return;
	}
	sb->page[frame] = word_with_next(w, tail ? ZONE_NIL : list->head);
	sb->list_prev[frame] = tail ? list->tail : ZONE_NIL;
	if (list->head == ZONE_NIL) {
		list->head = index;
		list->tail = index;
	} else if (tail) {
		set_next(zone, list->tail, index);
		list->tail = index;
	} else {
		set_prev(zone, list->head, index);
		list->head = index;
	}
	zone->free_area[order].nr_free++;
}

/* As in buddy.c: @index is the new head of its list. Inline by force for the same reason. */
static __always_inline void prefetch_behind(struct zone *zone, u32 index)
{
	const struct spot at = spot_of(zone, index);
	const u32 next = word_next(at.sb->page[at.frame]);
	struct spot behind;

	if (next == ZONE_NIL)
		return;
	behind = spot_of(zone, next);
	__builtin_prefetch(&behind.sb->page[behind.frame], 1);
	__builtin_prefetch(&behind.sb->list_prev[behind.frame], 1);
}

void vanilla_list_del(struct superpageblock *sb, u32 frame)
{
	struct zone *zone = sb->zone;
	const u64 w = sb->page[frame];
	struct free_list *list = &zone->free_area[page_order(w)].free_list[page_mt(w)];
	const u32 next = word_next(w);
	const u32 prev = sb->list_prev[frame];

	if (prev == UNLISTED) {
		sb->list_prev[frame] = ZONE_NIL;
		return;
	}
	if (prev != ZONE_NIL)
		set_next(zone, prev, next);
	else
		list->head = next;
	if (next != ZONE_NIL) {
		set_prev(zone, next, prev);
		if (prev == ZONE_NIL)
			prefetch_behind(zone, next);
	} else {
		list->tail = prev;
	}
	zone->free_area[page_order(w)].nr_free--;
}

void vanilla_list_untouched(struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;

	for (u32 f = 0; f < 1U << m->spb_order; f += 1U << m->max_order)
		vanilla_list_add(sb, f, m->max_order, MIGRATE_MOVABLE, true);
}

static bool is_unlisted(const struct superpageblock *sb, u32 frame)
{
	return page_is_buddy(sb->page[frame], sb->zone->m->max_order) &&
	       sb->list_prev[frame] == UNLISTED;
}

static u32 count_unlisted(const struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	u32 nr = 0;

	for (u32 f = 0; f < 1U << m->spb_order; f += 1U << m->max_order)
		nr += is_unlisted(sb, f);
	return nr;
}

/* Return: any page joined the list */
static bool list_unlisted(struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	bool any = false;

	for (u32 f = 0; f < 1U << m->spb_order; f += 1U << m->max_order) {
		if (!is_unlisted(sb, f))
			continue;
		vanilla_list_add(sb, f, m->max_order, MIGRATE_MOVABLE, true);
		any = true;
	}
	return any;
}

/*
 * Boot puts the largest pages on one list by address. What superpageblocks have of them joins it
 * when it runs dry: of those that were never touched, and of those with holes, which boot had to
 * touch.
 */
static bool touch_next(struct zone *zone)
{
	while (zone->next_untouched < zone->nr_superpageblocks) {
		struct superpageblock *sb = &zone->superpageblocks[zone->next_untouched++];

		if (!sb->page)
			return spb_touch(sb);
		if (list_unlisted(sb))
			return true;
	}
	return false;
}

void vanilla_list_all(struct zone *zone)
{
	while (touch_next(zone))
		;
}

static struct spot list_head(struct zone *zone, u32 order, u32 mt)
{
	const struct free_list *list = &zone->free_area[order].free_list[mt];

	if (list->head == ZONE_NIL &&
	    (order != zone->m->max_order || mt != MIGRATE_MOVABLE || !touch_next(zone)))
		return (struct spot){ NULL, 0 };
	return spot_of(zone, list->head);
}

bool vanilla_list_head(struct zone *zone, u32 order, u32 mt, u64 *pfn)
{
	const struct spot at = list_head(zone, order, mt);

	if (at.sb)
		*pfn = sb_frame_pfn(at.sb, at.frame);
	return at.sb;
}

static bool check_list(struct zone *zone, u32 order, u32 mt, u64 *nr)
{
	const struct free_list *list = &zone->free_area[order].free_list[mt];
	u32 prev = ZONE_NIL;

	for (u32 index = list->head; index != ZONE_NIL;) {
		const struct spot at = spot_of(zone, index);
		const u64 w = at.sb->page[at.frame];

		if (!page_is_buddy(w, order) || page_mt(w) != mt ||
		    at.sb->list_prev[at.frame] != prev ||
		    ++*nr > zone->free_area[order].nr_free)
			return false;
		prev = index;
		index = word_next(w);
	}
	return list->tail == prev;
}

bool vanilla_check_lists(const struct zone *zone, u32 *order)
{
	for (*order = 0; *order <= zone->m->max_order; (*order)++) {
		u64 nr = 0, counted = 0;

		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
			if (!check_list((struct zone *)zone, *order, mt, &nr))
				return false;
		}
		for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
			const struct superpageblock *sb = &zone->superpageblocks[i];

			if (sb->page)
				counted += sb->free_area[*order].nr_free;
			if (sb->page && *order == zone->m->max_order)
				counted -= count_unlisted(sb);
		}
		if (nr != zone->free_area[*order].nr_free || nr != counted)
			return false;
	}
	return true;
}

/* ---- accounting ---- */

void vanilla_mark_free(struct superpageblock *sb, u32 frame, u32 order)
{
	const struct model *m = sb->zone->m;

	for (u32 i = 0; i < 1U << order; i += m->pageblock_nr_pages) {
		u16 *pb = &sb->pb[frame_block(sb, frame + i)];

		if (*pb & PB_ALL_FREE)
			continue;
		spb_clear_has_type(sb, frame + i, MIGRATE_UNMOVABLE);
		spb_clear_has_type(sb, frame + i, MIGRATE_RECLAIMABLE);
		spb_clear_has_type(sb, frame + i, MIGRATE_MOVABLE);
		*pb |= PB_ALL_FREE;
		sb->nr_free++;
		spb_stuck_update(sb);
		spb_update_list(sb);
	}
}

/* Take the lowest 1 << low pages of a free head; the rest stays on the list of @list_mt. */
static void take(struct search *s, struct spot at, u32 high, u32 list_mt, struct found *found)
{
	const struct model *m = s->m;
	const u32 size = 1U << s->order;

	for (u32 i = 0; i < size; i += m->pageblock_nr_pages) {
		pageblock_now_used(at.sb, at.frame + i);
		spb_set_has_type(at.sb, at.frame + i, s->mt);
	}
	spb_update_list(at.sb);
	del_from_free_list(at.sb, at.frame);
	expand(at.sb, at.frame, s->order, high, list_mt);
	*found = (struct found){ .sb = at.sb, .from = at.sb, .frame = at.frame };
}

/* ---- the modes of __rmqueue() ---- */

static bool smallest(struct search *s, u32 flags __unused, struct found *found)
{
	for (u32 o = s->order; o <= s->m->max_order; o++) {
		const struct spot at = list_head(s->zone, o, s->mt);

		if (!at.sb)
			continue;
		take(s, at, o, s->mt, found);
		if (traced(s->m))
			event_zone_locked(s, found);
		return true;
	}
	return false;
}

static struct spot find_fallback(const struct search *s, u32 order, u32 *mt)
{
	for (u32 i = 0; i < MIGRATE_PCPTYPES - 1; i++) {
		const struct spot at = list_head(s->zone, order, fallback_type(s->mt, i));

		*mt = fallback_type(s->mt, i);
		if (at.sb)
			return at;
	}
	return (struct spot){ NULL, 0 };
}

static bool half_is_compatible(const struct search *s, struct spot at, u32 block_type)
{
	const u32 block = s->m->pageblock_nr_pages;
	u32 free, movable, alike = 0;

	count_block(at.sb, at.frame, &free, &movable);
	if (s->mt == MIGRATE_MOVABLE)
		alike = movable;
	else if (block_type == MIGRATE_MOVABLE)
		alike = block - (free + movable);
	return free + alike >= block / 2;
}

static void relabel_whole(struct spot at, u32 order, u32 mt)
{
	const struct model *m = at.sb->zone->m;

	del_from_free_list(at.sb, at.frame);
	for (u32 i = 0; i < 1U << order; i += m->pageblock_nr_pages)
		set_pageblock_migratetype(at.sb, at.frame + i, mt);
	add_to_free_list(at.sb, at.frame, order, mt, false);
}

/* try_to_claim_block() of upstream (S7.2); watermark boosting is not modelled */
static bool try_claim(struct search *s, struct spot at, u32 order, u32 block_type,
		      struct found *found)
{
	if (order >= s->m->pageblock_order) {
		relabel_whole(at, order, s->mt);
		take(s, at, order, s->mt, found);
		return true;
	}
	if (!block_inside_zone(at.sb, at.frame) || !half_is_compatible(s, at, block_type)) {
		s->zone->counters.claims_refused++;
		return false;
	}
	move_freepages_block(at.sb, at.frame, s->mt);
	set_pageblock_migratetype(at.sb, at.frame, s->mt);
	return smallest(s, 0, found);
}

static bool claim(struct search *s, u32 flags, struct found *found)
{
	const struct model *m = s->m;
	const u32 min_order = (flags & ALLOC_NOFRAGMENT) && s->order < m->pageblock_order ?
			      m->pageblock_order : s->order;

	for (u32 o = m->max_order + 1; o-- > min_order;) {
		struct spot at;
		u32 mt;

		if (!should_try_claim_block(m, o, s->mt))
			return false;
		at = find_fallback(s, o, &mt);
		if (!at.sb || !try_claim(s, at, o, mt, found))
			continue;
		found->fallback_order = (u8)o;
		found->fallback_mt = (u8)mt;
		if (traced(s->m))
			event_extfrag(s, found);
		s->zone->counters.claims++;
		return true;
	}
	return false;
}

static bool steal(struct search *s, u32 flags, struct found *found)
{
	if (flags & ALLOC_NOFRAGMENT)
		return false;
	for (u32 o = s->order; o <= s->m->max_order; o++) {
		u32 mt;
		const struct spot at = find_fallback(s, o, &mt);

		if (!at.sb)
			continue;
		take(s, at, o, mt, found);
		found->fallback_order = (u8)o;
		found->fallback_mt = (u8)mt;
		if (traced(s->m))
			event_extfrag(s, found);
		s->zone->counters.steals++;
		return true;
	}
	return false;
}

/* __rmqueue_cma_fallback() */
static bool rmqueue_cma(struct search *s, u32 flags, struct found *found)
{
	struct search own = *s;

	own.mt = MIGRATE_CMA;
	own.alloc_flags = 0;
	return may_use_cma(s, flags) && smallest(&own, 0, found);
}

/** struct vanilla_step - one mode of __rmqueue() (S7.2); @stays: a refill goes on with it */
struct vanilla_step {
	const char *name;
	enum spb_outcome outcome;
	bool fallback;
	bool stays;
	bool (*take)(struct search *s, u32 flags, struct found *found);
};

static const struct vanilla_step steps[] = {
	{ "NORMAL", OUTCOME_NORMAL, false, false, smallest },
	{ "CMA", OUTCOME_NORMAL, false, true, rmqueue_cma },
	{ "CLAIM", OUTCOME_CLAIM, true, false, claim },
	{ "STEAL", OUTCOME_STEAL, true, true, steal },
};

bool vanilla_rmqueue(struct search *s, u32 alloc_flags, struct found *at)
{
	if (cma_takes_over_half(s, alloc_flags) && rmqueue_cma(s, alloc_flags, at)) {
		at->outcome = OUTCOME_NORMAL;
		return true;
	}
	for (u32 i = s->mode; i < ARRAY_SIZE(steps); i++) {
		if (steps[i].fallback && s->mt >= MIGRATE_PCPTYPES)
			return false;
		s->m->op.outcome = (u8)steps[i].outcome;
		if (!steps[i].take(s, alloc_flags, at))
			continue;
		s->mode = steps[i].stays ? (u8)i : 0;
		at->outcome = (u8)steps[i].outcome;
		return true;
	}
	return false;
}
