// SPDX-License-Identifier: GPL-2.0
/*
 * The workers (S4.2, S4.3, S5): a thread does one work at a time, first come first served.
 *
 * Their place in time is ours, after S10 item 5: a work begins worker_latency_us after it was queued,
 * or when the thread is free; a pass moves migrate_batch pages at once, then that many times
 * migrate_us_per_page pass; a shrink takes shrink_run_us.
 */
#include "tests/oracle/oracle.h"

#define TIME_NEVER UINT64_MAX

void o_init_node(struct onode *n, u32 id)
{
	*n = (struct onode){ .id = id, .shrinker = O_NONE };
	for (u32 t = 0; t < O_THREADS; t++)
		n->worker[t] = (struct oworker){ .node = n, .due = TIME_NEVER, .now_on = O_NONE };
}

/* The workqueue is bound: unless the knob says otherwise, each CPU has a thread. */
static u32 nr_threads(const struct oracle *o)
{
	return o->v.worker_threads ? o->v.worker_threads : o->config.nr_cpus;
}

static struct ospb *spb_of_work(struct oracle *o, u32 work)
{
	return &o->zone[work >> 16].spb[work & 0xffff];
}

static struct ozone *zone_of_work(struct oracle *o, u32 work)
{
	return work & OWORK_SHRINK ? &o->zone[work & ~OWORK_SHRINK] : &o->zone[work >> 16];
}

static void plan_next(struct oworker *w, struct oracle *o)
{
	u64 ready;

	w->due = TIME_NEVER;
	if (!w->queue.n)
		return;
	ready = w->queue.v[0] & OWORK_SHRINK ? w->node->shrink_at :
					       spb_of_work(o, w->queue.v[0])->queued_at;
	ready += o->v.worker_latency_us * NSEC_PER_USEC;
	w->due = ready > w->free_at ? ready : w->free_at;
}

void o_raise(struct oracle *o, u32 work)
{
	oseq_push_tail(&o->raised, work);
}

static void queue_work(struct oracle *o, u32 work)
{
	struct onode *n = zone_of_work(o, work)->node;
	u32 thread;

	if (!(work & OWORK_SHRINK))
		thread = spb_of_work(o, work)->defrag_cpu % nr_threads(o);
	else if (n->shrinker != O_NONE)
		thread = n->shrinker;	/* where it runs now */
	else
		thread = n->shrink_cpu % nr_threads(o);
	oseq_push_tail(&n->worker[thread].queue, work);
	if (n->worker[thread].now_on == O_NONE && n->worker[thread].queue.n == 1)
		plan_next(&n->worker[thread], o);
}

