// SPDX-License-Identifier: GPL-2.0
/*
 * Compaction and migration of the recorded host: events by hand, in the order in which a kernel
 * gives them (Linux 6.18), operations and counts as expected. Task 100 is CPU 0's, 101 CPU 1's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/event_stream.h"

#define UNMOV 0
#define MOV 1
#define SOURCES 0x400	/* a pageblock that compaction empties */
#define TARGETS 0x2000	/* one in which it finds free pages */
#define REASON_NUMA 5
#define REASON_CONTIG 6

static struct event_stream s;
static struct stream_run r;
static struct log_meta meta;
static struct demand_opts opts;

static int setup(void **state __unused)
{
	meta = (struct log_meta){ .count[EVENT_COMPACTION_BEGIN] = 1 };
	opts = stream_opts();
	return 0;
}

static int teardown(void **state __unused)
{
	stream_run_fini(&r);
	stream_fini(&s);
	return 0;
}

static void locked(u32 cpu, u64 pfn, int mt)
{
	stream_add(&s, EVENT_ZONE_LOCKED, cpu, NORMAL + pfn, 0, mt);
}

static void page_free(u32 cpu, u64 pfn)
{
	stream_add(&s, EVENT_PAGE_FREE, cpu, NORMAL + pfn, 0, EVENT_NO_MT);
}

static void drain(u32 cpu, u64 pfn)
{
	stream_add(&s, EVENT_PCPU_DRAIN, cpu, NORMAL + pfn, 0, MOV);
}

static void plain(u32 cpu, enum event_kind kind)
{
	stream_add(&s, kind, cpu, EVENT_NO_PFN, 0, EVENT_NO_MT);
}

static void start(u32 cpu, u64 reason)
{
	plain(cpu, EVENT_MIGRATE_PAGES_START);
	s.ev[s.nr - 1].extra[1] = reason;
}

static void isolate(u32 cpu, enum event_kind kind, u64 pfn, u64 nr_taken)
{
	stream_add(&s, kind, cpu, NORMAL + pfn, 0, EVENT_NO_MT);
	s.ev[s.nr - 1].extra[0] = NORMAL + pfn + 512;
	s.ev[s.nr - 1].extra[1] = 512;
	s.ev[s.nr - 1].extra[2] = nr_taken;
}

/* Both passes, in blocks of every size: where a block ends changes nothing. */
static void expect(const char *text)
{
	for (u32 size = s.nr; size; size--) {
		stream_run_fini(&r);
		r = stream_run(&s, &meta, &opts, size);
		assert_string_equal(r.text, text);
	}
}

static void a_page_that_moves_lives_on(void **state __unused)
{
	locked(0, SOURCES, MOV);
	locked(0, SOURCES + 600, MOV);
	plain(1, EVENT_COMPACTION_BEGIN);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
	start(1, 0);
	isolate(1, EVENT_COMPACTION_ISOLATE_FREEPAGES, TARGETS, 8);
	page_free(1, SOURCES);
	page_free(1, SOURCES + 600);	/* an interrupt's: of another range */
	plain(1, EVENT_MIGRATE_PAGES);
	plain(1, EVENT_COMPACTION_MIGRATEPAGES);
	plain(1, EVENT_COMPACTION_END);
	drain(1, SOURCES);
	drain(1, SOURCES + 600);
	expect("A0:0/1 A1:0/1 F1:0 ");
	stream_expect_oddities(&r, "compaction_move", 1, NULL);
	/* Its free at the frame it moved to; the next one there is a resident's. */
	page_free(0, TARGETS + 3);
	drain(0, TARGETS + 3);
	drain(0, TARGETS + 4);
	expect("A1:0/1 A2:0/1 F2:0 F1:0 F0:0 ");
	stream_expect_oddities(&r, "compaction_move", 1, "moved_free", 1, "orphan_free", 1,
			       "isolated_orphan", 1, NULL);
	assert_int_equal(r.plan->nr_residents, 1);
}

