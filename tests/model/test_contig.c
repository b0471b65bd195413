// SPDX-License-Identifier: GPL-2.0
/*
 * Contig ranges for movable requests of the slow path (S2.7). Test names quote the item of the
 * spec.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/contig.h"
#include "model/gfp.h"
#include "model/pageblock.h"
#include "tests/lib/machine.h"

#define UNMOV MIGRATE_UNMOVABLE
#define MOV MIGRATE_MOVABLE
#define NOTHING UINT32_MAX

static u32 ask(struct machine *mc, u32 order, u32 mt, u32 gfp)
{
	forget(mc);
	return try_take_gfp(mc, 0, order, mt, gfp);
}

/*
 * SPB 0 is clean and has one free pageblock (3); blocks 0 and 1 are half free, the rest is in use.
 * SPB 1 is full.
 */
static struct machine *packed_machine(const struct variant *v, u32 *units)
{
	struct machine *mc = machine_new(v, 2);

	for (u32 i = 0; i < 64; i++)
		units[i] = take(mc, 8, MOV);
	/* Whole blocks come first (S2.3 item 2): the halves of a block are 16 units apart. */
	for (u32 i = 0; i < 64; i++) {
		const u64 page = mc->pfn[units[i]] - MACHINE_START;

		if (page == 0 || page == 512 + 256 || page == 1536 || page == 1536 + 256)
			give(mc, units[i], 8);
	}
	assert_int_equal(the_spb(mc, 0)->nr_free, 1);
	return mc;
}

/*
 * S2.7: the first range of a packed clean SPB is emptied for a movable request that found nothing
 */
