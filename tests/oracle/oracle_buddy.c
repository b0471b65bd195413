// SPDX-License-Identifier: GPL-2.0
/* Free lists, pageblock bits, taking and giving pages (S2.1, S3). */
#include "tests/oracle/oracle.h"

#include <stdlib.h>

struct oblk *o_blk(const struct ospb *sb, u32 frame)
{
	return &sb->blk[frame / sb->zone->o->block_pages];
}

static bool *has_bit(struct ospb *sb, u32 frame, u32 mt)
{
	struct oblk *b = o_blk(sb, frame);

	switch (mt) {
	case MIGRATE_UNMOVABLE:
	case MIGRATE_HIGHATOMIC:
		return &b->has_unmovable;
	case MIGRATE_RECLAIMABLE:
		return &b->has_reclaimable;
	default:
		return &b->has_movable;
	}
}

static u32 count_has(struct ospb *sb, u32 mt)
{
	u32 n = 0;

	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++)
		n += *has_bit(sb, b * sb->zone->o->block_pages, mt);
	return n;
}

/* Told only when the bit changes (S1.5) */
static void put_has(struct ospb *sb, u32 frame, u32 mt, bool on)
{
	bool *bit = has_bit(sb, frame, mt);

	if (*bit == on)
		return;
	*bit = on;
	o_trace_taint(sb, frame, mt, on, count_has(sb, mt));
}

void o_set_has(struct ospb *sb, u32 frame, u32 mt)
{
	put_has(sb, frame, mt, true);
}

void o_clear_has(struct ospb *sb, u32 frame, u32 mt)
{
	put_has(sb, frame, mt, false);
}

/* Only the head of a list is ever looked at. */
u32 o_head(const struct ospb *sb, u32 order, u32 mt)
{
	const struct oseq *s = &sb->free_list[order][mt];

	return s->n ? s->v[0] : O_NONE;
}

void o_add_free(struct ospb *sb, u32 frame, u32 order, u32 mt, bool tail)
{
	sb->frm[frame] = (struct ofrm){ .state = OF_FREE, .order = (u8)order, .mt = (u8)mt };
	if (tail)
		oseq_push_tail(&sb->free_list[order][mt], frame);
	else
		oseq_push_head(&sb->free_list[order][mt], frame);
	sb->free_pages += 1ULL << order;
}

static void del_free(struct ospb *sb, u32 frame, u32 order, u32 mt)
{
	const struct ofrm *f = &sb->frm[frame];

	if (f->state != OF_FREE || f->order != order || f->mt != mt)
		abort();
	oseq_remove(&sb->free_list[order][mt], frame);
	sb->frm[frame] = (struct ofrm){ .state = OF_INSIDE };
	sb->free_pages -= 1ULL << order;
}

/* Halves to the head, upper one first; what is left is the lowest part. */
static void expand(struct ospb *sb, u32 frame, u32 low, u32 high, u32 mt)
{
	while (high > low) {
		high--;
		o_add_free(sb, frame + (1U << high), high, mt, false);
	}
}

void o_now_used(struct ospb *sb, u32 frame)
{
	struct oblk *b = o_blk(sb, frame);

	if (!b->all_free)
		return;
	b->all_free = false;
	o_update_list(sb);
}

/*
 * Blocks that a removal of order @high for a request of order @low marks used: all of them
 * (S2.3 item 4), or without the quirk only those that the request takes from.
 */
static u32 marked_frames(const struct ospb *sb, u32 low, u32 high)
{
	const struct oracle *o = sb->zone->o;

	if (o->v.order10_quirk || (1U << low) >= o->block_pages)
		return o->v.order10_quirk ? 1U << high : 1U << low;
	return o->block_pages;
}

static void mark_used(struct ospb *sb, u32 frame, u32 low, u32 high, u32 mt)
{
	const u32 block = sb->zone->o->block_pages;

	for (u32 f = frame; f < frame + marked_frames(sb, low, high); f += block) {
		o_now_used(sb, f);
		o_set_has(sb, f, mt);
	}
}

void o_del_and_expand(struct ospb *sb, u32 frame, u32 low, u32 high, u32 mt)
{
	if ((1U << high) >= sb->zone->o->block_pages)
		mark_used(sb, frame, low, high, mt);
	else
		o_set_has(sb, frame, mt);
	o_update_list(sb);
	del_free(sb, frame, high, mt);
	expand(sb, frame, low, high, mt);
}

void o_claim_whole_block(struct ospb *sb, u32 frame, u32 high, u32 low, u32 new_mt, u32 old_mt)
{
	mark_used(sb, frame, low, high, new_mt);
	del_free(sb, frame, high, old_mt);
	for (u32 f = frame; f < frame + (1U << high); f += sb->zone->o->block_pages)
		o_blk(sb, f)->label = (u8)new_mt;
	expand(sb, frame, low, high, new_mt);
	o_update_list(sb);
}

