// SPDX-License-Identifier: GPL-2.0
/*
 * Demand at page and implied level: the same events, other rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/lib/event_stream.h"

#define UNMOV 0
#define MOV 1
#define RECL 2

static struct event_stream s;
static struct stream_run r;

static void add(enum event_kind kind, u64 pfn, u32 order, int mt)
{
	stream_add(&s, kind, 0, pfn == EVENT_NO_PFN ? pfn : NORMAL + pfn, order, mt);
}

static char *kernel;

static void run(enum demand_level level)
{
	const struct log_meta meta = { .kernel = kernel };
	struct demand_opts opts = stream_opts();

	opts.level = level;
	stream_run_fini(&r);
	r = stream_run(&s, &meta, &opts, 1024);
}

static int teardown(void **state __unused)
{
	stream_run_fini(&r);
	stream_fini(&s);
	return 0;
}

/* A refill of the recorded PCP, an allocation from it, its free, a drain. */
static void one_life(void)
{
	add(EVENT_ZONE_LOCKED, 0, 0, MOV);
	add(EVENT_ZONE_LOCKED, 1, 0, MOV);
	add(EVENT_PAGE_ALLOC, 1, 0, MOV);
	add(EVENT_PAGE_FREE, 1, 0, EVENT_NO_MT);
	add(EVENT_PAGE_FREE_BATCHED, 1, 0, EVENT_NO_MT);
	add(EVENT_PCPU_DRAIN, 1, 0, MOV);
}

static void levels_see_different_things(void **state __unused)
{
	one_life();
	run(DEMAND_ZONE);
	assert_string_equal(r.text, "A0:0/1 A1:0/1 F1:0 ");
	run(DEMAND_PAGE);
	assert_string_equal(r.text, "A0:0/1 F0:0 ");
	run(DEMAND_IMPLIED);
	assert_string_equal(r.text, "A0:0/1 A1:0/1 ");
}

/* Batched frees are the same free again; a failed allocation is kept apart. */
static void page_level_counts_once(void **state __unused)
{
	one_life();
	add(EVENT_PAGE_ALLOC, EVENT_NO_PFN, 9, MOV);
	add(EVENT_PAGE_ALLOC, 1, 0, UNMOV);
	run(DEMAND_PAGE);
	assert_string_equal(r.text, "A0:0/1 F0:0 A0:0/0 ");
	stream_expect_oddities(&r, "failed_alloc", 1, NULL);
}

/* Every order is freed by mm_page_free: no per-CPU list of the recorded host is in the way. */
static void page_level_frees_every_order(void **state __unused)
{
	add(EVENT_PAGE_ALLOC, 0, 3, RECL);
	add(EVENT_PAGE_ALLOC, 512, 9, MOV);
	add(EVENT_PAGE_FREE, 0, 3, EVENT_NO_MT);
	add(EVENT_PAGE_FREE, 512, 9, EVENT_NO_MT);
	add(EVENT_PAGE_FREE, 4096, 0, EVENT_NO_MT);
	run(DEMAND_PAGE);
	/* Handle 0 is the resident that the last free tells of. */
	assert_string_equal(r.text, "A1:3/2 A2:9/1 F1:3 F2:9 F0:0 ");
	assert_int_equal(r.plan->nr_residents, 1);
	stream_expect_oddities(&r, "orphan_free", 1, NULL);
}

/* Pages that a bulk allocation took appear at their free only, or are handed out again. */
static void page_level_lost_free(void **state __unused)
{
	add(EVENT_PAGE_ALLOC, 0, 0, MOV);
	add(EVENT_PAGE_ALLOC, 0, 0, MOV);
	run(DEMAND_PAGE);
	assert_string_equal(r.text, "A0:0/1 F0:0 A0:0/1 ");
	stream_expect_oddities(&r, "lost_free", 1, NULL);
}

/* Implied: a page that is taken again must have come back. */
static void implied_level_frees_on_reuse(void **state __unused)
{
	add(EVENT_ZONE_LOCKED, 0, 0, UNMOV);
	add(EVENT_PCPU_DRAIN, 0, 0, UNMOV);
	add(EVENT_EXTFRAG, 1024, 3, RECL);
	stream_add(&s, EVENT_ZONE_LOCKED, 1, NORMAL, 0, MOV);
	run(DEMAND_IMPLIED);
	assert_string_equal(r.text, "A0:0/0 A1:3/2 F0:0 A0:0/1 ");
	stream_expect_oddities(&r, "lost_free", 1, "extfrag_alloc", 1, NULL);
}

/* Bits of gfp flags moved in Linux 4.18 and 5.1: operations have today's, whoever recorded them. */
static void page_level_gfp_of_old_kernels(void **state __unused)
{
	static const struct {
		char *kernel;
		u64 recorded;
		u32 now;
	} cases[] = {
		{ "6.18.44-fc-v445", 0x100cca, 0x100cca },
		{ "5.1.0", 0xcc0, 0xcc0 },
		{ NULL, 0x6000c0, 0x6000c0 },
		{ "", 0xcc0, 0xcc0 },
		{ "5.0.21", 0x6000c0, 0xcc0 },				/* GFP_KERNEL */
		{ "4.18.0-553.el8_10.x86_64", 0x6200ca, 0x100cca },	/* GFP_HIGHUSER_MOVABLE */
		{ "4.19.316", 0x480020, 0x820 },			/* GFP_ATOMIC */
		{ "4.19.316", 0xc3e00, 0x23e000 },			/* ATOMIC is gone */
		{ "4.15.0-213-generic", 0x14200ca, 0x100cca },
		{ "4.15.0-213-generic", 0x1404200, 0x42c00 },
		{ "4.4.302", 0x14000c0, 0xcc0 },
		{ "3.10.0-1160.el7.x86_64", 0xd0, 0 },			/* not recorded */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		kernel = cases[i].kernel;
		stream_fini(&s);
		add(EVENT_PAGE_ALLOC, 0, 0, MOV);
		s.ev[0].extra[0] = cases[i].recorded;
		run(DEMAND_PAGE);
		assert_int_equal(r.nr_ops, 1);
		if (r.ops[0].gfp != cases[i].now)
			fail_msg("case %zu: 0x%x", i, r.ops[0].gfp);
	}
	kernel = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(levels_see_different_things, teardown),
		cmocka_unit_test_teardown(page_level_counts_once, teardown),
		cmocka_unit_test_teardown(page_level_frees_every_order, teardown),
		cmocka_unit_test_teardown(page_level_lost_free, teardown),
		cmocka_unit_test_teardown(implied_level_frees_on_reuse, teardown),
		cmocka_unit_test_teardown(page_level_gfp_of_old_kernels, teardown),
	};

	return cmocka_run_group_tests_name("demand: page and implied level", tests, NULL, NULL);
}
