// SPDX-License-Identifier: GPL-2.0
/*
 * The defrag worker (S4.2, S4.3): one a node, one pass at a time, first come first served.
 *
 * Its place in time is ours, after S10 item 5: a pass begins worker_latency_us after it was queued,
 * or when the worker is free; it moves migrate_batch pages at once, then that many times
 * migrate_us_per_page pass.
 */
#include "tests/oracle/oracle.h"

#define TIME_NEVER UINT64_MAX

static struct ospb *queued_spb(struct oracle *o, u32 id)
{
	return &o->zone[id >> 16].spb[id & 0xffff];
}

static void plan_next_pass(struct onode *n, struct oracle *o)
{
	u64 ready;

	n->due = TIME_NEVER;
	if (!n->queue.n)
		return;
	ready = queued_spb(o, n->queue.v[0])->queued_at + o->v.worker_latency_us * NSEC_PER_USEC;
	n->due = ready > n->free_at ? ready : n->free_at;
}

void o_queue_defrag(struct ospb *sb)
{
	struct onode *n = sb->zone->node;

	sb->queued_at = sb->zone->o->now;
	oseq_push_tail(&n->queue, sb->zone->index << 16 | sb->index);
	if (!n->run && n->queue.n == 1)
		plan_next_pass(n, sb->zone->o);
}

static bool done(const struct ospb *sb)
{
	return o_category(sb) != SB_TAINTED || !o_nr_movable(sb) ||
	       o_nr_free(sb) >= o_reserve(sb);
}

static void clear_hints(struct ospb *sb)
{
	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++)
		sb->blk[b].skip = false;
}

static void begin_pass(struct oracle *o, struct onode *n)
{
	struct ospb *sb = queued_spb(o, n->queue.v[0]);

	oseq_remove(&n->queue, n->queue.v[0]);
	n->run = sb;
	n->pass = (struct model_defrag_pass){
		.queued = sb->queued_at, .start = o->now, .spb = sb->index,
		.zone = (u16)sb->zone->index, .nr_free_before = (u16)o_nr_free(sb),
		.trigger = sb->defrag_trigger,
	};
	n->in_block = n->leave = n->behind = n->wrapped = false;
	n->over = o_category(sb) != SB_TAINTED || !o_nr_movable(sb);
	if (!n->over && (sb->cursor < sb->start_pfn ||
			 sb->cursor >= sb->start_pfn + o->spb_pages)) {
		sb->cursor = sb->start_pfn;
		clear_hints(sb);
	}
	n->cursor = n->pfn = sb->cursor;
}

static void end_pass(struct oracle *o, struct onode *n)
{
	struct ospb *sb = n->run;
	struct model_counters *cnt = &sb->zone->cnt;
	struct model_defrag_pass *p = &n->pass;

	p->end = o->now;
	p->nr_free_after = (u16)o_nr_free(sb);
	p->progress = p->nr_free_after != p->nr_free_before;
	sb->stamp = p->progress ? 0 : (o_jiffies(o) | 1);
	if (!p->progress)
		sb->stamp_pages = sb->free_pages;
	sb->defrag_active = false;
	sb->passes++;
	cnt->defrag_passes++;
	cnt->pages_migrated += p->pages_migrated;
	cnt->pages_dropped += p->pages_dropped;
	cnt->pages_failed += p->pages_failed;
	cnt->defrag_no_progress += !p->progress;
	o->obs->defrag_pass(o->ctx, p);
	n->run = NULL;
	n->free_at = o->now;
	plan_next_pass(n, o);
}

/* The next block, wrapping once (S4.2). */
static void advance(struct oracle *o, struct onode *n)
{
	const u64 start = n->run->start_pfn;

	n->pfn += o->block_pages;
	if (n->pfn >= start + o->spb_pages && !n->wrapped) {
		clear_hints(n->run);
		n->pfn = start;
		n->wrapped = true;
	}
	if ((n->wrapped && n->pfn > n->cursor) || n->pfn >= start + o->spb_pages)
		n->over = true;
}

static bool movable_unit(const struct ofrm *f)
{
	return f->state == OF_USED && (f->mt == MIGRATE_MOVABLE || f->mt == MIGRATE_CMA);
}

/* has_movable goes when neither movable units nor free movable fragments are left (S3). */
static void rescan(struct oracle *o, struct onode *n)
{
	struct ospb *sb = n->run;
	const u32 start = (u32)(n->pfn - sb->start_pfn);

	for (u32 f = start; f < start + o->block_pages; f++) {
		const struct ofrm *p = &sb->frm[f];

		if (movable_unit(p))
			return;
		if (p->state == OF_FREE && p->mt == MIGRATE_MOVABLE &&
		    p->order < o->config.pageblock_order)
			return;
	}
	o_clear_has(sb, start, MIGRATE_MOVABLE);
}

