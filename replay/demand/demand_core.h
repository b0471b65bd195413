/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live units of the recorded host, and the operations that change them. Both passes drive
 * the same core; the scan throws its operations away.
 */
#ifndef SPB_REPLAY_DEMAND_CORE_H
#define SPB_REPLAY_DEMAND_CORE_H

#include "replay/demand/demand.h"
#include "replay/demand/demand_rules.h"
#include "replay/demand/framemap.h"
#include "replay/demand/op.h"

/* A unit that the variants do not know of (a resident under INITIAL_EMPTY): no operations. */
#define HANDLE_NONE 0xffffffffU
#define HANDLE_MAX 0xfffffff0U

/** struct moved_unit - its handle, its byte of frame_chunk.unit, the zone it lives in */
struct moved_unit {
	u32 handle;
	u16 zone;
	u8 unit;
};

/** struct moved_units - of one order, from @first on, oldest first; all zero: none */
struct moved_units {
	u32 first;
	u32 nr;
	u32 max;
	struct moved_unit *unit;
};

/**
 * struct demand_core - state of one pass
 * @max_order: of a unit; the caller sets it
 * @live: the units; value is the handle
 * @free_handle, @nr_free_handles, @max_free_handles: handles to use again, last freed first;
 *	always with room for every handle given out
 * @nr_handles: every handle is below
 * @out: operations go here
 * @stamp: fields that all operations of the current event share
 * @nr_allocs, @nr_frees: OP_ALLOC and OP_FREE emitted
 * @nr_taken: ALLOCs, emitted or not: identity of the next
 * @moved: by order: units that live at frames which no event names (host_moves.h)
 */
struct demand_core {
	u32 max_order;
	struct framemap live;
	u32 *free_handle;
	u32 nr_free_handles;
	u32 max_free_handles;
	u32 nr_handles;
	struct op_block *out;
	struct op stamp;
	u64 nr_allocs;
	u64 nr_frees;
	u64 nr_taken;
	struct moved_units moved[FRAME_MAX_ORDER + 1];
	struct demand_oddities odd;
};

/** demand_core_fini - free the state; an all zero core is an empty one */
void demand_core_fini(struct demand_core *core);

/** demand_core_begin - event @i of @b is next: make room for its operations in @out */
int demand_core_begin(struct demand_core *core, struct op_block *out, const struct event_block *b,
		      u32 i, struct error *err) __must_check;

/** demand_core_handle - a handle not in use, after demand_core_begin() */
u32 demand_core_handle(struct demand_core *core);

/**
 * demand_core_adopt - a unit is live that no event allocated
 * @handle: its handle, or HANDLE_NONE; the caller keeps @nr_handles right
 * @orphan: it is known from its free only
 *
 * Frames of the block must not be live.
 */
int demand_core_adopt(struct demand_core *core, u64 pfn, u32 order, u8 mt, u32 handle,
		      bool orphan, struct error *err) __must_check;

/** demand_core_reserve_handles - room to take back @nr handles */
int demand_core_reserve_handles(struct demand_core *core, u64 nr, struct error *err) __must_check;

/**
 * demand_core_alloc - the block left the buddy: a new unit
 *
 * What is live under it was freed unseen: it is freed first, and counted.
 */
int demand_core_alloc(struct demand_core *core, const struct touch *t,
		      struct error *err) __must_check;

/**
 * demand_core_free - the block came back to the buddy
 *
 * A unit larger than the block is split down to it; smaller units are freed one by one; frames
 * that are not live were free already, which is counted.
 */
void demand_core_free(struct demand_core *core, const struct touch *t);

/**
 * demand_core_move - the unit at @from, of exactly its order, lives at @to from now on
 *
 * What is live at @to was freed unseen: it is freed first, and counted. Return: 0, or negative with
 * @err set.
 */
int demand_core_move(struct demand_core *core, const struct touch *from, u64 to,
		     struct error *err) __must_check;

/**
 * demand_core_leave - the unit at @from lives on at a frame that no event names
 *
 * Return: 1; 0: no unit of exactly its order is there, nothing is done; negative with @err set.
 */
int demand_core_leave(struct demand_core *core, const struct touch *from,
		      struct error *err) __must_check;

/**
 * demand_core_free_moved - free the unit of @order that left first. Return: false: there is none
 */
bool demand_core_free_moved(struct demand_core *core, u32 order);

/** demand_core_forget_moved - the window begins: units that left are residents like any other */
void demand_core_forget_moved(struct demand_core *core);

/** demand_mix - splitmix64 finaliser: spreads identities */
static inline u64 demand_mix(u64 x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

#endif /* SPB_REPLAY_DEMAND_CORE_H */