static void targets_given_back_were_free_all_the_time(void **state __unused)
{
	locked(0, 0, MOV);
	plain(1, EVENT_COMPACTION_BEGIN);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
	start(1, 0);
	isolate(1, EVENT_COMPACTION_ISOLATE_FREEPAGES, TARGETS, 8);
	page_free(1, TARGETS + 7);	/* the migration failed: kept for the next */
	page_free(1, TARGETS + 7);
	plain(1, EVENT_MIGRATE_PAGES);
	plain(1, EVENT_COMPACTION_MIGRATEPAGES);
	page_free(1, TARGETS + 7);	/* no longer needed */
	plain(1, EVENT_COMPACTION_END);
	drain(0, TARGETS + 7);
	expect("A0:0/1 ");
	stream_expect_oddities(&r, "compaction_return", 3, NULL);
	assert_int_equal(r.plan->nr_residents, 0);
	/* At page level, too. */
	opts.level = DEMAND_PAGE;
	stream_add(&s, EVENT_PAGE_ALLOC, 0, NORMAL + 5, 0, MOV);
	expect("A0:0/1 ");
	assert_int_equal(r.plan->nr_residents, 0);
}

/* Residents move, too; those that moved first go first, by order. */
static void moved_residents_go_in_the_order_of_their_moves(void **state __unused)
{
	plain(1, EVENT_COMPACTION_BEGIN);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 3);
	start(1, 0);
	isolate(1, EVENT_COMPACTION_FAST_ISOLATE_FREEPAGES, TARGETS, 3);
	stream_add(&s, EVENT_PAGE_FREE, 1, NORMAL + SOURCES + 8, 3, EVENT_NO_MT);
	page_free(1, SOURCES + 2);
	page_free(1, SOURCES + 1);
	plain(1, EVENT_MIGRATE_PAGES);
	plain(1, EVENT_COMPACTION_MIGRATEPAGES);
	plain(1, EVENT_COMPACTION_END);
	drain(0, TARGETS + 7);
	drain(0, TARGETS + 512);	/* of another range */
	drain(0, TARGETS + 5);
	/* Residents by pfn: 0 and 1 at SOURCES + 1 and 2, 2 of order 3, 3 in the other range. */
	expect("F1:0 F3:0 F0:0 ");
	stream_expect_oddities(&r, "orphan_free", 1, "compaction_move", 3, "moved_free", 2, NULL);
	assert_int_equal(r.plan->nr_residents, 4);
	assert_int_equal(r.plan->residents[2].order, 3);
}

/* A page that the snapshot shows in use was there before the compaction. */
static void residents_among_the_targets(void **state __unused)
{
	static u8 class[NORMAL + TARGETS + 512];
	static struct log_zone zone = { .name = "Normal", .start_pfn = NORMAL, .spanned = 0x80000 };
	const struct snapshot snapshot = { .nr_zones = 1, .zones = &zone, .page_class = class,
					   .nr_pfns = ARRAY_SIZE(class) };

	memset(class, PAGE_CLASS_FREE, sizeof(class));
	class[NORMAL + TARGETS + 9] = PAGE_CLASS_MOVABLE;
	locked(0, SOURCES, MOV);
	plain(1, EVENT_COMPACTION_BEGIN);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
	isolate(1, EVENT_COMPACTION_ISOLATE_FREEPAGES, TARGETS, 8);
	page_free(1, SOURCES);
	plain(1, EVENT_COMPACTION_END);
	drain(0, TARGETS + 9);
	drain(0, TARGETS + 8);
	opts.snapshot = &snapshot;
	expect("A1:0/1 F0:0 F1:0 ");
	stream_expect_oddities(&r, "orphan_free", 1, "isolated_orphan", 1, "compaction_move", 1,
			       "moved_free", 1, NULL);
}

