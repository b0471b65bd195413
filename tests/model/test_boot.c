// SPDX-License-Identifier: GPL-2.0
/*
 * The state that boot leaves (S1.6): which pageblocks are initialised, how many a clipped
 * superpageblock counts, what their labels are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/internal.h"
#include "model/pageblock.h"
#include "tests/lib/machine.h"

#define BLOCK 512ULL

static struct model *boot(const struct model_zone_config *zones, u32 nr_zones,
			  const struct model_range *ranges, u32 nr_ranges)
{
	const struct model_config config = { .zones = zones, .nr_zones = nr_zones,
					     .ranges = ranges, .nr_ranges = nr_ranges,
					     .pageblock_order = 9, .spb_order = 13,
					     .max_order = 10, .nr_cpus = 1 };
	const struct variant v = machine_variant();
	const char *why = NULL;
	struct model *m = model_new(&config, &v, NULL, NULL, &why);
	char text[256];

	assert_non_null(m);
	if (model_check(m, text, sizeof(text)))
		fail_msg("%s", text);
	return m;
}

/* memmap_init_range() comes to a block by its first frame: zone DMA starts at frame 1 */
static void test_s1_6_zone_dma_begins_inside_a_block(void **state)
{
	static const struct model_zone_config zone = { 0, "DMA", 1, 4095 };
	struct model *m = boot(&zone, 1, NULL, 0);
	const struct superpageblock *sb = &m->zones[0].superpageblocks[0];
	struct model_spb_state st;

	(void)state;
	model_spb_state(m, 0, 0, 0, &st);
	assert_int_equal(st.total_pageblocks, 8);
	assert_int_equal(st.nr_reserved, 1);
	assert_int_equal(st.nr_free, 7);
	assert_int_equal(st.category, SB_TAINTED);
	/* Its RAM is free all the same, under the label that nobody set: 0. */
	assert_int_equal(st.free_pages, 4095);
	assert_int_equal(pageblock_migratetype(sb, 1), MIGRATE_UNMOVABLE);
	assert_int_equal(pageblock_migratetype(sb, 512), MIGRATE_MOVABLE);
	assert_int_equal(sb->free_area[0].free_list[MIGRATE_UNMOVABLE].head, 1);
	model_free(m);
}

/* A hole that begins a block keeps it reserved; one that lies behind its first frame does not. */
static void test_s1_6_holes_count_by_the_first_frame(void **state)
{
	static const struct model_zone_config zone = { 0, "Normal", 0x10000, 2 * MACHINE_SPB };
	static const struct model_range ranges[] = {
		{ 0x10000 + 2 * BLOCK, 0x10000 + 2 * BLOCK + 1, true },
		{ 0x10000 + MACHINE_SPB + 1, 0x10000 + MACHINE_SPB + BLOCK, true },
	};
	struct model *m = boot(&zone, 1, ranges, 2);
	struct model_spb_state st;

	(void)state;
	model_spb_state(m, 0, 0, 0, &st);
	assert_int_equal(st.nr_reserved, 1);
	assert_int_equal(st.category, SB_TAINTED);
	assert_int_equal(st.free_pages, MACHINE_SPB - 1);
	model_spb_state(m, 0, 1, 0, &st);
	assert_int_equal(st.nr_reserved, 0);
	assert_int_equal(st.category, SB_CLEAN);
	assert_int_equal(st.nr_movable, 1);
	model_free(m);
}

/* total_pageblocks is the span in blocks, rounded up, not the blocks that the span touches. */
static void test_s1_3_clipped_spbs_are_rounded_up(void **state)
{
	static const struct model_zone_config zones[] = {
		{ 0, "DMA32", 100, 700 },			/* blocks 0 and 1: 700 pages */
		{ 0, "Normal", MACHINE_SPB + 511, 2 },		/* touches two blocks: 2 pages */
		{ 0, "Movable", 4 * MACHINE_SPB, MACHINE_SPB + 1 },
	};
	struct model *m = boot(zones, 3, NULL, 0);
	struct model_spb_state st;

	(void)state;
	model_spb_state(m, 0, 0, 0, &st);
	assert_int_equal(st.total_pageblocks, 2);
	assert_int_equal(st.nr_reserved, 1);
	/* One counted, two touched, one of them initialised: nothing is left as reserved. */
	model_spb_state(m, 1, 0, 0, &st);
	assert_int_equal(st.total_pageblocks, 1);
	assert_int_equal(st.nr_reserved, 0);
	assert_int_equal(st.free_pages, 2);
	model_spb_state(m, 2, 1, 0, &st);
	assert_int_equal(st.total_pageblocks, 1);
	assert_int_equal(st.nr_reserved, 0);
	assert_int_equal(st.nr_movable, 1);
	model_free(m);
}

/* S1.5: ISOLATE has no has-bit, so nothing is set, cleared or counted */
static void test_s1_5_isolate_has_no_bit(void **state)
{
	static const struct model_zone_config zone = { 0, "Normal", 0, 2 << 13 };
	struct model *m = boot(&zone, 1, NULL, 0);
	struct superpageblock *sb = &m->zones[0].superpageblocks[0], before = *sb;

	(void)state;
	spb_set_has_type(sb, 0, MIGRATE_ISOLATE);
	assert_memory_equal(sb, &before, sizeof(before));
	spb_clear_has_type(sb, 0, MIGRATE_ISOLATE);
	assert_memory_equal(sb, &before, sizeof(before));
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s1_6_zone_dma_begins_inside_a_block),
		cmocka_unit_test(test_s1_6_holes_count_by_the_first_frame),
		cmocka_unit_test(test_s1_3_clipped_spbs_are_rounded_up),
		cmocka_unit_test(test_s1_5_isolate_has_no_bit),
	};

	return cmocka_run_group_tests_name("model: boot", tests, NULL, NULL);
}
