// SPDX-License-Identifier: GPL-2.0
#include "replay/engine/engine_config.h"

#include <stdio.h>
#include <stdlib.h>

#include "replay/engine/huge_memory.h"

#define DEFAULT_PAGEBLOCK_ORDER 9	/* x86-64 with 2 MiB pageblocks (S1.1) */
#define DEFAULT_MAX_ORDER 10

static int copy_zones(struct engine_config *c, const struct demand_plan *plan, struct error *err)
{
	c->zones = calloc(plan->nr_zones ? plan->nr_zones : 1, sizeof(*c->zones));
	if (!c->zones)
		return err_nomem(err, "the zone table");
	for (u32 i = 0; i < plan->nr_zones; i++) {
		const struct log_zone *z = &plan->zones[i];

		if (z->start_pfn > UNIT_MAX_PFN || z->spanned > UNIT_MAX_PFN - z->start_pfn)
			return err_set(err, ERR_USAGE, "zone %u/%.15s: ends beyond page frame %u "
				       "(16 TiB of 4 KiB pages) - leave it out with --zone",
				       z->node, z->name, UNIT_MAX_PFN);
		c->zones[i] = (struct model_zone_config){ .node = z->node,
							  .start_pfn = z->start_pfn,
							  .spanned = z->spanned };
		snprintf(c->zones[i].name, sizeof(c->zones[i].name), "%.15s", z->name);
	}
	return 0;
}

/* Append [start, end), cut to what lies behind the ranges already there. */
static void add_range(struct engine_config *c, u64 start, u64 end, bool absent)
{
	u32 nr = c->model.nr_ranges;

	if (nr)
		start = max_u64(start, c->ranges[nr - 1].end);
	if (start >= end)
		return;
	c->ranges[nr] = (struct model_range){ .start = start, .end = end, .absent = absent };
	c->model.nr_ranges++;
}

/*
 * Absent and reserved ranges in one list, by start, without overlap: where both claim a frame,
 * there is no RAM. A reserved range that spans absent ones is cut into pieces, at most one more
 * than there are absent ranges.
 */
static int merge_ranges(struct engine_config *c, const struct demand_plan *plan, struct error *err)
{
	size_t max = 2ULL * plan->nr_absent + plan->nr_reserved + 1;
	u32 a = 0;

	c->ranges = calloc(max, sizeof(*c->ranges));
	if (!c->ranges)
		return err_nomem(err, "the table of reserved ranges");
	for (u32 r = 0; r < plan->nr_reserved; r++) {
		struct pfn_range left = plan->reserved[r];

		for (; a < plan->nr_absent && plan->absent[a].start < left.end; a++) {
			const struct pfn_range *gap = &plan->absent[a];

			add_range(c, left.start, min_u64(left.end, gap->start), false);
			add_range(c, gap->start, gap->end, true);
			left.start = max_u64(left.start, gap->end);
		}
		add_range(c, left.start, left.end, false);
	}
	for (; a < plan->nr_absent; a++)
		add_range(c, plan->absent[a].start, plan->absent[a].end, true);
	return 0;
}

int engine_config_init(struct engine_config *c, const struct demand_plan *plan,
		       const struct engine_opts *opts, struct error *err)
{
	int ret;

	*c = (struct engine_config){ 0 };
	ret = copy_zones(c, plan, err);
	if (!ret)
		ret = merge_ranges(c, plan, err);
	if (ret) {
		engine_config_fini(c);
		return ret;
	}
	c->model.memory = &huge_memory;
	c->model.zones = c->zones;
	c->model.nr_zones = plan->nr_zones;
	c->model.ranges = c->ranges;
	c->model.pageblock_order = plan->pageblock_order ? plan->pageblock_order :
							   DEFAULT_PAGEBLOCK_ORDER;
	c->model.spb_order = opts->spb_order;
	c->model.max_order = plan->max_order ? plan->max_order : DEFAULT_MAX_ORDER;
	c->model.page_size = 1U << (plan->page_shift ? plan->page_shift : 12);
	c->model.nr_cpus = plan->max_cpu + 1;
	c->model.seed = opts->seed;
	c->model.page_level = plan->opts.level == DEMAND_PAGE;
	return 0;
}

void engine_config_fini(struct engine_config *c)
{
	free(c->zones);
	free(c->ranges);
	*c = (struct engine_config){ 0 };
}
