// SPDX-License-Identifier: GPL-2.0
/*
 * Reading CSV files back: what RFC 4180 allows, what it does not, and every cut of a good file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/csv/csv_read.h"
#include "tests/lib/temp_folder.h"

static int no_rows(const void *data __unused, struct csv_writer *w __unused)
{
	return 0;
}

static const struct csv_column columns[] = {
	{ "name", CSV_TEXT, "", csv_get_text, 0, MERGE_NONE, "" },
	{ "count", CSV_UINT, "", csv_get_number, 0, MERGE_NONE, "" },
	{ "mean", CSV_MILLI, "", csv_get_number, 0, MERGE_NONE, "" },
	{ "delta", CSV_NUMBER, "", csv_get_cell, 0, MERGE_NONE, "" },
	{ "gfp", CSV_HEX, "", csv_get_number, 0, MERGE_NONE, "" },
};

static const struct csv_table table = {
	"t.csv", "", columns, ARRAY_SIZE(columns), no_rows,
};

#define HEAD "name,count,mean,delta,gfp\n"

static char *dir;

static int setup(void **state __unused)
{
	dir = temp_folder();
	return 0;
}

static int teardown(void **state __unused)
{
	temp_folder_remove(dir);
	return 0;
}

static int read_bytes(struct csv_data *d, const char *bytes, size_t len, struct error *err)
{
	char path[4200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/t.csv", dir);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	*err = (struct error){ 0 };
	return csv_read(d, dir, &table, err);
}

static void expect_bad(const char *text, const char *why)
{
	struct csv_data d;
	struct error err;

	assert_int_equal(read_bytes(&d, text, strlen(text), &err), -(int)ERR_DAMAGED);
	assert_int_equal(err.code, ERR_DAMAGED);
	if (!strstr(err.text, why))
		print_error("'%s' is not in: %s\n", why, err.text);
	assert_non_null(strstr(err.text, why));
	assert_non_null(strstr(err.text, "/t.csv: "));
	assert_null(d.text);
}

static void test_cells(void **state __unused)
{
	static const char text[] = HEAD
		"plain,18446744073709551615,1.234,-5,0xcc0\n"
		"\"a \"\"quoted\"\", name\nof two lines\",0,0.000,,\n"
		",7,12,-0.500,\r\n"
		"\"\",8,1.000,3,\"0x1\"\r\n";
	struct csv_data d;
	struct error err;

	assert_int_equal(read_bytes(&d, text, sizeof(text) - 1, &err), 0);
	assert_int_equal(d.nr_rows, 4);
	assert_int_equal(d.nr_columns, 5);
	assert_string_equal(csv_text(&d, 0, "name"), "plain");
	assert_true(csv_u64(&d, 0, "count") == UINT64_MAX);
	assert_string_equal(csv_text(&d, 1, "name"), "a \"quoted\", name\nof two lines");
	assert_string_equal(csv_text(&d, 1, "gfp"), "");
	assert_string_equal(csv_text(&d, 2, "delta"), "-0.500");
	assert_string_equal(csv_text(&d, 2, "gfp"), "");
	assert_string_equal(csv_text(&d, 3, "name"), "");
	assert_string_equal(csv_text(&d, 3, "gfp"), "0x1");
	assert_int_equal(csv_column(&d, "delta"), 3);
	assert_int_equal(csv_column(&d, "none"), -1);
	assert_string_equal(csv_text(&d, 0, "none"), "");
	/* The row after the one of two lines knows its line. */
	assert_int_equal(csv_error(&d, 2, "is odd", &err), -(int)ERR_DAMAGED);
	assert_non_null(strstr(err.text, "is odd (line 5)"));
	csv_data_fini(&d);
}

static void test_more_columns(void **state __unused)
{
	static const char text[] = "name,count,mean,delta,gfp,new\na,1,1.000,,,x\n";
	struct csv_data d;
	struct error err;

	assert_int_equal(read_bytes(&d, text, sizeof(text) - 1, &err), 0);
	assert_string_equal(csv_text(&d, 0, "new"), "x");
	csv_data_fini(&d);
}

