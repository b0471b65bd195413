// SPDX-License-Identifier: GPL-2.0
/*
 * The JSON header of a log: every field survives, hostile text is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay/log/log_json.h"
#include "tests/lib/log_case.h"

/* Every field set, each to something else. */
static void fill(struct log_meta *m)
{
	char text[] = "a \"quoted\" \\ text/0\n\xc3\xa9";

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < log_nr_strings; i++) {
		text[18] = (char)('0' + i);
		assert_int_equal(log_meta_set(log_string(m, i), text), 0);
	}
	m->source_size = ~0ULL;
	m->page_size = 4096;
	m->pageblock_order = ~0u;
	m->nr_cpus = LOG_MAX_CPUS;
	m->nr_zones = 2;
	m->zones = calloc(2, sizeof(*m->zones));
	m->zones[0] = (struct log_zone){ 0, "Normal", 0x100000, 0x500000 };
	m->zones[1] = (struct log_zone){ ~0u, "fifteen letters", 1ULL << 63, 1ULL << 62 };
	m->partial = true;
	m->nr_lost = 2;
	m->lost = calloc(2, sizeof(*m->lost));
	m->lost[0] = (struct log_lost){ 3, 27451, 0 };
	m->lost[1] = (struct log_lost){ 65535, ~0ULL, 9 };
	m->nr_events = 1ULL << 63;
	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		m->count[k] = 1 + k * 1000003ULL;
	m->unknown_events = 17;
	m->first_time = ~0ULL - 1;
	m->last_time = ~0ULL;
	m->equal_stamps = 18;
	m->causality = 19;
	m->frees_matched = 20;
	m->frees_total = 21;
}

static void expect_same(const struct log_meta *a, const struct log_meta *b)
{
	struct log_meta x = *a, y = *b;

	for (size_t i = 0; i < log_nr_strings; i++) {
		if (*log_string(&x, i))
			assert_string_equal(*log_string(&x, i), *log_string(&y, i));
		else
			assert_null(*log_string(&y, i));
		*log_string(&x, i) = *log_string(&y, i) = NULL;
	}
	assert_int_equal(x.nr_zones, y.nr_zones);
	for (u32 i = 0; i < x.nr_zones; i++) {
		assert_string_equal(x.zones[i].name, y.zones[i].name);
		assert_int_equal(x.zones[i].node, y.zones[i].node);
		assert_int_equal(x.zones[i].start_pfn, y.zones[i].start_pfn);
		assert_int_equal(x.zones[i].spanned, y.zones[i].spanned);
	}
	assert_int_equal(x.nr_lost, y.nr_lost);
	for (u32 i = 0; i < x.nr_lost; i++) {
		assert_int_equal(x.lost[i].cpu, y.lost[i].cpu);
		assert_int_equal(x.lost[i].events, y.lost[i].events);
		assert_int_equal(x.lost[i].unknown_gaps, y.lost[i].unknown_gaps);
	}
	x.zones = y.zones = NULL;
	x.lost = y.lost = NULL;
	assert_int_equal(x.partial, y.partial);
	assert_int_equal(x.source_size, y.source_size);
	assert_int_equal(x.page_size, y.page_size);
	assert_int_equal(x.pageblock_order, y.pageblock_order);
	assert_int_equal(x.nr_cpus, y.nr_cpus);
	assert_int_equal(x.nr_events, y.nr_events);
	assert_memory_equal(x.count, y.count, sizeof(x.count));
	assert_int_equal(x.unknown_events, y.unknown_events);
	assert_int_equal(x.first_time, y.first_time);
	assert_int_equal(x.last_time, y.last_time);
	assert_int_equal(x.equal_stamps, y.equal_stamps);
	assert_int_equal(x.causality, y.causality);
	assert_int_equal(x.frees_matched, y.frees_matched);
	assert_int_equal(x.frees_total, y.frees_total);
}

