/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Direct reclaim, in the simplest form that does no harm: a caller that may reclaim gets up to
 * reclaim_gives_pages pages back, all of them clean page cache (S10 item 12). Which units are clean
 * cache is decided by clean_drop_ppm and the seeded hash of their identity, as for the worker (S10
 * item 6); they are taken in address order, from where the last reclaim of the zone stopped.
 *
 * By default nothing is given: recorded frees already hold what the host's reclaim did.
 */
#ifndef SPB_MODEL_RECLAIM_H
#define SPB_MODEL_RECLAIM_H

#include "model/internal.h"

/**
 * drop_unit - the used head @frame is gone: its owner is told, the lists of @cpu or the buddy get
 * it
 */
void drop_unit(struct superpageblock *sb, u32 frame, u16 cpu);

/**
 * direct_reclaim - try_to_free_pages() for @zone; counts reclaim_ms as stall. Return: pages freed
 */
u64 direct_reclaim(struct zone *zone);

#endif /* SPB_MODEL_RECLAIM_H */
