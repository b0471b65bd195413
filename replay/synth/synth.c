// SPDX-License-Identifier: GPL-2.0
#include "replay/synth/synth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "replay/demand/demand_core.h"
#include "replay/engine/engine_arm.h"
#include "replay/engine/huge_memory.h"

#define SPB_ORDER 18
#define BLOCK_ORDER 9
#define MAX_ORDER 10

#define BURST_STEP_NS 250	/* between two operations of a burst */
#define EVENTS_PER_BURST 20	/* about, when only the time is given */
#define FULL_PERCENT 97	/* above it, load that is not scripted only frees */
#define IDLE_BURSTS_MAX 4096	/* bursts in a row that did nothing: the phase is over */

/* Orders that go through per-CPU lists: PCP buddy takes all up to the pageblock (S2.8, S7.3). */
#define PCP_BUDDY_ORDERS 0x3ffU
#define PCP_VANILLA_ORDERS 0x20fU

/**
 * struct synth - a run
 * @now: model time; @start: of the first event, as the engine will have it
 * @pages: of the machine; @live: units, @live_pages: theirs
 * @taken: requests so far; @bursts: of all streams
 * @turn: bursts so far by stream, to take turns among processes
 * @next_goal: of a phase whose goals take turns
 * @scale: parts a million of the goals that the length allows, of small and of huge units
 */
struct synth {
	const struct synth_opts *opts;
	const struct synth_profile *profile;
	struct model_zone_config zone;
	struct model *m;
	struct units units;
	struct recorder rec;
	struct synth_result *res;
	struct error *err;
	u64 random;
	u64 now;
	u64 pages;
	u64 live;
	u64 live_pages;
	u64 taken;
	u64 bursts;
	u64 turn[SYNTH_MAX_STREAMS];
	u64 scale[2];
	u32 next_goal;
};

static u64 draw(struct synth *s)
{
	s->random += 0x9e3779b97f4a7c15ULL;
	return demand_mix(s->random);
}

/* ---- what the model tells ---- */

static void on_event(void *ctx, const struct model_event *e)
{
	struct synth *s = ctx;

	recorder_event(&s->rec, e);
}

static const struct synth_stream *stream_of(const struct synth *s, u32 unit)
{
	return &s->profile->streams[s->units.stream[unit]];
}

/* As mm_page_pcpu_drain tells it: the label of the block, whatever the page is used for. */
static u32 label_at(const struct synth *s, u64 pfn)
{
	const int label = model_label(s->m, pfn);

	return label < 0 ? MIGRATE_MOVABLE : (u32)label;
}

/* That the target left the buddy was an event of its own; the source goes back. */
static void on_moved(void *ctx, u32 owner, u64 to)
{
	struct synth *s = ctx;
	const struct synth_stream *stream = stream_of(s, owner);

	if (s->opts->page_level)
		recorder_worker_alloc(&s->rec, s->zone.node, to, stream->order);
	recorder_worker_free(&s->rec, model_now(s->m), s->zone.node, s->units.pfn[owner],
			     stream->order, label_at(s, s->units.pfn[owner]));
	s->units.pfn[owner] = to;
	s->res->moved++;
}

static void on_dropped(void *ctx, u32 owner)
{
	struct synth *s = ctx;
	const struct synth_stream *stream = stream_of(s, owner);

	recorder_worker_free(&s->rec, model_now(s->m), s->zone.node, s->units.pfn[owner],
			     stream->order, label_at(s, s->units.pfn[owner]));
	s->units.pfn[owner] = UNIT_GONE;
	s->res->dropped++;
}

static const struct model_observer observer = {
	.moved = on_moved,
	.dropped = on_dropped,
	.event = on_event,
};

/* ---- operations ---- */

/* The worker does what is due; its events come before those of the next operation. */
static void settle(struct synth *s)
{
	do {
		s->now = max_u64(s->now, s->rec.last + 1);
		model_run(s->m, s->now);
	} while (s->rec.last >= s->now);
}

