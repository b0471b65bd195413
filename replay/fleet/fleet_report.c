// SPDX-License-Identifier: GPL-2.0
#include "replay/fleet/fleet_report.h"

#include <stdlib.h>
#include <string.h>

#include "replay/outcome/outcome.h"

enum fleet_better fleet_better(size_t metric)
{
	static const struct {
		const char *name;
		enum fleet_better better;
	} table[] = {
		{ "failed_allocs", BETTER_LOWER }, { "spb_tainted_end", BETTER_LOWER },
		{ "spb_tainted_max", BETTER_LOWER }, { "spb_empty_end", BETTER_HIGHER },
		{ "fresh_taints", BETTER_LOWER }, { "fallback_claims", BETTER_LOWER },
		{ "steals", BETTER_LOWER }, { "defrag_no_progress", BETTER_LOWER },
		{ "pages_migrated", BETTER_LOWER }, { "stuck_spbs", BETTER_LOWER },
		{ "stuck_ns_total", BETTER_LOWER }, { "stuck_ns_max", BETTER_LOWER },
		{ "visits_mean", BETTER_LOWER }, { "visits_p99", BETTER_LOWER },
		{ "visits_max", BETTER_LOWER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (!strcmp(table[i].name, outcome_metric_info(metric)->name))
			return table[i].better;
	}
	return BETTER_NEITHER;
}

/**
 * struct pairs - hosts that have results under both variants
 * @host: @nr names; @base, @value: by metric and host, @max hosts a metric; @diff: value - base;
 * @sorted: room for @max values
 */
struct pairs {
	u32 nr;
	u32 max;
	const char **host;
	s64 *base;
	s64 *value;
	s64 *diff;
	s64 *sorted;
};

static int pairs_init(struct pairs *p, u32 max)
{
	size_t cells = (size_t)max * outcome_nr_metrics();

	*p = (struct pairs){ .max = max };
	p->host = calloc(max, sizeof(*p->host));
	p->base = calloc(cells, sizeof(*p->base));
	p->value = calloc(cells, sizeof(*p->value));
	p->diff = calloc(cells, sizeof(*p->diff));
	p->sorted = calloc(max, sizeof(*p->sorted));
	return p->host && p->base && p->value && p->diff && p->sorted ? 0 : -(int)ERR_IO;
}

static void pairs_fini(struct pairs *p)
{
	free(p->host);
	free(p->base);
	free(p->value);
	free(p->diff);
	free(p->sorted);
}

/* First row behind those of the entry that begins at @from. */
static u32 entry_end(const struct fleet_set *set, u32 from)
{
	u32 end = from + 1;

	while (end < set->nr && !strcmp(set->rows[end].cell[FLEET_ENTRY],
					set->rows[from].cell[FLEET_ENTRY]))
		end++;
	return end;
}

static const struct fleet_row *find_arm(const struct fleet_set *set, u32 from, u32 end,
					const char *variant)
{
	for (u32 i = from; i < end; i++) {
		if (!strcmp(set->rows[i].cell[FLEET_VARIANT], variant) &&
		    fleet_has_values(&set->rows[i]))
			return &set->rows[i];
	}
	return NULL;
}

static void pairs_add(struct pairs *p, const struct fleet_row *base, const struct fleet_row *value)
{
	for (size_t m = 0; m < outcome_nr_metrics(); m++) {
		p->base[m * p->max + p->nr] += fleet_metric(base, m);
		p->value[m * p->max + p->nr] += fleet_metric(value, m);
	}
}

/* A host with several captures counts once, with their mean. */
static void pairs_close(struct pairs *p, const char *host, u32 captures)
{
	if (!captures)
		return;
	for (size_t m = 0; m < outcome_nr_metrics(); m++) {
		size_t at = m * p->max + p->nr;

		p->base[at] /= captures;
		p->value[at] /= captures;
		p->diff[at] = p->value[at] - p->base[at];
	}
	p->host[p->nr++] = host;
}

static void pairs_collect(struct pairs *p, const struct fleet_set *set, const char *base,
			  const char *variant)
{
	u32 captures = 0;

	for (u32 from = 0, end; from < set->nr; from = end) {
		const char *host = set->rows[from].cell[FLEET_HOST];
		const struct fleet_row *b, *v;

		end = entry_end(set, from);
		b = find_arm(set, from, end, base);
		v = find_arm(set, from, end, variant);
		if (b && v) {
			pairs_add(p, b, v);
			captures++;
		}
		if (end < set->nr && !strcmp(set->rows[end].cell[FLEET_HOST], host))
			continue;
		pairs_close(p, host, captures);
		captures = 0;
	}
}

/* ---- one line ---- */

/* By how much the variant is worse; of metrics that only describe, nothing is. */
static s64 harm(enum fleet_better better, s64 diff)
{
	return better == BETTER_LOWER ? diff : better == BETTER_HIGHER ? -diff : 0;
}

static void distribution(struct fleet_line *l, struct pairs *p)
{
	const s64 *value = p->value + l->metric * p->max;
	const bool low_is_bad = fleet_better(l->metric) == BETTER_HIGHER;
	u32 worst = 0;

	for (u32 i = 1; i < p->nr; i++) {
		if (low_is_bad ? value[i] < value[worst] : value[i] > value[worst])
			worst = i;
	}
	memcpy(p->sorted, value, p->nr * sizeof(*value));
	stats_sort(p->sorted, p->nr);
	for (u32 q = 0; q < ARRAY_SIZE(l->quartile); q++)
		l->quartile[q] = stats_quantile(p->sorted, p->nr, q, 4);
	l->worst_host = p->host[worst];
	l->mean = stats_mean(value, p->nr);
	l->baseline_mean = stats_mean(p->base + l->metric * p->max, p->nr);
}

static void differences(struct fleet_line *l, struct pairs *p)
{
	const s64 *diff = p->diff + l->metric * p->max;
	const enum fleet_better better = fleet_better(l->metric);

	memcpy(p->sorted, diff, p->nr * sizeof(*diff));
	stats_sort(p->sorted, p->nr);
	l->diff_mean = stats_mean(diff, p->nr);
	l->diff_median = stats_quantile(p->sorted, p->nr, 1, 2);
	for (u32 i = 0; i < p->nr && better; i++) {
		s64 h = harm(better, diff[i]);

		l->wins += h < 0;
		l->ties += h == 0;
		l->losses += h > 0;
	}
}

static const char *verdict(const struct fleet_line *l, const struct pairs *p)
{
	const enum fleet_better better = fleet_better(l->metric);
	bool same = true;

	for (u32 i = 0; i < p->nr && same; i++)
		same = !p->diff[l->metric * p->max + i];
	if (same)
		return "same";
	if (p->nr < 2 || (l->diff.low <= 0 && l->diff.high >= 0))
		return "unclear";
	if (!better)
		return l->diff.low > 0 ? "more" : "less";
	return harm(better, l->diff.low) < 0 ? "helps" : "hurts";
}

/* ---- the hosts where it hurts ---- */

static int add_loss(struct fleet_report *r, const struct fleet_loss *loss)
{
	if (r->nr_losses == r->max_losses) {
		u32 max = r->max_losses ? r->max_losses * 2 : 64;
		struct fleet_loss *losses = realloc(r->losses, max * sizeof(*losses));

		if (!losses)
			return -(int)ERR_IO;
		r->losses = losses;
		r->max_losses = max;
	}
	r->losses[r->nr_losses++] = *loss;
	return 0;
}

/* Repeatedly the next worse host: few of them are wanted. Ties go by name. */
static int find_losses(struct fleet_report *r, const struct fleet_line *l, const struct pairs *p)
{
	const enum fleet_better better = fleet_better(l->metric);
	const s64 *diff = p->diff + l->metric * p->max;
	s64 above = INT64_MAX;
	u32 after = 0, rank = 0;

	while (better && rank < r->opts.worst && rank < l->losses) {
		u32 best = p->nr;

		for (u32 i = 0; i < p->nr; i++) {
			s64 h = harm(better, diff[i]);

			if (h <= 0 || h > above || (h == above && i < after))
				continue;
			if (best == p->nr || h > harm(better, diff[best]))
				best = i;
		}
		if (best == p->nr)
			break;
		above = harm(better, diff[best]);
		after = best + 1;
		if (add_loss(r, &(struct fleet_loss){
			.variant = l->variant, .metric = l->metric, .rank = ++rank,
			.host = p->host[best], .baseline_value = p->base[l->metric * p->max + best],
			.value = p->value[l->metric * p->max + best], .delta = diff[best] }))
			return -(int)ERR_IO;
	}
	return 0;
}

/* ---- variants ---- */

static struct fleet_variant_info *info_of(struct fleet_report *r, const char *name)
{
	for (u32 i = 0; i < r->nr_variants; i++) {
		if (!strcmp(r->variants[i].name, name))
			return &r->variants[i];
	}
	return NULL;
}

/* Every variant once, in the order in which rows of one capture have them: by arm. */
static int find_variants(struct fleet_report *r, const struct fleet_set *set, struct error *err)
{
	for (u32 arm = 0; arm < UINT32_MAX; arm++) {
		bool more = false;

		for (u32 i = 0; i < set->nr; i++) {
			const char *name = set->rows[i].cell[FLEET_VARIANT];
			u32 its = (u32)strtoul(set->rows[i].cell[FLEET_ARM], NULL, 10);
			struct fleet_variant_info *grown;

			more |= its > arm;
			if (its != arm || info_of(r, name))
				continue;
			grown = realloc(r->variants, (r->nr_variants + 1) * sizeof(*grown));
			if (!grown)
				return err_nomem(err, "the fleet tables");
			grown[r->nr_variants] = (struct fleet_variant_info){ .name = name };
			r->variants = grown;
			r->nr_variants++;
		}
		if (!more)
			return 0;
	}
	return 0;
}

static int choose_baseline(struct fleet_report *r, struct error *err)
{
	struct fleet_variant_info *b = r->opts.baseline ? info_of(r, r->opts.baseline) :
							  r->variants;
	struct fleet_variant_info first;

	if (!b)
		return err_set(err, ERR_USAGE, "--baseline: no results of %.80s - name a variant "
			       "of the batch", r->opts.baseline);
	first = *b;
	memmove(r->variants + 1, r->variants, (size_t)(b - r->variants) * sizeof(*b));
	r->variants[0] = first;
	return 0;
}

/* Pairs make sense only where both sides had the same inputs, options and version. */
static int check_same(const struct fleet_set *set, struct error *err)
{
	static const u8 cells[] = { FLEET_OPTIONS, FLEET_VERSION };
	const struct fleet_row *a = set->rows;

	for (u32 i = 1; i < set->nr; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(cells); k++) {
			if (strcmp(a->cell[cells[k]], set->rows[i].cell[cells[k]]))
				return err_set(err, ERR_USAGE, "%.80s: options or version differ "
					       "from those of %.80s - merge them apart",
					       set->rows[i].cell[FLEET_CAPTURE],
					       a->cell[FLEET_CAPTURE]);
		}
	}
	for (u32 from = 0, end; from < set->nr; from = end) {
		const char *hash = NULL;

		end = entry_end(set, from);
		for (u32 i = from; i < end; i++) {
			if (!fleet_has_values(&set->rows[i]))
				continue;
			if (hash && strcmp(hash, set->rows[i].cell[FLEET_CAPTURE_HASH]))
				return err_set(err, ERR_USAGE, "%.80s: the capture changed "
					       "between two units - run batch again",
					       set->rows[i].cell[FLEET_CAPTURE]);
			hash = set->rows[i].cell[FLEET_CAPTURE_HASH];
		}
	}
	return 0;
}

