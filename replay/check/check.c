// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/check/check_labels.h"
#include "replay/check/check_side.h"
#include "replay/check/check_taint.h"
#include "replay/demand/demand_worker.h"
#include "replay/engine/engine_config.h"

/**
 * struct check - a check under way
 * @sides, @nr_sides: the open loop, and the following one where it is possible
 */
struct check {
	struct log_reader *reader;
	const struct demand_plan *plan;
	const struct check_opts *opts;
	struct check_report *report;
	struct check_names names;
	struct engine_config config;
	struct side sides[NR_CHECK_SIDES];
	u32 nr_sides;
	struct taint_track taint;
	struct demand *demand;
	struct event_block events;
	struct op_block ops;
};

/* ---- one block ---- */

static int anchor(struct check *c, u32 from, u32 to, const struct event *e, u64 index,
		  struct error *err)
{
	int rc = 0;

	for (u32 s = 0; s < c->nr_sides && !rc; s++)
		rc = side_ops(&c->sides[s], &c->ops, from, to, e, index, err);
	return rc;
}

static int bystander(struct check *c, const struct event *e, u64 index)
{
	const bool worker = is_worker_task(&c->plan->worker_tasks, e->task);
	const bool page_level = c->plan->opts.level == DEMAND_PAGE;

	if (e->kind == EVENT_SPB_PB_TAINT)
		taint_track_event(&c->taint, e);
	for (u32 s = 0; s < c->nr_sides && check_kind_modelled(e->kind, page_level); s++)
		matcher_recorded(&c->sides[s].matcher, e, index, worker);
	return 0;
}

static int fallback(struct check *c, const struct event *e, struct error *err)
{
	int rc = 0;

	for (u32 s = 0; s < c->nr_sides && !rc; s++)
		rc = side_fallback(&c->sides[s], e, err);
	return rc;
}

static bool stop_asked(const struct check *c)
{
	return c->opts->stop && *c->opts->stop;
}

/* May end with any event: checks of the model make a block long. */
static int check_block(struct check *c, struct error *err)
{
	const struct event_block *b = &c->events;
	const u64 *extra = b->extra;
	u32 op = 0;
	int rc = 0;

	for (u32 i = 0; i < b->nr && !rc && !stop_asked(c); i++) {
		const u64 index = b->first + i, *words = extra;
		u32 to = op;
		struct event e;

		if (b->kind[i] >= NR_EVENT_KINDS)
			continue;
		extra += event_kinds[b->kind[i]].nr_extra;
		while (to < c->ops.nr && c->ops.ops[to].event == index)
			to++;
		if (b->time[i] < c->plan->opts.t0 || b->time[i] >= c->plan->opts.t1)
			continue;
		taint_track_sample(&c->taint, c->sides, c->nr_sides, b->time[i], false);
		e = check_event_recorded(&c->names, b, i, words);
		rc = to > op ? anchor(c, op, to, &e, index, err) : bystander(c, &e, index);
		if (!rc && e.kind == EVENT_EXTFRAG)
			rc = fallback(c, &e, err);
		op = to;
	}
	c->report->ops += op;
	return rc;
}

static int check_log(struct check *c, struct error *err)
{
	const u64 total = c->plan->nr_allocs + c->plan->nr_frees;
	int rc = log_reader_rewind(c->reader, err);

	if (c->opts->progress)
		c->opts->progress(c->opts->progress_ctx, 0, total);
	while (!rc && !stop_asked(c)) {
		rc = log_reader_next(c->reader, &c->events, err);
		if (rc <= 0)
			break;
		rc = demand_next(c->demand, &c->events, &c->ops, err);
		if (!rc)
			rc = check_block(c, err);
		if (c->opts->progress)
			c->opts->progress(c->opts->progress_ctx, c->report->ops,
					  max_u64(total, c->report->ops));
	}
	c->report->partial = stop_asked(c) || rc == -ERR_DAMAGED;
	return rc;
}

/* ---- life ---- */

static int copy_zones(struct check *c, struct error *err)
{
	struct check_report *r = c->report;

	r->nr_zones = c->plan->nr_zones;
	r->zone_names = calloc(r->nr_zones + 1, sizeof(*r->zone_names));
	if (!r->zone_names)
		return err_nomem(err, "zones");
	for (u32 z = 0; z < r->nr_zones; z++)
		snprintf(r->zone_names[z], sizeof(*r->zone_names), "%u/%.15s",
			 c->plan->zones[z].node, c->plan->zones[z].name);
	return 0;
}

static int make_report(struct check *c, struct error *err)
{
	struct check_report *r = calloc(1, sizeof(*r));

	c->report = r;
	if (!r)
		return err_nomem(err, "the report");
	r->max_misses = c->opts->max_misses;
	for (u32 s = 0; s < NR_CHECK_SIDES; s++) {
		r->misses[s] = calloc(r->max_misses + 1, sizeof(**r->misses));
		if (!r->misses[s])
			return err_nomem(err, "the report");
	}
	return copy_zones(c, err);
}

