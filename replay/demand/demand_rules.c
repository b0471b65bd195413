// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/demand_rules.h"

#include <stdlib.h>

#define NR_CPU_IDS 65536	/* event.cpu is 16 bits wide */

#define VANILLA_PCP_ORDERS 0xfU	/* 0-3; and the THP order, that of a pageblock (S7.3) */

/**
 * struct kind_rule - the rule of one event kind
 * @verdict: before its special cases
 * @typed: an event without a migratetype in range is unusable
 * @counted: demand: oddities of this kind are counted
 * @unlocked: the zone lock was dropped since the CPU's last zone_locked, so a following event for
 *	the same page is no duplicate (S2.4: nothing but spb events lies between the two)
 */
struct kind_rule {
	u8 verdict;
	bool typed;
	bool counted;
	bool unlocked;
};

static const struct kind_rule kind_rules[NR_DEMAND_LEVELS][NR_EVENT_KINDS] = { [DEMAND_ZONE] = {
	[EVENT_ZONE_LOCKED] = { VERDICT_ALLOC, true, true, false },
	[EVENT_EXTFRAG] = { VERDICT_ALLOC, true, true, false },
	[EVENT_PCPU_DRAIN] = { VERDICT_FREE, false, true, true },
	[EVENT_PAGE_FREE] = { VERDICT_FREE, false, true, true },
	[EVENT_PAGE_FREE_BATCHED] = { VERDICT_NONE, false, false, true },
	[EVENT_PAGE_ALLOC] = { VERDICT_REUSED, false, false, true },
	[EVENT_LOST] = { VERDICT_NONE, false, false, true },
}, [DEMAND_PAGE] = {
	[EVENT_PAGE_ALLOC] = { VERDICT_ALLOC, true, true, false },
	[EVENT_PAGE_FREE] = { VERDICT_FREE, false, true, false },
}, [DEMAND_IMPLIED] = {
	[EVENT_ZONE_LOCKED] = { VERDICT_ALLOC, true, true, false },
	[EVENT_EXTFRAG] = { VERDICT_ALLOC, true, true, false },
	[EVENT_LOST] = { VERDICT_NONE, false, false, true },
} };

/* Content types of the buddy's types: S1.2, S1.5. ISOLATE is a label, its pages can move. */
static const u8 content_type[MIGRATE_TYPES] = {
	[MIGRATE_UNMOVABLE] = MIGRATE_UNMOVABLE, [MIGRATE_MOVABLE] = MIGRATE_MOVABLE,
	[MIGRATE_RECLAIMABLE] = MIGRATE_RECLAIMABLE, [MIGRATE_HIGHATOMIC] = MIGRATE_UNMOVABLE,
	[MIGRATE_CMA] = MIGRATE_MOVABLE, [MIGRATE_ISOLATE] = MIGRATE_MOVABLE,
};

int demand_rules_init(struct demand_rules *rules, const struct demand_plan *plan,
		      struct error *err)
{
	const enum demand_level level = plan->opts.level;
	const u32 top = plan->pageblock_order < FRAME_MAX_ORDER ? plan->pageblock_order :
								  FRAME_MAX_ORDER;

	*rules = (struct demand_rules){ .only_zone = ZONE_NONE };
	rules->max_order = plan->max_order < FRAME_MAX_ORDER ? plan->max_order : FRAME_MAX_ORDER;
	rules->kinds = kind_rules[level];
	/* At page level every free is one: the model's own lists stand in for the recorded ones. */
	if (level == DEMAND_ZONE && plan->pcp_buddy)
		rules->pcp_orders = (2U << top) - 1;
	else if (level == DEMAND_ZONE)
		rules->pcp_orders = plan->pcp_single ? 1U : VANILLA_PCP_ORDERS | 1U << top;
	rules->last = malloc(NR_CPU_IDS * sizeof(*rules->last));
	if (!rules->last)
		return err_nomem(err, "CPU state");
	for (u32 i = 0; i < NR_CPU_IDS; i++)
		rules->last[i] = (struct cpu_last){ .pfn = EVENT_NO_PFN };
	return 0;
}

void demand_rules_fini(struct demand_rules *rules)
{
	zonemap_fini(&rules->zones);
	free(rules->last);
	rules->last = NULL;
}

bool demand_event_proves_pcp_buddy(const struct event_block *b, u32 i)
{
	const u8 kind = b->kind[i];

	if (kind == EVENT_PCPU_DRAIN)
		return b->order[i] >= 4 && b->order[i] <= 8;
	return kind >= EVENT_SPB_PB_TAINT && kind <= EVENT_SPB_ALLOC_FALL_THROUGH;
}

