// SPDX-License-Identifier: GPL-2.0
/*
 * Which zones of which node a request by gfp flags concerns: NOFRAGMENT (S7.4), direct evacuation
 * (S2.6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/fallback.h"
#include "model/gfp.h"
#include "tests/lib/machine.h"

#define UNMOV MIGRATE_UNMOVABLE
#define MOV MIGRATE_MOVABLE

/* Zones of two SPBs each, one after another */
static struct machine *machine_of(const struct variant *v, const struct model_zone_config *named,
				  u32 nr)
{
	struct model_zone_config zones[4];
	const struct model_config config = {
		.zones = zones, .nr_zones = nr, .pageblock_order = 9, .spb_order = 13,
		.max_order = 10, .nr_cpus = 1,
	};

	for (u32 z = 0; z < nr; z++) {
		zones[z] = named[z];
		zones[z].start_pfn = MACHINE_START + z * 2 * MACHINE_SPB;
		zones[z].spanned = 2 * MACHINE_SPB;
	}
	return machine_new_config(v, &config);
}

static u32 flags_of_first_walk(const struct machine *mc)
{
	for (u32 i = 0; i < mc->nr_events; i++) {
		if (mc->events[i].kind == MODEL_ALLOC_WALK)
			return mc->events[i].alloc_walk.alloc_flags;
	}
	fail();
	return 0;
}

/*
 * S7.4: Normal spreads to the node's own DMA32 only, wherever that stands; one node is taken to
 * have it
 */
static void test_S7_4_nofragment_by_node(void **state)
{
	static const struct {
		struct model_zone_config zones[4];
		u32 nr, from;
		bool nofragment;
	} cases[] = {
		{ { { 0, "DMA32", 0, 0 }, { 0, "Normal", 0, 0 }, { 1, "Normal", 0, 0 } }, 3, 1, true },
		{ { { 0, "DMA32", 0, 0 }, { 0, "Normal", 0, 0 }, { 1, "Normal", 0, 0 } }, 3, 2, false },
		{ { { 0, "DMA", 0, 0 }, { 0, "DMA32", 0, 0 }, { 0, "Normal", 0, 0 },
		    { 1, "Normal", 0, 0 } }, 4, 2, true },
		{ { { 0, "DMA", 0, 0 }, { 0, "Normal", 0, 0 }, { 1, "Normal", 0, 0 } }, 3, 1, false },
		{ { { 0, "DMA", 0, 0 }, { 0, "Normal", 0, 0 } }, 2, 1, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct variant v = machine_variant();
		struct machine *mc = machine_of(&v, cases[i].zones, cases[i].nr);

		try_take_gfp(mc, cases[i].from, 0, UNMOV, GFP_KERNEL);
		if (!(flags_of_first_walk(mc) & ALLOC_NOFRAGMENT) == cases[i].nofragment)
			fail_msg("case %zu", i);
		machine_free(mc);
	}
}

/*
 * The first SPB of the zone: tainted by its first page, the rest movable, in units of all orders.
 */
static void fill_spb(struct machine *mc, u64 pfn, u32 *owner)
{
	struct model_req req = { .owner = (*owner)++, .migratetype = UNMOV };

	mc->pfn[req.owner] = pfn;
	assert_int_equal(model_place(mc->m, &req, pfn), 0);
	req.migratetype = MOV;
	for (u64 at = 1; at < MACHINE_SPB; at += 1U << req.order) {
		req.order = (u8)__builtin_ctzll(at);
		req.order = req.order < 10 ? req.order : 10;
		req.owner = (*owner)++;
		mc->pfn[req.owner] = pfn + at;
		assert_int_equal(model_place(mc->m, &req, pfn + at), 0);
	}
}

/* S2.6: the slow path empties SPBs of the zones that it may take from, on the request's node */
static void test_S2_6_evacuates_allowed_zones(void **state)
{
	static const struct model_zone_config zones[] = {
		{ 0, "DMA32", 0, 0 }, { 0, "Normal", 0, 0 }, { 0, "Movable", 0, 0 },
		{ 1, "Normal", 0, 0 },
	};
	struct variant v = machine_variant();
	struct machine *mc;
	u32 owner = 0;

	(void)state;
	v.trigger_update = 0;
	mc = machine_of(&v, zones, 4);
	/* Room is in the second SPB of Movable alone. */
	for (u32 s = 0; s < 8; s++) {
		if (s != 5)
			fill_spb(mc, MACHINE_START + s * MACHINE_SPB, &owner);
	}
	mc->nr_units = owner;
	assert_true(try_take_gfp(mc, 1, 4, UNMOV, GFP_KERNEL | ___GFP_RETRY_MAYFAIL) != UINT32_MAX);
	assert_int_equal(mc->last.zone, 1);
	assert_int_equal(model_counters(mc->m, 0)->evac_direct, 0);
	assert_int_equal(model_counters(mc->m, 1)->evac_direct, 1);
	assert_int_equal(model_counters(mc->m, 2)->evac_direct, 0);
	assert_int_equal(model_counters(mc->m, 3)->evac_direct, 0);
	assert_true(model_counters(mc->m, 1)->pages_migrated > 0);
	check_machine(mc);
	/* From DMA32 nothing higher than that is asked. */
	try_take_gfp(mc, 0, 4, UNMOV, GFP_KERNEL | ___GFP_DMA32 | ___GFP_RETRY_MAYFAIL);
	assert_true(model_counters(mc->m, 0)->evac_direct > 0);
	assert_int_equal(model_counters(mc->m, 1)->evac_direct, 1);
	machine_free(mc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S7_4_nofragment_by_node),
		cmocka_unit_test(test_S2_6_evacuates_allowed_zones),
	};

	return cmocka_run_group_tests_name("model: zones and nodes", tests, NULL, NULL);
}