static void test_round_trip(void **state __unused)
{
	struct log_meta a, b, c;
	char *text, *again;

	fill(&a);
	text = log_json_write(&a);
	assert_non_null(text);
	assert_null(log_json_read(&b, text, strlen(text)));
	expect_same(&a, &b);
	again = log_json_write(&b);
	assert_string_equal(text, again);
	assert_int_equal(log_meta_copy(&c, &a), 0);
	expect_same(&a, &c);
	log_meta_fini(&a);
	log_meta_fini(&b);
	log_meta_fini(&c);
	free(text);
	free(again);
}

static void test_empty(void **state __unused)
{
	struct log_meta a, b;
	char *text;

	memset(&a, 0, sizeof(a));
	text = log_json_write(&a);
	assert_null(strstr(text, "host"));		/* unknown strings are left out */
	assert_non_null(strstr(text, "\"demand_levels\":[]"));
	assert_null(log_json_read(&b, text, strlen(text)));
	expect_same(&a, &b);
	free(text);
	assert_null(log_json_read(&b, "{}", 2));
	expect_same(&a, &b);
}

/* Keys at the top level must be sorted. */
static void test_key_order(void **state __unused)
{
	static const char *const keys[] = {
		"buffer", "causality", "clock", "counts", "demand_levels", "equal_stamps",
		"first_time", "format", "frees_matched", "frees_total", "host", "kernel",
		"last_time", "lost", "machine", "nr_cpus", "nr_events", "page_size",
		"pageblock_order", "partial", "partial_why", "source", "source_hash",
		"source_size", "unknown_events", "zones",
	};
	struct log_meta m;
	const char *at;
	char *text;

	fill(&m);
	text = log_json_write(&m);
	at = text;
	for (u32 i = 0; i < ARRAY_SIZE(keys); i++) {
		char key[40];

		snprintf(key, sizeof(key), "\"%s\":", keys[i]);
		at = strstr(at, key);
		assert_non_null(at);
	}
	at = strstr(text, "\"counts\":{\"lost\":");
	assert_non_null(at);
	assert_true(strstr(at, "mm_page_alloc\"") < strstr(at, "mm_page_free\""));
	assert_true(strstr(at, "mm_page_free\"") < strstr(at, "spb_pb_taint\""));
	free(text);
	log_meta_fini(&m);
}

static void expect_levels(u32 kinds, const char *want)
{
	struct log_meta m;
	char *text;

	memset(&m, 0, sizeof(m));
	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		m.count[k] = kinds >> k & 1;
	text = log_json_write(&m);
	assert_non_null(strstr(text, want));
	free(text);
}

static void test_demand_levels(void **state __unused)
{
	const u32 locked = 1u << EVENT_ZONE_LOCKED, drain = 1u << EVENT_PCPU_DRAIN;
	const u32 freed = 1u << EVENT_PAGE_FREE, alloc = 1u << EVENT_PAGE_ALLOC;

	expect_levels(0, "\"demand_levels\":[]");
	expect_levels(locked, "\"demand_levels\":[\"implied\"]");
	expect_levels(locked | drain, "\"demand_levels\":[\"implied\"]");
	expect_levels(locked | drain | freed, "\"demand_levels\":[\"implied\",\"zone\"]");
	expect_levels(alloc | freed, "\"demand_levels\":[\"page\"]");
	expect_levels(alloc | drain, "\"demand_levels\":[]");
	expect_levels(alloc | freed | locked | drain,
		      "\"demand_levels\":[\"implied\",\"page\",\"zone\"]");
}

static void test_unknown_names(void **state __unused)
{
	static const char text[] = "{\"counts\":{\"lost\":2,\"mm_new\":5,\"mm_newer\":6},"
				   "\"unknown_events\":3,\"zzz\":[{}]}";
	struct log_meta m;

	assert_null(log_json_read(&m, text, strlen(text)));
	assert_int_equal(m.count[EVENT_LOST], 2);
	assert_int_equal(m.unknown_events, 14);
	log_meta_fini(&m);
}

