// SPDX-License-Identifier: GPL-2.0
/* Emptying one pageblock, a batch at a time (S4.2). */
#include "tests/oracle/oracle.h"

bool o_movable_unit(const struct ofrm *f)
{
	return f->state == OF_USED && (f->mt == MIGRATE_MOVABLE || f->mt == MIGRATE_CMA);
}

/* has_movable goes when neither movable units nor free movable fragments are left (S3). */
void o_rescan(struct oracle *o, struct oworker *n)
{
	struct ospb *sb = n->run;
	const u32 start = (u32)(n->pfn - sb->start_pfn);

	for (u32 f = start; f < start + o->block_pages; f++) {
		const struct ofrm *p = &sb->frm[f];

		if (o_movable_unit(p))
			return;
		if (p->state == OF_FREE && p->mt == MIGRATE_MOVABLE &&
		    p->order < o->config.pageblock_order)
			return;
	}
	o_clear_has(sb, start, MIGRATE_MOVABLE);
}

static void drop(struct oracle *o, struct oworker *n, u32 frame)
{
	struct ospb *sb = n->run;
	const struct ofrm old = sb->frm[frame];

	o_free_unit(sb, frame);
	o->obs->dropped(o->ctx, old.owner);
	n->pass.pages_dropped += 1U << old.order;
	sb->zone->cnt.pages_dropped += 1U << old.order;
}

static struct opage find_target(struct oracle *o, struct oworker *n, u32 frame)
{
	const struct ofrm *f = &n->run->frm[frame];
	struct oreq r = { .order = f->order, .mt = MIGRATE_MOVABLE, .cpu = n->cpu };
	struct opage p;

	o->op = (struct oop){ .cause = CAUSE_MIGRATE, .order = f->order, .mt = MIGRATE_MOVABLE };
	p = o_migration_target(n->run->zone, &r);
	o_report_taints(o, p.outcome);
	return p;
}

static void move(struct oracle *o, struct oworker *n, u32 frame, const struct opage *p)
{
	struct ospb *sb = n->run, *to;
	const struct ofrm old = sb->frm[frame];

	to = o_use(p, old.order, old.mt, old.owner);
	to->frm[p->frame].pinned = old.pinned;
	to->frm[p->frame].clean_cache = old.clean_cache;
	o_free_unit(sb, frame);
	o->obs->moved(o->ctx, old.owner, to->start_pfn + p->frame);
	n->pass.pages_migrated += 1U << old.order;
	sb->zone->cnt.pages_migrated += 1U << old.order;
}

static bool droppable(const struct ofrm *f)
{
	return f->clean_cache && !f->pinned;
}

/* The rescan meets the hint of the first scan, where hints are heeded. */
void o_leave_block(struct oracle *o, struct oworker *n)
{
	if (!o->v.compact_skip)
		o_rescan(o, n);
	n->in_block = n->leave = false;
}

/* What isolate_migratepages_block() puts on the list, first to last. Return: how many */
static u32 isolate(struct oracle *o, struct oworker *n, u32 *units, u32 *pages)
{
	struct ospb *sb = n->run;
	struct oblk *b = o_blk(sb, (u32)(n->pfn - sb->start_pfn));
	const u64 end = n->pfn + o->block_pages;
	const bool whole = n->scan == n->pfn;
	u32 nr = 0;

	if (whole && o->v.compact_skip && b->skip) {
		n->scan = end;
		return 0;
	}
	while (n->scan < end && *pages < o->v.migrate_batch) {
		const u32 f = (u32)(n->scan - sb->start_pfn);
		const bool take = o_movable_unit(&sb->frm[f]);
		const u32 size = take ? 1U << sb->frm[f].order : 1;

		n->scan += size;
		if (!take || size >= o->block_pages)
			continue;
		units[nr++] = f;
		*pages += size;
	}
	if (whole)
		b->skip |= o->v.compact_skip;
	if (whole && !nr)
		o_rescan(o, n);
	return nr;
}

bool o_migrate(struct oracle *o, struct oworker *n, u32 *units, u32 nr)
{
	struct ospb *sb = n->run;
	struct opage to[O_BATCH];
	u32 moved = 0, left = 0;
	bool room = true;

	/* The list was built from its head: the last page isolated is the first one on it. */
	for (u32 i = nr; i-- > 0; ) {
		if (!droppable(&sb->frm[units[i]]))
			continue;
		drop(o, n, units[i]);
		units[i] = O_NONE;
	}
	for (u32 i = nr; i-- > 0; ) {
		if (units[i] == O_NONE)
			continue;
		left++;
		to[i].sb = NULL;
		if (sb->frm[units[i]].pinned || !room)
			continue;
		to[i] = find_target(o, n, units[i]);
		room = to[i].sb;
	}
	for (u32 i = nr; i-- > 0; ) {
		if (units[i] == O_NONE)
			continue;
		if (!to[i].sb) {
			n->pass.pages_failed += 1U << sb->frm[units[i]].order;
			sb->zone->cnt.pages_failed += 1U << sb->frm[units[i]].order;
			continue;
		}
		move(o, n, units[i], &to[i]);
		moved++;
	}
	return moved == left;
}

u32 o_batch(struct oracle *o, struct oworker *n)
{
	u32 units[O_BATCH], pages = 0;
	const u32 nr = isolate(o, n, units, &pages);

	if (o_migrate(o, n, units, nr))
		n->leave = !nr || n->scan >= n->pfn + o->block_pages;
	else
		o_leave_block(o, n);	/* a failure ends the block at once (S4.2) */
	return pages;
}
