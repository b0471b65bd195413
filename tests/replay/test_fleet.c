// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics over hosts against values worked out by hand, coverage of the intervals, joining rows
 * in every order, reading CSV.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/csv/csv_read.h"
#include "replay/demand/demand_core.h"
#include "replay/fleet/fleet_report.h"
#include "replay/fleet/fleet_unit.h"
#include "replay/outcome/outcome.h"
#include "tests/lib/temp_folder.h"

/* ---- statistics ---- */

static void test_quantiles(void **state __unused)
{
	const s64 v[] = { 1000, 2000, 4000, 8000 };
	const s64 one[] = { -5 };

	assert_int_equal(stats_quantile(v, 4, 0, 4), 1000);
	assert_int_equal(stats_quantile(v, 4, 1, 4), 1750);
	assert_int_equal(stats_quantile(v, 4, 1, 2), 3000);
	assert_int_equal(stats_quantile(v, 4, 3, 4), 5000);
	assert_int_equal(stats_quantile(v, 4, 4, 4), 8000);
	assert_int_equal(stats_quantile(one, 1, 3, 4), -5);
}

static void test_mean_rounds_to_nearest(void **state __unused)
{
	const s64 up[] = { 1, 1, 3 }, down[] = { -1, -1, -3 };
	const s64 huge[] = { INT64_MAX, INT64_MAX, INT64_MAX };

	assert_int_equal(stats_mean(up, 3), 2);
	assert_int_equal(stats_mean(down, 3), -2);
	assert_int_equal(stats_mean(huge, 3), INT64_MAX);
}

static const struct stats_bootstrap usual = { .seed = 1, .resamples = 1000, .confidence = 95 };

static void test_bootstrap_edges(void **state __unused)
{
	const s64 same[] = { 7, 7, 7, 7, 7 };
	const s64 mixed[] = { 0, 0, 10000, 10000, 10000 };
	const s64 *series[] = { same, mixed };
	struct stats_interval a[2], b[2];

	assert_int_equal(stats_bootstrap(series, 2, 5, &usual, a), 0);
	assert_int_equal(a[0].low, 7);
	assert_int_equal(a[0].high, 7);
	assert_in_range(a[1].low, 0, 4000);
	assert_in_range(a[1].high, 8000, 10000);
	assert_int_equal(stats_bootstrap(series, 2, 5, &usual, b), 0);
	assert_memory_equal(a, b, sizeof(a));
}

/* Of many samples from a known distribution, about 95 % of the intervals must hold its mean. */
static void test_bootstrap_coverage(void **state __unused)
{
	const struct stats_bootstrap opts = { .seed = 3, .resamples = 400, .confidence = 95 };
	u32 hits = 0;

	for (u32 trial = 0; trial < 400; trial++) {
		s64 v[40];
		const s64 *series = v;
		struct stats_interval i;

		for (u32 k = 0; k < 40; k++)
			v[k] = (s64)(demand_mix(trial * 64 + k) % 2001) - 1000;
		assert_int_equal(stats_bootstrap(&series, 1, 40, &opts, &i), 0);
		hits += i.low <= 0 && 0 <= i.high;
	}
	assert_in_range(hits, 360, 396);	/* 90 % to 99 % of 400 */
}

/* ---- rows ---- */

/** struct plain - a row with the cells that matter here; @value: spb_tainted_end */
struct plain {
	const char *host;
	const char *arm;
	const char *variant;
	enum fleet_status status;
	const char *value;
};

static void add(struct fleet_set *set, const struct plain *p)
{
	struct fleet_row row = { 0 };
	struct error err = { 0 };

	row.cell[FLEET_HOST] = row.cell[FLEET_ENTRY] = row.cell[FLEET_CAPTURE] = p->host;
	row.cell[FLEET_ARM] = p->arm;
	row.cell[FLEET_VARIANT] = p->variant;
	row.cell[FLEET_STATUS] = fleet_status_text(p->status);
	row.cell[FLEET_METRICS + outcome_metric_find("spb_tainted_end")] = p->value;
	assert_int_equal(fleet_set_add(set, &row, &err), 0);
}

static const struct plain fleet[] = {
	{ "a", "0", "base", FLEET_OK, "5" }, { "a", "1", "patch", FLEET_OK, "3" },
	{ "b", "0", "base", FLEET_OK, "2" }, { "b", "1", "patch", FLEET_OK, "2" },
	{ "c", "0", "base", FLEET_OK, "1" }, { "c", "1", "patch", FLEET_PARTIAL, "4" },
	{ "d", "0", "base", FLEET_OK, "9" }, { "d", "1", "patch", FLEET_FAILED, "" },
	{ "e", "0", "base", FLEET_MISSING, "" }, { "e", "1", "patch", FLEET_OK, "9" },
};