static void without_begin_and_end_of_the_compaction(void **state __unused)
{
	for (u64 pfn = SOURCES; pfn < SOURCES + 3; pfn++)
		locked(0, pfn, MOV);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
	page_free(1, SOURCES);
	plain(1, EVENT_COMPACTION_MIGRATEPAGES);
	page_free(1, SOURCES + 1);	/* no longer */
	isolate(0, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 0);
	page_free(0, SOURCES + 2);	/* it took nothing */
	for (u64 pfn = SOURCES; pfn < SOURCES + 3; pfn++)
		drain(0, pfn);
	expect("A0:0/1 A1:0/1 A2:0/1 F1:0 F2:0 ");
	stream_expect_oddities(&r, "compaction_move", 1, NULL);
}

static void another_task_or_a_lost_end(void **state __unused)
{
	for (u64 pfn = SOURCES; pfn < SOURCES + 2; pfn++)
		locked(0, pfn, MOV);
	plain(1, EVENT_COMPACTION_BEGIN);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
	page_free(0, SOURCES);		/* not the task that compacts */
	plain(1, EVENT_LOST);
	page_free(1, SOURCES + 1);	/* perhaps it has ended long ago */
	drain(0, SOURCES);
	drain(0, SOURCES + 1);
	meta.count[EVENT_LOST] = 1;
	expect("A0:0/1 A1:0/1 F0:0 F1:0 ");
	stream_expect_oddities(&r, NULL);
}

static void other_migrations_name_no_ranges(void **state __unused)
{
	locked(0, 77, MOV);
	start(1, REASON_NUMA);
	page_free(1, 77);
	plain(1, EVENT_MIGRATE_PAGES);
	page_free(1, 78);
	drain(1, 77);
	drain(1, 78);
	expect("A1:0/1 F1:0 F0:0 ");	/* 78 was resident: handle 0 */
	stream_expect_oddities(&r, "migration_move", 1, "orphan_free", 1, NULL);
}

/* Tasks are followed from before the window on, frames are not: only the scan knows their state. */
static void a_compaction_that_began_before_the_window(void **state __unused)
{
	locked(0, SOURCES, MOV);
	locked(0, SOURCES + 1, MOV);
	plain(1, EVENT_COMPACTION_BEGIN);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
	isolate(1, EVENT_COMPACTION_ISOLATE_FREEPAGES, TARGETS, 8);
	page_free(1, SOURCES + 1);	/* moved before: where it is nobody knows */
	opts.t0 = 10ULL * s.nr;
	page_free(1, SOURCES);
	page_free(1, TARGETS + 1);
	drain(1, SOURCES);
	drain(1, TARGETS + 1);
	isolate(1, EVENT_COMPACTION_ISOLATE_FREEPAGES, TARGETS, 8);
	drain(1, TARGETS + 2);
	expect("F1:0 F0:0 ");
	assert_int_equal(r.odd.compaction_move, 1);
	assert_int_equal(r.odd.moved_free, 1);
	assert_int_equal(r.odd.orphan_free, 1);
	assert_int_equal(r.plan->nr_residents, 2);
}

static void contig_allocations_take_targets_with_events(void **state __unused)
{
	locked(0, SOURCES, MOV);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
	start(1, REASON_CONTIG);
	locked(1, 77, MOV);
	page_free(1, SOURCES);
	plain(1, EVENT_MIGRATE_PAGES);
	drain(1, SOURCES);
	page_free(1, 77);
	drain(1, 77);
	expect("A0:0/1 A1:0/1 F0:0 F1:0 ");
	stream_expect_oddities(&r, "migration_move", 1, NULL);
}