static void test_S2_7_contig(void **state)
{
	static const struct {
		u32 order, mt, gfp, on;
		bool contig;
	} cases[] = {
		{ 10, MOV, GFP_TRANSHUGE, 1, true },
		{ 10, MOV, GFP_TRANSHUGE, 0, false },
		/* Flags that alloc_contig_range() does not know; no reclaim. */
		{ 10, MOV, GFP_TRANSHUGE | ___GFP_NORETRY, 1, false },
		{ 10, MOV, GFP_TRANSHUGE & ~___GFP_DIRECT_RECLAIM, 1, false },
		{ 10, UNMOV, GFP_KERNEL | ___GFP_RETRY_MAYFAIL, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct variant v = machine_variant();
		const struct model_counters *c;
		struct machine *mc;
		u32 units[64], unit;

		v.slowpath_contig = cases[i].on;
		mc = packed_machine(&v, units);
		c = model_counters(mc->m, 0);
		unit = ask(mc, cases[i].order, cases[i].mt, cases[i].gfp);
		if ((unit != NOTHING) != cases[i].contig)
			fail_msg("case %zu", i);
		assert_int_equal(c->outcomes[OUTCOME_CONTIG], cases[i].contig);
		check_machine(mc);
		if (!cases[i].contig) {
			machine_free(mc);
			continue;
		}
		assert_int_equal(mc->pfn[unit], MACHINE_START);
		assert_int_equal(c->pages_migrated, 512);
		assert_int_equal(c->stall_ns, 512 * 2000);
		assert_int_equal(the_spb(mc, 0)->nr_free, 0);
		give(mc, unit, 10);
		assert_int_equal(the_spb(mc, 0)->nr_free, 2);
		machine_free(mc);
	}
}

/* S2.7: what cannot move is put back as it was, and the SPB goes to the tail of its list */
static void test_S2_7_contig_fails(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u64 free_pages;
	u32 units[64];

	(void)state;
	v.migrate_fail_ppm = 1000000;
	mc = packed_machine(&v, units);
	free_pages = mc->m->zones[0].nr_free_pages;
	assert_int_equal(ask(mc, 10, MOV, GFP_TRANSHUGE), NOTHING);
	/*
	 * A unit is a batch, and the first that stays is the end: tried twice, in each of two
	 * rounds.
	 */
	assert_int_equal(model_counters(mc->m, 0)->pages_failed, 2 * 2 * 256);
	assert_int_equal(mc->m->zones[0].nr_free_pages, free_pages);
	for (u32 b = 0; b < MACHINE_BLOCKS; b++)
		assert_int_equal(pageblock_migratetype(the_spb(mc, 0), b * MACHINE_BLOCK), MOV);
	/* The free halves are where they were, and of use. */
	assert_true(ask(mc, 8, MOV, GFP_HIGHUSER_MOVABLE) != NOTHING);
	machine_free(mc);
}

static void place(struct machine *mc, u32 owner, u32 order, u32 mt, u64 page)
{
	const struct model_req req = { .owner = owner, .order = (u8)order, .migratetype = (u8)mt };

	mc->pfn[owner] = MACHINE_START + page;
	assert_int_equal(model_place(mc->m, &req, mc->pfn[owner]), 0);
}

/*
 * S2.7: huge pages leave a range, too, when there is a free pageblock for them; what is not movable
 * stays
 */
static void test_S2_7_contig_huge_units(void **state)
{
	static const struct {
		u32 other;	/* type of the unit in block 0 */
		bool room, contig;
	} cases[] = { { MOV, true, true }, { MOV, false, false }, { UNMOV, true, false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct variant v = machine_variant();
		struct machine *mc = machine_new(&v, 2);

		/*
		 * Block 1 of SPB 0 is free for the range, block 3 of SPB 1 for what leaves block 0.
		 */
		for (u32 u = 0; u < 32; u++) {
			if (u != 1 && (u != 16 + 3 || !cases[i].room))
				place(mc, u, 9, u ? MOV : cases[i].other, u * 512);
		}
		assert_int_equal(ask(mc, 10, MOV, GFP_TRANSHUGE) != NOTHING, cases[i].contig);
		if (cases[i].contig)
			assert_int_equal(model_counters(mc->m, 0)->pages_migrated, 512);
		check_machine(mc);
		machine_free(mc);
	}
}

/* ---- whole superpageblocks ---- */

static u64 take_spb(struct machine *mc)
{
	u64 pfn = 0;
	const int ret = model_alloc_contig(mc->m, mc->now, 0, 0, &pfn);

	check_machine(mc);
	if (ret == -ENOSPC)
		return NOTHING;
	assert_int_equal(ret, 0);
	return (pfn - MACHINE_START) / MACHINE_SPB;
}

static void give_spb(struct machine *mc, u64 spb)
{
	assert_int_equal(model_free_contig(mc->m, mc->now, 0, MACHINE_START + spb * MACHINE_SPB),
			 0);
	check_machine(mc);
}

/*
 * S2.7: empty SPBs, then clean ones from the emptiest on; tainted and clipped ones never; S1.6:
 * isolated
 */
static void test_S2_7_whole_spb(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new_clipped(&v, 5, 512);
	const struct model_counters *c = model_counters(mc->m, 0);
	struct model_zone_state st;

	(void)state;
	/* 0 tainted, 1 full, 2 all but empty, 3 empty, 4 empty and clipped */
	place(mc, 0, 0, UNMOV, 0);
	for (u32 b = 0; b < 18; b++)
		place(mc, 1 + b, 9, MOV, MACHINE_SPB + b * 512);
	assert_int_equal(take_spb(mc), 3);
	assert_int_equal(c->pages_migrated, 0);
	assert_ptr_equal(the_spb(mc, 3)->on, &mc->m->zones[0].spb_isolated);
	assert_int_equal(the_spb(mc, 3)->nr_free_pages, 0);
	model_zone_state(mc->m, 0, mc->now, &st);
	assert_int_equal(st.spb_isolated, 1);
	/* Two huge pages leave SPB 2. */
	assert_int_equal(take_spb(mc), 2);
	assert_int_equal(c->pages_migrated, 2 * 512);
	assert_int_equal(c->stall_ns, 2 * 512 * 2000);
	assert_int_equal(c->contig_spbs, 2);
	assert_int_equal(spb_of(mc, 17), 4);
	assert_int_equal(spb_of(mc, 18), 4);
	/* What fills SPB 1 goes to the clipped one, and to the tainted one above its reserve. */
	assert_int_equal(take_spb(mc), 1);
	assert_int_equal(c->pages_migrated, 18 * 512);
	assert_int_equal(take_spb(mc), NOTHING);
	assert_int_equal(c->contig_spbs, 3);
	give_spb(mc, 3);
	assert_ptr_equal(the_spb(mc, 3)->on, &mc->m->zones[0].spb_empty);
	assert_int_equal(the_spb(mc, 3)->free_area[10].nr_free, 8);
	assert_int_equal(model_free_contig(mc->m, mc->now, 0, MACHINE_START + 3 * MACHINE_SPB),
			 -EINVAL);
	assert_int_equal(model_free_contig(mc->m, mc->now, 0, MACHINE_START), -EINVAL);
	give_spb(mc, 2);
	machine_free(mc);
}

/*
 * S2.7: what no list offers is found by address, upstream's only way: here an SPB whose taint
 * outlived its content (S3). Its pages move; its labels stay.
 */
static void test_S2_7_whole_spb_by_address(void **state)
{
	(void)state;
	for (u32 vanilla = 0; vanilla < 2; vanilla++) {
		struct variant v = machine_variant();
		struct machine *mc;

		v.allocator = vanilla ? ALLOCATOR_VANILLA : ALLOCATOR_SPB;
		v.trigger_update = !vanilla;
		mc = machine_new(&v, 2);
		place(mc, 0, 0, UNMOV, MACHINE_SPB + 512);
		place(mc, 1, 0, UNMOV, 512);
		place(mc, 2, 0, MOV, 513);
		assert_int_equal(model_set_label(mc->m, MACHINE_START + 512, MIGRATE_RECLAIMABLE),
				 0);
		assert_int_equal(take_spb(mc), NOTHING);
		give(mc, 1, 0);
		assert_int_equal(take_spb(mc), 0);
		assert_int_equal(spb_of(mc, 2), 1);
		assert_int_equal(model_label(mc->m, MACHINE_START + 512), MIGRATE_RECLAIMABLE);
		assert_int_equal(take_spb(mc), NOTHING);
		give_spb(mc, 0);
		assert_int_equal(the_spb(mc, 0)->nr_free, MACHINE_BLOCKS);
		machine_free(mc);
	}
}

/*
 * S7.1: what upstream's scan isolates in vain goes to the tails of the zone's lists, behind the
 * memory that nothing has touched since boot
 */
static void test_S7_1_whole_spb_gives_back_to_tails(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 unit;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	v.trigger_update = 0;
	mc = machine_new(&v, 3);
	unit = take(mc, 9, MOV);
	assert_int_equal(mc->pfn[unit], MACHINE_START);
	the_spb(mc, 0)->page[0] |= PAGE_PINNED;
	assert_int_equal(take_spb(mc), 1);
	assert_int_equal(spb_of(mc, take(mc, 10, MOV)), 2);
	machine_free(mc);
}

/* S2.7: pages that wait on per-CPU lists do not hold a range (drain_all_pages()) */
static void test_S2_7_whole_spb_drains_lists(void **state)
{
	static const u32 modes[] = { PCP_VANILLA, PCP_BUDDY };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct variant v = machine_variant();
		struct machine *mc;
		u64 free_pages;

		v.pcp_mode = modes[i];
		mc = machine_new_page_level(&v, 2);
		free_pages = mc->m->zones[0].nr_free_pages;
		give(mc, take(mc, 0, MOV), 0);
		give(mc, take(mc, 0, UNMOV), 0);
		assert_true(mc->m->zones[0].nr_free_pages < free_pages);
		assert_true(take_spb(mc) != NOTHING);
		assert_true(take_spb(mc) != NOTHING);
		assert_int_equal(mc->m->zones[0].nr_free_pages, 0);
		machine_free(mc);
	}
}

/* S2.7: a free buddy that reaches beyond the range is cut; what is left stays usable */
static void test_S2_7_contig_cuts_a_buddy(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 1);
	struct found at;

	(void)state;
	assert_true(spb_try_alloc_contig(&mc->m->zones[0], 9, 0, &at));
	at.sb->page[at.frame] = page_make_used(9, MOV, 0, 0);
	assert_int_equal(at.frame, 0);
	assert_int_equal(the_spb(mc, 0)->nr_free, 15);
	check_machine(mc);
	assert_int_equal(model_free_pages(mc->m, mc->now, 0, MACHINE_START, 9), 0);
	assert_int_equal(the_spb(mc, 0)->nr_free, 16);
	assert_int_equal(the_spb(mc, 0)->free_area[10].nr_free, 8);
	machine_free(mc);
}

