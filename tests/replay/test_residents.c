// SPDX-License-Identifier: GPL-2.0
/*
 * What is resident at the start when a snapshot and a capture both know something: the capture
 * beats the snapshot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/event_stream.h"

#define UNMOV 0
#define MOV 1
#define RECL 2

#define NR_PFNS 4096
#define SPLIT_PFN 2050ULL	/* where the second zone begins */

static struct log_zone zones[] = {
	{ .node = 0, .name = "DMA32", .start_pfn = 16, .spanned = SPLIT_PFN - 16 },
	{ .node = 0, .name = "Normal", .start_pfn = SPLIT_PFN, .spanned = NR_PFNS - SPLIT_PFN },
};

static u8 class[NR_PFNS];
static struct snapshot snap;
static struct event_stream s;
static struct stream_run r;
static struct demand_opts opts;

static int setup(void **state __unused)
{
	memset(class, PAGE_CLASS_FREE, sizeof(class));
	snap = (struct snapshot){
		.nr_zones = 2, .zones = zones, .pageblock_order = 9, .nr_pfns = NR_PFNS,
		.page_class = class,
	};
	opts = stream_opts();
	opts.snapshot = &snap;
	return 0;
}

static int teardown(void **state __unused)
{
	stream_run_fini(&r);
	stream_fini(&s);
	return 0;
}

static void run(void)
{
	const struct log_meta meta = { .machine = NULL };

	stream_run_fini(&r);
	r = stream_run(&s, &meta, &opts, 1000);
}

/* A compound page of @nr frames. */
static void compound(u32 pfn, u32 nr, enum page_class kind)
{
	class[pfn] = (u8)kind;
	memset(class + pfn + 1, (int)kind | PAGE_CLASS_TAIL, nr - 1);
}

static void expect(u32 i, u64 pfn, u32 order, int mt, u32 zone)
{
	assert_in_range(i, 0, r.plan->nr_residents - 1);
	assert_int_equal(r.plan->residents[i].pfn, pfn);
	assert_int_equal(r.plan->residents[i].order, order);
	assert_int_equal(r.plan->residents[i].migratetype, mt);
	assert_int_equal(r.plan->residents[i].zone, zone);
	assert_int_equal(r.plan->residents[i].handle, i);
}

static void units_of_the_snapshot(void **state __unused)
{
	class[10] = PAGE_CLASS_KERNEL;		/* outside all zones */
	class[20] = PAGE_CLASS_MOVABLE;
	class[21] = PAGE_CLASS_MOVABLE;		/* its own page: no tail */
	class[22] = PAGE_CLASS_KERNEL;
	compound(512, 512, PAGE_CLASS_MOVABLE);
	compound(40, 6, PAGE_CLASS_MOVABLE);	/* an odd size: 4 + 2 */
	compound(2048, 4, PAGE_CLASS_MOVABLE);	/* over the edge of two zones */
	run();
	assert_int_equal(r.plan->nr_residents, 8);
	assert_int_equal(r.plan->nr_residents_orphan, 0);
	expect(0, 22, 0, UNMOV, 0);
	expect(1, 20, 0, MOV, 0);
	expect(2, 21, 0, MOV, 0);
	expect(3, 40, 2, MOV, 0);
	expect(4, 44, 1, MOV, 0);
	expect(5, 512, 9, MOV, 0);
	expect(6, 2048, 1, MOV, 0);
	expect(7, 2050, 1, MOV, 1);
}

static void gigantic_pages_become_largest_blocks(void **state __unused)
{
	compound(1024, 3072, PAGE_CLASS_MOVABLE);
	zones[1].spanned = 0;	/* one zone over all, for this test */
	zones[0].spanned = NR_PFNS - 16;
	snap.nr_zones = 1;
	run();
	zones[0].spanned = SPLIT_PFN - 16;
	zones[1].spanned = NR_PFNS - SPLIT_PFN;
	assert_int_equal(r.plan->nr_residents, 3);
	for (u32 i = 0; i < 3; i++)
		expect(i, 1024 * (i + 1), 10, MOV, 0);
}

