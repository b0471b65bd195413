// SPDX-License-Identifier: GPL-2.0
/*
 * A recorded state is put in place unit by unit, and the model is whole afterwards.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/pageblock.h"
#include "model/superpageblock.h"
#include "model/vanilla.h"
#include "tests/lib/machine.h"

#define START 0x10000ULL

static struct machine *machine_of(u32 allocator, u32 nr_spbs)
{
	struct variant v = machine_variant();

	v.allocator = allocator;
	return machine_new(&v, nr_spbs);
}

static int place(struct machine *mc, u64 pfn, u32 order, u32 mt)
{
	const struct model_req req = { .owner = mc->nr_units, .ident = pfn, .order = (u8)order,
				       .migratetype = (u8)mt };
	const int ret = model_place(mc->m, &req, pfn);

	if (!ret)
		mc->pfn[mc->nr_units++] = pfn;
	return ret;
}

static u32 bits_at(struct machine *mc, u64 pfn)
{
	const struct superpageblock *sb = the_spb(mc, (u32)((pfn - START) / MACHINE_SPB));

	return sb->pb[frame_block(sb, (u32)(pfn - sb->start_pfn))] & (PB_HAS_MASK | PB_ALL_FREE);
}

static void test_unit_stands_where_it_was_put(void **state)
{
	(void)state;
	for (u32 allocator = 0; allocator < 2; allocator++) {
		struct machine *mc = machine_of(allocator, 3);
		const u64 pfn = START + MACHINE_SPB + 3 * MACHINE_BLOCK + 77;

		assert_int_equal(place(mc, pfn, 0, MIGRATE_UNMOVABLE), 0);
		assert_int_equal(bits_at(mc, pfn), PB_HAS_UNMOVABLE);
		assert_int_equal(the_spb(mc, 1)->nr_free, MACHINE_BLOCKS - 1);
		assert_int_equal(the_spb(mc, 1)->nr_free_pages, MACHINE_SPB - 1);
		assert_int_equal(spb_get_category(the_spb(mc, 1)), SB_TAINTED);
		check_machine(mc);
		assert_int_equal(model_free_pages(mc->m, mc->now, 0, pfn, 0), 0);
		assert_int_equal(the_spb(mc, 1)->nr_free, MACHINE_BLOCKS);
		machine_free(mc);
	}
}

/* Of an order-10 buddy only the block in use loses PB_all_free: nothing was split by a request. */
static void test_order10_half_stays_free(void **state)
{
	struct machine *mc = machine_of(ALLOCATOR_SPB, 2);

	(void)state;
	assert_int_equal(place(mc, START + MACHINE_BLOCK, 9, MIGRATE_MOVABLE), 0);
	assert_int_equal(bits_at(mc, START), PB_ALL_FREE);
	assert_int_equal(bits_at(mc, START + MACHINE_BLOCK), PB_HAS_MOVABLE);
	machine_free(mc);
}

static void test_refuses_what_is_not_free(void **state)
{
	struct machine *mc = machine_of(ALLOCATOR_SPB, 2);

	(void)state;
	assert_int_equal(place(mc, START + 8, 3, MIGRATE_MOVABLE), 0);
	assert_int_equal(place(mc, START + 9, 0, MIGRATE_MOVABLE), -EBUSY);
	assert_int_equal(place(mc, START, 4, MIGRATE_MOVABLE), -EBUSY);
	assert_int_equal(place(mc, START + 3, 2, MIGRATE_MOVABLE), -EINVAL);
	assert_int_equal(place(mc, START - 1, 0, MIGRATE_MOVABLE), -EINVAL);
	assert_int_equal(place(mc, START, 0, MIGRATE_ISOLATE), -EINVAL);
	assert_int_equal(place(mc, START, 11, MIGRATE_MOVABLE), -EINVAL);
	machine_free(mc);
}

static void test_label_moves_free_pages(void **state)
{
	(void)state;
	for (u32 allocator = 0; allocator < 2; allocator++) {
		struct machine *mc = machine_of(allocator, 2);

		assert_int_equal(place(mc, START, 0, MIGRATE_RECLAIMABLE), 0);
		assert_int_equal(model_set_label(mc->m, START + 5, MIGRATE_RECLAIMABLE), 0);
		assert_int_equal(model_label(mc->m, START), MIGRATE_RECLAIMABLE);
		assert_int_equal(model_label(mc->m, START + MACHINE_BLOCK), MIGRATE_MOVABLE);
		model_settle(mc->m);
		check_machine(mc);
		/* The next request of that type finds the rest of the block, not a new one. */
		assert_int_equal(mc->pfn[take(mc, 0, MIGRATE_RECLAIMABLE)], START + 1);
		machine_free(mc);
	}
}

/* S3: the series makes wholly free blocks movable; S7.1: upstream keeps their labels. */
static void test_S3_label_of_a_free_block(void **state)
{
	struct machine *mc = machine_of(ALLOCATOR_SPB, 2);

	(void)state;
	assert_int_equal(model_set_label(mc->m, START, MIGRATE_UNMOVABLE), -EBUSY);
	assert_int_equal(model_set_label(mc->m, START, MIGRATE_MOVABLE), 0);
	assert_int_equal(model_set_label(mc->m, START, MIGRATE_HIGHATOMIC), -EINVAL);
	machine_free(mc);

	mc = machine_of(ALLOCATOR_VANILLA, 2);
	assert_int_equal(model_set_label(mc->m, START + 2 * MACHINE_BLOCK, MIGRATE_UNMOVABLE), 0);
	assert_int_equal(model_label(mc->m, START + 3 * MACHINE_BLOCK), MIGRATE_UNMOVABLE);
	check_machine(mc);
	assert_int_equal(mc->pfn[take(mc, 0, MIGRATE_UNMOVABLE)], START + 2 * MACHINE_BLOCK);
	machine_free(mc);
}

