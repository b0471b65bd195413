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
					     "STEAL", "NORMAL", "PCP" };

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
