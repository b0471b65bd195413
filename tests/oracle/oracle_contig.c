// SPDX-License-Identifier: GPL-2.0
/*
 * Contig ranges for the slow path (S2.7): spb_try_alloc_contig(), alloc_contig_frozen_range() and what of
 * page isolation it needs. The first aligned range of a clean SPB, that is its first blocks.
 *
 * Ours: a range that was taken holds movable pages, and says so in has_movable; no unit is split to move.
 */
#include "tests/oracle/oracle.h"

#include <stdlib.h>

#define NOTHING ((struct opage){ .sb = NULL })

#define CANDIDATES 4	/* SPB_CONTIG_MAX_CANDIDATES */
#define BLOCKS_MAX 2
#define O_TRIES 2

/** struct orange - the first @blocks blocks of @sb; @label: theirs while isolated */
struct orange {
	struct ospb *sb;
	u32 blocks;
	u8 label[BLOCKS_MAX];
};

static u32 block_pages(const struct orange *g)
{
	return g->sb->zone->o->block_pages;
}

/* ---- isolation ---- */

/* has_unmovable_pages(); pages on per-CPU lists have no references */
static bool may_isolate(const struct orange *g, u32 b)
{
	const struct oblk *blk = &g->sb->blk[b];
	const u32 start = b * block_pages(g), end = start + block_pages(g);

	if (blk->outside || blk->reserved || blk->label == MIGRATE_CMA)
		return false;
	for (u32 f = start; f < end; f++) {
		const struct ofrm *p = &g->sb->frm[f];

		if (p->state == OF_FIXED || (p->state == OF_USED && !o_movable_unit(p)))
			return false;
		/* isolate_single_pageblock(): nothing in use may reach over an end of the range */
		if (p->state == OF_USED && f + (1U << p->order) > g->blocks * block_pages(g))
			return false;
	}
	return true;
}

/* The free unit of more than a block that block @b is part of, or O_NONE */
static u32 large_buddy(const struct orange *g, u32 b)
{
	const struct oracle *o = g->sb->zone->o;
	const u32 frame = b * o->block_pages;

	for (u32 order = o->config.pageblock_order + 1; order <= o->config.max_order; order++) {
		const u32 head = frame >> order << order;

		if (g->sb->frm[head].state == OF_FREE && g->sb->frm[head].order == order)
			return head;
	}
	return O_NONE;
}

/* split_large_buddy() */
static void free_by_block(struct ospb *sb, u32 head, u32 order)
{
	const struct oracle *o = sb->zone->o;

	for (u32 f = head; f < head + (1U << order); f += o->block_pages)
		o_free_one(sb, f, o->config.pageblock_order, false);
}

/* pageblock_isolate_and_move_free_pages() */
static bool isolate(struct orange *g, u32 b)
{
	struct ospb *sb = g->sb;
	u32 head;

	if (!may_isolate(g, b))
		return false;
	g->label[b] = sb->blk[b].label;
	head = large_buddy(g, b);
	if (head != O_NONE) {
		const u32 order = sb->frm[head].order;

		o_del_free(sb, head);
		sb->blk[b].label = MIGRATE_ISOLATE;
		free_by_block(sb, head, order);
		sb->zone->o->sites[SITE_CONTIG_SPLIT]++;
	} else {
		o_move_block(sb, b * block_pages(g), MIGRATE_ISOLATE);
	}
	o_unlock(sb->zone->o);
	o_report_taint_of(sb, OUTCOME_NO_PAGE);
	return true;
}

/* unset_migratetype_isolate(): a block that could have merged with its neighbour does so now. */
static void release(struct orange *g, u32 b)
{
	struct ospb *sb = g->sb;
	const u32 frame = b * block_pages(g), buddy = frame ^ block_pages(g);
	const u32 order = sb->zone->o->config.pageblock_order;
	const struct ofrm *f = &sb->frm[frame], *n = &sb->frm[buddy];

	if (f->state == OF_FREE && f->order == order && order < sb->zone->o->config.max_order &&
	    n->state == OF_FREE && n->order == order && o_blk(sb, buddy)->label != MIGRATE_ISOLATE) {
		o_del_free(sb, frame);
		o_now_used(sb, frame);
		sb->blk[b].label = g->label[b];
		o_free_one(sb, frame, order, true);
	} else {
		o_move_block(sb, frame, g->label[b]);
	}
	o_unlock(sb->zone->o);
}

/* start_isolate_page_range(): the ends first; @g has no more than these */
static bool isolate_range(struct orange *g)
{
	if (!isolate(g, 0))
		return false;
	if (g->blocks == 1 || isolate(g, 1))
		return true;
	release(g, 0);
	return false;
}

/* ---- the range is emptied ---- */

