// SPDX-License-Identifier: GPL-2.0
#include "replay/engine/engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "replay/engine/engine_config.h"
#include "replay/engine/engine_pool.h"
#include "replay/outcome/outcome_data.h"

/* Frames that the operations between two looks at @stop name: the model may touch each. */
#define PART_FRAMES (1U << 21)
/* When the model is checked: operations, and checks of a variant, between two looks. */
#define CHECKED_PART 256u
#define CHECKS_IN_PART 8u

/**
 * struct engine - a run
 * @reader, @events, @demand: the decoder; one task of each round, so never used by two threads
 * @ops: two blocks: one being replayed while the other is filled
 * @decoded: what the last decode returned: 1 block, 0 end, negative error in @err
 * @cur: index in @ops of the block being replayed; @from, @to: the part of it that is
 * @cut: it was ended early
 * @t_last: time of the last operation replayed; @done: operations replayed
 */
struct engine {
	const struct demand_plan *plan;
	const struct engine_opts *opts;
	struct log_reader *reader;
	struct event_block events;
	struct demand *demand;
	struct op_block ops[2];
	u32 cur;
	u32 from;
	u32 to;
	bool cut;
	int decoded;
	struct error err;
	struct engine_config config;
	struct arm_setup setup;
	struct arm *arms;
	struct outcome *outcome;
	u64 t_last;
	u64 done;
};

/* ---- tasks of a round: 0 decodes ahead, the others are one variant each ---- */

static void decode_ahead(struct engine *e)
{
	struct op_block *next = &e->ops[!e->cur];

	next->nr = 0;
	e->decoded = log_reader_next(e->reader, &e->events, &e->err);
	if (e->decoded > 0 && demand_next(e->demand, &e->events, next, &e->err))
		e->decoded = -(int)e->err.code;
}

static void start_task(void *ctx, u32 task)
{
	struct engine *e = ctx;

	if (!task)
		decode_ahead(e);
	else
		(void)arm_init(&e->arms[task - 1], &e->opts->variants[task - 1],
			       &e->outcome->variants[task - 1].metrics, &e->setup);
}

static void block_task(void *ctx, u32 task)
{
	struct engine *e = ctx;

	if (task)
		(void)arm_block(&e->arms[task - 1], &e->ops[e->cur], e->from, e->to);
	else if (!e->from)
		decode_ahead(e);
}

static void finish_task(void *ctx, u32 task)
{
	struct engine *e = ctx;

	(void)arm_finish(&e->arms[task], e->t_last, e->outcome->nr_times);
}

/* ---- between rounds ---- */

/* The first variant that failed decides, so that the message does not depend on timing. */
static int arms_error(struct engine *e, struct error *err)
{
	for (u32 i = 0; i < e->opts->nr_variants; i++) {
		const struct error *arm = &e->arms[i].err;

		if (arm->code != ERR_NONE)
			return err_set(err, arm->code, "%s", arm->text);
	}
	return 0;
}

static int compare_block(struct engine *e, struct error *err)
{
	struct outcome_variant *v = e->outcome->variants;
	struct divergence_side baseline = { &v[0].metrics, e->arms[0].placed };

	for (u32 i = 1; i < e->opts->nr_variants; i++) {
		struct divergence_side variant = { &v[i].metrics, e->arms[i].placed };

		if (divergence_block(&v[i].divergence, &e->ops[e->cur], &baseline, &variant))
			return err_nomem(err, "the comparison");
	}
	return 0;
}

static void tell_progress(const struct engine *e)
{
	u64 total = e->plan->nr_allocs + e->plan->nr_frees;

	if (e->opts->progress)
		e->opts->progress(e->opts->progress_ctx, e->done, max_u64(total, e->done));
}

static void count_part(struct engine *e)
{
	const struct op_block *b = &e->ops[e->cur];

	for (u32 i = e->from; i < e->to; i++)
		e->done += b->ops[i].kind != OP_SPLIT;
	if (e->to)
		e->t_last = max_u64(e->t_last, b->ops[e->to - 1].time);
	tell_progress(e);
}