static void test_report(void **state __unused)
{
	const struct fleet_report_opts opts = { .bootstrap = usual, .worst = 10 };
	const size_t m = (size_t)outcome_metric_find("spb_tainted_end");
	struct fleet_set set = { 0 };
	struct fleet_report r;
	struct fleet_line *l;
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(fleet); i++)
		add(&set, &fleet[ARRAY_SIZE(fleet) - 1 - i]);
	assert_int_equal(fleet_join(&set, &err), 0);
	assert_int_equal(fleet_report(&r, &set, &opts, &err), 0);
	assert_int_equal(r.hosts, 5);
	assert_int_equal(r.nr_variants, 2);
	assert_string_equal(r.variants[0].name, "base");
	l = &r.lines[outcome_nr_metrics() + m];
	assert_int_equal(l->hosts, 3);		/* d failed and e is missing on one side */
	assert_int_equal(l->quartile[0], 2000);
	assert_int_equal(l->quartile[2], 3000);
	assert_int_equal(l->quartile[4], 4000);
	assert_string_equal(l->worst_host, "c");
	assert_int_equal(l->mean, 3000);
	assert_int_equal(l->baseline_mean, 2667);
	assert_int_equal(l->diff_mean, 333);	/* (-2 + 0 + 3) / 3 */
	assert_int_equal(l->diff_median, 0);
	assert_int_equal(l->wins, 1);
	assert_int_equal(l->ties, 1);
	assert_int_equal(l->losses, 1);
	assert_string_equal(l->verdict, "unclear");
	assert_int_equal(r.nr_losses, 1);
	assert_string_equal(r.losses[0].host, "c");
	assert_int_equal(r.losses[0].delta, 3000);
	fleet_report_fini(&r);
	fleet_set_fini(&set);
}

static void test_join_takes_the_best(void **state __unused)
{
	const struct plain rows[] = {
		{ "a", "0", "base", FLEET_MISSING, "" }, { "a", "0", "base", FLEET_OK, "5" },
		{ "a", "0", "base", FLEET_FAILED, "" }, { "a", "0", "base", FLEET_OK, "5" },
	};

	for (u32 first = 0; first < ARRAY_SIZE(rows); first++) {
		struct fleet_set set = { 0 };
		struct error err = { 0 };

		for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
			add(&set, &rows[(first + i) % ARRAY_SIZE(rows)]);
		assert_int_equal(fleet_join(&set, &err), 0);
		assert_int_equal(set.nr, 1);
		assert_int_equal(fleet_status(&set.rows[0]), FLEET_OK);
		fleet_set_fini(&set);
	}
}

static void test_join_refuses_two_results(void **state __unused)
{
	struct fleet_set set = { 0 };
	struct error err = { 0 };

	add(&set, &(struct plain){ "a", "0", "base", FLEET_OK, "5" });
	add(&set, &(struct plain){ "a", "0", "base", FLEET_OK, "6" });
	assert_int_equal(fleet_join(&set, &err), -ERR_USAGE);
	assert_non_null(strstr(err.text, "two different results"));
	fleet_set_fini(&set);
}

static void test_metric_values(void **state __unused)
{
	static const struct { const char *text; s64 value; } cases[] = {
		{ "", 0 }, { "7", 7000 }, { "1.250", 1250 }, { "0.005", 5 },
		{ "18446744073709551615", INT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fleet_row row = { .cell[FLEET_METRICS] = cases[i].text };

		assert_int_equal(fleet_metric(&row, 0), cases[i].value);
	}
}

/* ---- files ---- */

static void test_unit_file(void **state __unused)
{
	char *dir = temp_folder();
	struct fleet_set set = { 0 }, back = { 0 };
	struct error err = { 0 };
	struct fleet_row other;

	add(&set, &(struct plain){ "a", "0", "p,\"x\"", FLEET_OK, "5" });
	assert_int_equal(fleet_unit_write(dir, &set.rows[0], &err), 0);
	assert_int_equal(fleet_unit_read(dir, &set.rows[0], &back, &err), 1);
	for (u32 i = 0; i < fleet_nr_cells(); i++)
		assert_string_equal(back.rows[0].cell[i], set.rows[0].cell[i]);
	other = set.rows[0];
	other.cell[FLEET_OPTIONS] = "seed=2";
	assert_int_equal(fleet_unit_read(dir, &other, &back, &err), 0);
	fleet_set_fini(&set);
	fleet_set_fini(&back);
	temp_folder_remove(dir);
}

/* Every file that changes what a snapshot says. */
static void test_snapshot_hash(void **state __unused)
{
	static const char *const names[] = { "zoneinfo", "pagetypeinfo", "host", "iomem", "kernel",
					     "superpageblocks", "kpageflags", "kpageflags.zst" };
	char *dir = temp_folder();
	u64 last = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct error err = { 0 };
		char path[4096];
		u64 hash;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fclose(f), 0);
		assert_int_equal(fleet_hash_snapshot(dir, &hash, &err), 0);
		if (hash == last)
			fail_msg("%s is not in the hash", names[i]);
		last = hash;
	}
	temp_folder_remove(dir);
}

static void test_csv_read(void **state __unused)
{
	char *dir = temp_folder();
	char path[4096];
	struct csv_data d;
	struct error err = { 0 };
	FILE *f;

	snprintf(path, sizeof(path), "%s/x.csv", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("\xef\xbb\xbf" "a,b\r\n\"x,\"\"y\"\"\nz\",\n\n,last", f);
	fclose(f);
	assert_int_equal(csv_read_any(&d, path, &err), 0);
	assert_int_equal(d.nr_rows, 2);
	assert_int_equal(csv_column(&d, "b"), 1);
	assert_string_equal(csv_header(&d, 0), "a");
	assert_string_equal(csv_cell(&d, 0, 0), "x,\"y\"\nz");
	assert_string_equal(csv_cell(&d, 0, 1), "");
	assert_string_equal(csv_cell(&d, 1, 1), "last");
	assert_int_equal(csv_line(&d, 1), 5);
	csv_data_fini(&d);
	temp_folder_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_mean_rounds_to_nearest),
		cmocka_unit_test(test_bootstrap_edges),
		cmocka_unit_test(test_bootstrap_coverage),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_join_takes_the_best),
		cmocka_unit_test(test_join_refuses_two_results),
		cmocka_unit_test(test_metric_values),
		cmocka_unit_test(test_unit_file),
		cmocka_unit_test(test_snapshot_hash),
		cmocka_unit_test(test_csv_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
