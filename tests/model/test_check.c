// SPDX-License-Identifier: GPL-2.0
/*
 * model_check() must see broken states: each invariant is broken by hand once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/pageblock.h"
#include "model/superpageblock.h"
#include "tests/lib/machine.h"

/* A machine with some of everything. */
static struct machine *busy_machine(void)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 4);

	for (u32 i = 0; i < 40; i++) {
		const u32 unit = take(mc, i % 4, i % 3);

		if (i % 5 == 0)
			give(mc, unit, i % 4);
	}
	take(mc, 10, MIGRATE_MOVABLE);
	check_machine(mc);
	return mc;
}

static void expect_broken(struct machine *mc, const char *words)
{
	char why[256] = "";

	assert_int_not_equal(model_check(mc->m, why, sizeof(why)), 0);
	if (!strstr(why, words))
		fail_msg("expected '%s' in '%s'", words, why);
	model_free(mc->m);
	free(mc);
}

static struct superpageblock *tainted(struct machine *mc)
{
	struct superpageblock *sb = the_spb(mc, 0);

	assert_true(sb->nr_unmovable > 0);
	return sb;
}

static u32 find_frame(const struct superpageblock *sb, enum page_state state, u32 min_order)
{
	for (u32 f = 0; f < MACHINE_SPB; f++) {
		if (page_state(sb->page[f]) == state && page_order(sb->page[f]) >= min_order)
			return f;
	}
	fail();
	return 0;
}

static void test_counter(void **state)
{
	static const struct {
		const char *name;
		size_t offset;
	} counters[] = {
		{ "nr_free", offsetof(struct superpageblock, nr_free) },
		{ "nr_unmovable", offsetof(struct superpageblock, nr_unmovable) },
		{ "nr_reclaimable", offsetof(struct superpageblock, nr_reclaimable) },
		{ "nr_movable", offsetof(struct superpageblock, nr_movable) },
		{ "nr_reserved", offsetof(struct superpageblock, nr_reserved) },
		{ "total_pageblocks", offsetof(struct superpageblock, total_pageblocks) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		struct machine *mc = busy_machine();
		struct superpageblock *sb = tainted(mc);

		*(u16 *)((char *)sb + counters[i].offset) += 1;
		sb->list_stale = true;
		expect_broken(mc, counters[i].name);
	}
}

static void test_free_pages(void **state)
{
	struct machine *mc = busy_machine();

	(void)state;
	tainted(mc)->nr_free_pages++;
	mc->m->zones[0].nr_free_pages++;
	expect_broken(mc, "nr_free_pages");
	mc = busy_machine();
	mc->m->zones[0].nr_free_pages++;
	expect_broken(mc, "the zone");
	mc = busy_machine();
	the_spb(mc, 3)->nr_free_pages--;
	mc->m->zones[0].nr_free_pages--;
	expect_broken(mc, "not wholly free");
}

static void test_area(void **state)
{
	struct machine *mc = busy_machine();
	struct superpageblock *sb = tainted(mc);
	const u32 f = find_frame(sb, PAGE_FREE, 0);

	(void)state;
	sb->free_area[page_order(sb->page[f])].nr_free++;
	expect_broken(mc, "nr_free");
	mc = busy_machine();
	sb = tainted(mc);
	sb->free_area[page_order(sb->page[f])].nr_free--;
	expect_broken(mc, "longer than nr_free");
}

static void test_links(void **state)
{
	struct machine *mc = busy_machine();
	struct superpageblock *sb = tainted(mc);
	const u32 f = find_frame(sb, PAGE_FREE, 0);

	(void)state;
	sb->page[f] = page_with_prev(sb->page[f], f + 1);
	expect_broken(mc, "is not");
	mc = busy_machine();
	sb = tainted(mc);
	sb->free_area[page_order(sb->page[f])].free_list[page_mt(sb->page[f])].tail ^= 1;
	expect_broken(mc, "tail");
}

static void test_page_words(void **state)
{
	struct machine *mc = busy_machine();
	struct superpageblock *sb = tainted(mc);
	const u32 used = find_frame(sb, PAGE_USED, 1);

	(void)state;
	sb->page[used + 1] = page_make_used(0, 0, 0, 0);
	expect_broken(mc, "inside");
	mc = busy_machine();
	sb = tainted(mc);
	sb->page[used] = PAGE_INSIDE;
	expect_broken(mc, "belongs to nothing");
	mc = busy_machine();
	sb = tainted(mc);
	sb->page[used + 1] = sb->page[used];
	sb->page[used] = page_make_used(0, page_mt(sb->page[used]), 0, 0);
	expect_broken(mc, "not aligned");
}

static void test_unmerged(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 4);
	const u32 a = take(mc, 10, MIGRATE_MOVABLE);
	struct superpageblock *sb = the_spb(mc, spb_of(mc, a));
	struct free_area *area = &sb->free_area[9];

	(void)state;
	/* Replace the used order-10 unit by two free halves that nobody merged. */
	sb->page[0] = page_make_free(9, MIGRATE_MOVABLE, 512, FRAME_NIL);
	sb->page[512] = page_make_free(9, MIGRATE_MOVABLE, FRAME_NIL, 0);
	area->free_list[MIGRATE_MOVABLE] = (struct free_list){ 0, 512 };
	area->nr_free = 2;
	sb->nr_free_pages += 1024;
	mc->m->zones[0].nr_free_pages += 1024;
	expect_broken(mc, "not merged");
}

