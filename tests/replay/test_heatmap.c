// SPDX-License-Identifier: GPL-2.0
/*
 * Heat maps of a real run, against a naive table of all states: at full size and at every smaller
 * one, each cell is the worst of those it covers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/metrics/heatmap.h"
#include "tests/lib/engine_fixture.h"

static struct engine_fixture fx;
static struct outcome_view view;

static int setup(void **state __unused)
{
	struct error err = { 0 };

	engine_fixture_init(&fx);
	return outcome_view_open(&view, fx.dir, &err);
}

static int teardown(void **state __unused)
{
	outcome_view_close(&view);
	engine_fixture_fini(&fx);
	return 0;
}

/* Class of one superpageblock at one sample, by looking through all rows. */
static u8 naive(u32 variant, u32 zone, u32 spb, u32 sample)
{
	const struct view_arm *arm = view_arm(&view, variant, zone);
	u8 class = 0xff;

	for (u32 i = 0; i < arm->nr_map; i++) {
		const struct spbmap_row *r = &arm->map[i];

		if (r->spb == spb && r->sample <= sample)
			class = r->stuck ? HEAT_STUCK :
				r->state == SPB_STATE_TAINTED ? HEAT_TAINTED :
				r->state == SPB_STATE_CLEAN ? HEAT_CLEAN : HEAT_EMPTY;
	}
	assert_true(class < NR_HEAT_CLASSES);
	return class;
}

static u8 naive_diff(u32 variant, u32 zone, u32 spb, u32 sample)
{
	u8 own = naive(variant, zone, spb, sample), base = naive(0, zone, spb, sample);

	if (own == base)
		return HEAT_SAME;
	if (own <= HEAT_CLEAN && base <= HEAT_CLEAN)
		return HEAT_ELSEWHERE;
	return own < base ? HEAT_BETTER : HEAT_WORSE;
}

typedef u8 (*naive_fn)(u32 variant, u32 zone, u32 spb, u32 sample);

static u32 expect_map(const struct heatmap *map, u32 variant, u32 zone, naive_fn class_of)
{
	u32 nr = view.zones[zone].nr_spbs, nonzero = 0;

	for (u32 row = 0; row < map->rows; row++) {
		for (u32 col = 0; col < map->cols; col++) {
			u8 worst = 0;

			for (u32 spb = row * nr / map->rows; spb < (row + 1) * nr / map->rows;
			     spb++)
				for (u32 t = col * view.nr_times / map->cols;
				     t < (col + 1) * view.nr_times / map->cols; t++)
					if (class_of(variant, zone, spb, t) > worst)
						worst = class_of(variant, zone, spb, t);
			assert_int_equal(map->cells[row * map->cols + col], worst);
			nonzero += worst != 0;
		}
	}
	return nonzero;
}

static void test_maps(void **state __unused)
{
	static const struct {
		u32 rows;
		u32 cols;
	} sizes[] = { { 1000, 1000 }, { 5, 7 }, { 1, 1 }, { 13, 49 }, { 2, 50 } };
	u32 zone = view_main_zone(&view), states = 0, differences = 0;

	for (u32 v = 0; v < view.nr_variants; v++) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			u32 rows = sizes[i].rows, cols = sizes[i].cols;
			struct heatmap map;

			assert_int_equal(heatmap_of(&view, v, zone, rows, cols, &map), 0);
			assert_true(map.rows <= rows && map.cols <= cols);
			states += expect_map(&map, v, zone, naive);
			heatmap_fini(&map);
			assert_int_equal(heatmap_diff(&view, v, zone, rows, cols, &map), 0);
			differences += expect_map(&map, v, zone, naive_diff);
			heatmap_fini(&map);
		}
	}
	assert_true(states > 100);
	assert_true(differences > 10);
}

static void test_view(void **state __unused)
{
	struct csv_file timeline = csv_file_load(fx.dir, "timeline.csv");
	const struct view_arm *arm = view_arm(&view, 1, 1);
	u32 row = (1 * view.nr_zones + 1) * view.nr_times;

	assert_int_equal(view.nr_variants, NR_VARIANTS);
	assert_string_equal(view.variants[1], "both, triggers");
	for (u32 i = 0; i < view.nr_times; i++) {
		assert_int_equal(view.times[i], csv_file_u64(&timeline, row + i, "time_ns"));
		assert_int_equal(arm->series[SERIES_TAINTED][i],
				 csv_file_u64(&timeline, row + i, "spb_tainted"));
		assert_int_equal(arm->series[SERIES_MIGRATED][i],
				 csv_file_u64(&timeline, row + i, "migrated_total"));
		assert_int_equal(view_time_index(&view, view.times[i]), i);
		assert_int_equal(view_time_index(&view, view.times[i] + 1), i);
	}
	assert_int_equal(view_time_index(&view, 0), 0);
	csv_file_fini(&timeline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_view),
	};

	return cmocka_run_group_tests_name("heatmap", tests, setup, teardown);
}
