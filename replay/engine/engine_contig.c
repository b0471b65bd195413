// SPDX-License-Identifier: GPL-2.0
/*
 * When the capture is over: how many whole superpageblocks (1 GiB pages) a variant's machine gives,
 * and what has to move for them. Nothing of it is in any other figure.
 */
#include <errno.h>

#include "replay/engine/engine_arm.h"

static bool last_of_node(const struct demand_plan *plan, u32 zone)
{
	for (u32 z = zone + 1; z < plan->nr_zones; z++) {
		if (plan->zones[z].node == plan->zones[zone].node)
			return false;
	}
	return true;
}

/*
 * The node of @zone, its highest: until it has no more, or @left are taken. Return: 0 or an errno
 */
static int ask_node(struct model *model, u64 now, u32 zone, u32 *left)
{
	int ret = 0;

	while (*left && !ret) {
		u64 pfn;

		ret = model_alloc_contig(model, now, zone, 0, &pfn);
		*left -= !ret;
	}
	return ret == -ENOSPC ? 0 : ret;
}

int arm_ask_contig(struct arm *arm, const struct demand_plan *plan, u64 now, u32 most)
{
	struct model *model = arm->model;
	struct metrics *m = arm->metrics;
	int ret = 0;

	arm->over = true;
	m->started = false;
	for (u32 z = plan->nr_zones; z-- > 0 && !ret;) {
		if (last_of_node(plan, z))
			ret = ask_node(model, now, z, &most);
	}
	for (u32 z = 0; z < m->nr_zones; z++) {
		const struct model_counters *c = model_counters(model, z);
		struct metrics_zone *zone = &m->zones[z];

		zone->contig_spbs = c->contig_spbs;
		zone->contig_migrated = c->pages_migrated - zone->counters.pages_migrated;
		zone->contig_stall_ns = c->stall_ns - zone->counters.stall_ns;
	}
	return ret ? arm_fail_nomem(arm) : 0;
}
