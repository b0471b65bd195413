/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The side that follows: after each decision the model is put where the recorded kernel went, and
 * what the recording proves about the free lists is taken over:
 *
 * - A removal takes the lowest part of a free unit. A recorded page in the middle of a unit shows
 *   that the part before it was not free as a whole: a page in use is put there.
 * - A removal takes the smallest unit that is large enough (S7.2). Smaller ones on the same list in
 *   the model were not there: pages in use ("ghosts") are put in their place. They are pages that
 *   left the buddy without an event: after the snapshot and before the capture, or isolated by
 *   compaction, page reporting or offlining. A ghost that the recorded kernel takes is given back.
 * - A removal takes the head of its list. A page of known place that the model has there, and that
 *   three removals in a row passed over, goes to the tail: compaction isolates free pages and puts
 *   them back without an event.
 *
 * A decision is judged before anything is learned from its own event.
 */
#ifndef SPB_REPLAY_CHECK_FOLLOW_H
#define SPB_REPLAY_CHECK_FOLLOW_H

#include "replay/check/check_side.h"

/** follow_knows - does the place of @pfn on its free list follow from the capture? */
bool follow_knows(const struct side *side, u64 pfn);
/**
 * follow_touch - @pfn is about to leave its free unit, or has joined one: that unit is known now
 */
int follow_touch(struct side *side, u64 pfn, struct error *err) __must_check;
/** follow_label - the recorded kernel's label of the block of @pfn is @mt */
void follow_label(struct side *side, u64 pfn, s8 mt);
/**
 * follow_alloc - the model served @op, the recorded kernel took the page of @e
 * @known: follow_knows() of that page, before
 */
int follow_alloc(struct side *side, const struct op *op, const struct event *e, bool known,
		 struct error *err) __must_check;

#endif /* SPB_REPLAY_CHECK_FOLLOW_H */