static bool usable(const struct demand_rules *rules, const struct kind_rule *rule, u64 pfn,
		   u8 order, s8 mt)
{
	if (order > rules->max_order || pfn >= FRAME_MAX_PFN || pfn & ((1ULL << order) - 1))
		return false;
	if (mt >= MIGRATE_TYPES || mt < EVENT_NO_MT)
		return false;
	return !rule->typed || mt != EVENT_NO_MT;
}

static bool frame_live(const struct framemap *m, u64 pfn)
{
	const struct frame_chunk *c = m ? framemap_get(m, pfn) : NULL;

	return c && frame_bit(c->live, frame_off(pfn));
}

/*
 * The second event of one removal (S2.4). PASS_2B: zone_locked twice for the same page. Sub-block
 * claim: zone_locked, then extfrag. Both happen under one hold of the zone lock, so the page is
 * still out of the buddy and no free of it was seen.
 */
static bool second_event(const struct cpu_last *last, const struct cpu_last *now, u8 kind,
			 const struct framemap *live, const struct framemap *parked)
{
	if (last->pfn != now->pfn)
		return false;
	if (kind == EVENT_ZONE_LOCKED &&
	    (last->order != now->order || last->migratetype != now->migratetype))
		return false;
	return frame_live(live, now->pfn) && !frame_live(parked, now->pfn);
}

static enum verdict judge_alloc(const struct cpu_last *last, const struct cpu_last *now, u8 kind,
				const struct framemap *live, const struct framemap *parked,
				struct demand_oddities *odd)
{
	if (kind != EVENT_PAGE_ALLOC && second_event(last, now, kind, live, parked)) {
		if (kind == EVENT_ZONE_LOCKED)
			odd->duplicate_pass2b++;
		else
			odd->duplicate_claim++;
		return VERDICT_NONE;
	}
	if (kind == EVENT_EXTFRAG)
		odd->extfrag_alloc++;
	return VERDICT_ALLOC;
}

enum verdict demand_judge(struct demand_rules *rules, const struct event_block *b, u32 i,
			  const struct framemap *live, const struct framemap *parked,
			  struct demand_oddities *odd, struct touch *t)
{
	const u8 kind = b->kind[i];
	const struct kind_rule *rule = &rules->kinds[kind < NR_EVENT_KINDS ? kind : EVENT_LOST];
	struct cpu_last *slot = &rules->last[b->cpu[i]];
	const struct cpu_last last = *slot;
	const struct cpu_last now = {
		.pfn = b->pfn[i], .order = b->order[i], .migratetype = b->migratetype[i],
	};
	int zone;

	if (rule->unlocked)
		slot->pfn = EVENT_NO_PFN;
	if (rule->verdict == VERDICT_NONE)
		return VERDICT_NONE;
	if (kind == EVENT_PAGE_ALLOC && now.pfn == EVENT_NO_PFN) {
		odd->failed_alloc += rule->counted;
		return VERDICT_NONE;
	}
	if (!usable(rules, rule, now.pfn, now.order, now.migratetype)) {
		odd->bad_event += rule->counted;
		return VERDICT_NONE;
	}
	if (kind == EVENT_ZONE_LOCKED)
		*slot = now;
	zone = zonemap_find(&rules->zones, now.pfn, now.order);
	if (zone == ZONE_NONE && !rules->narrowed) {
		odd->outside_zone += rule->counted;
		return VERDICT_NONE;
	}
	if (zone == ZONE_NONE || (rules->only_zone != ZONE_NONE && zone != rules->only_zone)) {
		odd->filtered += rule->counted;
		return VERDICT_NONE;
	}
	*t = (struct touch){
		.pfn = now.pfn, .zone = (u16)zone, .order = now.order,
		.mt = now.migratetype < 0 ? MT_UNKNOWN : content_type[now.migratetype],
	};
	if (rule->verdict == VERDICT_ALLOC)
		return judge_alloc(&last, &now, kind, live, parked, odd);
	if (rule->verdict == VERDICT_FREE && kind == EVENT_PAGE_FREE &&
	    rules->pcp_orders >> now.order & 1)
		return VERDICT_PARKED;
	return rule->verdict;
}

void demand_follow(struct demand_rules *rules, const struct event_block *b, u32 i,
		   struct demand_oddities *odd)
{
	const u8 kind = b->kind[i];
	const struct kind_rule *rule = &rules->kinds[kind < NR_EVENT_KINDS ? kind : EVENT_LOST];
	struct cpu_last *slot = &rules->last[b->cpu[i]];

	odd->filtered += rule->counted;
	if (rule->unlocked)
		slot->pfn = EVENT_NO_PFN;
	if (kind == EVENT_ZONE_LOCKED &&
	    usable(rules, rule, b->pfn[i], b->order[i], b->migratetype[i]))
		*slot = (struct cpu_last){
			.pfn = b->pfn[i], .order = b->order[i], .migratetype = b->migratetype[i],
		};
}
