// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/labels.h"

#include <stdlib.h>
#include <string.h>

/* A label byte; each field is type + 1, 0: not shown. */
#define DRAIN_MASK 0x03		/* by the first drain */
#define NONMOVABLE_SHIFT 2	/* first type that is not MOVABLE */
#define NONMOVABLE_MASK 0x0c
#define FIRST_SHIFT 4		/* by the first event */
#define FIRST_MASK 0x30
#define ONE_REMOVAL 0x40	/* that event was a removal, and nothing came after it */

#define NR_CONTENT_TYPES 3

u32 label_order_of(u32 pageblock_order)
{
	if (pageblock_order < FRAME_LABEL_SHIFT)
		return FRAME_LABEL_SHIFT;
	return pageblock_order < FRAMES_SHIFT ? pageblock_order : FRAMES_SHIFT;
}

static u32 label_slot(u64 pfn, u32 label_order)
{
	return (frame_off(pfn) & ~((1U << label_order) - 1)) >> FRAME_LABEL_SHIFT;
}

static u8 show_first(u8 label, u8 mt, enum label_shown how)
{
	const bool replace = how == LABEL_BY_FALLBACK && label & ONE_REMOVAL;

	if (label & FIRST_MASK && !replace)
		return (u8)(label & ~ONE_REMOVAL);
	label = (u8)((label & ~(FIRST_MASK | ONE_REMOVAL)) | (mt + 1) << FIRST_SHIFT);
	return how == LABEL_BY_REMOVAL ? label | ONE_REMOVAL : label;
}

void label_show(struct frame_chunk *c, u64 pfn, u32 label_order, s8 mt, enum label_shown how)
{
	u8 *label = &c->label[label_slot(pfn, label_order)];

	if (mt < MIGRATE_UNMOVABLE || mt > MIGRATE_RECLAIMABLE)
		return;
	*label = show_first(*label, (u8)mt, how);
	if (how == LABEL_BY_DRAIN && !(*label & DRAIN_MASK))
		*label |= (u8)(mt + 1);
	if (how != LABEL_BY_FALLBACK && mt != MIGRATE_MOVABLE && !(*label & NONMOVABLE_MASK))
		*label |= (u8)((mt + 1) << NONMOVABLE_SHIFT);
}

void label_forget(struct frame_chunk *c, u64 pfn, u32 label_order)
{
	c->label[label_slot(pfn, label_order)] &= (u8)~(FIRST_MASK | ONE_REMOVAL);
}

bool label_drained(const struct frame_chunk *c, u64 pfn, u32 label_order, u8 mt)
{
	return (c->label[label_slot(pfn, label_order)] & DRAIN_MASK) == mt + 1;
}

int label_nonmovable(const struct frame_chunk *c, u64 pfn, u32 label_order)
{
	return ((c->label[label_slot(pfn, label_order)] & NONMOVABLE_MASK) >> NONMOVABLE_SHIFT) - 1;
}

static int label_first(const struct frame_chunk *c, u64 pfn, u32 label_order)
{
	return ((c->label[label_slot(pfn, label_order)] & FIRST_MASK) >> FIRST_SHIFT) - 1;
}

/* ---- what events show ---- */

/* In the window the first event counts; before it the last one does. */
static int show_label(struct label_scan *s, u64 pfn, s8 mt, enum label_shown how,
		      struct error *err)
{
	struct frame_chunk *c;
	int rc = framemap_touch(s->map, pfn, &c, err);

	if (rc)
		return rc;
	if (!s->in_window)
		label_forget(c, pfn, s->order);
	label_show(c, pfn, s->order, mt, how);
	return 0;
}

/*
 * A fallback shows the label that every block of the buddy found had; before the window, the one
 * that it has from now on.
 */
static int show_fallback(struct label_scan *s, const struct event_block *b, u32 i,
			 const u64 *extra, struct error *err)
{
	const u32 order = extra[0] <= FRAME_MAX_ORDER ? (u32)extra[0] : 0;
	const u64 end = min_u64(b->pfn[i] + (1ULL << order), FRAME_MAX_PFN);
	s8 mt = extra[1] < MIGRATE_TYPES ? (s8)extra[1] : EVENT_NO_MT;
	int rc = 0;

	if (!s->in_window && extra[2])
		mt = b->migratetype[i];
	for (u64 pfn = b->pfn[i]; pfn < end && !rc; pfn += 1ULL << s->order)
		rc = show_label(s, pfn, mt, LABEL_BY_FALLBACK, err);
	return rc;
}

int label_scan_event(struct label_scan *s, const struct event_block *b, u32 i,
		     const u64 *extra, struct error *err)
{
	switch (b->kind[i]) {
	case EVENT_PCPU_DRAIN:
		return show_label(s, b->pfn[i], b->migratetype[i], LABEL_BY_DRAIN, err);
	case EVENT_ZONE_LOCKED:
		return s->spb_kernel ? 0 : show_label(s, b->pfn[i], b->migratetype[i],
						      LABEL_BY_REMOVAL, err);
	case EVENT_EXTFRAG:
		return s->spb_kernel ? 0 : show_fallback(s, b, i, extra, err);
	default:
		return 0;
	}
}

