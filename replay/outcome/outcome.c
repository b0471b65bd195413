// SPDX-License-Identifier: GPL-2.0
#include "replay/outcome/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/outcome/outcome_data.h"

/* ---- making one ---- */

/*
 * Sample times: @samples of them from first to last, no time twice. Split so that spans of years
 * do not overflow.
 */
static int fill_times(struct outcome *o, u64 first, u64 last, u32 samples)
{
	u32 steps = samples > 1 ? samples - 1 : 0;
	u64 span = last - first;

	o->times = calloc(steps + 1ULL, sizeof(*o->times));
	if (!o->times)
		return -1;
	for (u32 i = 0; i < steps; i++) {
		u64 t = first + span / steps * i + span % steps * i / steps;

		if (t < last && (!o->nr_times || t > o->times[o->nr_times - 1]))
			o->times[o->nr_times++] = t;
	}
	o->times[o->nr_times++] = last;
	return 0;
}

static int copy_zones(struct outcome *o, const struct demand_plan *plan)
{
	u32 nr = plan->nr_zones;

	o->zones = calloc(nr ? nr : 1, sizeof(*o->zones));
	o->zone_names = calloc(nr ? nr : 1, sizeof(*o->zone_names));
	if (!o->zones || !o->zone_names)
		return -1;
	o->nr_zones = nr;
	for (u32 i = 0; i < nr; i++) {
		o->zones[i] = plan->zones[i];
		snprintf(o->zone_names[i], sizeof(o->zone_names[i]), "%u/%.15s",
			 plan->zones[i].node, plan->zones[i].name);
	}
	return 0;
}

static u64 pages_in(const struct pfn_range *ranges, u32 nr)
{
	u64 pages = 0;

	for (u32 i = 0; i < nr; i++)
		pages += ranges[i].end - ranges[i].start;
	return pages;
}

static int copy_losses(struct losses *to, const struct losses *from)
{
	const size_t words = (from->nr_spbs + 63) / 64;

	*to = *from;
	to->spbs = malloc((words + 1) * sizeof(*to->spbs));
	if (!to->spbs)
		return -1;
	if (words)
		memcpy(to->spbs, from->spbs, words * sizeof(*to->spbs));
	return 0;
}

static int copy_plan(struct outcome *o, const struct demand_plan *plan)
{
	o->zones_inferred = plan->zones_inferred;
	o->level = plan->opts.level;
	o->pcp_buddy = plan->pcp_buddy;
	o->pcp_single = plan->pcp_single && !plan->pcp_buddy;
	o->pageblock_order = plan->pageblock_order;
	o->nr_cpus = plan->max_cpu + 1;
	o->nr_residents = plan->nr_residents;
	o->nr_residents_orphan = plan->nr_residents_orphan;
	o->nr_residents_earlier = plan->nr_residents_earlier;
	o->absent_pages = pages_in(plan->absent, plan->nr_absent);
	o->reserved_pages = pages_in(plan->reserved, plan->nr_reserved);
	o->initial = plan->opts.initial;
	o->fill = plan->opts.fill;
	o->labels = plan->labels;
	o->labels.block = NULL;
	memcpy(o->orphans, plan->orphans, sizeof(o->orphans));
	if (copy_losses(&o->losses, &plan->losses))
		return -1;
	o->from_snapshot = plan->opts.snapshot != NULL;
	o->window[0] = plan->opts.t0;
	o->window[1] = plan->opts.t1;
	o->t_first = plan->t_first;
	o->t_last = max_u64(plan->t_first, plan->t_last);
	if (plan->opts.zone) {
		o->zone_filter = strdup(plan->opts.zone);
		if (!o->zone_filter)
			return -1;
	}
	return copy_zones(o, plan);
}

static int init_variant(struct outcome_variant *v, const struct variant *variant,
			const struct outcome *o)
{
	v->variant = *variant;
	v->summary = calloc(o->nr_zones + 1ULL, sizeof(*v->summary));
	if (!v->summary || metrics_init(&v->metrics, o->nr_zones, o->nr_times))
		return -1;
	return divergence_init(&v->divergence, o->nr_zones);
}

struct outcome *outcome_new(const struct demand_plan *plan, const struct engine_opts *opts,
			    struct error *err)
{
	struct outcome *o = calloc(1, sizeof(*o));

	if (!o)
		goto nomem;
	o->seed = opts->seed;
	o->spb_order = opts->spb_order;
	o->check_every = opts->check_every;
	o->contig = opts->contig;
	o->variants = calloc(opts->nr_variants, sizeof(*o->variants));
	if (!o->variants || copy_plan(o, plan) ||
	    fill_times(o, o->t_first, o->t_last, opts->samples))
		goto nomem;
	for (u32 i = 0; i < opts->nr_variants; i++) {
		o->nr_variants++;
		if (init_variant(&o->variants[i], &opts->variants[i], o))
			goto nomem;
	}
	return o;
nomem:
	outcome_free(o);
	err_nomem(err, "the results");
	return NULL;
}

void outcome_free(struct outcome *o)
{
	if (!o)
		return;
	for (u32 i = 0; i < o->nr_variants; i++) {
		metrics_fini(&o->variants[i].metrics);
		divergence_fini(&o->variants[i].divergence);
		free(o->variants[i].summary);
	}
	free(o->variants);
	free(o->zones);
	free(o->zone_names);
	free(o->zone_filter);
	free(o->times);
	losses_fini(&o->losses);
	log_meta_fini(&o->meta);
	outcome_tasks_fini(&o->tasks);
	free(o);
}

/* ---- asking one ---- */

u32 outcome_nr_variants(const struct outcome *o)
{
	return o->nr_variants;
}

const struct variant *outcome_variant(const struct outcome *o, u32 variant)
{
	return &o->variants[variant].variant;
}

u32 outcome_nr_zones(const struct outcome *o)
{
	return o->nr_zones;
}

const char *outcome_zone_name(const struct outcome *o, u32 zone)
{
	return zone < o->nr_zones ? o->zone_names[zone] : "all";
}

struct row_key row_key(const struct outcome *o, u32 variant, u32 zone)
{
	return (struct row_key){ o->variants[variant].variant.name, outcome_zone_name(o, zone) };
}

const struct summary *outcome_summary(const struct outcome *o, u32 variant, u32 zone)
{
	return &o->variants[variant].summary[zone < o->nr_zones ? zone : o->nr_zones];
}

u64 outcome_metric(const struct outcome *o, u32 variant, u32 zone, size_t metric)
{
	const struct csv_column *col = outcome_metric_info(metric);

	return col->get(outcome_summary(o, variant, zone), col).u;
}

const char *outcome_partial(const struct outcome *o)
{
	return o->partial[0] ? o->partial : NULL;
}

const struct demand_oddities *outcome_oddities(const struct outcome *o)
{
	return &o->oddities;
}

u64 outcome_nr_ops(const struct outcome *o)
{
	return o->nr_ops;
}

void outcome_times(const struct outcome *o, u64 *first, u64 *last)
{
	*first = o->t_first;
	*last = o->t_last;
}

u64 outcome_model_bytes(const struct outcome *o, u32 variant)
{
	return o->variants[variant].metrics.model_bytes;
}

const struct csv_table *const *outcome_tables(size_t *nr)
{
	static const struct csv_table *const tables[] = {
		&summary_table, &timeline_table, &taint_table, &spb_table,
		&defrag_table, &chances_table, &passes_table, &diff_table, &divergence_table,
		&spbmap_table, &visits_table, &lists_table,
	};

	*nr = ARRAY_SIZE(tables);
	return tables;
}
