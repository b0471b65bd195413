// SPDX-License-Identifier: GPL-2.0
#include "cmd/run/run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/common/jobs.h"
#include "cmd/common/level.h"
#include "cmd/common/outdir.h"
#include "cmd/common/progress.h"
#include "cmd/run/run_notes.h"
#include "cmd/run/run_show.h"
#include "cmd/common/say.h"
#include "cmd/common/source.h"
#include "cmd/common/stop.h"
#include "cmd/common/window.h"
#include "replay/engine/engine.h"

/**
 * struct run - one run on its way
 * @src: the input; @plan, @snapshot, @outcome: owned
 * @wall, @cpu: clocks at the start
 * @differs: a variant differs from the first one
 * @whole: signals kill as usual, instead of ending the replay early
 */
struct run {
	const struct run_opts *opts;
	struct source src;
	struct window window;
	struct demand_opts demand;
	const struct level *level;
	struct snapshot *snapshot;
	struct demand_plan *plan;
	struct outcome *outcome;
	u64 wall;
	u64 cpu;
	bool differs;
	bool whole;
};

static int initial_state(const char *text, enum initial_state *initial, struct error *err)
{
	*initial = INITIAL_REPOPULATE;
	if (!text)
		return 0;
	for (u32 i = 0; i < NR_INITIAL_STATES; i++) {
		if (!strcmp(initial_state_name((enum initial_state)i), text)) {
			*initial = (enum initial_state)i;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "--initial: unknown state '%.40s' - available: repopulate, "
		       "exact, empty", text);
}

/* All that can be judged without the input, before any work. */
static int check_options(struct run *r, const struct command *cmd, struct error *err)
{
	const struct run_opts *o = r->opts;

	if (cmd && !o->inputs.nr)
		return err_set(err, ERR_USAGE, "%s: no input - give -i CAPTURE_OR_LOG", cmd->name);
	if (level_check(o->level, err) || initial_state(o->initial, &r->demand.initial, err))
		return -ERR_USAGE;
	if (o->window && window_parse(o->window, &r->window, err))
		return -ERR_USAGE;
	return o->output ? outdir_check(o->output, err) : 0;
}

/* Events that the level can use? Otherwise later errors would only confuse. */
static int check_events(const struct run *r, struct error *err)
{
	if (kinds_of(source_meta(&r->src)) & r->level->needs)
		return 0;
	return err_set(err, ERR_DAMAGED, "%s: has none of the events of this level - record kmem's "
		       "mm_page_alloc_zone_locked, mm_page_pcpu_drain, mm_page_free and "
		       "mm_page_alloc_extfrag", r->src.name);
}

/* Where nothing is left to replay, damage is a better reason than any other. */
static int no_plan(const struct run *r, struct error *err)
{
	struct error damage = { 0 }, cause = *err;

	source_rename(&r->src, err);
	if (cause.code == ERR_DAMAGED && !strstr(err->text, r->src.name) &&
	    !(r->opts->snapshot && strstr(err->text, r->opts->snapshot)))
		err_set(err, ERR_DAMAGED, "%s: %s", r->src.name, cause.text);
	if (source_damage(&r->src, &damage))
		*err = damage;
	return -(int)err->code;
}

static int check_plan(const struct run *r, struct error *err)
{
	if (r->plan->nr_allocs + r->plan->nr_frees)
		return 0;
	err_set(err, ERR_USAGE, "%s: nothing to replay in this window and zone - widen --window or "
		"--zone", r->src.name);
	return no_plan(r, err);
}

static int make_plan(struct run *r, struct error *err)
{
	const struct run_opts *o = r->opts;
	const struct log_meta *meta = source_meta(&r->src);

	r->demand.t1 = UINT64_MAX;
	r->level = level_choose(o->level, kinds_of(meta));
	r->demand.level = r->level->level;
	if (check_events(r, err))
		return no_plan(r, err);
	if (o->window && window_resolve(&r->window, meta->first_time, meta->last_time,
					&r->demand.t0, &r->demand.t1, err))
		return -ERR_USAGE;
	if (o->snapshot) {
		r->snapshot = snapshot_load(o->snapshot, err);
		if (!r->snapshot)
			return -(int)err->code;
	}
	r->demand.zone = o->zone;
	r->demand.snapshot = r->snapshot;
	r->demand.spb_order = o->spb_order;
	r->plan = demand_scan(r->src.reader, &r->demand, err);
	return r->plan ? check_plan(r, err) : no_plan(r, err);
}

static u32 nr_jobs(const struct run_opts *o, u32 nr_variants)
{
	u32 jobs = jobs_or_cpus(o->jobs);

	/* One task a variant, and one that decodes ahead. */
	return jobs <= nr_variants ? jobs : nr_variants + 1;
}

static int replay(struct run *r, const struct variant *variants, u32 nr_variants,
		  struct error *err)
{
	const struct run_opts *o = r->opts;
	struct engine_source source = { .image = r->src.image };
	struct progress progress;
	struct engine_opts eo = {
		.variants = variants, .nr_variants = nr_variants, .seed = o->seed,
		.spb_order = o->spb_order, .jobs = nr_jobs(o, nr_variants),
		.check_every = o->check_every, .samples = o->samples, .stop = stop_flag(),
		.progress = progress_tick, .progress_ctx = &progress,
	};
	int ret;

	if (!source.image)
		source.path = r->src.real;
	progress_begin(&progress, "replaying", o->quiet);
	if (!r->whole)
		stop_asks();
	ret = engine_run(&source, r->plan, &eo, &r->outcome, err);
	progress_end(&progress);
	source_rename(&r->src, err);
	return ret == -ERR_DAMAGED && r->outcome ? 0 : ret;
}

static int write_files(struct run *r, struct error *err)
{
	const struct run_opts *o = r->opts;
	struct outcome_input inputs[2] = {
		{ .role = r->src.capture ? "capture" : "log", .path = r->src.name },
		{ .role = "snapshot", .path = o->snapshot },
	};
	struct outcome_run run = {
		.version = SPBREPLAY_VERSION, .inputs = inputs, .nr_inputs = o->snapshot ? 2 : 1,
		.wall_ns = wall_ns() - r->wall, .cpu_ns = cpu_ns() - r->cpu,
	};

	return o->output ? outcome_write(r->outcome, o->output, &run, err) : 0;
}

/* Results are there; is something about them that the exit status must tell? */
static int verdict(const struct run *r, struct error *err)
{
	const char *partial = outcome_partial(r->outcome);

	if (!(partial && *stop_flag()) && source_damage(&r->src, err))
		return -ERR_DAMAGED;
	if (partial)
		return err_set(err, ERR_DAMAGED, "%s: %s - results are partial", r->src.name,
			       partial);
	return 0;
}

/* Files first: they are the results that last. The table comes even when they fail. */
static int show(struct run *r, struct error *err)
{
	const struct run_opts *o = r->opts;
	int ret, shown;

	stop_hold();
	ret = write_files(r, err);
	stop_release();
	shown = run_show(o, r->outcome, &r->differs, err);
	if (!shown)
		shown = stdout_flush(err);
	if (!o->quiet && !ret && o->output)
		note_files(o->output);
	if (o->verbose)
		note_details(r->outcome, r->plan, wall_ns() - r->wall, cpu_ns() - r->cpu);
	return ret ? ret : shown;
}

static int run_all(struct run *r, const struct variant *variants, u32 nr_variants,
		   struct error *err)
{
	int ret = make_plan(r, err);

	if (ret)
		return ret;
	warn_before(&r->src, r->plan, r->snapshot);
	ret = replay(r, variants, nr_variants, err);
	if (ret)
		return ret;
	*err = (struct error){ 0 };	/* damage; verdict() says it better */
	warn_after(&r->src, r->outcome);
	ret = show(r, err);
	return ret ? ret : verdict(r, err);
}

int run_engine(const struct command *cmd, const struct run_opts *opts,
	       const struct variant *variants, u32 nr_variants)
{
	struct run r = { .opts = opts, .wall = wall_ns(), .cpu = cpu_ns() };
	struct source_opts so = { .buffer = opts->buffer, .quiet = opts->quiet,
				  .strict = opts->strict,
				  .format_dir = opts->format_dir, .cpus = opts->cpus,
				  .jobs = jobs_or_cpus(opts->jobs) };
	struct error err = { 0 };

	if (check_options(&r, cmd, &err) || source_open(&r.src, &opts->inputs, &so, &err))
		return say_error(&err);
	run_all(&r, variants, nr_variants, &err);
	if (err.code)
		say_error(&err);
	outcome_free(r.outcome);
	demand_plan_free(r.plan);
	snapshot_free(r.snapshot);
	source_close(&r.src);
	if (!err.code && opts->exit_code && r.differs)
		return ERR_DIFFERS;
	return (int)err.code;
}

int run_check(const struct run_opts *opts, struct error *err)
{
	struct run_opts o = *opts;
	struct run r = { .opts = &o };

	o.output = NULL;
	return check_options(&r, NULL, err);
}

int run_outcome(const struct command *cmd, const struct run_opts *opts,
		const struct variant *variants, u32 nr_variants, struct outcome **outcome,
		struct error *err)
{
	struct run r = { .opts = opts, .whole = true };
	struct source_opts so = { .buffer = opts->buffer, .quiet = opts->quiet,
				  .strict = opts->strict };
	int ret = check_options(&r, cmd, err);

	*outcome = NULL;
	if (!ret)
		ret = source_open(&r.src, &opts->inputs, &so, err);
	if (ret)
		return ret;
	ret = make_plan(&r, err);
	if (!ret)
		ret = replay(&r, variants, nr_variants, err);
	if (!ret) {
		*err = (struct error){ 0 };
		ret = verdict(&r, err);
		*outcome = r.outcome;
	}
	demand_plan_free(r.plan);
	snapshot_free(r.snapshot);
	source_close(&r.src);
	return ret;
}
