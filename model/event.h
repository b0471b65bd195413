/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Telling the observer what the kernel would have traced (S1.8, S7.5). Callers ask @traced first:
 * without a listener an event costs one test.
 */
#ifndef SPB_MODEL_EVENT_H
#define SPB_MODEL_EVENT_H

#include "model/internal.h"

/** traced - does anybody listen to events? Nobody does during boot */
static inline bool traced(const struct model *m)
{
	return unlikely(m->traced);
}

/** event_zone_locked - mm_page_alloc_zone_locked: __rmqueue_smallest() took the page @at (S7.5) */
void event_zone_locked(const struct search *s, const struct found *at);

/** event_alloc_walk - spb_alloc_walk: __rmqueue_smallest() ended; @visited: by this walk alone */
void event_alloc_walk(const struct search *s, enum spb_outcome outcome, u32 visited);

/** event_extfrag - mm_page_alloc_extfrag: a claim or steal; @at names the buddy that it found */
void event_extfrag(const struct search *s, const struct found *at);

/** event_fall_through - spb_alloc_fall_through: PASS_3 comes next, s->walk is set (S2.2 row D) */
void event_fall_through(const struct search *s);

/**
 * event_pb_taint - spb_pb_taint: a has-bit of the block of @frame changed (S1.5)
 * @mt: as the caller named it; @first_or_last: the SPB's counter left zero or came to it
 */
void event_pb_taint(const struct superpageblock *sb, u32 frame, u32 mt, bool set,
		    bool first_or_last);

/** event_claim_refused - spb_claim_block_refused: not the block of the free page @frame (S2.1) */
void event_claim_refused(const struct search *s, const struct superpageblock *sb, u32 frame,
			 u32 block_type, enum claim_refusal reason);

/** event_evacuate_done - spb_evacuate_for_order_done; @phase1, @phase2: pageblocks tried (S4.5) */
void event_evacuate_done(const struct zone *zone, u32 order, u32 mt, u32 phase1, u32 phase2);

/** event_relax - spb_alloc_atomic_relax: what the fast path does about NOFRAGMENT next (S2.6) */
void event_relax(const struct search *s, enum relax_step step);

/**
 * event_pcpu_drain - mm_page_pcpu_drain: a unit of a per-CPU list went to the buddy lists (S7.5)
 */
void event_pcpu_drain(const struct superpageblock *sb, u32 frame, u32 order, u32 mt);

/** event_list_moved - the SPB left @from for the list it is on now */
void event_list_moved(const struct superpageblock *sb, const struct spb_list *from);

#endif /* SPB_MODEL_EVENT_H */
