// SPDX-License-Identifier: GPL-2.0
#include "replay/engine/engine_arm.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Operations ahead: time for one miss of all caches each. */
#define PREFETCH_UNITS 36
#define PREFETCH_SPBS 24
#define PREFETCH_PAGES 12

/* ---- time ---- */

static u64 model_time(const struct arm *arm, u64 capture)
{
	return capture < arm->t_first ? ENGINE_BOOT_NS : capture - arm->t_first + ENGINE_BOOT_NS;
}

static u64 capture_time(const struct arm *arm, u64 model)
{
	return model < ENGINE_BOOT_NS ? arm->t_first : model - ENGINE_BOOT_NS + arm->t_first;
}

/* ---- what the model reports ---- */

static void on_moved(void *ctx, u32 owner, u64 to)
{
	struct arm *arm = ctx;

	if (owner < arm->nr_units)	/* not of --fill */
		arm->units[owner] = (u32)to;
}

static void on_dropped(void *ctx, u32 owner)
{
	struct arm *arm = ctx;

	if (arm->over)
		return;
	if (owner < arm->nr_units)
		arm->units[owner] = UNIT_DROPPED;
	arm->metrics->dropped++;
}

/* The moment of something that the model reports at @now. */
static struct metrics_moment moment(const struct arm *arm, u64 now, enum metrics_actor actor)
{
	struct metrics_moment at = { .time = capture_time(arm, now), .actor = (u8)actor };

	if (!arm->op)
		return at;
	at.event = arm->op->event;
	if (actor == ACTOR_OP) {
		at.op_index = arm->op_index;
		at.task = arm->op->task;
		at.gfp = arm->op->gfp;
		at.cpu = arm->op->cpu;
	}
	return at;
}

/* Who acts inside the model: between operations the worker or the timer. */
static enum metrics_actor actor_of(const struct arm *arm, const struct model_taint *t)
{
	if (t->worker && arm->actor != ACTOR_INITIAL)
		return ACTOR_WORKER;
	return arm->actor == ACTOR_WORKER ? ACTOR_TIMER : (enum metrics_actor)arm->actor;
}

static void on_taint(void *ctx, const struct model_taint *t)
{
	struct arm *arm = ctx;
	struct metrics_moment at;

	/* Memory that never was free is part of the machine, not something that happened. */
	if (!arm->model || arm->over)
		return;
	at = moment(arm, t->time, actor_of(arm, t));
	metrics_taint(arm->metrics, t, &at);
}

static void on_defrag_pass(void *ctx, const struct model_defrag_pass *p)
{
	struct arm *arm = ctx;
	struct model_defrag_pass pass = *p;

	pass.queued = capture_time(arm, p->queued);
	pass.start = capture_time(arm, p->start);
	pass.end = capture_time(arm, p->end);
	metrics_defrag_pass(arm->metrics, &pass);
}

static int by_queued(const void *a, const void *b)
{
	const struct model_defrag_pass *x = a, *y = b;

	if (x->queued != y->queued)
		return x->queued < y->queued ? -1 : 1;
	return (x->spb > y->spb) - (x->spb < y->spb);
}

/* Passes that the run's end cuts off, behind those that ended, the oldest first. */
static void note_open_passes(struct arm *arm)
{
	struct model_defrag_pass pass;

	for (u32 z = 0; z < arm->metrics->nr_zones; z++) {
		const struct metrics_zone *zone = &arm->metrics->zones[z];
		const u32 ended = zone->nr_passes;

		for (u32 spb = 0; spb < model_nr_spbs(arm->model, z); spb++) {
			if (model_open_defrag(arm->model, z, spb, &pass))
				on_defrag_pass(arm, &pass);
		}
		if (zone->nr_passes > ended)
			qsort(&zone->passes[ended], zone->nr_passes - ended, sizeof(*zone->passes),
			      by_queued);
	}
}

static void on_chance(void *ctx, const struct model_chance *c)
{
	struct arm *arm = ctx;

	metrics_chance(arm->metrics, c, capture_time(arm, c->time));
}

static void on_list_moved(void *ctx, const struct model_list_move *mv)
{
	struct arm *arm = ctx;

	metrics_list_moved(arm->metrics, mv, capture_time(arm, mv->time));
}

