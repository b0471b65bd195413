// SPDX-License-Identifier: GPL-2.0
/*
 * Moves between lists: to and fro is one row, anything else a new one, and rows are bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "replay/metrics/list_moves.h"

#define A SPB_LIST(SB_CLEAN, SB_FULL)
#define B SPB_LIST(SB_CLEAN, SB_FULL_75)
#define C SPB_LIST(SB_TAINTED, SB_FULL)

static struct list_moves l;

static void move(u32 spb, u8 from, u8 to, u64 time)
{
	const struct model_list_move mv = { .spb = spb, .from = from, .to = to,
					    .nr_free = (u16)(time % 512) };

	assert_int_equal(list_moves_add(&l, &mv, time), 0);
}

static void expect(u32 row, u8 from, u8 to, u64 count, u8 now, u64 first, u64 last)
{
	const struct list_moves_row *r = &l.rows[row];

	assert_true(row < l.nr);
	assert_int_equal(r->from, from);
	assert_int_equal(r->to, to);
	assert_int_equal(r->count, count);
	assert_int_equal(r->now, now);
	assert_int_equal(r->first, first);
	assert_int_equal(r->last, last);
	assert_int_equal(r->nr_free, last % 512);
}

static void to_and_fro_is_one_row(void **state __unused)
{
	move(3, A, B, 10);
	move(3, B, A, 20);
	move(5, A, B, 25);	/* another superpageblock */
	move(3, A, B, 30);
	assert_int_equal(l.nr, 2);
	expect(0, A, B, 3, B, 10, 30);
	expect(1, A, B, 1, B, 25, 25);
	list_moves_fini(&l);
}

static void a_third_list_begins_a_row(void **state __unused)
{
	move(0, A, B, 10);
	move(0, B, C, 20);
	move(0, C, B, 30);
	assert_int_equal(l.nr, 2);
	expect(0, A, B, 1, B, 10, 10);
	expect(1, B, C, 2, B, 20, 30);
	list_moves_fini(&l);
}

static void a_second_later_is_a_new_row(void **state __unused)
{
	move(0, A, B, 10);
	move(0, B, A, 9 + NSEC_PER_SEC);
	move(0, A, B, 9 + 2 * NSEC_PER_SEC);
	assert_int_equal(l.nr, 2);
	expect(0, A, B, 2, A, 10, 9 + NSEC_PER_SEC);
	expect(1, A, B, 1, B, 9 + 2 * NSEC_PER_SEC, 9 + 2 * NSEC_PER_SEC);
	list_moves_fini(&l);
}

static void rows_are_bounded_and_no_move_is_lost(void **state __unused)
{
	static const u8 turn[] = { A, B, C };
	u64 told = 0;

	for (u32 i = 0; i < 5000; i++)
		move(0, turn[i % 3], turn[(i + 1) % 3], i);
	assert_int_equal(l.nr, LIST_MOVES_PER_SPB);
	for (u32 i = 0; i < l.nr; i++)
		told += l.rows[i].count;
	assert_int_equal(told, 5000);
	assert_int_equal(l.rows[l.nr - 1].now, turn[5000 % 3]);
	move(1, A, B, 6000);
	assert_int_equal(l.nr, LIST_MOVES_PER_SPB + 1);
	list_moves_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_and_fro_is_one_row),
		cmocka_unit_test(a_third_list_begins_a_row),
		cmocka_unit_test(a_second_later_is_a_new_row),
		cmocka_unit_test(rows_are_bounded_and_no_move_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