/* isolate_migratepages_range(): on from @at until a batch is full. Return: units */
static u32 next_batch(struct oracle *o, struct oworker *n, const struct orange *g, u32 *at, u32 *units,
		      u32 *pages)
{
	u32 nr = 0;

	while (*at < g->blocks * block_pages(g) && *pages < o->v.migrate_batch) {
		const u32 start = *at, end = (start / block_pages(g) + 1) * block_pages(g);
		const u32 before = nr;

		while (*at < end && *pages < o->v.migrate_batch) {
			const struct ofrm *f = &g->sb->frm[*at];
			const u32 size = o_movable_unit(f) ? 1U << f->order : 1;

			if (o_movable_unit(f)) {
				units[nr++] = *at;
				*pages += size;
			}
			*at += size;
		}
		n->pfn = g->sb->start_pfn + start;
		if (start % block_pages(g) == 0 && nr == before)
			o_rescan(o, n);
	}
	return nr;
}

/* __alloc_contig_migrate_range(): what does not move ends it. Return: pages worked on */
static u64 empty(struct oracle *o, const struct orange *g, u16 cpu, struct oworker *n)
{
	u32 units[O_BATCH], at = 0;
	u64 worked = 0;
	bool ok = true;

	*n = (struct oworker){ .run = g->sb, .cpu = cpu };
	while (ok && at < g->blocks * block_pages(g)) {
		u32 pages = 0;
		const u32 nr = next_batch(o, n, g, &at, units, &pages);

		worked += pages;
		ok = o_migrate(o, n, units, nr);
	}
	return worked;
}

/* test_pages_isolated() */
static bool is_free(const struct orange *g)
{
	u32 f = 0;

	while (f < g->blocks * block_pages(g) && g->sb->frm[f].state == OF_FREE)
		f += 1U << g->sb->frm[f].order;
	return f >= g->blocks * block_pages(g);
}

/* isolate_freepages_range(), then the labels are as before */
static void take(struct orange *g)
{
	struct ospb *sb = g->sb;

	for (u32 f = 0; f < g->blocks * block_pages(g); ) {
		const u32 size = 1U << sb->frm[f].order;

		o_del_free(sb, f);
		for (u32 b = f; size >= block_pages(g) && b < f + size; b += block_pages(g))
			o_now_used(sb, b);
		f += size;
	}
	for (u32 b = 0; b < g->blocks; b++) {
		sb->blk[b].label = g->label[b];
		o_set_has(sb, b * block_pages(g), MIGRATE_MOVABLE);
	}
	o_update_list(sb);
}

static bool take_isolated(struct orange *g, u16 cpu)
{
	struct ozone *z = g->sb->zone;
	struct oracle *o = z->o;
	const struct oop op = o->op;
	struct oworker n;
	u64 pages;

	o_pcp_drain_all(z);
	o->in_contig = true;
	pages = empty(o, g, cpu, &n);
	o->in_contig = false;
	o->op = op;
	z->cnt.stall_ns += pages * o->v.migrate_us_per_page * NSEC_PER_USEC;
	z->cnt.pages_migrated += n.pass.pages_migrated;
	z->cnt.pages_dropped += n.pass.pages_dropped;
	z->cnt.pages_failed += n.pass.pages_failed;
	o->sites[is_free(g) ? SITE_CONTIG : SITE_CONTIG_GIVEN_BACK]++;
	if (is_free(g)) {
		take(g);
		return true;
	}
	for (u32 b = 0; b < g->blocks; b++)
		release(g, b);
	return false;
}

/* Ours: a block whose bits go when it is split off was freed, as far as taints are told. */
static bool try_range(struct orange *g, u32 order, u16 cpu)
{
	struct oracle *o = g->sb->zone->o;
	const struct oop op = o->op;
	bool taken;

	o->op = (struct oop){ .cause = CAUSE_FREE, .order = (u8)order, .mt = MIGRATE_MOVABLE };
	taken = isolate_range(g) && take_isolated(g, cpu);
	o_report_taint_of(g->sb, OUTCOME_NO_PAGE);
	o->op = op;
	return taken;
}

/* ---- candidates ---- */

static void add_list(const struct ozone *z, u32 list, u32 order, struct oseq *out)
{
	for (u32 i = 0; i < z->list[list].n && out->n < CANDIDATES; i++) {
		const u32 spb = z->list[list].v[i];

		if (z->spb[spb].total_pageblocks * z->o->block_pages >= 1U << order)
			oseq_push_tail(out, spb);
	}
}

struct opage o_contig(struct ozone *z, struct oreq *r)
{
	struct opage p = NOTHING;
	struct oseq c = { 0 };

	for (u32 full = SB_FULL_75; full < __NR_SB_FULLNESS; full++)
		add_list(z, SB_CLEAN * __NR_SB_FULLNESS + full, r->order, &c);
	add_list(z, OL_EMPTY, r->order, &c);
	for (u32 i = 0; i < c.n && !p.sb; i++) {
		struct orange g = { .sb = &z->spb[c.v[i]],
				    .blocks = (1U << r->order) / z->o->block_pages };

		for (u32 t = 0; t < O_TRIES && !p.sb; t++) {
			if (try_range(&g, r->order, (u16)r->cpu))
				p = (struct opage){ .sb = g.sb, .outcome = OUTCOME_CONTIG };
		}
		if (p.sb)
			break;
		oseq_remove(&z->list[g.sb->on], c.v[i]);
		g.sb->on = o_target_list(g.sb);
		oseq_push_tail(&z->list[g.sb->on], c.v[i]);
	}
	o_unlock(z->o);
	free(c.v);
	return p;
}
