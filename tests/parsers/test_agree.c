// SPDX-License-Identifier: GPL-2.0
/*
 * Captures of which two places contradict each other: each is told with its place, and what can be
 * right is used. And what may differ, and is no damage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parsers/tracedat/tracedat.h"
#include "tests/lib/csv_file.h"
#include "tests/lib/specimen.h"

#define HEAD_LONG 13
#define HEAD_PAGE 14
#define SECTION_SIZE 8

static const struct trace_writer_opts v6 = { .version = 6 };
static const struct trace_writer_opts v7 = { .version = 7 };
static const struct trace_writer_opts v7_zstd = { .version = 7, .zstd = true, .subbuf_size = 512 };

/* @value, @size bytes of it, at @at: damaged, with @words, and no event is missing. */
static void patched(struct specimen *s, size_t at, u64 value, size_t size, const char *words)
{
	char was[8];

	memcpy(was, s->bytes + at, size);
	memcpy(s->bytes + at, &value, size);
	specimen_damaged(s, words, SPECIMEN_EVENTS);
	memcpy(s->bytes + at, was, size);
}

static u64 load(const struct specimen *s, size_t at, size_t size)
{
	u64 v = 0;

	memcpy(&v, s->bytes + at, size);
	return v;
}

static void heads(void **state)
{
	const struct trace_writer_opts *const both[] = { &v6, &v7 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		struct specimen s = specimen_make(both[i]);

		patched(&s, HEAD_LONG, 9, 1, "the head has words of 9 bytes, header_page of 8 (offset 13)");
		patched(&s, HEAD_LONG, 0, 1, "words of 0 bytes");
		patched(&s, HEAD_PAGE, 4097, 4,
			"the head has pages of 4097 bytes, header_page of 4096 (offset 14)");
		patched(&s, HEAD_PAGE, 0, 4, "pages of 0 bytes");
		patched(&s, HEAD_PAGE, 8192, 4, "pages of 8192 bytes");
		patched(&s, HEAD_PAGE, 0x80001000, 4, "pages of 2147487744 bytes");
		specimen_free(&s);
	}
}

static void whole(const struct specimen *s)
{
	struct read_capture rc;

	write_file(specimen_path, s->bytes, s->len);
	read_capture(&rc, specimen_path, NULL);
	assert_int_equal(rc.ret, 0);
	assert_int_equal(rc.nr, SPECIMEN_EVENTS);
	read_capture_fini(&rc);
}

/* 32-bit programs on 64-bit kernels and the other way round, and sub-buffers of several pages. */
static void what_may_differ(void **state)
{
	struct specimen s = specimen_make(&v6);

	(void)state;
	s.bytes[HEAD_LONG] = 4;
	whole(&s);
	specimen_free(&s);
	s = specimen_make(&(struct trace_writer_opts){ .version = 7, .long_size = 4 });
	s.bytes[HEAD_LONG] = 8;
	whole(&s);
	specimen_free(&s);
	s = specimen_make(&(struct trace_writer_opts){ .version = 7, .subbuf_size = 16384 });
	memcpy(s.bytes + HEAD_PAGE, &(u32){ 4096 }, 4);
	whole(&s);
	specimen_free(&s);
}

/* Offset of the section @id of version 7. */
static size_t section(const struct specimen *s, u16 id)
{
	size_t at = specimen_head_offset(s) + 8;

	while (load(s, at, 2) != id)
		at += 16 + load(s, at + SECTION_SIZE, 8);
	return at;
}

/* Of the first option @id of @len bytes behind @from: where its id stands. */
static size_t option(const struct specimen *s, size_t from, u16 id, u32 len)
{
	char head[6];

	memcpy(head, &id, 2);
	memcpy(head + 2, &len, 4);
	return specimen_find(s, from, head, sizeof(head));
}

/* The words of a message, whatever is left to use. */
static void told(const struct specimen *s, const char *words)
{
	struct read_capture rc;

	write_file(specimen_path, s->bytes, s->len);
	read_capture(&rc, specimen_path, NULL);
	assert_int_equal(rc.ret, -ERR_DAMAGED);
	specimen_one_line(&rc);
	if (!strstr(rc.err.text, words))
		fail_msg("%s: %s", words, rc.err.text);
	read_capture_fini(&rc);
}

static void options_and_sections(void **state)
{
	struct specimen s = specimen_make(&v7);
	const size_t options = load(&s, specimen_head_offset(&s), 8);
	const size_t buffer = section(&s, OPTION_BUFFER);
	static const char clock[] = "\0mono";
	const size_t cpus = specimen_find(&s, buffer + load(&s, buffer + SECTION_SIZE, 8), clock,
					  sizeof(clock)) + sizeof(clock) + 4;

	(void)state;
	patched(&s, option(&s, options, OPTION_CMDLINES, 8), 99, 2, "no option leads to a section");
	patched(&s, option(&s, options, OPTION_HEADER_INFO, 8), 99, 2,
		"no option leads to a section");
	/* The chain ends early: what is behind is found by its head. */
	patched(&s, load(&s, options + SECTION_SIZE, 8) + options + 16 - 8, 0, 8,
		"no option leads to a section");
	patched(&s, option(&s, options, OPTION_TRACECLOCK, 21), OPTION_DONE, 2,
		"the options go on behind the one that ends them");
	patched(&s, buffer + SECTION_SIZE, load(&s, buffer + SECTION_SIZE, 8) + 4096, 8,
		"the section of buffer \"\" ends at");
	patched(&s, section(&s, OPTION_CMDLINES) + 16, 0, 8, "more than it says");
	s.bytes[cpus + 4] = 1;
	told(&s, "option BUFFER has CPU 1 twice");
	specimen_free(&s);
}