static void drop(struct oracle *o, struct onode *n, u32 frame)
{
	struct ospb *sb = n->run;
	const struct ofrm old = sb->frm[frame];

	o_remember_categories(o);
	sb->frm[frame] = (struct ofrm){ .state = OF_INSIDE };
	o_free_unit(sb, frame, old.order);
	o->obs->dropped(o->ctx, old.owner);
	n->pass.pages_dropped += 1U << old.order;
	o_report_taints(o, CAUSE_FREE, OUTCOME_NO_PAGE, old.order, old.mt);
}

static struct opage find_target(struct oracle *o, struct onode *n, u32 frame)
{
	const struct ofrm *f = &n->run->frm[frame];
	struct oreq r = { .order = f->order, .mt = MIGRATE_MOVABLE, .cpu = n->run->defrag_cpu };
	struct opage p;

	o_remember_categories(o);
	p = o_migration_target(n->run->zone, &r);
	o_report_taints(o, CAUSE_MIGRATE, p.outcome, f->order, MIGRATE_MOVABLE);
	return p;
}

static void move(struct oracle *o, struct onode *n, u32 frame, const struct opage *p)
{
	struct ospb *sb = n->run, *to;
	const struct ofrm old = sb->frm[frame];

	to = o_use(p, old.order, old.mt, old.owner);
	to->frm[p->frame].pinned = old.pinned;
	to->frm[p->frame].clean_cache = old.clean_cache;
	o_remember_categories(o);
	sb->frm[frame] = (struct ofrm){ .state = OF_INSIDE };
	o_free_unit(sb, frame, old.order);
	o->obs->moved(o->ctx, old.owner, to->start_pfn + p->frame);
	n->pass.pages_migrated += 1U << old.order;
	o_report_taints(o, CAUSE_FREE, OUTCOME_NO_PAGE, old.order, MIGRATE_MOVABLE);
}

static bool droppable(const struct ofrm *f)
{
	return f->clean_cache && !f->pinned;
}

/* The rescan meets the hint of the first scan, where hints are heeded. */
static void leave_block(struct oracle *o, struct onode *n)
{
	if (!o->v.compact_skip)
		rescan(o, n);
	n->in_block = n->leave = false;
	n->behind = true;
}

/* What isolate_migratepages_block() puts on the list, first to last. Return: how many */
static u32 isolate(struct oracle *o, struct onode *n, u32 *units, u32 *pages)
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
		const bool take = movable_unit(&sb->frm[f]);
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
		rescan(o, n);
	return nr;
}

/* One batch of the block: isolate, drop clean cache, migrate the rest. Return: pages it cost */
static u32 batch(struct oracle *o, struct onode *n)
{
	struct ospb *sb = n->run;
	u32 units[4096], pages = 0, moved = 0, left = 0;
	struct opage to[4096];
	const u32 nr = isolate(o, n, units, &pages);
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
			continue;
		}
		move(o, n, units[i], &to[i]);
		moved++;
	}
	if (moved < left)
		leave_block(o, n);	/* a failure ends the block at once (S4.2) */
	else
		n->leave = !nr || n->scan >= n->pfn + o->block_pages;
	return pages;
}

static bool worth_a_visit(const struct onode *n)
{
	const struct oblk *b = o_blk(n->run, (u32)(n->pfn - n->run->start_pfn));

	return n->pfn >= n->run->zone->start_pfn && b->has_movable && !b->all_free && !b->skip;
}

/* Run until time has to pass. */
static void step(struct oracle *o, struct onode *n)
{
	u32 cost = 0;

	if (!n->run)
		begin_pass(o, n);
	o->cpu = n->run->defrag_cpu;
	while (!cost) {
		if (n->leave)
			leave_block(o, n);
		if (n->behind)
			advance(o, n);
		n->behind = false;
		if (!n->in_block && (n->over || done(n->run))) {
			n->run->cursor = n->pfn;
			end_pass(o, n);
			return;
		}
		if (!n->in_block && !worth_a_visit(n)) {
			advance(o, n);
			continue;
		}
		if (!n->in_block) {
			n->in_block = true;
			n->scan = n->pfn;
		}
		cost = batch(o, n);
	}
	n->due = o->now + (u64)cost * o->v.migrate_us_per_page * NSEC_PER_USEC;
}

void o_run_worker(struct oracle *o, u64 now)
{
	const u16 cpu = o->cpu;

	for (;;) {
		struct onode *first = &o->node[0];

		for (u32 i = 1; i < o->nr_nodes; i++) {
			if (o->node[i].due < first->due)
				first = &o->node[i];
		}
		if (first->due > now)
			break;
		if (first->due > o->now)
			o->now = first->due;
		o->working = true;
		step(o, first);
		o->working = false;
	}
	o->cpu = cpu;
	if (now > o->now)
		o->now = now;
}
