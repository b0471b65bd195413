/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SPB-driven slab shrink (S5): requests are counted, and a shrink occupies a worker of its node for
 * shrink_run_us. Then it may free shrink_pages_per_run pages of slab (shrinkable.h); by default
 * none: recorded frees already contain what the host's shrinkers did.
 */
#ifndef SPB_MODEL_SHRINK_H
#define SPB_MODEL_SHRINK_H

#include "model/internal.h"

/**
 * queue_spb_slab_shrink - no-op while one is queued on the node (S5); one that runs already is
 * followed by another: queue_work() only looks at what is pending
 */
void queue_spb_slab_shrink(struct zone *zone);

/** shrink_begin, shrink_next, shrink_end - the shrink as work; see struct work_ops */
void shrink_begin(struct worker *w);
bool shrink_next(struct worker *w);
void shrink_end(struct worker *w);

#endif /* SPB_MODEL_SHRINK_H */