static bool stop_asked(const struct engine *e)
{
	return e->opts->stop && *e->opts->stop;
}

static u32 ops_in_part(const struct engine *e, u32 left)
{
	const u64 every = e->opts->check_every;

	if (!every)
		return left;
	return (u32)min_u64(left, min_u64(CHECKED_PART,
					  CHECKS_IN_PART * min_u64(every, CHECKED_PART)));
}

static u32 end_of_part(const struct engine *e, const struct op_block *b, u32 from)
{
	const u32 end = from + ops_in_part(e, b->nr - from);
	u64 frames = 0;
	u32 to = from;

	while (to < end && frames < PART_FRAMES)
		frames += 1ULL << b->ops[to++].order;
	return to;
}

/*
 * Checks and large units make a block long: then it is done in parts, and may end with any of them.
 */
static int replay_block(struct engine *e, struct pool *pool, struct error *err)
{
	struct op_block *b = &e->ops[e->cur];
	int ret;

	e->to = 0;
	do {
		e->from = e->to;
		e->to = end_of_part(e, b, e->from);
		pool_run(pool, e->opts->nr_variants + 1, block_task, e);
		ret = arms_error(e, err);
		if (!ret)
			count_part(e);
	} while (!ret && e->to < b->nr && !stop_asked(e));
	e->cut = e->to < b->nr;
	b->nr = e->to;
	return ret ? ret : compare_block(e, err);
}

static int replay_blocks(struct engine *e, struct pool *pool, struct error *err)
{
	int ret;

	pool_run(pool, e->opts->nr_variants + 1, start_task, e);
	ret = arms_error(e, err);
	/* The machines stand: from here on a run that ends early has results. */
	if (!ret)
		tell_progress(e);
	while (!ret && e->decoded > 0 && !stop_asked(e)) {
		e->cur = !e->cur;
		ret = replay_block(e, pool, err);
	}
	if (!ret && (e->cut || (e->decoded > 0 && stop_asked(e))))
		snprintf(e->outcome->partial, sizeof(e->outcome->partial),
			 "interrupted after %llu operations", (unsigned long long)e->done);
	if (!ret && e->decoded < 0 && e->err.code != ERR_DAMAGED)
		ret = err_set(err, e->err.code, "%s", e->err.text);
	return ret;
}

/* ---- the ends of a run ---- */

static const char *source_name(const struct engine *e, const struct engine_source *src)
{
	const struct log_meta *meta = log_reader_meta(e->reader);

	if (src->path)
		return src->path;
	return meta->source ? meta->source : "capture";
}

static void note_damage(struct engine *e)
{
	const struct log_meta *meta = log_reader_meta(e->reader);
	struct outcome *o = e->outcome;

	if (o->partial[0])
		return;
	if (e->err.code == ERR_DAMAGED)
		snprintf(o->partial, sizeof(o->partial), "%s", e->err.text);
	else if (meta->partial)
		snprintf(o->partial, sizeof(o->partial), "%s",
			 meta->partial_why ? meta->partial_why : "the capture is damaged");
}

static bool is_damaged(const struct engine *e)
{
	return e->err.code == ERR_DAMAGED || log_reader_meta(e->reader)->partial;
}

/* A run that ended early has no state for the times after its end. */
static void cut_times(struct outcome *o)
{
	u32 nr = 0;

	while (nr < o->nr_times && o->times[nr] < o->t_last)
		nr++;
	if (nr < o->nr_times) {
		o->times[nr] = o->t_last;
		o->nr_times = nr + 1;
	}
}

static int want_tasks(struct outcome *o)
{
	int ret = 0;

	for (u32 i = 0; i < o->nr_variants; i++) {
		const struct divergence *d = &o->variants[i].divergence;

		for (u32 z = 0; z < o->nr_zones; z++) {
			const struct metrics_zone *zone = &o->variants[i].metrics.zones[z];

			for (u32 row = 0; row < zone->nr_taints && !ret; row++)
				if (zone->taints[row].at.actor == ACTOR_OP)
					ret = outcome_tasks_want(&o->tasks,
								 zone->taints[row].at.task);
		}
		for (u32 row = 0; row < d->nr_rows && !ret; row++)
			if (d->rows[row].at.actor == ACTOR_OP)
				ret = outcome_tasks_want(&o->tasks, d->rows[row].at.task);
	}
	return ret;
}