/* Count units by status, and hosts. */
static void count_units(struct fleet_report *r, const struct fleet_set *set)
{
	for (u32 i = 0; i < set->nr; i++) {
		const struct fleet_row *row = &set->rows[i];

		info_of(r, row->cell[FLEET_VARIANT])->count[fleet_status(row)]++;
		r->hosts += !i || strcmp(row->cell[FLEET_HOST], row[-1].cell[FLEET_HOST]);
	}
}

/* ---- everything ---- */

static int intervals(struct fleet_report *r, const struct pairs *p, struct stats_interval *out)
{
	const size_t nr = outcome_nr_metrics();
	const s64 **series = calloc(nr, sizeof(*series));
	int ret = series ? 0 : -(int)ERR_IO;

	for (size_t m = 0; m < nr && !ret; m++)
		series[m] = p->diff + m * p->max;
	if (!ret)
		ret = stats_bootstrap(series, (u32)nr, p->nr, &r->opts.bootstrap, out);
	free(series);
	return ret;
}

static int report_variant(struct fleet_report *r, struct pairs *p, u32 variant)
{
	struct stats_interval diff[FLEET_CELLS_MAX] = { { 0 } };
	int ret = 0;

	if (p->nr > 1 && variant)
		ret = intervals(r, p, diff);
	for (size_t m = 0; m < outcome_nr_metrics() && !ret; m++) {
		struct fleet_line *l = &r->lines[r->nr_lines++];

		*l = (struct fleet_line){ .variant = r->variants[variant].name, .metric = m,
					  .baseline = r->variants[0].name, .hosts = p->nr,
					  .diff = diff[m], .worst_host = "",
					  .verdict = variant ? "unclear" : "baseline" };
		if (!p->nr)
			continue;
		distribution(l, p);
		if (!variant)
			continue;
		differences(l, p);
		l->verdict = verdict(l, p);
		ret = find_losses(r, l, p);
	}
	return ret;
}

int fleet_report(struct fleet_report *r, const struct fleet_set *set,
		 const struct fleet_report_opts *opts, struct error *err)
{
	int ret = 0;

	*r = (struct fleet_report){ .opts = *opts };
	if (!set->nr)
		return err_set(err, ERR_USAGE, "no units to report - run 'spbreplay batch' first");
	if (find_variants(r, set, err) || choose_baseline(r, err) || check_same(set, err))
		return -(int)err->code;
	count_units(r, set);
	r->lines = calloc((size_t)r->nr_variants * outcome_nr_metrics(), sizeof(*r->lines));
	if (!r->lines)
		return err_nomem(err, "the fleet tables");
	for (u32 v = 0; v < r->nr_variants && !ret; v++) {
		struct pairs p;

		ret = pairs_init(&p, r->hosts);
		if (!ret) {
			pairs_collect(&p, set, r->variants[0].name, r->variants[v].name);
			ret = report_variant(r, &p, v);
		}
		pairs_fini(&p);
	}
	return ret ? err_nomem(err, "the fleet tables") : 0;
}

void fleet_report_fini(struct fleet_report *r)
{
	free(r->variants);
	free(r->lines);
	free(r->losses);
	*r = (struct fleet_report){ 0 };
}
