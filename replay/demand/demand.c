// SPDX-License-Identifier: GPL-2.0
/*
 * Both passes as their users see them.
 */
#include "replay/demand/demand.h"

#include <stdlib.h>

#include "replay/demand/demand_core.h"
#include "replay/demand/demand_rules.h"
#include "replay/demand/demand_scan.h"
#include "replay/demand/demand_worker.h"
#include "replay/demand/host_moves.h"
#include "replay/initial/residents.h"

#define ODDITY(field, text) { #field, offsetof(struct demand_oddities, field), text }

const struct demand_oddity demand_oddity_table[] = {
	ODDITY(duplicate_pass2b, "zone_locked repeated on one CPU for the same page: dropped"),
	ODDITY(duplicate_claim, "extfrag after a zone_locked of the same page: dropped"),
	ODDITY(extfrag_alloc, "extfrag without a zone_locked: a whole-block claim or a steal, "
			      "taken"),
	ODDITY(promoted_free, "page_free without a drain before the page was allocated again: "
			      "taken as a free"),
	ODDITY(lost_free, "page allocated again without a recorded free: freed at that moment"),
	ODDITY(orphan_free, "frees of pages that were resident before the capture began"),
	ODDITY(partial_free, "frees of part of an allocation"),
	ODDITY(spanning_free, "frees that cover several allocations"),
	ODDITY(double_free, "frees of pages that were already free: that part is ignored"),
	ODDITY(overlap_alloc, "allocations that overlap several live ones, or part of one"),
	ODDITY(outside_zone, "events whose pages lie in no zone: ignored"),
	ODDITY(failed_alloc, "page level: allocations that the recorded kernel could not serve: "
			     "not replayed"),
	ODDITY(bad_event, "order or type out of range, or pfn not aligned: ignored"),
	ODDITY(worker_move, "units moved by the recorded kernel's worker: no operation"),
	ODDITY(compaction_move, "units moved by the host's compaction: no operation"),
	ODDITY(moved_free, "frees in a range that compaction moved pages to: the page that moved "
			   "first is freed"),
	ODDITY(migration_move, "frees of source pages by other migrations: taken as frees"),
	ODDITY(compaction_return, "free pages that compaction had isolated and gave back: no "
				  "operation"),
	ODDITY(isolated_orphan, "those of orphan_free in a range where compaction had isolated "
				"free pages"),
	ODDITY(filtered, "events outside --zone or --window: left out"),
};

const size_t demand_nr_oddities = ARRAY_SIZE(demand_oddity_table);

const char *demand_level_name(enum demand_level level)
{
	static const char *const names[NR_DEMAND_LEVELS] = { "zone", "page", "implied" };

	return names[level];
}

const char *initial_state_name(enum initial_state initial)
{
	static const char *const names[NR_INITIAL_STATES] = {
		[INITIAL_REPOPULATE] = "repopulate", [INITIAL_EMPTY] = "empty",
		[INITIAL_EXACT] = "exact",
	};

	return names[initial];
}

static bool log_proves_pcp_buddy(const struct log_meta *meta)
{
	for (u32 k = EVENT_SPB_PB_TAINT; k <= EVENT_SPB_ALLOC_FALL_THROUGH; k++) {
		if (meta->count[k])
			return true;
	}
	return false;
}

/* Return: enum scan_result (SCAN_MORE at the end of the log), or negative. */
static int scan_log(struct demand_scanner *s, struct log_reader *r, struct event_block *b,
		    struct error *err)
{
	int rc = log_reader_rewind(r, err);

	while (!rc) {
		rc = log_reader_next(r, b, err);
		if (rc <= 0)
			return rc;
		rc = demand_scan_tasks(s, r, b, err);
		if (!rc)
			rc = demand_scan_block(s, b, err);
	}
	return rc;
}

