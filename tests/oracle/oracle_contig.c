// SPDX-License-Identifier: GPL-2.0
/*
 * Contig ranges (S2.7): spb_try_alloc_contig(), alloc_contig_frozen_range() and what of page
 * isolation it needs. The first aligned range of a clean SPB, that is its first blocks, or all of
 * an SPB.
 *
 * Ours: a range that was taken holds movable pages, and says so in has_movable; no unit is split to
 * move.
 */
#include "tests/oracle/oracle.h"

#include <errno.h>
#include <stdlib.h>

#define NOTHING ((struct opage){ .sb = NULL })

#define CANDIDATES 4	/* SPB_CONTIG_MAX_CANDIDATES */
#define BLOCKS_MAX 64	/* of the SPBs of rounds */
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
		o_free_by_block(sb, head, order);
		sb->zone->o->sites[SITE_CONTIG_SPLIT]++;
	} else {
		o_relabel_block(sb, b * block_pages(g), MIGRATE_ISOLATE);
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
	const u32 head = large_buddy(g, b);

	if (head != O_NONE) {
		const u32 size = sb->frm[head].order;

		o_del_free(sb, head);
		sb->blk[b].label = g->label[b];
		o_free_by_block(sb, head, size);
	} else if (f->state == OF_FREE && f->order == order &&
		   order < sb->zone->o->config.max_order && n->state == OF_FREE &&
		   n->order == order && o_blk(sb, buddy)->label != MIGRATE_ISOLATE) {
		o_del_free(sb, frame);
		o_now_used(sb, frame);
		sb->blk[b].label = g->label[b];
		o_free_one(sb, frame, order, true);
	} else {
		o_relabel_block(sb, frame, g->label[b]);
	}
	o_unlock(sb->zone->o);
}

static void release_from(struct orange *g, u32 b, u32 end)
{
	for (; b < end; b++)
		release(g, b);
}

/* start_isolate_page_range(): the ends first */
static bool isolate_range(struct orange *g)
{
	const u32 last = g->blocks - 1;
	u32 b = 1;

	if (!isolate(g, 0))
		return false;
	if (last && !isolate(g, last)) {
		release(g, 0);
		return false;
	}
	while (b < last && isolate(g, b))
		b++;
	if (b >= last)
		return true;
	release_from(g, 0, b);
	release(g, last);
	return false;
}

/* ---- the range is emptied ---- */

/* isolate_migratepages_range(): on from @at until a batch is full. Return: units */
static u32 next_batch(struct oracle *o, struct oworker *n, const struct orange *g, u32 *at,
		      u32 *units, u32 *pages)
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
		if (*at > end)
			*at = end;
		n->pfn = g->sb->start_pfn + start;
		if (start % block_pages(g) == 0 && nr == before)
			o_rescan(o, n);
	}
	return nr;
}

