// SPDX-License-Identifier: GPL-2.0
/*
 * Pageblock labels at the start, for --initial exact: what events show beats what blocks hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/event_stream.h"

#define UNMOV 0
#define MOV 1
#define RECL 2

#define NR_PFNS 16384
#define BLOCK(n) (512ULL * (n))

static struct log_zone zones[] = { { .name = "Normal", .start_pfn = 0, .spanned = NR_PFNS } };

static u8 class[NR_PFNS];
static struct snapshot snap;
static struct event_stream s;
static struct stream_run r;
static struct demand_opts opts;
static struct log_meta meta;

static int setup(void **state __unused)
{
	memset(class, PAGE_CLASS_FREE, sizeof(class));
	snap = (struct snapshot){
		.nr_zones = 1, .zones = zones, .pageblock_order = 9, .nr_pfns = NR_PFNS,
		.page_class = class,
	};
	opts = stream_opts();
	opts.snapshot = &snap;
	opts.initial = INITIAL_EXACT;
	meta = (struct log_meta){ .machine = NULL };
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
	stream_run_fini(&r);
	r = stream_run(&s, &meta, &opts, 1000);
}

static void fallback(u64 pfn, u32 order, u32 mt, u32 found_order, u32 found_mt)
{
	stream_add(&s, EVENT_EXTFRAG, 0, pfn, order, (int)mt);
	s.ev[s.nr - 1].extra[0] = found_order;
	s.ev[s.nr - 1].extra[1] = found_mt;
	s.ev[s.nr - 1].extra[2] = 1;
}

static int label_at(u64 pfn)
{
	for (u64 i = 0; i < r.plan->labels.nr; i++) {
		if (r.plan->labels.block[i].pfn == pfn)
			return r.plan->labels.block[i].mt;
	}
	return MOV;
}

static void the_first_event_counts(void **state __unused)
{
	stream_add(&s, EVENT_PCPU_DRAIN, 0, BLOCK(1) + 3, 0, RECL);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1) + 3, 0, UNMOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(2) + 8, 3, UNMOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(3), 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, BLOCK(3) + 1, 0, UNMOV);
	run();
	assert_int_equal(label_at(BLOCK(1)), RECL);
	assert_int_equal(label_at(BLOCK(2)), UNMOV);
	assert_int_equal(label_at(BLOCK(3)), MOV);
	assert_int_equal(r.plan->labels.nr, 2);
	assert_int_equal(r.plan->labels.by_event, 3);
	assert_int_equal(r.plan->labels.by_content, 0);
}

/* S2.4: zone_locked, then extfrag for the same page: the block was of the type found. */
static void a_claim_shows_the_label_before(void **state __unused)
{
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1), 0, UNMOV);
	fallback(BLOCK(1), 0, UNMOV, 5, RECL);
	run();
	assert_int_equal(label_at(BLOCK(1)), RECL);
}

/* Two removals, then a claim: the first one was from the block's own list. */
static void a_later_claim_does_not(void **state __unused)
{
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1), 0, RECL);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1) + 1, 0, RECL);
	fallback(BLOCK(1) + 2, 0, UNMOV, 1, MOV);
	run();
	assert_int_equal(label_at(BLOCK(1)), RECL);
}

static void a_whole_claim_shows_all_blocks(void **state __unused)
{
	fallback(BLOCK(4), 0, MOV, 10, UNMOV);
	run();
	assert_int_equal(label_at(BLOCK(4)), UNMOV);
	assert_int_equal(label_at(BLOCK(5)), UNMOV);
	assert_int_equal(label_at(BLOCK(6)), MOV);
}

static void content_where_no_event_tells(void **state __unused)
{
	memset(class + BLOCK(1), PAGE_CLASS_SLAB, 10);
	memset(class + BLOCK(2), PAGE_CLASS_KERNEL, 10);
	memset(class + BLOCK(3), PAGE_CLASS_SLAB, 10);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, BLOCK(3) + 100, 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, BLOCK(4) + 100, 0, UNMOV);
	memset(class + BLOCK(4), PAGE_CLASS_MOVABLE, 10);
	memset(class + BLOCK(5), PAGE_CLASS_SLAB, 1);
	memset(class + BLOCK(5) + 1, PAGE_CLASS_MOVABLE, 100);
	run();
	assert_int_equal(label_at(BLOCK(1)), UNMOV);
	assert_int_equal(label_at(BLOCK(2)), MOV);
	assert_int_equal(label_at(BLOCK(3)), MOV);
	assert_int_equal(label_at(BLOCK(4)), UNMOV);
	assert_int_equal(label_at(BLOCK(5)), UNMOV);
	assert_int_equal(r.plan->labels.by_event, 2);
	assert_int_equal(r.plan->labels.by_content, 3);
	assert_int_equal(r.plan->labels.compared, 2);
	assert_int_equal(r.plan->labels.disagreed, 2);
}

/* Orphans alone: no classes, so most pages decide. */
static void content_without_a_snapshot(void **state __unused)
{
	opts.snapshot = NULL;
	meta = (struct log_meta){ .nr_zones = 1, .zones = zones, .pageblock_order = 9 };
	meta.count[EVENT_SPB_ALLOC_WALK] = 1;	/* so that removals show nothing */
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1), 3, UNMOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1) + 8, 1, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(2), 1, UNMOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(2) + 8, 3, MOV);
	stream_add(&s, EVENT_SPB_ALLOC_WALK, 0, EVENT_NO_PFN, 0, 0);
	opts.t0 = 40;
	run();
	assert_int_equal(label_at(BLOCK(1)), UNMOV);
	assert_int_equal(label_at(BLOCK(2)), MOV);
	assert_int_equal(r.plan->labels.by_content, 2);
}

/* SPB kernels borrow from blocks of other labels, and say so only in the walk: S2.2, 2C and 2D. */
static void removals_on_an_spb_kernel_do_not_count(void **state __unused)
{
	meta.count[EVENT_SPB_ALLOC_WALK] = 1;
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1), 0, UNMOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, BLOCK(2) + 3, 0, RECL);
	stream_add(&s, EVENT_SPB_ALLOC_WALK, 0, EVENT_NO_PFN, 0, 0);
	run();
	assert_int_equal(label_at(BLOCK(1)), MOV);
	assert_int_equal(label_at(BLOCK(2)), RECL);
}

/*
 * A window begins with the last label seen before it, not with that of the capture's first event.
 */
static void a_window_begins_with_the_last_label(void **state __unused)
{
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1), 0, RECL);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, BLOCK(1), 0, UNMOV);
	fallback(BLOCK(4), 0, RECL, 9, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, BLOCK(1), 0, MOV);
	opts.t0 = 30;
	run();
	assert_int_equal(label_at(BLOCK(1)), UNMOV);
	assert_int_equal(label_at(BLOCK(4)), RECL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_event_counts),
		T(a_claim_shows_the_label_before),
		T(a_later_claim_does_not),
		T(a_whole_claim_shows_all_blocks),
		T(content_where_no_event_tells),
		T(content_without_a_snapshot),
		T(removals_on_an_spb_kernel_do_not_count),
		T(a_window_begins_with_the_last_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
