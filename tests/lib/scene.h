/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Starting states that several model tests share: one superpageblock under pressure, nothing free
 * elsewhere.
 */
#ifndef SPB_TESTS_SCENE_H
#define SPB_TESTS_SCENE_H

#include "tests/lib/machine.h"

#define UNMOV MIGRATE_UNMOVABLE
#define MOV MIGRATE_MOVABLE
#define RECL MIGRATE_RECLAIMABLE

#define SCENE_UNITS 32		/* order-8 units in SPB 0: two to a pageblock */
#define SCENE_HUGE 64		/* most order-10 units in the other SPBs */

/**
 * struct scene - @units[i]: order 8, at frame 256 * i of SPB 0; @huge: order 10, the other SPBs
 */
struct scene {
	struct machine *mc;
	u32 units[SCENE_UNITS];
	u32 huge[SCENE_HUGE];
	u32 nr_huge;
};

/** full_scene - movable memory everywhere, all SPBs clean, no page free */
struct scene full_scene(const struct variant *v, u32 nr_spbs);

/**
 * packed_scene - the same, but units[0] is unmovable: SPB 0 is tainted and its block 0 mixed, with
 * an unmovable label (a claim made it)
 */
struct scene packed_scene(const struct variant *v, u32 nr_spbs);

/**
 * stuck_scene - packed, and a second later: the pass that the taint queued found no room and left a
 * no-progress stamp
 */
struct scene stuck_scene(const struct variant *v, u32 nr_spbs);

/** give_unit - free units[i] */
void give_unit(struct scene *sc, u32 i);
/** give_huge - free every unit outside SPB 0 */
void give_huge(struct scene *sc);

/** take_by - allocate; the test fails unless it ends in @outcome. Return: unit */
u32 take_by(struct machine *mc, u32 order, u32 mt, enum spb_outcome outcome);
/** assert_outcome - of the last request */
void assert_outcome(const struct machine *mc, enum spb_outcome outcome);
/** frame_of, label_of - of a unit: frame inside its SPB, label of its pageblock */
u32 frame_of(struct machine *mc, u32 unit);
u32 label_of(struct machine *mc, u32 unit);
/** ask_defrag - spb_maybe_start_defrag() now. Return: verdict */
u32 ask_defrag(struct machine *mc, u32 spb);
/** count_chances - calls of spb_maybe_start_defrag() by @trigger since the last forget() */
u32 count_chances(const struct machine *mc, u32 trigger);

#endif /* SPB_TESTS_SCENE_H */
