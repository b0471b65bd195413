// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged captures: cut anywhere, any byte of the metadata changed, lengths that lie. Never a
 * crash; what lies before the damage is used; one line names the file and the place.
 */
#include "tests/lib/csv_file.h"
#include "tests/lib/specimen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CUT_STEP 149

static u64 cut_at(const struct specimen *s, size_t len)
{
	struct read_capture rc;
	u64 nr;

	write_file(specimen_path, s->bytes, len);
	read_capture(&rc, specimen_path, NULL);
	specimen_prefixes(&rc, s);
	if (rc.nr < SPECIMEN_EVENTS)
		assert_int_equal(rc.ret, -ERR_DAMAGED);
	if (rc.ret)
		specimen_one_line(&rc);
	if (rc.nr && rc.ret) {
		assert_true(rc.meta.partial);
		assert_string_equal(rc.meta.partial_why, rc.err.text);
	}
	nr = rc.nr;
	read_capture_fini(&rc);
	return nr;
}

static void cut_everywhere(const struct trace_writer_opts *opts)
{
	struct specimen s = specimen_make(opts);
	u64 most = 0, some = 0;

	for (size_t len = 0; len < s.len; len += CUT_STEP) {
		u64 nr = cut_at(&s, len);

		some += nr && nr < SPECIMEN_EVENTS;
		most = nr > most ? nr : most;
	}
	assert_int_equal(cut_at(&s, s.len), SPECIMEN_EVENTS);
	/* Cuts inside the data must give events, not only refusals. */
	assert_true(some > 10);
	assert_true(most > SPECIMEN_EVENTS / 2);
	specimen_free(&s);
}

static void cut_v6(void **state)
{
	(void)state;
	cut_everywhere(&(struct trace_writer_opts){ .version = 6 });
	cut_everywhere(&(struct trace_writer_opts){ .version = 6, .buffer = "inst",
						    .big_endian = true, .long_size = 4 });
}

static void cut_v7(void **state)
{
	(void)state;
	cut_everywhere(&(struct trace_writer_opts){ .version = 7 });
}

static void cut_v7_zstd(void **state)
{
	(void)state;
	cut_everywhere(&(struct trace_writer_opts){ .zstd = true, .subbuf_size = 512 });
	cut_everywhere(&(struct trace_writer_opts){ .zstd = true, .subbuf_size = 512,
						    .big_endian = true, .buffer = "inst" });
}

/* Change each byte once; the change differs from byte to byte. */
static void flip_bytes(const struct trace_writer_opts *opts, size_t step)
{
	struct specimen s = specimen_make(opts);
	u64 refused = 0, read_all = 0;

	for (size_t at = 0; at < s.len; at += step) {
		char was = s.bytes[at];
		struct read_capture rc;

		s.bytes[at] = (char)(was ^ (1 << at % 8));
		write_file(specimen_path, s.bytes, s.len);
		s.bytes[at] = was;
		read_capture(&rc, specimen_path, NULL);
		assert_true(rc.ret == 0 || rc.ret == -ERR_DAMAGED);
		if (rc.ret)
			specimen_one_line(&rc);
		refused += rc.ret != 0;
		read_all += rc.nr == SPECIMEN_EVENTS;
		read_capture_fini(&rc);
	}
	assert_true(refused > 10);
	assert_true(read_all > 10);
	specimen_free(&s);
}

static void flip_v6(void **state)
{
	(void)state;
	flip_bytes(&(struct trace_writer_opts){ .version = 6, .buffer = "inst" }, 29);
}

static void flip_v7(void **state)
{
	(void)state;
	flip_bytes(&(struct trace_writer_opts){ .version = 7 }, 31);
}

static void flip_v7_zstd(void **state)
{
	(void)state;
	flip_bytes(&(struct trace_writer_opts){ .zstd = true, .buffer = "inst" }, 13);
}

static void options_offset_is_garbage(void **state)
{
	struct specimen s = specimen_make(&(struct trace_writer_opts){ .zstd = true,
								       .buffer = "inst" });
	size_t at = specimen_head_offset(&s);

	(void)state;
	/* Sections are found by scanning: nothing is lost. */
	memset(s.bytes + at, 0x5a, 8);
	specimen_damaged(&s, "are missing, cut off or damaged", SPECIMEN_EVENTS);
	memset(s.bytes + at, 0, 8);
	specimen_damaged(&s, "(offset 0)", SPECIMEN_EVENTS);
	/* And the file ends behind the metadata, as when recording was killed. */
	s.len = at + 8;
	specimen_damaged(&s, "are missing, cut off or damaged", 0);
	specimen_free(&s);
}

static void options_lead_in_a_circle(void **state)
{
	struct specimen s = specimen_make(&(struct trace_writer_opts){ .version = 7 });
	size_t at = specimen_head_offset(&s);

	(void)state;
	/* The last 8 bytes are the offset of the next options: none. */
	memcpy(s.bytes + s.len - 8, s.bytes + at, 8);
	specimen_damaged(&s, "leads back to itself", SPECIMEN_EVENTS);
	specimen_free(&s);
}

