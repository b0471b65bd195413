// SPDX-License-Identifier: GPL-2.0
/*
 * The workers (S4.2, S4.3, S5): a thread does one work at a time, first come first served.
 *
 * Their place in time is ours, after S10 item 5: a work begins worker_latency_us after it was
 * queued, or when the thread is free; a pass moves migrate_batch pages at once, then that many
 * times migrate_us_per_page pass; a shrink takes shrink_run_us. Evacuations are in oracle_evac.c.
 */
#include "tests/oracle/oracle.h"


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
	if (work & OWORK_SHRINK)
		return &o->zone[work & ~OWORK_SHRINK];
	return &o->zone[(work & ~OWORK_EVACUATE) >> 16];
}

static u64 queued_at(struct oracle *o, u32 work)
{
	if (work & OWORK_SHRINK)
		return zone_of_work(o, work)->node->shrink_at;
	if (work & OWORK_EVACUATE)
		return o_evac_of(o, work)->queued_at;
	return spb_of_work(o, work)->queued_at;
}

static u16 cpu_of(struct oracle *o, u32 work)
{
	if (work & OWORK_SHRINK)
		return zone_of_work(o, work)->node->shrink_cpu;
	if (work & OWORK_EVACUATE)
		return o_evac_of(o, work)->cpu;
	return spb_of_work(o, work)->defrag_cpu;
}

static void plan_next(struct oworker *w, struct oracle *o)
{
	u64 ready;

	w->due = TIME_NEVER;
	if (!w->queue.n)
		return;
	ready = queued_at(o, w->queue.v[0]);
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
	u32 thread = cpu_of(o, work) % nr_threads(o);

	if ((work & OWORK_SHRINK) && n->shrinker != O_NONE)
		thread = n->shrinker;	/* where it runs now */
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
	n->behind = n->wrapped = false;
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
	struct model_defrag_pass *p = &n->pass;

	p->end = o->now;
	p->nr_free_after = (u16)o_nr_free(sb);
	p->progress = p->nr_free_after != p->nr_free_before;
	sb->stamp = p->progress ? 0 : (o_jiffies(o) | 1);
	if (!p->progress)
		sb->stamp_pages = sb->free_pages;
	sb->defrag_active = false;
	sb->passes++;
	sb->zone->cnt.defrag_passes++;
	sb->zone->cnt.defrag_no_progress += !p->progress;
	o->obs->defrag_pass(o->ctx, p);
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

static bool worth_a_visit(const struct oworker *n)
{
	const struct oblk *b = o_blk(n->run, (u32)(n->pfn - n->run->start_pfn));

	return n->pfn >= n->run->zone->start_pfn && b->has_movable && !b->all_free && !b->skip;
}

/* The next block that a pass empties; false: the pass is over, its cursor stays where it is. */
static bool next_block_of_pass(struct oracle *o, struct oworker *n)
{
	if (n->behind)
		advance(o, n);
	for (n->behind = true; !n->over && !done(n->run); advance(o, n)) {
		if (worth_a_visit(n))
			return true;
	}
	n->run->cursor = n->pfn;
	return false;
}

static bool next_block(struct oracle *o, struct oworker *n)
{
	if (n->now_on & OWORK_SHRINK)
		return false;
	return n->now_on & OWORK_EVACUATE ? o_next_block_of_evacuation(o, n) :
					    next_block_of_pass(o, n);
}

static void begin(struct oracle *o, struct oworker *n)
{
	n->now_on = n->queue.v[0];
	oseq_remove(&n->queue, n->now_on);
	n->cpu = cpu_of(o, n->now_on);
	n->in_block = n->leave = false;
	n->pass = (struct model_defrag_pass){ 0 };
	if (n->now_on & OWORK_SHRINK) {
		n->node->shrink_pending = false;
		n->node->shrinker = (u32)(n - n->node->worker);
		zone_of_work(o, n->now_on)->cnt.shrink_runs++;
	} else if (n->now_on & OWORK_EVACUATE) {
		o_begin_evacuation(o, n);
	} else {
		begin_pass(o, n);
	}
}

static void end(struct oracle *o, struct oworker *n)
{
	if (n->now_on & OWORK_SHRINK) {
		o_shrink(o, n->node);
		n->node->shrinker = O_NONE;
	} else if (n->now_on & OWORK_EVACUATE) {
		o_end_evacuation(o, n);
	} else {
		end_pass(o, n);
	}
	n->now_on = O_NONE;
	n->free_at = o->now;
	plan_next(n, o);
}

/* Block after block until time has to pass. Return: pages that it costs, 0: nothing is left */
static u32 empty_blocks(struct oracle *o, struct oworker *n)
{
	u32 cost = 0;

	while (!cost) {
		if (n->leave)
			o_leave_block(o, n);
		if (!n->in_block) {
			if (!next_block(o, n))
				break;
			n->in_block = true;
			n->scan = n->pfn;
		}
		cost = o_batch(o, n);
	}
	return cost;
}

static void step(struct oracle *o, struct oworker *n)
{
	const bool new = n->now_on == O_NONE;
	u64 cost;
	u32 pages;

	if (new)
		begin(o, n);
	o->cpu = n->cpu;
	pages = empty_blocks(o, n);
	cost = (u64)pages * o->v.migrate_us_per_page * NSEC_PER_USEC;
	if (new && (n->now_on & OWORK_SHRINK))
		cost = (u64)o->v.shrink_run_us * NSEC_PER_USEC;
	if (pages || cost)
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

		if (o->tick <= now && o->tick <= first->due) {
			if (o->tick > o->now)
				o->now = o->tick;
			o_pcp_tick(o);
			continue;
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
