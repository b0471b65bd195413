// SPDX-License-Identifier: GPL-2.0
/*
 * The event log, damaged: cut at every byte, every byte changed. A reader may lose events at the
 * end; it never crashes and never gives a wrong one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/log_case.h"

#define NR_EVENTS 150
#define PER_FRAME 50

/* One small log for all tests: @bytes of the file, frames at @img->index. */
static struct log_case events;
static struct log_image *img;
static u8 *bytes;
static size_t len, header;
static const char *path;
static struct error err;

static int setup(void **state __unused)
{
	events = case_new(NR_EVENTS, 42);
	img = case_image(&events, PER_FRAME);
	path = temp_path(0, "log");
	if (log_save(img, path, &err))
		return -1;
	bytes = file_bytes(path, &len);
	header = len - img->body.size - seek_table_size(img->index.nr);
	return 0;
}

static int teardown(void **state __unused)
{
	free(bytes);
	log_image_free(img);
	case_fini(&events);
	log_folder_remove();
	return 0;
}

static int reset(void **state __unused)
{
	memset(&err, 0, sizeof(err));
	return 0;
}

/* Events in the frames that end at or before byte @end of the file. */
static u32 events_before(size_t end)
{
	u32 nr = 0;

	for (u32 i = 0; i < img->index.nr; i++) {
		const struct frame_pos *pos = &img->index.pos[i];

		if (header + pos->offset + pos->info_size + pos->csize <= end)
			nr += PER_FRAME;
	}
	return nr;
}

static void expect_counts(const struct log_meta *meta, u32 nr)
{
	u64 count[NR_EVENT_KINDS] = { 0 };

	for (u32 i = 0; i < nr; i++)
		count[events.ev[i].kind]++;
	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		assert_int_equal(meta->count[k], count[k]);
	assert_int_equal(meta->nr_events, nr);
	assert_int_equal(meta->first_time, nr ? events.ev[0].time : 0);
	assert_int_equal(meta->last_time, nr ? events.ev[nr - 1].time : 0);
}

/* Strict reading of @path must fail with ERR_DAMAGED, at the open or at a frame. */
static void expect_strict_refuses(void)
{
	struct error e = { ERR_NONE, "" };
	struct log_reader *r = log_reader_open(path, true, &e);
	u32 nr;

	if (r)
		assert_int_equal(case_expect_prefix(&events, r, 0, &nr, &e), -ERR_DAMAGED);
	assert_int_equal(e.code, ERR_DAMAGED);
	assert_non_null(strstr(e.text, path));
	assert_null(strchr(e.text, '\n'));
	log_reader_free(r);
}

/* Default reading. Return: events that came, all of them right; -1 when refused */
static int read_default(bool *partial)
{
	struct error e = { ERR_NONE, "" };
	struct log_reader *r = log_reader_open(path, false, &e);
	u32 nr;

	if (!r) {
		assert_int_equal(e.code, ERR_DAMAGED);
		return -1;
	}
	assert_int_equal(case_expect_prefix(&events, r, 0, &nr, &e), 0);
	*partial = log_reader_meta(r)->partial;
	if (*partial)
		assert_non_null(strstr(log_reader_meta(r)->partial_why, "offset"));
	expect_counts(log_reader_meta(r), nr);
	log_reader_free(r);
	return (int)nr;
}

static void test_cut_everywhere(void **state __unused)
{
	for (size_t n = 0; n < len; n++) {
		bool partial = false;
		int nr;

		file_put(path, bytes, n);
		expect_strict_refuses();
		nr = read_default(&partial);
		if (n < header) {
			assert_int_equal(nr, -1);
		} else {
			assert_int_equal(nr, events_before(n));
			assert_true(partial);
		}
	}
}

/* Change byte @at; everything before its frame must come, everything that comes must be right. */
static void flip(size_t at, u8 mask)
{
	bool partial = false;
	u32 before;
	int nr;

	bytes[at] ^= mask;
	file_put(path, bytes, len);
	bytes[at] ^= mask;
	nr = read_default(&partial);
	before = at < header ? 0 : events_before(at);
	if (nr >= 0) {
		assert_in_range(nr, before, NR_EVENTS);
		if (nr < NR_EVENTS)
			assert_true(partial);
	}
	if (at >= header && at < header + img->body.size && nr == NR_EVENTS)
		assert_false(partial);	/* a bit that zstd does not use */
	else
		expect_strict_refuses();
	if (at >= header)
		assert_true(nr >= 0);
	if (at >= header + img->body.size)
		assert_int_equal(nr, NR_EVENTS);	/* the seek table can be done without */
}

