// SPDX-License-Identifier: GPL-2.0
/*
 * What model_new() and the calls after it refuse, and that every allocation may fail.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

#define START 0x10000ULL
#define SPB 8192ULL

/* ---- allocations that fail ---- */

static u64 nr_allocations;
static u64 fail_at;	/* the number of the allocation that fails; 0: none */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define CAN_FAIL 1

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);

void *malloc(size_t size)
{
	return ++nr_allocations == fail_at ? NULL : __libc_malloc(size);
}

void *calloc(size_t nr, size_t size)
{
	return ++nr_allocations == fail_at ? NULL : __libc_calloc(nr, size);
}
#else
#define CAN_FAIL 0
#endif

/* ---- a machine to spoil ---- */

/** struct setup - config with room for its zones and ranges, and the variant */
struct setup {
	struct model_config config;
	struct model_zone_config zones[2];
	struct model_range ranges[2];
	struct variant v;
};

static void good_setup(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	s->zones[0] = (struct model_zone_config){ 0, "DMA32", START, 2 * SPB };
	s->zones[1] = (struct model_zone_config){ 0, "Normal", START + 4 * SPB, 4 * SPB };
	s->ranges[0] = (struct model_range){ START + 10, START + 20, false };
	s->ranges[1] = (struct model_range){ START + 600, START + 2000, true };
	s->config = (struct model_config){ .zones = s->zones, .nr_zones = 2, .ranges = s->ranges,
					   .nr_ranges = 2, .pageblock_order = 9, .spb_order = 13,
					   .max_order = 10, .nr_cpus = 2 };
	variant_init(&s->v);
}

static void max_order(struct setup *s)
{
	s->config.max_order = MODEL_MAX_ORDERS;
	s->config.spb_order = 20;
}

static void pageblock_order(struct setup *s)
{
	s->config.pageblock_order = 11;
}

static void spb_order_low(struct setup *s)
{
	s->config.spb_order = 10;
}

static void spb_order_high(struct setup *s)
{
	s->config.spb_order = 23;
}

static void too_many_blocks(struct setup *s)
{
	s->config.spb_order = 22;
	s->config.pageblock_order = 6;
}

static void no_cpus(struct setup *s)
{
	s->config.nr_cpus = 0;
}

static void too_many_cpus(struct setup *s)
{
	s->config.nr_cpus = 8193;
}

static void no_zones(struct setup *s)
{
	s->config.nr_zones = 0;
}

static void too_many_zones(struct setup *s)
{
	s->config.nr_zones = 1025;
}

static void empty_zone(struct setup *s)
{
	s->zones[1].spanned = 0;
}

static void zone_far_away(struct setup *s)
{
	s->zones[1].start_pfn = 1ULL << 40;
}

static void zone_too_large(struct setup *s)
{
	s->zones[1].spanned = (1ULL << 40) + 1;
}

static void zone_too_large_for_vanilla(struct setup *s)
{
	s->config.spb_order = 22;
	s->zones[1].spanned = 1ULL << 32;
	s->v.allocator = ALLOCATOR_VANILLA;
}

static void zones_overlap(struct setup *s)
{
	s->zones[1].start_pfn = START + 2 * SPB - 1;
}

static void zones_overlap_from_below(struct setup *s)
{
	s->zones[1].start_pfn = START - 4 * SPB + 1;
}

static void empty_range(struct setup *s)
{
	s->ranges[0].end = s->ranges[0].start;
}

static void ranges_overlap(struct setup *s)
{
	s->ranges[1].start = s->ranges[0].end - 1;
}

static void variant_without_name(struct setup *s)
{
	s->v.name[0] = '\0';
}

static void knob_too_large(struct setup *s)
{
	s->v.hz = 1000000;
}

static void knob_too_small(struct setup *s)
{
	s->v.migrate_batch = 0;
}