/* A bit that earlier content left behind taints, and goes when the block is wholly free. */
static void test_S3_marks_of_earlier_content(void **state)
{
	(void)state;
	for (u32 allocator = 0; allocator < 2; allocator++) {
		struct machine *mc = machine_of(allocator, 2);

		assert_int_equal(place(mc, START + 7, 0, MIGRATE_MOVABLE), 0);
		assert_int_equal(spb_get_category(the_spb(mc, 0)), SB_CLEAN);
		assert_int_equal(model_mark_type(mc->m, START + 9, MIGRATE_UNMOVABLE), 1);
		assert_int_equal(model_mark_type(mc->m, START, MIGRATE_UNMOVABLE), 0);
		assert_int_equal(bits_at(mc, START), PB_HAS_UNMOVABLE | PB_HAS_MOVABLE);
		assert_int_equal(the_spb(mc, 0)->nr_unmovable, 1);
		assert_int_equal(spb_get_category(the_spb(mc, 0)), SB_TAINTED);
		/* Wholly free blocks have no bits; neither is there a block elsewhere. */
		assert_int_equal(model_mark_type(mc->m, START + MACHINE_BLOCK, MIGRATE_UNMOVABLE),
				 0);
		assert_int_equal(model_mark_type(mc->m, 0, MIGRATE_UNMOVABLE), 0);
		assert_int_equal(model_mark_type(mc->m, START, MIGRATE_HIGHATOMIC), 0);
		check_machine(mc);
		assert_int_equal(model_free_pages(mc->m, mc->now, 0, START + 7, 0), 0);
		assert_int_equal(bits_at(mc, START), PB_ALL_FREE);
		assert_int_equal(the_spb(mc, 0)->nr_unmovable, 0);
		check_machine(mc);
		machine_free(mc);
	}
}

static void test_lists_settle_in_address_order(void **state)
{
	(void)state;
	for (u32 allocator = 0; allocator < 2; allocator++) {
		struct machine *mc = machine_of(allocator, 2);
		u64 last = 0;

		for (u32 i = 0; i < 8; i++)
			assert_int_equal(place(mc, START + (u64)(7 - i) * 64, 0, 1), 0);
		model_settle(mc->m);
		/* Eight free pages of order 0, one behind each unit, lowest first. */
		for (u32 i = 0; i < 8; i++) {
			const u64 pfn = mc->pfn[take(mc, 0, MIGRATE_MOVABLE)];

			if (allocator == ALLOCATOR_VANILLA)
				assert_int_equal(pfn, START + (u64)i * 64 + 1);
			assert_true(pfn > last);
			last = pfn;
		}
		machine_free(mc);
	}
}

/* Nobody asks for defrag while a state is put in place, however starved an SPB looks. */
static void test_placing_wakes_nobody(void **state)
{
	struct machine *mc = machine_of(ALLOCATOR_SPB, 2);

	(void)state;
	for (u32 b = 0; b < MACHINE_BLOCKS; b++)
		assert_int_equal(place(mc, START + (u64)b * MACHINE_BLOCK, 0, b % 3), 0);
	model_settle(mc->m);
	assert_int_equal(mc->nr_chances, 0);
	machine_free(mc);
}

static u64 rnd(u64 *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void random_state(struct machine *mc, u64 *seed)
{
	for (u32 i = 0; i < 600; i++) {
		const u32 order = (u32)(rnd(seed) % 11) * (u32)(rnd(seed) % 2);
		const u64 pfn = START + rnd(seed) % (5 * MACHINE_SPB);
		const int ret = place(mc, pfn & ~((1ULL << order) - 1), order,
				      (u32)(rnd(seed) % 5));

		assert_true(!ret || ret == -EBUSY);
	}
	for (u32 i = 0; i < 60; i++)
		(void)!model_set_label(mc->m, START + rnd(seed) % (6 * MACHINE_SPB),
				       (u32)(rnd(seed) % 3));
	for (u32 i = 0; i < 60; i++)
		(void)!model_mark_type(mc->m, START + rnd(seed) % (6 * MACHINE_SPB),
				       (u32)(rnd(seed) % 3));
	model_settle(mc->m);
	check_machine(mc);
}

static void test_random_states_are_whole(void **state)
{
	(void)state;
	for (u64 seed = 1; seed <= 20; seed++) {
		struct machine *mc = machine_of((u32)(seed % 2), 6);
		u64 x = seed * 0x9e3779b97f4a7c15ULL;

		random_state(mc, &x);
		for (u32 i = 0; i < 300; i++) {
			(void)try_take(mc, (u32)(rnd(&x) % 5), (u32)(rnd(&x) % 3));
			if (i % 50 == 0)
				check_machine(mc);
		}
		machine_free(mc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unit_stands_where_it_was_put),
		cmocka_unit_test(test_order10_half_stays_free),
		cmocka_unit_test(test_refuses_what_is_not_free),
		cmocka_unit_test(test_label_moves_free_pages),
		cmocka_unit_test(test_S3_label_of_a_free_block),
		cmocka_unit_test(test_S3_marks_of_earlier_content),
		cmocka_unit_test(test_lists_settle_in_address_order),
		cmocka_unit_test(test_placing_wakes_nobody),
		cmocka_unit_test(test_random_states_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
