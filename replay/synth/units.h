/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is live on a machine under made-up load: each unit (one allocation) belongs to a stream of
 * the load. Memory is some 16 bytes a live unit.
 */
#ifndef SPB_REPLAY_SYNTH_UNITS_H
#define SPB_REPLAY_SYNTH_UNITS_H

#include "replay/base/error.h"

#define SYNTH_MAX_STREAMS 16

/** enum synth_victim - which unit of a stream goes first */
enum synth_victim {
	VICTIM_RANDOM,
	VICTIM_OLDEST,	/* queues, short-lived processes */
	VICTIM_NEWEST,
};

/** struct unit_pool - units of one stream, oldest first: @id[@head .. @end) */
struct unit_pool {
	u32 *id;
	u32 head;
	u32 end;
	u32 room;
};

/**
 * struct units - @pfn by unit, where it lies; @stream by unit
 * @spare, @nr_spare: units to use again; @nr: every unit is below
 */
struct units {
	u64 *pfn;
	u8 *stream;
	u32 *spare;
	u32 nr;
	u32 nr_spare;
	u32 room;
	struct unit_pool pool[SYNTH_MAX_STREAMS];
};

#define UNIT_GONE (~0ULL)	/* in place of a pfn: its page is gone, nothing is to be freed */

void units_fini(struct units *u);

/** units_new - a number for a unit to come; it is in no pool yet. Return: 0 or -ERR_IO */
int units_new(struct units *u, u32 *unit, struct error *err) __must_check;
/** units_add - @unit lives at @pfn, in the pool of @stream. Return: 0 or -ERR_IO */
int units_add(struct units *u, u32 unit, u32 stream, u64 pfn, struct error *err) __must_check;
/** units_put_back - @unit of units_new() or units_take() is not used */
void units_put_back(struct units *u, u32 unit);

/** units_live - units in the pool of @stream, gone ones included */
u32 units_live(const struct units *u, u32 stream);
/** units_take - take one out of the pool, which is not empty; @random decides VICTIM_RANDOM */
u32 units_take(struct units *u, u32 stream, enum synth_victim victim, u64 random);

#endif /* SPB_REPLAY_SYNTH_UNITS_H */
