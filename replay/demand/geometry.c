// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/geometry.h"

#include <string.h>

#define SPB_SHIFT 30		/* 1 GiB */
#define MAX_SPB_ORDER 24

/*
 * 4 KiB: x86-64 and arm64; 16 and 64 KiB: arm64, where a pageblock is the largest buddy (S10 item
 * 17)
 */
static const struct geometry page_sizes[] = {
	{ .page_shift = 12, .pageblock_order = 9, .max_order = 10 },
	{ .page_shift = 14, .pageblock_order = 11, .max_order = 11 },
	{ .page_shift = 16, .pageblock_order = 13, .max_order = 13 },
};

static u32 page_shift_of(const struct log_meta *meta, const struct snapshot *snap)
{
	if (snap && snap->page_shift)
		return snap->page_shift;
	/* A capture names the size of its ring buffer's pages: mostly, but not always, the same. */
	if (!meta->machine || !strcmp(meta->machine, "x86_64") || !meta->page_size)
		return 12;
	return (u32)__builtin_ctz(meta->page_size);
}

struct geometry geometry_of(const struct log_meta *meta, const struct snapshot *snap,
			    u32 spb_order)
{
	const u32 shift = page_shift_of(meta, snap);
	struct geometry g = page_sizes[0];

	for (size_t i = 0; i < ARRAY_SIZE(page_sizes); i++) {
		if (page_sizes[i].page_shift == shift)
			g = page_sizes[i];
	}
	if (snap && snap->pageblock_order)
		g.pageblock_order = snap->pageblock_order;
	else if (meta->pageblock_order)
		g.pageblock_order = meta->pageblock_order;
	if (snap && snap->max_order)
		g.max_order = snap->max_order;
	else if (g.max_order < g.pageblock_order)
		g.max_order = g.pageblock_order;
	if (g.max_order >= MODEL_MAX_ORDERS)
		g.max_order = MODEL_MAX_ORDERS - 1;
	g.spb_order = spb_order && spb_order <= MAX_SPB_ORDER ? spb_order :
								SPB_SHIFT - g.page_shift;
	return g;
}
