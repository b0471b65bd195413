// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of demand at zone level, one test each: events by hand, operations as expected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/demand/framemap.h"
#include "tests/lib/demand_case.h"

static void alloc_and_drain(void **state __unused)
{
	zone_locked(0, 0, 0, UNMOV);
	zone_locked(1, 8, 3, MOV);
	page_free(1, 8, 3);
	drain(1, 8, 3, MOV);
	zone_locked(0, 16, 0, RECL);
	run();
	assert_string_equal(dc.r.text, "A0:0/0 A1:3/1 F1:3 A1:0/2 ");
	stream_expect_oddities(&dc.r, NULL);
	assert_int_equal(dc.r.nr_handles, 2);
	assert_int_equal(dc.r.ops[2].time, 30);
	assert_int_equal(dc.r.ops[2].event, 3);
	assert_int_equal(dc.r.ops[2].cpu, 1);
	assert_int_equal(dc.r.ops[2].task, 101);
	assert_true(dc.r.ops[0].ident != dc.r.ops[1].ident);
}

static void handles_are_reused_last_freed_first(void **state __unused)
{
	for (u32 i = 0; i < 3; i++)
		zone_locked(0, i, 0, MOV);
	drain(0, 0, 0, MOV);
	drain(0, 2, 0, MOV);
	zone_locked(0, 10, 0, MOV);
	zone_locked(0, 11, 0, MOV);
	zone_locked(0, 12, 0, MOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/1 A1:0/1 A2:0/1 F0:0 F2:0 A2:0/1 A0:0/1 A3:0/1 ");
	assert_int_equal(dc.r.nr_handles, 4);
}

static void pass2b_duplicate(void **state __unused)
{
	zone_locked(0, 4, 2, UNMOV);
	stream_add(&dc.s, EVENT_SPB_ALLOC_WALK, 0, EVENT_NO_PFN, 2, UNMOV);
	zone_locked(1, 64, 0, MOV);
	zone_locked(0, 4, 2, UNMOV);
	run();
	assert_string_equal(dc.r.text, "A0:2/0 A1:0/1 ");
	stream_expect_oddities(&dc.r, "duplicate_pass2b", 1, NULL);
}

static void a_repeat_is_no_duplicate_after_a_free(void **state __unused)
{
	zone_locked(0, 4, 0, UNMOV);
	drain(1, 4, 0, UNMOV);
	zone_locked(0, 4, 0, UNMOV);	/* freed on another CPU */
	run();
	assert_string_equal(dc.r.text, "A0:0/0 F0:0 A0:0/0 ");
	stream_expect_oddities(&dc.r, NULL);
}

static void a_repeat_is_no_duplicate_after_a_bypass(void **state __unused)
{
	zone_locked(0, 4, 0, UNMOV);
	page_free(1, 4, 0);
	zone_locked(0, 4, 0, UNMOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/0 F0:0 A0:0/0 ");
	assert_int_equal(dc.r.ops[1].event, 1);
	stream_expect_oddities(&dc.r, "promoted_free", 1, NULL);
}

/* Zone lock dropped in between: both removals are real, the free was lost. */
static void a_repeat_is_no_duplicate_across_allocations(void **state __unused)
{
	zone_locked(0, 4, 0, UNMOV);
	page_alloc(0, 4, 0, UNMOV);
	zone_locked(0, 4, 0, UNMOV);
	stream_add(&dc.s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	zone_locked(0, 4, 0, UNMOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/0 F0:0 A0:0/0 F0:0 A0:0/0 ");
	stream_expect_oddities(&dc.r, "lost_free", 2, NULL);
}

static void a_repeat_differs_in_cpu_order_or_type(void **state __unused)
{
	zone_locked(0, 4, 0, UNMOV);
	zone_locked(1, 4, 0, UNMOV);
	zone_locked(1, 4, 1, UNMOV);
	zone_locked(1, 4, 1, MOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/0 F0:0 A0:0/0 F0:0 A0:1/0 F0:1 A0:1/1 ");
	stream_expect_oddities(&dc.r, "lost_free", 3, NULL);
}

static void extfrag_after_sub_block_claim(void **state __unused)
{
	zone_locked(0, 4, 2, UNMOV);
	extfrag(0, 4, 2, UNMOV);
	run();
	assert_string_equal(dc.r.text, "A0:2/0 ");
	stream_expect_oddities(&dc.r, "duplicate_claim", 1, NULL);
}

static void extfrag_alone_is_an_allocation(void **state __unused)
{
	zone_locked(0, 4, 2, UNMOV);
	extfrag(0, 512, 0, RECL);	/* whole-block claim */
	extfrag(1, 4, 2, UNMOV);	/* same page, another CPU: freed unseen */
	run();
	assert_string_equal(dc.r.text, "A0:2/0 A1:0/2 F0:2 A0:2/0 ");
	stream_expect_oddities(&dc.r, "extfrag_alloc", 2, "lost_free", 1, NULL);
}

static void drain_frees_between_claim_events(void **state __unused)
{
	zone_locked(0, 4, 2, UNMOV);
	drain(1, 4, 2, UNMOV);
	extfrag(0, 4, 2, UNMOV);
	run();
	assert_string_equal(dc.r.text, "A0:2/0 F0:2 A0:2/0 ");
	stream_expect_oddities(&dc.r, "extfrag_alloc", 1, NULL);
}

static void vanilla_pcp_orders(void **state __unused)
{
	for (u32 order = 0; order <= 10; order++)
		zone_locked(0, 1024ULL * order, order, MOV);
	for (u32 order = 0; order <= 10; order++)
		page_free(0, 1024ULL * order, order);
	run();
	assert_true(strstr(dc.r.text, "A10:10/1 F4:4 F5:5 F6:6 F7:7 F8:8 F10:10 ") != NULL);
	assert_int_equal(dc.r.plan->nr_frees, 6);
	assert_false(dc.r.plan->pcp_buddy);
	stream_expect_oddities(&dc.r, NULL);
}

/*
 * Before Linux 5.14 only single pages go through the PCP: other frees are there at once, undrained.
 */
static void single_pcp_orders(void **state __unused)
{
	static const struct {
		char *kernel;
		bool single;
	} cases[] = {
		{ "5.10.0-28-amd64", true },
		{ "4.18.0-553.el8_10.x86_64", true },
		{ "5.13.19", true },
		{ "5.14.0-427.el9.x86_64", false },
		{ "6.18.44-fc-v445", false },
		{ "unknown", false },
		{ NULL, false },
	};

	for (u32 order = 0; order <= 10; order++)
		zone_locked(0, 1024ULL * order, order, MOV);
	for (u32 order = 0; order <= 10; order++)
		page_free(0, 1024ULL * order, order);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		dc.meta.kernel = cases[i].kernel;
		run();
		if (dc.r.plan->pcp_single != cases[i].single)
			fail_msg("%s", cases[i].kernel);
		assert_int_equal(dc.r.plan->nr_frees, cases[i].single ? 10 : 6);
		stream_expect_oddities(&dc.r, NULL);
	}
	dc.meta.kernel = "5.10.0";
	run();
	assert_true(strstr(dc.r.text, "A10:10/1 F1:1 F2:2 F3:3 F4:4 F5:5 F6:6 F7:7 F8:8 F9:9 F10:10 "));
}

static void pcp_buddy_by_spb_event(void **state __unused)
{
	zone_locked(0, 0, 5, MOV);
	zone_locked(0, 1024, 10, MOV);
	page_free(0, 0, 5);
	page_free(0, 1024, 10);
	stream_add(&dc.s, EVENT_SPB_PB_TAINT, 0, NORMAL, 0, UNMOV);
	run();
	assert_true(dc.r.plan->pcp_buddy);
	assert_string_equal(dc.r.text, "A0:5/1 A1:10/1 F1:10 ");
}

static void pcp_buddy_by_drain(void **state __unused)
{
	zone_locked(0, 0, 5, MOV);
	page_free(0, 0, 5);
	zone_locked(0, 64, 4, MOV);
	drain(0, 0, 5, MOV);
	run_blocks(2);
	assert_true(dc.r.plan->pcp_buddy);
	assert_string_equal(dc.r.text, "A0:5/1 A1:4/1 F0:5 ");
	stream_expect_oddities(&dc.r, NULL);
}

static void batched_and_alloc_are_not_demand(void **state __unused)
{
	zone_locked(0, 0, 0, MOV);
	page_alloc(0, 0, 0, MOV);
	page_alloc(0, 99, 0, MOV);
	stream_add(&dc.s, EVENT_PAGE_ALLOC, 0, EVENT_NO_PFN, 0, MOV);
	stream_add(&dc.s, EVENT_PAGE_FREE_BATCHED, 0, NORMAL, 0, EVENT_NO_MT);
	run();
	assert_string_equal(dc.r.text, "A0:0/1 ");
	assert_int_equal(dc.r.plan->nr_residents, 0);
	stream_expect_oddities(&dc.r, NULL);
}

static void lost_free_acts_right_before_the_allocation(void **state __unused)
{
	zone_locked(0, 0, 1, MOV);
	zone_locked(1, 0, 1, UNMOV);
	run();
	assert_string_equal(dc.r.text, "A0:1/1 F0:1 A0:1/0 ");
	assert_int_equal(dc.r.ops[1].event, 1);
	assert_int_equal(dc.r.ops[1].time, 10);
	stream_expect_oddities(&dc.r, "lost_free", 1, NULL);
}

static void promoted_free_acts_at_its_own_time(void **state __unused)
{
	zone_locked(0, 0, 0, MOV);
	page_free(0, 0, 0);		/* went to the PCP and out again */
	page_free(0, 0, 0);		/* the last one counts */
	zone_locked(0, 7, 0, MOV);
	zone_locked(0, 0, 0, MOV);
	run_blocks(1);
	assert_string_equal(dc.r.text, "A0:0/1 F0:0 A0:0/1 A1:0/1 ");
	assert_int_equal(dc.r.ops[1].event, 2);
	assert_int_equal(dc.r.ops[1].time, 20);
	stream_expect_oddities(&dc.r, "promoted_free", 1, NULL);
}

static void a_drained_free_is_not_promoted(void **state __unused)
{
	zone_locked(0, 0, 0, MOV);
	page_free(0, 0, 0);
	drain(0, 0, 0, MOV);
	zone_locked(0, 0, 0, MOV);
	zone_locked(1, 0, 0, MOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/1 F0:0 A0:0/1 F0:0 A0:0/1 ");
	stream_expect_oddities(&dc.r, "lost_free", 1, NULL);
}

static void a_free_of_a_free_page_is_not_promoted(void **state __unused)
{
	zone_locked(0, 0, 0, MOV);
	drain(0, 0, 0, MOV);
	page_free(0, 0, 0);	/* taken and given back unseen */
	zone_locked(0, 0, 0, MOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/1 F0:0 A0:0/1 ");
	stream_expect_oddities(&dc.r, NULL);
}

/* Handed out by the PCP after the free: so it reached the PCP, and its next free was lost. */
static void a_free_reused_by_the_pcp_is_not_promoted(void **state __unused)
{
	zone_locked(0, 0, 0, MOV);
	page_free(0, 0, 0);
	page_alloc(0, 0, 0, MOV);
	zone_locked(0, 0, 0, MOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/1 F0:0 A0:0/1 ");
	assert_int_equal(dc.r.ops[1].event, 3);
	stream_expect_oddities(&dc.r, "lost_free", 1, NULL);
}

static void a_promoted_free_of_a_resident(void **state __unused)
{
	page_free(0, 8, 3);
	zone_locked(0, 10, 0, MOV);
	run();
	assert_string_equal(dc.r.text, "F0:3 A0:0/1 ");
	stream_expect_oddities(&dc.r, "promoted_free", 1, "orphan_free", 1, NULL);
	expect_resident(0, 8, 3, MOV);
}

static void promoted_parts_of_one_allocation(void **state __unused)
{
	zone_locked(0, 0, 2, MOV);
	page_free(0, 1, 0);
	page_free(0, 2, 1);
	zone_locked(0, 0, 2, UNMOV);
	run();
	/* Both parts leave at their time, the rest when the block is taken again. */
	assert_string_equal(dc.r.text, "A0:2/1 S0>1:2 S0>2:1 F2:0 F1:1 F0:0 A0:2/0 ");
	stream_expect_oddities(&dc.r, "promoted_free", 2, "partial_free", 1, "lost_free", 1, NULL);
}

static void orphans_become_residents(void **state __unused)
{
	drain(0, 3, 0, MOV);
	drain(0, 32, 2, RECL);
	drain(0, 1, 0, UNMOV);
	page_free(0, 64, 4);
	drain(0, 2, 0, 3);	/* HIGHATOMIC */
	drain(0, 4, 0, 4);	/* CMA */
	drain(0, 5, 0, 5);	/* ISOLATE */
	run();
	assert_int_equal(dc.r.plan->nr_residents, 7);
	assert_int_equal(dc.r.plan->nr_residents_orphan, 7);
	expect_resident(0, 1, 0, UNMOV);
	expect_resident(1, 2, 0, UNMOV);
	expect_resident(2, 32, 2, RECL);
	expect_resident(3, 3, 0, MOV);
	expect_resident(4, 4, 0, MOV);
	expect_resident(5, 5, 0, MOV);
	expect_resident(6, 64, 4, MOV);
	assert_string_equal(dc.r.text, "F3:0 F2:2 F0:0 F6:4 F1:0 F4:0 F5:0 ");
	stream_expect_oddities(&dc.r, "orphan_free", 7, NULL);
}

static void only_the_unknown_part_is_resident(void **state __unused)
{
	zone_locked(0, 1, 0, UNMOV);
	drain(0, 0, 2, MOV);	/* 0, 2, 3 were resident; 1 was not */
	run();
	assert_int_equal(dc.r.plan->nr_residents, 2);
	expect_resident(0, 0, 0, MOV);
	expect_resident(1, 2, 1, MOV);
	assert_string_equal(dc.r.text, "A2:0/0 F0:0 F2:0 F1:1 ");
	stream_expect_oddities(&dc.r, "orphan_free", 1, "spanning_free", 1, NULL);
}

static void partial_free_splits(void **state __unused)
{
	zone_locked(0, 0, 3, MOV);
	drain(0, 5, 0, MOV);
	drain(0, 0, 2, MOV);
	run();
	assert_string_equal(dc.r.text, "A0:3/1 S0>1:3 S1>2:2 S1>3:1 F3:0 F0:2 ");
	stream_expect_oddities(&dc.r, "partial_free", 1, NULL);
	assert_true(dc.r.ops[1].ident != dc.r.ops[2].ident);
}

static void spanning_free_frees_each(void **state __unused)
{
	zone_locked(0, 0, 0, MOV);
	zone_locked(0, 1, 0, UNMOV);
	zone_locked(0, 2, 1, MOV);
	drain(0, 0, 2, MOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/1 A1:0/0 A2:1/1 F0:0 F1:0 F2:1 ");
	stream_expect_oddities(&dc.r, "spanning_free", 1, NULL);
}

static void double_free_is_ignored(void **state __unused)
{
	zone_locked(0, 0, 1, MOV);
	drain(0, 0, 1, MOV);
	drain(0, 0, 1, MOV);
	zone_locked(0, 0, 0, MOV);
	drain(0, 0, 2, MOV);	/* 0 live, 1 free, 2-3 resident */
	run();
	assert_string_equal(dc.r.text, "A1:1/1 F1:1 A1:0/1 F1:0 F0:1 ");
	stream_expect_oddities(&dc.r, "double_free", 2, "spanning_free", 1, "orphan_free", 1, NULL);
}

static void allocation_over_parts_and_several(void **state __unused)
{
	zone_locked(0, 0, 2, MOV);
	zone_locked(0, 1, 0, UNMOV);	/* a part of a unit */
	zone_locked(0, 0, 2, RECL);	/* the rest of it and another */
	run();
	assert_string_equal(dc.r.text, "A0:2/1 S0>1:2 S0>2:1 F2:0 A2:0/0 F0:0 F2:0 F1:1 A1:2/2 ");
	stream_expect_oddities(&dc.r, "lost_free", 2, "overlap_alloc", 2, NULL);
}

static void order10_units(void **state __unused)
{
	zone_locked(0, 1024, 10, MOV);
	drain(0, 2047, 0, MOV);
	page_free(0, 1024, 10);
	run();
	assert_int_equal(dc.r.plan->nr_frees, 11);
	assert_int_equal(dc.r.nr_ops, 1 + 10 + 11);
	stream_expect_oddities(&dc.r, "partial_free", 1, "spanning_free", 1, "double_free", 1, NULL);
}

static void bad_events_are_counted(void **state __unused)
{
	zone_locked(0, 0, 11, MOV);
	zone_locked(0, 1, 1, MOV);
	zone_locked(0, 0, 0, 6);
	zone_locked(0, 0, 0, EVENT_NO_MT);
	stream_add(&dc.s, EVENT_ZONE_LOCKED, 0, EVENT_NO_PFN, 0, MOV);
	stream_add(&dc.s, EVENT_ZONE_LOCKED, 0, FRAME_MAX_PFN, 0, MOV);
	drain(0, 2, 255, MOV);
	drain(0, 3, 2, MOV);
	page_free(0, 3, 4);
	stream_add(&dc.s, (enum event_kind)200, 0, NORMAL, 0, MOV);
	zone_locked(0, 0, 0, MOV);
	run();
	assert_string_equal(dc.r.text, "A0:0/1 ");
	stream_expect_oddities(&dc.r, "bad_event", 9, NULL);
}

static void an_impossible_cpu_is_damage(void **state __unused)
{
	struct error err = { 0 };

	zone_locked(LOG_MAX_CPUS - 1, 0, 0, MOV);
	run();
	assert_int_equal(dc.r.plan->max_cpu, LOG_MAX_CPUS - 1);
	zone_locked(LOG_MAX_CPUS, 1, 0, MOV);
	assert_null(stream_scan(&dc.s, &dc.meta, &dc.opts, 16, &err));
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "CPU 4096, the last possible one is 4095"));
}

static void identities_do_not_depend_on_blocks(void **state __unused)
{
	struct stream_run one;

	for (u32 i = 0; i < 300; i++)
		zone_locked(i % 3, (u64)(i * 7919) % 512, 0, (int)(i % 3));
	run_blocks(1);
	one = stream_run(&dc.s, &dc.meta, &dc.opts, 77);
	assert_int_equal(one.nr_ops, dc.r.nr_ops);
	assert_memory_equal(one.ops, dc.r.ops, dc.r.nr_ops * sizeof(*dc.r.ops));
	stream_run_fini(&one);
}

#define T(f) cmocka_unit_test_setup_teardown(f, demand_case_setup, demand_case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(alloc_and_drain),
		T(handles_are_reused_last_freed_first),
		T(pass2b_duplicate),
		T(a_repeat_is_no_duplicate_after_a_free),
		T(a_repeat_is_no_duplicate_after_a_bypass),
		T(a_repeat_is_no_duplicate_across_allocations),
		T(a_repeat_differs_in_cpu_order_or_type),
		T(extfrag_after_sub_block_claim),
		T(extfrag_alone_is_an_allocation),
		T(drain_frees_between_claim_events),
		T(vanilla_pcp_orders),
		T(single_pcp_orders),
		T(pcp_buddy_by_spb_event),
		T(pcp_buddy_by_drain),
		T(batched_and_alloc_are_not_demand),
		T(lost_free_acts_right_before_the_allocation),
		T(promoted_free_acts_at_its_own_time),
		T(a_drained_free_is_not_promoted),
		T(a_free_of_a_free_page_is_not_promoted),
		T(a_free_reused_by_the_pcp_is_not_promoted),
		T(a_promoted_free_of_a_resident),
		T(promoted_parts_of_one_allocation),
		T(orphans_become_residents),
		T(only_the_unknown_part_is_resident),
		T(partial_free_splits),
		T(spanning_free_frees_each),
		T(double_free_is_ignored),
		T(allocation_over_parts_and_several),
		T(order10_units),
		T(bad_events_are_counted),
		T(an_impossible_cpu_is_damage),
		T(identities_do_not_depend_on_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
