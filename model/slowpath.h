/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens around __rmqueue(): which flags are tried in which order, and which zone (S2.6).
 */
#ifndef SPB_MODEL_SLOWPATH_H
#define SPB_MODEL_SLOWPATH_H

#include "model/internal.h"

/**
 * alloc_from_node - serve a request from @zone, else from the other zones of its node
 * @s: order, mt, cpu and gfp are set; zone and visits are filled in
 *
 * With known gfp flags (slowpath_mode) the kernel's way is gone: gfp.h. At zone level the recorded
 * kernel has already chosen the zone and satisfied the request, so all steps are tried in that zone
 * before another one is; NOFRAGMENT is tried in every zone, as if Normal was preferred (S7.4).
 */
bool alloc_from_node(struct search *s, struct zone *zone, struct found *at);

/** rmqueue_zone - rmqueue() of the kernel: from the CPU's list or the buddy of @zone (S7.3) */
bool rmqueue_zone(struct search *s, struct zone *zone, u32 alloc_flags, struct found *at);

/**
 * alloc_migration_target - highest zone of the node first, then the lower ones, then other nodes
 * by number (S4.2)
 * @gfp: what the mover asks with for single pages
 *
 * Goes by these flags wherever slowpath_mode tells callers apart, for they are known.
 */
bool alloc_migration_target(struct zone *zone, u32 gfp, u32 order, u16 cpu, struct found *at);

#endif /* SPB_MODEL_SLOWPATH_H */