static void test_refused(void **state __unused)
{
	static const char *const texts[] = {
		"", "x", "[]", "1", "null", "{", "{}{}", "{} x", "{\"host\":1}",
		"{\"host\":null}", "{\"host\":[\"a\"]}", "{\"host\":\"a\\u0000b\"}",
		"{\"nr_events\":-1}", "{\"nr_events\":1.5}", "{\"nr_events\":\"1\"}",
		"{\"nr_events\":{}}", "{\"nr_cpus\":4097}", "{\"page_size\":4294967296}",
		"{\"partial\":1}", "{\"counts\":[]}", "{\"counts\":{\"lost\":-1}}",
		"{\"counts\":{\"new\":\"x\"}}", "{\"demand_levels\":1}", "{\"lost\":{}}",
		"{\"lost\":[1]}", "{\"lost\":[null]}", "{\"lost\":[{\"cpu\":65536}]}",
		"{\"lost\":[{\"events\":-1}]}", "{\"zones\":1}", "{\"zones\":[{}]}",
		"{\"zones\":[{\"name\":\"\"}]}", "{\"zones\":[{\"name\":\"sixteen letters!\"}]}",
		"{\"zones\":[{\"name\":1}]}", "{\"zones\":[{\"name\":\"a\",\"node\":4294967296}]}",
		"{\"zones\":[{\"name\":\"a\",\"start_pfn\":18446744073709551615,\"spanned\":1}]}",
		"{\"x\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}",
	};
	struct log_meta m;

	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *why = log_json_read(&m, texts[i], strlen(texts[i]));

		if (!why)
			print_error("accepted: %s\n", texts[i]);
		assert_non_null(why);
		assert_null(strchr(why, '\n'));
		assert_null(m.host);
		assert_null(m.zones);
		assert_null(m.lost);
	}
}

/* A megabyte of @unit, and of @unit nested. */
static void expect_flood_refused(const char *head, const char *unit, const char *tail)
{
	char *text = malloc(WIRE_JSON_MAX + 100);
	size_t n = (size_t)sprintf(text, "%s", head);
	struct log_meta m;

	while (n < WIRE_JSON_MAX - 100)
		n += (size_t)sprintf(text + n, "%s", unit);
	n += (size_t)sprintf(text + n, "%s", tail);
	assert_non_null(log_json_read(&m, text, n));
	free(text);
}

static void test_floods(void **state __unused)
{
	expect_flood_refused("", "[", "");
	expect_flood_refused("", "{\"a\":", "");
	expect_flood_refused("{\"x\":[", "{},", "1]}");
	expect_flood_refused("{\"lost\":[", "0,", "0]}");
	expect_flood_refused("{\"zones\":[", "\"a\",", "0]}");
	expect_flood_refused("{\"nr_events\":", "9", ".0}");
	expect_flood_refused("{\"host\":\"", "\\\"", "");
}

/* Too many of what a log may hold, by one. */
static void test_limits(void **state __unused)
{
	struct log_meta m = { .nr_lost = LOG_MAX_CPUS, .nr_zones = LOG_MAX_ZONES }, b;
	char *text;

	m.lost = calloc(LOG_MAX_CPUS + 1, sizeof(*m.lost));
	m.zones = calloc(LOG_MAX_ZONES + 1, sizeof(*m.zones));
	for (u32 i = 0; i <= LOG_MAX_ZONES; i++)
		strcpy(m.zones[i].name, "Z");
	text = log_json_write(&m);
	assert_null(log_json_read(&b, text, strlen(text)));
	assert_int_equal(b.nr_lost, LOG_MAX_CPUS);
	assert_int_equal(b.nr_zones, LOG_MAX_ZONES);
	log_meta_fini(&b);
	free(text);
	m.nr_lost++;
	text = log_json_write(&m);
	assert_non_null(log_json_read(&b, text, strlen(text)));
	free(text);
	m.nr_lost--;
	m.nr_zones++;
	text = log_json_write(&m);
	assert_non_null(log_json_read(&b, text, strlen(text)));
	free(text);
	log_meta_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_key_order),
		cmocka_unit_test(test_demand_levels),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("log_meta", tests, NULL, NULL);
}
