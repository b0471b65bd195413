// SPDX-License-Identifier: GPL-2.0
/*
 * Whole runs on a make-believe host: results must not depend on threads, and must agree with each
 * other and with what went in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

static struct engine_fixture fx;

static int setup(void **state __unused)
{
	engine_fixture_init(&fx);
	return 0;
}

static int teardown(void **state __unused)
{
	engine_fixture_fini(&fx);
	return 0;
}

/* ---- determinism ---- */

static void test_jobs_do_not_matter(void **state __unused)
{
	static const u32 jobs[] = { 1, 2, 5, 64 };

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		struct engine_opts opts = fixture_opts(fx.variants, NR_VARIANTS, jobs[i]);
		struct outcome *o = run_opts(fx.img, fx.plan, &opts);
		char *dir = write_outcome(o);

		expect_same_files(fx.dir, dir);
		temp_folder_remove(dir);
		outcome_free(o);
	}
}

/* What a variant does does not depend on which others run beside it. */
static void test_company_does_not_matter(void **state __unused)
{
	struct engine_opts opts = fixture_opts(&fx.variants[1], 1, 2);
	struct outcome *o = run_opts(fx.img, fx.plan, &opts);

	for (u32 z = 0; z < 2; z++)
		for (size_t i = 0; i < outcome_nr_metrics(); i++)
			assert_int_equal(outcome_metric(o, 0, z, i),
					 outcome_metric(fx.outcome, 1, z, i));
	outcome_free(o);
}

/* ---- sums ---- */

static u64 metric(u32 variant, u32 zone, const char *name)
{
	int i = outcome_metric_find(name);

	assert_true(i >= 0);
	return outcome_metric(fx.outcome, variant, zone, (size_t)i);
}

/* Sum of @column (1 a row when NULL) over rows of variant and zone where @key is @value. */
static u64 sum_rows(const struct csv_file *f, u32 variant, u32 zone, const char *column,
		    const char *key, const char *value)
{
	u64 sum = 0;

	for (u32 row = 0; row < f->nr_rows; row++) {
		if (strcmp(csv_file_text(f, row, "variant"), fx.variants[variant].name) ||
		    strcmp(csv_file_text(f, row, "zone"), outcome_zone_name(fx.outcome, zone)) ||
		    (key && strcmp(csv_file_text(f, row, key), value)))
			continue;
		sum += column ? csv_file_u64(f, row, column) : 1;
	}
	return sum;
}

#define for_each_variant_and_zone(v, z) \
	for (u32 v = 0; v < NR_VARIANTS; v++) \
		for (u32 z = 0; z < 2; z++)

static void test_demand_is_the_same_for_all(void **state __unused)
{
	for (u32 v = 0; v < NR_VARIANTS; v++) {
		assert_int_equal(metric(v, ZONE_ALL, "allocs"), fx.plan->nr_allocs);
		assert_int_equal(metric(v, ZONE_ALL, "frees"), fx.plan->nr_frees);
		assert_int_equal(metric(v, ZONE_ALL, "ops"), outcome_nr_ops(fx.outcome));
		for (u32 z = 0; z < 2; z++)
			assert_int_equal(metric(v, z, "allocs"), metric(0, z, "allocs"));
	}
	assert_true(fx.plan->nr_residents > 1000);
	assert_true(metric(0, 0, "allocs") > 1000);
	assert_true(metric(0, 1, "allocs") > 1000);
}

static void test_summary_equals_metrics(void **state __unused)
{
	struct csv_file f = csv_file_load(fx.dir, "summary.csv");

	assert_int_equal(f.nr_rows, NR_VARIANTS * 2);
	assert_int_equal(f.nr_columns, 2 + outcome_nr_metrics());
	for_each_variant_and_zone(v, z) {
		u32 row = v * 2 + z;

		assert_string_equal(csv_file_text(&f, row, "variant"), fx.variants[v].name);
		assert_string_equal(csv_file_text(&f, row, "zone"), z ? "0/Normal" : "0/DMA32");
		for (size_t i = 0; i < outcome_nr_metrics(); i++) {
			const struct csv_column *col = outcome_metric_info(i);
			struct csv_cell cell = { .type = col->type,
						 .u = outcome_metric(fx.outcome, v, z, i) };
			char text[CSV_NUMBER_MAX];

			csv_format_number(text, &cell);
			assert_string_equal(csv_file_text(&f, row, col->name), text);
		}
	}
	csv_file_fini(&f);
}

