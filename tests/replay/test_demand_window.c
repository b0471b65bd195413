// SPDX-License-Identifier: GPL-2.0
/*
 * Where and when demand is taken: zones known and inferred, --zone, --window, --initial empty.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/demand/demand_scan.h"
#include "replay/demand/framemap.h"
#include "tests/lib/demand_case.h"

static void zones_are_inferred(void **state __unused)
{
	stream_add(&dc.s, EVENT_ZONE_LOCKED, 0, 0, 0, MOV);	/* no zone has frame 0 */
	stream_add(&dc.s, EVENT_ZONE_LOCKED, 0, 0x800, 0, MOV);
	stream_add(&dc.s, EVENT_ZONE_LOCKED, 0, 0x90000, 0, MOV);
	stream_add(&dc.s, EVENT_ZONE_LOCKED, 0, 0x1fffff, 0, MOV);
	stream_add(&dc.s, EVENT_ZONE_LOCKED, 0, 0x240000, 0, MOV);
	run();
	assert_true(dc.r.plan->zones_inferred);
	assert_int_equal(dc.r.plan->nr_zones, 3);
	assert_string_equal(dc.r.plan->zones[0].name, "DMA");
	assert_int_equal(dc.r.plan->zones[0].start_pfn, 1);
	assert_int_equal(dc.r.plan->zones[0].spanned, 0xfff);
	assert_string_equal(dc.r.plan->zones[1].name, "DMA32");
	assert_int_equal(dc.r.plan->zones[1].start_pfn, 0x1000);
	assert_int_equal(dc.r.plan->zones[1].spanned, 0xbf000);
	assert_string_equal(dc.r.plan->zones[2].name, "Normal");
	assert_int_equal(dc.r.plan->zones[2].start_pfn, 0x100000);
	assert_int_equal(dc.r.plan->zones[2].spanned, 0x180000);
	assert_int_equal(dc.r.ops[3].zone, 2);
	stream_expect_oddities(&dc.r, "outside_zone", 1, NULL);
}

static void only_seen_zones_are_inferred(void **state __unused)
{
	zone_locked(0, 5, 0, MOV);
	run();
	assert_int_equal(dc.r.plan->nr_zones, 1);
	assert_string_equal(dc.r.plan->zones[0].name, "Normal");
	assert_int_equal(dc.r.plan->zones[0].spanned, 0x40000);
	assert_int_equal(dc.r.ops[0].zone, 0);
}

static void another_machine_has_one_zone(void **state __unused)
{
	char machine[] = "aarch64";

	dc.meta.machine = machine;
	stream_add(&dc.s, EVENT_ZONE_LOCKED, 0, 0x81234, 0, MOV);
	run();
	assert_int_equal(dc.r.plan->nr_zones, 1);
	assert_int_equal(dc.r.plan->zones[0].start_pfn, 0x80000);
	assert_int_equal(dc.r.plan->zones[0].spanned, 0x40000);
}

static struct log_zone two_zones[] = {
	{ .node = 0, .name = "Normal", .start_pfn = NORMAL, .spanned = 1000 },
	{ .node = 1, .name = "Normal", .start_pfn = NORMAL + 1000, .spanned = 3096 },
};

static void zones_of_the_log(void **state __unused)
{
	dc.meta.zones = two_zones;
	dc.meta.nr_zones = 2;
	zone_locked(0, 999, 0, MOV);
	zone_locked(0, 1000, 3, MOV);
	zone_locked(0, 992, 4, MOV);		/* crosses */
	zone_locked(0, 4096, 0, MOV);		/* beyond */
	run();
	assert_false(dc.r.plan->zones_inferred);
	assert_string_equal(dc.r.text, "A0:0/1 A1:3/1 ");
	assert_int_equal(dc.r.ops[0].zone, 0);
	assert_int_equal(dc.r.ops[1].zone, 1);
	stream_expect_oddities(&dc.r, "outside_zone", 2, NULL);
}

