// SPDX-License-Identifier: GPL-2.0
/*
 * Events of text captures in order of time: the same through a file of many runs as in memory.
 */
#include "parsers/text/text_runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/temp_folder.h"

#define NR_EVENTS 5000u

/* Times that repeat and jump; the pfn is the index, so that order shows. */
static struct event make_event(u32 i, u32 seed)
{
	static const u8 kinds[] = { EVENT_PAGE_FREE, EVENT_PAGE_ALLOC, EVENT_EXTFRAG, EVENT_LOST };
	u32 x = (i + 1) * 2654435761u ^ seed * 40503u;
	struct event ev = { .time = 1 + i / 7 % 300 + (x >> 8) % 40, .pfn = i, .task = x % 9,
			    .cpu = (u16)(x % 5), .kind = kinds[(x >> 16) % 4],
			    .order = (u8)(x % 11), .migratetype = (s8)(x % 3) };

	for (u32 j = 0; j < event_kinds[ev.kind].nr_extra; j++)
		ev.extra[j] = ((u64)x << 32) + j;
	return ev;
}

static void assert_same(const struct event *got, const struct event *want)
{
	assert_int_equal(got->time, want->time);
	assert_int_equal(got->pfn, want->pfn);
	assert_int_equal(got->task, want->task);
	assert_int_equal(got->cpu, want->cpu);
	assert_int_equal(got->kind, want->kind);
	assert_int_equal(got->order, want->order);
	assert_int_equal(got->migratetype, want->migratetype);
	assert_memory_equal(got->extra, want->extra,
			    event_kinds[want->kind].nr_extra * sizeof(*got->extra));
}

static void sort_with(u32 run_events, u32 seed)
{
	char *dir = temp_folder();
	struct text_sorter s = { .run_events = run_events, .dir = dir };
	struct error err = { 0 };
	struct event ev, last = { 0 };
	u32 nr = 0;

	for (u32 i = 0; i < NR_EVENTS; i++) {
		ev = make_event(i, seed);
		assert_int_equal(text_sorter_add(&s, &ev, &err), 0);
	}
	assert_int_equal(text_sorter_begin(&s, &err), 0);
	while (text_sorter_next(&s, &ev, &err) == 1) {
		struct event want = make_event((u32)ev.pfn, seed);

		assert_same(&ev, &want);
		assert_true(!nr || ev.time > last.time ||
			    (ev.time == last.time && ev.pfn > last.pfn));
		last = ev;
		nr++;
	}
	assert_int_equal(err.code, 0);
	assert_int_equal(nr, NR_EVENTS);
	assert_int_equal(s.nr_runs, run_events ? (NR_EVENTS + run_events - 1) / run_events : 0);
	assert_true(run_events ? temp_folder_holds(dir, s.file) : !s.file);
	text_sorter_fini(&s);
	temp_folder_remove(dir);
}

static void in_memory(void **state)
{
	(void)state;
	for (u32 seed = 0; seed < 5; seed++)
		sort_with(0, seed);
}

static void through_a_file(void **state)
{
	static const u32 sizes[] = { 1000, 4999, 777, 64, 3000 };

	(void)state;
	for (u32 seed = 0; seed < ARRAY_SIZE(sizes); seed++)
		sort_with(sizes[seed], seed);
}

static void nothing_at_all(void **state)
{
	struct text_sorter s = { 0 };
	struct error err = { 0 };
	struct event ev;

	(void)state;
	assert_int_equal(text_sorter_begin(&s, &err), 0);
	assert_int_equal(text_sorter_next(&s, &ev, &err), 0);
	text_sorter_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_memory),
		cmocka_unit_test(through_a_file),
		cmocka_unit_test(nothing_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