/* All free pages of the block to the tails of the lists of @new_mt, lowest first; relabel. */
void o_move_block(struct ospb *sb, u32 frame, u32 new_mt)
{
	const u32 block = sb->zone->o->block_pages;
	const u32 start = frame / block * block;

	for (u32 f = start; f < start + block; f++) {
		const struct ofrm old = sb->frm[f];

		if (old.state != OF_FREE)
			continue;
		del_free(sb, f, old.order, old.mt);
		o_add_free(sb, f, old.order, new_mt, true);
	}
	o_blk(sb, start)->label = (u8)new_mt;
}

void o_del_free(struct ospb *sb, u32 frame)
{
	if (o_vanilla(sb->zone->o))
		o_vanilla_del_free(sb, frame);
	else
		del_free(sb, frame, sb->frm[frame].order, sb->frm[frame].mt);
}

void o_relabel_block(struct ospb *sb, u32 frame, u32 mt)
{
	if (o_vanilla(sb->zone->o))
		o_vanilla_move_block(sb, frame, mt);
	else
		o_move_block(sb, frame, mt);
}

static u32 mark_block_free(struct ospb *sb, u32 frame, u32 mt)
{
	struct oblk *b = o_blk(sb, frame);

	o_disown(sb, frame);
	o_clear_has(sb, frame, MIGRATE_UNMOVABLE);
	o_clear_has(sb, frame, MIGRATE_RECLAIMABLE);
	o_clear_has(sb, frame, MIGRATE_MOVABLE);
	if (!b->all_free) {
		b->all_free = true;
		o_update_list(sb);
	}
	if (mt != MIGRATE_UNMOVABLE && mt != MIGRATE_RECLAIMABLE && mt != MIGRATE_HIGHATOMIC)
		return mt;
	b->label = MIGRATE_MOVABLE;
	return MIGRATE_MOVABLE;
}

static bool is_buddy(const struct ospb *sb, u32 frame, u32 order)
{
	return sb->frm[frame].state == OF_FREE && sb->frm[frame].order == order;
}

static bool mergeable(u32 mt)
{
	return mt < MIGRATE_PCPTYPES;
}

/* buddy_merge_likely(): the buddy of the next order is free (S3) */
static bool merge_likely(const struct ospb *sb, u32 frame, u32 order)
{
	if (order >= sb->zone->o->config.max_order - 1)
		return false;
	return is_buddy(sb, (frame & ~(1U << order)) ^ (2U << order), order + 1);
}

void o_free_one(struct ospb *sb, u32 frame, u32 order, bool to_tail)
{
	const struct oracle *o = sb->zone->o;
	u32 mt = o_blk(sb, frame)->label;

	if (o_vanilla(o)) {
		o_vanilla_free_one(sb, frame, order, to_tail);
		return;
	}
	if ((1U << order) >= o->block_pages) {
		for (u32 f = frame; f < frame + (1U << order); f += o->block_pages)
			mark_block_free(sb, f, o_blk(sb, f)->label);
		if (mt != MIGRATE_CMA && mt != MIGRATE_ISOLATE)
			mt = MIGRATE_MOVABLE;
	}
	while (order < o->config.max_order) {
		const u32 buddy = frame ^ (1U << order);
		const u32 buddy_mt = order >= o->config.pageblock_order ?
				     o_blk(sb, buddy)->label : mt;

		if (!is_buddy(sb, buddy, order))
			break;
		if (buddy_mt != mt && !(mergeable(mt) && mergeable(buddy_mt)))
			break;
		del_free(sb, buddy, order, sb->frm[buddy].mt);
		if (buddy_mt != mt) {
			for (u32 f = buddy; f < buddy + (1U << order); f += o->block_pages)
				o_blk(sb, f)->label = (u8)mt;
		}
		frame &= buddy;
		order++;
		if (order == o->config.pageblock_order)
			mt = mark_block_free(sb, frame, mt);
	}
	o_add_free(sb, frame, order, mt, to_tail || merge_likely(sb, frame, order));
}

void o_free_by_block(struct ospb *sb, u32 frame, u32 order)
{
	const u32 block = sb->zone->o->config.pageblock_order;
	const u32 end = frame + (1U << order);

	for (u32 f = frame; f < end; f += sb->zone->o->block_pages)
		o_free_one(sb, f, order < block ? order : block, false);
}

void o_free_unit(struct ospb *sb, u32 frame)
{
	const struct ofrm old = sb->frm[frame];

	sb->zone->o->op = (struct oop){ .cause = CAUSE_FREE, .order = old.order, .mt = old.mt };
	sb->frm[frame] = (struct ofrm){ .state = OF_INSIDE };
	if (!o_pcp_free(sb, frame, old.order))
		o_free_by_block(sb, frame, old.order);
	o_unlock(sb->zone->o);
	o_report_taint_of(sb, OUTCOME_NO_PAGE);
}
