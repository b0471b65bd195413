/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a variant does to a fleet: per variant and metric the distribution over hosts, the paired
 * differences to the baseline, and the hosts where it hurts most. Formulas: docs/fleet.md.
 */
#ifndef SPB_REPLAY_FLEET_REPORT_H
#define SPB_REPLAY_FLEET_REPORT_H

#include "replay/fleet/fleet.h"
#include "replay/fleet/fleet_stats.h"

/** enum fleet_better - which way a metric should go; NEITHER: it only describes */
enum fleet_better { BETTER_NEITHER, BETTER_LOWER, BETTER_HIGHER };

/** fleet_better - of the metric with index @metric in outcome_metric_info() */
enum fleet_better fleet_better(size_t metric);

/**
 * struct fleet_report_opts - how to report
 * @baseline: name of the variant to compare with, NULL: the one with the lowest arm
 * @worst: hosts to list a variant and metric
 */
struct fleet_report_opts {
	const char *baseline;
	struct stats_bootstrap bootstrap;
	u32 worst;
};

/**
 * struct fleet_line - one variant and metric; names are borrowed from the set
 * @metric: index; values in thousandths; @hosts: with results under both variants
 * @quartile: least, first quartile, median, third quartile, largest of the hosts' values
 * @worst_host: with the worst value (the largest, for metrics that only describe)
 * @mean, @baseline_mean, @diff_mean, @diff_median: over hosts; @diff: confidence interval of
 *	@diff_mean, when @hosts >= 2
 * @wins, @ties, @losses: hosts where the variant is better, equal, worse (0 for BETTER_NEITHER)
 * @verdict: "helps", "hurts", "more", "less", "unclear", "same", or "baseline"
 */
struct fleet_line {
	const char *variant;
	const char *baseline;
	size_t metric;
	u32 hosts;
	s64 quartile[5];
	const char *worst_host;
	s64 mean;
	s64 baseline_mean;
	s64 diff_mean;
	s64 diff_median;
	struct stats_interval diff;
	u32 wins;
	u32 ties;
	u32 losses;
	const char *verdict;
};

/** struct fleet_loss - a host where the variant is worse than the baseline; @rank from 1 */
struct fleet_loss {
	const char *variant;
	size_t metric;
	u32 rank;
	const char *host;
	s64 baseline_value;
	s64 value;
	s64 delta;
};

/** struct fleet_variant_info - @name; units by status: @count[FLEET_OK] ... */
struct fleet_variant_info {
	const char *name;
	u32 count[4];
};

/**
 * struct fleet_report - everything
 * @variants: in order of their arms, the baseline first; @lines: of each variant all metrics
 * @hosts: different hosts in the set; @resamples, @confidence: as asked for
 */
struct fleet_report {
	struct fleet_variant_info *variants;
	u32 nr_variants;
	struct fleet_line *lines;
	u32 nr_lines;
	struct fleet_loss *losses;
	u32 nr_losses;
	u32 max_losses;
	u32 hosts;
	struct fleet_report_opts opts;
};

/**
 * fleet_report - compute
 * @set: joined (fleet_join()); must outlive the report
 * @r: free with fleet_report_fini(), also after an error
 *
 * Return: 0; -ERR_USAGE: no rows, no such baseline, or rows of different options; -ERR_IO (memory).
 */
int fleet_report(struct fleet_report *r, const struct fleet_set *set,
		 const struct fleet_report_opts *opts, struct error *err) __must_check;
void fleet_report_fini(struct fleet_report *r);

/** fleet_table_csv, fleet_hosts_csv - the tables fleet.csv and fleet_hosts.csv of a report */
extern const struct csv_table fleet_table_csv;
extern const struct csv_table fleet_hosts_csv;

#endif /* SPB_REPLAY_FLEET_REPORT_H */
