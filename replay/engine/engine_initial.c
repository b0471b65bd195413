// SPDX-License-Identifier: GPL-2.0
/* What is in memory when time begins (docs/initial.md). */
#include <errno.h>
#include <stdlib.h>

#include "replay/engine/engine_arm.h"

#define RESIDENT_STEP_NS NSEC_PER_USEC	/* residents are allocated this far apart */
#define RESIDENT_IDENT (1ULL << 63)	/* keeps their identities apart from those of operations */

static int place_resident(struct arm *arm, const struct resident *r, u64 now)
{
	struct model_req req = {
		.owner = r->handle,
		.ident = RESIDENT_IDENT | r->pfn,
		.zone = r->zone,
		.order = r->order,
		.migratetype = r->migratetype,
	};
	struct model_result res;
	int ret = model_alloc(arm->model, now, &req, &res);

	if (!ret) {
		arm->units[r->handle] = (u32)res.pfn;
		return 0;
	}
	if (ret == -ENOMEM)
		return arm_fail_nomem(arm);
	if (ret != -ENOSPC)
		return arm_fail_op(arm, "the model refused a resident", r->pfn, r->order);
	arm->units[r->handle] = UNIT_FAILED;
	arm->metrics->initial_failed++;
	return 0;
}

/* At its own frame; what is known of frames may contradict itself, then the unit has no place. */
static int place_exactly(struct arm *arm, const struct resident *r)
{
	const struct model_req req = {
		.owner = r->handle,
		.ident = RESIDENT_IDENT | r->pfn,
		.order = r->order,
		.migratetype = r->migratetype,
	};
	const int ret = model_place(arm->model, &req, r->pfn);

	if (ret == -ENOMEM)
		return arm_fail_nomem(arm);
	arm->units[r->handle] = ret ? UNIT_FAILED : (u32)r->pfn;
	arm->metrics->initial_failed += !!ret;
	return 0;
}

/*
 * Blocks labelled @mt (@labelled), or the others. Return: how many of @want got the bit, or -ENOMEM
 */
static int mark_blocks(struct arm *arm, const struct demand_plan *plan, u64 start, u32 mt, u32 want,
		       bool labelled)
{
	const u64 step = 1ULL << plan->pageblock_order,
		  end = start + (1ULL << plan->opts.spb_order);
	u32 nr = 0;

	for (u64 pfn = start; pfn < end && nr < want; pfn += step) {
		int ret;

		if ((model_label(arm->model, pfn) == (int)mt) != labelled)
			continue;
		ret = model_mark_type(arm->model, pfn, mt);
		if (ret < 0)
			return ret;
		nr += (u32)ret;
	}
	return (int)nr;
}

/*
 * Bits that earlier content left behind, and more than the residents explain: the snapshot says how
 * many, not where. Blocks labelled so are the likeliest, then any, from the first one on.
 */
static int place_has_bits(struct arm *arm, const struct demand_plan *plan,
			  const struct spb_has_bits *bits)
{
	struct metrics *m = arm->metrics;
	struct model_spb_state st;

	model_spb_state(arm->model, bits->zone, bits->index, 0, &st);
	for (u32 mt = 0; mt < ARRAY_SIZE(bits->blocks); mt++) {
		const u32 have[] = { [MIGRATE_UNMOVABLE] = st.nr_unmovable,
				     [MIGRATE_MOVABLE] = st.nr_movable,
				     [MIGRATE_RECLAIMABLE] = st.nr_reclaimable };
		const u32 recorded = bits->blocks[mt];
		u32 want = have[mt] < recorded ? recorded - have[mt] : 0;

		m->has_bits_recorded += recorded;
		m->has_bits_over += have[mt] > recorded ? have[mt] - recorded : 0;
		for (u32 pass = 0; pass < 2 && want; pass++) {
			const int nr = mark_blocks(arm, plan, st.start_pfn, mt, want, !pass);

			if (nr < 0)
				return arm_fail_nomem(arm);
			m->has_bits_added += (u32)nr;
			want -= (u32)nr;
		}
		m->has_bits_short += want;
	}
	return 0;
}

/* After the labels. */
static int place_all_has_bits(struct arm *arm, const struct demand_plan *plan)
{
	for (u64 i = 0; i < plan->nr_has_bits; i++) {
		const struct spb_has_bits *bits = &plan->has_bits[i];

		if (bits->zone >= plan->nr_zones ||
		    bits->index >= model_nr_spbs(arm->model, bits->zone))
			continue;
		if (place_has_bits(arm, plan, bits))
			return -(int)arm->err.code;
	}
	model_settle(arm->model);
	return 0;
}

/* After the residents: a label moves the free pages that are left of its block. */
static int place_labels(struct arm *arm, const struct demand_labels *labels)
{
	for (u64 i = 0; i < labels->nr; i++) {
		const struct block_label *l = &labels->block[i];
		const int ret = model_set_label(arm->model, l->pfn, l->mt);

		if (ret == -ENOMEM)
			return arm_fail_nomem(arm);
		arm->metrics->labels_refused += !!ret;
	}
	return 0;
}

static int place_residents(struct arm *arm, const struct demand_plan *plan)
{
	u64 nr_handles = 0;
	u64 now = 0;

	for (u64 i = 0; i < plan->nr_residents; i++)
		nr_handles = max_u64(nr_handles, plan->residents[i].handle + 1ULL);
	if (arm_grow_units(arm, nr_handles))
		return -(int)arm->err.code;
	for (u64 i = 0; i < plan->nr_residents; i++) {
		const int ret = plan->opts.initial == INITIAL_EXACT ?
					place_exactly(arm, &plan->residents[i]) :
					place_resident(arm, &plan->residents[i], now);

		if (ret)
			return ret;
		now = min_u64(now + RESIDENT_STEP_NS, ENGINE_BOOT_NS);
	}
	if (plan->opts.initial != INITIAL_EXACT)
		return 0;
	return place_labels(arm, &plan->labels) ? -(int)arm->err.code
						: place_all_has_bits(arm, plan);
}

/* Up to the percentage of what every zone had when all was free; @usable: by zone. */
static int fill(struct arm *arm, const struct arm_setup *setup, const u64 *usable)
{
	const struct demand_plan *plan = setup->plan;
	u64 now = min_u64(plan->nr_residents * RESIDENT_STEP_NS, ENGINE_BOOT_NS);

	for (u32 z = 0; plan->opts.fill.percent && z < plan->nr_zones; z++) {
		if (fill_zone(arm->model, &plan->opts.fill, z, usable[z], setup->config->seed,
			      &now))
			return arm_fail_nomem(arm);
	}
	return 0;
}

/* Return: free pages by zone, the caller's; NULL: no memory */
static u64 *free_by_zone(const struct arm *arm, u32 nr_zones)
{
	u64 *free_pages = calloc(nr_zones + 1, sizeof(*free_pages));

	for (u32 z = 0; free_pages && z < nr_zones; z++) {
		struct model_zone_state st;

		model_zone_state(arm->model, z, 0, &st);
		free_pages[z] = st.free_pages;
	}
	return free_pages;
}

int arm_initial(struct arm *arm, const struct arm_setup *setup)
{
	u64 *usable = free_by_zone(arm, setup->plan->nr_zones);
	int ret = usable ? place_residents(arm, setup->plan) : arm_fail_nomem(arm);

	if (!ret)
		ret = fill(arm, setup, usable);
	free(usable);
	return ret;
}