static void zone_filter(void **state __unused)
{
	dc.meta.zones = two_zones;
	dc.meta.nr_zones = 2;
	dc.opts.zone = "1/Normal";
	zone_locked(0, 0, 0, MOV);
	zone_locked(0, 1000, 0, MOV);
	drain(0, 0, 0, MOV);
	drain(0, 1001, 0, UNMOV);
	drain(0, 1, 0, UNMOV);
	run();
	assert_string_equal(dc.r.text, "A1:0/1 F0:0 ");
	assert_int_equal(dc.r.plan->nr_residents, 1);
	assert_int_equal(dc.r.plan->residents[0].zone, 1);
	stream_expect_oddities(&dc.r, "filtered", 3, "orphan_free", 1, NULL);
}

static void expect_scan_error(enum err_code code, const char *text)
{
	struct error err = { .code = ERR_NONE };

	assert_null(stream_scan(&dc.s, &dc.meta, &dc.opts, 1024, &err));
	assert_int_equal(err.code, code);
	if (!strstr(err.text, text))
		fail_msg("error is: %s", err.text);
}

static void unknown_zone_is_a_usage_error(void **state __unused)
{
	zone_locked(0, 0, 0, MOV);
	dc.opts.zone = "3/Movable";
	expect_scan_error(ERR_USAGE, "0/DMA, 0/DMA32, 0/Normal");
	dc.opts.zone = "0/DMA";	/* possible, but no event lies there */
	expect_scan_error(ERR_USAGE, "no page allocator events");
	dc.meta.zones = two_zones;
	dc.meta.nr_zones = 2;
	dc.opts.zone = "Normal";	/* two have that name */
	expect_scan_error(ERR_USAGE, "0/Normal, 1/Normal");
}

static void impossible_zone_table(void **state __unused)
{
	struct log_zone zone = { .name = "Normal", .start_pfn = 1, .spanned = UINT64_MAX };

	dc.meta.zones = &zone;
	dc.meta.nr_zones = 1;
	expect_scan_error(ERR_DAMAGED, "impossible");
}

static void no_events_no_zones(void **state __unused)
{
	expect_scan_error(ERR_USAGE, "no page allocator events");
}

/* Events at 0, 10, 20 ... ns. */
static void window_begins_with_what_is_live(void **state __unused)
{
	zone_locked(0, 0, 1, RECL);		/* 0: live at t0 */
	drain(0, 8, 0, MOV);			/* 10: resident, but gone by t0 */
	zone_locked(0, 16, 0, UNMOV);		/* 20: gone by t0 */
	drain(0, 16, 0, UNMOV);			/* 30 */
	drain(0, 0, 0, RECL);			/* 40: t0. partial free of a resident */
	zone_locked(0, 16, 0, UNMOV);		/* 50 */
	drain(0, 24, 0, UNMOV);			/* 60: resident */
	drain(0, 32, 0, MOV);			/* 70: t1, not taken */
	dc.opts.t0 = 40;
	dc.opts.t1 = 70;
	run_blocks(3);
	assert_int_equal(dc.r.plan->nr_residents, 2);
	expect_resident(0, 24, 0, UNMOV);
	expect_resident(1, 0, 1, RECL);
	assert_int_equal(dc.r.plan->nr_residents_orphan, 1);
	assert_int_equal(dc.r.plan->nr_residents_earlier, 1);
	assert_string_equal(dc.r.text, "S1>2:1 F1:0 A1:0/0 F0:0 ");
	assert_int_equal(dc.r.plan->t_first, 40);
	assert_int_equal(dc.r.plan->t_last, 60);
	stream_expect_oddities(&dc.r, "filtered", 5, "partial_free", 1, "orphan_free", 1, NULL);
}

static void duplicates_across_the_window_start(void **state __unused)
{
	zone_locked(0, 4, 2, UNMOV);
	zone_locked(0, 4, 2, UNMOV);
	dc.opts.t0 = 10;
	run();
	assert_string_equal(dc.r.text, "");
	expect_resident(0, 4, 2, UNMOV);
	stream_expect_oddities(&dc.r, "filtered", 1, "duplicate_pass2b", 1, NULL);
}

static void bypass_before_the_window_is_lost(void **state __unused)
{
	zone_locked(0, 4, 0, UNMOV);
	page_free(0, 4, 0);
	zone_locked(0, 4, 0, MOV);
	dc.opts.t0 = 20;
	run();
	assert_string_equal(dc.r.text, "F0:0 A0:0/1 ");
	stream_expect_oddities(&dc.r, "filtered", 2, "lost_free", 1, NULL);
}