/* The worker of an SPB kernel, and a caller that evacuates: no begin, no end, targets with events. */
static void emptying_a_superpageblock_takes_targets_with_events(void **state __unused)
{
	meta.count[EVENT_SPB_PB_TAINT] = 1;
	for (u64 compacted = 0; compacted <= 1; compacted++) {
		stream_fini(&s);
		meta.count[EVENT_COMPACTION_BEGIN] = compacted;
		meta.count[EVENT_MIGRATE_PAGES] = 1;
		locked(0, SOURCES, MOV);
		locked(0, SOURCES + 1, MOV);
		isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
		start(1, 0);
		locked(1, 77, MOV);
		page_free(1, SOURCES);
		plain(1, EVENT_MIGRATE_PAGES);
		drain(1, SOURCES);
		page_free(1, SOURCES + 1);	/* the same task, later: its own */
		drain(1, SOURCES + 1);
		drain(0, 77);
		expect("A0:0/1 A1:0/1 A2:0/1 F0:0 F1:0 F2:0 ");
		stream_expect_oddities(&r, "migration_move", 1, NULL);
	}
	/* Free pages were isolated, and no compaction was told from anything: it may have been it. */
	meta.count[EVENT_COMPACTION_BEGIN] = 0;
	meta.count[EVENT_COMPACTION_ISOLATE_FREEPAGES] = 1;
	expect("A0:0/1 A1:0/1 A2:0/1 F2:0 ");
}

/* Compaction of such a kernel is what it was. */
static void compaction_of_an_spb_kernel(void **state)
{
	meta.count[EVENT_SPB_PB_TAINT] = 1;
	a_page_that_moves_lives_on(state);
}

static void a_page_given_back_and_used_again(void **state __unused)
{
	plain(1, EVENT_COMPACTION_BEGIN);
	isolate(1, EVENT_COMPACTION_ISOLATE_FREEPAGES, TARGETS, 8);
	isolate(1, EVENT_COMPACTION_ISOLATE_MIGRATEPAGES, SOURCES, 1);
	page_free(1, TARGETS);
	plain(1, EVENT_COMPACTION_END);
	locked(0, TARGETS, UNMOV);	/* its drain was not recorded */
	drain(0, TARGETS);
	expect("A0:0/0 F0:0 ");
	stream_expect_oddities(&r, "compaction_return", 1, NULL);
}

/* Whatever comes, both passes agree (stream_run() holds their counts against each other). */
static void random_streams(void **state __unused)
{
	for (u32 seed = 1; seed <= 60; seed++) {
		u32 x = seed * 2654435761u;

		for (u32 i = 0; i < 400; i++) {
			const u64 pfn = (x >> 8) % 4 * 512 + (x >> 12) % 16;
			const u32 cpu = x >> 30;
			const u32 kind = (x >> 16) % (NR_EVENT_KINDS + 8);

			if (kind >= EVENT_COMPACTION_ISOLATE_MIGRATEPAGES &&
			    kind <= EVENT_COMPACTION_FAST_ISOLATE_FREEPAGES)
				isolate(cpu, kind, pfn & ~511ULL, (x >> 4) % 3);
			else if (kind == EVENT_MIGRATE_PAGES_START)
				start(cpu, (x >> 4) % 7);
			else if (kind >= EVENT_COMPACTION_BEGIN && kind < NR_EVENT_KINDS)
				plain(cpu, kind);
			else
				stream_add(&s, kind % 5, cpu, NORMAL + pfn, 0,
					   kind % 5 == EVENT_PAGE_FREE ? EVENT_NO_MT : MOV);
			x = x * 1664525 + 1013904223;
		}
		for (u32 level = 0; level < NR_DEMAND_LEVELS; level++) {
			opts.level = level;
			opts.t0 = seed % 3 ? 0 : 1000;
			stream_run_fini(&r);
			r = stream_run(&s, &meta, &opts, 1 + seed % 97);
		}
		stream_fini(&s);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_page_that_moves_lives_on),
		T(targets_given_back_were_free_all_the_time),
		T(moved_residents_go_in_the_order_of_their_moves),
		T(residents_among_the_targets),
		T(without_begin_and_end_of_the_compaction),
		T(another_task_or_a_lost_end),
		T(other_migrations_name_no_ranges),
		T(a_compaction_that_began_before_the_window),
		T(contig_allocations_take_targets_with_events),
		T(emptying_a_superpageblock_takes_targets_with_events),
		T(compaction_of_an_spb_kernel),
		T(a_page_given_back_and_used_again),
		T(random_streams),
	};

	return cmocka_run_group_tests_name("host moves", tests, NULL, NULL);
}
