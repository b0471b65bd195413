// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged captures: cut anywhere, any byte of the metadata changed, lengths that lie. Never a
 * crash; what lies before the damage is used; one line names the file and the place.
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

#define NR_EVENTS 600
#define NR_CPUS 2
#define CUT_STEP 149

/* A small capture in memory, to be damaged, and what it holds. */
struct specimen {
	struct seen_event *v;
	char *bytes;
	size_t len;
};

static char *folder;
static char path[512];

static int make_folder(void **state)
{
	(void)state;
	folder = temp_folder();
	snprintf(path, sizeof(path), "%s/damaged.dat", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

static struct specimen make_specimen(const struct trace_writer_opts *opts)
{
	static const u16 cpus[NR_CPUS] = { 0, 1 };
	struct specimen s = { .v = make_events(NR_EVENTS, cpus, NR_CPUS) };

	write_capture(path, opts, s.v, NR_EVENTS);
	s.bytes = file_load(folder, "damaged.dat", &s.len);
	return s;
}

static void free_specimen(struct specimen *s)
{
	free(s->v);
	free(s->bytes);
}

static void assert_one_line(const struct read_capture *rc)
{
	assert_int_equal(strncmp(rc->err.text, path, strlen(path)), 0);
	assert_null(strchr(rc->err.text, '\n'));
	assert_non_null(strstr(rc->err.text, " - "));
}

/* What was read of each CPU is what that CPU wrote first. */
static void assert_prefixes(const struct read_capture *rc, const struct specimen *s)
{
	for (u16 cpu = 0; cpu < NR_CPUS; cpu++) {
		u64 want = 0;

		for (u64 i = 0; i < rc->nr; i++) {
			/* Command lines may be gone, the pids may not. */
			struct seen_event got = rc->v[i];

			if (got.ev.cpu != cpu)
				continue;
			while (want < NR_EVENTS && s->v[want].ev.cpu != cpu)
				want++;
			assert_true(want < NR_EVENTS);
			memcpy(got.comm, s->v[want].comm, sizeof(got.comm));
			assert_same_event(&got, &s->v[want]);
			want++;
		}
	}
}

static u64 cut_at(const struct specimen *s, size_t len)
{
	struct read_capture rc;
	u64 nr;

	write_file(path, s->bytes, len);
	read_capture(&rc, path, NULL);
	assert_prefixes(&rc, s);
	if (rc.nr < NR_EVENTS)
		assert_int_equal(rc.ret, -ERR_DAMAGED);
	if (rc.ret)
		assert_one_line(&rc);
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
	struct specimen s = make_specimen(opts);
	u64 most = 0, some = 0;

	for (size_t len = 0; len < s.len; len += CUT_STEP) {
		u64 nr = cut_at(&s, len);

		some += nr && nr < NR_EVENTS;
		most = nr > most ? nr : most;
	}
	assert_int_equal(cut_at(&s, s.len), NR_EVENTS);
	/* Cuts inside the data must give events, not only refusals. */
	assert_true(some > 10);
	assert_true(most > NR_EVENTS / 2);
	free_specimen(&s);
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
	struct specimen s = make_specimen(opts);
	u64 refused = 0, read_all = 0;

	for (size_t at = 0; at < s.len; at += step) {
		char was = s.bytes[at];
		struct read_capture rc;

		s.bytes[at] = (char)(was ^ (1 << at % 8));
		write_file(path, s.bytes, s.len);
		s.bytes[at] = was;
		read_capture(&rc, path, NULL);
		assert_true(rc.ret == 0 || rc.ret == -ERR_DAMAGED);
		if (rc.ret)
			assert_one_line(&rc);
		refused += rc.ret != 0;
		read_all += rc.nr == NR_EVENTS;
		read_capture_fini(&rc);
	}
	assert_true(refused > 10);
	assert_true(read_all > 10);
	free_specimen(&s);
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

/* Offset in @s of @needle (@len bytes), from @from on. */
static size_t find(const struct specimen *s, size_t from, const void *needle, size_t len)
{
	for (size_t i = from; i + len <= s->len; i++)
		if (!memcmp(s->bytes + i, needle, len))
			return i;
	fail_msg("the specimen lacks what the test wants to damage");
	return 0;
}

static void damaged_read(const struct specimen *s, const char *words, u64 nr)
{
	struct read_capture rc;

	write_file(path, s->bytes, s->len);
	read_capture(&rc, path, NULL);
	assert_int_equal(rc.ret, -ERR_DAMAGED);
	assert_one_line(&rc);
	assert_non_null(strstr(rc.err.text, words));
	assert_int_equal(rc.nr, nr);
	assert_prefixes(&rc, s);
	read_capture_fini(&rc);
}

/* The offset of the first options lies behind the name and version of the compression. */
static size_t head_offset(const struct specimen *s)
{
	size_t at = 18 + strlen(s->bytes + 18) + 1;

	return at + strlen(s->bytes + at) + 1;
}

static void options_offset_is_garbage(void **state)
{
	struct specimen s = make_specimen(&(struct trace_writer_opts){ .zstd = true,
								       .buffer = "inst" });
	size_t at = head_offset(&s);

	(void)state;
	/* Sections are found by scanning: nothing is lost. */
	memset(s.bytes + at, 0x5a, 8);
	damaged_read(&s, "are missing, cut off or damaged", NR_EVENTS);
	memset(s.bytes + at, 0, 8);
	damaged_read(&s, "(offset 0)", NR_EVENTS);
	/* And the file ends behind the metadata, as when recording was killed. */
	s.len = at + 8;
	damaged_read(&s, "are missing, cut off or damaged", 0);
	free_specimen(&s);
}

static void options_lead_in_a_circle(void **state)
{
	struct specimen s = make_specimen(&(struct trace_writer_opts){ .version = 7 });
	size_t at = head_offset(&s);

	(void)state;
	/* The last 8 bytes are the offset of the next options: none. */
	memcpy(s.bytes + s.len - 8, s.bytes + at, 8);
	damaged_read(&s, "leads back to itself", NR_EVENTS);
	free_specimen(&s);
}

static void chunk_sizes_lie(void **state)
{
	static const u8 zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	struct specimen s = make_specimen(&(struct trace_writer_opts){ .zstd = true });
	size_t chunk = 0;
	u64 left = 0;

	(void)state;
	for (u64 i = 0; i < NR_EVENTS; i++)
		left += s.v[i].ev.cpu == 1;
	/* CPU data begins on a page; its first frame is 12 bytes in. */
	while (chunk % 4096 != 12)
		chunk = find(&s, chunk + 1, zstd_magic, sizeof(zstd_magic));
	for (u32 size = 0; size < 2; size++) {
		char *word = s.bytes + chunk - (size ? 4 : 8);
		char was[4];

		memcpy(was, word, 4);
		memset(word, 0x7f, 4);
		damaged_read(&s, size ? "impossible size" : "wrong size", left);
		memset(word, 0, 4);
		damaged_read(&s, "impossible size", left);
		memcpy(word, was, 4);
	}
	/* The frame itself. */
	s.bytes[chunk] = 0;
	damaged_read(&s, "cannot be decompressed", left);
	free_specimen(&s);
}

static void page_size_of_a_buffer(void **state)
{
	struct specimen s = make_specimen(&(struct trace_writer_opts){ .buffer = "inst" });
	static const char clock[] = "inst\0mono";
	size_t at = find(&s, 0, clock, sizeof(clock));

	(void)state;
	s.bytes[at + sizeof(clock)] = 1;
	damaged_read(&s, "pages of 4097 bytes", 0);
	memset(s.bytes + at + sizeof(clock), 0, 4);
	damaged_read(&s, "pages of 0 bytes", 0);
	memset(s.bytes + at + sizeof(clock), 0xff, 4);
	damaged_read(&s, "pages of 4294967295 bytes", 0);
	free_specimen(&s);
}

static void impossible_numbers_of_cpus(void **state)
{
	struct specimen s = make_specimen(&(struct trace_writer_opts){ .buffer = "inst" });
	static const char clock[] = "inst\0mono";
	size_t at = find(&s, 0, clock, sizeof(clock)) + sizeof(clock) + 4;

	(void)state;
	memset(s.bytes + at, 0xff, 4);
	/* The option is useless, but the section is found by its own head. */
	damaged_read(&s, "option BUFFER", NR_EVENTS);
	damaged_read(&s, "found by scanning is used", NR_EVENTS);
	free_specimen(&s);
	s = make_specimen(&(struct trace_writer_opts){ .version = 6 });
	at = find(&s, 0, "options  ", 10);
	memset(s.bytes + at - 4, 0xff, 4);
	/* CPUCOUNT repeats the number and is the one that is believed. */
	at = find(&s, at, "\x08\0\x04\0\0\0\x02\0\0\0", 10);
	memset(s.bytes + at + 6, 0xff, 4);
	damaged_read(&s, "4294967295 CPUs", 0);
	free_specimen(&s);
}

static void format_of_one_event(void **state)
{
	struct specimen s = make_specimen(&(struct trace_writer_opts){ .version = 7 });
	size_t at = find(&s, 0, "name: mm_page_free\n", 19);
	u64 left = 0;
	struct read_capture rc;

	(void)state;
	/* "field:unsigned long pfn;\toffset:8" made "offset:9999999". */
	at = find(&s, at, "pfn;\toffset:8;\tsize:8;\tsig", 26);
	memcpy(s.bytes + at, "pfn;\toffset:99999999999999", 26);
	for (u64 i = 0; i < NR_EVENTS; i++)
		left += s.v[i].ev.kind != EVENT_PAGE_FREE;
	write_file(path, s.bytes, s.len);
	read_capture(&rc, path, NULL);
	assert_int_equal(rc.ret, -ERR_DAMAGED);
	assert_non_null(strstr(rc.err.text, "the format of mm_page_free is damaged"));
	assert_int_equal(rc.nr, left);
	assert_int_equal(rc.meta.unknown_events, NR_EVENTS - left);
	read_capture_fini(&rc);
	free_specimen(&s);
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

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
