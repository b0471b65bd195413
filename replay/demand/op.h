/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations: what the engine asks of the model. Demand turns events into operations once; every
 * variant consumes the same stream.
 *
 * A handle names one live allocation ("unit") of the recorded host. Handles are dense and reused
 * after the unit is gone, so a variant keeps its own placement in an array indexed by handle.
 */
#ifndef SPB_REPLAY_OP_H
#define SPB_REPLAY_OP_H

#include "model/types.h"

enum op_kind {
	OP_ALLOC,	/* allocate a unit of @order, call it @handle */
	OP_FREE,	/* free the whole unit @handle, whose order is @order */
	OP_SPLIT,	/* unit @handle of @order becomes two of @order - 1: the lower half keeps
			 * @handle, the upper half is called @upper. Prepares a partial free */
};

/**
 * struct op - one operation
 * @time: ns of the capture's clock
 * @event: index in the log of the event it came from
 * @ident: identity of the allocation (ALLOC; SPLIT: of the upper half), the same in every
 *	variant; feeds the seeded hash that decides what is pinned
 * @handle: the unit; @upper: see OP_SPLIT
 * @task: task id in the log
 * @gfp: gfp flags, 0 when not recorded (zone level)
 * @zone: index into the zone table
 */
struct op {
	u64 time;
	u64 event;
	u64 ident;
	u32 handle;
	u32 upper;
	u32 task;
	u32 gfp;
	u16 cpu;
	u16 zone;
	u8 kind;
	u8 order;
	u8 migratetype;
};

/**
 * struct op_block - operations of one event block
 * @nr: operations; @max: room
 * @nr_handles: every handle used so far is below this
 */
struct op_block {
	u32 nr;
	u32 max;
	u32 nr_handles;
	struct op *ops;
};

/**
 * struct resident - a unit that is live when the capture begins
 * @pfn: recorded frame of its head
 * @handle: its handle
 * @zone: index into the zone table
 * @order: its order; @migratetype: UNMOVABLE, MOVABLE or RECLAIMABLE (S1.2)
 */
struct resident {
	u64 pfn;
	u32 handle;
	u16 zone;
	u8 order;
	u8 migratetype;
};

#endif /* SPB_REPLAY_OP_H */
