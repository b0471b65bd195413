// SPDX-License-Identifier: GPL-2.0
/*
 * The series' per-CPU buddy (S2.8), after rmqueue_bulk(), pcp_rmqueue_smallest(),
 * free_pcppages_bulk() and absorb_remote_frees().
 */
#include "tests/oracle/oracle.h"

#include <stdlib.h>

#define NOTHING ((struct opage){ .sb = NULL })

static u32 this_cpu(const struct ozone *z, const struct opcp *pcp)
{
	return (u32)(pcp - z->pcp);
}

/* ---- owners of blocks ---- */

static u32 block_id(const struct ospb *sb, u32 frame)
{
	const u32 block = sb->zone->o->block_pages;

	return o_pcp_id(sb, frame / block * block);
}

void o_disown(struct ospb *sb, u32 frame)
{
	struct oblk *b = o_blk(sb, frame);

	if (b->on_owned)
		oseq_remove(&sb->zone->pcp[b->pcp_owner - 1].owned_blocks, block_id(sb, frame));
	b->on_owned = false;
	b->pcp_owner = 0;
}

static void note_fragments(struct opcp *pcp, struct ospb *sb, u32 frame)
{
	struct oblk *b = o_blk(sb, frame);

	if (b->on_owned)
		return;
	b->on_owned = true;
	oseq_push_head(&pcp->owned_blocks, block_id(sb, frame));
}

/* ---- pages that other CPUs freed ---- */

bool o_pcp_buddy_remote(struct ospb *sb, u32 frame, u32 order)
{
	struct ozone *z = sb->zone;
	const u32 owner = o_blk(sb, frame)->pcp_owner;

	if (!owner || owner - 1 == z->o->cpu % z->o->config.nr_cpus)
		return false;
	sb->frm[frame] = (struct ofrm){ .state = OF_PCP, .order = (u8)order };
	oseq_push_head(&z->pcp[owner - 1].free_llist, o_pcp_id(sb, frame));
	z->o->sites[SITE_REMOTE_FREE]++;
	return true;
}

static void absorb(struct ozone *z, struct opcp *pcp)
{
	for (u32 i = 0; i < pcp->free_llist.n; i++) {
		const u32 id = pcp->free_llist.v[i];
		const struct opage p = o_pcp_spot(z, id);
		const u32 label = o_blk(p.sb, p.frame)->label;

		o_pcp_enqueue(z, pcp, id, p.sb->frm[p.frame].order,
			      label < MIGRATE_PCPTYPES ? label : MIGRATE_MOVABLE, false, true);
	}
	pcp->free_llist.n = 0;
}

/* ---- allocate ---- */

struct opage o_pcp_buddy_smallest(struct ozone *z, struct opcp *pcp, u32 order, u32 mt)
{
	absorb(z, pcp);
	for (u32 high = order; high <= z->o->config.pageblock_order; high++) {
		const struct oseq *l = &pcp->list[o_pcp_list(z->o, high, mt)];
		bool owned;
		u32 id;

		if (!l->n)
			continue;
		id = l->v[0];
		owned = o_pcp_spot(z, id).sb->frm[o_pcp_spot(z, id).frame].pcp_buddy;
		o_pcp_dequeue(z, pcp, id);
		while (high > order) {
			high--;
			o_pcp_enqueue(z, pcp, id + (1U << high), high, mt, false, owned);
		}
		return o_pcp_spot(z, id);
	}
	return NOTHING;
}

/** struct orefill - rmqueue_bulk() under way; in pages */
struct orefill {
	struct ozone *z;
	struct oreq *r;
	struct opcp *pcp;
	s64 needed;
	s64 got;
	struct opage first;
};

static void keep(struct orefill *f, const struct opage *p, u32 order, bool owned)
{
	if (!f->first.sb)
		f->first = *p;
	o_report_taint_of(p->sb, p->outcome);
	o_pcp_enqueue(f->z, f->pcp, o_pcp_id(p->sb, p->frame), order, f->r->mt, true, owned);
	f->got += 1LL << order;
}