static void test_passes_add_up(void **state __unused)
{
	struct csv_file f = csv_file_load(fx.dir, "passes.csv");

	for_each_variant_and_zone(v, z) {
		assert_int_equal(sum_rows(&f, v, z, "count", NULL, NULL), metric(v, z, "allocs"));
		assert_int_equal(sum_rows(&f, v, z, "count", "outcome", "NO_PAGE"),
				 metric(v, z, "failed_allocs"));
		assert_int_equal(sum_rows(&f, v, z, "count", "outcome", "PASS_3"),
				 metric(v, z, "pass3"));
		assert_int_equal(sum_rows(&f, v, z, "count", "outcome", "CLAIM"),
				 metric(v, z, "fallback_claims"));
		assert_int_equal(sum_rows(&f, v, z, "count", "outcome", "STEAL"),
				 metric(v, z, "steals"));
	}
	csv_file_fini(&f);
}

static u64 taints_after_start(const struct csv_file *f, u32 v, u32 z, const char *to)
{
	u64 nr = 0;

	for (u32 row = 0; row < f->nr_rows; row++)
		nr += !strcmp(csv_file_text(f, row, "variant"), fx.variants[v].name) &&
		      !strcmp(csv_file_text(f, row, "zone"), outcome_zone_name(fx.outcome, z)) &&
		      !strcmp(csv_file_text(f, row, "to"), to) &&
		      strcmp(csv_file_text(f, row, "cause"), "initial");
	return nr;
}

static void test_taints_add_up(void **state __unused)
{
	struct csv_file f = csv_file_load(fx.dir, "taint.csv");
	struct csv_file spb = csv_file_load(fx.dir, "spb.csv");
	u64 total = 0;

	for_each_variant_and_zone(v, z) {
		u64 fresh = metric(v, z, "fresh_taints"), un = metric(v, z, "untaints");

		assert_int_equal(taints_after_start(&f, v, z, "tainted"), fresh);
		assert_int_equal(taints_after_start(&f, v, z, "clean"), un);
		assert_int_equal(sum_rows(&spb, v, z, "taints", NULL, NULL), fresh);
		assert_int_equal(metric(v, z, "spb_tainted_start") + fresh - un,
				 metric(v, z, "spb_tainted_end"));
		assert_int_equal(sum_rows(&spb, v, z, NULL, "category", "tainted"),
				 metric(v, z, "spb_tainted_end"));
		assert_true(metric(v, z, "spb_tainted_max") >= metric(v, z, "spb_tainted_end"));
		assert_int_equal(metric(v, z, "spb_total"),
				 metric(v, z, "spb_tainted_end") + metric(v, z, "spb_clean_end") +
				 metric(v, z, "spb_empty_end"));
		total += fresh;
	}
	assert_true(total > 10);
	csv_file_fini(&spb);
	csv_file_fini(&f);
}

static void test_taint_rows_name_the_cause(void **state __unused)
{
	struct csv_file f = csv_file_load(fx.dir, "taint.csv");
	u64 first, last;

	outcome_times(fx.outcome, &first, &last);
	for (u32 row = 0; row < f.nr_rows; row++) {
		const char *cause = csv_file_text(&f, row, "cause");
		const char *comm = csv_file_text(&f, row, "comm");
		u64 pid = csv_file_u64(&f, row, "pid");
		char want[32];

		assert_in_range(csv_file_u64(&f, row, "time_ns"), first, last);
		snprintf(want, sizeof(want), "task,%llu", (unsigned long long)pid);
		if (!strcmp(cause, "initial")) {
			assert_int_equal(csv_file_u64(&f, row, "time_ns"), first);
			assert_string_equal(comm, "");
		} else if (!strcmp(cause, "migrate")) {
			assert_string_equal(comm, "kevacuate/0");
			assert_int_equal(pid, 0);
		} else {
			assert_string_equal(comm, want);
			assert_int_equal(csv_file_u64(&f, row, "cpu"), pid % 4);
		}
	}
	csv_file_fini(&f);
}