static const struct {
	void (*spoil)(struct setup *s);
	const char *why;
} refusals[] = {
	{ max_order, "max_order is above 13" },
	{ pageblock_order, "pageblock_order is above max_order" },
	{ spb_order_low, "spb_order must be" },
	{ spb_order_high, "spb_order must be" },
	{ too_many_blocks, "more than 32768 pageblocks" },
	{ no_cpus, "nr_cpus must be" },
	{ too_many_cpus, "nr_cpus must be" },
	{ no_zones, "1 to 1024 zones" },
	{ too_many_zones, "1 to 1024 zones" },
	{ empty_zone, "a zone is empty" },
	{ zone_far_away, "a zone is empty or lies beyond" },
	{ zone_too_large, "a zone is empty or lies beyond" },
	{ zone_too_large_for_vanilla, "2^32 pages" },
	{ zones_overlap, "zones overlap" },
	{ zones_overlap_from_below, "zones overlap" },
	{ empty_range, "ranges are not sorted or overlap" },
	{ ranges_overlap, "ranges are not sorted or overlap" },
	{ variant_without_name, "has no name" },
	{ knob_too_large, "hz" },
	{ knob_too_small, "migrate_batch" },
};

static void test_configs_that_make_no_sense(void **state)
{
	const char *why;
	struct setup s;
	struct model *m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		good_setup(&s);
		refusals[i].spoil(&s);
		why = NULL;
		assert_null(model_new(&s.config, &s.v, NULL, NULL, &why));
		assert_non_null(why);
		if (!strstr(why, refusals[i].why))
			fail_msg("expected '%s', got '%s'", refusals[i].why, why);
	}
	good_setup(&s);
	/* Zones and ranges may touch. */
	s.zones[1].start_pfn = START + 2 * SPB;
	s.ranges[1].start = s.ranges[0].end;
	m = model_new(&s.config, &s.v, NULL, NULL, &why);
	assert_non_null(m);
	assert_null(why);
	model_free(m);
	model_free(NULL);
}

static struct model *good_model(void)
{
	const char *why;
	struct setup s;
	struct model *m;

	good_setup(&s);
	m = model_new(&s.config, &s.v, NULL, NULL, &why);
	assert_non_null(m);
	return m;
}

static void test_calls_that_make_no_sense(void **state)
{
	static const struct model_req bad[] = {
		{ .zone = 2 },
		{ .order = 11 },
		{ .migratetype = MIGRATE_ISOLATE },
	};
	struct model_req req = { .order = 3, .zone = 1 };
	struct model *m = good_model();
	struct model_result res;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(model_alloc(m, 0, &bad[i], &res), -EINVAL);
	assert_int_equal(model_alloc(m, 0, &req, &res), 0);
	/* No zone, untouched memory, another order, the middle of a unit, twice. */
	assert_int_equal(model_free_pages(m, 0, 0, 1, 3), -EINVAL);
	assert_int_equal(model_free_pages(m, 0, 0, START + 7 * SPB, 3), -EINVAL);
	assert_int_equal(model_free_pages(m, 0, 0, res.pfn, 2), -EINVAL);
	assert_int_equal(model_free_pages(m, 0, 0, res.pfn + 1, 3), -EINVAL);
	assert_int_equal(model_split(m, res.pfn + 1, 3, 0, 0), -EINVAL);
	assert_int_equal(model_split(m, res.pfn, 2, 0, 0), -EINVAL);
	assert_int_equal(model_free_pages(m, 0, 0, res.pfn, 3), 0);
	assert_int_equal(model_free_pages(m, 0, 0, res.pfn, 3), -EINVAL);
	req.order = 0;
	assert_int_equal(model_alloc(m, 0, &req, &res), 0);
	assert_int_equal(model_split(m, res.pfn, 0, 0, 0), -EINVAL);
	model_free(m);
}