static void on_event(void *ctx, const struct model_event *e)
{
	const struct arm *arm = ctx;
	struct model_event event = *e;

	event.time = capture_time(arm, e->time);
	arm->event(arm->event_ctx, &event);
}

#define OBSERVER(listener)                                                                         \
	{ .moved = on_moved, .dropped = on_dropped, .taint = on_taint, .chance = on_chance,        \
	  .defrag_pass = on_defrag_pass, .list_moved = on_list_moved, .event = (listener) }

static const struct model_observer observer = OBSERVER(NULL);
static const struct model_observer traced_observer = OBSERVER(on_event);

/* ---- errors ---- */

int arm_fail_nomem(struct arm *arm)
{
	return err_nomem(&arm->err, arm->variant->name);
}

static u64 event_at(const struct arm *arm)
{
	return arm->op ? arm->op->event : 0;
}

int arm_fail_op(struct arm *arm, const char *what, u64 at, u32 order)
{
	return err_set(&arm->err, ERR_BUG,
		       "variant %s: event %" PRIu64 ": %s (0x%" PRIx64 ", order %u) - "
		       "this is a bug, report it with the capture", arm->variant->name,
		       event_at(arm), what, at, order);
}

static int check(struct arm *arm)
{
	char why[256] = "";

	if (!model_check(arm->model, why, sizeof(why)))
		return 0;
	return err_set(&arm->err, ERR_BUG, "variant %s: event %" PRIu64 ": broken invariant: %s - "
		       "this is a bug, report it with the capture", arm->variant->name,
		       event_at(arm), why);
}

/* ---- units ---- */

int arm_grow_units(struct arm *arm, u64 nr)
{
	u64 bigger = arm->nr_units ? arm->nr_units : 4096;
	u32 *p;

	if (nr <= arm->nr_units)
		return 0;
	while (bigger < nr)
		bigger += bigger / 2;
	bigger = min_u64(bigger, UINT32_MAX);
	p = realloc(arm->units, bigger * sizeof(*p));
	if (!p)
		return arm_fail_nomem(arm);
	/* All bits set is UNIT_NONE. */
	memset(p + arm->nr_units, 0xff, (bigger - arm->nr_units) * sizeof(*p));
	arm->units = p;
	arm->nr_units = (u32)bigger;
	return 0;
}

static int grow_placed(struct arm *arm, u32 nr)
{
	struct placement *p;

	if (nr <= arm->max_placed)
		return 0;
	p = realloc(arm->placed, nr * sizeof(*p));
	if (!p)
		return arm_fail_nomem(arm);
	arm->placed = p;
	arm->max_placed = nr;
	return 0;
}

int arm_init(struct arm *arm, const struct variant *variant, struct metrics *metrics,
	     const struct arm_setup *setup)
{
	const char *why = NULL;
	struct model *model;

	*arm = (struct arm){
		.variant = variant,
		.metrics = metrics,
		.actor = ACTOR_INITIAL,
		.t_first = setup->plan->t_first,
		.times = setup->times,
		.nr_times = setup->nr_times,
		.next_sample = setup->nr_times ? setup->times[0] : UINT64_MAX,
		.now = ENGINE_BOOT_NS,
		.check_every = setup->check_every,
		.contig = setup->contig,
		.plan = setup->plan,
		.event = setup->event,
		.event_ctx = setup->event_ctx,
		.until_check = setup->check_every ? setup->check_every : UINT64_MAX,
	};
	model = model_new(setup->config, variant, setup->event ? &traced_observer : &observer, arm,
			  &why);
	if (!model && why)
		return err_set(&arm->err, ERR_USAGE, "variant %s: cannot model this machine: %s - "
			       "give a snapshot with -s or choose another --spb-order",
			       variant->name, why);
	if (!model)
		return arm_fail_nomem(arm);
	arm->model = model;
	if (arm_initial(arm, setup))
		return -(int)arm->err.code;
	model_run(model, ENGINE_BOOT_NS);
	model_start(model, ENGINE_BOOT_NS);
	metrics_start(metrics, model, ENGINE_BOOT_NS);
	return setup->check_every ? check(arm) : 0;
}

