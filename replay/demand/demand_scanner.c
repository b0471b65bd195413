// SPDX-License-Identifier: GPL-2.0
/* The two ends of the first pass: from options to a scanner, from a scanner to the plan. */
#include "replay/demand/demand_scanner.h"

#include <stdlib.h>
#include <string.h>

#include "replay/demand/geometry.h"

/* ---- zones: known before, or told by the pages ---- */

static int zones_known(struct demand_scanner *s, const struct log_zone *zones, u32 nr,
		       struct error *err)
{
	struct demand_plan *plan = s->plan;

	plan->zones = calloc(nr, sizeof(*zones));
	if (!plan->zones)
		return err_nomem(err, "zone table");
	memcpy(plan->zones, zones, nr * sizeof(*zones));
	plan->nr_zones = nr;
	for (u32 i = 0; i < nr; i++)
		plan->zones[i].name[sizeof(zones->name) - 1] = '\0';
	return zonemap_init(&s->rules.zones, plan->zones, nr, err);
}

static int zones_begin(struct demand_scanner *s, const struct log_meta *meta, struct error *err)
{
	const struct snapshot *snap = s->opts.snapshot;
	const char *name = s->opts.zone;
	int rc;

	zone_guess_init(&s->guess, meta->machine);
	if (snap && snap->nr_zones) {
		rc = zones_known(s, snap->zones, snap->nr_zones, err);
	} else if (meta->nr_zones) {
		rc = zones_known(s, meta->zones, meta->nr_zones, err);
	} else {
		s->plan->zones_inferred = true;
		rc = zonemap_init(&s->rules.zones, s->guess.zone, s->guess.nr, err);
	}
	if (rc || !name)
		return rc;
	if (s->plan->zones_inferred)
		s->rules.only_zone = zone_by_name(s->guess.zone, s->guess.nr, name, err);
	else
		s->rules.only_zone = zone_by_name(s->plan->zones, s->plan->nr_zones, name, err);
	return s->rules.only_zone == ZONE_NONE ? -ERR_USAGE : 0;
}

static int zones_end(struct demand_scanner *s, struct error *err)
{
	struct demand_plan *plan = s->plan;
	struct log_zone zones[ZONE_GUESS_MAX];
	u32 nr;
	int rc;

	if (!plan->zones_inferred)
		return 0;
	nr = zone_guess_finish(&s->guess, s->opts.spb_order, zones);
	if (!nr)
		return err_set(err, ERR_USAGE,
			       "no page allocator events in the chosen zone and window, and no zone table - widen --window or --zone, or give a snapshot");
	zonemap_fini(&s->rules.zones);
	rc = zones_known(s, zones, nr, err);
	if (rc || !s->opts.zone)
		return rc;
	s->rules.only_zone = zone_by_name(plan->zones, nr, s->opts.zone, err);
	return s->rules.only_zone == ZONE_NONE ? -ERR_USAGE : 0;
}

/* ---- the beginning ---- */

struct demand_scanner *demand_scan_begin(const struct log_meta *meta,
					 const struct demand_opts *opts, bool pcp_buddy,
					 struct error *err)
{
	struct demand_scanner *s = calloc(1, sizeof(*s));
	struct demand_plan *plan = calloc(1, sizeof(*plan));
	const struct geometry geometry = geometry_of(meta, opts->snapshot, opts->spb_order);
	int rc;

	if (!s || !plan) {
		free(s);
		free(plan);
		err_nomem(err, "demand");
		return NULL;
	}
	s->plan = plan;
	s->opts = *opts;
	s->opts.spb_order = geometry.spb_order;
	plan->opts = s->opts;
	plan->page_shift = geometry.page_shift;
	plan->pageblock_order = geometry.pageblock_order;
	plan->max_order = geometry.max_order;
	s->core.max_order = geometry.max_order;
	plan->pcp_buddy = pcp_buddy;
	plan->pcp_single = has_pcp_single(meta, opts->snapshot);
	plan->gfp_layout = kernel_gfp_layout(meta->kernel);
	plan->host_moves = host_moves_in(meta);
	plan->host_evacuates = host_moves_evacuate(meta);
	s->moves.on = plan->host_moves;
	s->moves.evacuates = plan->host_evacuates;
	s->labels = (struct label_scan){
		.map = &s->core.live, .order = label_order_of(plan->pageblock_order),
		.wanted = opts->snapshot || opts->initial == INITIAL_EXACT,
		.spb_kernel = is_spb_kernel(meta),
	};
	rc = demand_rules_init(&s->rules, plan, err);
	if (!rc)
		rc = zones_begin(s, meta, err);
	s->any_lost = meta->count[EVENT_LOST] > 0;
	if (!rc && s->any_lost)
		rc = loss_scan_init(&s->losses, s->opts.spb_order, err);
	if (!rc)
		return s;
	demand_scan_abort(s);
	return NULL;
}

void demand_scan_abort(struct demand_scanner *s)
{
	if (!s)
		return;
	demand_rules_fini(&s->rules);
	demand_core_fini(&s->core);
	framemap_fini(&s->parked);
	unit_list_fini(&s->found);
	loss_scan_fini(&s->losses);
	host_moves_fini(&s->moves);
	op_block_fini(&s->scratch);
	demand_plan_free(s->plan);
	free(s);
}

/* ---- the end ---- */

static int cmp_u64(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static int finish(struct demand_scanner *s, struct error *err)
{
	struct demand_plan *plan = s->plan;
	const struct residents_in in = {
		.found = &s->found, .touched = &s->core.live, .zones = &s->rules.zones,
		.only_zone = s->rules.only_zone, .label_order = s->labels.order,
		.max_order = s->plan->max_order,
		.snapshot = s->opts.snapshot,
	};

	plan->start = residents_build(&in, plan, err);
	if (!plan->start)
		return -ERR_IO;
	if (s->opts.initial != INITIAL_EMPTY) {
		plan->residents = plan->start->unit;
		plan->nr_residents = plan->start->nr;
	} else {
		plan->nr_residents_orphan = 0;
		plan->nr_residents_earlier = 0;
	}
	plan->nr_allocs = s->core.nr_allocs;
	plan->nr_frees = s->core.nr_frees;
	plan->losses = s->losses.sum;
	s->losses.sum = (struct losses){ 0 };
	plan->nr_handles = plan->start->nr + s->core.nr_handles;
	plan->nr_chunks += s->core.live.nr_chunks;
	if (plan->nr_promoted)
		qsort(plan->promoted, plan->nr_promoted, sizeof(*plan->promoted), cmp_u64);
	return 0;
}

struct demand_plan *demand_scan_end(struct demand_scanner *s, struct error *err)
{
	struct demand_plan *plan = NULL;
	int rc = s->in_window ? 0 : demand_scan_enter(s, err);

	if (!rc)
		rc = zones_end(s, err);
	framemap_fini(&s->parked);
	if (!rc)
		rc = finish(s, err);
	if (!rc) {
		plan = s->plan;
		s->plan = NULL;
	}
	demand_scan_abort(s);
	return plan;
}