static void test_damage(void **state __unused)
{
	static char wide[3 * CSV_READ_COLUMNS], lengthy[CSV_READ_CELL + 64];

	expect_bad("", "is empty");
	expect_bad("name,count,mean,delta,gfp", "cut off");
	expect_bad("name,count,mean\n", "column 4 is nothing, not delta");
	expect_bad("name,counts,mean,delta,gfp\n", "column 2 is counts, not count (line 1)");
	expect_bad(HEAD "a,1,1.000,\n", "has 4 cells where the header has 5 (line 2)");
	expect_bad(HEAD "a,1,1.000,,\na,1,1.000,,,\n", "has 6 cells where the header has 5 (line 3)");
	expect_bad(HEAD "\n", "cells where the header has");
	expect_bad(HEAD "\"a,1,1.000,,\n", "a quote is not closed");
	expect_bad(HEAD "a\"b,1,1.000,,\n", "a quote inside a cell (line 2)");
	expect_bad(HEAD "\"a\"b,1,1.000,,\n", "a quote inside a cell (line 2)");
	expect_bad(HEAD "a,x,1.000,,\n", "count is 'x', not a number (line 2)");
	expect_bad(HEAD "a,,1.000,,\n", "count is ''");
	expect_bad(HEAD "a,-1,1.000,,\n", "count is '-1'");
	expect_bad(HEAD "a,18446744073709551616,1.000,,\n", "count is '18446744073709551616'");
	expect_bad(HEAD "a,99999999999999999999,1.000,,\n", "count is");
	expect_bad(HEAD "a,1,1.00,,\n", "mean is '1.00'");
	expect_bad(HEAD "a,1,1.000,1e5,\n", "delta is '1e5'");
	expect_bad(HEAD "a,1,1.000,,0xG\n", "gfp is '0xG'");
	expect_bad(HEAD "a,1,1.000,,0x\n", "gfp is '0x'");
	memset(wide, ',', sizeof(wide) - 2);
	wide[sizeof(wide) - 2] = '\n';
	expect_bad(wide, "too many cells");
	memset(lengthy, 'x', sizeof(lengthy) - 2);
	lengthy[sizeof(lengthy) - 2] = '\n';
	expect_bad(lengthy, "a cell is too long");
}

static void test_nul(void **state __unused)
{
	static const char text[] = HEAD "a\0b,1,1.000,,\n";
	struct csv_data d;
	struct error err;

	assert_int_equal(read_bytes(&d, text, sizeof(text) - 1, &err), -(int)ERR_DAMAGED);
	assert_non_null(strstr(err.text, "NUL"));
}

static void test_missing(void **state __unused)
{
	struct csv_data d;
	struct error err = { 0 };

	assert_int_equal(csv_read(&d, "/nonexistent", &table, &err), -(int)ERR_IO);
	assert_non_null(strstr(err.text, "/nonexistent/t.csv: cannot read"));
}

/* Whatever part of a good file is there, and whatever byte is wrong, it ends in an answer. */
static void test_every_cut_and_flip(void **state __unused)
{
	static const char good[] = HEAD "\"a,\"\"b\nc\",12,0.001,-7,0xff\nd,3,4.000,,\n";
	char bytes[sizeof(good)];
	struct csv_data d;
	struct error err;
	u32 used = 0, refused = 0;

	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		int ret = read_bytes(&d, good, i, &err);

		ret ? refused++ : used++;
		if (!ret)
			csv_data_fini(&d);
		memcpy(bytes, good, sizeof(good));
		bytes[i] = (char)(bytes[i] ^ 0x20);
		ret = read_bytes(&d, bytes, sizeof(good) - 1, &err);
		assert_true(!ret || ret == -(int)ERR_DAMAGED);
		if (!ret)
			csv_data_fini(&d);
	}
	/* Whole lines are a file: the header alone, and the header with the first row. */
	assert_int_equal(used, 2);
	assert_int_equal(refused, sizeof(good) - 1 - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_more_columns),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_every_cut_and_flip),
	};

	return cmocka_run_group_tests_name("csv_read", tests, setup, teardown);
}