void arm_fini(struct arm *arm)
{
	model_free(arm->model);
	free(arm->units);
	free(arm->placed);
	arm->model = NULL;
	arm->units = NULL;
	arm->placed = NULL;
}

/* ---- operations ---- */

static int do_alloc(struct arm *arm, const struct op *op, struct placement *placed)
{
	struct model_req req = {
		.owner = op->handle,
		.ident = op->ident,
		.gfp = op->gfp,
		.zone = op->zone,
		.cpu = op->cpu,
		.order = op->order,
		.migratetype = op->migratetype,
	};
	struct model_result res = { 0 };
	struct visits (*visits)[MODEL_MAX_ORDERS][MIGRATE_TYPES];
	int ret = model_alloc(arm->model, arm->now, &req, &res);

	if (ret == -ENOSPC) {
		res.outcome = OUTCOME_NO_PAGE;
		*placed = (struct placement){ .outcome = PLACED_FAILED, .zone = op->zone };
		arm->units[op->handle] = UNIT_FAILED;
	} else if (ret) {
		if (ret == -ENOMEM)
			return arm_fail_nomem(arm);
		return arm_fail_op(arm, "the model refused an allocation", op->handle, op->order);
	} else {
		*placed = (struct placement){ .spb = res.spb, .zone = res.zone,
					      .category = res.category, .outcome = res.outcome };
		arm->units[op->handle] = (u32)res.pfn;
	}
	visits = arm->metrics->zones[op->zone].visits;
	if (visits_add(&visits[res.outcome][op->order][op->migratetype], res.visits))
		return arm_fail_nomem(arm);
	return 0;
}

static int do_free(struct arm *arm, const struct op *op, struct placement *placed __unused)
{
	u32 pfn = arm->units[op->handle];

	arm->metrics->zones[op->zone].frees++;
	arm->units[op->handle] = UNIT_NONE;
	if (pfn > UNIT_MAX_PFN) {
		arm->metrics->skipped_frees++;
		return pfn == UNIT_NONE ? arm_fail_op(arm, "free of an unknown unit", op->handle,
						  op->order) : 0;
	}
	if (model_free_pages(arm->model, arm->now, op->cpu, pfn, op->order))
		return arm_fail_op(arm, "the model refused a free", pfn, op->order);
	return 0;
}

static int do_split(struct arm *arm, const struct op *op, struct placement *placed __unused)
{
	u32 pfn = arm->units[op->handle];

	if (!op->order || pfn == UNIT_NONE)
		return arm_fail_op(arm, "split of an unknown unit", op->handle, op->order);
	if (pfn > UNIT_MAX_PFN) {
		arm->metrics->skipped_splits++;
		arm->units[op->upper] = pfn;
		return 0;
	}
	if (model_split(arm->model, pfn, op->order, op->upper, op->ident))
		return arm_fail_op(arm, "the model refused a split", pfn, op->order);
	arm->units[op->upper] = pfn + (1U << (op->order - 1));
	return 0;
}

typedef int (*op_fn)(struct arm *arm, const struct op *op, struct placement *placed);

static const op_fn op_table[] = {
	[OP_ALLOC] = do_alloc,
	[OP_FREE] = do_free,
	[OP_SPLIT] = do_split,
};

static bool op_is_sane(const struct arm *arm, const struct op *op)
{
	return op->kind < ARRAY_SIZE(op_table) && op->handle < arm->nr_units &&
	       op->zone < arm->metrics->nr_zones && op->order < MODEL_MAX_ORDERS &&
	       op->migratetype < MIGRATE_TYPES &&
	       (op->kind != OP_SPLIT || op->upper < arm->nr_units);
}

static void set_next_sample(struct arm *arm)
{
	u32 next = arm->metrics->next_sample;

	arm->next_sample = next < arm->nr_times ? arm->times[next] : UINT64_MAX;
}

/* Take the samples that lie before the operation at @until. */
static void take_samples(struct arm *arm, u64 until)
{
	while (arm->next_sample < until) {
		u64 now = model_time(arm, arm->next_sample);

		model_run(arm->model, now);
		arm->now = max_u64(arm->now, now);
		metrics_sample(arm->metrics, arm->model, arm->now);
		set_next_sample(arm);
	}
}

