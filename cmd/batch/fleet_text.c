// SPDX-License-Identifier: GPL-2.0
#include "cmd/batch/fleet_text.h"

#include <string.h>

#include "cmd/common/stamp.h"
#include "cmd/common/terminal.h"
#include "cmd/common/units.h"
#include "replay/outcome/outcome.h"

/* Rows of the table: what the patch is for, then what it costs. */
static const struct {
	const char *metric;
	const char *label;
	bool list_losses;
} shown[] = {
	{ "spb_tainted_end", "tainted at the end", true },
	{ "spb_tainted_max", "tainted at most", false },
	{ "spb_empty_end", "empty at the end", false },
	{ "fresh_taints", "fresh taints", false },
	{ "stuck_ns_total", "stuck time, all SPBs (s)", true },
	{ "stuck_ns_max", "stuck time, longest (s)", false },
	{ "fallback_claims", "fallback claims", false },
	{ "defrag_passes", "defrag passes", false },
	{ "defrag_no_progress", "passes without progress", false },
	{ "pages_migrated", "pages migrated", true },
	{ "visits_mean", "SPBs visited, mean", true },
};

static bool in_ns(size_t metric)
{
	return !strcmp(outcome_metric_info(metric)->unit, "ns");
}

/* Thousandths of the metric's unit; of a second for times. */
static const char *number(char out[UNIT_TEXT], size_t metric, s64 value, bool sign)
{
	u64 size = value < 0 ? 0 - (u64)value : (u64)value;
	char text[UNIT_TEXT];

	if (in_ns(metric))
		size /= NSEC_PER_SEC;
	fmt_milli(text, size);
	snprintf(out, UNIT_TEXT, "%s%.46s", value < 0 ? "-" : sign && value ? "+" : "", text);
	return out;
}

static const struct fleet_line *find_line(const struct fleet_report *r, u32 variant,
					  const char *metric)
{
	size_t m = (size_t)outcome_metric_find(metric);

	return &r->lines[variant * outcome_nr_metrics() + m];
}

static void print_line(const struct fleet_line *l, const char *label, FILE *out)
{
	char t[7][UNIT_TEXT], low_high[2 * UNIT_TEXT] = "-", sides[64] = "";
	const size_t m = l->metric;

	if (l->hosts > 1)
		snprintf(low_high, sizeof(low_high), "%s to %s",
			 number(t[0], m, l->diff.low, true), number(t[1], m, l->diff.high, true));
	if (fleet_better(m))
		snprintf(sides, sizeof(sides), "%u/%u/%u", l->wins, l->ties, l->losses);
	fprintf(out, "  %-25s %11s %11s %11s %11s  %12s  %-27s %11s  %s\n", label,
		number(t[2], m, l->quartile[1], false), number(t[3], m, l->quartile[2], false),
		number(t[4], m, l->quartile[3], false), number(t[5], m, l->quartile[4], false),
		number(t[6], m, l->diff_mean, true), low_high, sides, l->verdict);
}

static void print_losses(const struct fleet_report *r, u32 variant, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		const struct fleet_line *l = find_line(r, variant, shown[i].metric);
		u32 printed = 0;

		if (!shown[i].list_losses || !l->losses)
			continue;
		fprintf(out, "  hurts most, %s:", shown[i].label);
		for (u32 k = 0; k < r->nr_losses && printed < 5; k++) {
			const struct fleet_loss *loss = &r->losses[k];
			char t[UNIT_TEXT], host[61];

			if (loss->variant != l->variant || loss->metric != l->metric)
				continue;
			text_from_outside(host, sizeof(host), loss->host);
			fprintf(out, "%s %s %s", printed++ ? "," : "", host,
				number(t, l->metric, loss->delta, true));
		}
		fputc('\n', out);
	}
}

static const char *label_of(const char *metric)
{
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		if (!strcmp(shown[i].metric, metric))
			return shown[i].label;
	}
	return metric;
}

static const char *plural(u32 n)
{
	return n == 1 ? "" : "s";
}

/* One sentence each: what a reader came for. */
static void print_answer(const struct fleet_report *r, u32 variant, FILE *out)
{
	static const char *const asked[] = { "spb_tainted_end", "stuck_ns_total" };

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		const struct fleet_line *l = find_line(r, variant, asked[i]);
		char t[3][UNIT_TEXT];

		fprintf(out, "  %s: %s", label_of(asked[i]), l->verdict);
		if (l->hosts > 1 && strcmp(l->verdict, "same"))
			fprintf(out, ": %s a host, with %u %% confidence between %s and %s; better "
				"on %u host%s, equal on %u, worse on %u",
				number(t[0], l->metric, l->diff_mean, true),
				r->opts.bootstrap.confidence,
				number(t[1], l->metric, l->diff.low, true),
				number(t[2], l->metric, l->diff.high, true), l->wins,
				plural(l->wins), l->ties, l->losses);
		fputc('\n', out);
	}
}

/* Captures whose results are less than whole. */
static void print_lacking(const struct fleet_variant_info *info, FILE *out)
{
	static const struct {
		u32 status;
		const char *how;
	} lacking[] = {
		{ FLEET_PARTIAL, "only in part" }, { FLEET_FAILED, "failed" },
		{ FLEET_MISSING, "still to do" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lacking); i++) {
		const u32 n = info->count[lacking[i].status];

		if (n)
			fprintf(out, ", %u capture%s %s", n, plural(n), lacking[i].how);
	}
}

void fleet_text(const struct fleet_report *r, FILE *out)
{
	for (u32 v = 1; v < r->nr_variants; v++) {
		const struct fleet_variant_info *info = &r->variants[v];
		const struct fleet_line *first = find_line(r, v, shown[0].metric);

		fputs(v > 1 ? "\n" : "", out);
		terminal_text(out, info->name);
		fputs(" against ", out);
		terminal_text(out, r->variants[0].name);
		fprintf(out, ": %u host%s", first->hosts, plural(first->hosts));
		print_lacking(info, out);
		fprintf(out, "\n  %-25s %11s %11s %11s %11s  %12s  %u %% confidence %11s %11s  %s\n",
			"value of a host", "quartile 1", "median", "quartile 3", "largest",
			"mean diff.", r->opts.bootstrap.confidence, "", "W/T/L", "verdict");
		for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
			print_line(find_line(r, v, shown[i].metric), shown[i].label, out);
		print_losses(r, v, out);
		print_answer(r, v, out);
	}
}