static int finish_outcome(struct engine *e, struct error *err)
{
	struct outcome *o = e->outcome;
	int ret = 0;

	for (u32 i = 1; i < o->nr_variants && !ret; i++)
		ret = divergence_finish(&o->variants[i].divergence, &o->variants[0].metrics,
					&o->variants[i].metrics);
	if (!ret)
		ret = want_tasks(o);
	if (!ret)
		ret = outcome_tasks_load(&o->tasks, e->reader);
	if (!ret)
		ret = log_meta_copy(&o->meta, log_reader_meta(e->reader));
	if (!ret)
		ret = outcome_summarise(o);
	o->oddities = *demand_oddities(e->demand);
	o->nr_ops = e->done;
	return ret ? err_nomem(err, "the results") : 0;
}

static int run(struct engine *e, struct error *err)
{
	struct pool pool;
	int ret;

	pool_init(&pool, e->opts->jobs);
	ret = replay_blocks(e, &pool, err);
	if (!ret) {
		note_damage(e);
		if (!e->outcome->partial[0])
			e->t_last = max_u64(e->t_last, e->plan->t_last);
		e->outcome->t_last = e->t_last;
		cut_times(e->outcome);
		pool_run(&pool, e->opts->nr_variants, finish_task, e);
		ret = arms_error(e, err);
	}
	pool_fini(&pool);
	if (!ret)
		ret = finish_outcome(e, err);
	return ret;
}

static int engine_init(struct engine *e, const struct engine_source *src, struct error *err)
{
	int ret;

	if (!e->opts->nr_variants)
		return err_set(err, ERR_USAGE, "no variant to replay - name one with -V");
	ret = engine_config_init(&e->config, e->plan, e->opts, err);
	if (ret)
		return ret;
	e->reader = src->path ? log_reader_open(src->path, false, err) :
				log_reader_open_image(src->image, err);
	if (!e->reader)
		return err && err->code ? -(int)err->code : -(int)ERR_IO;
	if (event_block_init(&e->events))
		return err_nomem(err, "a block of events");
	e->demand = demand_new(e->plan, err);
	if (!e->demand)
		return err && err->code ? -(int)err->code : -(int)ERR_IO;
	e->outcome = outcome_new(e->plan, e->opts, err);
	e->arms = calloc(e->opts->nr_variants, sizeof(*e->arms));
	if (!e->outcome || !e->arms)
		return err_nomem(err, "the variants");
	e->setup = (struct arm_setup){ .plan = e->plan, .config = &e->config.model,
				       .times = e->outcome->times,
				       .nr_times = e->outcome->nr_times,
				       .check_every = e->opts->check_every,
				       .contig = e->opts->contig };
	return 0;
}

static void engine_fini(struct engine *e)
{
	for (u32 i = 0; e->arms && i < e->opts->nr_variants; i++)
		arm_fini(&e->arms[i]);
	free(e->arms);
	op_block_fini(&e->ops[0]);
	op_block_fini(&e->ops[1]);
	demand_free(e->demand);
	event_block_fini(&e->events);
	log_reader_free(e->reader);
	engine_config_fini(&e->config);
	outcome_free(e->outcome);
}

int engine_run(const struct engine_source *src, const struct demand_plan *plan,
	       const struct engine_opts *opts, struct outcome **outcome, struct error *err)
{
	struct engine e = { .plan = plan, .opts = opts, .t_last = plan->t_first };
	int ret = engine_init(&e, src, err);

	*outcome = NULL;
	if (!ret)
		ret = run(&e, err);
	if (!ret) {
		*outcome = e.outcome;
		e.outcome = NULL;
		if (is_damaged(&e))
			ret = err_set(err, ERR_DAMAGED, "%s: %s - the results cover the part "
				      "before the damage", source_name(&e, src),
				      (*outcome)->partial);
	}
	engine_fini(&e);
	return ret;
}