/* Let workers do what is due before the operation; units may move, so look them up later. */
static void advance(struct arm *arm, const struct op *op)
{
	u64 now = model_time(arm, op->time);

	arm->actor = ACTOR_WORKER;
	arm->op = op;
	if (op->time > arm->next_sample)
		take_samples(arm, op->time);
	if (now > arm->now)
		arm->now = now;
	model_run(arm->model, arm->now);
}

/* Place of the unit that operation @i frees or splits, or UNIT_NONE. */
static u32 place_of(const struct arm *arm, const struct op_block *ops, u32 i)
{
	const struct op *op = i < ops->nr ? &ops->ops[i] : NULL;

	if (!op || op->kind == OP_ALLOC || op->handle >= arm->nr_units)
		return UNIT_NONE;
	return arm->units[op->handle];
}

/*
 * Units, superpageblocks and page words lie anywhere in memory, but the block tells in advance
 * which come next: so they are fetched one after the other, some operations ahead. The unit may
 * still move or go in between; then the fetch was for nothing.
 */
static void prefetch(const struct arm *arm, const struct op_block *ops, u32 i)
{
	u32 pfn;

	if (i + PREFETCH_UNITS < ops->nr)
		__builtin_prefetch(&arm->units[ops->ops[i + PREFETCH_UNITS].handle], 1);
	pfn = place_of(arm, ops, i + PREFETCH_SPBS);
	if (pfn <= UNIT_MAX_PFN)
		model_prefetch_spb(arm->model, pfn);
	pfn = place_of(arm, ops, i + PREFETCH_PAGES);
	if (pfn <= UNIT_MAX_PFN)
		model_prefetch(arm->model, pfn, ops->ops[i + PREFETCH_PAGES].order);
}

int arm_block(struct arm *arm, const struct op_block *ops, u32 from, u32 to)
{
	if (arm->err.code)
		return -(int)arm->err.code;
	if (from == to)
		return 0;
	if (arm_grow_units(arm, ops->nr_handles) || grow_placed(arm, ops->nr))
		return -(int)arm->err.code;
	for (u32 i = from; i < to; i++) {
		const struct op *op = &ops->ops[i];

		prefetch(arm, ops, i);
		advance(arm, op);
		arm->actor = ACTOR_OP;
		arm->op_index = i;
		arm->placed[i] = (struct placement){ .outcome = PLACED_NONE };
		if (!op_is_sane(arm, op))
			return arm_fail_op(arm, "an operation makes no sense", op->handle, op->order);
		if (op_table[op->kind](arm, op, &arm->placed[i]))
			return -(int)arm->err.code;
		if (!--arm->until_check) {
			arm->until_check = arm->check_every;
			if (check(arm))
				return -(int)arm->err.code;
		}
	}
	arm->last = ops->ops[to - 1];
	arm->op = &arm->last;
	arm->metrics->model_bytes = max_u64(arm->metrics->model_bytes, model_bytes(arm->model) +
					    arm->nr_units * sizeof(*arm->units));
	return arm->metrics->error ? arm_fail_nomem(arm) : 0;
}

int arm_finish(struct arm *arm, u64 t_last, u32 nr_times)
{
	u64 end = max_u64(arm->now, model_time(arm, t_last));

	if (arm->err.code)
		return -(int)arm->err.code;
	arm->actor = ACTOR_WORKER;
	arm->nr_times = nr_times;
	set_next_sample(arm);
	take_samples(arm, t_last < UINT64_MAX ? t_last + 1 : t_last);
	model_run(arm->model, end);
	if (model_no_memory(arm->model))
		return arm_fail_nomem(arm);
	if (arm->check_every && check(arm))
		return -(int)arm->err.code;
	note_open_passes(arm);
	if (metrics_finish(arm->metrics, arm->model, end))
		return arm_fail_nomem(arm);
	if (arm->contig && arm_ask_contig(arm, arm->plan, end, arm->contig))
		return -(int)arm->err.code;
	if (arm->contig && arm->check_every && check(arm))
		return -(int)arm->err.code;
	arm_fini(arm);
	return 0;
}
