/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Labels of pageblocks at the start, for --initial exact. No file of a running kernel lists them:
 * pagetypeinfo only counts them by zone. Best evidence first:
 *
 * - the first event that shows the block's label: a drain names it, a removal names the list it
 *   took the page from, a fallback names the type that it found;
 * - what the block holds: with slab pages in it, the type of most of its non-movable pages; without
 *   them, movable. Where no page classes are known: movable when movable pages are at least as many
 *   as others;
 * - nothing known: movable, as boot leaves it (S1.6).
 *
 * The scan keeps what events show in frame_chunk.label; residents use the same bytes for content.
 */
#ifndef SPB_REPLAY_LABELS_H
#define SPB_REPLAY_LABELS_H

#include "replay/demand/framemap.h"
#include "replay/initial/residents.h"

/** enum label_shown - how an event shows a label */
enum label_shown {
	LABEL_BY_REMOVAL,	/* zone_locked: the list it came from */
	LABEL_BY_DRAIN,		/* pcpu_drain: the label itself */
	LABEL_BY_FALLBACK,	/* extfrag: the type found; beats the removal of the same page */
};

/** label_order - pageblock order as labels are kept: within a chunk, at least a granule */
u32 label_order_of(u32 pageblock_order);

/**
 * label_show - an event showed the label of @pfn's pageblock; the first one counts
 * @mt: raw migratetype of the event
 */
void label_show(struct frame_chunk *c, u64 pfn, u32 label_order, s8 mt, enum label_shown how);

/** label_forget - the next event shows the label anew: the window has not begun */
void label_forget(struct frame_chunk *c, u64 pfn, u32 label_order);

/** label_drained - is the first drain of @pfn's block one of type @mt? */
bool label_drained(const struct frame_chunk *c, u64 pfn, u32 label_order, u8 mt);
/** label_nonmovable - first UNMOVABLE or RECLAIMABLE that its block showed, or -1 */
int label_nonmovable(const struct frame_chunk *c, u64 pfn, u32 label_order);

/**
 * struct label_scan - what a scan keeps to learn labels
 * @map: whose label bytes are used; @order: see label_order_of()
 * @wanted: somebody will ask for labels; @spb_kernel: the capture has SPB events
 * @in_window: from here on the first event counts, until then the last one
 */
struct label_scan {
	struct framemap *map;
	u32 order;
	bool wanted;
	bool spb_kernel;
	bool in_window;
};

/**
 * label_scan_event - what event @i shows of its pageblock's label
 * @extra: its extra words
 *
 * On an SPB kernel a removal may borrow from a block of another label (PASS_2C, 2D), or relabel one
 * without a word (PASS_2): only drains count there.
 */
int label_scan_event(struct label_scan *s, const struct event_block *b, u32 i, const u64 *extra,
		     struct error *err) __must_check;

/** labels_build - @plan's labels, from @in and @units. Return: 0 or negative with @err set */
int labels_build(const struct residents_in *in, const struct framemap *units,
		 struct demand_plan *plan, struct error *err) __must_check;

#endif /* SPB_REPLAY_LABELS_H */