static void empty_start_leaves_residents_out(void **state __unused)
{
	drain(0, 0, 1, MOV);
	zone_locked(0, 8, 0, MOV);
	drain(0, 16, 0, MOV);
	drain(0, 8, 0, MOV);
	dc.opts.initial = INITIAL_EMPTY;
	run();
	assert_int_equal(dc.r.plan->nr_residents, 0);
	assert_null(dc.r.plan->residents);
	assert_string_equal(dc.r.text, "A0:0/1 F0:0 ");
	stream_expect_oddities(&dc.r, "orphan_free", 2, NULL);
}

static void empty_start_with_a_window(void **state __unused)
{
	zone_locked(0, 0, 2, MOV);
	drain(0, 1, 0, MOV);
	zone_locked(0, 1, 0, UNMOV);
	drain(0, 0, 2, MOV);
	dc.opts.initial = INITIAL_EMPTY;
	dc.opts.t0 = 10;
	run();
	assert_string_equal(dc.r.text, "A0:0/0 F0:0 ");
	assert_int_equal(dc.r.plan->nr_residents_earlier, 0);
	stream_expect_oddities(&dc.r, "filtered", 1, "partial_free", 1, "spanning_free", 1, NULL);
}

/* One event in each 128 MiB of 64 TiB: an error, not all memory. */
static void scattered_events_are_refused(void **state __unused)
{
	struct framemap m = { .dir = NULL };
	struct error err = { .code = ERR_NONE };
	struct frame_chunk *c;

	m.nr_chunks = FRAME_MAX_CHUNKS - 1;
	assert_int_equal(framemap_touch(&m, 0, &c, &err), 0);
	assert_int_equal(framemap_touch(&m, 5, &c, &err), 0);
	assert_int_equal(framemap_touch(&m, FRAME_MAX_PFN - 1, &c, &err), -ERR_DAMAGED);
	assert_non_null(strstr(err.text, "chunks"));
	framemap_fini(&m);
}

/* ---- through a log ---- */

static struct log_image *image;

/* All events added so far; those of CPU 1 are of @comm. */
static struct log_reader *read_as_log(const char *comm)
{
	struct error err = { .code = ERR_NONE };
	struct log_writer *w = log_writer_new(&err);
	struct log_reader *reader;

	assert_non_null(w);
	for (u32 i = 0; i < dc.s.nr; i++) {
		struct event *ev = &dc.s.ev[i];

		ev->task = ev->cpu ? log_writer_task(w, 2, comm) : log_writer_task(w, 1, "init");
		assert_int_equal(log_writer_add(w, ev, &err), 0);
	}
	image = log_writer_image(w, &err);
	assert_non_null(image);
	log_writer_free(w);
	reader = log_reader_open_image(image, &err);
	assert_non_null(reader);
	return reader;
}

static void close_log(struct log_reader *reader)
{
	log_reader_free(reader);
	log_image_free(image);
}

/* The same as from memory; the scan has to start again: the drain of order 5 comes late. */
static void through_a_log(void **state __unused)
{
	struct error err = { .code = ERR_NONE };
	struct log_reader *reader;
	struct demand_plan *plan;

	zone_locked(0, 0, 5, MOV);
	page_free(0, 0, 5);
	drain(1, 128, 0, UNMOV);
	drain(0, 0, 5, MOV);
	zone_locked(0, 0, 5, MOV);
	reader = read_as_log("init");
	plan = demand_scan(reader, &dc.opts, &err);
	assert_string_equal(err.text, "");
	assert_non_null(plan);
	run();
	assert_string_equal(dc.r.text, "A1:5/1 F0:0 F1:5 A1:5/1 ");
	assert_true(plan->pcp_buddy);
	assert_int_equal(plan->nr_allocs, 2);
	assert_int_equal(plan->nr_frees, 2);
	assert_int_equal(plan->nr_residents, 1);
	assert_int_equal(plan->t_last, dc.r.plan->t_last);
	assert_int_equal(plan->max_cpu, 1);
	demand_plan_free(plan);
	close_log(reader);
}

