// SPDX-License-Identifier: GPL-2.0
/*
 * The slow path by gfp flags (S2.6, S7.4): who relaxes what, who evacuates, who gives up. Test
 * names quote the item of the spec.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/fallback.h"
#include "model/gfp.h"
#include "model/reclaim.h"
#include "model/pageblock.h"
#include "tests/lib/machine.h"

#define UNMOV MIGRATE_UNMOVABLE
#define MOV MIGRATE_MOVABLE
#define RECL MIGRATE_RECLAIMABLE

#define GFP_ATOMIC (___GFP_HIGH | ___GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT (___GFP_KSWAPD_RECLAIM | ___GFP_NOWARN)
#define NOTHING UINT32_MAX

static void assert_events(struct machine *mc, const char *expected)
{
	char *text = events_text(mc);

	assert_string_equal(text, expected);
	free(text);
	forget(mc);
}

static u32 ask(struct machine *mc, u32 order, u32 mt, u32 gfp)
{
	forget(mc);
	return try_take_gfp(mc, 0, order, mt, gfp);
}

static u32 count_events(const struct machine *mc, u32 kind)
{
	u32 nr = 0;

	for (u32 i = 0; i < mc->nr_events; i++)
		nr += mc->events[i].kind == kind;
	return nr;
}

/* S2.6: without direct reclaim: TAINTED_OK, then neither: this is how GFP_ATOMIC taints */
static void test_S2_6_atomic_relaxes(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	assert_true(ask(mc, 9, UNMOV, GFP_ATOMIC) != NOTHING);
	assert_events(mc,
		      "walk order=9 mt=0 flags=0x100 NO_PAGE visits=2\n"
		      "relax order=9 mt=0 gfp=0x820 ADD_TAINTED_OK\n"
		      "walk order=9 mt=0 flags=0x1100 NO_PAGE visits=2\n"
		      "relax order=9 mt=0 gfp=0x820 DROP_NOFRAGMENT\n"
		      "walk order=9 mt=0 flags=0x0 NO_PAGE visits=2\n"
		      "taint page=0 mt=0 SET edge\n"
		      "taint page=512 mt=0 SET\n"
		      "extfrag page=0 order=9 mt=0 from=10/1 owner=1\n");
	machine_free(mc);
}

/* S2.6: with direct reclaim: NOFRAGMENT stays, evacuation comes before the drop, no relax event */
static void test_S2_6_kernel_drops_last(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	assert_true(ask(mc, 0, UNMOV, GFP_KERNEL) != NOTHING);
	assert_events(mc,
		      "walk order=0 mt=0 flags=0x100 NO_PAGE visits=2\n"
		      "walk order=0 mt=0 flags=0x100 NO_PAGE visits=2\n"
		      "evacuated order=0 mt=0 p1=0 p2=0 did=0\n"
		      "walk order=0 mt=0 flags=0x0 NO_PAGE visits=2\n"
		      "taint page=0 mt=0 SET edge\n"
		      "taint page=512 mt=0 SET\n"
		      "extfrag page=0 order=0 mt=0 from=10/1 owner=1\n");
	assert_int_equal(model_counters(mc->m, 0)->evac_direct, 1);
	machine_free(mc);
}

/* S2.6: nobody evacuates for movable requests */
static void test_S2_6_movable_does_not_evacuate(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 1);

	(void)state;
	while (try_take_gfp(mc, 0, 10, UNMOV, GFP_KERNEL | ___GFP_RETRY_MAYFAIL) != NOTHING)
		;
	assert_int_equal(ask(mc, 0, MOV, GFP_HIGHUSER_MOVABLE), NOTHING);
	assert_int_equal(count_events(mc, MODEL_EVACUATE_DONE), 0);
	machine_free(mc);
}

/*
 * S2.6: NORETRY without reclaim returns at once: in the fast path, and each time in the slow path
 */
