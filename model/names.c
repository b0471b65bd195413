// SPDX-License-Identifier: GPL-2.0
#include "model/model.h"

static const char *name_of(const char *const *names, size_t nr, u32 i)
{
	return i < nr ? names[i] : "?";
}

#define NAME_OF(table, i) name_of(table, ARRAY_SIZE(table), i)

const char *migratetype_name(u32 mt)
{
	static const char *const names[] = { "Unmovable", "Movable", "Reclaimable",
					     "HighAtomic", "CMA", "Isolate" };

	return NAME_OF(names, mt);
}

const char *sb_category_name(u32 cat)
{
	static const char *const names[] = { "clean", "tainted" };

	return NAME_OF(names, cat);
}

const char *sb_fullness_name(u32 full)
{
	static const char *const names[] = { "full", "75pct", "50pct", "25pct", "almost_empty" };

	return NAME_OF(names, full);
}

const char *spb_outcome_name(u32 outcome)
{
	static const char *const names[] = { "NO_PAGE", "PASS_1", "PASS_2", "PASS_2B", "PASS_2C",
					     "PASS_3", "PASS_4", "ZONE_FB", "PASS_2D", "CLAIM",
					     "STEAL", "NORMAL", "PCP", "CONTIG" };

	return NAME_OF(names, outcome);
}

const char *defrag_trigger_name(u32 trigger)
{
	static const char *const names[] = { "update", "alloc", "fallthrough" };

	return NAME_OF(names, trigger);
}

const char *defrag_verdict_name(u32 verdict)
{
	static const char *const names[] = { "cooldown", "clean", "nothing_movable",
					     "above_reserve", "active", "queued" };

	return NAME_OF(names, verdict);
}

const char *taint_cause_name(u32 cause)
{
	static const char *const names[] = { "outcome", "free", "migrate" };

	return NAME_OF(names, cause);
}

const char *model_event_name(u32 kind)
{
	static const char *const names[] = {
		"mm_page_alloc_zone_locked", "mm_page_alloc_extfrag", "spb_pb_taint",
		"spb_claim_block_refused", "spb_evacuate_for_order_done",
		"spb_alloc_atomic_relax", "spb_alloc_walk", "spb_alloc_fall_through",
		"mm_page_pcpu_drain",
	};

	return NAME_OF(names, kind);
}

const char *pb_taint_action_name(u32 action)
{
	static const char *const names[] = { "SET", "CLEAR" };

	return NAME_OF(names, action);
}

const char *claim_refusal_name(u32 reason)
{
	static const char *const names[] = { "ISOLATE", "CMA", "ZONE_BOUNDARY",
					     "CROSS_TYPE_NOT_FREE", "INSUFFICIENT_COMPAT" };

	return NAME_OF(names, reason);
}

const char *relax_step_name(u32 step)
{
	static const char *const names[] = { "NORETRY_SKIP", "ADD_TAINTED_OK", "DROP_NOFRAGMENT",
					     "NOWARN_LOWER_ORDER" };

	return NAME_OF(names, step);
}

const char *spb_list_name(u32 list)
{
	static const char *const names[] = {
		"clean/full", "clean/75pct", "clean/50pct", "clean/25pct", "clean/almost_empty",
		"tainted/full", "tainted/75pct", "tainted/50pct", "tainted/25pct",
		"tainted/almost_empty", "empty", "isolated",
	};

	return NAME_OF(names, list);
}
