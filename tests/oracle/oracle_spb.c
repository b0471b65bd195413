// SPDX-License-Identifier: GPL-2.0
/* Superpageblocks: counters, category, lists (S1.6), and who asks for defrag (S4.1, S6). */
#include "tests/oracle/oracle.h"

#include <string.h>

u32 o_nr_unmovable(const struct ospb *sb)
{
	u32 n = 0;

	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++)
		n += sb->blk[b].has_unmovable;
	return n;
}

u32 o_nr_reclaimable(const struct ospb *sb)
{
	u32 n = 0;

	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++)
		n += sb->blk[b].has_reclaimable;
	return n;
}

u32 o_nr_movable(const struct ospb *sb)
{
	u32 n = 0;

	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++)
		n += sb->blk[b].has_movable;
	return n;
}

/*
 * Counted down from the total, not below zero, each time that boot initialises a block: those of a
 * CMA area are initialised twice, init_cma_reserved_pageblock() after memmap_init_range().
 */
u32 o_nr_reserved(const struct ospb *sb)
{
	u32 n = sb->total_pageblocks;

	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++) {
		n -= n && !sb->blk[b].outside && !sb->blk[b].reserved;
		n -= n && sb->blk[b].cma;
	}
	return n;
}

u32 o_nr_free(const struct ospb *sb)
{
	u32 n = 0;

	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++)
		n += sb->blk[b].all_free;
	return n;
}

/* S1.1: max(4, total / 32), both numbers knobs */
u32 o_reserve(const struct ospb *sb)
{
	const struct variant *v = &sb->zone->o->v;
	const u32 share = sb->total_pageblocks / v->tainted_reserve_div;

	return share < v->tainted_reserve_min ? v->tainted_reserve_min : share;
}

u32 o_category(const struct ospb *sb)
{
	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++) {
		const struct oblk *blk = &sb->blk[b];

		if (blk->has_unmovable || blk->has_reclaimable)
			return SB_TAINTED;
	}
	return o_nr_reserved(sb) ? SB_TAINTED : SB_CLEAN;
}