/* Some of everything that takes memory. Return: 0, or the first error */
static int use(struct model *m, bool *checked)
{
	char why[256];
	u64 last[300];
	int ret = 0;

	for (u32 i = 0; i < 4000 && !ret; i++) {
		const struct model_req req = { .owner = i, .order = (u8)(i % 4), .cpu = i & 1,
					       .migratetype = (u8)(i % 3), .zone = i & 1 };
		struct model_result res;

		ret = model_alloc(m, i * NSEC_PER_MSEC, &req, &res);
		if (!ret && i % 7 == 0)
			ret = model_free_pages(m, i * NSEC_PER_MSEC, i & 1, res.pfn, i % 4);
		else if (!ret && i % 4 == 0)
			last[i / 4 % ARRAY_SIZE(last)] = res.pfn;
	}
	/* Frees with nothing behind them that would tell. */
	for (u32 i = 0; i < ARRAY_SIZE(last) && !ret; i++)
		ret = model_free_pages(m, 4000 * NSEC_PER_MSEC, i & 1, last[i], 0);
	if (!ret && model_no_memory(m))
		ret = -ENOMEM;
	*checked = ret || !model_check(m, why, sizeof(why));
	return ret;
}

/* Return: the allocation with number @k was made, and its failure was told */
static bool fails_cleanly(const struct setup *s, u64 k)
{
	const char *why = "";
	struct model *m;
	bool checked = true, made;
	int ret = 0;

	nr_allocations = 0;
	fail_at = k;
	m = model_new(&s->config, &s->v, NULL, NULL, &why);
	if (m)
		ret = use(m, &checked);
	fail_at = 0;
	made = nr_allocations >= k;
	assert_null(why);
	if (made)
		assert_true(!m || ret == -ENOMEM);
	else
		assert_int_equal(ret, 0);
	assert_true(checked);
	model_free(m);
	return made;
}

/* The k-th allocation fails, for each k: an error comes back, and the model can be freed. */
static void test_every_allocation_may_fail(void **state)
{
	static const struct {
		u32 allocator, search, page_level;
	} arms[] = {
		{ ALLOCATOR_SPB, SEARCH_LIST, 0 },
		{ ALLOCATOR_SPB, SEARCH_BITMAP, 0 },
		{ ALLOCATOR_SPB, SEARCH_LIST, 1 },
		{ ALLOCATOR_VANILLA, SEARCH_LIST, 1 },
	};

	(void)state;
	/* Not skip(): cmocka's TAP calls that "not ok", which prove takes for a failure. */
	if (!CAN_FAIL) {
		print_message("# left out: the sanitizer has its own allocator\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(arms); i++) {
		struct setup s;
		u64 k = 1;

		good_setup(&s);
		s.v.allocator = arms[i].allocator;
		s.v.search = arms[i].search;
		s.v.trigger_update = s.v.allocator == ALLOCATOR_SPB;
		s.config.page_level = arms[i].page_level;
		while (fails_cleanly(&s, k))
			k++;
		assert_true(k > 8);
	}
}

/* Names for reports are never NULL, whatever the number. */
static void test_names_of_everything(void **state)
{
	static const char *(*const names[])(u32) = {
		migratetype_name, sb_category_name, sb_fullness_name, spb_outcome_name,
		defrag_trigger_name, defrag_verdict_name, taint_cause_name, model_event_name,
		pb_taint_action_name, claim_refusal_name, relax_step_name,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		for (u32 n = 0; n < 32; n++) {
			assert_non_null(names[i](n));
			assert_true(names[i](n)[0]);
		}
		assert_string_not_equal(names[i](0), names[i](1));
		assert_string_equal(names[i](30), names[i](31));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configs_that_make_no_sense),
		cmocka_unit_test(test_calls_that_make_no_sense),
		cmocka_unit_test(test_every_allocation_may_fail),
		cmocka_unit_test(test_names_of_everything),
	};

	return cmocka_run_group_tests_name("model: what it refuses", tests, NULL, NULL);
}
