// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/demand_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

struct demand_case dc;

int demand_case_setup(void **state __unused)
{
	dc.meta = (struct log_meta){ .machine = NULL };
	dc.opts = stream_opts();
	return 0;
}

int demand_case_teardown(void **state __unused)
{
	stream_run_fini(&dc.r);
	stream_fini(&dc.s);
	return 0;
}

void zone_locked(u32 cpu, u64 pfn, u32 order, int mt)
{
	stream_add(&dc.s, EVENT_ZONE_LOCKED, cpu, NORMAL + pfn, order, mt);
}

void extfrag(u32 cpu, u64 pfn, u32 order, int mt)
{
	stream_add(&dc.s, EVENT_EXTFRAG, cpu, NORMAL + pfn, order, mt);
}

void drain(u32 cpu, u64 pfn, u32 order, int mt)
{
	stream_add(&dc.s, EVENT_PCPU_DRAIN, cpu, NORMAL + pfn, order, mt);
}

void page_free(u32 cpu, u64 pfn, u32 order)
{
	stream_add(&dc.s, EVENT_PAGE_FREE, cpu, NORMAL + pfn, order, EVENT_NO_MT);
}

void page_alloc(u32 cpu, u64 pfn, u32 order, int mt)
{
	stream_add(&dc.s, EVENT_PAGE_ALLOC, cpu, NORMAL + pfn, order, mt);
}

void run_blocks(u32 block_size)
{
	stream_run_fini(&dc.r);
	dc.r = stream_run(&dc.s, &dc.meta, &dc.opts, block_size);
}

void run(void)
{
	run_blocks(1024);
}

void expect_resident(u32 i, u64 pfn, u32 order, int mt)
{
	const struct demand_plan *plan = dc.r.plan;

	assert_in_range(i, 0, plan->nr_residents - 1);
	assert_int_equal(plan->residents[i].pfn, NORMAL + pfn);
	assert_int_equal(plan->residents[i].order, order);
	assert_int_equal(plan->residents[i].migratetype, mt);
	assert_int_equal(plan->residents[i].handle, i);
}
