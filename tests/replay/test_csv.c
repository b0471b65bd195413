// SPDX-License-Identifier: GPL-2.0
/*
 * CSV text, numbers, hashes, visit counts and the arithmetic of differences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "replay/csv/csv.h"
#include "replay/outcome/diff.h"
#include "replay/base/hash.h"
#include "replay/metrics/metrics_visits.h"

/* ---- tables ---- */

struct row {
	const char *text;
	u64 number;
	struct csv_cell cell;
};

static const struct csv_column columns[] = {
	{ "text", CSV_TEXT, "", csv_get_text, offsetof(struct row, text), MERGE_NONE, "" },
	{ "number", CSV_UINT, "", csv_get_number, offsetof(struct row, number), MERGE_SUM, "" },
	{ "cell", CSV_NUMBER, "", csv_get_cell, offsetof(struct row, cell), MERGE_NONE, "" },
};

/** struct rows - data of the test table; @repeat: write each row so often */
struct rows {
	const struct row *rows;
	u32 nr;
	u32 repeat;
};

static int each_row(const void *data, struct csv_writer *w)
{
	const struct rows *r = data;
	int ret = 0;

	for (u32 i = 0; i < r->nr * r->repeat && !ret; i++)
		ret = csv_row(w, &r->rows[i % r->nr]);
	return ret;
}

static const struct csv_table table = { "test.csv", "", columns, ARRAY_SIZE(columns), each_row };

/** struct sink - collects text; fails once @fail_at bytes have come */
struct sink {
	char text[4096];
	size_t used;
	u64 total;
	u64 fail_at;
};

static int sink_write(void *ctx, const void *bytes, size_t len)
{
	struct sink *s = ctx;

	if (s->total + len > s->fail_at)
		return -(int)ERR_IO;
	if (s->used + len < sizeof(s->text)) {
		memcpy(s->text + s->used, bytes, len);
		s->used += len;
	}
	s->total += len;
	return 0;
}

static int write_rows(struct sink *s, const struct row *rows, u32 nr, u32 repeat)
{
	static struct csv_writer w;
	struct rows data = { rows, nr, repeat };

	w.write = sink_write;
	w.ctx = s;
	return csv_write(&w, &table, &data);
}

static void expect_text(const char *text, const char *cell)
{
	struct row row = { .text = text, .number = 7, .cell = { .type = CSV_EMPTY } };
	struct sink s = { .fail_at = UINT64_MAX };
	char want[256];

	assert_int_equal(write_rows(&s, &row, 1, 1), 0);
	snprintf(want, sizeof(want), "text,number,cell\n%s,7,\n", cell);
	assert_string_equal(s.text, want);
}

static void test_quoting(void **state __unused)
{
	expect_text("kworker/u8:1", "kworker/u8:1");
	expect_text("", "");
	expect_text(NULL, "");
	expect_text("a,b", "\"a,b\"");
	expect_text("say \"hi\"", "\"say \"\"hi\"\"\"");
	expect_text("two\nlines", "\"two\nlines\"");
	expect_text("cr\rhere", "\"cr\rhere\"");
	expect_text("\"", "\"\"\"\"");
}

