// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/scene.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "model/defrag.h"
#include "model/pageblock.h"

struct scene full_scene(const struct variant *v, u32 nr_spbs)
{
	struct scene sc = { .mc = machine_new(v, nr_spbs) };

	for (u32 i = 0; i < SCENE_UNITS; i++) {
		const u32 unit = take(sc.mc, 8, MOV);

		sc.units[frame_of(sc.mc, unit) / 256] = unit;
	}
	assert_true(8 * (nr_spbs - 1) <= SCENE_HUGE);
	for (u32 i = 0; i < 8 * (nr_spbs - 1); i++)
		sc.huge[sc.nr_huge++] = take(sc.mc, 10, MOV);
	assert_int_equal(the_spb(sc.mc, 0)->nr_movable, MACHINE_BLOCKS);
	assert_int_equal(sc.mc->m->zones[0].nr_free_pages, 0);
	return sc;
}

struct scene packed_scene(const struct variant *v, u32 nr_spbs)
{
	struct scene sc = full_scene(v, nr_spbs);

	give_unit(&sc, 0);
	sc.units[0] = take_by(sc.mc, 8, UNMOV, OUTCOME_CLAIM);
	assert_int_equal(frame_of(sc.mc, sc.units[0]), 0);
	assert_int_equal(label_of(sc.mc, sc.units[0]), UNMOV);
	return sc;
}

struct scene stuck_scene(const struct variant *v, u32 nr_spbs)
{
	struct scene sc = packed_scene(v, nr_spbs);
	const struct machine *mc = sc.mc;

	run_for(sc.mc, NSEC_PER_SEC);
	assert_int_equal(mc->nr_passes, 1);
	assert_int_equal(mc->passes[0].trigger, TRIGGER_UPDATE);
	assert_false(mc->passes[0].progress);
	assert_int_equal(mc->passes[0].pages_migrated, 0);
	assert_true(mc->passes[0].pages_failed > 0);
	return sc;
}

void give_unit(struct scene *sc, u32 i)
{
	give(sc->mc, sc->units[i], 8);
}

void give_huge(struct scene *sc)
{
	while (sc->nr_huge)
		give(sc->mc, sc->huge[--sc->nr_huge], 10);
}

void assert_outcome(const struct machine *mc, enum spb_outcome outcome)
{
	assert_string_equal(spb_outcome_name(mc->last.outcome), spb_outcome_name(outcome));
}

u32 take_by(struct machine *mc, u32 order, u32 mt, enum spb_outcome outcome)
{
	const u32 unit = take(mc, order, mt);

	assert_outcome(mc, outcome);
	return unit;
}

u32 frame_of(struct machine *mc, u32 unit)
{
	return (u32)(mc->pfn[unit] - the_spb(mc, spb_of(mc, unit))->start_pfn);
}

u32 label_of(struct machine *mc, u32 unit)
{
	return pageblock_migratetype(the_spb(mc, spb_of(mc, unit)), frame_of(mc, unit));
}

u32 ask_defrag(struct machine *mc, u32 spb)
{
	const u32 nr = mc->nr_chances;

	spb_maybe_start_defrag(the_spb(mc, spb), TRIGGER_ALLOC);
	assert_int_equal(mc->nr_chances, nr + 1);
	return mc->chances[nr].verdict;
}

u32 count_chances(const struct machine *mc, u32 trigger)
{
	u32 nr = 0;

	for (u32 i = 0; i < mc->nr_chances; i++)
		nr += mc->chances[i].trigger == trigger;
	return nr;
}
