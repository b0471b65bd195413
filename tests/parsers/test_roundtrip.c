// SPDX-License-Identifier: GPL-2.0
/*
 * What the trace writer writes, the reader reads back, event for event and field for field, in
 * every variant of the format.
 */
#include "tests/lib/csv_file.h"
#include "tests/lib/read_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NR_EVENTS 6000

static char *folder;
static char path[512];

static int make_folder(void **state)
{
	(void)state;
	folder = temp_folder();
	snprintf(path, sizeof(path), "%s/trace.dat", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

static void assert_same_events(const struct read_capture *rc, const struct seen_event *want,
			       u64 nr)
{
	assert_string_equal(rc->err.text, "");
	assert_int_equal(rc->ret, 0);
	assert_int_equal(rc->nr, nr);
	for (u64 i = 0; i < nr; i++)
		assert_same_event(&rc->v[i], &want[i]);
}

static void round_trip(const struct trace_writer_opts *opts, const u16 *cpus, u32 nr_cpus)
{
	struct seen_event *want = make_events(NR_EVENTS, cpus, nr_cpus);
	struct read_capture rc;

	write_capture(path, opts, want, NR_EVENTS);
	read_capture(&rc, path, NULL);
	assert_same_events(&rc, want, NR_EVENTS);
	assert_string_equal(rc.meta.buffer, opts->buffer);
	assert_false(rc.meta.partial);
	read_capture_fini(&rc);
	free(want);
}

static void every_variant(void **state)
{
	static const u16 dense[] = { 0, 1 };
	static const u16 sparse[] = { 0, 3, 17, 255 };
	static const u32 subbufs[] = { 4096, 16384, 65536 };

	(void)state;
	/* One bit a choice: version and compression (3), byte order, long, instance, CPUs. */
	for (u32 v = 0; v < 3; v++)
		for (u32 bits = 0; bits < 16; bits++)
			for (u32 s = 0; s < ARRAY_SIZE(subbufs); s++) {
				struct trace_writer_opts opts = {
					.version = v ? 7 : 6,
					.zstd = v == 2,
					.big_endian = bits & 1,
					.long_size = bits & 2 ? 4 : 8,
					.subbuf_size = subbufs[s],
					.buffer = bits & 4 ? "inst" : "",
				};

				round_trip(&opts, bits & 8 ? sparse : dense, bits & 8 ? 4 : 2);
			}
}

static void meta_of_a_file(void **state)
{
	static const u16 cpus[] = { 2, 9 };
	struct trace_writer_opts opts = {
		.zstd = true, .buffer = "inst", .clock = "boot", .host = "penguin",
		.kernel = "6.18.1-test", .machine = "s390x",
	};
	struct seen_event *v = make_events(1000, cpus, 2);
	u64 gaps = 0, lost = 0, gaps_read = 0, lost_read = 0;
	struct read_capture rc;

	(void)state;
	write_capture(path, &opts, v, 1000);
	read_capture(&rc, path, NULL);
	assert_int_equal(rc.ret, 0);
	assert_string_equal(rc.meta.host, "penguin");
	assert_string_equal(rc.meta.kernel, "6.18.1-test");
	assert_string_equal(rc.meta.machine, "s390x");
	assert_string_equal(rc.meta.clock, "boot");
	assert_string_equal(rc.meta.buffer, "inst");
	assert_string_equal(rc.meta.format, "trace.dat v7 zstd");
	assert_string_equal(rc.meta.source, "trace.dat");
	assert_int_equal(strlen(rc.meta.source_hash), 16);
	assert_int_equal(rc.meta.page_size, 4096);
	assert_int_equal(rc.meta.nr_cpus, 2);
	assert_int_equal(rc.meta.nr_zones, 0);
	assert_int_equal(rc.meta.unknown_events, 0);
	for (u32 i = 0; i < 1000; i++) {
		gaps += v[i].ev.kind == EVENT_LOST && !v[i].ev.extra[0];
		lost += v[i].ev.kind == EVENT_LOST ? v[i].ev.extra[0] : 0;
	}
	assert_true(gaps && lost);
	for (u32 i = 0; i < rc.meta.nr_lost; i++) {
		gaps_read += rc.meta.lost[i].unknown_gaps;
		lost_read += rc.meta.lost[i].events;
	}
	assert_int_equal(gaps_read, gaps);
	assert_int_equal(lost_read, lost);
	read_capture_fini(&rc);
	free(v);
}

static struct seen_event page_event(u64 time, u8 kind, u64 pfn, u8 order)
{
	struct seen_event s = { .pid = 7, .comm = "task 7" };

	s.ev = (struct event){ .time = time, .kind = kind, .pfn = pfn, .order = order,
			       .migratetype = EVENT_NO_MT };
	if (kind == EVENT_PAGE_ALLOC)
		s.ev.migratetype = 1;
	return s;
}

static void quality_figures(void **state)
{
	const struct seen_event v[] = {
		page_event(1, EVENT_PAGE_FREE, 50, 0),		/* allocated before the start */
		page_event(2, EVENT_PAGE_ALLOC, 64, 3),
		page_event(3, EVENT_PAGE_FREE, 64, 3),		/* matched */
		page_event(4, EVENT_PAGE_ALLOC, 64, 0),
		page_event(5, EVENT_PAGE_ALLOC, 60, 3),		/* covers 64, which is live */
		page_event(6, EVENT_PAGE_ALLOC, EVENT_NO_PFN, 0), /* failed: counts for nothing */
		page_event(7, EVENT_PAGE_ALLOC, 1ULL << 39, 0),
		page_event(8, EVENT_PAGE_FREE, 1ULL << 39, 0),	/* matched */
		page_event(9, EVENT_PAGE_FREE, 60, 0),		/* matched */
		page_event(10, EVENT_PAGE_FREE, 60, 0),		/* freed already */
		page_event(11, EVENT_PAGE_ALLOC, 32760, 4),	/* two leaves of the bitmap */
		page_event(12, EVENT_PAGE_ALLOC, 32770, 0),	/* live */
	};
	struct read_capture rc;

	(void)state;
	write_capture(path, NULL, v, ARRAY_SIZE(v));
	read_capture(&rc, path, NULL);
	assert_int_equal(rc.ret, 0);
	assert_int_equal(rc.meta.causality, 2);
	assert_int_equal(rc.meta.frees_total, 5);
	assert_int_equal(rc.meta.frees_matched, 3);
	read_capture_fini(&rc);
}

static void wide_values(void **state)
{
	struct seen_event v[] = {
		page_event(1, EVENT_PAGE_ALLOC, 0x123456789aULL, 10),
		page_event(2, EVENT_EXTFRAG, 5, 1),
	};
	struct read_capture rc;

	(void)state;
	v[0].ev.extra[0] = 0xfedcba9876543210ULL;
	v[1].ev.migratetype = 2;
	v[1].ev.extra[0] = (u64)-1;	/* an int: keeps its sign */
	write_capture(path, &(struct trace_writer_opts){ .big_endian = true }, v, 2);
	read_capture(&rc, path, NULL);
	assert_same_events(&rc, v, 2);
	read_capture_fini(&rc);
}

static void tsc_clock(void **state)
{
	const u16 cpu = 0;
	struct seen_event *v = make_events(100, &cpu, 1);
	struct trace_writer_opts opts = {
		.clock = "x86-tsc", .tsc_mult = 3000000000u, .tsc_shift = 32,
	};
	struct read_capture rc;

	(void)state;
	/* Large enough that 64 bits would overflow. */
	for (u32 i = 0; i < 100; i++)
		v[i].ev.time += 1ULL << 50;
	write_capture(path, &opts, v, 100);
	read_capture(&rc, path, NULL);
	for (u32 i = 0; i < 100; i++)
		v[i].ev.time = (u64)((unsigned __int128)v[i].ev.time * 3000000000u >> 32);
	assert_same_events(&rc, v, 100);
	read_capture_fini(&rc);
	free(v);
}

static void standard_input(void **state)
{
	const u16 cpu = 0;
	struct seen_event *v = make_events(500, &cpu, 1);
	int keep = dup(STDIN_FILENO);
	struct read_capture rc;

	(void)state;
	write_capture(path, NULL, v, 500);
	assert_non_null(freopen(path, "rb", stdin));
	read_capture(&rc, "-", NULL);
	assert_same_events(&rc, v, 500);
	assert_string_equal(rc.meta.source, "standard input");
	read_capture_fini(&rc);
	if (keep >= 0)
		dup2(keep, STDIN_FILENO);
	free(v);
}

static void progress(void *ctx, u64 done, u64 total)
{
	u64 *last = ctx;

	assert_true(done >= last[0] && done <= total);
	last[0] = done;
	last[1] = total;
}

static void named_buffer_and_progress(void **state)
{
	const u16 cpu = 0;
	struct seen_event *v = make_events(500, &cpu, 1);
	u64 seen[2] = { 0, 0 };
	struct capture_opts opts = {
		.buffer = "inst", .progress = progress, .progress_ctx = seen,
	};
	struct read_capture rc;

	(void)state;
	for (u32 version = 6; version <= 7; version++) {
		memset(seen, 0, sizeof(seen));
		write_capture(path,
			      &(struct trace_writer_opts){ .version = version,
							   .buffer = "inst" }, v, 500);
		opts.buffer = "inst";
		read_capture(&rc, path, &opts);
		assert_same_events(&rc, v, 500);
		assert_true(seen[1] && seen[0] == seen[1]);
		read_capture_fini(&rc);
		opts.buffer = "";
		read_capture(&rc, path, &opts);
		assert_int_equal(rc.ret, -ERR_DAMAGED);
		assert_non_null(strstr(rc.err.text, "holds no page events"));
		read_capture_fini(&rc);
		opts.buffer = "other";
		read_capture(&rc, path, &opts);
		assert_int_equal(rc.ret, -ERR_USAGE);
		assert_non_null(strstr(rc.err.text, "no buffer \"other\""));
		assert_non_null(strstr(rc.err.text, "\"inst\""));
		read_capture_fini(&rc);
	}
	free(v);
}

static void writer_refuses(void **state)
{
	struct event late = { .time = 5 }, early = { .time = 4 };
	struct error err = { 0 };
	struct trace_writer *w;

	(void)state;
	assert_null(trace_writer_open(path, &(struct trace_writer_opts){ .version = 5 }, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_null(trace_writer_open(path, &(struct trace_writer_opts){ .version = 6,
									 .zstd = true }, NULL));
	assert_null(trace_writer_open(path, &(struct trace_writer_opts){ .subbuf_size = 5000 },
				      NULL));
	memset(&err, 0, sizeof(err));
	w = trace_writer_open(path, NULL, &err);
	assert_int_equal(trace_writer_event(w, &late, 1, "a", NULL, &err), 0);
	assert_int_equal(trace_writer_event(w, &early, 1, "a", NULL, &err), -ERR_USAGE);
	trace_writer_abort(w);
	memset(&err, 0, sizeof(err));
	w = trace_writer_open("/nonexistent/x/trace.dat", NULL, &err);
	assert_int_equal(trace_writer_close(w, &err), -ERR_IO);
	assert_non_null(strstr(err.text, "/nonexistent/x/trace.dat"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_variant),
		cmocka_unit_test(meta_of_a_file),
		cmocka_unit_test(quality_figures),
		cmocka_unit_test(wide_values),
		cmocka_unit_test(tsc_clock),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(named_buffer_and_progress),
		cmocka_unit_test(writer_refuses),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