static void test_flip_everywhere(void **state __unused)
{
	static const u8 masks[] = { 0xff, 0x01, 0x80 };

	for (size_t at = 0; at < len; at++)
		for (u32 m = 0; m < ARRAY_SIZE(masks); m++)
			flip(at, masks[m]);
}

/* Payload damage must be noticed, not only survived; zstd has a few bits without a meaning. */
static void test_payload_checksum(void **state __unused)
{
	const struct frame_pos *pos = &img->index.pos[1];
	const size_t from = header + pos->offset + pos->info_size;
	u32 without_meaning = 0;

	for (size_t at = from; at < from + pos->csize; at++) {
		bool partial = false;
		int nr;

		bytes[at] ^= 0x10;
		file_put(path, bytes, len);
		bytes[at] ^= 0x10;
		nr = read_default(&partial);
		without_meaning += nr == NR_EVENTS;
		assert_true(partial ? nr == PER_FRAME : nr == NR_EVENTS);
	}
	assert_in_range(without_meaning, 0, 4);
}

static void test_seek_in_damaged_log(void **state __unused)
{
	const struct frame_pos *pos = &img->index.pos[1];
	struct log_reader *r;
	u32 nr;

	bytes[header + pos->offset + 20] ^= 1;	/* the info of frame 1 */
	file_put(path, bytes, len);
	bytes[header + pos->offset + 20] ^= 1;
	r = log_reader_open(path, false, &err);
	assert_non_null(r);
	assert_int_equal(log_reader_seek(r, events.ev[NR_EVENTS - 1].time, &err), 0);
	assert_int_equal(case_expect_prefix(&events, r, PER_FRAME, &nr, &err), 0);
	assert_int_equal(nr, 0);
	expect_counts(log_reader_meta(r), PER_FRAME);
	assert_int_equal(log_reader_rewind(r, &err), 0);
	assert_int_equal(case_expect_prefix(&events, r, 0, &nr, &err), 0);
	assert_int_equal(nr, PER_FRAME);
	log_reader_free(r);
}

static void test_bytes_behind(void **state __unused)
{
	u8 *more = malloc(len + 5);
	bool partial = false;

	memcpy(more, bytes, len);
	memset(more + len, 'x', 5);
	file_put(path, more, len + 5);
	free(more);
	assert_int_equal(read_default(&partial), NR_EVENTS);
	assert_true(partial);
	expect_strict_refuses();
}

static void test_not_a_log(void **state __unused)
{
	static const char text[] = "\x17\x08\x44tracing6 this is something else";

	file_put(path, text, sizeof(text));
	assert_null(log_reader_open(path, false, &err));
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "not an event log"));
	memset(&err, 0, sizeof(err));
	assert_null(log_reader_open(temp_path(1, "nowhere"), false, &err));
	assert_int_equal(err.code, ERR_IO);
	assert_non_null(strstr(err.text, "nowhere"));
	memset(&err, 0, sizeof(err));
	assert_null(log_reader_open(log_folder(), false, &err));
	assert_int_equal(err.code, ERR_IO);
}

/* A header with version @version, feature bits @bits and JSON @json, checksum right. */
static void put_header(u16 version, u16 bits, const char *json)
{
	const u32 n = (u32)strlen(json);
	u8 *head = malloc(wire_header_size(n));

	wire_put_header(head, json, n);
	put_le16(head + 16, version);
	put_le16(head + 18, bits);
	put_le32(head + WIRE_HEADER_FIXED + n, wire_crc32(head, WIRE_HEADER_FIXED + n));
	file_put(path, head, wire_header_size(n));
	free(head);
}

static void test_newer_header(void **state __unused)
{
	struct log_reader *r;

	put_header(2, 0, "{}");
	assert_null(log_reader_open(path, false, &err));
	assert_non_null(strstr(err.text, "version"));
	memset(&err, 0, sizeof(err));
	put_header(1, 0x8000, "{}");
	assert_null(log_reader_open(path, false, &err));
	assert_non_null(strstr(err.text, "newer"));
	memset(&err, 0, sizeof(err));
	put_header(1, 0, "{\"from_the_future\":[1,2]}");
	r = log_reader_open(path, false, &err);
	assert_non_null(r);
	log_reader_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_cut_everywhere, reset),
		cmocka_unit_test_setup(test_flip_everywhere, reset),
		cmocka_unit_test_setup(test_payload_checksum, reset),
		cmocka_unit_test_setup(test_seek_in_damaged_log, reset),
		cmocka_unit_test_setup(test_bytes_behind, reset),
		cmocka_unit_test_setup(test_not_a_log, reset),
		cmocka_unit_test_setup(test_newer_header, reset),
	};

	return cmocka_run_group_tests_name("log_damage", tests, setup, teardown);
}
