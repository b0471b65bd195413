/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one event means at each level. Both passes ask here, so they cannot disagree.
 */
#ifndef SPB_REPLAY_DEMAND_RULES_H
#define SPB_REPLAY_DEMAND_RULES_H

#include "model/model.h"
#include "replay/demand/demand.h"
#include "replay/demand/demand_zones.h"
#include "replay/demand/framemap.h"

#define MT_UNKNOWN 3	/* in place of a content type: none recorded, decided when the scan ends */

/**
 * enum verdict - what to do with an event
 * @VERDICT_NONE: not demand, a duplicate, or not usable (counted)
 * @VERDICT_ALLOC: the block left the buddy
 * @VERDICT_FREE: the block came back to the buddy
 * @VERDICT_PARKED: freed towards a PCP; a drain should follow
 * @VERDICT_REUSED: handed out by a PCP or after a removal: no longer parked
 */
enum verdict {
	VERDICT_NONE = 0,
	VERDICT_ALLOC,
	VERDICT_FREE,
	VERDICT_PARKED,
	VERDICT_REUSED,
};

/**
 * struct touch - the block that an event is about
 * @mt: content type, MIGRATE_UNMOVABLE, _MOVABLE or _RECLAIMABLE; MT_UNKNOWN for events
 *	without a type
 */
struct touch {
	u64 pfn;
	u16 zone;
	u8 order;
	u8 mt;
};

/** struct cpu_last - last mm_page_alloc_zone_locked of a CPU; EVENT_NO_PFN: none that counts */
struct cpu_last {
	u64 pfn;
	u8 order;
	s8 migratetype;
};

struct kind_rule;

/**
 * struct demand_rules - state of the rules
 * @only_zone: take only this zone; ZONE_NONE for all
 * @narrowed: @zones was inferred from the pages of @only_zone, so all others are another zone's
 * @max_order: of a unit; larger ones are no events of this host
 * @pcp_orders: bit set of the orders that go through the recorded PCP
 * @kinds: the rule of each event kind at this level
 * @last: by CPU
 */
struct demand_rules {
	struct zonemap zones;
	int only_zone;
	bool narrowed;
	u32 max_order;
	u32 pcp_orders;
	const struct kind_rule *kinds;
	struct cpu_last *last;
};

/**
 * demand_rules_init - rules without zones; the caller fills in @zones and @only_zone
 *
 * With @plan->pcp_buddy the PCP takes orders up to the pageblock (S2.8), with @plan->pcp_single
 * order 0; else vanilla's 0-3 and that of huge pages (S7.3).
 */
int demand_rules_init(struct demand_rules *rules, const struct demand_plan *plan,
		      struct error *err) __must_check;
void demand_rules_fini(struct demand_rules *rules);

/** demand_event_proves_pcp_buddy - does event @i exist only on kernels with PCP buddy? */
bool demand_event_proves_pcp_buddy(const struct event_block *b, u32 i);

/* Events ahead whose frames are fetched into the caches: time for one miss of all caches. */
#define DEMAND_PREFETCH 24

/**
 * demand_judge - judge event @i
 * @live: live units of the recorded host
 * @parked: blocks whose last free went towards a PCP; NULL in the second pass
 * @odd: what was met is counted here
 * @t: filled in unless the verdict is NONE
 */
enum verdict demand_judge(struct demand_rules *rules, const struct event_block *b, u32 i,
			  const struct framemap *live, const struct framemap *parked,
			  struct demand_oddities *odd, struct touch *t);

/** demand_follow - event @i lies outside the window: keep only the per-CPU state right */
void demand_follow(struct demand_rules *rules, const struct event_block *b, u32 i,
		   struct demand_oddities *odd);

#endif /* SPB_REPLAY_DEMAND_RULES_H */