/*
 * S2.7: a batch of __alloc_contig_migrate_range() runs on over the end of a block; what does not
 * move ends it after the batch
 */
static void test_S2_7_contig_batches_cross_blocks(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	struct found at;

	(void)state;
	v.migrate_batch = 4;
	mc = machine_new(&v, 1);
	place(mc, 0, 0, MOV, 5);
	place(mc, 1, 0, MOV, 512 + 7);
	for (u32 i = 0; i < 4; i++)
		place(mc, 2 + i, 0, MOV, 512 + 100 + i);
	the_spb(mc, 0)->page[5] |= PAGE_PINNED;
	assert_false(spb_try_alloc_contig(&mc->m->zones[0], 10, 0, &at));
	/* Tried twice: the pinned one with three others, then with the last two. */
	assert_int_equal(model_counters(mc->m, 0)->pages_migrated, 5);
	assert_int_equal(model_counters(mc->m, 0)->pages_failed, 2);
	check_machine(mc);
	machine_free(mc);
}

/* S2.7: what was isolated before a block that may not be is given back to the tails of the lists */
static void test_S2_7_contig_gives_back_to_tails(void **state)
{
	static const struct model_zone_config zone = { 0, "Normal", MACHINE_START, MACHINE_SPB };
	static const struct model_range memblock = { MACHINE_START + 600, MACHINE_START + 601,
						     false };
	const struct model_config config = { .zones = &zone, .nr_zones = 1, .ranges = &memblock,
					     .nr_ranges = 1, .pageblock_order = 9, .spb_order = 13,
					     .max_order = 10, .nr_cpus = 1 };
	const struct variant v = machine_variant();
	struct machine *mc = machine_new_config(&v, &config);
	const struct free_list *list;
	struct found at;

	(void)state;
	place(mc, 0, 8, MOV, 0);
	place(mc, 1, 8, MOV, 256);
	place(mc, 2, 8, MOV, 1024);
	place(mc, 3, 8, MOV, 1024 + 256);
	give(mc, 2, 8);
	give(mc, 0, 8);
	list = &the_spb(mc, 0)->free_area[8].free_list[MOV];
	assert_int_equal(list->head, 0);
	assert_false(spb_try_alloc_contig(&mc->m->zones[0], 10, 0, &at));
	assert_int_equal(list->head, 512 + 256);
	assert_int_equal(list->tail, 0);
	assert_int_equal(model_counters(mc->m, 0)->pages_migrated, 0);
	check_machine(mc);
	machine_free(mc);
}

