// SPDX-License-Identifier: GPL-2.0
#include "cmd/run/run_input.h"

#include <string.h>

#include "cmd/common/figures.h"
#include "cmd/common/memory.h"
#include "cmd/common/outdir.h"

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

int run_input_check(struct run_input *in, const struct command *cmd, struct error *err)
{
	const struct run_opts *o = in->opts;
	const struct inputs reads = { .captures = &o->inputs, .variants = &o->variants,
				      .snapshot = o->snapshot, .after = in->after,
				      .format_dir = o->format_dir };
	enum figure_order order;
	u64 limit;

	if (cmd && !o->inputs.nr)
		return err_set(err, ERR_USAGE, "%s: no input - give -i CAPTURE_OR_LOG", cmd->name);
	if (level_check(o->level, err) || initial_state(o->initial, &in->demand.initial, err))
		return -ERR_USAGE;
	if (o->max_memory && memory_parse(o->max_memory, &limit, err))
		return -ERR_USAGE;
	if (o->fill && fill_parse(o->fill, &in->demand.fill, err))
		return -ERR_USAGE;
	if (o->fill && in->demand.initial == INITIAL_EXACT)
		return err_set(err, ERR_USAGE, "--fill: an exact start has no room for what nobody "
			       "recorded - use --initial repopulate or empty");
	if (o->window && window_parse(o->window, &in->window, err))
		return -ERR_USAGE;
	if (figure_order_parse(o->sort, &order, err))
		return -ERR_USAGE;
	run_ahead_init(&in->ahead, o, &in->demand);
	if (!o->output)
		return 0;
	return outdir_check(o->output, in->writes ? in->writes : outcome_file_name, &reads, err);
}

/* Events that the level can use? Otherwise later errors would only confuse. */
static int check_events(const struct run_input *in, struct error *err)
{
	if (kinds_of(source_meta(&in->src)) & in->level->needs)
		return 0;
	if (in->opts->cpus && !source_meta(&in->src)->nr_events)
		return err_set(err, ERR_USAGE, "%s: has no events of CPUs %.80s - widen --cpu",
			       in->src.name, in->opts->cpus);
	return err_set(err, ERR_DAMAGED, "%s: has none of the events of this level - record kmem's "
		       "mm_page_alloc_zone_locked, mm_page_pcpu_drain, mm_page_free and "
		       "mm_page_alloc_extfrag", in->src.name);
}

/* Where nothing is left to replay, damage is a better reason than any other. */
static int no_plan(const struct run_input *in, struct error *err)
{
	struct error damage = { 0 }, cause = *err;

	source_rename(&in->src, err);
	if (cause.code == ERR_DAMAGED && !strstr(err->text, in->src.name) &&
	    !(in->opts->snapshot && strstr(err->text, in->opts->snapshot)))
		err_set(err, ERR_DAMAGED, "%s: %s", in->src.name, cause.text);
	if (source_useless(&in->src, &damage))
		*err = damage;
	return -(int)err->code;
}

static int check_plan(const struct run_input *in, struct error *err)
{
	if (in->plan->nr_allocs + in->plan->nr_frees)
		return 0;
	err_set(err, ERR_USAGE, "%s: nothing to replay in this window and zone - widen --window or "
		"--zone", in->src.name);
	return no_plan(in, err);
}

int run_input_plan(struct run_input *in, struct error *err)
{
	const struct run_opts *o = in->opts;
	const struct log_meta *meta = source_meta(&in->src);

	in->demand.t1 = UINT64_MAX;
	in->level = level_choose(o->level, kinds_of(meta));
	in->demand.level = in->level->level;
	if (check_events(in, err))
		return no_plan(in, err);
	if (o->window && window_resolve(&in->window, meta->first_time, meta->last_time,
					&in->demand.t0, &in->demand.t1, err))
		return -ERR_USAGE;
	in->snapshot = in->ahead.snapshot;
	in->ahead.snapshot = NULL;
	if (o->snapshot && !in->snapshot) {
		in->snapshot = snapshot_load(o->snapshot, err);
		if (!in->snapshot)
			return -(int)err->code;
	}
	in->demand.zone = o->zone;
	in->demand.snapshot = in->snapshot;
	in->demand.spb_order = o->spb_order;
	in->plan = run_ahead_plan(&in->ahead, meta, &in->demand);
	if (!in->plan)
		in->plan = demand_scan(in->src.reader, &in->demand, err);
	return in->plan ? check_plan(in, err) : no_plan(in, err);
}

void run_input_close(struct run_input *in)
{
	run_ahead_fini(&in->ahead);
	demand_plan_free(in->plan);
	snapshot_free(in->snapshot);
	source_close(&in->src);
}