static void test_utf8(void **state __unused)
{
	expect_text("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	expect_text("\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7");
	expect_text("bad\xff", "bad\xef\xbf\xbd");
	/* cut off, overlong, surrogate, beyond Unicode: one replacement for each byte */
	expect_text("\xc3", "\xef\xbf\xbd");
	expect_text("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
	expect_text("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	expect_text("\xf4\x90\x80\x80,", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd,\"");
}

static void expect_number(struct csv_cell cell, const char *want)
{
	char text[CSV_NUMBER_MAX];

	assert_int_equal(csv_format_number(text, &cell), strlen(want));
	assert_string_equal(text, want);
}

static void test_numbers(void **state __unused)
{
	expect_number((struct csv_cell){ .type = CSV_UINT, .u = 0 }, "0");
	expect_number((struct csv_cell){ .type = CSV_UINT, .u = UINT64_MAX },
		      "18446744073709551615");
	expect_number((struct csv_cell){ .type = CSV_SINT, .s = -42 }, "-42");
	expect_number((struct csv_cell){ .type = CSV_SINT, .s = INT64_MIN },
		      "-9223372036854775808");
	expect_number((struct csv_cell){ .type = CSV_HEX, .u = 0xcc0 }, "0xcc0");
	expect_number((struct csv_cell){ .type = CSV_HEX, .u = 0 }, "");
	expect_number((struct csv_cell){ .type = CSV_MILLI, .u = 1 }, "0.001");
	expect_number((struct csv_cell){ .type = CSV_MILLI, .u = 12340 }, "12.340");
	expect_number((struct csv_cell){ .type = CSV_MILLI, .u = UINT64_MAX },
		      "18446744073709551.615");
	expect_number((struct csv_cell){ .type = CSV_SMILLI, .s = -500 }, "-0.500");
	expect_number((struct csv_cell){ .type = CSV_SMILLI, .s = INT64_MIN },
		      "-9223372036854775.808");
	expect_number((struct csv_cell){ .type = CSV_EMPTY }, "");
}

static void test_long_tables_and_errors(void **state __unused)
{
	const struct row row = { .text = "x", .number = 1,
				 .cell = { .type = CSV_SINT, .s = -1 } };
	const u64 header = strlen("text,number,cell\n"), line = strlen("x,1,-1\n");
	struct sink s = { .fail_at = UINT64_MAX };
	struct sink full = { .fail_at = CSV_BUFFER };

	assert_int_equal(write_rows(&s, &row, 1, 100000), 0);
	assert_int_equal(s.total, header + 100000 * line);
	assert_int_equal(write_rows(&full, &row, 1, 100000), -(int)ERR_IO);
	assert_true(full.total <= CSV_BUFFER);
}

/* ---- hash ---- */

static u64 hash_of(const void *bytes, size_t len, size_t piece)
{
	const char *p = bytes;
	struct hash64 h;

	hash64_init(&h);
	for (size_t at = 0; at < len; at += piece)
		hash64_update(&h, p + at, len - at < piece ? len - at : piece);
	return hash64_final(&h);
}

static void test_hash(void **state __unused)
{
	/* Values of the reference implementation. */
	static const struct {
		const char *text;
		u64 hash;
	} known[] = {
		{ "", 0xef46db3751d8e999ULL },
		{ "a", 0xd24ec4f1a98c6e5bULL },
		{ "abc", 0x44bc2cf5ad770999ULL },
	};
	unsigned char bytes[1000];
	char text[HASH64_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		assert_int_equal(hash_of(known[i].text, strlen(known[i].text), 1000),
				 known[i].hash);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7);
	for (size_t piece = 1; piece < 100; piece++)
		assert_int_equal(hash_of(bytes, sizeof(bytes), piece),
				 hash_of(bytes, sizeof(bytes), sizeof(bytes)));
	hash64_text(text, 0x44bc2cf5ad770999ULL);
	assert_string_equal(text, "44bc2cf5ad770999");
}

/* ---- visits ---- */

static void test_visits(void **state __unused)
{
	struct visits v = { 0 }, all = { 0 };
	struct visits_stats st;

	visits_stats(&v, &st);
	assert_int_equal(st.count + st.mean + st.p50 + st.p99 + st.max, 0);
	for (u32 i = 1; i <= 100; i++)
		assert_int_equal(visits_add(&v, i), 0);
	visits_stats(&v, &st);
	assert_int_equal(st.count, 100);
	assert_int_equal(st.mean, 50500);
	assert_int_equal(st.p50, 50);
	assert_int_equal(st.p99, 99);
	assert_int_equal(st.max, 100);

	assert_int_equal(visits_add(&v, VISITS_MAX), 0);
	assert_int_equal(visits_add(&v, 4000000000U), 0);
	assert_int_equal(visits_pool(&all, &v), 0);
	assert_int_equal(visits_pool(&all, &v), 0);
	visits_stats(&all, &st);
	assert_int_equal(st.count, 204);
	assert_int_equal(st.max, 4000000000U);
	/* (5050 + 65535 + 4000000000) / 102 */
	assert_int_equal(st.mean, 39216378284ULL);
	assert_int_equal(st.p50, 51);
	assert_int_equal(st.p99, VISITS_MAX);
	assert_int_equal(visits_total(&v), 102);
	assert_true(v.size <= VISITS_MAX + 1);
	visits_fini(&v);
	visits_fini(&all);
}

/* ---- differences ---- */

static void expect_diff(enum csv_type type, u64 baseline, u64 value, const char *delta,
			const char *ratio)
{
	struct diff_cells d = diff_metric(type, baseline, value);
	char text[CSV_NUMBER_MAX];

	assert_int_equal(d.baseline.u, baseline);
	assert_int_equal(d.value.u, value);
	csv_format_number(text, &d.delta);
	assert_string_equal(text, delta);
	csv_format_number(text, &d.ratio);
	assert_string_equal(text, ratio);
}

static void test_diff(void **state __unused)
{
	expect_diff(CSV_UINT, 10, 10, "0", "1.000");
	expect_diff(CSV_UINT, 3, 2, "-1", "0.667");
	expect_diff(CSV_UINT, 3, 1, "-2", "0.333");
	expect_diff(CSV_UINT, 0, 5, "5", "");
	expect_diff(CSV_UINT, 0, 0, "0", "");
	expect_diff(CSV_UINT, 7, 0, "-7", "0.000");
	expect_diff(CSV_MILLI, 1500, 3000, "1.500", "2.000");
	expect_diff(CSV_MILLI, 3000, 1500, "-1.500", "0.500");
	expect_diff(CSV_UINT, UINT64_MAX, 0, "-9223372036854775807", "0.000");
	expect_diff(CSV_UINT, 1, UINT64_MAX, "9223372036854775807", "9223372036854775.807");
	expect_diff(CSV_UINT, 40000000000000000ULL, 60000000000000000ULL, "20000000000000000",
		    "1.500");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quoting),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_long_tables_and_errors),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_visits),
		cmocka_unit_test(test_diff),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
