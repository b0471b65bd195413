/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's tracepoints as values: what model_observer.event is given. Part of model.h.
 */
#ifndef SPB_MODEL_TRACEPOINT_H
#define SPB_MODEL_TRACEPOINT_H

#include "model/types.h"

/** enum model_event_kind - tracepoints of the allocator that the model can tell of (S1.8, S7.5) */
enum model_event_kind {
	MODEL_ZONE_LOCKED,	/* mm_page_alloc_zone_locked */
	MODEL_EXTFRAG,		/* mm_page_alloc_extfrag */
	MODEL_PB_TAINT,		/* spb_pb_taint */
	MODEL_CLAIM_REFUSED,	/* spb_claim_block_refused */
	MODEL_EVACUATE_DONE,	/* spb_evacuate_for_order_done */
	MODEL_ATOMIC_RELAX,	/* spb_alloc_atomic_relax */
	MODEL_ALLOC_WALK,	/* spb_alloc_walk */
	MODEL_FALL_THROUGH,	/* spb_alloc_fall_through */
	MODEL_PCPU_DRAIN,	/* mm_page_pcpu_drain: of the model's own per-CPU lists (page level) */
	NR_MODEL_EVENT_KINDS
};

/** enum pb_taint_action - of spb_pb_taint (S1.8) */
enum pb_taint_action { PB_TAINT_SET, PB_TAINT_CLEAR };

/** enum claim_refusal - reason of spb_claim_block_refused (S1.8) */
enum claim_refusal {
	CLAIM_REFUSED_ISOLATE,
	CLAIM_REFUSED_CMA,
	CLAIM_REFUSED_ZONE_BOUNDARY,
	CLAIM_REFUSED_CROSS_TYPE_NOT_FREE,
	CLAIM_REFUSED_INSUFFICIENT_COMPAT,
	NR_CLAIM_REFUSALS
};

/** enum relax_step - of spb_alloc_atomic_relax (S1.8) */
enum relax_step {
	RELAX_NORETRY_SKIP,
	RELAX_ADD_TAINTED_OK,
	RELAX_DROP_NOFRAGMENT,
	RELAX_NOWARN_LOWER_ORDER,
	NR_RELAX_STEPS
};

/**
 * struct model_event - what the kernel would have traced, in its order (S2.4)
 * @time: ns; @cpu: of the request, or of the one that queued the worker's work
 * @pfn: of the page; 0 for events without one (EVACUATE_DONE, ATOMIC_RELAX, ALLOC_WALK,
 *	FALL_THROUGH)
 * @zone: index of the zone; @kind: enum model_event_kind
 * @order: as requested (PCPU_DRAIN: as drained, before merging); 0 for PB_TAINT and CLAIM_REFUSED,
 *	which have none
 * @migratetype: requested type (EXTFRAG: alloc_migratetype, CLAIM_REFUSED: start_type, PCPU_DRAIN:
 *	label of the block as the drain found it)
 * @worker: fired by the node's worker, not by a request
 * @zone_locked..@fall_through: the other fields of the kind, as the tracepoint names them;
 *	alloc_flags hold the bits that the model knows (S1.7) and no watermark bits
 *
 * Vanilla fires ZONE_LOCKED, EXTFRAG and PCPU_DRAIN only. Boot fires nothing.
 */
struct model_event {
	u64 time;
	u64 pfn;
	u16 zone;
	u16 cpu;
	u8 kind;
	u8 order;
	u8 migratetype;
	bool worker;
	union {
		struct {
			bool percpu_refill;
		} zone_locked;
		struct {
			u8 fallback_order;
			u8 fallback_migratetype;
			bool change_ownership;
		} extfrag;
		struct {
			u8 action;	/* enum pb_taint_action */
			bool is_first_or_last;
		} pb_taint;
		struct {
			u8 block_type;
			u8 reason;	/* enum claim_refusal */
		} claim_refused;
		struct {
			u32 phase1_attempts;
			u32 phase2_attempts;
			bool did_evacuate;
		} evacuate_done;
		struct {
			u32 gfp_mask;
			u8 step;	/* enum relax_step */
		} atomic_relax;
		struct {
			u32 alloc_flags;
			u32 n_spbs_visited;
			u8 outcome;	/* enum spb_outcome, NO_PAGE .. PASS_2D */
		} alloc_walk;
		struct {
			u32 alloc_flags;
			u32 n_tainted;
			u32 n_tainted_with_buddy;
			bool saw_free_pages;
			bool saw_free_pb;
			bool saw_below_reserve;
		} fall_through;
	};
};

/* Names for reports: never NULL. */
const char *model_event_name(u32 kind);		/* "mm_page_alloc_zone_locked", "spb_pb_taint" */
const char *pb_taint_action_name(u32 action);	/* "SET", "CLEAR" (S1.8) */
const char *claim_refusal_name(u32 reason);	/* "CROSS_TYPE_NOT_FREE" (S1.8) */
const char *relax_step_name(u32 step);		/* "ADD_TAINTED_OK" (S1.8) */

#endif /* SPB_MODEL_TRACEPOINT_H */