static void test_S2_6_noretry_skip(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	(void)state;
	assert_int_equal(ask(mc, 9, UNMOV, GFP_ATOMIC | ___GFP_NORETRY), NOTHING);
	assert_events(mc,
		      "walk order=9 mt=0 flags=0x100 NO_PAGE visits=2\n"
		      "relax order=9 mt=0 gfp=0x10820 NORETRY_SKIP\n"
		      "walk order=9 mt=3 flags=0x2310 NO_PAGE visits=2\n"
		      "fall_through order=9 mt=0 flags=0x2310 tainted=0 buddy=0 saw=000\n"
		      "walk order=9 mt=0 flags=0x2310 NO_PAGE visits=2\n"
		      "walk order=9 mt=3 flags=0x2310 NO_PAGE visits=2\n"
		      "relax order=9 mt=0 gfp=0x10820 NORETRY_SKIP\n"
		      "walk order=9 mt=3 flags=0x2310 NO_PAGE visits=2\n"
		      "fall_through order=9 mt=0 flags=0x2310 tainted=0 buddy=0 saw=000\n"
		      "walk order=9 mt=0 flags=0x2310 NO_PAGE visits=2\n"
		      "walk order=9 mt=3 flags=0x2310 NO_PAGE visits=2\n"
		      "relax order=9 mt=0 gfp=0x10820 NORETRY_SKIP\n");
	assert_int_equal(mc->nr_taints, 0);
	assert_int_equal(model_counters(mc->m, 0)->outcomes[OUTCOME_NO_PAGE], 1);
	machine_free(mc);
}

/*
 * S2.6: costly orders without RETRY_MAYFAIL, and NORETRY, fail rather than taint; NOFAIL does not
 */
