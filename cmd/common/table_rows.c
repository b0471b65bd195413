// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/table_rows.h"

#include <string.h>

const struct row table_rows[TABLE_ROWS] = {
	{ "spb_total", "superpageblocks (SPBs)", { "all", "SPBs" }, BRIEF },
	{ "spb_tainted_start", "tainted at the start", { "tainted", "start" }, BRIEF },
	{ "spb_tainted_end", "tainted at the end", { "tainted", "end" }, BRIEF },
	{ "spb_tainted_max", "tainted at most", { "tainted", "most" }, BRIEF },
	{ "spb_clean_end", "clean at the end", { "clean", "end" }, DIFFERS },
	{ "spb_empty_end", "empty at the end", { "empty", "end" }, DIFFERS },
	{ "stuck_spbs", "SPBs that were stuck", { "stuck", "SPBs" }, BRIEF },
	{ "stuck_ns_total", "stuck time, all SPBs (s)", { "stuck", "all (s)" }, BRIEF },
	{ "stuck_ns_max", "stuck time, longest (s)", { "stuck", "max (s)" }, BRIEF },
	{ "fresh_taints", "fresh taints", { "fresh", "taints" }, BRIEF },
	{ "untaints", "untaints", { "SPBs", "untainted" }, BRIEF },
	{ NULL, "fallback", { NULL, NULL }, DIFFERS },
	{ "fallback_claims", "claims", { "fallback", "claims" }, DIFFERS },
	{ "steals", "steals", { "fallback", "steals" }, DIFFERS },
	{ "pass3", "PASS_3", { "search", "PASS_3" }, DIFFERS },
	{ "failed_allocs", "failed allocations", { "failed", "allocs" }, DIFFERS },
	{ NULL, "defrag", { NULL, NULL }, DIFFERS },
	{ "defrag_queued_update", "queued by list update", { "queued", "update" }, DIFFERS },
	{ "defrag_queued_alloc", "queued by trigger 1 (alloc)", { "queued", "alloc" }, DIFFERS },
	{ "defrag_queued_fallthrough", "queued by trigger 2 (walk)", { "queued", "walk" }, DIFFERS },
	{ "defrag_gated_cooldown", "held back by cooldown", { "held by", "cooldown" }, DIFFERS },
	{ "defrag_passes", "passes", { "defrag", "passes" }, DIFFERS },
	{ "defrag_no_progress", "passes without progress", { "without", "progress" }, DIFFERS },
	{ "pages_migrated", "pages migrated", { "pages", "migrated" }, DIFFERS },
	{ "shrink_queued", "slab shrinks queued", { "slab", "shrinks" }, DIFFERS },
	{ NULL, "cost: SPBs visited per allocation", { NULL, NULL }, DIFFERS },
	{ "visits_mean", "mean", { "visits", "mean" }, DIFFERS },
	{ "visits_p99", "99th percentile", { "visits", "99th" }, DIFFERS },
	{ "visits_max", "most", { "visits", "most" }, DIFFERS },
	{ NULL, "1 GiB pages after the end", { NULL, NULL }, DIFFERS },
	{ "contig_spbs", "given", { "1 GiB", "given" }, REQUESTED },
	{ "contig_migrated", "pages migrated for them", { "for them", "migrated" }, REQUESTED },
};

u64 row_value(const struct view *v, u32 variant, const struct row *row, bool *milli)
{
	const size_t metric = (size_t)outcome_metric_find(row->metric);
	const struct csv_column *info = outcome_metric_info(metric);
	u64 value = outcome_metric(v->o, variant, v->zone, metric);

	*milli = info->type == CSV_MILLI || !strcmp(info->unit, "ns");
	return strcmp(info->unit, "ns") ? value : value / NSEC_PER_MSEC;
}

static bool differs(const struct view *v, size_t metric)
{
	for (u32 i = 1; i < outcome_nr_variants(v->o); i++) {
		if (outcome_metric(v->o, i, v->zone, metric) !=
		    outcome_metric(v->o, 0, v->zone, metric))
			return true;
	}
	return false;
}

static bool is_requested(const struct view *v, const struct row *row)
{
	const int metric = outcome_metric_find(row->metric);

	for (u32 i = 0; metric >= 0 && i < outcome_nr_variants(v->o); i++) {
		if (outcome_metric(v->o, i, v->zone, (size_t)metric))
			return true;
	}
	return false;
}

static bool is_metric_shown(const struct view *v, const struct row *row)
{
	int metric = outcome_metric_find(row->metric);

	if (metric < 0 || (v->brief && row->shown != BRIEF))
		return false;
	if (row->shown == REQUESTED)
		return is_requested(v, row);
	return row->shown == BRIEF || v->full || differs(v, (size_t)metric);
}

bool row_is_shown(const struct view *v, const struct row *row)
{
	if (row->metric)
		return is_metric_shown(v, row);
	for (row++; row < table_rows + TABLE_ROWS && row->metric; row++) {
		if (is_metric_shown(v, row))
			return true;
	}
	return false;
}
