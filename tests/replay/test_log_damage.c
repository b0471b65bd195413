// SPDX-License-Identifier: GPL-2.0
/*
 * The event log, damaged: cut at every byte, every byte changed, hostile content behind good
 * checksums. A reader may lose events at the end; it never crashes and never gives a wrong one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#include "replay/log_frame.h"
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

/* ---- hostile content ---- */

struct content {
	struct frame_info info;
	u8 raw[65536];
	u8 packed[70000];
};

static void unpack(struct content *c, u32 frame)
{
	const struct frame_pos *pos = &img->index.pos[frame];
	const u8 *p = img->body.mem + pos->offset;

	assert_null(wire_get_info(p, pos->info_size, &c->info));
	assert_true(c->info.usize <= sizeof(c->raw));
	assert_int_equal(ZSTD_decompress(c->raw, sizeof(c->raw), p + pos->info_size, pos->csize),
			 c->info.usize);
}

static void pack(struct content *c)
{
	c->info.csize = (u32)ZSTD_compress(c->packed, sizeof(c->packed), c->raw, c->info.usize, 1);
}

/* Any content behind a good checksum: decoding must end, in order or with a reason. */
static void test_hostile_content(void **state __unused)
{
	struct frame_decoder *dec = frame_decoder_new();
	struct content *c = calloc(1, sizeof(*c));
	struct intern tasks, strings;
	struct event_block b;
	u32 refused = 0, tried = 0;

	assert_int_equal(event_block_init(&b), 0);
	assert_int_equal(intern_init(&tasks, INTERN_MAX_TASKS), 0);
	assert_int_equal(intern_init(&strings, INTERN_MAX_STRINGS), 0);
	unpack(c, 0);
	for (size_t at = 0; at < c->info.usize; at++) {
		static const u8 values[] = { 0, 1, 0x7f, 0x80, 0xff };
		const u8 old = c->raw[at];

		for (u32 v = 0; v < ARRAY_SIZE(values); v++, tried++) {
			c->raw[at] = values[v];
			pack(c);
			refused += frame_decode(dec, &c->info, c->packed, &tasks, &strings, &b) !=
				   NULL;
			assert_true(b.nr <= EVENT_BLOCK_MAX);
		}
		c->raw[at] = old;
	}
	assert_in_range(refused, tried / 4, tried - 1);
	pack(c);
	assert_null(frame_decode(dec, &c->info, c->packed, &tasks, &strings, &b));
	assert_int_equal(b.nr, PER_FRAME);
	free(c);
	event_block_fini(&b);
	intern_fini(&tasks);
	intern_fini(&strings);
	frame_decoder_free(dec);
}

static void expect_info_refused(const struct frame_info *info, const char *want)
{
	struct frame_info out;
	u8 raw[WIRE_INFO_MAX];
	const char *why;

	wire_put_info(raw, info);
	why = wire_get_info(raw, sizeof(raw), &out);
	if (!want) {
		assert_null(why);
		return;
	}
	assert_non_null(why);
	assert_non_null(strstr(why, want));
}

static void test_hostile_info(void **state __unused)
{
	const struct frame_info good = { .nr_events = 3, .first_time = 5, .last_time = 5,
					 .usize = 100, .nr_kinds = 2,
					 .kinds = { { 1, 0, 0, 1 }, { 200, 16, 0, 2 } } };
	struct frame_info bad;

	expect_info_refused(&good, NULL);
#define BAD(member, value, why) \
	(bad = good, bad.member = (value), expect_info_refused(&bad, why))
	BAD(nr_events, 0, "number of events");
	BAD(nr_events, EVENT_BLOCK_MAX + 1, "number of events");
	BAD(nr_events, 4, "counts");
	BAD(first_time, 6, "backwards");
	BAD(usize, ~0u, "too large");
	BAD(usize, WIRE_TABLES_MAX + 3 * (128 + 11 * 16), NULL);
	BAD(usize, WIRE_TABLES_MAX + 3 * (128 + 11 * 16) + 1, "too large");
	BAD(kinds[1].kind, 1, "out of order");
	BAD(kinds[1].nr_extra, 17, "extra");
	BAD(kinds[0].count, 0, "without events");
#undef BAD
}

/* ---- what a newer program may write ---- */

/* The kind column and the table of kinds: @from becomes @to. */
static void rename_kind(struct content *c, u8 from, u8 to)
{
	u8 *kind = c->raw + FRAME_HEAD;

	for (u32 sec = 0; sec < SEC_KIND; sec++)
		kind += get_le32(c->raw + 4 * (size_t)sec);
	for (u32 i = 0; i < c->info.nr_events; i++)
		if (kind[i] == from)
			kind[i] = to;
	for (u32 k = 0; k < c->info.nr_kinds; k++)
		if (c->info.kinds[k].kind == from)
			c->info.kinds[k].kind = to;
}

/*
 * A frame whose kind EVENT_LOST (the last, one word) is called 13 is the frame of a newer
 * program: its events are left out, all others come with the right words. The page frame numbers
 * depend on the kind, so the frame is encoded anew from the events.
 */
