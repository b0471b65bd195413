/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stuck time of a superpageblock: it needs defrag (S4.1 without the cooldown), no cooldown holds it
 * back, and nothing is queued or running for it. This is the failure that the seed patch
 * describes; the kernel has no such counter, the model keeps it.
 *
 * Kept without polling: stuck_from is the time from which the SPB is stuck if nothing changes
 * (TIME_NEVER: not in need). A time in the future is the end of a cooldown.
 */
#ifndef SPB_MODEL_STUCK_H
#define SPB_MODEL_STUCK_H

#include "model/internal.h"

/** spb_stuck_update - call after any change of counters, stamp or defrag_active */
void spb_stuck_update(struct superpageblock *sb);

/** spb_stuck_reset - forget the past; time counts from @m->now */
void spb_stuck_reset(struct superpageblock *sb);

/** spb_stuck_at - is it stuck at @now, and since when */
static inline bool spb_stuck_at(const struct superpageblock *sb, u64 now)
{
	return sb->stuck_from <= now;
}

#endif /* SPB_MODEL_STUCK_H */