static int alloc_unit(struct synth *s, u32 stream, u16 cpu)
{
	const struct synth_stream *st = &s->profile->streams[stream];
	/* Below the per-CPU lists nobody records gfp flags: a replay would not know them. */
	struct model_req req = { .cpu = cpu, .order = st->order,
				 .migratetype = st->migratetype,
				 .gfp = s->opts->page_level ? st->gfp : 0 };
	struct model_result res;
	u32 unit;
	int ret = units_new(&s->units, &unit, s->err);

	if (ret)
		return ret;
	settle(s);
	req.owner = unit;
	req.ident = demand_mix(s->taken++);
	ret = model_alloc(s->m, s->now, &req, &res);
	if (ret == -ENOMEM)
		return err_nomem(s->err, "the model");
	if (ret && ret != -ENOSPC)
		return err_set(s->err, ERR_BUG, "synth: the model refused a request of %s - report "
			       "this with the command line", st->comm);
	if (s->opts->page_level)
		recorder_alloc(&s->rec, s->now, cpu, ret ? EVENT_NO_PFN : res.pfn, st->order,
			       st->migratetype, st->gfp);
	if (ret) {
		s->res->failed++;
		units_put_back(&s->units, unit);
		return 0;
	}
	s->res->allocs++;
	s->live++;
	s->live_pages += 1ULL << st->order;
	s->res->live_max = max_u64(s->res->live_max, s->live);
	return units_add(&s->units, unit, stream, res.pfn, s->err);
}

static int free_unit(struct synth *s, u32 stream, u16 cpu)
{
	const struct synth_stream *st = &s->profile->streams[stream];
	u32 unit;
	u64 pfn;

	settle(s);
	unit = units_take(&s->units, stream, st->victim, draw(s));
	pfn = s->units.pfn[unit];
	s->live--;
	s->live_pages -= 1ULL << st->order;
	units_put_back(&s->units, unit);
	if (pfn == UNIT_GONE)
		return 0;
	s->res->frees++;
	recorder_free(&s->rec, s->now, cpu, pfn, st->order, label_at(s, pfn));
	if (model_free_pages(s->m, s->now, cpu, pfn, st->order))
		return err_set(s->err, ERR_BUG, "synth: a page of %s is not where it was put - report "
			       "this with the command line", st->comm);
	return 0;
}

/* ---- phases ---- */

static u32 order_of(const struct synth *s, const struct synth_goal *goal)
{
	return s->profile->streams[goal->stream].order;
}

static u64 parts_per_million(u64 whole, u64 ppm)
{
	return whole / 1000000 * ppm + whole % 1000000 * ppm / 1000000;
}

/* Units that @goal wants of its stream. */
static u64 wanted(const struct synth *s, const struct synth_goal *goal)
{
	const u32 order = order_of(s, goal);
	const u64 share = parts_per_million(s->pages, goal->ppm);
	const s64 pages = (s64)parts_per_million(share, s->scale[order >= BLOCK_ORDER]) +
			  goal->pages;

	return pages > 0 ? (u64)pages >> order : 0;
}

static u32 nr_goals(const struct synth_phase *phase)
{
	u32 nr = 0;

	while (nr < SYNTH_MAX_STREAMS && phase->goals[nr].weight)
		nr++;
	return nr;
}

/* Bursts until the stream is where @goal wants it. */
static u64 distance(const struct synth *s, const struct synth_goal *goal)
{
	const u64 live = units_live(&s->units, goal->stream), want = wanted(s, goal);
	const u32 size = s->profile->streams[goal->stream].burst;

	return ((live > want ? live - want : want - live) + size - 1) / size;
}

static u64 weight_of(const struct synth *s, const struct synth_phase *phase, u32 i)
{
	return phase->mode == PHASE_FILL ? distance(s, &phase->goals[i]) : phase->goals[i].weight;
}

/* The next goal in turn that is not reached. */
static const struct synth_goal *next_in_turn(struct synth *s, const struct synth_phase *phase)
{
	const u32 nr = nr_goals(phase);

	for (u32 k = 0; k < nr; k++) {
		const struct synth_goal *goal = &phase->goals[s->next_goal++ % nr];

		if (distance(s, goal))
			return goal;
	}
	return NULL;
}

/* The goal of the next burst; NULL: all are reached, and the phase is over. */
static const struct synth_goal *pick(struct synth *s, const struct synth_phase *phase)
{
	const u32 nr = nr_goals(phase);
	u64 total = 0, at;
	u32 i = 0;

	if (phase->mode == PHASE_TURNS)
		return next_in_turn(s, phase);

	for (u32 k = 0; k < nr; k++)
		total += weight_of(s, phase, k);
	if (!total)
		return NULL;
	at = draw(s) % total;
	while (at >= weight_of(s, phase, i))
		at -= weight_of(s, phase, i++);
	return &phase->goals[i];
}

