// SPDX-License-Identifier: GPL-2.0
/*
 * Writing outcomes whole or not at all, run.json, runs that end early or go wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "replay/base/hash.h"
#include "tests/lib/engine_fixture.h"

#define NR_FILES 13	/* twelve tables and schema.json */

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

/* ---- run.json ---- */

static const char *json_text(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	assert_true(json_object_object_get_ex(o, key, &v));
	return json_object_get_string(v);
}

static void expect_hashes(struct json_object *files)
{
	assert_int_equal(json_object_array_length(files), NR_FILES);
	for (size_t i = 0; i < NR_FILES; i++) {
		struct json_object *file = json_object_array_get_idx(files, i);
		char text[HASH64_TEXT];
		struct hash64 h;
		size_t len;
		char *bytes = file_load(fx.dir, json_text(file, "name"), &len);

		hash64_init(&h);
		hash64_update(&h, bytes, len);
		hash64_text(text, hash64_final(&h));
		assert_string_equal(json_text(file, "xxh64"), text);
		free(bytes);
	}
}

static void test_run_json(void **state __unused)
{
	char *text = file_load(fx.dir, "run.json", NULL);
	struct json_object *o = json_tokener_parse(text);
	struct json_object *v = NULL, *part = NULL;

	assert_non_null(o);
	assert_string_equal(json_text(o, "version"), "1.2.3");
	assert_string_equal(json_text(o, "partial"), "false");
	assert_string_equal(json_text(o, "seed"), "7");
	assert_string_equal(json_text(o, "wall_ms"), "5");
	assert_true(json_object_object_get_ex(o, "files", &v));
	expect_hashes(v);
	assert_true(json_object_object_get_ex(o, "variants", &v));
	assert_int_equal(json_object_array_length(v), NR_VARIANTS);
	assert_true(json_object_object_get_ex(json_object_array_get_idx(v, 2), "knobs", &part));
	assert_int_equal(json_object_object_length(part), nr_knobs);
	assert_string_equal(json_text(part, "pass_2"), "false");
	assert_string_equal(json_text(part, "update_list_mode"), "bucket");
	assert_true(json_object_object_get_ex(o, "demand", &v));
	assert_string_equal(json_text(v, "level"), "zone");
	assert_true(json_object_object_get_ex(v, "oddities", &part));
	assert_int_equal(json_object_object_length(part), demand_nr_oddities);
	assert_true(json_object_object_get_ex(o, "inputs", &v));
	assert_string_equal(json_text(json_object_array_get_idx(v, 0), "path"),
			    "caf\xc3\xa9 \xef\xbf\xbd.dat");
	json_object_put(o);
	free(text);
}

/* ---- failures and partial runs ---- */

static void expect_unwritable(const char *dir, const char *names)
{
	struct outcome_run run = { .version = "1" };
	struct error err = { ERR_NONE, "" };

	assert_int_equal(outcome_write(fx.outcome, dir, &run, &err), -(int)ERR_IO);
	assert_int_equal(err.code, ERR_IO);
	assert_non_null(strstr(err.text, names));
	assert_null(strchr(err.text, '\n'));
}

static void test_unwritable_folder(void **state __unused)
{
	char *dir = temp_folder();
	char path[4200], below[4300];
	struct stat st;

	/* A file where the folder should be, or above it. */
	snprintf(path, sizeof(path), "%s/file", dir);
	fclose(fopen(path, "w"));
	expect_unwritable(path, path);
	snprintf(below, sizeof(below), "%s/sub", path);
	expect_unwritable(below, path);
	assert_int_equal(remove(path), 0);
	expect_unwritable("", "-o");
	/* A folder where a file should be: nothing but it may be left. */
	snprintf(path, sizeof(path), "%s/taint.csv", dir);
	assert_int_equal(mkdir(path, 0777), 0);
	expect_unwritable(dir, path);
	assert_int_equal(rmdir(path), 0);
	snprintf(path, sizeof(path), "%s/run.json", dir);
	assert_int_equal(stat(path, &st), -1);
	temp_folder_remove(dir);
}