static void test_block_bits(void **state)
{
	struct machine *mc = busy_machine();
	struct superpageblock *sb = tainted(mc);
	const u32 used = find_frame(sb, PAGE_USED, 0);
	const u32 block = used / MACHINE_BLOCK;

	(void)state;
	sb->pb[block] |= PB_ALL_FREE;
	expect_broken(mc, "PB_all_free");
	mc = busy_machine();
	sb = tainted(mc);
	sb->pb[block] &= (u16)~PB_HAS_MASK;
	expect_broken(mc, "no such bit");
	mc = busy_machine();
	sb = tainted(mc);
	sb->pb[15] |= PB_HAS_MOVABLE;
	expect_broken(mc, "content bits");
	mc = busy_machine();
	sb = tainted(mc);
	sb->pb[block] ^= MIGRATE_RECLAIMABLE;
	expect_broken(mc, "labelled");
}

/* A block whose pages were given back one by one without anybody marking it free. */
static void test_uncovered_block(void **state)
{
	struct machine *mc = busy_machine();
	struct superpageblock *sb = tainted(mc);
	const u32 used = find_frame(sb, PAGE_USED, 0);
	const u32 first = used / MACHINE_BLOCK * MACHINE_BLOCK;

	(void)state;
	for (u32 f = first; f < first + MACHINE_BLOCK; f++) {
		if (page_state(sb->page[f]) == PAGE_USED)
			sb->page[f] = PAGE_FIXED;
		else if (page_state(sb->page[f]) == PAGE_INSIDE)
			sb->page[f] = PAGE_FIXED;
	}
	for (u32 f = first; f < first + MACHINE_BLOCK; f++) {
		if (page_state(sb->page[f]) == PAGE_FREE) {
			for (u32 i = 1; i < 1U << page_order(sb->page[f]); i++)
				sb->page[f + i] = PAGE_INSIDE;
		}
	}
	sb->pb[used / MACHINE_BLOCK] &= (u16)~PB_HAS_MASK;
	expect_broken(mc, "holds nothing");
}

static void test_membership(void **state)
{
	struct machine *mc = busy_machine();
	struct zone *zone = &mc->m->zones[0];
	struct superpageblock *sb;

	(void)state;
	tainted(mc)->on = &zone->spb_isolated;
	expect_broken(mc, "SPBs on lists");
	mc = busy_machine();
	zone = &mc->m->zones[0];
	sb = tainted(mc);
	assert_ptr_equal(sb->on->head, sb);
	assert_ptr_equal(sb->on->tail, sb);
	sb->on->head = NULL;
	sb->on->tail = NULL;
	spb_list_add_tail(sb, &zone->spb_lists[SB_CLEAN][SB_FULL_50]);
	sb->list_stale = false;
	expect_broken(mc, "wrong list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counter),
		cmocka_unit_test(test_free_pages),
		cmocka_unit_test(test_area),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_page_words),
		cmocka_unit_test(test_unmerged),
		cmocka_unit_test(test_block_bits),
		cmocka_unit_test(test_uncovered_block),
		cmocka_unit_test(test_membership),
	};

	return cmocka_run_group_tests_name("model: broken invariants", tests, NULL, NULL);
}