static void recover_block(struct orefill *f, u32 id)
{
	for (u32 at = id; at < id + f->z->o->block_pages; at++) {
		struct opage p = o_pcp_spot(f->z, at);
		const struct ofrm old = p.sb->frm[p.frame];

		if (old.state != OF_FREE)
			continue;
		p.outcome = OUTCOME_PCP;
		f->z->o->sites[SITE_PHASE_0]++;
		o_del_free(p.sb, p.frame);
		keep(f, &p, old.order, true);
	}
}

static void phase_0(struct orefill *f)
{
	for (u32 i = 0; i < f->pcp->owned_blocks.n && f->got < f->needed; ) {
		const u32 id = f->pcp->owned_blocks.v[i];
		const struct opage p = o_pcp_spot(f->z, id);

		if (o_blk(p.sb, p.frame)->label != f->r->mt) {
			i++;
			continue;
		}
		recover_block(f, id);
		oseq_remove(&f->pcp->owned_blocks, id);
		o_blk(p.sb, p.frame)->on_owned = false;
	}
}

/* sb_preferred_for_movable() */
static struct ospb *preferred_for_movable(struct ozone *z)
{
	for (u32 full = SB_FULL_75; full < __NR_SB_FULLNESS; full++) {
		const struct oseq *list = &z->list[SB_CLEAN * __NR_SB_FULLNESS + full];

		for (u32 i = 0; i < list->n; i++) {
			if (o_nr_free(&z->spb[list->v[i]]))
				return &z->spb[list->v[i]];
		}
	}
	return NULL;
}

/* __rmqueue_from_sb(): no tracepoint */
static struct opage block_from_sb(struct ospb *sb, u32 mt)
{
	const u32 block = sb->zone->o->config.pageblock_order;

	for (u32 order = block; order <= sb->zone->o->config.max_order; order++) {
		const u32 frame = o_head(sb, order, mt);

		if (frame == O_NONE)
			continue;
		o_del_and_expand(sb, frame, block, order, mt);
		return (struct opage){ .sb = sb, .frame = frame, .outcome = OUTCOME_PCP };
	}
	return NOTHING;
}

static struct opage whole_block(struct orefill *f)
{
	struct oreq block = *f->r;
	struct opage p = NOTHING;

	block.order = f->z->o->config.pageblock_order;
	if (block.mt == MIGRATE_MOVABLE) {
		struct ospb *sb = preferred_for_movable(f->z);

		if (sb)
			p = block_from_sb(sb, block.mt);
		f->z->o->sites[SITE_PHASE_1_SB] += p.sb != NULL;
	} else {
		block.nofragment = true;
		block.tainted_ok = false;
	}
	if (!p.sb)
		p = o_rmqueue(f->z, &block);
	f->r->visits = block.visits;
	f->r->mode = block.mode;
	return p;
}

static void phase_1(struct orefill *f)
{
	while (f->got + f->z->o->block_pages <= f->needed) {
		const struct opage p = whole_block(f);

		if (!p.sb)
			break;
		f->z->o->sites[SITE_PHASE_1]++;
		o_blk(p.sb, p.frame)->pcp_owner = (u16)(this_cpu(f->z, f->pcp) + 1);
		keep(f, &p, f->z->o->config.pageblock_order, true);
	}
}

/* The largest chunk of a tainted SPB that is less than a block */
static void adopt(struct orefill *f, struct ospb *sb)
{
	for (u32 order = f->z->o->config.pageblock_order; order-- > f->r->order; ) {
		const struct opage p = { .sb = sb, .frame = o_head(sb, order, f->r->mt),
					 .outcome = OUTCOME_PCP };
		bool claim;

		if (p.frame == O_NONE)
			continue;
		claim = !o_blk(sb, p.frame)->pcp_owner;
		f->z->o->sites[claim ? SITE_PHASE_2 : SITE_PHASE_2_OWNED]++;
		o_del_free(sb, p.frame);
		o_set_has(sb, p.frame, f->r->mt);
		if (claim) {
			o_blk(sb, p.frame)->pcp_owner = (u16)(this_cpu(f->z, f->pcp) + 1);
			note_fragments(f->pcp, sb, p.frame);
		}
		keep(f, &p, order, claim);
		return;
	}
}

