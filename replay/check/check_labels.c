// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check_labels.h"

#include <stdlib.h>
#include <string.h>

/*
 * pagetypeinfo leaves out blocks that begin with a hole; a reserved block is no block here either.
 */
static u64 count_label(const struct side *side, u32 z, u32 mt)
{
	const struct log_zone *zone = &side->plan->zones[z];
	const u64 size = 1ULL << side->plan->pageblock_order;
	u64 nr = 0;

	for (u64 pfn = zone->start_pfn & ~(size - 1); pfn < zone->start_pfn + zone->spanned;
	     pfn += size) {
		const u64 at = max_u64(pfn, zone->start_pfn);

		nr += model_label(side->arm.model, at) == (int)mt &&
		      !model_is_hole(side->arm.model, at);
	}
	return nr;
}

static const struct snapshot_types *types_of(const struct snapshot *s, const struct log_zone *zone)
{
	for (u32 z = 0; s && s->types && z < s->nr_zones; z++) {
		if (s->zones[z].node == zone->node && !strcmp(s->zones[z].name, zone->name))
			return &s->types[z];
	}
	return NULL;
}

int check_labels_start(struct check_report *r, const struct side *open, struct error *err)
{
	const struct demand_plan *plan = open->plan;

	r->labels = calloc((size_t)plan->nr_zones * MIGRATE_TYPES, sizeof(*r->labels));
	if (!r->labels)
		return err_nomem(err, "labels");
	for (u32 z = 0; z < plan->nr_zones; z++) {
		const struct snapshot_types *types = types_of(plan->opts.snapshot,
							      &plan->zones[z]);

		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
			struct check_labels *l = &r->labels[r->nr_labels++];

			*l = (struct check_labels){ .zone = z, .mt = mt,
						    .start = count_label(open, z, mt) };
			l->known_before = types;
			l->before = types ? types->blocks[mt] : 0;
		}
	}
	return 0;
}

void check_labels_end(struct check_report *r, const struct side *sides, u32 nr_sides,
		      const struct snapshot *after)
{
	for (u32 i = 0; i < r->nr_labels; i++) {
		struct check_labels *l = &r->labels[i];
		const struct snapshot_types *types = types_of(after,
							      &sides->plan->zones[l->zone]);

		l->known_after = types;
		l->after = types ? types->blocks[l->mt] : 0;
		for (u32 s = 0; s < nr_sides; s++)
			l->end[s] = count_label(&sides[s], l->zone, l->mt);
	}
}