static void test_unknown_kind(void **state __unused)
{
	struct log_case c = case_new(400, 8);
	struct log_image *one;
	struct content *content = calloc(1, sizeof(*content));
	struct frame_decoder *dec = frame_decoder_new();
	struct intern tasks, strings;
	struct event_block b;
	const u64 *extra;
	u32 to = 0;

	for (u32 i = 0; i < c.nr; i++)
		c.ev[i].pfn = 0;	/* predicted alike whatever the kind */
	one = case_image(&c, 400);
	assert_int_equal(event_block_init(&b), 0);
	assert_int_equal(intern_init(&tasks, INTERN_MAX_TASKS), 0);
	assert_int_equal(intern_init(&strings, INTERN_MAX_STRINGS), 0);
	assert_null(wire_get_info(one->body.mem, one->body.size, &content->info));
	assert_int_equal(ZSTD_decompress(content->raw, sizeof(content->raw),
					 one->body.mem + one->index.pos[0].info_size,
					 content->info.csize), content->info.usize);
	rename_kind(content, EVENT_LOST, NR_EVENT_KINDS);
	pack(content);
	assert_null(frame_decode(dec, &content->info, content->packed, &tasks, &strings, &b));
	extra = b.extra;
	for (u32 i = 0; i < c.nr; i++) {
		if (c.ev[i].kind == EVENT_LOST)
			continue;
		assert_int_equal(b.kind[to], c.ev[i].kind);
		assert_int_equal(b.time[to], c.ev[i].time);
		assert_int_equal(b.cpu[to], c.ev[i].cpu);
		if (c.ev[i].kind == EVENT_EXTFRAG)
			for (u32 j = 0; j < 3; j++)
				assert_int_equal(extra[j], c.ev[i].extra[j]);
		extra += event_kinds[c.ev[i].kind].nr_extra;
		to++;
	}
	assert_int_equal(b.nr, to);
	assert_in_range(to, 1, c.nr - 1);
	assert_int_equal(extra - b.extra, b.nr_extra);
	free(content);
	log_image_free(one);
	case_fini(&c);
	event_block_fini(&b);
	intern_fini(&tasks);
	intern_fini(&strings);
	frame_decoder_free(dec);
}

/* EVENT_LOST with two words in the frame, and EVENT_EXTFRAG with none. */
static void test_other_word_counts(void **state __unused)
{
	struct content *c = calloc(1, sizeof(*c));
	struct frame_decoder *dec = frame_decoder_new();
	struct intern tasks, strings;
	struct event_block b;
	struct log_case two = case_new(2, 1);
	struct log_image *one;
	u8 *extra;

	two.ev[0].kind = EVENT_EXTFRAG;
	two.ev[1].kind = EVENT_LOST;
	one = case_image(&two, 2);
	assert_int_equal(event_block_init(&b), 0);
	assert_int_equal(intern_init(&tasks, INTERN_MAX_TASKS), 0);
	assert_int_equal(intern_init(&strings, INTERN_MAX_STRINGS), 0);
	assert_null(wire_get_info(one->body.mem, one->body.size, &c->info));
	assert_int_equal(ZSTD_decompress(c->raw, sizeof(c->raw),
					 one->body.mem + one->index.pos[0].info_size,
					 c->info.csize), c->info.usize);
	extra = c->raw + c->info.usize - get_le32(c->raw + 4 * SEC_EXTRA);
	/* Two columns of EVENT_LOST: varints, 7 and 8. */
	memcpy(extra, "\x00\x07\x00\x08", 4);
	c->info.usize = (u32)(extra + 4 - c->raw);
	put_le32(c->raw + 4 * SEC_EXTRA, 4);
	c->info.kinds[0].nr_extra = 0;
	c->info.kinds[1].nr_extra = 2;
	pack(c);
	assert_null(frame_decode(dec, &c->info, c->packed, &tasks, &strings, &b));
	assert_int_equal(b.nr, 2);
	assert_int_equal(b.nr_extra, 4);
	assert_int_equal(b.extra[0], 0);
	assert_int_equal(b.extra[1], 0);
	assert_int_equal(b.extra[2], 0);
	assert_int_equal(b.extra[3], 7);
	free(c);
	log_image_free(one);
	case_fini(&two);
	event_block_fini(&b);
	intern_fini(&tasks);
	intern_fini(&strings);
	frame_decoder_free(dec);
}

static void test_crc32(void **state __unused)
{
	assert_int_equal(wire_crc32((const u8 *)"123456789", 9), 0xcbf43926);
	assert_int_equal(wire_crc32(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_crc32, reset),
		cmocka_unit_test_setup(test_cut_everywhere, reset),
		cmocka_unit_test_setup(test_flip_everywhere, reset),
		cmocka_unit_test_setup(test_payload_checksum, reset),
		cmocka_unit_test_setup(test_seek_in_damaged_log, reset),
		cmocka_unit_test_setup(test_bytes_behind, reset),
		cmocka_unit_test_setup(test_not_a_log, reset),
		cmocka_unit_test_setup(test_newer_header, reset),
		cmocka_unit_test_setup(test_hostile_content, reset),
		cmocka_unit_test_setup(test_hostile_info, reset),
		cmocka_unit_test_setup(test_unknown_kind, reset),
		cmocka_unit_test_setup(test_other_word_counts, reset),
	};

	return cmocka_run_group_tests_name("log_damage", tests, setup, teardown);
}