static void the_capture_beats_the_snapshot(void **state __unused)
{
	class[20] = PAGE_CLASS_MOVABLE;		/* first event an ALLOC: was free */
	class[21] = PAGE_CLASS_MOVABLE;		/* drained as UNMOVABLE: type of the drain */
	class[24] = PAGE_CLASS_FREE;		/* first event a free: was resident */
	compound(32, 8, PAGE_CLASS_KERNEL);	/* one frame of it taken by an event */
	stream_add(&s, EVENT_ZONE_LOCKED, 0, 20, 0, UNMOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 20, 0, UNMOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 21, 0, UNMOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 24, 0, RECL);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, 37, 0, RECL);
	run();
	assert_int_equal(r.plan->nr_residents, 5);
	assert_int_equal(r.plan->nr_residents_orphan, 2);
	expect(0, 21, 0, UNMOV, 0);
	expect(1, 32, 2, UNMOV, 0);
	expect(2, 36, 0, UNMOV, 0);
	expect(3, 38, 1, UNMOV, 0);
	expect(4, 24, 0, RECL, 0);
	assert_string_equal(r.text, "A5:0/0 F5:0 F0:0 F4:0 A4:0/2 ");
	assert_int_equal(r.odd.orphan_free, 2);
}

/* page_free names no type: the class does, else MOVABLE. */
static void direct_frees_take_the_class(void **state __unused)
{
	compound(32, 16, PAGE_CLASS_KERNEL);
	compound(64, 16, PAGE_CLASS_SLAB);
	snap.slab_reclaimable = 1;
	stream_add(&s, EVENT_PAGE_FREE, 0, 32, 4, EVENT_NO_MT);
	stream_add(&s, EVENT_PAGE_FREE, 0, 64, 4, EVENT_NO_MT);
	stream_add(&s, EVENT_PAGE_FREE, 0, 128, 4, EVENT_NO_MT);
	run();
	assert_int_equal(r.plan->nr_residents, 3);
	expect(0, 32, 4, UNMOV, 0);
	expect(1, 64, 4, RECL, 0);
	expect(2, 128, 4, MOV, 0);
}

/* Pageblocks 0-5; each has a slab page, a kernel page, and an event that shows a label. */
static void labels_shown_by_events(void **state __unused)
{
	for (u32 i = 0; i < 6; i++) {
		class[512 * i + 100] = PAGE_CLASS_SLAB;
		class[512 * i + 101] = PAGE_CLASS_KERNEL;
	}
	snap.slab_reclaimable = 1;	/* by proportion: all RECLAIMABLE */
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 20, 0, UNMOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 512, 0, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, 1024, 0, UNMOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, 1536, 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 2560, 0, RECL);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 2561, 0, MOV);	/* the first one counts */
	opts.t0 = 1000;		/* events are history: only snapshot pages are resident */
	opts.t1 = 2000;
	run();
	/* 12 of the snapshot, 2 still allocated */
	assert_int_equal(r.plan->nr_residents, 14);
	expect(0, 100, 0, UNMOV, 0);
	expect(1, 101, 0, UNMOV, 0);
	expect(2, 1024, 0, UNMOV, 0);
	expect(3, 1024 + 100, 0, UNMOV, 0);
	expect(4, 1024 + 101, 0, UNMOV, 0);
	expect(5, 1536 + 101, 0, UNMOV, 0);
	expect(6, 2048 + 101, 0, UNMOV, 1);
	expect(7, 2560 + 101, 0, UNMOV, 1);
	expect(8, 512 + 100, 0, RECL, 0);
	expect(9, 1536 + 100, 0, RECL, 0);
	expect(10, 2048 + 100, 0, RECL, 1);
	expect(11, 2560 + 100, 0, RECL, 1);
	expect(12, 512 + 101, 0, MOV, 0);	/* drain: a MOVABLE block, a page of a PCP */
	expect(13, 1536, 0, MOV, 0);
}

