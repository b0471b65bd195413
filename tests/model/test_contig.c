// SPDX-License-Identifier: GPL-2.0
/*
 * Contig ranges for movable requests of the slow path (S2.7). Test names quote the item of the spec.
 */
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
 * SPB 0 is clean and has one free pageblock (3); blocks 0 and 1 are half free, the rest is in use. SPB
 * 1 is full.
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

#define GFP_TRANSHUGE (GFP_HIGHUSER_MOVABLE | ___GFP_COMP | ___GFP_NOMEMALLOC | ___GFP_NOWARN)

/* S2.7: the first range of a packed clean SPB is emptied for a movable request that found nothing */
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
	/* Two units stay, in each of two rounds. */
	assert_int_equal(model_counters(mc->m, 0)->pages_failed, 2 * 512);
	assert_int_equal(mc->m->zones[0].nr_free_pages, free_pages);
	for (u32 b = 0; b < MACHINE_BLOCKS; b++)
		assert_int_equal(pageblock_migratetype(the_spb(mc, 0), b * MACHINE_BLOCK), MOV);
	/* The free halves are where they were, and of use. */
	assert_true(ask(mc, 8, MOV, GFP_HIGHUSER_MOVABLE) != NOTHING);
	machine_free(mc);
}

/* S2.7: a range with something else in it, or a pageblock that is larger than can be moved, is left */
static void test_S2_7_contig_unmovable(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 1);
	u32 units[16];

	(void)state;
	for (u32 i = 0; i < 16; i++)
		units[i] = take(mc, 9, MOV);
	give(mc, units[3], 9);
	give(mc, units[1], 9);
	assert_int_equal(ask(mc, 10, MOV, GFP_TRANSHUGE), NOTHING);
	assert_int_equal(model_counters(mc->m, 0)->stall_ns, 0);
	machine_free(mc);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S2_7_contig),
		cmocka_unit_test(test_S2_7_contig_fails),
		cmocka_unit_test(test_S2_7_contig_unmovable),
		cmocka_unit_test(test_S2_7_contig_cuts_a_buddy),
	};

	return cmocka_run_group_tests_name("model: contig ranges", tests, NULL, NULL);
}
