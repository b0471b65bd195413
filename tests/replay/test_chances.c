// SPDX-License-Identifier: GPL-2.0
/*
 * Chances to defrag: what makes a new row, and that memory stays bounded whatever comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "replay/metrics/chances.h"

static struct chances c;

static int setup(void **state __unused)
{
	c = (struct chances){ 0 };
	return 0;
}

static int teardown(void **state __unused)
{
	chances_fini(&c);
	return 0;
}

static void ask(u64 time, u32 spb, u8 trigger, u8 verdict, u64 left)
{
	struct model_chance chance = { .cooldown_left = left, .spb = spb, .trigger = trigger,
				       .verdict = verdict };

	assert_int_equal(chances_add(&c, &chance, time), 0);
}

static void expect_row(u32 row, u64 first, u64 last, u64 count, u32 spb, u8 verdict)
{
	assert_true(row < c.nr);
	assert_int_equal(c.rows[row].first, first);
	assert_int_equal(c.rows[row].last, last);
	assert_int_equal(c.rows[row].count, count);
	assert_int_equal(c.rows[row].spb, spb);
	assert_int_equal(c.rows[row].verdict, verdict);
}

static void test_alike_is_one_row(void **state __unused)
{
	ask(10, 3, TRIGGER_ALLOC, VERDICT_ACTIVE, 0);
	ask(11, 3, TRIGGER_UPDATE, VERDICT_ACTIVE, 0);
	ask(12, 9, TRIGGER_ALLOC, VERDICT_ACTIVE, 0);
	ask(13, 3, TRIGGER_ALLOC, VERDICT_ACTIVE, 0);
	ask(14, 3, TRIGGER_ALLOC, VERDICT_ABOVE_RESERVE, 0);
	ask(15, 3, TRIGGER_ALLOC, VERDICT_ACTIVE, 0);
	assert_int_equal(c.nr, 5);
	expect_row(0, 10, 13, 2, 3, VERDICT_ACTIVE);
	expect_row(1, 11, 11, 1, 3, VERDICT_ACTIVE);
	expect_row(2, 12, 12, 1, 9, VERDICT_ACTIVE);
	expect_row(3, 14, 14, 1, 3, VERDICT_ABOVE_RESERVE);
	expect_row(4, 15, 15, 1, 3, VERDICT_ACTIVE);
}

static void test_cooldowns_are_told_apart(void **state __unused)
{
	ask(100, 0, TRIGGER_ALLOC, VERDICT_COOLDOWN, 50);
	ask(120, 0, TRIGGER_ALLOC, VERDICT_COOLDOWN, 30);
	ask(160, 0, TRIGGER_ALLOC, VERDICT_COOLDOWN, 45);
	assert_int_equal(c.nr, 2);
	expect_row(0, 100, 120, 2, 0, VERDICT_COOLDOWN);
	assert_int_equal(c.rows[0].cooldown_left, 50);
	expect_row(1, 160, 160, 1, 0, VERDICT_COOLDOWN);
	assert_int_equal(c.rows[1].cooldown_left, 45);
}

static void test_queued_begins_anew(void **state __unused)
{
	ask(1, 0, TRIGGER_ALLOC, VERDICT_ABOVE_RESERVE, 0);
	ask(2, 0, TRIGGER_UPDATE, VERDICT_QUEUED, 0);
	ask(3, 0, TRIGGER_ALLOC, VERDICT_ABOVE_RESERVE, 0);
	ask(4, 0, TRIGGER_UPDATE, VERDICT_QUEUED, 0);
	assert_int_equal(c.nr, 4);
	expect_row(0, 1, 1, 1, 0, VERDICT_ABOVE_RESERVE);
	expect_row(1, 2, 2, 1, 0, VERDICT_QUEUED);
	expect_row(2, 3, 3, 1, 0, VERDICT_ABOVE_RESERVE);
	expect_row(3, 4, 4, 1, 0, VERDICT_QUEUED);
}

static void test_bounded(void **state __unused)
{
	const u64 calls = 4 * CHANCES_PER_SPB;
	u64 total = 0;

	for (u64 i = 0; i < calls; i++)
		ask(i, 7, TRIGGER_ALLOC, i & 1 ? VERDICT_QUEUED : VERDICT_ACTIVE, 0);
	ask(calls, 8, TRIGGER_ALLOC, VERDICT_QUEUED, 0);
	assert_int_equal(c.nr, CHANCES_PER_SPB + 2);
	for (u32 i = 0; i < c.nr; i++)
		total += c.rows[i].count;
	assert_int_equal(total, calls + 1);
	expect_row(CHANCES_PER_SPB, CHANCES_PER_SPB, calls - 1, calls - CHANCES_PER_SPB, 7,
		   VERDICT_VARIOUS);
	assert_string_equal(chance_verdict_name(VERDICT_VARIOUS), "various");
	expect_row(CHANCES_PER_SPB + 1, calls, calls, 1, 8, VERDICT_QUEUED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alike_is_one_row, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cooldowns_are_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queued_begins_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounded, setup, teardown),
	};

	return cmocka_run_group_tests_name("chances", tests, NULL, NULL);
}
