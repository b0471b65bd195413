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
	n->in_block = n->leave = n->wrapped = false;
	n->over = o_category(sb) != SB_TAINTED || !o_nr_movable(sb);
	if (sb->cursor < sb->start_pfn || sb->cursor >= sb->start_pfn + o->spb_pages)
		sb->cursor = sb->start_pfn;
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

static bool migrate(struct oracle *o, struct onode *n, u32 frame)
{
	struct ospb *sb = n->run, *to;
	const struct ofrm old = sb->frm[frame];
	struct oreq r = { .order = old.order, .mt = MIGRATE_MOVABLE, .cpu = sb->defrag_cpu };
	struct opage p = { .sb = NULL };

	o_remember_categories(o);
	if (!old.pinned)
		p = o_migration_target(sb->zone, &r);
	if (!p.sb) {
		n->pass.pages_failed += 1U << old.order;
			return false;
	}
	to = o_use(&p, old.order, old.mt, old.owner);
	to->frm[p.frame].pinned = old.pinned;
	to->frm[p.frame].clean_cache = old.clean_cache;
	o_report_taints(o, CAUSE_MIGRATE, p.outcome, old.order, MIGRATE_MOVABLE);
	sb->frm[frame] = (struct ofrm){ .state = OF_INSIDE };
	o_free_unit(sb, frame, old.order);
	o->obs->moved(o->ctx, old.owner, to->start_pfn + p.frame);
	n->pass.pages_migrated += 1U << old.order;
	o_report_taints(o, CAUSE_FREE, p.outcome, old.order, MIGRATE_MOVABLE);
	return true;
}

static bool droppable(const struct ofrm *f)
{
	return f->clean_cache && !f->pinned;
}

/* Let the bit go if it may, and look at the next block. */
static void leave_block(struct oracle *o, struct onode *n)
{
	rescan(o, n);
	n->in_block = n->leave = false;
	advance(o, n);
}

/* One batch of the block: isolate, drop clean cache, migrate the rest. Return: pages it cost */
static u32 batch(struct oracle *o, struct onode *n)
{
	struct ospb *sb = n->run;
	const u64 end = n->pfn + o->block_pages;
	u32 units[4096], nr = 0, pages = 0;
	bool failed = false;

	while (n->scan < end && pages < o->v.migrate_batch) {
		const u32 f = (u32)(n->scan - sb->start_pfn);

		if (!movable_unit(&sb->frm[f])) {
			n->scan++;
			continue;
		}
		units[nr++] = f;
		pages += 1U << sb->frm[f].order;
		n->scan += 1U << sb->frm[f].order;
	}
	for (u32 i = 0; i < nr; i++) {
		if (!droppable(&sb->frm[units[i]]))
			continue;
		drop(o, n, units[i]);
		units[i] = O_NONE;
	}
	for (u32 i = 0; i < nr; i++) {
		if (units[i] != O_NONE)
			failed |= !migrate(o, n, units[i]);
	}
	if (failed)
		leave_block(o, n);	/* a failure ends the block at once (S4.2) */
	else
		n->leave = !nr || n->scan >= end;
	return pages;
}

static bool worth_a_visit(const struct onode *n)
{
	const struct oblk *b = o_blk(n->run, (u32)(n->pfn - n->run->start_pfn));

	return n->pfn >= n->run->zone->start_pfn && b->has_movable && !b->all_free;
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
		step(o, first);
	}
	o->cpu = cpu;
	if (now > o->now)
		o->now = now;
}
