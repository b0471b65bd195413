// SPDX-License-Identifier: GPL-2.0
#include "model/cma.h"

#include <stdlib.h>

#include "model/buddy.h"
#include "model/pageblock.h"
#include "model/superpageblock.h"

static bool overlaps(const struct model_range *a, const struct model_range *b)
{
	return a->start < b->end && b->start < a->end;
}

static bool inside_a_zone(const struct model_config *c, const struct model_range *area)
{
	for (u32 z = 0; z < c->nr_zones; z++) {
		if (area->start >= c->zones[z].start_pfn &&
		    area->end <= c->zones[z].start_pfn + c->zones[z].spanned)
			return true;
	}
	return false;
}

const char *cma_check(const struct model_config *config)
{
	const u64 block = 1ULL << config->pageblock_order;

	for (u32 i = 0; i < config->nr_cma; i++) {
		const struct model_range *area = &config->cma[i];

		if (area->start >= area->end || (area->start | area->end) & (block - 1))
			return "a CMA area is not made of whole pageblocks";
		if (i && area->start < config->cma[i - 1].end)
			return "CMA areas are not sorted or overlap";
		if (!inside_a_zone(config, area))
			return "a CMA area lies in no zone";
		for (u32 r = 0; r < config->nr_ranges; r++) {
			if (overlaps(area, &config->ranges[r]))
				return "a CMA area overlaps a range";
		}
	}
	return NULL;
}

struct model_range *cma_ranges(const struct model_config *config)
{
	const u32 nr = config->nr_ranges + config->nr_cma;
	struct model_range *all = calloc(nr + 1, sizeof(*all));
	u32 r = 0, a = 0;

	for (u32 i = 0; all && i < nr; i++) {
		const bool area = r == config->nr_ranges ||
				  (a < config->nr_cma &&
				   config->cma[a].start < config->ranges[r].start);

		all[i] = area ? config->cma[a++] : config->ranges[r++];
		if (area)
			all[i].absent = false;
	}
	return all;
}

/*
 * The second init_pageblock_migratetype() of the block counts nr_reserved down once more, where
 * holes have left any: as the series does.
 */
static void give_block(struct superpageblock *sb, u32 frame)
{
	const struct model *m = sb->zone->m;

	for (u32 f = frame; f < frame + m->pageblock_nr_pages; f++)
		sb->page[f] = PAGE_INSIDE;
	set_pageblock_migratetype(sb, frame, MIGRATE_CMA);
	sb->pb[frame_block(sb, frame)] |= PB_CMA_AREA;
	if (sb->nr_reserved)
		sb->nr_reserved--;
	spb_set_has_type(sb, frame, MIGRATE_CMA);
	spb_update_list(sb);
	free_one_page(sb, frame, m->pageblock_order, MIGRATE_CMA, false);
	sb->zone->cma_pages += m->pageblock_nr_pages;
}

void cma_boot(struct zone *zone)
{
	const struct model *m = zone->m;

	for (u32 i = 0; i < m->config.nr_cma; i++) {
		const struct model_range *area = &m->config.cma[i];
		u64 pfn = max_u64(area->start, zone->config.start_pfn);

		for (; pfn < min_u64(area->end, zone->end_pfn); pfn += m->pageblock_nr_pages) {
			struct superpageblock *sb = pfn_to_superpageblock(zone, pfn);

			give_block(sb, (u32)(pfn - sb->start_pfn));
		}
	}
}

bool may_use_cma(const struct search *s, u32 alloc_flags)
{
	return (alloc_flags & ALLOC_CMA) && s->mt == MIGRATE_MOVABLE;
}

bool cma_takes_over_half(const struct search *s, u32 alloc_flags)
{
	return may_use_cma(s, alloc_flags) && s->zone->nr_free_cma > s->zone->nr_free_pages / 2;
}