/* __alloc_contig_migrate_range(): what does not move ends it. Return: pages worked on */
static u64 empty(struct oracle *o, const struct orange *g, u16 cpu)
{
	struct oworker n = { .run = g->sb, .cpu = cpu };
	u32 units[O_BATCH], at = 0;
	u64 worked = 0;
	bool ok = true;

	while (ok && at < g->blocks * block_pages(g)) {
		u32 pages = 0;
		const u32 nr = next_batch(o, &n, g, &at, units, &pages);

		worked += pages;
		ok = o_migrate(o, &n, units, nr);
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
	u64 pages;

	o_pcp_drain_all(z);
	o->in_contig = true;
	pages = empty(o, g, cpu);
	o->in_contig = false;
	o->op = op;
	z->cnt.stall_ns += pages * o->v.migrate_us_per_page * NSEC_PER_USEC;
	o->sites[is_free(g) ? SITE_CONTIG : SITE_CONTIG_GIVEN_BACK]++;
	if (is_free(g)) {
		take(g);
		return true;
	}
	release_from(g, 0, g->blocks);
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

/* sb_collect_contig_candidates(), each tried twice; what fails goes to the tail of its list. */
static struct ospb *try_candidates(struct ozone *z, u32 order, u16 cpu)
{
	const bool whole = 1U << order >= z->o->spb_pages;
	struct ospb *found = NULL;
	struct oseq c = { 0 };

	if (whole)
		add_list(z, OL_EMPTY, order, &c);
	for (u32 i = 0; i < __NR_SB_FULLNESS; i++) {
		const u32 full = whole ? __NR_SB_FULLNESS - 1 - i : i;

		if (whole || full != SB_FULL)
			add_list(z, SB_CLEAN * __NR_SB_FULLNESS + full, order, &c);
	}
	if (!whole)
		add_list(z, OL_EMPTY, order, &c);
	for (u32 i = 0; i < c.n && !found; i++) {
		struct orange g = { .sb = &z->spb[c.v[i]],
				    .blocks = (1U << order) / z->o->block_pages };

		for (u32 t = 0; t < O_TRIES && !found; t++)
			found = try_range(&g, order, cpu) ? g.sb : NULL;
		if (found)
			break;
		oseq_remove(&z->list[g.sb->on], c.v[i]);
		g.sb->on = o_target_list(g.sb);
		oseq_push_tail(&z->list[g.sb->on], c.v[i]);
	}
	o_unlock(z->o);
	free(c.v);
	return found;
}

struct opage o_contig(struct ozone *z, struct oreq *r)
{
	return (struct opage){ .sb = try_candidates(z, r->order, (u16)r->cpu),
			       .outcome = OUTCOME_CONTIG };
}

/* ---- whole superpageblocks ---- */

/* The scan by address: pfn_range_valid_contig(), then once */
static struct ospb *scan(struct ozone *z, u16 cpu)
{
	const struct oracle *o = z->o;

	for (u32 i = 0; i < z->nr_spbs; i++) {
		struct orange g = { .sb = &z->spb[i], .blocks = o->spb_blocks };
		bool valid = !g.sb->contig_allocated && g.sb->start_pfn >= z->start_pfn &&
			     g.sb->start_pfn + o->spb_pages <= z->end_pfn;

		for (u32 b = 0; valid && b < g.blocks; b++)
			valid = may_isolate(&g, b);
		if (valid && try_range(&g, o->config.spb_order, cpu))
			return g.sb;
	}
	return NULL;
}

/*
 * alloc_contig_frozen_pages(): the zones from that asked for downwards, by lists, then by address
 */
static struct ospb *find_whole(struct ozone *asked, u16 cpu)
{
	struct oracle *o = asked->o;
	struct ospb *sb = NULL;

	for (u32 pass = o_vanilla(o) ? 1 : 0; pass < 2 && !sb; pass++) {
		for (u32 i = asked->index + 1; i-- > 0 && !sb; ) {
			struct ozone *z = &o->zone[i];

			if (z->node == asked->node)
				sb = pass ? scan(z, cpu) :
					    try_candidates(z, o->config.spb_order, cpu);
		}
	}
	return sb;
}

int oracle_alloc_contig(struct oracle *o, u64 now, u32 zone, u32 cpu, u64 *pfn)
{
	struct ospb *sb;

	oracle_run(o, now);
	o->cpu = (u16)cpu;
	sb = find_whole(&o->zone[zone], (u16)cpu);
	o_unlock(o);
	if (!sb)
		return -ENOSPC;
	for (u32 f = 0; f < o->spb_pages; f += 1U << o->config.max_order)
		sb->frm[f] = (struct ofrm){ .state = OF_USED, .order = (u8)o->config.max_order,
					    .mt = MIGRATE_MOVABLE };
	sb->contig_allocated = true;
	o_update_list(sb);
	sb->zone->cnt.contig_spbs++;
	o->sites[SITE_WHOLE_SPB]++;
	*pfn = sb->start_pfn;
	return 0;
}

int oracle_free_contig(struct oracle *o, u64 now, u32 cpu, u64 pfn)
{
	struct ospb *sb = o_spb_of(o_zone_of(o, pfn), pfn);

	oracle_run(o, now);
	o->cpu = (u16)cpu;
	o->op = (struct oop){ .cause = CAUSE_FREE, .order = (u8)o->config.spb_order,
			      .mt = MIGRATE_MOVABLE };
	sb->contig_allocated = false;
	o_update_list(sb);
	for (u32 f = 0; f < o->spb_pages; f += 1U << o->config.max_order) {
		sb->frm[f] = (struct ofrm){ .state = OF_INSIDE };
		o_free_by_block(sb, f, o->config.max_order);
	}
	o_unlock(o);
	o_report_taint_of(sb, OUTCOME_NO_PAGE);
	return 0;
}