/* The CPUs of a buffer are fewer than its option has room for: those are lost, but not silently. */
static void cpus_of_a_buffer(void **state)
{
	struct specimen s = specimen_make(&v7);
	static const char clock[] = "\0mono";
	const size_t from = section(&s, OPTION_BUFFER);
	const size_t at = specimen_find(&s, from + load(&s, from + SECTION_SIZE, 8), clock,
					sizeof(clock)) + sizeof(clock) + 4;
	u64 left = 0;

	(void)state;
	for (u64 i = 0; i < SPECIMEN_EVENTS; i++)
		left += s.v[i].ev.cpu == 0;
	s.bytes[at] = 1;
	specimen_damaged(&s, "option BUFFER says 1 CPUs and has room for 2", left);
	specimen_free(&s);
}

static void packed_parts(void **state)
{
	struct specimen s = specimen_make(&v7_zstd);
	const size_t buffer = section(&s, OPTION_BUFFER);
	size_t at = (buffer + 16 + 511) / 512 * 512;
	struct read_capture rc;

	(void)state;
	patched(&s, section(&s, OPTION_CMDLINES) + SECTION_SIZE,
		load(&s, section(&s, OPTION_CMDLINES) + SECTION_SIZE, 8) + 1, 8, "packed ones");
	/* One chunk fewer: its events are lost. */
	assert_true(load(&s, at, 4) > 1);
	s.bytes[at]--;
	write_file(specimen_path, s.bytes, s.len);
	read_capture(&rc, specimen_path, NULL);
	assert_int_equal(rc.ret, -ERR_DAMAGED);
	specimen_one_line(&rc);
	assert_non_null(strstr(rc.err.text, "CPU 0: bytes lie behind the last chunk"));
	specimen_prefixes(&rc, &s);
	read_capture_fini(&rc);
	specimen_free(&s);
}

static void places_of_cpu_data(void **state)
{
	struct specimen s = specimen_make(&v6);
	const size_t table = specimen_find(&s, 0, "flyrecord", 10) + 10;
	const u64 first = load(&s, table, 8), second = load(&s, table + 16, 8);
	const u64 size = load(&s, table + 8, 8);

	(void)state;
	assert_true(size > 4096);
	/* A page less, of CPU 0 and of the last one. */
	memcpy(s.bytes + table + 8, &(u64){ size - 4096 }, 8);
	told(&s, "a page behind the data of CPU 0 is no CPU's");
	memcpy(s.bytes + table + 8, &size, 8);
	memcpy(s.bytes + table + 24, &(u64){ load(&s, table + 24, 8) - 4096 }, 8);
	told(&s, "a page behind the data of CPU 1 is no CPU's");
	memcpy(s.bytes + table + 24, &(u64){ load(&s, table + 24, 8) + 4096 }, 8);
	memcpy(s.bytes + table + 16, &first, 8);
	told(&s, "overlap");
	memcpy(s.bytes + table + 16, &second, 8);
	memcpy(s.bytes + table, &(u64){ first + 4 }, 8);
	told(&s, "the data of CPU 0 begin within a page");
	specimen_free(&s);
}

/* Files joined with cat: the first is read, and the second is told of. */
static void joined(void **state)
{
	const struct trace_writer_opts *const all[] = { &v6, &v7, &v7_zstd };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct specimen s = specimen_make(all[i]);
		const size_t len = s.len;
		char place[64];

		s.bytes = realloc(s.bytes, 2 * len + 65560);
		assert_non_null(s.bytes);
		/* At the end, and around the place where two windows meet. */
		for (size_t gap = 0; gap < 65560; gap += gap ? 1 : 65500) {
			memset(s.bytes + len, 0, gap);
			memcpy(s.bytes + len + gap, s.bytes, len);
			s.len = 2 * len + gap;
			snprintf(place, sizeof(place),
				 "another trace.dat begins within it (offset %zu)", len + gap);
			told(&s, place);
		}
		specimen_free(&s);
	}
}

static void words_of_pages(void **state)
{
	struct specimen s = specimen_make(&v6);
	const size_t table = specimen_find(&s, 0, "flyrecord", 10) + 10;
	const size_t page = load(&s, table, 8), commit = page + 8, record = page + 16;

	(void)state;
	patched(&s, commit, load(&s, commit, 8) | 1 << 27, 8, "bits that mean nothing");
	patched(&s, commit, load(&s, commit, 8) | 1 << 30, 8, "bits that mean nothing");
	patched(&s, commit, load(&s, commit, 8) | 1ULL << 45, 8, "bits that mean nothing");
	/* A record that takes the next ones with it. */
	s.bytes[record] = (char)((s.bytes[record] & 0xe0) | 28);
	told(&s, "not as long as its format");
	specimen_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads),
		cmocka_unit_test(what_may_differ),
		cmocka_unit_test(options_and_sections),
		cmocka_unit_test(cpus_of_a_buffer),
		cmocka_unit_test(packed_parts),
		cmocka_unit_test(places_of_cpu_data),
		cmocka_unit_test(joined),
		cmocka_unit_test(words_of_pages),
	};

	return cmocka_run_group_tests(tests, specimen_begin, specimen_end);
}
