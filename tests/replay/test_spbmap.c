// SPDX-License-Identifier: GPL-2.0
/*
 * spbmap.csv must add up to timeline.csv at every sample, and visits.csv to passes.csv.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

#define MAX_SPBS 64

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

/** struct spb_now - what the rows so far say of one superpageblock; @category NULL: nothing yet */
struct spb_now {
	const char *category;
	u64 free_blocks;
	u64 stuck;
};

static bool same_key(const struct csv_file *a, u32 row, const struct csv_file *b, u32 other)
{
	return !strcmp(csv_file_text(a, row, "variant"), csv_file_text(b, other, "variant")) &&
	       !strcmp(csv_file_text(a, row, "zone"), csv_file_text(b, other, "zone"));
}

static void take_row(const struct csv_file *map, u32 row, struct spb_now *now)
{
	u64 spb = csv_file_u64(map, row, "spb");
	struct spb_now new = { csv_file_text(map, row, "category"),
			       csv_file_u64(map, row, "free_blocks"),
			       csv_file_u64(map, row, "stuck") };

	assert_true(spb < MAX_SPBS);
	/* A row says something new. */
	if (now[spb].category)
		assert_false(!strcmp(now[spb].category, new.category) &&
			     now[spb].free_blocks == new.free_blocks &&
			     now[spb].stuck == new.stuck);
	now[spb] = new;
}

static void expect_sums(const struct csv_file *timeline, u32 row, const struct spb_now *now)
{
	u64 empty = 0, clean = 0, tainted = 0, stuck = 0, blocks = 0;

	for (u32 i = 0; i < MAX_SPBS && now[i].category; i++) {
		empty += !strcmp(now[i].category, "empty");
		clean += !strcmp(now[i].category, "clean");
		tainted += !strcmp(now[i].category, "tainted");
		stuck += now[i].stuck;
		blocks += now[i].free_blocks;
	}
	assert_int_equal(empty, csv_file_u64(timeline, row, "spb_empty"));
	assert_int_equal(clean, csv_file_u64(timeline, row, "spb_clean"));
	assert_int_equal(tainted, csv_file_u64(timeline, row, "spb_tainted"));
	assert_int_equal(stuck, csv_file_u64(timeline, row, "stuck_spbs"));
	assert_int_equal(blocks, csv_file_u64(timeline, row, "nr_free_blocks"));
}

static void test_map_adds_up(void **state __unused)
{
	struct csv_file timeline = csv_file_load(fx.dir, "timeline.csv");
	struct csv_file map = csv_file_load(fx.dir, "spbmap.csv");
	struct spb_now now[MAX_SPBS] = { 0 };
	u32 at = 0;

	assert_true(map.nr_rows > timeline.nr_rows);
	for (u32 row = 0; row < timeline.nr_rows; row++) {
		u64 time = csv_file_u64(&timeline, row, "time_ns");

		if (row && !same_key(&timeline, row, &timeline, row - 1))
			memset(now, 0, sizeof(now));
		while (at < map.nr_rows && same_key(&map, at, &timeline, row) &&
		       csv_file_u64(&map, at, "time_ns") == time)
			take_row(&map, at++, now);
		expect_sums(&timeline, row, now);
	}
	assert_int_equal(at, map.nr_rows);
	csv_file_fini(&map);
	csv_file_fini(&timeline);
}

/* The last state of the map is the state of spb.csv, SPB by SPB. */
static void test_map_ends_as_spb_csv(void **state __unused)
{
	struct csv_file spb = csv_file_load(fx.dir, "spb.csv");
	struct csv_file map = csv_file_load(fx.dir, "spbmap.csv");
	u32 seen = 0;

	for (u32 row = 0; row < spb.nr_rows; row++) {
		u64 index = csv_file_u64(&spb, row, "spb");
		s64 last = -1;

		for (u32 i = 0; i < map.nr_rows; i++)
			if (same_key(&map, i, &spb, row) &&
			    csv_file_u64(&map, i, "spb") == index)
				last = i;
		assert_true(last >= 0);
		assert_int_equal(csv_file_u64(&map, (u32)last, "free_blocks"),
				 csv_file_u64(&spb, row, "nr_free"));
		seen++;
	}
	assert_int_equal(seen, spb.nr_rows);
	csv_file_fini(&map);
	csv_file_fini(&spb);
}

static void test_visits_add_up(void **state __unused)
{
	struct csv_file passes = csv_file_load(fx.dir, "passes.csv");
	struct csv_file visits = csv_file_load(fx.dir, "visits.csv");
	u64 of_passes = 0, of_visits = 0, most = 0, longest = 0;

	for (u32 i = 0; i < passes.nr_rows; i++) {
		of_passes += csv_file_u64(&passes, i, "count");
		most = max_u64(most, csv_file_u64(&passes, i, "visits_max"));
	}
	for (u32 i = 0; i < visits.nr_rows; i++) {
		of_visits += csv_file_u64(&visits, i, "count");
		longest = max_u64(longest, csv_file_u64(&visits, i, "visits"));
		assert_true(csv_file_u64(&visits, i, "count") > 0);
	}
	assert_true(of_passes > 1000);
	assert_int_equal(of_passes, of_visits);
	assert_int_equal(most, longest);
	csv_file_fini(&visits);
	csv_file_fini(&passes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map_adds_up),
		cmocka_unit_test(test_map_ends_as_spb_csv),
		cmocka_unit_test(test_visits_add_up),
	};

	return cmocka_run_group_tests_name("spbmap", tests, setup, teardown);
}