/* Frees of the second pass; moves of the worker are in @moves. */
static u64 count_frees(struct log_reader *reader, const struct demand_plan *plan, u64 *moves)
{
	struct op_block out = { .nr = 0 };
	struct error err = { .code = ERR_NONE };
	struct demand *d = demand_new(plan, &err);
	struct event_block b;
	u64 nr = 0;

	assert_non_null(d);
	assert_int_equal(event_block_init(&b), 0);
	assert_int_equal(log_reader_rewind(reader, &err), 0);
	while (log_reader_next(reader, &b, &err) > 0) {
		assert_int_equal(demand_next(d, &b, &out, &err), 0);
		for (u32 i = 0; i < out.nr; i++)
			nr += out.ops[i].kind == OP_FREE;
	}
	*moves = demand_oddities(d)->worker_move;
	demand_free(d);
	op_block_fini(&out);
	event_block_fini(&b);
	return nr;
}

/* Both passes forget the targets that the recorded worker took before the window. */
static void targets_before_the_window_are_forgotten(void **state __unused)
{
	struct error err = { .code = ERR_NONE };
	struct log_reader *reader;
	struct demand_plan *plan;
	u64 moves;

	stream_add(&dc.s, EVENT_SPB_PB_TAINT, 0, NORMAL, 0, MOV);
	zone_locked(0, 0, 0, MOV);
	zone_locked(1, 8, 0, MOV);		/* 20: a target */
	drain(1, 0, 0, MOV);			/* 30: t0. a source */
	reader = read_as_log("kevacuate/0");
	dc.opts.t0 = 30;
	plan = demand_scan(reader, &dc.opts, &err);
	assert_string_equal(err.text, "");
	assert_non_null(plan);
	assert_int_equal(plan->nr_frees, 1);
	assert_int_equal(count_frees(reader, plan, &moves), 1);
	assert_int_equal(moves, 0);
	demand_plan_free(plan);
	close_log(reader);
}

/* A scan that began before the log was whole: which logs it is good for. */
static void a_scan_fits_some_logs(void **state __unused)
{
	static char arm[] = "aarch64", x86[] = "x86_64";
	const struct log_meta careful = { .count[EVENT_LOST] = 1 };
	const struct log_meta spb = { .count[EVENT_SPB_PB_TAINT] = 1 };
	struct log_zone zone = { .name = "Normal", .start_pfn = NORMAL, .spanned = 1 << 20 };
	const struct log_meta zones = { .zones = &zone, .nr_zones = 1 };
	const struct log_meta blocks = { .pageblock_order = 5 };
	struct error err = { 0 };
	struct demand_scanner *scan = demand_scan_begin(&careful, &dc.opts, false, &err);

	assert_non_null(scan);
	assert_true(demand_scan_fits(scan, &dc.meta));
	assert_true(demand_scan_fits(scan, &careful));
	assert_false(demand_scan_fits(scan, &spb));
	assert_false(demand_scan_fits(scan, &zones));
	assert_false(demand_scan_fits(scan, &blocks));
	dc.meta.machine = x86;
	assert_true(demand_scan_fits(scan, &dc.meta));
	dc.meta.machine = arm;
	assert_false(demand_scan_fits(scan, &dc.meta));
	demand_scan_abort(scan);

	dc.meta.machine = NULL;
	scan = demand_scan_begin(&dc.meta, &dc.opts, false, &err);
	assert_non_null(scan);
	assert_true(demand_scan_fits(scan, &dc.meta));
	assert_false(demand_scan_fits(scan, &careful));
	demand_scan_abort(scan);

	/* With zones of its own it is good for any zones and machine. */
	scan = demand_scan_begin(&zones, &dc.opts, false, &err);
	assert_non_null(scan);
	dc.meta.machine = arm;
	assert_true(demand_scan_fits(scan, &dc.meta));
	demand_scan_abort(scan);
}

#define T(f) cmocka_unit_test_setup_teardown(f, demand_case_setup, demand_case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(zones_are_inferred),
		T(only_seen_zones_are_inferred),
		T(another_machine_has_one_zone),
		T(zones_of_the_log),
		T(zone_filter),
		T(unknown_zone_is_a_usage_error),
		T(impossible_zone_table),
		T(no_events_no_zones),
		T(window_begins_with_what_is_live),
		T(duplicates_across_the_window_start),
		T(bypass_before_the_window_is_lost),
		T(empty_start_leaves_residents_out),
		T(empty_start_with_a_window),
		T(scattered_events_are_refused),
		T(through_a_log),
		T(targets_before_the_window_are_forgotten),
		T(a_scan_fits_some_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