static void test_defrag_adds_up(void **state __unused)
{
	struct csv_file f = csv_file_load(fx.dir, "defrag.csv");
	struct csv_file spb = csv_file_load(fx.dir, "spb.csv");
	u64 passes = 0;

	for_each_variant_and_zone(v, z) {
		assert_int_equal(sum_rows(&f, v, z, NULL, NULL, NULL),
				 metric(v, z, "defrag_passes"));
		assert_int_equal(sum_rows(&f, v, z, NULL, "progress", "0"),
				 metric(v, z, "defrag_no_progress"));
		assert_int_equal(sum_rows(&spb, v, z, "stuck_ns", NULL, NULL),
				 metric(v, z, "stuck_ns_total"));
		passes += metric(v, z, "defrag_passes");
	}
	for (u32 row = 0; row < f.nr_rows; row++) {
		assert_true(csv_file_u64(&f, row, "time_ns") <= csv_file_u64(&f, row, "start_ns"));
		assert_true(csv_file_u64(&f, row, "start_ns") <= csv_file_u64(&f, row, "end_ns"));
	}
	assert_true(passes > 0);
	csv_file_fini(&spb);
	csv_file_fini(&f);
}

static void test_timeline(void **state __unused)
{
	struct csv_file f = csv_file_load(fx.dir, "timeline.csv");
	u64 first, last;

	outcome_times(fx.outcome, &first, &last);
	assert_int_equal(f.nr_rows, NR_VARIANTS * 2 * NR_SAMPLES);
	for (u32 row = 0; row < f.nr_rows; row++) {
		u32 i = row % NR_SAMPLES, v = row / NR_SAMPLES / 2, z = row / NR_SAMPLES % 2;
		u64 t = first + (last - first) / (NR_SAMPLES - 1) * i +
			(last - first) % (NR_SAMPLES - 1) * i / (NR_SAMPLES - 1);

		assert_int_equal(csv_file_u64(&f, row, "time_ns"), t);
		assert_int_equal(csv_file_u64(&f, row, "spb_clean") +
				 csv_file_u64(&f, row, "spb_tainted") +
				 csv_file_u64(&f, row, "spb_empty"),
				 z ? NORMAL_SPBS : FAKE_DMA32_SPBS);
		if (i == NR_SAMPLES - 1) {
			assert_int_equal(csv_file_u64(&f, row, "spb_tainted"),
					 metric(v, z, "spb_tainted_end"));
			assert_int_equal(csv_file_u64(&f, row, "migrated_total"),
					 metric(v, z, "pages_migrated"));
		}
	}
	csv_file_fini(&f);
}

/* ---- zones together, differences ---- */

static void test_zones_together(void **state __unused)
{
	for (u32 v = 0; v < NR_VARIANTS; v++) {
		for (size_t i = 0; i < outcome_nr_metrics(); i++) {
			u64 a = outcome_metric(fx.outcome, v, 0, i);
			u64 b = outcome_metric(fx.outcome, v, 1, i);
			u64 all = outcome_metric(fx.outcome, v, ZONE_ALL, i);

			switch (outcome_metric_info(i)->merge) {
			case MERGE_SUM:
				assert_int_equal(all, a + b);
				break;
			case MERGE_MAX:
				assert_int_equal(all, max_u64(a, b));
				break;
			case MERGE_POOL:
				assert_true(all >= min_u64(a, b) && all <= a + b);
				break;
			case MERGE_NONE:
				fail();
			}
		}
	}
}

