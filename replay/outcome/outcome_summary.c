// SPDX-License-Identifier: GPL-2.0
/*
 * summary.csv: the metrics, their meaning, and how they follow from what was measured.
 */
#include <string.h>

#include "replay/outcome/outcome_data.h"

#define METRIC(field, unit, merge, doc) \
	{ #field, CSV_UINT, unit, csv_get_number, offsetof(struct summary, field), merge, doc }
#define METRIC_MILLI(field, unit, merge, doc) \
	{ #field, CSV_MILLI, unit, csv_get_number, offsetof(struct summary, field), merge, doc }

static const struct csv_column columns[] = {
	KEY_COLUMNS,
	METRIC(ops, "operations", MERGE_SUM, "allocations and frees replayed"),
	METRIC(allocs, "operations", MERGE_SUM, "allocations asked of this zone"),
	METRIC(frees, "operations", MERGE_SUM, "frees of pages recorded in this zone"),
	METRIC(failed_allocs, "operations", MERGE_SUM, "allocations that found no page"),
	METRIC(spb_total, "superpageblocks", MERGE_SUM, "superpageblocks of the zone"),
	METRIC(spb_tainted_start, "superpageblocks", MERGE_SUM,
	       "tainted when the capture begins"),
	METRIC(spb_tainted_end, "superpageblocks", MERGE_SUM, "tainted at the end"),
	METRIC(spb_tainted_max, "superpageblocks", MERGE_POOL,
	       "largest number tainted at one time"),
	METRIC(spb_clean_end, "superpageblocks", MERGE_SUM, "in use and not tainted at the end"),
	METRIC(spb_empty_end, "superpageblocks", MERGE_SUM, "entirely free at the end"),
	METRIC(fresh_taints, "events", MERGE_SUM,
	       "changes from clean to tainted; taint.csv lists each"),
	METRIC(untaints, "events", MERGE_SUM, "changes from tainted to clean"),
	METRIC(fallback_claims, "operations", MERGE_SUM,
	       "allocations that claimed a block of another type after all passes failed"),
	METRIC(steals, "operations", MERGE_SUM,
	       "allocations that took a single page from a block of another type"),
	METRIC(pass3, "operations", MERGE_SUM,
	       "allocations that PASS_3 placed: an empty superpageblock was opened"),
	METRIC(defrag_queued_update, "passes", MERGE_SUM,
	       "defrag passes queued by spb_update_list()"),
	METRIC(defrag_queued_alloc, "passes", MERGE_SUM,
	       "defrag passes queued by trigger 1, an allocation from a tainted superpageblock"),
	METRIC(defrag_queued_fallthrough, "passes", MERGE_SUM,
	       "defrag passes queued by trigger 2, the walk before PASS_3"),
	METRIC(defrag_gated_cooldown, "calls", MERGE_SUM,
	       "requests for defrag held back by the no-progress cooldown"),
	METRIC(defrag_passes, "passes", MERGE_SUM, "defrag passes finished"),
	METRIC(defrag_no_progress, "passes", MERGE_SUM,
	       "defrag passes after which the number of free pageblocks was the same"),
	METRIC(pages_migrated, "pages", MERGE_SUM,
	       "pages moved out of pageblocks to free them, by the worker and by callers of the "
	       "slow path"),
	METRIC(shrink_queued, "runs", MERGE_SUM, "slab shrinks queued"),
	METRIC(stuck_spbs, "superpageblocks", MERGE_SUM,
	       "superpageblocks that were stuck at some time: they needed defrag, no cooldown "
	       "was running, and nothing was queued"),
	METRIC(stuck_ns_total, "ns", MERGE_SUM,
	       "time stuck, summed over superpageblocks; compare only variants with the same "
	       "cooldown"),
	METRIC(stuck_ns_max, "ns", MERGE_MAX, "longest stretch that one superpageblock was stuck"),
	METRIC_MILLI(visits_mean, "superpageblocks", MERGE_POOL,
		     "superpageblocks visited by an allocation, mean"),
	METRIC(visits_p99, "superpageblocks", MERGE_POOL,
	       "superpageblocks visited by an allocation, 99th percentile"),
	METRIC(visits_max, "superpageblocks", MERGE_MAX,
	       "superpageblocks visited by an allocation, largest"),
	METRIC(highorder_refused, "calls", MERGE_SUM,
	       "searches that ended early for a caller with a cheap fallback, while tainted "
	       "superpageblocks had free pages (SPB_HIGHORDER_REFUSED)"),
	METRIC(direct_evacuations, "calls", MERGE_SUM,
	       "evacuations of tainted superpageblocks by callers of the slow path"),
	METRIC(direct_stall_ns, "ns", MERGE_SUM,
	       "time that evacuation, contig ranges and reclaim would have cost such callers"),
	METRIC(pages_reclaimed, "pages", MERGE_SUM,
	       "clean page cache dropped by callers of the slow path (reclaim_gives_pages)"),
	METRIC(pages_shrunk, "pages", MERGE_SUM,
	       "slab pages freed by shrinks (shrink_pages_per_run)"),
	METRIC(contig_spbs, "superpageblocks", MERGE_SUM,
	       "whole superpageblocks (1 GiB pages) that the zone could supply after the end, of "
	       "those requested with --contig"),
	METRIC(contig_migrated, "pages", MERGE_SUM,
	       "pages moved for them, including failed attempts"),
	METRIC(contig_stall_ns, "ns", MERGE_SUM, "time that this would have cost the caller"),
};

#define NR_KEYS 2

const struct csv_column *const metric_columns = columns + NR_KEYS;

size_t outcome_nr_metrics(void)
{
	return ARRAY_SIZE(columns) - NR_KEYS;
}

const struct csv_column *outcome_metric_info(size_t metric)
{
	return &metric_columns[metric];
}

int outcome_metric_find(const char *name)
{
	for (size_t i = 0; i < outcome_nr_metrics(); i++)
		if (!strcmp(metric_columns[i].name, name))
			return (int)i;
	return -1;
}

/* ---- from measurements to metrics ---- */

static void summarise_demand(struct summary *s, const struct metrics_zone *z)
{
	s->allocs = metrics_allocs(z, NR_SPB_OUTCOMES);
	s->frees = z->frees;
	s->ops = s->allocs + s->frees;
	s->failed_allocs = metrics_allocs(z, OUTCOME_NO_PAGE);
	s->fallback_claims = metrics_allocs(z, OUTCOME_CLAIM);
	s->steals = metrics_allocs(z, OUTCOME_STEAL);
	s->pass3 = metrics_allocs(z, OUTCOME_PASS_3);
}

static void summarise_taints(struct summary *s, const struct metrics_zone *z)
{
	s->spb_total = z->end.spb_total;
	s->spb_tainted_start = z->tainted_start;
	s->spb_tainted_end = z->end.spb_tainted;
	s->spb_tainted_max = z->tainted_max;
	s->spb_clean_end = z->end.spb_clean;
	s->spb_empty_end = z->end.spb_empty;
	s->fresh_taints = z->fresh_taints;
	s->untaints = z->untaints;
}

static void summarise_defrag(struct summary *s, const struct model_counters *c)
{
	s->defrag_queued_update = c->chances[TRIGGER_UPDATE][VERDICT_QUEUED];
	s->defrag_queued_alloc = c->chances[TRIGGER_ALLOC][VERDICT_QUEUED];
	s->defrag_queued_fallthrough = c->chances[TRIGGER_FALLTHROUGH][VERDICT_QUEUED];
	for (u32 trigger = 0; trigger < NR_DEFRAG_TRIGGERS; trigger++)
		s->defrag_gated_cooldown += c->chances[trigger][VERDICT_COOLDOWN];
	s->defrag_passes = c->defrag_passes;
	s->defrag_no_progress = c->defrag_no_progress;
	s->pages_migrated = c->pages_migrated;
	s->shrink_queued = c->shrink_queued;
}

static void summarise_slowpath(struct summary *s, const struct model_counters *c)
{
	s->highorder_refused = c->highorder_refused;
	s->direct_evacuations = c->evac_direct;
	s->direct_stall_ns = c->stall_ns;
	s->pages_reclaimed = c->pages_reclaimed;
	s->pages_shrunk = c->pages_shrunk;
}

static void summarise_contig(struct summary *s, const struct metrics_zone *z)
{
	s->contig_spbs = z->contig_spbs;
	s->contig_migrated = z->contig_migrated;
	s->contig_stall_ns = z->contig_stall_ns;
}

static void summarise_stuck(struct summary *s, const struct metrics_zone *z)
{
	for (u32 i = 0; i < z->nr_spbs; i++) {
		s->stuck_spbs += z->spbs[i].stuck_ns > 0;
		s->stuck_ns_total += z->spbs[i].stuck_ns;
		s->stuck_ns_max = max_u64(s->stuck_ns_max, z->spbs[i].stuck_longest);
	}
}

static int pool_zone(struct visits *to, const struct metrics_zone *z)
{
	const struct visits *v = &z->visits[0][0][0];
	int ret = 0;

	for (size_t i = 0; i < sizeof(z->visits) / sizeof(*v) && !ret; i++)
		ret = visits_pool(to, &v[i]);
	return ret;
}

static void summarise_visits(struct summary *s, const struct visits *v)
{
	struct visits_stats st;

	visits_stats(v, &st);
	s->visits_mean = st.mean;
	s->visits_p99 = st.p99;
	s->visits_max = st.max;
}

static int summarise_zone(struct summary *s, const struct metrics_zone *z)
{
	struct visits all = { 0 };
	int ret = pool_zone(&all, z);

	summarise_demand(s, z);
	summarise_taints(s, z);
	summarise_defrag(s, &z->counters);
	summarise_slowpath(s, &z->counters);
	summarise_contig(s, z);
	summarise_stuck(s, z);
	summarise_visits(s, &all);
	visits_fini(&all);
	return ret;
}

static void merge_metric(struct summary *to, const struct summary *from,
			 const struct csv_column *col)
{
	u64 *sum = (u64 *)(void *)((char *)to + col->offset);
	u64 value = col->get(from, col).u;

	if (col->merge == MERGE_SUM)
		*sum += value;
	else if (col->merge == MERGE_MAX)
		*sum = max_u64(*sum, value);
}

static int summarise_all(struct outcome_variant *v, u32 nr_zones)
{
	struct summary *all = &v->summary[nr_zones];
	struct visits pooled = { 0 };
	int ret = 0;

	for (u32 z = 0; z < nr_zones && !ret; z++) {
		for (size_t i = 0; i < outcome_nr_metrics(); i++)
			merge_metric(all, &v->summary[z], &metric_columns[i]);
		ret = pool_zone(&pooled, &v->metrics.zones[z]);
	}
	all->spb_tainted_max = v->metrics.tainted_max;
	summarise_visits(all, &pooled);
	visits_fini(&pooled);
	return ret;
}

int outcome_summarise(struct outcome *o)
{
	int ret = 0;

	for (u32 i = 0; i < o->nr_variants && !ret; i++) {
		struct outcome_variant *v = &o->variants[i];

		for (u32 z = 0; z <= o->nr_zones; z++) {
			struct row_key key = row_key(o, i, z);

			v->summary[z] = (struct summary){ .variant = key.variant,
							  .zone = key.zone };
		}
		for (u32 z = 0; z < o->nr_zones && !ret; z++)
			ret = summarise_zone(&v->summary[z], &v->metrics.zones[z]);
		if (!ret)
			ret = summarise_all(v, o->nr_zones);
	}
	return ret;
}

static int each_summary(const void *data, struct csv_writer *w)
{
	const struct outcome *o = data;
	int ret = 0;

	for (u32 i = 0; i < o->nr_variants; i++)
		for (u32 z = 0; z < o->nr_zones && !ret; z++)
			ret = csv_row(w, outcome_summary(o, i, z));
	return ret;
}

const struct csv_table summary_table = {
	"summary.csv", "one row for each variant and zone", columns, ARRAY_SIZE(columns),
	each_summary,
};