static void test_S2_6_who_fails_rather_than_taints(void **state)
{
	static const struct {
		u32 order, gfp;
		bool served;
	} cases[] = {
		{ 3, GFP_KERNEL, true },
		{ 4, GFP_KERNEL, false },
		{ 4, GFP_KERNEL | ___GFP_RETRY_MAYFAIL, true },
		{ 4, GFP_KERNEL | ___GFP_NOFAIL, true },
		{ 0, GFP_KERNEL | ___GFP_NORETRY, false },
		{ 3, GFP_KERNEL | ___GFP_NORETRY | ___GFP_THISNODE, false },
		{ 4, (GFP_KERNEL | ___GFP_RETRY_MAYFAIL) & ~___GFP_IO, false },
		{ 0, GFP_KERNEL | ___GFP_MEMALLOC | ___GFP_NORETRY, true },
		{ 0, GFP_KERNEL | ___GFP_MEMALLOC | ___GFP_NOMEMALLOC | ___GFP_NORETRY, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct variant v = machine_variant();
		struct machine *mc = machine_new(&v, 2);
		const u32 unit = ask(mc, cases[i].order, UNMOV, cases[i].gfp);

		if ((unit != NOTHING) != cases[i].served)
			fail_msg("case %zu", i);
		assert_int_equal(mc->nr_taints, cases[i].served);
		machine_free(mc);
	}
}

/* SPB 0 is tainted, holds movable units, and no page is free in it. SPB 1 is empty. */
static struct machine *mixed_machine(const struct variant *v, u32 *units)
{
	struct machine *mc = machine_new(v, 2);

	for (u32 i = 0; i < 32; i++)
		units[i] = take(mc, 8, MOV);
	/* SPB 1 is out of the way while SPB 0 gets its taint. */
	for (u32 i = 0; i < 8; i++)
		units[32 + i] = take(mc, 10, MOV);
	give(mc, units[0], 8);
	take(mc, 8, UNMOV);
	for (u32 i = 0; i < 8; i++)
		give(mc, units[32 + i], 10);
	run_for(mc, 6 * NSEC_PER_SEC);
	model_start(mc->m, mc->now);
	return mc;
}

/* S2.6, S4.5: evacuation makes room in the tainted SPB, so the clean one stays clean */
static void test_S2_6_evacuation_saves_a_taint(void **state)
{
	struct variant v = machine_variant();

	(void)state;
	v.trigger_update = 0;
	for (u32 on = 0; on < 2; on++) {
		const struct model_counters *c;
		u32 units[40], unit;
		struct machine *mc;

		v.slowpath_evacuate = on;
		mc = mixed_machine(&v, units);
		c = model_counters(mc->m, 0);
		unit = ask(mc, 0, UNMOV, GFP_KERNEL);
		assert_int_equal(spb_of(mc, unit), on ? 0 : 1);
		assert_int_equal(mc->nr_taints, on ? 0 : 1);
		assert_int_equal(c->evac_direct, on);
		/* 8 blocks of two units, but that the first block has one; 2 us a page. */
		assert_int_equal(c->pages_migrated, on ? 15 * 256 : 0);
		assert_int_equal(c->stall_ns, c->pages_migrated * 2000);
		machine_free(mc);
	}
}

/* S10 item 19: v2 refuses a high order that cannot reclaim while a smaller one could be served */
static void test_S2_6_nowarn_lower_order(void **state)
{
	struct variant v = machine_variant();

	(void)state;
	v.trigger_update = 0;
	for (u32 on = 0; on < 2; on++) {
		u32 units[40];
		struct machine *mc;

		v.relax_nowarn = on;
		mc = mixed_machine(&v, units);
		assert_int_equal(ask(mc, 3, UNMOV, GFP_NOWAIT) != NOTHING, !on);
		assert_int_equal(mc->nr_taints, !on);
		/* Not for order 0, nor for callers that want to hear of a failure. */
		assert_true(ask(mc, 0, UNMOV, GFP_NOWAIT) != NOTHING);
		machine_free(mc);
		mc = mixed_machine(&v, units);
		assert_true(ask(mc, 3, UNMOV, GFP_NOWAIT & ~___GFP_NOWARN) != NOTHING);
		machine_free(mc);
	}
}

/* S2.6: nothing movable, no smaller buddy in the tainted pool: the request goes on */
static void test_S2_6_nowarn_nothing_smaller(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	v.relax_nowarn = 1;
	mc = machine_new(&v, 2);
	for (u32 i = 0; i < 8; i++)
		take(mc, 10, UNMOV);
	assert_true(ask(mc, 3, UNMOV, GFP_NOWAIT) != NOTHING);
	assert_int_equal(mc->nr_taints, 1);
	/* Unmovable buddies of lower orders are left over: order 10 is refused, for either type. */
	for (u32 i = 0; i < 7; i++)
		take(mc, 10, UNMOV);
	assert_int_equal(ask(mc, 10, UNMOV, GFP_NOWAIT), NOTHING);
	assert_string_equal(relax_step_name(mc->events[1].atomic_relax.step),
			    "NOWARN_LOWER_ORDER");
	assert_int_equal(ask(mc, 10, RECL, GFP_NOWAIT), NOTHING);
	assert_string_equal(relax_step_name(mc->events[1].atomic_relax.step),
			    "NOWARN_LOWER_ORDER");
	machine_free(mc);
}

/* One page is free in the tainted SPB: no pass can serve order 3 from it. */
static struct machine *crumb_machine(const struct variant *v, u32 *units)
{
	struct machine *mc = mixed_machine(v, units);

	give(mc, units[2], 8);
	for (u32 i = 8; i-- > 0;)
		take(mc, i, UNMOV);
	assert_int_equal(the_spb(mc, 0)->nr_free_pages, 1);
	return mc;
}

/* S2.5, S2.2 T1: SPB_HIGHORDER_REFUSED, and the search asks for room before it fails */
static void test_S2_5_highorder_refused(void **state)
{
	struct variant v = machine_variant();

	(void)state;
	v.trigger_update = 0;
	v.evac_deferred = 1;
	v.slowpath_evacuate = 0;
	v.migrate_fail_ppm = 1000000;
	for (u32 i = 0; i < 4; i++) {
		const struct model_counters *c;
		u64 evacs, shrinks;
		struct machine *mc;
		u32 units[40];

		v.highorder_optional = i & 1;
		v.trigger_reserve = i >> 1;
		mc = crumb_machine(&v, units);
		run_for(mc, NSEC_PER_SEC);
		c = model_counters(mc->m, 0);
		evacs = c->evac_queued;
		shrinks = c->shrink_queued;
		assert_int_equal(ask(mc, 3, UNMOV, GFP_KERNEL | ___GFP_NORETRY), NOTHING);
		/* Two rounds: order 3 compacts first. */
		assert_int_equal(c->highorder_refused, i & 1 ? 2 : 0);
		assert_int_equal(c->evac_queued - evacs, i == 3);
		assert_int_equal(c->shrink_queued - shrinks, i == 3);
		machine_free(mc);
	}
}

/* S1.8: fall_through tells what the walk saw, and fires for callers with a cheap fallback only */
static void test_S1_8_fall_through(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 units[40];

	(void)state;
	v.trigger_update = 0;
	v.slowpath_evacuate = 0;
	mc = crumb_machine(&v, units);
	assert_int_equal(ask(mc, 3, UNMOV, GFP_KERNEL | ___GFP_NORETRY | ___GFP_THISNODE),
			 NOTHING);
	assert_events(mc,
		      "walk order=3 mt=0 flags=0x100 NO_PAGE visits=6\n"
		      "fall_through order=3 mt=0 flags=0x2100 tainted=1 buddy=0 saw=101\n"
		      "walk order=3 mt=0 flags=0x2100 NO_PAGE visits=6\n");
	machine_free(mc);
}

/* S10 item 12: a reclaim that gives pages makes room where clean cache lies */
static void test_S10_12_reclaim_gives_pages(void **state)
{
	struct variant v = machine_variant();

	(void)state;
	v.trigger_update = 0;
	v.slowpath_evacuate = 0;
	v.clean_drop_ppm = 1000000;
	v.reclaim_ms = 7;
	for (u32 on = 0; on < 2; on++) {
		const struct model_counters *c;
		u32 units[40], unit;
		struct machine *mc;

		v.reclaim_gives_pages = on ? 512 : 0;
		mc = mixed_machine(&v, units);
		c = model_counters(mc->m, 0);
		unit = ask(mc, 0, UNMOV, GFP_KERNEL);
		assert_int_equal(spb_of(mc, unit), on ? 0 : 1);
		assert_int_equal(mc->nr_dropped, on ? 2 : 0);
		assert_int_equal(c->pages_reclaimed, on ? 512 : 0);
		assert_int_equal(c->stall_ns, on ? 7 * NSEC_PER_MSEC : 0);
		machine_free(mc);
	}
}

/* Nothing is clean cache: the reclaim gives up, and the request goes on */
static void test_S10_12_reclaim_finds_nothing(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 units[40];

	(void)state;
	v.trigger_update = 0;
	v.reclaim_gives_pages = 4;
	mc = mixed_machine(&v, units);
	assert_true(ask(mc, 0, UNMOV, GFP_KERNEL) != NOTHING);
	assert_int_equal(model_counters(mc->m, 0)->reclaim_runs, 1);
	assert_int_equal(model_counters(mc->m, 0)->pages_reclaimed, 0);
	assert_int_equal(mc->nr_dropped, 0);
	machine_free(mc);
}

/*
 * S10 item 12: free memory costs a reclaim nothing, used before or not: it looks at units in use
 * only
 */
static void test_S10_12_reclaim_passes_free_memory(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 units[80];

	(void)state;
	v.clean_drop_ppm = 1000000;
	v.reclaim_gives_pages = 1;
	mc = machine_new(&v, 10);
	for (u32 i = 0; i < 80; i++)
		units[i] = take(mc, 10, MOV);
	for (u32 i = 0; i < 79; i++)
		give(mc, units[i], 10);
	assert_int_equal(direct_reclaim(&mc->m->zones[0]), 1024);
	assert_int_equal(direct_reclaim(&mc->m->zones[0]), 0);
	machine_free(mc);
}

/* S10 item 12: flags that were not recorded go the way of slowpath_unrecorded */
static void test_S10_12_unrecorded(void **state)
{
	static const struct {
		u32 mode, relaxed;
		bool evacuates;
	} cases[] = {
		{ SLOWPATH_ATOMIC, 2, false },
		{ SLOWPATH_DIRECT, 0, false },
		{ SLOWPATH_NOFRAGMENT, 0, false },
		{ SLOWPATH_KERNEL, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		struct variant v = machine_variant();
		struct machine *mc;

		if (i % 2)
			v.slowpath_unrecorded = cases[i / 2].mode;
		else
			v.slowpath_mode = cases[i / 2].mode;
		mc = machine_new(&v, 2);
		/* Costly, but the host has served it: it may drop NOFRAGMENT. */
		assert_true(ask(mc, 4, UNMOV, 0) != NOTHING);
		assert_int_equal(count_events(mc, MODEL_ATOMIC_RELAX), cases[i / 2].relaxed);
		assert_int_equal(model_counters(mc->m, 0)->evac_direct > 0,
				 cases[i / 2].evacuates);
		machine_free(mc);
	}
}

/* The worker's own requests are GFP_HIGHUSER_MOVABLE when unknown flags go as GFP_KERNEL (S4.2) */
static void test_S4_2_migration_target_by_gfp(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 units[40], unit;

	(void)state;
	v.trigger_update = 0;
	v.slowpath_mode = SLOWPATH_KERNEL;
	mc = mixed_machine(&v, units);
	unit = ask(mc, 0, UNMOV, 0);
	assert_int_equal(spb_of(mc, unit), 0);
	assert_true(model_counters(mc->m, 0)->pages_migrated > 0);
	machine_free(mc);
}

/*
 * S4.2: nor does it relax like a caller that cannot reclaim when others' flags are unknown: its own
 * are known
 */
static void test_S4_2_worker_never_relaxes(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u32 first;

	(void)state;
	assert_int_equal(v.slowpath_unrecorded, SLOWPATH_ATOMIC);
	mc = machine_new(&v, 2);
	first = take(mc, 8, MOV);
	while (try_take(mc, 8, MOV) != NOTHING)
		;
	give(mc, first, 8);
	take(mc, 8, UNMOV);
	forget(mc);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(mc->nr_passes, 1);
	assert_true(mc->passes[0].pages_failed > 0);
	assert_int_equal(mc->passes[0].pages_migrated, 0);
	assert_true(count_events(mc, MODEL_ALLOC_WALK) > 0);
	assert_int_equal(count_events(mc, MODEL_ATOMIC_RELAX), 0);
	machine_free(mc);
}

/* Nothing is free, SPB 0 is tainted: units of @order in it want to move. */
static struct machine *full_machine(const struct variant *v, u32 order)
{
	struct machine *mc = machine_new(v, 2);
	const u32 first = take(mc, order, MOV);

	while (try_take(mc, order, MOV) != NOTHING)
		;
	give(mc, first, order);
	take(mc, order, UNMOV);
	forget(mc);
	return mc;
}

/* Was a page of @order looked for without NOFRAGMENT? */
static bool drops_nofragment(const struct machine *mc, u32 order)
{
	for (u32 i = 0; i < mc->nr_events; i++) {
		const struct model_event *e = &mc->events[i];

		if (e->kind == MODEL_ALLOC_WALK && e->order == order &&
		    !(e->alloc_walk.alloc_flags & ALLOC_NOFRAGMENT))
			return true;
	}
	return false;
}

/* S4.2: evacuate_pageblock() gives up early for costly folios: their flags have no RETRY_MAYFAIL */
static void test_S4_2_costly_targets_give_up(void **state)
{
	static const u32 modes[] = { SLOWPATH_GFP, SLOWPATH_KERNEL };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(modes); i++) {
		const u32 order = PAGE_ALLOC_COSTLY_ORDER + i % 2;
		struct variant v = machine_variant();
		struct machine *mc;

		v.slowpath_mode = modes[i / 2];
		mc = full_machine(&v, order);
		run_for(mc, NSEC_PER_SEC);
		assert_int_equal(mc->nr_passes, 1);
		assert_true(mc->passes[0].pages_failed > 0);
		assert_int_equal(drops_nofragment(mc, order), order <= PAGE_ALLOC_COSTLY_ORDER);
		machine_free(mc);
	}
}

/* S2.7: alloc_contig_range() does not: it adds RETRY_MAYFAIL */
static void test_S2_7_contig_targets_do_not_give_up(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	u64 pfn;

	(void)state;
	v.trigger_update = 0;
	v.slowpath_mode = SLOWPATH_GFP;
	mc = full_machine(&v, 4);
	assert_int_equal(model_alloc_contig(mc->m, mc->now, 0, 0, &pfn), -ENOSPC);
	assert_true(drops_nofragment(mc, 4));
	machine_free(mc);
}

static const struct model_zone_config three_zones[] = {
	{ 0, "DMA32", MACHINE_START, 2 * MACHINE_SPB },
	{ 0, "Normal", MACHINE_START + 2 * MACHINE_SPB, 2 * MACHINE_SPB },
	{ 1, "Normal", MACHINE_START + 4 * MACHINE_SPB, 2 * MACHINE_SPB },
};

/* Node 0 with DMA32 and Normal; a third zone is node 1. */
static struct machine *zones_machine(const struct variant *v, u32 nr)
{
	const struct model_config config = {
		.zones = three_zones, .nr_zones = nr, .pageblock_order = 9, .spb_order = 13,
		.max_order = 10, .nr_cpus = 1,
	};

	return machine_new_config(v, &config);
}

/* Flags of the first walk of an unmovable request. */
static u32 first_flags(struct machine *mc, u32 zone, u32 gfp)
{
	forget(mc);
	assert_true(try_take_gfp(mc, zone, 3, UNMOV, gfp) != NOTHING);
	for (u32 i = 0; i < mc->nr_events; i++) {
		if (mc->events[i].kind == MODEL_ALLOC_WALK)
			return mc->events[i].alloc_walk.alloc_flags;
	}
	return NOTHING;
}

/* S7.4: NOFRAGMENT where Normal is preferred and has a DMA32 below it to spread to */
static void test_S7_4_which_zones_get_nofragment(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = zones_machine(&v, 2);

	(void)state;
	assert_int_equal(first_flags(mc, 1, GFP_KERNEL), 0x100);
	/* Recorded in DMA32, but Normal was preferred: the flags are Normal's. */
	assert_int_equal(first_flags(mc, 0, GFP_KERNEL), 0x100);
	assert_int_equal(first_flags(mc, 0, GFP_KERNEL | ___GFP_DMA32), 0);
	machine_free(mc);
	mc = zones_machine(&v, 3);
	assert_int_equal(first_flags(mc, 1, GFP_KERNEL), 0x100);
	assert_int_equal(first_flags(mc, 2, GFP_KERNEL), 0);
	machine_free(mc);
}

/* S7.4: with NOFRAGMENT all zones are tried before one is fragmented */
static void test_S7_4_dma32_before_fragmenting(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = zones_machine(&v, 2);
	u32 unit;

	(void)state;
	assert_true(try_take_gfp(mc, 0, 0, UNMOV, GFP_KERNEL | ___GFP_DMA32) != NOTHING);
	unit = try_take_gfp(mc, 1, 0, UNMOV, GFP_KERNEL);
	assert_int_equal(spb_of(mc, unit), 0);
	assert_int_equal(mc->last.zone, 0);
	machine_free(mc);
}

/* S2.6: a request for DMA32 never goes to Normal */
static void test_S2_6_zone_limit(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = zones_machine(&v, 2);

	(void)state;
	while (try_take_gfp(mc, 0, 10, MOV, GFP_KERNEL | ___GFP_DMA32) != NOTHING)
		;
	assert_int_equal(mc->nr_units, 16);
	assert_true(try_take_gfp(mc, 0, 10, MOV, GFP_KERNEL) != NOTHING);
	machine_free(mc);
}

/* S2.6: where the walk would leave the node, NOFRAGMENT goes at once and nobody relaxes */
static void test_S2_6_leaving_the_node(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = zones_machine(&v, 3);

	(void)state;
	forget(mc);
	assert_true(try_take_gfp(mc, 1, 9, UNMOV, GFP_ATOMIC) != NOTHING);
	assert_int_equal(count_events(mc, MODEL_ATOMIC_RELAX), 0);
	machine_free(mc);
	mc = zones_machine(&v, 3);
	forget(mc);
	assert_true(try_take_gfp(mc, 1, 9, UNMOV, GFP_ATOMIC | ___GFP_THISNODE) != NOTHING);
	assert_int_equal(count_events(mc, MODEL_ATOMIC_RELAX), 2);
	machine_free(mc);
}

/* S7.4: upstream drops NOFRAGMENT for everybody in the fast path */
static void test_S7_4_vanilla(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	v.allocator = ALLOCATOR_VANILLA;
	mc = machine_new(&v, 2);
	assert_true(ask(mc, 4, UNMOV, GFP_KERNEL | ___GFP_NORETRY) != NOTHING);
	while (try_take_gfp(mc, 0, 10, MOV, GFP_KERNEL) != NOTHING)
		;
	assert_int_equal(ask(mc, 10, UNMOV, GFP_KERNEL), NOTHING);
	assert_int_equal(mc->nr_events, 0);
	assert_int_equal(model_counters(mc->m, 0)->evac_direct, 0);
	machine_free(mc);
}

/* S10 item 15: the older evacuator takes blocks of the own type, or else movable ones */
static void test_S10_15_evac_phases(void **state)
{
	static const struct {
		u32 phases, mt;
		const char *done;
	} cases[] = {
		/* Block 0 is labelled unmovable and half movable; the other 15 are movable. */
		{ 1, UNMOV, "evacuated order=0 mt=0 p1=4 p2=0 did=1\n" },
		{ 2, UNMOV, "evacuated order=0 mt=0 p1=1 p2=0 did=1\n" },
		{ 2, RECL, "evacuated order=0 mt=2 p1=0 p2=4 did=1\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct variant v = machine_variant();
		struct machine *mc;
		u32 units[40];
		char *text;

		v.trigger_update = 0;
		v.evac_phases = cases[i].phases;
		v.evac_pb_per_sb = 4;
		v.migrate_fail_ppm = 1000000;
		mc = mixed_machine(&v, units);
		ask(mc, 0, cases[i].mt, GFP_KERNEL);
		text = events_text(mc);
		if (!strstr(text, cases[i].done))
			fail_msg("case %zu: %s", i, text);
		free(text);
		machine_free(mc);
	}
}

/* S2.6: high orders evacuate in each round of compaction and before the drop; order 0 only there */
static void test_S2_6_how_often_callers_evacuate(void **state)
{
	static const struct {
		u32 order, gfp, evacuations;
	} cases[] = {
		{ 0, GFP_KERNEL, 1 },
		{ 3, GFP_KERNEL, 3 },
		{ 3, GFP_KERNEL & ~___GFP_IO, 2 },	/* does not compact first */
		{ 3, GFP_KERNEL | ___GFP_NORETRY, 2 },
		{ 3, GFP_KERNEL | ___GFP_NORETRY | ___GFP_THISNODE, 1 },
		{ 3, GFP_ATOMIC, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct variant v = machine_variant();
		struct machine *mc = machine_new(&v, 2);

		ask(mc, cases[i].order, UNMOV, cases[i].gfp);
		assert_int_equal(count_events(mc, MODEL_EVACUATE_DONE), cases[i].evacuations);
		machine_free(mc);
	}
}

/* S2.6: callers evacuate the zones that they may use, on their own node */
static void test_S2_6_which_zones_callers_evacuate(void **state)
{
	static const struct {
		u32 zone, gfp, zones[2], nr;
	} cases[] = {
		{ 0, GFP_KERNEL | ___GFP_DMA32, { 0 }, 1 },
		{ 1, GFP_KERNEL, { 1, 0 }, 2 },
		{ 2, GFP_KERNEL, { 2 }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct variant v = machine_variant();
		struct machine *mc = zones_machine(&v, 3);
		u32 nr = 0;

		while (try_take_gfp(mc, cases[i].zone, 10, UNMOV, cases[i].gfp) != NOTHING)
			;
		forget(mc);
		assert_int_equal(try_take_gfp(mc, cases[i].zone, 10, UNMOV,
					      cases[i].gfp | ___GFP_NORETRY | ___GFP_THISNODE),
				 NOTHING);
		for (u32 e = 0; e < mc->nr_events; e++) {
			if (mc->events[e].kind != MODEL_EVACUATE_DONE)
				continue;
			assert_true(nr < cases[i].nr);
			assert_int_equal(mc->events[e].zone, cases[i].zones[nr++]);
		}
		assert_int_equal(nr, cases[i].nr);
		machine_free(mc);
	}
}

/* S2.6: who is marked ALLOC_HIGHORDER_OPTIONAL in the slow path */
static void test_S2_6_who_has_a_cheap_fallback(void **state)
{
	static const struct {
		u32 gfp;
		bool optional;
	} cases[] = {
		{ GFP_KERNEL, false },
		{ GFP_KERNEL | ___GFP_NORETRY, true },
		{ GFP_KERNEL | ___GFP_NORETRY | ___GFP_RETRY_MAYFAIL, false },
		{ ___GFP_KSWAPD_RECLAIM, true },
		{ ___GFP_KSWAPD_RECLAIM | ___GFP_NOMEMALLOC, false },
		{ ___GFP_KSWAPD_RECLAIM | ___GFP_NOFAIL, false },
		{ ___GFP_KSWAPD_RECLAIM | ___GFP_NOFAIL | ___GFP_NORETRY, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct variant v = machine_variant();
		struct machine *mc = machine_new(&v, 1);

		while (try_take(mc, 10, UNMOV) != NOTHING)
			;
		assert_int_equal(ask(mc, 0, UNMOV, cases[i].gfp), NOTHING);
		assert_int_equal(count_events(mc, MODEL_FALL_THROUGH) > 0, cases[i].optional);
		machine_free(mc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S2_6_atomic_relaxes),
		cmocka_unit_test(test_S2_6_kernel_drops_last),
		cmocka_unit_test(test_S2_6_movable_does_not_evacuate),
		cmocka_unit_test(test_S2_6_noretry_skip),
		cmocka_unit_test(test_S2_6_who_fails_rather_than_taints),
		cmocka_unit_test(test_S2_6_evacuation_saves_a_taint),
		cmocka_unit_test(test_S2_6_nowarn_lower_order),
		cmocka_unit_test(test_S2_6_nowarn_nothing_smaller),
		cmocka_unit_test(test_S2_5_highorder_refused),
		cmocka_unit_test(test_S1_8_fall_through),
		cmocka_unit_test(test_S10_12_reclaim_gives_pages),
		cmocka_unit_test(test_S10_12_reclaim_finds_nothing),
		cmocka_unit_test(test_S10_12_reclaim_passes_free_memory),
		cmocka_unit_test(test_S10_12_unrecorded),
		cmocka_unit_test(test_S4_2_migration_target_by_gfp),
		cmocka_unit_test(test_S4_2_worker_never_relaxes),
		cmocka_unit_test(test_S4_2_costly_targets_give_up),
		cmocka_unit_test(test_S2_7_contig_targets_do_not_give_up),
		cmocka_unit_test(test_S7_4_which_zones_get_nofragment),
		cmocka_unit_test(test_S7_4_dma32_before_fragmenting),
		cmocka_unit_test(test_S2_6_zone_limit),
		cmocka_unit_test(test_S2_6_leaving_the_node),
		cmocka_unit_test(test_S7_4_vanilla),
		cmocka_unit_test(test_S10_15_evac_phases),
		cmocka_unit_test(test_S2_6_how_often_callers_evacuate),
		cmocka_unit_test(test_S2_6_which_zones_callers_evacuate),
		cmocka_unit_test(test_S2_6_who_has_a_cheap_fallback),
	};

	return cmocka_run_group_tests_name("model: slow path by gfp", tests, NULL, NULL);
}