/*
 * S2.3 item 4, S2.7: half of a split order-10 buddy that is free but uncounted is counted again
 * when split_large_buddy() frees the blocks one by one
 */
static void test_S2_3_4_isolation_counts_blocks_again(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 1);
	const u32 unit = take(mc, 9, MOV);
	struct found at;

	(void)state;
	assert_int_equal(mc->pfn[unit], MACHINE_START);
	give(mc, unit, 9);
	assert_int_equal(the_spb(mc, 0)->free_area[10].nr_free, 8);
	assert_int_equal(the_spb(mc, 0)->nr_free, 15);
	assert_true(spb_try_alloc_contig(&mc->m->zones[0], 9, 0, &at));
	assert_int_equal(the_spb(mc, 0)->nr_free, 15);
	at.sb->page[at.frame] = page_make_used(9, MOV, 0, 0);
	check_machine(mc);
	machine_free(mc);
}

/*
 * S2.7, S3: each block of a range is scanned, though a free unit of more than a block begins in the
 * one before: has_movable goes where nothing movable is found
 */
static void test_S2_7_contig_scans_each_block(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	struct found at;
	u32 cleared = 0;

	(void)state;
	v.pcp_mode = PCP_VANILLA;
	mc = machine_new_page_level(&v, 1);
	/*
	 * Block 1, the free half of an order-10 unit, has the bit; block 0 waits on a per-CPU list.
	 */
	give(mc, take(mc, 0, MOV), 0);
	assert_true(pageblock_test(the_spb(mc, 0), 512, PB_HAS_MOVABLE));
	assert_false(pageblock_test(the_spb(mc, 0), 512, PB_ALL_FREE));
	forget(mc);
	assert_true(spb_try_alloc_contig(&mc->m->zones[0], 10, 0, &at));
	for (u32 i = 0; i < mc->nr_events; i++) {
		const struct model_event *e = &mc->events[i];

		cleared += e->kind == MODEL_PB_TAINT && e->pb_taint.action == PB_TAINT_CLEAR &&
			   e->pfn == MACHINE_START + 512;
	}
	assert_int_equal(cleared, 1);
	at.sb->page[at.frame] = page_make_used(10, MOV, 0, 0);
	machine_free(mc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S2_7_contig),
		cmocka_unit_test(test_S2_7_contig_fails),
		cmocka_unit_test(test_S2_7_contig_huge_units),
		cmocka_unit_test(test_S2_7_whole_spb),
		cmocka_unit_test(test_S2_7_whole_spb_by_address),
		cmocka_unit_test(test_S7_1_whole_spb_gives_back_to_tails),
		cmocka_unit_test(test_S2_7_whole_spb_drains_lists),
		cmocka_unit_test(test_S2_7_contig_cuts_a_buddy),
		cmocka_unit_test(test_S2_7_contig_scans_each_block),
		cmocka_unit_test(test_S2_7_contig_batches_cross_blocks),
		cmocka_unit_test(test_S2_7_contig_gives_back_to_tails),
		cmocka_unit_test(test_S2_3_4_isolation_counts_blocks_again),
	};

	return cmocka_run_group_tests_name("model: contig ranges", tests, NULL, NULL);
}