u32 o_fullness(const struct ospb *sb, u32 cat)
{
	const u32 quarter = sb->zone->o->spb_blocks / 4;
	const u32 total = sb->total_pageblocks;
	const u32 used = cat == SB_TAINTED ? o_nr_unmovable(sb) + o_nr_reclaimable(sb) :
					     total - o_nr_free(sb);

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

u32 o_target_list(const struct ospb *sb)
{
	const u32 cat = o_category(sb);

	if (sb->contig_allocated)
		return OL_ISOLATED;
	if (o_nr_free(sb) == sb->total_pageblocks)
		return OL_EMPTY;
	return cat * __NR_SB_FULLNESS + o_fullness(sb, cat);
}

bool o_on_tainted(const struct ospb *sb)
{
	return sb->on >= SB_TAINTED * __NR_SB_FULLNESS && sb->on < OL_EMPTY;
}

/* S1.6, S6.4. Bucket mode: no call counts but those that change the list. */
void o_update_list(struct ospb *sb)
{
	const struct variant *v = &sb->zone->o->v;
	const u32 to = o_target_list(sb);
	const u32 from = sb->on;
	const bool acts = v->update_list_mode == UPDATE_LIST_ALWAYS || to != from;

	if (acts || v->update_list_rotate) {
		oseq_remove(&sb->zone->list[from], sb->index);
		oseq_push_tail(&sb->zone->list[to], sb->index);
		sb->on = to;
	}
	if (to != from)
		o_trace_list(sb, from);
	if (acts && to != OL_EMPTY && to != OL_ISOLATED && v->trigger_update)
		o_maybe_start_defrag(sb, TRIGGER_UPDATE);
}

u64 o_jiffies(const struct oracle *o)
{
	return (u64)((unsigned __int128)o->now * o->v.hz / NSEC_PER_SEC);
}

/* Time left of the no-progress cooldown, ns; 0: none runs (S4.1, S4.3). */
static u64 cooldown_left(const struct ospb *sb)
{
	const struct oracle *o = sb->zone->o;
	const u64 until = sb->stamp + (u64)o->v.defrag_cooldown_ms * o->v.hz / 1000;

	if (!sb->stamp || o_jiffies(o) >= until)
		return 0;
	if (sb->free_pages >= sb->stamp_pages + o->v.cooldown_bypass_pages)
		return 0;
	return (u64)((unsigned __int128)until * NSEC_PER_SEC / o->v.hz) - o->now;
}

static u32 verdict_of(const struct ospb *sb, u32 trigger)
{
	if (cooldown_left(sb))
		return VERDICT_COOLDOWN;
	if (o_category(sb) == SB_CLEAN && sb->zone->o->v.defrag_clean == DEFRAG_CLEAN_STUB &&
	    trigger == TRIGGER_UPDATE)
		return sb->defrag_active ? VERDICT_ACTIVE : VERDICT_QUEUED;
	if (o_category(sb) == SB_CLEAN)
		return VERDICT_CLEAN;
	if (!o_nr_movable(sb))
		return VERDICT_NOTHING_MOVABLE;
	if (o_nr_free(sb) >= o_reserve(sb))
		return VERDICT_ABOVE_RESERVE;
	return sb->defrag_active ? VERDICT_ACTIVE : VERDICT_QUEUED;
}

void o_maybe_start_defrag(struct ospb *sb, u32 trigger)
{
	struct oracle *o = sb->zone->o;
	struct model_chance c = { .time = o->now, .spb = sb->index,
				  .zone = (u16)sb->zone->index, .trigger = (u8)trigger };

	if (o->booting || o_vanilla(o))
		return;		/* the irq_work is set up by a late initcall of the series */
	c.verdict = (u8)verdict_of(sb, trigger);
	if (c.verdict == VERDICT_COOLDOWN)
		c.cooldown_left = cooldown_left(sb);
	sb->zone->cnt.chances[trigger][c.verdict]++;
	o->obs->chance(o->ctx, &c);
	if (c.verdict != VERDICT_QUEUED)
		return;
	sb->defrag_active = true;
	sb->defrag_trigger = (u8)trigger;
	sb->defrag_cpu = o->cpu;
	sb->queued_at = o->now;
	o_raise(o, sb->zone->index << 16 | sb->index);
}

/* queue_work() does nothing while the work is pending (S5); while it runs, it is queued again. */
void o_queue_shrink(struct ozone *z)
{
	struct oracle *o = z->o;
	struct onode *n = z->node;

	if (!o->v.shrink_enable || o->booting || n->shrink_pending)
		return;
	n->shrink_pending = true;
	n->shrink_at = o->now;
	n->shrink_cpu = o->cpu;
	o_raise(o, OWORK_SHRINK | z->index);
	z->cnt.shrink_queued++;
	o->obs->shrink_queued(o->ctx, o->now, z->index);
}

/* S6.1. Without the patch the same gate leads to the shrink alone (column "before"). */
void o_react(struct ospb *sb)
{
	const struct oracle *o = sb->zone->o;

	if (o_category(sb) != SB_TAINTED)
		return;
	if (sb->free_pages >= (u64)o_reserve(sb) * o->block_pages)
		return;
	o_queue_shrink(sb->zone);
	if (o->v.trigger_alloc)
		o_maybe_start_defrag(sb, TRIGGER_ALLOC);
}

struct ozone *o_zone_of(struct oracle *o, u64 pfn)
{
	for (u32 i = 0; i < o->nr_zones; i++) {
		if (pfn >= o->zone[i].start_pfn && pfn < o->zone[i].end_pfn)
			return &o->zone[i];
	}
	return NULL;
}

struct ospb *o_spb_of(struct ozone *z, u64 pfn)
{
	return &z->spb[(pfn - z->base_pfn) / z->o->spb_pages];
}

void o_remember_categories(struct oracle *o)
{
	for (u32 z = 0; z < o->nr_zones; z++) {
		for (u32 i = 0; i < o->zone[z].nr_spbs; i++) {
			struct ospb *sb = &o->zone[z].spb[i];

			sb->category_before = sb->category_at_op = (u8)o_category(sb);
		}
	}
}

void o_report_taint_of(struct ospb *sb, u32 outcome)
{
	struct oracle *o = sb->zone->o;
	const struct model_taint t = {
		.time = o->now, .start_pfn = sb->start_pfn, .spb = sb->index,
		.zone = (u16)sb->zone->index, .from = sb->category_before,
		.to = (u8)o_category(sb), .cause = o->op.cause, .outcome = (u8)outcome,
		.order = o->op.order, .migratetype = o->op.mt, .worker = o->working,
	};

	if (t.from == t.to)
		return;
	sb->category_before = t.to;
	if (o->op.cause != CAUSE_OUTCOME)
		sb->category_at_op = t.to;
	sb->taints += t.to == SB_TAINTED;
	o->obs->taint(o->ctx, &t);
}

void o_report_taints(struct oracle *o, u32 outcome)
{
	for (u32 z = 0; z < o->nr_zones; z++) {
		for (u32 i = 0; i < o->zone[z].nr_spbs; i++)
			o_report_taint_of(&o->zone[z].spb[i], outcome);
	}
}
