/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far a capture agrees with itself: which pages are allocated, as mm_page_alloc and
 * mm_page_free tell it, in one bit a page.
 */
#ifndef SPB_PARSERS_QUALITY_H
#define SPB_PARSERS_QUALITY_H

#include "replay/base/error.h"
#include "replay/log/event.h"

#ifndef QUALITY_PFN_BITS	/* fuzzing: fewer */
#define QUALITY_PFN_BITS 40
#endif
#define QUALITY_LEAF_BITS 15	/* pages a leaf: 4 KiB of bits */
#ifndef QUALITY_MID_BITS	/* fuzzing: fewer */
#define QUALITY_MID_BITS 12
#endif
#define QUALITY_TOP (1u << (QUALITY_PFN_BITS - QUALITY_LEAF_BITS - QUALITY_MID_BITS))

/** struct quality_mid - second level of the bitmap */
struct quality_mid {
	u64 *leaf[1u << QUALITY_MID_BITS];
};

/**
 * struct quality - the figures so far
 * @causality: mm_page_alloc of a block that has a live page
 * @frees_total, @frees_matched: mm_page_free, and those whose page was allocated in the capture
 * @bytes: memory taken; pages beyond QUALITY_PFN_BITS or a fixed budget are not followed
 */
struct quality {
	u64 causality;
	u64 frees_total;
	u64 frees_matched;
	u64 bytes;
	struct quality_mid *top[QUALITY_TOP];
};

/** quality_new - Return: NULL when out of memory */
struct quality *quality_new(void);
void quality_free(struct quality *q);
/** quality_event - look at the next event of the merged stream */
void quality_event(struct quality *q, const struct event *ev);
/** quality_rows - look at the next @nr events: rows of @b from @from on */
void quality_rows(struct quality *q, const struct event_block *b, u32 from, u32 nr);

#endif /* SPB_PARSERS_QUALITY_H */