static void chunk_sizes_lie(void **state)
{
	static const u8 zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	struct specimen s = specimen_make(&(struct trace_writer_opts){ .zstd = true });
	size_t chunk = 0;
	u64 left = 0;

	(void)state;
	for (u64 i = 0; i < SPECIMEN_EVENTS; i++)
		left += s.v[i].ev.cpu == 1;
	/* CPU data begins on a page; its first frame is 12 bytes in. */
	while (chunk % 4096 != 12)
		chunk = specimen_find(&s, chunk + 1, zstd_magic, sizeof(zstd_magic));
	for (u32 size = 0; size < 2; size++) {
		char *word = s.bytes + chunk - (size ? 4 : 8);
		char was[4];

		memcpy(was, word, 4);
		memset(word, 0x7f, 4);
		specimen_damaged(&s, size ? "impossible size" : "wrong size", left);
		memset(word, 0, 4);
		specimen_damaged(&s, "impossible size", left);
		memcpy(word, was, 4);
	}
	/* The frame itself. */
	s.bytes[chunk] = 0;
	specimen_damaged(&s, "cannot be decompressed", left);
	specimen_free(&s);
}

static void page_size_of_a_buffer(void **state)
{
	struct specimen s = specimen_make(&(struct trace_writer_opts){ .buffer = "inst" });
	static const char clock[] = "inst\0mono";
	size_t at = specimen_find(&s, 0, clock, sizeof(clock));

	(void)state;
	s.bytes[at + sizeof(clock)] = 1;
	/* header_page says it, too. */
	specimen_damaged(&s, "pages of 4097 bytes", SPECIMEN_EVENTS);
	memset(s.bytes + at + sizeof(clock), 0, 4);
	specimen_damaged(&s, "pages of 0 bytes", SPECIMEN_EVENTS);
	memset(s.bytes + at + sizeof(clock), 0xff, 4);
	specimen_damaged(&s, "pages of 4294967295 bytes", SPECIMEN_EVENTS);
	specimen_free(&s);
}

static void impossible_numbers_of_cpus(void **state)
{
	struct specimen s = specimen_make(&(struct trace_writer_opts){ .buffer = "inst" });
	static const char clock[] = "inst\0mono";
	size_t at = specimen_find(&s, 0, clock, sizeof(clock)) + sizeof(clock) + 4;

	(void)state;
	memset(s.bytes + at, 0xff, 4);
	/* The option is useless, but the section is found by its own head. */
	specimen_damaged(&s, "option BUFFER", SPECIMEN_EVENTS);
	specimen_damaged(&s, "found by scanning is used", SPECIMEN_EVENTS);
	specimen_free(&s);
	s = specimen_make(&(struct trace_writer_opts){ .version = 6 });
	at = specimen_find(&s, 0, "options  ", 10);
	memset(s.bytes + at - 4, 0xff, 4);
	/* CPUCOUNT repeats the number and is the one that is believed. */
	at = specimen_find(&s, at, "\x08\0\x04\0\0\0\x02\0\0\0", 10);
	memset(s.bytes + at + 6, 0xff, 4);
	specimen_damaged(&s, "4294967295 CPUs", 0);
	specimen_free(&s);
}

static void format_of_one_event(void **state)
{
	struct specimen s = specimen_make(&(struct trace_writer_opts){ .version = 7 });
	size_t at = specimen_find(&s, 0, "name: mm_page_free\n", 19);
	u64 left = 0;
	struct read_capture rc;

	(void)state;
	/* "field:unsigned long pfn;\toffset:8" made "offset:9999999". */
	at = specimen_find(&s, at, "pfn;\toffset:8;\tsize:8;\tsig", 26);
	memcpy(s.bytes + at, "pfn;\toffset:99999999999999", 26);
	for (u64 i = 0; i < SPECIMEN_EVENTS; i++)
		left += s.v[i].ev.kind != EVENT_PAGE_FREE;
	write_file(specimen_path, s.bytes, s.len);
	read_capture(&rc, specimen_path, NULL);
	assert_int_equal(rc.ret, -ERR_DAMAGED);
	assert_non_null(strstr(rc.err.text, "the format of mm_page_free is damaged"));
	assert_int_equal(rc.nr, left);
	assert_int_equal(rc.meta.unknown_events, SPECIMEN_EVENTS - left);
	read_capture_fini(&rc);
	specimen_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_v6),
		cmocka_unit_test(cut_v7),
		cmocka_unit_test(cut_v7_zstd),
		cmocka_unit_test(flip_v6),
		cmocka_unit_test(flip_v7),
		cmocka_unit_test(flip_v7_zstd),
		cmocka_unit_test(options_offset_is_garbage),
		cmocka_unit_test(options_lead_in_a_circle),
		cmocka_unit_test(chunk_sizes_lie),
		cmocka_unit_test(page_size_of_a_buffer),
		cmocka_unit_test(impossible_numbers_of_cpus),
		cmocka_unit_test(format_of_one_event),
	};

	return cmocka_run_group_tests(tests, specimen_begin, specimen_end);
}
