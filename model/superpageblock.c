// SPDX-License-Identifier: GPL-2.0
#include "model/superpageblock.h"

#include "model/candidates.h"
#include "model/defrag.h"
#include "model/event.h"

enum sb_fullness sb_get_fullness(const struct superpageblock *sb, enum sb_category cat)
{
	const struct model *m = sb->zone->m;
	const u32 quarter = (1U << (m->spb_order - m->pageblock_order)) / 4;
	const u32 total = sb->total_pageblocks;
	const u32 used = cat == SB_TAINTED ? (u32)sb->nr_unmovable + sb->nr_reclaimable :
					     total - sb->nr_free;

	if (!total || used >= total)
		return SB_FULL;
	if (used >= 3 * quarter)
		return SB_FULL_75;
	if (used >= 2 * quarter)
		return SB_FULL_50;
	if (used >= quarter)
		return SB_FULL_25;
	return SB_ALMOST_EMPTY;
}

static void unlink_spb(struct superpageblock *sb)
{
	struct spb_list *list = sb->on;

	if (sb->prev)
		sb->prev->next = sb->next;
	else
		list->head = sb->next;
	if (sb->next)
		sb->next->prev = sb->prev;
	else
		list->tail = sb->prev;
	sb->on = NULL;
}

static void link_tail(struct superpageblock *sb, struct spb_list *list)
{
	sb->next = NULL;
	sb->prev = list->tail;
	if (list->tail)
		list->tail->next = sb;
	else
		list->head = sb;
	list->tail = sb;
	sb->on = list;
}

void spb_list_add_tail(struct superpageblock *sb, struct spb_list *list)
{
	link_tail(sb, list);
	candidates_member(sb, list, true);
}

static void move_tail(struct superpageblock *sb, struct spb_list *to)
{
	struct spb_list *from = sb->on;

	unlink_spb(sb);
	link_tail(sb, to);
	if (from == to)
		return;
	candidates_member(sb, from, false);
	candidates_member(sb, to, true);
}

struct spb_list *spb_target_list(struct superpageblock *sb)
{
	struct zone *zone = sb->zone;
	enum sb_category cat;

	if (sb->contig_allocated)
		return &zone->spb_isolated;
	if (sb->nr_free == sb->total_pageblocks)
		return &zone->spb_empty;
	cat = spb_get_category(sb);
	return &zone->spb_lists[cat][sb_get_fullness(sb, cat)];
}

void spb_list_rotate(struct superpageblock *sb)
{
	sb->list_stale = false;
	move_tail(sb, spb_target_list(sb));
}

void spb_update_list(struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	const struct variant *v = &m->v;
	const struct spb_list *from = sb->on;
	struct spb_list *to = spb_target_list(sb);

	sb->list_stale = false;
	if (v->update_list_mode == UPDATE_LIST_BUCKET && sb->on == to) {
		if (v->update_list_rotate)
			move_tail(sb, to);
		return;
	}
	move_tail(sb, to);
	if (unlikely(from != to && !m->booting && m->obs && m->obs->list_moved))
		event_list_moved(sb, from);
	if (to == &sb->zone->spb_empty || to == &sb->zone->spb_isolated)
		return;
	if (v->trigger_update)
		spb_maybe_start_defrag(sb, TRIGGER_UPDATE);
}