/* irq_work_run_list() takes the last one first. */
void o_unlock(struct oracle *o)
{
	while (o->raised.n) {
		const bool fifo = o->v.irq_work_order == IRQ_WORK_FIFO;
		const u32 work = o->raised.v[fifo ? 0 : o->raised.n - 1];

		oseq_remove(&o->raised, work);
		queue_work(o, work);
	}
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

static void begin_pass(struct oracle *o, struct oworker *n)
{
	struct ospb *sb = spb_of_work(o, n->now_on);

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

static void end_pass(struct oracle *o, struct oworker *n)
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
}

/* The next block, wrapping once (S4.2). */
static void advance(struct oracle *o, struct oworker *n)
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
static void rescan(struct oracle *o, struct oworker *n)
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

static void drop(struct oracle *o, struct oworker *n, u32 frame)
{
	struct ospb *sb = n->run;
	const struct ofrm old = sb->frm[frame];

	o_remember_categories(o);
	sb->frm[frame] = (struct ofrm){ .state = OF_INSIDE };
	o_free_unit(sb, frame, old.order);
	o_unlock(o);
	o->obs->dropped(o->ctx, old.owner);
	n->pass.pages_dropped += 1U << old.order;
	o_report_taints(o, CAUSE_FREE, OUTCOME_NO_PAGE, old.order, old.mt);
}

static struct opage find_target(struct oracle *o, struct oworker *n, u32 frame)
{
	const struct ofrm *f = &n->run->frm[frame];
	struct oreq r = { .order = f->order, .mt = MIGRATE_MOVABLE, .cpu = n->run->defrag_cpu };
	struct opage p;

	o_remember_categories(o);
	p = o_migration_target(n->run->zone, &r);
	o_report_taints(o, CAUSE_MIGRATE, p.outcome, f->order, MIGRATE_MOVABLE);
	return p;
}

static void move(struct oracle *o, struct oworker *n, u32 frame, const struct opage *p)
{
	struct ospb *sb = n->run, *to;
	const struct ofrm old = sb->frm[frame];

	to = o_use(p, old.order, old.mt, old.owner);
	to->frm[p->frame].pinned = old.pinned;
	to->frm[p->frame].clean_cache = old.clean_cache;
	o_remember_categories(o);
	sb->frm[frame] = (struct ofrm){ .state = OF_INSIDE };
	o_free_unit(sb, frame, old.order);
	o_unlock(o);
	o->obs->moved(o->ctx, old.owner, to->start_pfn + p->frame);
	n->pass.pages_migrated += 1U << old.order;
	o_report_taints(o, CAUSE_FREE, OUTCOME_NO_PAGE, old.order, MIGRATE_MOVABLE);
}

static bool droppable(const struct ofrm *f)
{
	return f->clean_cache && !f->pinned;
}

/* The rescan meets the hint of the first scan, where hints are heeded. */
static void leave_block(struct oracle *o, struct oworker *n)
{
	if (!o->v.compact_skip)
		rescan(o, n);
	n->in_block = n->leave = false;
	n->behind = true;
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
static u32 batch(struct oracle *o, struct oworker *n)
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

static bool worth_a_visit(const struct oworker *n)
{
	const struct oblk *b = o_blk(n->run, (u32)(n->pfn - n->run->start_pfn));

	return n->pfn >= n->run->zone->start_pfn && b->has_movable && !b->all_free && !b->skip;
}

/* A pass, until time has to pass. Return: pages that it costs, 0 at its end */
static u32 step_pass(struct oracle *o, struct oworker *n)
{
	u32 cost = 0;

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
			break;
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
	return cost;
}

static void begin(struct oracle *o, struct oworker *n)
{
	n->now_on = n->queue.v[0];
	oseq_remove(&n->queue, n->now_on);
	if (n->now_on & OWORK_SHRINK) {
		n->node->shrink_pending = false;
		n->node->shrinker = (u32)(n - n->node->worker);
	} else {
		begin_pass(o, n);
	}
}

static void end(struct oracle *o, struct oworker *n)
{
	if (n->now_on & OWORK_SHRINK)
		n->node->shrinker = O_NONE;
	n->now_on = O_NONE;
	n->free_at = o->now;
	plan_next(n, o);
}

static void step(struct oracle *o, struct oworker *n)
{
	const bool new = n->now_on == O_NONE;
	u64 cost;

	if (new)
		begin(o, n);
	if (n->now_on & OWORK_SHRINK)
		cost = new ? (u64)o->v.shrink_run_us * NSEC_PER_USEC : 0;
	else
		cost = (u64)step_pass(o, n) * o->v.migrate_us_per_page * NSEC_PER_USEC;
	if (n->now_on & OWORK_SHRINK ? cost != 0 : n->run != NULL)
		n->due = o->now + cost;
	else
		end(o, n);
	o_unlock(o);
}

/* The thread that is due first; of the lower node and number when several are. */
static struct oworker *next_worker(struct oracle *o)
{
	struct oworker *first = &o->node[0].worker[0];

	for (u32 i = 0; i < o->nr_nodes; i++) {
		for (u32 t = 0; t < nr_threads(o); t++) {
			if (o->node[i].worker[t].due < first->due)
				first = &o->node[i].worker[t];
		}
	}
	return first;
}

void o_run_worker(struct oracle *o, u64 now)
{
	const u16 cpu = o->cpu;

	for (;;) {
		struct oworker *first = next_worker(o);

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
