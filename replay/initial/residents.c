// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/residents.h"

#include <stdlib.h>
#include <string.h>

#include "replay/demand/demand_core.h"
#include "replay/initial/labels.h"
#include "replay/initial/superpageblocks.h"

#define RESIDENTS_MAX (1ULL << 31)
#define NR_CONTENT_TYPES 3

int unit_list_add(struct unit_list *list, u64 pfn, u32 order, u8 mt, bool orphan,
		  struct error *err)
{
	if (list->nr == list->max) {
		u64 max = list->max ? 2 * list->max : 1024;
		struct known_unit *unit = realloc(list->unit, max * sizeof(*unit));

		if (!unit)
			return err_nomem(err, "residents");
		list->unit = unit;
		list->max = max;
	}
	list->unit[list->nr++] = (struct known_unit){
		.pfn = pfn, .order = (u8)order, .mt = mt, .orphan = orphan,
	};
	return 0;
}

void unit_list_fini(struct unit_list *list)
{
	free(list->unit);
	*list = (struct unit_list){ 0 };
}

void demand_start_free(struct demand_start *start)
{
	if (!start)
		return;
	free(start->unit);
	free(start->orphan);
	free(start);
}

/* Slab pages: the flags do not tell the two kinds apart, the host's totals say how many of each. */
static u8 slab_type(const struct snapshot *s, int label, u64 pageblock)
{
	const u64 all = s->slab_reclaimable + s->slab_unreclaimable;

	if (label >= 0)
		return (u8)label;
	if (!all)
		return MIGRATE_UNMOVABLE;
	return demand_mix(pageblock) % all < s->slab_reclaimable ? MIGRATE_RECLAIMABLE :
								   MIGRATE_UNMOVABLE;
}

/* By its class, and the events of its block. */
static u8 type_by_class(const struct residents_in *in, u64 pfn)
{
	const struct frame_chunk *c = framemap_get(in->touched, pfn);
	const int label = c ? label_nonmovable(c, pfn, in->label_order) : -1;

	switch (snapshot_class(in->snapshot, pfn)) {
	case PAGE_CLASS_SLAB:
		return slab_type(in->snapshot, label, pfn >> in->label_order);
	case PAGE_CLASS_KERNEL:
		/* Free pages on a PCP look the same; in a MOVABLE block that is what they are. */
		if (c && label_drained(c, pfn, in->label_order, MIGRATE_MOVABLE))
			return MIGRATE_MOVABLE;
		return MIGRATE_UNMOVABLE;
	default:
		return MIGRATE_MOVABLE;
	}
}

/* Content type of a resident frame that no typed event described. */
static u8 type_at(const struct residents_in *in, u64 pfn)
{
	const u8 mt = type_by_class(in, pfn);
	int zone;

	if (!in->snapshot || !in->snapshot->spbs)
		return mt;
	zone = zonemap_find(in->zones, pfn, 0);
	return zone == ZONE_NONE ? mt : superpageblock_type(in->snapshot, (u32)zone, pfn, mt);
}

static bool frame_seen(const struct framemap *touched, u64 pfn)
{
	const struct frame_chunk *c = framemap_get(touched, pfn);

	return c && frame_bit(c->seen, frame_off(pfn));
}

/* Units never overlap: what the scan found is seen, what the snapshot adds is not. */
static int add_unit(const struct residents_in *in, struct framemap *map, u64 pfn, u32 order,
		    u8 mt, bool orphan, struct error *err)
{
	struct frame_chunk *c;
	int rc = framemap_touch(map, pfn, &c, err);

	if (rc)
		return rc;
	if (mt == MT_UNKNOWN)
		mt = type_at(in, pfn);
	frame_insert(c, frame_off(pfn), order, 0,
		     (u8)(mt << UNIT_MT_SHIFT | (orphan ? UNIT_ORPHAN : 0)));
	return 0;
}

/* One compound page, or one frame, of the snapshot: [pfn, end), less what events touched. */
static int add_run(const struct residents_in *in, struct framemap *map, u64 pfn, u64 end,
		   struct error *err)
{
	while (pfn < end) {
		u64 stop = pfn;

		while (stop < end && !frame_seen(in->touched, stop))
			stop++;
		while (pfn < stop) {
			u32 order = frame_fit_order(pfn, stop, in->max_order);
			int rc = add_unit(in, map, pfn, order, MT_UNKNOWN, false, err);

			if (rc)
				return rc;
			pfn += 1ULL << order;
		}
		pfn = stop + 1;
	}
	return 0;
}

