// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check_taint.h"

#include <stdlib.h>

#define MILLION 1000000u

int taint_track_init(struct taint_track *t, const struct side *open, bool by_events,
		     struct error *err)
{
	const struct demand_plan *plan = open->plan;

	*t = (struct taint_track){ .plan = plan, .by_events = by_events, .next = plan->t_first };
	t->step = (plan->t_last - plan->t_first) / TAINT_SAMPLES + 1;
	t->zones = calloc(plan->nr_zones, sizeof(*t->zones));
	if (!t->zones)
		return err_nomem(err, "superpageblocks");
	for (t->nr_zones = 0; t->nr_zones < plan->nr_zones; t->nr_zones++) {
		const u32 z = t->nr_zones, nr = model_nr_spbs(open->arm.model, z);

		t->zones[z] = calloc(nr + 1, sizeof(**t->zones));
		if (!t->zones[z])
			return err_nomem(err, "superpageblocks");
		for (u32 i = 0; i < nr; i++) {
			struct model_spb_state st;

			model_spb_state(open->arm.model, z, i, open->arm.now, &st);
			t->zones[z][i] = (struct spb_count){ st.nr_unmovable, st.nr_reclaimable,
							     st.nr_reserved > 0 };
		}
	}
	return 0;
}

void taint_track_fini(struct taint_track *t)
{
	for (u32 z = 0; z < t->nr_zones; z++)
		free(t->zones[z]);
	free(t->zones);
	*t = (struct taint_track){ 0 };
}

void taint_track_event(struct taint_track *t, const struct event *e)
{
	const u32 order = t->plan->opts.spb_order;
	const s64 step = e->extra[0] == PB_TAINT_SET ? 1 : -1;

	for (u32 z = 0; z < t->nr_zones; z++) {
		const struct log_zone *zone = &t->plan->zones[z];
		struct spb_count *n;

		if (e->pfn < zone->start_pfn || e->pfn - zone->start_pfn >= zone->spanned)
			continue;
		n = &t->zones[z][(e->pfn >> order) - (zone->start_pfn >> order)];
		if (e->migratetype == MIGRATE_UNMOVABLE || e->migratetype == MIGRATE_HIGHATOMIC)
			n->nr_unmovable += step;
		else if (e->migratetype == MIGRATE_RECLAIMABLE)
			n->nr_reclaimable += step;
		return;
	}
}

static bool recorded_tainted(const struct taint_track *t, struct side *sides, u32 z, u32 i)
{
	const struct spb_count *n = &t->zones[z][i];

	if (!t->by_events)
		return side_tainted(&sides[SIDE_FOLLOW], z, i);
	return n->nr_unmovable > 0 || n->nr_reclaimable > 0 || n->reserved;
}

static void sample_side(struct taint_track *t, struct side *sides, enum check_side which,
			u64 time)
{
	struct side *side = &sides[which];
	struct check_taint *c = &side->report->side[which].taint;
	u64 all = 0, both = 0, recorded = 0, model = 0, index;

	for (u32 z = 0; z < t->nr_zones; z++) {
		for (u32 i = 0; i < model_nr_spbs(side->arm.model, z); i++) {
			const bool r = recorded_tainted(t, sides, z, i);
			const bool m = side_tainted(side, z, i);

			recorded += r;
			model += m;
			both += r && m;
			all += r || m;
		}
	}
	index = all ? both * MILLION / all : MILLION;
	if (!c->samples || index < c->min) {
		c->min = index;
		c->min_time = time;
	}
	c->samples++;
	c->sum += index;
	c->both = both;
	c->recorded = recorded;
	c->model = model;
}

void taint_track_sample(struct taint_track *t, struct side *sides, u32 nr_sides, u64 time,
			bool last)
{
	if (time < t->next && !last)
		return;
	for (u32 s = 0; s < nr_sides; s++)
		sample_side(t, sides, (enum check_side)s, time);
	while (t->next <= time)
		t->next += t->step;
}
