// SPDX-License-Identifier: GPL-2.0
#include "cmd/run/run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/common/drawn.h"
#include "cmd/common/jobs.h"
#include "cmd/common/memory.h"
#include "cmd/common/progress.h"
#include "cmd/run/run_input.h"
#include "cmd/run/run_notes.h"
#include "cmd/run/run_show.h"
#include "cmd/common/say.h"
#include "cmd/common/units.h"
#include "cmd/common/stop.h"
#include "replay/base/hash.h"
#include "replay/fleet/fleet_unit.h"
#include "replay/engine/engine.h"
#include "replay/engine/engine_memory.h"

/**
 * struct run - one run on its way
 * @in: the input; @outcome: owned
 * @wall, @cpu: clocks at the start
 * @differs: a variant differs from the first one
 * @whole: signals kill as usual, instead of ending the replay early
 */
struct run {
	const struct run_opts *opts;
	struct run_input in;
	struct outcome *outcome;
	u64 wall;
	u64 cpu;
	bool differs;
	bool whole;
};

static u32 nr_jobs(const struct run_opts *o, u32 nr_variants)
{
	u32 jobs = jobs_or_cpus(o->jobs);

	/* One task a variant, and one that decodes ahead. */
	return jobs <= nr_variants ? jobs : nr_variants + 1;
}

/* Say what the replay will take, and refuse what is too much while nothing is done yet. */
static int check_memory(const struct run *r, const struct engine_opts *eo, struct error *err)
{
	const struct run_opts *o = r->opts;
	struct engine_memory need;
	const u64 held = memory_held();
	char all[UNIT_TEXT], own[UNIT_TEXT], var[UNIT_TEXT], max[UNIT_TEXT];
	u64 limit = UINT64_MAX, total;

	if (!o->max_memory && !o->verbose)
		return 0;
	if (o->max_memory && memory_parse(o->max_memory, &limit, err))
		return -ERR_USAGE;
	if (engine_memory(r->in.plan, eo, &need, err))
		return -(int)err->code;
	total = held + need.shared + need.variants;
	fmt_bytes(all, total);
	fmt_bytes(own, held + need.shared);
	fmt_bytes(var, need.variants / eo->nr_variants);
	if (o->verbose)
		say("memory: at most %s: %s for all variants, %s for each of %u", all, own, var,
		    eo->nr_variants);
	if (total <= limit / max_u64(o->memory_share, 1))
		return 0;
	/* As when memory runs out: batch tries it again, perhaps with more. */
	return err_set(err, ERR_IO, "%s: takes up to %s of memory (%s for all variants, %s for each "
		       "of %u), more than the %s allowed - give fewer variants, one --zone, or a "
		       "larger --max-memory", r->in.src.name, all, own, var, eo->nr_variants,
		       fmt_bytes(max, limit / max_u64(o->memory_share, 1)));
}

static int replay(struct run *r, const struct variant *variants, u32 nr_variants,
		  struct error *err)
{
	const struct run_opts *o = r->opts;
	struct engine_source source = { .image = r->in.src.image };
	struct progress progress;
	struct engine_opts eo = {
		.variants = variants, .nr_variants = nr_variants, .seed = o->seed,
		.spb_order = r->in.plan->opts.spb_order, .jobs = nr_jobs(o, nr_variants),
		.check_every = o->check_every, .contig = o->contig, .samples = o->samples,
		.stop = stop_flag(),
		.progress = r->whole ? progress_tick : progress_keep, .progress_ctx = &progress,
	};
	int ret = check_memory(r, &eo, err);

	if (ret)
		return ret;
	if (!source.image)
		source.path = r->in.src.real;
	progress_begin(&progress, "replaying", o->quiet);
	ret = engine_run(&source, r->in.plan, &eo, &r->outcome, err);
	progress_end(&progress);
	source_rename(&r->in.src, err);
	return ret == -ERR_DAMAGED && r->outcome ? 0 : ret;
}

