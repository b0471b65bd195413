// SPDX-License-Identifier: GPL-2.0
#include "cmd/run/run_ahead.h"

static void drop(struct run_ahead *a)
{
	demand_scan_abort(a->scanner);
	a->scanner = NULL;
	a->off = true;
}

static u32 kinds_in(const struct event_block *b)
{
	u32 have = 0;

	for (u32 i = 0; i < b->nr; i++)
		have |= 1u << b->kind[i];
	return have;
}

/* With the first events. An error is not told: it comes again when the log is scanned. */
static bool begin(struct run_ahead *a, const struct event_block *b)
{
	/* A scan that looks out for losses is right with and without them. */
	const struct log_meta guess = { .count[EVENT_LOST] = 1 };
	struct error err = { 0 };

	a->level = level_expected(a->opts->level, kinds_in(b));
	a->demand.level = a->level->level;
	if (a->opts->snapshot && !a->snapshot) {
		a->snapshot = snapshot_load(a->opts->snapshot, &err);
		if (!a->snapshot)
			return false;
	}
	a->demand.snapshot = a->snapshot;
	a->scanner = demand_scan_begin(&guess, &a->demand, false, &err);
	return a->scanner;
}

static void scan(void *ctx, const struct event_block *b)
{
	struct run_ahead *a = ctx;
	struct error err = { 0 };

	if (a->off)
		return;
	if ((!a->scanner && !begin(a, b)) ||
	    demand_scan_block(a->scanner, b, &err) != SCAN_MORE)
		drop(a);
	a->events += b->nr;
}

static void restart(void *ctx)
{
	struct run_ahead *a = ctx;

	drop(a);
	a->off = false;
	a->events = 0;
}

void run_ahead_init(struct run_ahead *a, const struct run_opts *opts,
		    const struct demand_opts *demand)
{
	*a = (struct run_ahead){
		.watch = { .block = scan, .restart = restart, .ctx = a },
		.opts = opts,
		.demand = *demand,
		/* Where a window lies may depend on the last event. */
		.off = opts->window,
	};
	a->demand.t1 = UINT64_MAX;
	a->demand.zone = opts->zone;
	a->demand.spb_order = opts->spb_order;
}

void run_ahead_fini(struct run_ahead *a)
{
	drop(a);
	snapshot_free(a->snapshot);
	a->snapshot = NULL;
}

struct demand_plan *run_ahead_plan(struct run_ahead *a, const struct log_meta *meta,
				   const struct demand_opts *demand)
{
	struct demand_scanner *s = a->scanner;
	struct error err = { 0 };

	if (!s || a->events != meta->nr_events || a->demand.level != demand->level ||
	    !demand_scan_fits(s, meta))
		return NULL;
	a->scanner = NULL;
	return demand_scan_end(s, &err);
}