static int add_snapshot_span(const struct residents_in *in, struct framemap *map,
			     const struct zone_span *span, struct error *err)
{
	const u8 *class = in->snapshot->page_class;
	const u64 last = min_u64(span->end, in->snapshot->nr_pfns);
	u64 pfn = span->start;
	int rc = 0;

	while (pfn < last && !rc) {
		const u8 kind = class[pfn] & PAGE_CLASS_MASK;
		u64 end = pfn + 1;

		if (page_class_in_use(kind)) {
			while (end < last && class[end] == (kind | PAGE_CLASS_TAIL))
				end++;
			rc = add_run(in, map, pfn, end, err);
		}
		pfn = end;
	}
	return rc;
}

static bool span_taken(const struct residents_in *in, const struct zone_span *span)
{
	return in->only_zone == ZONE_NONE || in->only_zone == span->zone;
}

static int collect(const struct residents_in *in, struct framemap *map, struct error *err)
{
	const struct unit_list *found = in->found;
	int rc = 0;

	for (u64 i = 0; i < found->nr && !rc; i++)
		rc = add_unit(in, map, found->unit[i].pfn, found->unit[i].order,
			      found->unit[i].mt, found->unit[i].orphan, err);
	if (!in->snapshot || !in->snapshot->page_class)
		return rc;
	for (u32 i = 0; i < in->zones->nr && !rc; i++) {
		if (span_taken(in, &in->zones->span[i]))
			rc = add_snapshot_span(in, map, &in->zones->span[i], err);
	}
	return rc;
}

typedef void (*unit_fn)(void *ctx, u64 pfn, u8 unit);

static void for_each_unit(const struct framemap *map, unit_fn fn, void *ctx)
{
	for (u64 i = 0; i < map->nr_dir; i++) {
		const struct frame_chunk *c = map->dir[i];

		if (!c)
			continue;
		for (u32 off = frame_next_head(c, 0); off < FRAMES_NR;
		     off = frame_next_head(c, off + 1))
			fn(ctx, i << FRAMES_SHIFT | off, c->unit[off]);
	}
}

/** struct placing - where the next resident of each type goes */
struct placing {
	u64 nr[NR_CONTENT_TYPES];
	u64 next[NR_CONTENT_TYPES];
	struct zonemap *zones;
	struct demand_start *start;
	const struct snapshot *snapshot;
	struct demand_plan *plan;
};

static void count_unit(void *ctx, u64 pfn __unused, u8 unit)
{
	((struct placing *)ctx)->nr[unit_mt(unit)]++;
}

static void place_unit(void *ctx, u64 pfn, u8 unit)
{
	struct placing *p = ctx;
	const u64 i = p->next[unit_mt(unit)]++;
	const int zone = zonemap_find(p->zones, pfn, unit_order(unit));

	p->start->unit[i] = (struct resident){
		.pfn = pfn, .handle = (u32)i, .zone = (u16)(zone == ZONE_NONE ? 0 : zone),
		.order = (u8)unit_order(unit), .migratetype = unit_mt(unit),
	};
	p->start->orphan[i] = !!(unit & UNIT_ORPHAN);
	if (!p->start->orphan[i])
		return;
	p->plan->nr_residents_orphan++;
	if (p->snapshot && p->snapshot->page_class)
		p->plan->orphans[snapshot_class(p->snapshot, pfn)]++;
}

/* Non-movable first, each type by pfn. */
static struct demand_start *arrange(const struct residents_in *in, const struct framemap *map,
				    struct demand_plan *plan, struct error *err)
{
	struct placing p = { .zones = in->zones, .snapshot = in->snapshot, .plan = plan };

	for_each_unit(map, count_unit, &p);
	p.next[MIGRATE_RECLAIMABLE] = p.nr[MIGRATE_UNMOVABLE];
	p.next[MIGRATE_MOVABLE] = p.nr[MIGRATE_UNMOVABLE] + p.nr[MIGRATE_RECLAIMABLE];
	p.start = calloc(1, sizeof(*p.start));
	if (!p.start) {
		err_nomem(err, "residents");
		return NULL;
	}
	p.start->nr = p.next[MIGRATE_MOVABLE] + p.nr[MIGRATE_MOVABLE];
	p.start->unit = calloc(p.start->nr + 1, sizeof(*p.start->unit));
	p.start->orphan = calloc(p.start->nr + 1, 1);
	if (!p.start->unit || !p.start->orphan || p.start->nr > RESIDENTS_MAX) {
		err_nomem(err, "residents");
		demand_start_free(p.start);
		return NULL;
	}
	for_each_unit(map, place_unit, &p);
	return p.start;
}

static int range_add(struct pfn_range **range, u32 *nr, u64 start, u64 end, struct error *err)
{
	struct pfn_range *r = *range;

	if (*nr && r[*nr - 1].end == start) {
		r[*nr - 1].end = end;
		return 0;
	}
	if (!(*nr & (*nr - 1))) {
		r = realloc(r, (*nr ? 2 * (u64)*nr : 1) * sizeof(*r));
		if (!r)
			return err_nomem(err, "frames without RAM");
		*range = r;
	}
	r[(*nr)++] = (struct pfn_range){ .start = start, .end = end };
	return 0;
}