static int write_files(struct run *r, struct error *err)
{
	const struct run_opts *o = r->opts;
	char hash[HASH64_TEXT];
	u64 snapshot = 0;
	struct outcome_input inputs[2] = {
		{ .role = r->in.src.capture ? "capture" : "log", .path = r->in.src.name },
		{ .role = "snapshot", .path = o->snapshot, .xxh64 = hash },
	};
	struct outcome_run run = {
		.version = SPBREPLAY_VERSION, .inputs = inputs, .nr_inputs = o->snapshot ? 2 : 1,
		.wall_ns = wall_ns() - r->wall, .cpu_ns = cpu_ns() - r->cpu,
	};

	if (!o->output)
		return 0;
	if (o->snapshot && fleet_hash_snapshot(o->snapshot, &snapshot, err))
		return -(int)err->code;
	hash64_text(hash, snapshot);
	return outcome_write(r->outcome, o->output, &run, err);
}

/* Results are there; is something about them that the exit status must tell? */
static int verdict(const struct run *r, struct error *err)
{
	const char *partial = outcome_partial(r->outcome);

	if (!(partial && *stop_flag()) && source_damage(&r->in.src, err))
		return -ERR_DAMAGED;
	if (partial)
		return err_set(err, ERR_DAMAGED, "%s: %s - results are partial", r->in.src.name,
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
	if (!ret && o->output)
		drawn_warn(o->output);
	if (!o->quiet && !ret && o->output)
		note_files(o->output);
	if (o->verbose)
		note_details(r->outcome, r->in.plan, wall_ns() - r->wall, cpu_ns() - r->cpu);
	return ret ? ret : shown;
}

static int run_all(struct run *r, const struct variant *variants, u32 nr_variants,
		   struct error *err)
{
	int ret = run_input_plan(&r->in, err);

	if (ret)
		return ret;
	warn_before(&r->in.src, r->in.plan, r->in.snapshot, r->opts->quiet);
	ret = replay(r, variants, nr_variants, err);
	if (ret)
		return ret;
	*err = (struct error){ 0 };	/* damage; verdict() says it better */
	warn_after(&r->in.src, r->outcome);
	ret = show(r, err);
	return ret ? ret : verdict(r, err);
}

int run_engine(const struct command *cmd, const struct run_opts *opts,
	       const struct variant *variants, u32 nr_variants)
{
	struct run r = { .opts = opts, .in.opts = opts, .wall = wall_ns(), .cpu = cpu_ns() };
	struct source_opts so = { .buffer = opts->buffer, .quiet = opts->quiet,
				  .strict = opts->strict, .salvage = opts->salvage,
				  .format_dir = opts->format_dir, .cpus = opts->cpus,
				  .jobs = jobs_or_cpus(opts->jobs), .watch = &r.in.ahead.watch };
	struct error err = { 0 };

	if (run_input_check(&r.in, cmd, &err) ||
	    source_open(&r.in.src, &opts->inputs, &so, &err)) {
		run_ahead_fini(&r.in.ahead);
		return say_error(&err);
	}
	run_all(&r, variants, nr_variants, &err);
	if (err.code)
		say_error(&err);
	outcome_free(r.outcome);
	run_input_close(&r.in);
	if (!err.code && opts->exit_code && r.differs)
		return ERR_DIFFERS;
	return (int)err.code;
}

int run_check(const struct run_opts *opts, struct error *err)
{
	struct run_opts o = *opts;
	struct run r = { .opts = &o, .in.opts = &o };

	o.output = NULL;
	if (run_input_check(&r.in, NULL, err))
		return -(int)err->code;
	return o.window ? window_order(&r.in.window, o.window, err) : 0;
}

int run_outcome(const struct command *cmd, const struct run_opts *opts,
		const struct variant *variants, u32 nr_variants, struct outcome **outcome,
		struct error *err)
{
	struct run r = { .opts = opts, .in.opts = opts, .whole = true };
	struct source_opts so = { .buffer = opts->buffer, .quiet = opts->quiet,
				  .strict = opts->strict, .salvage = opts->salvage,
				  .watch = &r.in.ahead.watch };
	int ret = run_input_check(&r.in, cmd, err);

	*outcome = NULL;
	if (!ret)
		ret = source_open(&r.in.src, &opts->inputs, &so, err);
	if (ret) {
		run_ahead_fini(&r.in.ahead);
		return ret;
	}
	ret = run_input_plan(&r.in, err);
	if (!ret)
		ret = replay(&r, variants, nr_variants, err);
	if (!ret) {
		*err = (struct error){ 0 };
		ret = verdict(&r, err);
		*outcome = r.outcome;
	}
	run_input_close(&r.in);
	return ret;
}