static void test_folder_is_made_and_replaced(void **state __unused)
{
	struct outcome_run run = { .version = "1" };
	struct error err = { ERR_NONE, "" };
	char *dir = temp_folder();
	char path[4200], inner[4300];

	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(inner, sizeof(inner), "%s/b/", path);
	assert_int_equal(outcome_write(fx.outcome, inner, &run, &err), 0);
	assert_int_equal(outcome_write(fx.outcome, inner, &run, &err), 0);
	expect_same_files(fx.dir, inner);
	temp_folder_remove(strdup(inner));
	assert_int_equal(rmdir(path), 0);
	temp_folder_remove(dir);
}

struct stopper {
	volatile bool stop;
	u32 calls;
};

static void stop_after_two(void *ctx, u64 done, u64 total)
{
	struct stopper *s = ctx;

	assert_true(done <= total);
	s->stop = ++s->calls == 2;
}

static void test_stop(void **state __unused)
{
	struct engine_opts opts = fixture_opts(fx.variants, NR_VARIANTS, 2);
	struct stopper s = { false, 0 };
	struct csv_file f;
	struct outcome *o;
	u64 first, last;
	char *dir;

	opts.stop = &s.stop;
	opts.progress = stop_after_two;
	opts.progress_ctx = &s;
	o = run_opts(fx.img, fx.plan, &opts);
	assert_non_null(outcome_partial(o));
	assert_null(outcome_partial(fx.outcome));
	assert_true(outcome_nr_ops(o) > 0 && outcome_nr_ops(o) < outcome_nr_ops(fx.outcome));
	outcome_times(o, &first, &last);
	assert_true(last < fx.plan->t_last);
	dir = write_outcome(o);
	f = csv_file_load(dir, "timeline.csv");
	assert_int_equal(csv_file_u64(&f, f.nr_rows - 1, "time_ns"), last);
	assert_in_range(f.nr_rows, NR_VARIANTS * 2 * 2, NR_VARIANTS * 2 * (NR_SAMPLES - 1));
	csv_file_fini(&f);
	temp_folder_remove(dir);
	outcome_free(o);
}

/* Large units: a run ends within a block of events that name gigabytes, the same in each variant. */
static void test_stop_in_block(void **state __unused)
{
	struct engine_opts opts = fixture_opts(fx.variants, NR_VARIANTS, 2);
	struct stopper s = { false, 0 };
	struct demand_plan *plan;
	struct log_image *img;
	struct fake_host h;
	struct outcome *o;

	fake_host_init(&h, 4, 3);
	for (u32 i = 0; i < 3000; i++) {
		const u64 pfn = fake_host_alloc(&h, 10, MIGRATE_MOVABLE, 1, true);

		fake_host_free(&h, pfn, 10, MIGRATE_MOVABLE, 1);
	}
	img = fake_host_finish(&h);
	plan = fake_plan(img);
	opts.stop = &s.stop;
	opts.progress = stop_after_two;
	opts.progress_ctx = &s;
	o = run_opts(img, plan, &opts);
	assert_non_null(outcome_partial(o));
	assert_in_range(outcome_nr_ops(o), 1, 5999);
	outcome_free(o);
	demand_plan_free(plan);
	log_image_free(img);
}

/*
 * The recorded host frees what lies together there and allocates a whole block in its place; here
 * the freed pages lie apart and cannot move, so that the block finds no place.
 */