static void test_diff_rows(void **state __unused)
{
	struct csv_file f = csv_file_load(fx.dir, "diff.csv");
	u32 row = 0;

	assert_int_equal(f.nr_rows, (NR_VARIANTS - 1) * 3 * outcome_nr_metrics());
	for (u32 v = 1; v < NR_VARIANTS; v++) {
		for (u32 z = 0; z < 3; z++) {
			for (size_t i = 0; i < outcome_nr_metrics(); i++, row++) {
				u64 base = outcome_metric(fx.outcome, 0, z, i);
				u64 value = outcome_metric(fx.outcome, v, z, i);

				assert_string_equal(csv_file_text(&f, row, "metric"),
						    outcome_metric_info(i)->name);
				assert_string_equal(csv_file_text(&f, row, "zone"),
						    z == 2 ? "all" : z ? "0/Normal" : "0/DMA32");
				assert_string_equal(csv_file_text(&f, row, "baseline"), "base");
				assert_int_equal(!*csv_file_text(&f, row, "ratio"), !base);
				if (outcome_metric_info(i)->type == CSV_UINT)
					assert_int_equal(strtoll(csv_file_text(&f, row, "delta"),
								 NULL, 10), (s64)(value - base));
			}
		}
	}
	csv_file_fini(&f);
}

static void test_divergence_rows(void **state __unused)
{
	struct csv_file f = csv_file_load(fx.dir, "divergence.csv");
	u64 taints = 0, placements = 0;

	for (u32 row = 0; row < f.nr_rows; row++) {
		const char *kind = csv_file_text(&f, row, "kind");

		assert_string_not_equal(csv_file_text(&f, row, "variant"), "base");
		assert_string_not_equal(csv_file_text(&f, row, "baseline_did"),
					csv_file_text(&f, row, "variant_did"));
		if (!strncmp(kind, "placement", 9)) {
			placements++;
			assert_memory_equal(csv_file_text(&f, row, "comm"), "task,", 5);
		}
		taints += !strncmp(kind, "taint_only", 10);
		if (row && !strcmp(csv_file_text(&f, row, "variant"),
				   csv_file_text(&f, row - 1, "variant")))
			assert_true(csv_file_u64(&f, row, "time_ns") >=
				    csv_file_u64(&f, row - 1, "time_ns"));
	}
	assert_true(placements >= 2);
	assert_true(taints > 0);
	csv_file_fini(&f);
}

static void test_twins_do_not_differ(void **state __unused)
{
	struct variant twins[2] = { 0 };
	struct engine_opts opts = fixture_opts(twins, 2, 2);
	struct csv_file f;
	struct outcome *o;
	char *dir;

	twins[0] = fx.variants[1];
	twins[1] = fx.variants[1];
	snprintf(twins[1].name, sizeof(twins[1].name), "twin");
	o = run_opts(fx.img, fx.plan, &opts);
	dir = write_outcome(o);
	f = csv_file_load(dir, "divergence.csv");
	assert_int_equal(f.nr_rows, 0);
	csv_file_fini(&f);
	f = csv_file_load(dir, "diff.csv");
	for (u32 row = 0; row < f.nr_rows; row++)
		assert_float_equal(strtod(csv_file_text(&f, row, "delta"), NULL), 0, 0);
	csv_file_fini(&f);
	temp_folder_remove(dir);
	outcome_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_do_not_matter),
		cmocka_unit_test(test_company_does_not_matter),
		cmocka_unit_test(test_demand_is_the_same_for_all),
		cmocka_unit_test(test_summary_equals_metrics),
		cmocka_unit_test(test_passes_add_up),
		cmocka_unit_test(test_taints_add_up),
		cmocka_unit_test(test_taint_rows_name_the_cause),
		cmocka_unit_test(test_defrag_adds_up),
		cmocka_unit_test(test_timeline),
		cmocka_unit_test(test_zones_together),
		cmocka_unit_test(test_diff_rows),
		cmocka_unit_test(test_divergence_rows),
		cmocka_unit_test(test_twins_do_not_differ),
	};

	return cmocka_run_group_tests_name("engine", tests, setup, teardown);
}