/* A fill goes straight to its goal. Churn goes there from afar, and near it tosses. */
static bool wants_more(struct synth *s, const struct synth_phase *phase, u64 live, u64 goal)
{
	const u64 band = goal / 8;

	if (phase->mode != PHASE_CHURN)
		return live < goal;
	if (live > goal + band || s->live_pages > s->pages / 100 * FULL_PERCENT)
		return false;
	return live + band < goal || draw(s) & 1;
}

static void run_as(struct synth *s, u32 stream)
{
	const struct synth_stream *st = &s->profile->streams[stream];
	const u64 turn = s->turn[stream]++;

	s->rec.task = (struct synth_task){ st->pid, st->comm };
	if (st->nr_pids)
		s->rec.task.pid += (u32)(turn % st->nr_pids);
}

static bool is_over(const struct synth *s)
{
	return (s->opts->events && s->rec.nr_events >= s->opts->events) ||
	       (s->opts->ns && s->now - ENGINE_BOOT_NS >= s->opts->ns) ||
	       (s->opts->stop && *s->opts->stop);
}

/* Return: operations done, failed requests not counted; or a negative error. */
static int burst(struct synth *s, const struct synth_phase *phase, const struct synth_goal *goal)
{
	const struct synth_stream *st = &s->profile->streams[goal->stream];
	const u64 want = wanted(s, goal);
	const bool more = wants_more(s, phase, units_live(&s->units, goal->stream), want);
	const u16 cpu = (u16)((st->cpu == CPU_ANY ? draw(s) : (u64)st->cpu) % s->opts->cpus);
	const bool fill = phase->mode != PHASE_CHURN;
	int done = 0;

	run_as(s, goal->stream);
	for (u32 i = 0; i < st->burst && !is_over(s); i++) {
		const u32 live = units_live(&s->units, goal->stream);
		int ret;

		if (more ? fill && live >= want : !live || (fill && live <= want))
			break;
		ret = more ? alloc_unit(s, goal->stream, cpu) : free_unit(s, goal->stream, cpu);
		if (ret || s->rec.err.code)
			return -1;
		done += units_live(&s->units, goal->stream) != live;
		s->now += BURST_STEP_NS;
	}
	return done;
}

/* Hundredths of the whole length that are behind us. */
static u64 percent_done(const struct synth *s)
{
	u64 done = 0;

	if (s->opts->events)
		done = s->rec.nr_events / (s->opts->events / 100 + 1);
	if (s->opts->ns)
		done = max_u64(done, (s->now - ENGINE_BOOT_NS) / (s->opts->ns / 100 + 1));
	return done;
}

/* A script keeps to its times; other gaps are drawn, twice the mean at most. */
static u64 gap(struct synth *s, const struct synth_phase *phase)
{
	return phase->share ? draw(s) % max_u64(2 * phase->gap_ns / s->opts->cpus, 1) :
			      phase->gap_ns;
}

static int run_phase(struct synth *s, const struct synth_phase *phase, u64 end)
{
	const struct synth_goal *goal;
	u32 idle = 0;

	s->next_goal = 0;
	s->now = max_u64(s->now, ENGINE_BOOT_NS + phase->not_before_ms * NSEC_PER_MSEC);
	while (!is_over(s) && (!phase->share || percent_done(s) < end) &&
	       (goal = pick(s, phase)) != NULL) {
		int done = burst(s, phase, goal);

		if (done < 0)
			return -1;
		idle = done ? 0 : idle + 1;
		if (idle > IDLE_BURSTS_MAX)
			return 0;
		s->now += gap(s, phase);
		if (s->opts->progress && !(++s->bursts & 0x3ff))
			s->opts->progress(s->opts->progress_ctx, s->rec.nr_events,
					  max_u64(s->opts->events, s->rec.nr_events));
	}
	return 0;
}

static int run_phases(struct synth *s)
{
	u64 end = 0;

	for (u32 i = 0; i < s->profile->nr_phases; i++) {
		end += s->profile->phases[i].share;
		if (run_phase(s, &s->profile->phases[i], end))
			return s->rec.err.code ? err_set(s->err, s->rec.err.code, "%s",
							 s->rec.err.text) : -(int)s->err->code;
		s->res->cut = s->profile->scripted && i + 1 < s->profile->nr_phases && is_over(s);
		if (s->res->cut)
			break;
	}
	return 0;
}

