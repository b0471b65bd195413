/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SPB-driven slab shrink (S5): requests are modelled and counted, single flight per node; what a
 * shrink frees is not modelled (recorded frees already contain what the host's shrinkers did).
 */
#ifndef SPB_MODEL_SHRINK_H
#define SPB_MODEL_SHRINK_H

#include "model/internal.h"

/** queue_spb_slab_shrink - no-op while one is queued or running on the node (S5) */
void queue_spb_slab_shrink(struct zone *zone);

#endif /* SPB_MODEL_SHRINK_H */
