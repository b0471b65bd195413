/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tainted-SPB defrag worker: predicate, request, and the pass itself in event time (S4).
 */
#ifndef SPB_MODEL_DEFRAG_H
#define SPB_MODEL_DEFRAG_H

#include "model/internal.h"

/**
 * spb_wants_defrag - spb_needs_defrag() without the cooldown (S4.1)
 *
 * Never of a clean SPB, nor upstream. With defrag_clean "stub" a pass over a clean SPB is queued
 * all the same: it ends as it begins, without progress, and leaves the stamp that v1's own leaves
 * when it finds nothing to do (S10 item 2).
 */
bool spb_wants_defrag(const struct superpageblock *sb);

/**
 * spb_cooldown_end - when the no-progress cooldown stops holding the SPB back, ns (S4.3)
 *
 * 0 when none runs, also when free pages have grown past the bypass.
 */
u64 spb_cooldown_end(const struct superpageblock *sb);

/** spb_maybe_start_defrag - queue a pass if the SPB needs one and none is queued (S4.1) */
void spb_maybe_start_defrag(struct superpageblock *sb, enum defrag_trigger trigger);

/** defrag_begin, defrag_next, defrag_end - the pass as work; see struct work_ops */
void defrag_begin(struct worker *w);
bool defrag_next(struct worker *w);
void defrag_end(struct worker *w);

#endif /* SPB_MODEL_DEFRAG_H */