/* Frames [pfn, end) that the page flags cover. */
static int add_holes_by_flags(const struct residents_in *in, u64 pfn, u64 end,
			      struct demand_plan *plan, struct error *err)
{
	int rc = 0;

	for (; pfn < end && !rc; pfn++) {
		const u8 class = snapshot_class(in->snapshot, pfn);

		if (class != PAGE_CLASS_ABSENT && class != PAGE_CLASS_RESERVED)
			continue;
		if (frame_seen(in->touched, pfn))
			continue;
		if (class == PAGE_CLASS_ABSENT)
			rc = range_add(&plan->absent, &plan->nr_absent, pfn, pfn + 1, err);
		else
			rc = range_add(&plan->reserved, &plan->nr_reserved, pfn, pfn + 1, err);
	}
	return rc;
}

/* Frames [pfn, end), none of them RAM: a chunk at a time where no event touched it. */
static int add_gap(const struct residents_in *in, u64 pfn, u64 end, struct demand_plan *plan,
		   struct error *err)
{
	int rc = 0;

	while (pfn < end && !rc) {
		u64 next = min_u64((pfn | FRAMES_MASK) + 1, end);

		if (framemap_get(in->touched, pfn))
			next = pfn + 1;
		if (!frame_seen(in->touched, pfn))
			rc = range_add(&plan->absent, &plan->nr_absent, pfn, next, err);
		pfn = next;
	}
	return rc;
}

/* Frames [pfn, end) of which only the RAM map is known. */
static int add_holes_by_ram(const struct residents_in *in, u64 pfn, u64 end,
			    struct demand_plan *plan, struct error *err)
{
	const struct snapshot *s = in->snapshot;
	int rc = 0;

	for (u32 i = 0; i < s->nr_ram && pfn < end && !rc; i++) {
		rc = add_gap(in, pfn, min_u64(s->ram[i].start, end), plan, err);
		pfn = max_u64(pfn, s->ram[i].end);
	}
	return s->nr_ram && !rc ? add_gap(in, pfn, end, plan, err) : rc;
}

static int add_holes(const struct residents_in *in, const struct zone_span *span,
		     struct demand_plan *plan, struct error *err)
{
	const u64 by_flags = max_u64(span->start, min_u64(span->end, in->snapshot->nr_pfns));
	int rc = add_holes_by_flags(in, span->start, by_flags, plan, err);

	return rc ? rc : add_holes_by_ram(in, by_flags, span->end, plan, err);
}

/* has-bits as recorded, for superpageblocks of the same size. */
static int take_has_bits(const struct residents_in *in, struct demand_plan *plan, struct error *err)
{
	const struct snapshot *s = in->snapshot;
	u64 nr = 0;

	if (!s || !s->spbs || s->spb_order != plan->opts.spb_order)
		return 0;
	for (u32 z = 0; z < s->nr_zones; z++)
		nr += s->spbs[z].nr;
	plan->has_bits = calloc(nr + 1, sizeof(*plan->has_bits));
	if (!plan->has_bits)
		return err_nomem(err, "superpageblocks");
	for (u32 z = 0; z < s->nr_zones; z++) {
		const bool taken = in->only_zone == ZONE_NONE || in->only_zone == (int)z;

		for (u32 i = 0; taken && i < s->spbs[z].nr; i++) {
			const struct snapshot_spb *spb = &s->spbs[z].spb[i];
			struct spb_has_bits *to = &plan->has_bits[plan->nr_has_bits];

			*to = (struct spb_has_bits){ .zone = z, .index = i };
			memcpy(to->blocks, spb->blocks, sizeof(to->blocks));
			plan->nr_has_bits += spb->known;
		}
	}
	return 0;
}

struct demand_start *residents_build(const struct residents_in *in, struct demand_plan *plan,
				     struct error *err)
{
	struct framemap map = { 0 };
	struct demand_start *start = NULL;
	int rc = collect(in, &map, err);

	for (u32 i = 0; in->snapshot && i < in->zones->nr && !rc; i++)
		rc = add_holes(in, &in->zones->span[i], plan, err);
	if (!rc && plan->opts.initial == INITIAL_EXACT)
		rc = labels_build(in, &map, plan, err);
	if (!rc && plan->opts.initial == INITIAL_EXACT)
		rc = take_has_bits(in, plan, err);
	if (!rc)
		start = arrange(in, &map, plan, err);
	plan->nr_chunks = map.nr_chunks;
	framemap_fini(&map);
	return start;
}