/* ---- from evidence to labels ---- */

/** struct content - pages of each type in one granule; @slab: of them, when a snapshot tells */
struct content {
	u32 pages[NR_CONTENT_TYPES];
	u32 slab;
};

static void count_chunk(const struct frame_chunk *c, u32 label_order, struct content *content)
{
	for (u32 off = frame_next_head(c, 0); off < FRAMES_NR; off = frame_next_head(c, off + 1)) {
		const u32 size = 1U << unit_order(c->unit[off]);
		const u32 granule = 1U << label_order;
		const u8 mt = unit_mt(c->unit[off]);

		for (u32 i = 0; i < size; i += granule)
			content[(off + i) >> label_order].pages[mt] += size < granule ? size :
											 granule;
	}
}

static void count_slab(const struct snapshot *s, u64 base, u32 label_order,
		       struct content *content)
{
	for (u64 pfn = base; pfn < base + FRAMES_NR && pfn < s->nr_pfns; pfn++) {
		if ((s->page_class[pfn] & PAGE_CLASS_MASK) == PAGE_CLASS_SLAB)
			content[frame_off(pfn) >> label_order].slab++;
	}
}

/*
 * Slab pages go to non-movable blocks, and hardly any such block is without one, while other kernel
 * pages (those on per-CPU lists among them) are found in movable blocks, too. Without page classes
 * the majority decides.
 *
 * Return: the type that the content speaks for, -1: nothing there
 */
static int content_label(const struct content *n, bool classes)
{
	const u32 unmovable = n->pages[MIGRATE_UNMOVABLE];
	const u32 reclaimable = n->pages[MIGRATE_RECLAIMABLE];

	if (!unmovable && !reclaimable && !n->pages[MIGRATE_MOVABLE])
		return -1;
	if (classes ? !n->slab : n->pages[MIGRATE_MOVABLE] >= unmovable + reclaimable)
		return MIGRATE_MOVABLE;
	return reclaimable > unmovable ? MIGRATE_RECLAIMABLE : MIGRATE_UNMOVABLE;
}

static int add_label(struct demand_labels *l, u64 pfn, u8 mt, struct error *err)
{
	if (l->nr == l->max) {
		const u64 max = l->max ? 2 * l->max : 1024;
		struct block_label *block = realloc(l->block, max * sizeof(*block));

		if (!block)
			return err_nomem(err, "labels of pageblocks");
		l->block = block;
		l->max = max;
	}
	l->block[l->nr++] = (struct block_label){ .pfn = pfn, .mt = mt };
	return 0;
}

static int judge_block(struct demand_labels *l, u64 pfn, int event, int content,
		       struct error *err)
{
	const int mt = event >= 0 ? event : content;

	l->by_event += event >= 0;
	l->by_content += event < 0 && content >= 0;
	if (event >= 0 && content >= 0) {
		l->compared++;
		l->disagreed += event != content;
	}
	return mt > MIGRATE_MOVABLE || mt == MIGRATE_UNMOVABLE ?
		       add_label(l, pfn, (u8)mt, err) : 0;
}

static int label_chunk(const struct residents_in *in, const struct framemap *units, u64 index,
		       struct demand_plan *plan, struct error *err)
{
	struct content content[FRAMES_NR >> FRAME_LABEL_SHIFT] = { 0 };
	const u64 base = index << FRAMES_SHIFT;
	const struct frame_chunk *events = framemap_get(in->touched, base);
	const struct frame_chunk *held = framemap_get(units, base);
	const bool classes = in->snapshot && in->snapshot->page_class;
	int rc = 0;

	if (held)
		count_chunk(held, in->label_order, content);
	if (classes)
		count_slab(in->snapshot, base, in->label_order, content);
	for (u64 pfn = base; (held || events) && pfn < base + FRAMES_NR && !rc;
	     pfn += 1ULL << in->label_order) {
		const int shown = events ? label_first(events, pfn, in->label_order) : -1;

		if (zonemap_find(in->zones, pfn, 0) != ZONE_NONE)
			rc = judge_block(&plan->labels, pfn, shown,
					 content_label(&content[frame_off(pfn) >> in->label_order],
						       classes), err);
	}
	return rc;
}

int labels_build(const struct residents_in *in, const struct framemap *units,
		 struct demand_plan *plan, struct error *err)
{
	const u64 nr = max_u64(units->nr_dir, in->touched->nr_dir);
	int rc = 0;

	for (u64 i = 0; i < nr && !rc; i++)
		rc = label_chunk(in, units, i, plan, err);
	return rc;
}