static void phase_2(struct orefill *f)
{
	for (u32 full = 0; full < __NR_SB_FULLNESS; full++) {
		const struct oseq *list = &f->z->list[SB_TAINTED * __NR_SB_FULLNESS + full];

		for (u32 i = 0; i < list->n && f->got < f->needed; i++) {
			struct ospb *sb = &f->z->spb[list->v[i]];

			if (sb->free_pages >= f->z->o->block_pages / 4)
				adopt(f, sb);
		}
	}
}

static void phase_3(struct orefill *f)
{
	while (f->got < f->needed) {
		const struct opage p = o_rmqueue(f->z, f->r);

		if (!p.sb)
			break;
		f->z->o->sites[SITE_PHASE_3]++;
		keep(f, &p, f->r->order, false);
	}
}

struct opage o_pcp_buddy_refill(struct ozone *z, struct oreq *r, struct opcp *pcp, s64 count)
{
	struct orefill f = { .z = z, .r = r, .pcp = pcp, .needed = count << r->order };

	if (count > 1) {
		phase_0(&f);
		phase_1(&f);
		if (r->mt != MIGRATE_MOVABLE && f.got < f.needed)
			phase_2(&f);
	}
	phase_3(&f);
	return f.first;
}

/* ---- drain ---- */

/* Both halves are here and may merge: the whole goes to the tail of the next order's list. */
static bool merge(struct ozone *z, struct opcp *pcp, u32 id, u32 order, u32 mt)
{
	const u32 buddy = id ^ (1U << order);
	const struct opage a = o_pcp_spot(z, id), b = o_pcp_spot(z, buddy);
	const struct ofrm *f = &b.sb->frm[b.frame];

	if (!a.sb->frm[a.frame].pcp_buddy || f->state != OF_PCP || !f->pcp_buddy ||
	    f->order != order)
		return false;
	o_pcp_dequeue(z, pcp, id);
	o_pcp_dequeue(z, pcp, buddy);
	o_pcp_enqueue(z, pcp, id & buddy, order + 1, mt, true, true);
	z->o->sites[SITE_MERGE]++;
	return true;
}

static void merge_all(struct ozone *z, struct opcp *pcp)
{
	for (u32 order = 0; order < z->o->config.pageblock_order; order++) {
		for (u32 mt = 0; mt < MIGRATE_PCPTYPES; mt++) {
			const struct oseq *l = &pcp->list[o_pcp_list(z->o, order, mt)];

			for (u32 i = 0; i < l->n; ) {
				if (!merge(z, pcp, l->v[i], order, mt))
					i++;
			}
		}
	}
}

static void give_back(struct ozone *z, struct opcp *pcp, u32 id)
{
	const struct opage p = o_pcp_spot(z, id);
	const struct ofrm old = p.sb->frm[p.frame];
	const bool fragment = old.pcp_buddy && old.order < z->o->config.pageblock_order;

	z->o->sites[SITE_WHOLE_BLOCK_BACK] += old.pcp_buddy && !fragment;
	if (fragment)
		note_fragments(pcp, p.sb, p.frame);
	o_pcp_dequeue(z, pcp, id);
	o_pcp_drain_one(p.sb, p.frame, old.order, fragment);
}

/* Whole blocks first, then from order 0 on; each list from its tail */
void o_pcp_buddy_drain(struct ozone *z, struct opcp *pcp, s64 count)
{
	u32 list = o_pcp_list(z->o, z->o->config.pageblock_order, 0);

	absorb(z, pcp);
	if (count > pcp->count)
		count = pcp->count;
	merge_all(z, pcp);
	while (count > 0) {
		const struct oseq *l = &pcp->list[list];

		while (l->n && count > 0) {
			const u32 id = l->v[l->n - 1];
			const struct opage p = o_pcp_spot(z, id);

			count -= 1LL << p.sb->frm[p.frame].order;
			give_back(z, pcp, id);
		}
		list = (list + 1) % (o_pcp_list(z->o, z->o->config.pageblock_order, 0) +
				     MIGRATE_PCPTYPES);
	}
}
