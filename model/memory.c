// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "model/candidates.h"
#include "model/internal.h"

void *frames_get(const struct model *m, u64 bytes)
{
	return m->config.memory ? m->config.memory->get(bytes) : calloc(1, bytes);
}

void frames_put(const struct model *m, void *p, u64 bytes)
{
	if (m->config.memory)
		m->config.memory->put(p, bytes);
	else
		free(p);
}

#define SHRINKABLE_BYTES 12	/* a rank and a key (shrinkable.h) */

/* Superpageblocks that a zone lies in, as zone_boot() counts them */
static u64 nr_spbs(const struct model_config *c, const struct model_zone_config *zone)
{
	const u64 first = zone->start_pfn >> c->spb_order;
	const u64 last = (zone->start_pfn + zone->spanned - 1) >> c->spb_order;

	return last - first + 1;
}

u64 model_memory(const struct model_config *config, const struct variant *variant)
{
	const u64 frames = 1ULL << config->spb_order;
	const u64 blocks = frames >> config->pageblock_order;
	const bool vanilla = variant->allocator == ALLOCATOR_VANILLA;
	const u64 spb = sizeof(struct superpageblock) + frames * sizeof(u64) +
			blocks * sizeof(u16) + (vanilla ? frames * sizeof(u32) : 0) +
			(variant->shrink_pages_per_run ? frames * SHRINKABLE_BYTES : 0);
	u64 bytes = sizeof(struct model) + config->nr_ranges * sizeof(struct model_range);

	for (u32 z = 0; z < config->nr_zones; z++) {
		const u64 nr = nr_spbs(config, &config->zones[z]);

		bytes += sizeof(struct zone) + nr * spb;
		if (variant->search == SEARCH_BITMAP)
			bytes += candidates_bytes(nr);
	}
	return bytes + (u64)config->nr_cpus * config->nr_zones * HINTS_PER_ZONE *
		       sizeof(struct spb_hint);
}
