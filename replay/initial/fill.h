/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory in use at the start that nobody recorded: --fill PCT:MIX. Every zone is filled up to PCT
 * percent of its usable pages, residents included, by allocations of the variant's own allocator,
 * before time starts. Types and orders are drawn by a seeded hash; the units are never freed.
 */
#ifndef SPB_REPLAY_FILL_H
#define SPB_REPLAY_FILL_H

#include "model/model.h"
#include "replay/base/error.h"

#define FILL_TEXT 24
#define FILL_OWNER 0xffffffffU	/* owner of all these units: no handle */

/**
 * struct initial_fill - what to fill with; all zero: nothing
 * @percent: of each zone's usable pages, 1 to 95
 * @weight: percent of units of UNMOVABLE, MOVABLE and RECLAIMABLE; together 100
 */
struct initial_fill {
	u32 percent;
	u32 weight[MIGRATE_PCPTYPES];
};

/** fill_parse - "60:70M20U10R". Return: 0 or -ERR_USAGE */
int fill_parse(const char *text, struct initial_fill *fill, struct error *err) __must_check;
/** fill_text - the same again, letters in the order M, U, R; "" for nothing */
const char *fill_text(const struct initial_fill *fill, char out[FILL_TEXT]);

/**
 * fill_zone - fill up zone @zone
 * @usable: pages of the zone that were free before any was used
 * @seed: of the draws; the same for every variant
 * @now: model time, advances
 *
 * Return: 0, also when the zone ran out of room early; -ENOMEM.
 */
int fill_zone(struct model *m, const struct initial_fill *fill, u32 zone, u64 usable, u64 seed,
	      u64 *now) __must_check;

#endif /* SPB_REPLAY_FILL_H */
