// SPDX-License-Identifier: GPL-2.0
/*
 * Frames of the event log that no writer of ours made: hostile content behind good checksums, and
 * what a newer program may write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#include "replay/log/log_frame.h"
#include "tests/lib/log_case.h"

#define PER_FRAME 50

struct content {
	struct frame_info info;
	u8 raw[65536];
	u8 packed[70000];
};

/* The first frame of @img. */
static void unpack(struct content *c, const struct log_image *img)
{
	const struct frame_pos *pos = &img->index.pos[0];

	assert_null(wire_get_info(img->body.mem, pos->info_size, &c->info));
	assert_true(c->info.usize <= sizeof(c->raw));
	assert_int_equal(ZSTD_decompress(c->raw, sizeof(c->raw),
					 img->body.mem + pos->info_size, pos->csize),
			 c->info.usize);
}

static void pack(struct content *c)
{
	c->info.csize = (u32)ZSTD_compress(c->packed, sizeof(c->packed), c->raw, c->info.usize, 1);
}

/* Any content behind a good checksum: decoding must end, in order or with a reason. */
static void test_hostile_content(void **state __unused)
{
	struct log_case events = case_new(PER_FRAME, 42);
	struct log_image *img = case_image(&events, PER_FRAME);
	struct frame_decoder *dec = frame_decoder_new();
	struct content *c = calloc(1, sizeof(*c));
	struct intern tasks, strings;
	struct event_block b;
	u32 refused = 0, tried = 0;

	assert_int_equal(event_block_init(&b), 0);
	assert_int_equal(intern_init(&tasks, INTERN_MAX_TASKS), 0);
	assert_int_equal(intern_init(&strings, INTERN_MAX_STRINGS), 0);
	unpack(c, img);
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
	log_image_free(img);
	case_fini(&events);
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
#define LAST_KIND (NR_EVENT_KINDS - 1)

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
 * A frame whose last kind is called one more than that is the frame of a newer program: its events
 * are left out, all others come with the right words. Which page frame is predicted depends on the
 * kind, so all are 0 here.
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
	unpack(content, one);
	rename_kind(content, LAST_KIND, NR_EVENT_KINDS);
	pack(content);
	assert_null(frame_decode(dec, &content->info, content->packed, &tasks, &strings, &b));
	extra = b.extra;
	for (u32 i = 0; i < c.nr; i++) {
		if (c.ev[i].kind == LAST_KIND)
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
	unpack(c, one);
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
		cmocka_unit_test(test_crc32),
		cmocka_unit_test(test_hostile_content),
		cmocka_unit_test(test_hostile_info),
		cmocka_unit_test(test_unknown_kind),
		cmocka_unit_test(test_other_word_counts),
	};

	return cmocka_run_group_tests_name("log_hostile", tests, NULL, NULL);
}
