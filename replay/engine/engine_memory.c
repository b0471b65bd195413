// SPDX-License-Identifier: GPL-2.0
#include "replay/engine/engine_memory.h"

#include "replay/demand/framemap.h"
#include "replay/engine/engine_config.h"
#include "replay/metrics/divergence.h"

#define GROWTH 2	/* arrays double when they are full */
#define BLOCK_OPS (GROWTH * EVENT_BLOCK_MAX)
#define EVENT_BYTES 96	/* of an event in a decoded block, its frame and decompressor included */

static u64 zone_spbs(const struct demand_plan *plan, u32 zone, u32 spb_order)
{
	return (plan->zones[zone].spanned >> spb_order) + 2;
}

/* Timeline, map, chances and the final state of a zone's superpageblocks */
static u64 zone_metrics(u64 spbs, u32 samples)
{
	const u64 chances = min_u64(spbs * CHANCES_PER_SPB, CHANCES_PER_ZONE);

	return sizeof(struct metrics_zone) + samples * (sizeof(struct model_zone_state) + 8) +
	       GROWTH * spbs * (samples + 1) * sizeof(struct spbmap_row) +
	       GROWTH * chances * sizeof(struct chance_row) +
	       spbs * (sizeof(struct model_spb_state) + sizeof(struct chance_open));
}

static u64 variant_bytes(const struct demand_plan *plan, const struct engine_opts *opts,
			 const struct model_config *config, const struct variant *v)
{
	u64 bytes = model_memory(config, v) + GROWTH * plan->nr_handles * sizeof(u32) +
		    BLOCK_OPS * sizeof(struct placement);

	for (u32 z = 0; z < plan->nr_zones; z++)
		bytes += zone_metrics(zone_spbs(plan, z, opts->spb_order), opts->samples);
	return bytes;
}

/* Chunks of the map of live units: those that the scan met, or all there are. */
static u64 nr_chunks(const struct demand_plan *plan)
{
	u64 all = 0;

	for (u32 z = 0; z < plan->nr_zones; z++)
		all += (plan->zones[z].spanned >> FRAMES_SHIFT) + 2;
	return min_u64(plan->nr_chunks, all);
}

int engine_memory(const struct demand_plan *plan, const struct engine_opts *opts,
		  struct engine_memory *need, struct error *err)
{
	struct engine_config config;
	int ret = engine_config_init(&config, plan, opts, err);

	if (ret)
		return ret;
	*need = (struct engine_memory){
		.shared = nr_chunks(plan) * sizeof(struct frame_chunk) +
			  GROWTH * plan->nr_handles * sizeof(u32) +
			  2 * BLOCK_OPS * sizeof(struct op) + EVENT_BLOCK_MAX * EVENT_BYTES,
	};
	for (u32 i = 0; i < opts->nr_variants; i++)
		need->variants += variant_bytes(plan, opts, &config.model, &opts->variants[i]);
	engine_config_fini(&config);
	return 0;
}
