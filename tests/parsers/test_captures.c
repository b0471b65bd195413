// SPDX-License-Identifier: GPL-2.0
/*
 * Recorded captures, and what is refused: files that are no captures, captures without page
 * events, clocks that do not count nanoseconds, compression that is not known.
 */
#include "tests/lib/csv_file.h"
#include "tests/lib/read_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

#define DATA "tests/data/"

static char *folder;
static char path[512];

static int make_folder(void **state)
{
	(void)state;
	folder = temp_folder();
	snprintf(path, sizeof(path), "%s/capture", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

/* The capture that both files hold: recorded on two CPUs in an instance. */
static void assert_small(const struct read_capture *rc, const char *format)
{
	assert_string_equal(rc->err.text, "");
	assert_int_equal(rc->ret, 0);
	assert_string_equal(rc->meta.format, format);
	assert_int_equal(rc->nr, 30573);
	assert_int_equal(rc->meta.count[EVENT_ZONE_LOCKED], 7182);
	assert_int_equal(rc->meta.count[EVENT_PAGE_FREE], 11396);
	assert_int_equal(rc->meta.count[EVENT_PAGE_ALLOC], 11995);
	assert_int_equal(rc->meta.unknown_events, 0);
	assert_int_equal(rc->meta.nr_lost, 0);
	assert_string_equal(rc->meta.host, "vm");
	assert_string_equal(rc->meta.kernel, "6.18.44-fc-v445");
	assert_string_equal(rc->meta.machine, "x86_64");
	assert_string_equal(rc->meta.clock, "local");
	assert_string_equal(rc->meta.buffer, "hbcap2");
	assert_int_equal(rc->meta.nr_cpus, 2);
	assert_int_equal(rc->meta.causality, 0);
	assert_int_equal(rc->meta.frees_total, 11396);
	assert_int_equal(rc->meta.frees_matched, 11292);
}

static void unpack(const char *from, const char *to)
{
	size_t len;
	char *packed = file_load(DATA, from, &len);
	unsigned long long size = ZSTD_getFrameContentSize(packed, len);
	char *bytes;

	assert_true(size < 1ULL << 30);
	bytes = malloc(size);
	assert_non_null(bytes);
	assert_int_equal(ZSTD_decompress(bytes, size, packed, len), size);
	write_file(to, bytes, size);
	free(bytes);
	free(packed);
}

static void both_versions_hold_the_same(void **state)
{
	struct read_capture v6, v7;

	(void)state;
	unpack("small_v6.dat.zst", path);
	read_capture(&v6, path, NULL);
	assert_small(&v6, "trace.dat v6");
	read_capture(&v7, DATA "small_v7.dat", NULL);
	assert_small(&v7, "trace.dat v7 zstd");
	for (u64 i = 0; i < v6.nr; i++)
		assert_same_event(&v7.v[i], &v6.v[i]);
	assert_string_equal(v7.meta.source, "small_v7.dat");
	/* The hash itself is tested in test_pieces.c. */
	assert_string_equal(v7.meta.source_hash, "e90f48c0e8688b07");
	read_capture_fini(&v6);
	read_capture_fini(&v7);
}

static void refused(const void *bytes, size_t len, const char *words)
{
	struct read_capture rc;

	write_file(path, bytes, len);
	read_capture(&rc, path, NULL);
	assert_int_equal(rc.ret, -ERR_DAMAGED);
	assert_int_equal(strncmp(rc.err.text, path, strlen(path)), 0);
	assert_non_null(strstr(rc.err.text, words));
	assert_int_equal(rc.nr, 0);
	read_capture_fini(&rc);
}

static void files_that_are_no_captures(void **state)
{
	static const char text[] = "# tracer: nop\n#\n bash-1 [000] ..... 1.0: mm_page_free: pfn=1\n";
	/* Time, commit of 12 bytes, one record of 8 bytes. */
	static const u8 raw[4096] = { 1, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 2 };

	(void)state;
	refused("", 0, "the file is empty");
	refused(text, sizeof(text) - 1, "1 lines cannot be read (line 3: \" bash-1 [000]");
	refused(raw, sizeof(raw), "--format-dir");
	refused("PERFILE2.......", 15, "perf.data");
	refused("\x28\xb5\x2f\xfd....", 8, "zstd -d");
	refused("\x1f\x8b....", 6, "gunzip");
	refused("hello, world\n", 13, "not a capture");
	refused("\x17\x08\x44tracing", 10, "the head is");
	refused("\x17\x08\x44tracing5\0\0\0\0\0\0\0", 18, "version \"5\" is not supported");
	assert_false(capture_sniff("\x17\x08\x44tracin", 9));
	assert_true(capture_sniff("\x17\x08\x44tracing", 10));
}

static void compression_that_is_not_known(void **state)
{
	static const char head[] = "\x17\x08\x44tracing7\0\0\x08\0\x10\0\0lzma\0" "5.4.1\0\0\0\0\0\0\0";

	(void)state;
	refused(head, sizeof(head), "\"lzma\"");
}

static void no_such_file(void **state)
{
	struct read_capture rc;

	(void)state;
	read_capture(&rc, "/nonexistent.dat", NULL);
	assert_int_equal(rc.ret, -ERR_IO);
	assert_non_null(strstr(rc.err.text, "/nonexistent.dat: cannot open"));
	read_capture_fini(&rc);
	read_capture(&rc, folder, NULL);
	assert_int_equal(rc.ret, -ERR_IO);
	read_capture_fini(&rc);
}

static void clocks_that_are_not_ns(void **state)
{
	static const char *const clocks[] = { "uptime", "counter", "x86-tsc" };
	const u16 cpu = 0;
	struct seen_event *v = make_events(20, &cpu, 1);
	struct read_capture rc;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		write_capture(path, &(struct trace_writer_opts){ .clock = clocks[i] }, v, 20);
		read_capture(&rc, path, NULL);
		assert_int_equal(rc.ret, -ERR_DAMAGED);
		assert_non_null(strstr(rc.err.text, clocks[i]));
		assert_non_null(strstr(rc.err.text, "nanoseconds"));
		assert_int_equal(rc.nr, 0);
		read_capture_fini(&rc);
	}
	free(v);
}

static void capture_without_page_events(void **state)
{
	const struct seen_event lost = { .ev = { .kind = EVENT_LOST, .time = 1 } };
	struct read_capture rc;

	(void)state;
	for (u32 version = 6; version <= 7; version++)
		for (u64 nr = 0; nr < 2; nr++) {
			struct trace_writer_opts opts = { .version = version };

			write_capture(path, &opts, &lost, nr);
			read_capture(&rc, path, NULL);
			assert_int_equal(rc.ret, -ERR_DAMAGED);
			assert_non_null(strstr(rc.err.text, "holds no page events"));
			assert_non_null(strstr(rc.err.text, "trace-cmd record"));
			read_capture_fini(&rc);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_versions_hold_the_same),
		cmocka_unit_test(files_that_are_no_captures),
		cmocka_unit_test(compression_that_is_not_known),
		cmocka_unit_test(no_such_file),
		cmocka_unit_test(clocks_that_are_not_ns),
		cmocka_unit_test(capture_without_page_events),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
