// SPDX-License-Identifier: GPL-2.0
#include "parsers/quality.h"

#include <stdlib.h>

/* 8 TiB of dense 4 KiB pages. A damaged capture may name any pfn: it must not take all memory. */
#define BUDGET (256ULL << 20)

/* No allocator hands out larger blocks (MAX_PAGE_ORDER is 10, 13 with 64 KiB pages). */
#define ORDER_MAX 18

#define LEAF_PAGES (1u << QUALITY_LEAF_BITS)
#define WORD_BITS 64u

enum block_op {
	BLOCK_SET,
	BLOCK_CLEAR,
};

struct quality *quality_new(void)
{
	return calloc(1, sizeof(struct quality));
}

void quality_free(struct quality *q)
{
	if (!q)
		return;
	for (size_t t = 0; t < QUALITY_TOP; t++) {
		if (!q->top[t])
			continue;
		for (size_t m = 0; m < ARRAY_SIZE(q->top[t]->leaf); m++)
			free(q->top[t]->leaf[m]);
		free(q->top[t]);
	}
	free(q);
}

static void *take(struct quality *q, size_t bytes)
{
	if (q->bytes + bytes > BUDGET)
		return NULL;
	q->bytes += bytes;
	return calloc(1, bytes);
}

/* Bits of the leaf that holds @pfn; NULL when there is none (and none is made). */
static inline u64 *leaf_of(struct quality *q, u64 pfn, bool make)
{
	struct quality_mid **mid = &q->top[pfn >> (QUALITY_LEAF_BITS + QUALITY_MID_BITS)];
	u64 **leaf;

	if (!*mid && make)
		*mid = take(q, sizeof(**mid));
	if (!*mid)
		return NULL;
	leaf = &(*mid)->leaf[pfn >> QUALITY_LEAF_BITS & ((1u << QUALITY_MID_BITS) - 1)];
	if (!*leaf && make)
		*leaf = take(q, LEAF_PAGES / 8);
	return *leaf;
}

/* Set or clear the bits @mask of the word that holds @pfn; returns whether one of them was live. */
static inline bool change_word(struct quality *q, u64 pfn, u64 mask, enum block_op op)
{
	u64 *leaf = leaf_of(q, pfn, op == BLOCK_SET);
	u64 *word;
	bool live;

	if (!leaf)
		return false;
	word = &leaf[pfn % LEAF_PAGES / WORD_BITS];
	live = *word & mask;
	*word = op == BLOCK_SET ? *word | mask : *word & ~mask;
	return live;
}

/* Set or clear 1 << order pages; returns whether one of them was live. */
static bool change_block(struct quality *q, u64 pfn, u8 order, enum block_op op)
{
	u64 end = pfn + (1ULL << order);
	bool live = false;

	if (!order)
		return change_word(q, pfn, 1ULL << pfn % WORD_BITS, op);
	while (pfn < end) {
		u32 bit = (u32)pfn % WORD_BITS;
		u64 n = min_u64(end - pfn, WORD_BITS - bit);

		live |= change_word(q, pfn, (n == WORD_BITS ? ~0ULL : (1ULL << n) - 1) << bit, op);
		pfn += n;
	}
	return live;
}

static bool outside(u64 pfn, u8 order)
{
	return pfn >= (1ULL << QUALITY_PFN_BITS) - (1ULL << ORDER_MAX) || order > ORDER_MAX;
}

static void look_at(struct quality *q, u8 kind, u64 pfn, u8 order)
{
	if (kind == EVENT_PAGE_ALLOC) {
		if (!outside(pfn, order) && change_block(q, pfn, order, BLOCK_SET))
			q->causality++;
	} else if (kind == EVENT_PAGE_FREE) {
		q->frees_total++;
		if (outside(pfn, order))
			return;
		/* The first page tells: what follows it may have been freed on its own before. */
		q->frees_matched += change_block(q, pfn, 0, BLOCK_CLEAR);
		if (order)
			change_block(q, pfn, order, BLOCK_CLEAR);
	}
}

void quality_event(struct quality *q, const struct event *ev)
{
	look_at(q, ev->kind, ev->pfn, ev->order);
}

/*
 * One page in a leaf that exists, which is nearly all there is: the same for both kinds, since
 * which of them comes next cannot be foreseen.
 */
static inline void one_page(struct quality *q, u64 *leaf, u64 pfn, bool alloc)
{
	u64 *word = &leaf[pfn % LEAF_PAGES / WORD_BITS];
	const u64 bit = 1ULL << pfn % WORD_BITS;
	const bool live = *word & bit;

	*word = (*word & ~bit) | ((0 - (u64)alloc) & bit);
	q->causality += alloc & live;
	q->frees_total += !alloc;
	q->frees_matched += !alloc & live;
}

void quality_rows(struct quality *q, const struct event_block *b, u32 from, u32 nr)
{
	u64 at = ~0ULL;		/* number of @leaf */
	u64 *leaf = NULL;

	for (u32 i = from; i < from + nr; i++) {
		const u64 pfn = b->pfn[i];

		if (b->kind[i] != EVENT_PAGE_ALLOC && b->kind[i] != EVENT_PAGE_FREE)
			continue;
		if (pfn >> QUALITY_LEAF_BITS != at && !outside(pfn, 0)) {
			at = pfn >> QUALITY_LEAF_BITS;
			leaf = leaf_of(q, pfn, false);
		}
		if (b->order[i] || outside(pfn, 0) || !leaf) {
			look_at(q, b->kind[i], pfn, b->order[i]);
			at = ~0ULL;	/* there may be a leaf now */
		} else {
			one_page(q, leaf, pfn, b->kind[i] == EVENT_PAGE_ALLOC);
		}
	}
}