/* ---- the length decides how much of the machine can be filled ---- */

/* Allocations that a quarter of the events of @phase make room for. */
static u64 budget(const struct synth *s, const struct synth_phase *phase)
{
	const u64 bursts = s->opts->ns / phase->gap_ns * s->opts->cpus;
	const u64 events = s->opts->events ? s->opts->events : bursts * EVENTS_PER_BURST;

	return events / 100 * phase->share / 4 + 1;
}

/*
 * Goals are parts of the machine. Where a phase cannot get there in its share of the length, the
 * goals of all phases shrink, those of huge and of small units each by the same part.
 */
static void set_scale(struct synth *s)
{
	s->scale[0] = s->scale[1] = 1000000;
	for (u32 i = 0; i < s->profile->nr_phases && s->profile->phases[i].share; i++) {
		const struct synth_phase *phase = &s->profile->phases[i];
		u64 cost[2] = { 0 };

		for (u32 k = 0; k < nr_goals(phase); k++) {
			const u32 order = order_of(s, &phase->goals[k]);

			cost[order >= BLOCK_ORDER] +=
				parts_per_million(s->pages, phase->goals[k].ppm) >> order;
		}
		for (u32 huge = 0; huge < 2; huge++)
			if (cost[huge] > budget(s, phase))
				s->scale[huge] = min_u64(s->scale[huge], 1 +
					budget(s, phase) * 1000000 / cost[huge]);
	}
}

/* ---- the ends ---- */

struct model_zone_config synth_zone(u32 spbs)
{
	return (struct model_zone_config){ .name = "Normal", .start_pfn = SYNTH_ZONE_START,
					   .spanned = (u64)spbs << SPB_ORDER };
}

static int start(struct synth *s, const struct synth_sink *sink)
{
	const struct synth_opts *o = s->opts;
	const struct model_config config = {
		.zones = &s->zone, .nr_zones = 1, .pageblock_order = BLOCK_ORDER,
		.spb_order = SPB_ORDER, .max_order = MAX_ORDER, .nr_cpus = o->cpus,
		.seed = o->seed, .page_level = o->page_level, .memory = &huge_memory,
	};
	const char *why = NULL;

	s->zone = synth_zone(o->spbs);
	s->pages = s->zone.spanned;
	s->random = demand_mix(o->seed);
	s->now = ENGINE_BOOT_NS;
	s->rec = (struct recorder){
		.sink = sink, .zones = &s->zone, .epoch = SYNTH_T0 - ENGINE_BOOT_NS,
		.last = ENGINE_BOOT_NS - 1, .nr_cpus = (u16)o->cpus,
	};
	if (!o->page_level)
		s->rec.pcp_orders = o->variant->allocator == ALLOCATOR_VANILLA ?
				    PCP_VANILLA_ORDERS : PCP_BUDDY_ORDERS;
	s->m = model_new(&config, o->variant, &observer, s, &why);
	if (!s->m && why)
		return err_set(s->err, ERR_USAGE, "synth: cannot model this machine: %s - choose "
			       "another size", why);
	if (!s->m)
		return err_nomem(s->err, "the model");
	set_scale(s);
	model_run(s->m, ENGINE_BOOT_NS);
	model_start(s->m, ENGINE_BOOT_NS);
	return 0;
}

static void finish(struct synth *s)
{
	struct model_zone_state st;

	model_zone_state(s->m, 0, s->now, &st);
	s->res->tainted = st.spb_tainted;
	s->res->stuck = st.stuck_spbs;
	s->res->model_bytes = model_bytes(s->m);
	s->res->events = s->rec.nr_events;
	s->res->stopped = s->opts->stop && *s->opts->stop;
	s->res->ns = s->rec.nr_events ? s->rec.last - ENGINE_BOOT_NS : 0;
	memcpy(s->res->count, s->rec.count, sizeof(s->res->count));
}

int synth_run(const struct synth_opts *opts, const struct synth_sink *sink,
	      struct synth_result *res, struct error *err)
{
	struct synth s = { .opts = opts, .profile = opts->profile, .res = res, .err = err };
	int ret;

	*res = (struct synth_result){ 0 };
	ret = start(&s, sink);
	if (!ret)
		ret = run_phases(&s);
	if (!ret && model_no_memory(s.m))
		ret = err_nomem(err, "the model");
	if (!ret)
		finish(&s);
	model_free(s.m);
	units_fini(&s.units);
	return ret;
}