static void slab_by_proportion(void **state __unused)
{
	static u8 many[512 * 1000];
	struct log_zone zone = { .name = "Normal", .start_pfn = 0, .spanned = sizeof(many) };
	u64 nr[3] = { 0 };

	memset(many, PAGE_CLASS_FREE, sizeof(many));
	for (u32 i = 0; i < 1000; i++) {
		many[512 * i] = PAGE_CLASS_SLAB;
		many[512 * i + 7] = PAGE_CLASS_SLAB;
	}
	snap.zones = &zone;
	snap.nr_zones = 1;
	snap.page_class = many;
	snap.nr_pfns = sizeof(many);
	snap.slab_reclaimable = 80;
	snap.slab_unreclaimable = 20;
	run();
	for (u64 i = 0; i < r.plan->nr_residents; i++)
		nr[r.plan->residents[i].migratetype]++;
	assert_int_equal(nr[UNMOV] + nr[RECL], 2000);
	assert_int_equal(nr[UNMOV] % 2, 0);	/* a pageblock holds one kind */
	assert_in_range(nr[RECL], 1500, 1700);
}

static void expect_range(const struct pfn_range *range, u64 start, u64 end)
{
	assert_int_equal(range->start, start);
	assert_int_equal(range->end, end);
}

static void holes_and_reserved(void **state __unused)
{
	memset(class + 100, PAGE_CLASS_ABSENT, 50);
	memset(class + 2040, PAGE_CLASS_RESERVED, 20);
	memset(class, PAGE_CLASS_ABSENT, 16);		/* outside all zones */
	stream_add(&s, EVENT_ZONE_LOCKED, 0, 120, 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 2042, 0, MOV);
	run();
	assert_int_equal(r.plan->nr_absent, 2);
	expect_range(&r.plan->absent[0], 100, 120);
	expect_range(&r.plan->absent[1], 121, 150);
	assert_int_equal(r.plan->nr_reserved, 2);
	expect_range(&r.plan->reserved[0], 2040, 2042);
	expect_range(&r.plan->reserved[1], 2043, 2060);
}

/* Without page flags the RAM map still tells the holes, over zones of any size. */
static void holes_by_ram(void **state __unused)
{
	struct pfn_range ram[] = { { 8, 1000 }, { 3000, 1ULL << 33 } };
	struct log_zone zone = { .name = "Normal", .start_pfn = 16, .spanned = (1ULL << 33) + 984 };

	snap.zones = &zone;
	snap.nr_zones = 1;
	snap.page_class = NULL;
	snap.nr_pfns = 0;
	snap.ram = ram;
	snap.nr_ram = 2;
	stream_add(&s, EVENT_ZONE_LOCKED, 0, 2000, 0, MOV);
	run();
	assert_int_equal(r.plan->nr_residents, 0);
	assert_int_equal(r.plan->nr_absent, 3);
	expect_range(&r.plan->absent[0], 1000, 2000);
	expect_range(&r.plan->absent[1], 2001, 3000);
	expect_range(&r.plan->absent[2], 1ULL << 33, (1ULL << 33) + 1000);
}

static void residents_of_one_zone(void **state __unused)
{
	class[100] = PAGE_CLASS_MOVABLE;
	class[3000] = PAGE_CLASS_MOVABLE;
	opts.zone = "0/Normal";
	run();
	assert_int_equal(r.plan->nr_residents, 1);
	expect(0, 3000, 0, MOV, 1);
}

static void empty_start(void **state __unused)
{
	class[100] = PAGE_CLASS_MOVABLE;
	stream_add(&s, EVENT_PCPU_DRAIN, 0, 200, 0, MOV);
	opts.initial = INITIAL_EMPTY;
	run();
	assert_int_equal(r.plan->nr_residents, 0);
	assert_string_equal(r.text, "");
	assert_int_equal(r.odd.orphan_free, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(units_of_the_snapshot),
		T(gigantic_pages_become_largest_blocks),
		T(the_capture_beats_the_snapshot),
		T(direct_frees_take_the_class),
		T(labels_shown_by_events),
		T(slab_by_proportion),
		T(holes_and_reserved),
		T(holes_by_ram),
		T(residents_of_one_zone),
		T(empty_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