static void test_failed_allocations(void **state __unused)
{
	struct variant v[1] = { 0 };
	struct engine_opts opts = fixture_opts(v, 1, 1);
	struct demand_plan *plan;
	struct log_image *img;
	struct fake_host h;
	struct outcome *o;
	u32 nr;
	u64 block;

	fake_host_init(&h, 2, 3);
	nr = h.nr_pfns;
	for (u32 i = 0; i < nr; i++) {
		/* An odd stride meets every frame once. */
		h.cursor = i * 1009ULL % nr;
		block = fake_host_alloc(&h, 0, MIGRATE_UNMOVABLE, 1, true);
		assert_int_equal(block, i * 1009ULL % nr);
	}
	for (u32 i = 0; i < 512; i++)
		fake_host_free(&h, FAKE_NORMAL_START + i, 0, MIGRATE_UNMOVABLE, 1);
	block = fake_host_alloc(&h, 9, MIGRATE_UNMOVABLE, 1, true);
	assert_int_equal(block, FAKE_NORMAL_START);
	fake_host_free(&h, block, 1, MIGRATE_UNMOVABLE, 1);
	fake_host_free(&h, block + 2, 1, MIGRATE_UNMOVABLE, 1);
	img = fake_host_finish(&h);
	plan = fake_plan(img);
	variant_init(&v[0]);
	opts.check_every = 64;
	o = run_opts(img, plan, &opts);
	assert_int_equal(outcome_metric(o, 0, 1, (size_t)outcome_metric_find("failed_allocs")), 1);
	assert_int_equal(outcome_metric(o, 0, 0, (size_t)outcome_metric_find("failed_allocs")), 0);
	assert_int_equal(outcome_metric(o, 0, ZONE_ALL, (size_t)outcome_metric_find("frees")), 514);
	outcome_free(o);
	demand_plan_free(plan);
	log_image_free(img);
}

static void test_refuses_what_it_cannot_do(void **state __unused)
{
	struct variant v[1] = { 0 };
	struct engine_opts opts = fixture_opts(v, 1, 1);
	struct engine_source src = { .image = fx.img };
	struct error err = { ERR_NONE, "" };
	struct outcome *o;

	variant_init(&v[0]);
	opts.spb_order = 5;
	assert_int_equal(engine_run(&src, fx.plan, &opts, &o, &err), -(int)ERR_USAGE);
	assert_non_null(strstr(err.text, "spb_order"));
	assert_null(o);
	opts.nr_variants = 0;
	err.code = ERR_NONE;
	assert_int_equal(engine_run(&src, fx.plan, &opts, &o, &err), -(int)ERR_USAGE);
}

static void test_damaged_capture(void **state __unused)
{
	struct variant v[1] = { 0 };
	struct engine_opts opts = fixture_opts(v, 1, 1);
	struct engine_source src = { 0 };
	struct error err = { ERR_NONE, "" };
	struct demand_plan *plan;
	struct log_image *img;
	struct fake_host h;
	struct outcome *o;

	variant_init(&v[0]);
	fake_host_init(&h, 2, 5);
	fake_host_churn(&h, 1000, 50);
	log_writer_meta(h.w)->partial = true;
	assert_int_equal(log_meta_set(&log_writer_meta(h.w)->partial_why, "cut off at 77"), 0);
	img = fake_host_finish(&h);
	plan = fake_plan(img);
	src.image = img;
	assert_int_equal(engine_run(&src, plan, &opts, &o, &err), -(int)ERR_DAMAGED);
	assert_non_null(o);
	assert_string_equal(outcome_partial(o), "cut off at 77");
	assert_non_null(strstr(err.text, "fake, \"host\".dat: cut off at 77"));
	assert_int_equal(outcome_nr_ops(o), plan->nr_allocs + plan->nr_frees);
	outcome_free(o);
	demand_plan_free(plan);
	log_image_free(img);
}

/* What the model refuses is our fault: say so, and where. Which variant is named is fixed. */
static void test_bug_names_the_variant(void **state __unused)
{
	struct engine_opts opts = fixture_opts(fx.variants, NR_VARIANTS, 3);
	struct engine_source src = { .image = fx.img };
	struct error err = { ERR_NONE, "" };
	u16 zone = fx.plan->residents[0].zone;
	struct outcome *o;
	int ret;

	fx.plan->residents[0].zone = 99;
	ret = engine_run(&src, fx.plan, &opts, &o, &err);
	fx.plan->residents[0].zone = zone;
	assert_int_equal(ret, -(int)ERR_BUG);
	assert_null(o);
	assert_memory_equal(err.text, "variant base: ", 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run_json),
		cmocka_unit_test(test_unwritable_folder),
		cmocka_unit_test(test_folder_is_made_and_replaced),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_stop_in_block),
		cmocka_unit_test(test_failed_allocations),
		cmocka_unit_test(test_refuses_what_it_cannot_do),
		cmocka_unit_test(test_damaged_capture),
		cmocka_unit_test(test_bug_names_the_variant),
	};

	return cmocka_run_group_tests_name("outcome", tests, setup, teardown);
}
