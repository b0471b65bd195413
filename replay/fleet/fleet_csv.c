// SPDX-License-Identifier: GPL-2.0
/* fleet.csv and fleet_hosts.csv. */
#include "replay/fleet/fleet_report.h"
#include "replay/outcome/outcome.h"

#define LINE(m) offsetof(struct fleet_line, m)
#define LOSS(m) offsetof(struct fleet_loss, m)

static const struct csv_column *metric_of_line(const void *row)
{
	return outcome_metric_info(((const struct fleet_line *)row)->metric);
}

static const struct csv_column *metric_of_loss(const void *row)
{
	return outcome_metric_info(((const struct fleet_loss *)row)->metric);
}

static struct csv_cell text(const char *s)
{
	return (struct csv_cell){ .type = CSV_TEXT, .text = s };
}

static struct csv_cell get_line_metric(const void *row, const struct csv_column *col __unused)
{
	return text(metric_of_line(row)->name);
}

static struct csv_cell get_line_unit(const void *row, const struct csv_column *col __unused)
{
	return text(metric_of_line(row)->unit);
}

static struct csv_cell get_better(const void *row, const struct csv_column *col __unused)
{
	static const char *const names[] = { "", "lower", "higher" };

	return text(names[fleet_better(((const struct fleet_line *)row)->metric)]);
}

static struct csv_cell get_loss_metric(const void *row, const struct csv_column *col __unused)
{
	return text(metric_of_loss(row)->name);
}

static struct csv_cell get_loss_unit(const void *row, const struct csv_column *col __unused)
{
	return text(metric_of_loss(row)->unit);
}

/* A u32, which the ready-made getters do not know. */
static struct csv_cell get_count(const void *row, const struct csv_column *col)
{
	return (struct csv_cell){ .type = CSV_UINT,
		.u = *(const u32 *)(const void *)((const char *)row + col->offset) };
}

/* Wins, ties and losses of metrics that only describe: empty. */
static struct csv_cell get_side(const void *row, const struct csv_column *col)
{
	const struct fleet_line *l = row;

	if (!fleet_better(l->metric) || l->variant == l->baseline)
		return (struct csv_cell){ .type = CSV_EMPTY };
	return get_count(row, col);
}

static struct csv_cell get_value(const void *row, const struct csv_column *col)
{
	const struct fleet_line *l = row;

	return l->hosts ? csv_get_number(row, col) : (struct csv_cell){ .type = CSV_EMPTY };
}

/* Differences: not for the baseline itself; an interval needs two hosts. */
static struct csv_cell get_diff(const void *row, const struct csv_column *col)
{
	const struct fleet_line *l = row;
	const bool interval = col->offset >= LINE(diff) &&
			      col->offset < LINE(diff) + sizeof(l->diff);

	if (l->variant == l->baseline || l->hosts < (interval ? 2U : 1U))
		return (struct csv_cell){ .type = CSV_EMPTY };
	return csv_get_number(row, col);
}

#define TEXT(name, get, offset, doc) { name, CSV_TEXT, "", get, offset, MERGE_NONE, doc }
#define VALUE(name, m, doc) { name, CSV_SMILLI, "", get_value, LINE(m), MERGE_NONE, doc }
#define DIFF(name, m, doc) { name, CSV_SMILLI, "", get_diff, LINE(m), MERGE_NONE, doc }
#define SIDE(name, m, doc) { name, CSV_UINT, "hosts", get_side, LINE(m), MERGE_NONE, doc }

static const struct csv_column line_columns[] = {
	TEXT("variant", csv_get_text, LINE(variant), "name of the variant"),
	TEXT("metric", get_line_metric, 0, "a column of summary.csv, over all zones"),
	TEXT("unit", get_line_unit, 0, "its unit"),
	TEXT("better", get_better, 0, "lower, higher, or empty: the metric only describes"),
	{ "hosts", CSV_UINT, "hosts", get_count, LINE(hosts), MERGE_NONE,
	  "hosts with results under this variant and the baseline" },
	VALUE("least", quartile[0], "smallest value of a host"),
	VALUE("quartile_1", quartile[1], "first quartile over hosts"),
	VALUE("median", quartile[2], "median over hosts"),
	VALUE("quartile_3", quartile[3], "third quartile over hosts"),
	VALUE("largest", quartile[4], "largest value of a host"),
	VALUE("mean", mean, "mean over hosts"),
	TEXT("worst_host", csv_get_text, LINE(worst_host), "host with the worst value"),
	TEXT("baseline", csv_get_text, LINE(baseline), "the variant it is compared with"),
	VALUE("baseline_mean", baseline_mean, "mean of the baseline over the same hosts"),
	DIFF("diff_mean", diff_mean, "mean of value - baseline of each host"),
	DIFF("diff_low", diff.low, "confidence interval of diff_mean, low end"),
	DIFF("diff_high", diff.high, "confidence interval of diff_mean, high end"),
	DIFF("diff_median", diff_median, "median of value - baseline of each host"),
	SIDE("wins", wins, "hosts where the variant is better"),
	SIDE("ties", ties, "hosts where both are equal"),
	SIDE("losses", losses, "hosts where the variant is worse"),
	TEXT("verdict", csv_get_text, LINE(verdict),
	     "helps, hurts, more, less (interval without 0), unclear, same, baseline"),
};

static const struct csv_column loss_columns[] = {
	TEXT("variant", csv_get_text, LOSS(variant), "name of the variant"),
	TEXT("metric", get_loss_metric, 0, "a column of summary.csv, over all zones"),
	TEXT("unit", get_loss_unit, 0, "its unit"),
	{ "rank", CSV_UINT, "", get_count, LOSS(rank), MERGE_NONE, "1: hurt most" },
	TEXT("host", csv_get_text, LOSS(host), "the host"),
	{ "baseline_value", CSV_SMILLI, "", csv_get_number, LOSS(baseline_value), MERGE_NONE,
	  "under the baseline" },
	{ "value", CSV_SMILLI, "", csv_get_number, LOSS(value), MERGE_NONE, "under the variant" },
	{ "delta", CSV_SMILLI, "", csv_get_number, LOSS(delta), MERGE_NONE,
	  "value - baseline_value" },
};

static int each_line(const void *data, struct csv_writer *w)
{
	const struct fleet_report *r = data;
	int ret = 0;

	for (u32 i = 0; i < r->nr_lines && !ret; i++)
		ret = csv_row(w, &r->lines[i]);
	return ret;
}

static int each_loss(const void *data, struct csv_writer *w)
{
	const struct fleet_report *r = data;
	int ret = 0;

	for (u32 i = 0; i < r->nr_losses && !ret; i++)
		ret = csv_row(w, &r->losses[i]);
	return ret;
}

const struct csv_table fleet_table_csv = {
	"fleet.csv", "one row for each variant and metric", line_columns,
	ARRAY_SIZE(line_columns), each_line,
};

const struct csv_table fleet_hosts_csv = {
	"fleet_hosts.csv", "the hosts where a variant hurts most, by variant and metric",
	loss_columns, ARRAY_SIZE(loss_columns), each_loss,
};
