/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One test of demand: events added by hand, both passes over them, the operations as text in dc.r.
 * Frames are counted from the start of zone Normal.
 */
#ifndef TESTS_LIB_DEMAND_CASE_H
#define TESTS_LIB_DEMAND_CASE_H

#include "tests/lib/event_stream.h"

#define UNMOV 0
#define MOV 1
#define RECL 2

/** struct demand_case - events @s, what @meta and @opts made of them: @r */
struct demand_case {
	struct event_stream s;
	struct stream_run r;
	struct log_meta meta;
	struct demand_opts opts;
};

extern struct demand_case dc;

int demand_case_setup(void **state);
int demand_case_teardown(void **state);

void zone_locked(u32 cpu, u64 pfn, u32 order, int mt);
void extfrag(u32 cpu, u64 pfn, u32 order, int mt);
void drain(u32 cpu, u64 pfn, u32 order, int mt);
void page_free(u32 cpu, u64 pfn, u32 order);
void page_alloc(u32 cpu, u64 pfn, u32 order, int mt);

/** run - both passes over all events added so far; run_blocks - in blocks of @block_size */
void run(void);
void run_blocks(u32 block_size);

/** expect_resident - resident @i of the plan lies there */
void expect_resident(u32 i, u64 pfn, u32 order, int mt);

#endif /* TESTS_LIB_DEMAND_CASE_H */