struct demand_plan *demand_scan(struct log_reader *r, const struct demand_opts *opts,
				struct error *err)
{
	const struct log_meta *meta = log_reader_meta(r);
	bool pcp_buddy = log_proves_pcp_buddy(meta);
	struct demand_plan *plan = NULL;
	struct event_block b;
	int rc = SCAN_PCP_BUDDY;

	if (event_block_init(&b)) {
		err_nomem(err, "events");
		return NULL;
	}
	while (rc == SCAN_PCP_BUDDY) {
		struct demand_scanner *s = demand_scan_begin(meta, opts, pcp_buddy, err);

		if (!s)
			break;
		rc = scan_log(s, r, &b, err);
		if (rc == SCAN_MORE || rc == SCAN_DONE)
			plan = demand_scan_end(s, err);
		else
			demand_scan_abort(s);
		pcp_buddy = true;
	}
	event_block_fini(&b);
	return plan;
}

void demand_plan_free(struct demand_plan *plan)
{
	if (!plan)
		return;
	demand_start_free(plan->start);
	free(plan->zones);
	free(plan->absent);
	free(plan->reserved);
	free(plan->labels.block);
	free(plan->has_bits);
	worker_tasks_fini(&plan->worker_tasks);
	losses_fini(&plan->losses);
	free(plan->promoted);
	free(plan);
}

struct demand {
	const struct demand_plan *plan;
	struct demand_rules rules;
	struct demand_core core;
	struct demand_worker worker;
	struct host_moves moves;
	bool in_window;
	u64 next_promoted;
};

static int load_residents(struct demand *d, struct error *err)
{
	const struct demand_start *start = d->plan->start;
	const bool empty = d->plan->opts.initial == INITIAL_EMPTY;
	int rc = 0;

	for (u64 i = 0; i < start->nr && !rc; i++) {
		const struct resident *r = &start->unit[i];

		rc = demand_core_adopt(&d->core, r->pfn, r->order, r->migratetype,
				       empty ? HANDLE_NONE : r->handle, start->orphan[i], err);
	}
	d->core.nr_handles = empty ? 0 : (u32)start->nr;
	return rc ? rc : demand_core_reserve_handles(&d->core, d->core.nr_handles, err);
}

struct demand *demand_new(const struct demand_plan *plan, struct error *err)
{
	struct demand *d = calloc(1, sizeof(*d));
	int rc;

	if (!d) {
		err_nomem(err, "demand");
		return NULL;
	}
	d->plan = plan;
	d->moves.on = plan->host_moves;
	d->moves.evacuates = plan->host_evacuates;
	d->core.max_order = plan->max_order;
	rc = demand_rules_init(&d->rules, plan, err);
	if (!rc)
		rc = zonemap_init(&d->rules.zones, plan->zones, plan->nr_zones, err);
	if (!rc && plan->opts.zone) {
		d->rules.only_zone = zone_by_name(plan->zones, plan->nr_zones, plan->opts.zone,
						  err);
		d->rules.narrowed = plan->zones_inferred;
		rc = d->rules.only_zone == ZONE_NONE ? -ERR_USAGE : 0;
	}
	if (!rc)
		rc = load_residents(d, err);
	if (!rc)
		return d;
	demand_free(d);
	return NULL;
}

void demand_free(struct demand *d)
{
	if (!d)
		return;
	demand_rules_fini(&d->rules);
	demand_core_fini(&d->core);
	host_moves_fini(&d->moves);
	free(d);
}

const struct demand_oddities *demand_oddities(const struct demand *d)
{
	return &d->core.odd;
}

/* A free towards a PCP: the scan knows whether it got there. */
static bool is_promoted(struct demand *d, u64 event)
{
	const struct demand_plan *plan = d->plan;

	while (d->next_promoted < plan->nr_promoted &&
	       plan->promoted[d->next_promoted] < event)
		d->next_promoted++;
	return d->next_promoted < plan->nr_promoted &&
	       plan->promoted[d->next_promoted] == event;
}