static int make_sides(struct check *c, struct error *err)
{
	struct arm_setup setup = { .plan = c->plan, .config = &c->config.model,
				   .check_every = c->opts->check_every };
	int rc = 0;

	for (u32 s = 0; s < c->nr_sides && !rc; s++)
		rc = side_init(&c->sides[s], (enum check_side)s, c->opts, &setup, &c->names,
			       c->report, err);
	return rc;
}

static int check_begin(struct check *c, struct error *err)
{
	const struct log_meta *meta = log_reader_meta(c->reader);
	const struct engine_opts eo = { .seed = c->opts->seed, .spb_order = c->opts->spb_order };
	int rc = make_report(c, err);

	c->nr_sides = c->plan->opts.level == DEMAND_PAGE ? 1 : NR_CHECK_SIDES;
	c->names = (struct check_names){ .reader = c->reader, .zones = c->plan->zones,
					 .nr_zones = c->plan->nr_zones,
					 .pageblock_order = c->plan->pageblock_order };
	if (!rc)
		rc = engine_config_init(&c->config, c->plan, &eo, err);
	if (!rc && event_block_init(&c->events))
		rc = err_nomem(err, "events");
	if (!rc)
		rc = make_sides(c, err);
	if (rc)
		return rc;
	c->report->follows = c->nr_sides > SIDE_FOLLOW;
	snprintf(c->report->capture, sizeof(c->report->capture), "%.16s",
		 meta->source_hash ? meta->source_hash : "");
	c->report->capture_bytes = meta->source_size;
	c->report->recorded_taint = meta->count[EVENT_SPB_PB_TAINT] > 0;
	c->report->residents_failed = c->sides[SIDE_OPEN].metrics.initial_failed;
	rc = check_labels_start(c->report, &c->sides[SIDE_OPEN], err);
	if (!rc)
		rc = taint_track_init(&c->taint, &c->sides[SIDE_OPEN],
				      c->report->recorded_taint || !c->report->follows, err);
	if (rc)
		return rc;
	c->demand = demand_new(c->plan, err);
	return c->demand ? 0 : -(int)(err->code ? err->code : ERR_IO);
}

/* Return: @rc, of what came before; or that there was no memory, and nothing to report. */
static int check_end(struct check *c, int rc, struct error *err)
{
	for (u32 s = 0; s < c->nr_sides; s++) {
		side_end(&c->sides[s]);
		if (model_no_memory(c->sides[s].arm.model)) {
			*err = (struct error){ 0 };
			return err_nomem(err, "the model");
		}
	}
	taint_track_sample(&c->taint, c->sides, c->nr_sides, c->plan->t_last, true);
	check_labels_end(c->report, c->sides, c->nr_sides, c->opts->after);
	return rc;
}

static void check_fini(struct check *c)
{
	demand_free(c->demand);
	op_block_fini(&c->ops);
	event_block_fini(&c->events);
	taint_track_fini(&c->taint);
	for (u32 s = 0; s < NR_CHECK_SIDES; s++)
		side_fini(&c->sides[s]);
	engine_config_fini(&c->config);
}

int check_run(struct log_reader *reader, const struct demand_plan *plan,
	      const struct check_opts *opts, struct check_report **report, struct error *err)
{
	struct check *c = calloc(1, sizeof(*c));
	int rc;

	*report = NULL;
	if (!c)
		return err_nomem(err, "the check");
	c->reader = reader;
	c->plan = plan;
	c->opts = opts;
	rc = check_begin(c, err);
	if (!rc)
		rc = check_log(c, err);
	if (!rc || rc == -ERR_DAMAGED)
		rc = check_end(c, rc, err);
	if (!rc || rc == -ERR_DAMAGED)
		*report = c->report;
	else
		check_report_free(c->report);
	check_fini(c);
	free(c);
	return rc;
}

void check_report_free(struct check_report *r)
{
	if (!r)
		return;
	for (u32 s = 0; s < NR_CHECK_SIDES; s++)
		free(r->misses[s]);
	free(r->fallbacks);
	free(r->labels);
	free(r->zone_names);
	free(r);
}

bool check_disagrees(const struct check_report *r)
{
	const struct check_figures *f = &r->side[SIDE_OPEN];

	for (u32 k = 0; k < NR_EVENT_KINDS; k++) {
		if (f->kinds[k].recorded != f->kinds[k].agree ||
		    f->kinds[k].model != f->kinds[k].agree)
			return true;
	}
	return f->worker.recorded != f->worker.agree || f->worker.model != f->worker.agree ||
	       f->all.pfn != check_placed(&f->all);
}
