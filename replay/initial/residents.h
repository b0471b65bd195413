/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was resident when time begins: units that the scan found (live at the start of the
 * window, or known from their free), joined with what a snapshot tells of frames that the capture
 * never touched. The capture beats the snapshot: a frame that any event allocated or freed is
 * judged by its events alone (S7.6).
 */
#ifndef SPB_REPLAY_RESIDENTS_H
#define SPB_REPLAY_RESIDENTS_H

#include "replay/demand/demand.h"
#include "replay/demand/demand_zones.h"
#include "replay/demand/framemap.h"

/** struct known_unit - a unit that the scan found; @mt may be MT_UNKNOWN */
struct known_unit {
	u64 pfn;
	u8 order;
	u8 mt;
	bool orphan;
};

/** struct unit_list - units in the order found */
struct unit_list {
	u64 nr;
	u64 max;
	struct known_unit *unit;
};

/** unit_list_add - append. Return: 0 or -ERR_IO: no memory */
int unit_list_add(struct unit_list *list, u64 pfn, u32 order, u8 mt, bool orphan,
		  struct error *err) __must_check;
void unit_list_fini(struct unit_list *list);

/**
 * struct demand_start - the live set when the second pass begins, of every initial state
 * @nr, @unit: as demand_plan.residents
 * @orphan: of each unit: known only from its free
 */
struct demand_start {
	u64 nr;
	struct resident *unit;
	u8 *orphan;
};

void demand_start_free(struct demand_start *start);

/**
 * struct residents_in - what residents are made from
 * @found: by the scan
 * @touched: its @seen bits and @label bytes
 * @label_order: pageblock order that labels are kept for, see labels.h
 * @max_order: of a unit
 * @snapshot: may be NULL
 */
struct residents_in {
	const struct unit_list *found;
	const struct framemap *touched;
	struct zonemap *zones;
	int only_zone;
	u32 label_order;
	u32 max_order;
	const struct snapshot *snapshot;
};

/**
 * residents_build - the live set at the start
 * @absent, @reserved: ranges of frames (from the snapshot) that no event touched, sorted, owned
 *	by the caller
 *
 * Return: NULL with @err set.
 */
struct demand_start *residents_build(const struct residents_in *in, struct demand_plan *plan,
				     struct error *err);

#endif /* SPB_REPLAY_RESIDENTS_H */