/* The recorded worker's own doing becomes a move, or stays what it is (demand_worker.h). */
static int worker_event(struct demand *d, const struct event_block *b, u32 i,
			enum verdict *verdict, const struct touch *t, struct op_block *out,
			struct error *err)
{
	int rc = demand_core_begin(&d->core, out, b, i, err);

	return rc ? rc : worker_judge(&d->worker, &d->core, b->task[i], t, verdict, err);
}

/* What the scan promoted, it freed later: by then other units may have moved. */
static void free_block(struct demand *d, const struct touch *t, bool promoted)
{
	const u64 orphans = d->core.odd.orphan_free;

	if (d->moves.on && !promoted && host_moves_free(&d->moves, &d->core, t))
		return;
	demand_core_free(&d->core, t);
	d->core.odd.isolated_orphan += d->moves.on && d->core.odd.orphan_free > orphans &&
				       host_moves_isolated(&d->moves, t);
}

/* The recorded kernel's own moves, by its worker or by compaction. */
static int own_moves(struct demand *d, const struct event_block *b, u32 i, enum verdict *verdict,
		     const struct touch *t, struct op_block *out, struct error *err)
{
	if (is_worker_task(&d->plan->worker_tasks, b->task[i]))
		return worker_event(d, b, i, verdict, t, out, err);
	return d->moves.on ? host_moves_apply(&d->moves, &d->core, b, i, verdict, t, err) : 0;
}

static int take_event(struct demand *d, const struct event_block *b, u32 i, u64 gfp,
		      struct op_block *out, struct error *err)
{
	struct touch t;
	enum verdict verdict = demand_judge(&d->rules, b, i, &d->core.live, NULL, &d->core.odd,
					    &t);
	const bool promoted = verdict == VERDICT_PARKED && is_promoted(d, b->first + i);
	int rc;

	if (promoted) {
		d->core.odd.promoted_free++;
		verdict = VERDICT_FREE;
	}
	rc = verdict == VERDICT_NONE ? 0 : own_moves(d, b, i, &verdict, &t, out, err);
	if (rc || (verdict != VERDICT_ALLOC && verdict != VERDICT_FREE))
		return rc;
	rc = demand_core_begin(&d->core, out, b, i, err);
	if (rc)
		return rc;
	d->core.stamp.gfp = gfp_as_now(d->plan->gfp_layout, gfp);
	if (verdict == VERDICT_ALLOC)
		return demand_core_alloc(&d->core, &t, err);
	free_block(d, &t, promoted);
	return 0;
}

int demand_next(struct demand *d, const struct event_block *b, struct op_block *out,
		struct error *err)
{
	const u64 t0 = d->plan->opts.t0, t1 = d->plan->opts.t1;
	const u64 *extra = b->extra;
	int rc = 0;

	out->nr = 0;
	for (u32 i = 0; i < b->nr && !rc; i++) {
		/* gfp_flags is the first extra word of mm_page_alloc */
		const u64 gfp = b->kind[i] == EVENT_PAGE_ALLOC ? *extra : 0;
		const u64 *words = extra;

		if (i + DEMAND_PREFETCH < b->nr)
			framemap_prefetch(&d->core.live, b->pfn[i + DEMAND_PREFETCH]);
		if (b->kind[i] < NR_EVENT_KINDS)
			extra += event_kinds[b->kind[i]].nr_extra;
		if (!d->in_window && b->time[i] >= t0) {
			d->in_window = true;
			host_moves_enter(&d->moves);
		}
		if (d->moves.on)
			rc = host_moves_follow(&d->moves, b, i, words, err);
		if (rc)
			break;
		if (b->time[i] >= t0 && b->time[i] < t1)
			rc = take_event(d, b, i, gfp, out, err);
		else
			demand_follow(&d->rules, b, i, &d->core.odd);
	}
	out->nr_handles = d->core.nr_handles;
	return rc;
}
