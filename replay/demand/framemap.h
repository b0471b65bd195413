/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sparse map of naturally aligned blocks of page frames. Two levels of arrays, no hashing: a
 * directory indexed by pfn >> FRAMES_SHIFT, and chunks that exist once one of their frames was
 * touched. Blocks never overlap, and none crosses a chunk, since the largest is far smaller.
 *
 * Demand uses it twice: for the live units of the recorded host, and, while scanning, for frees
 * that went to a PCP and were not drained yet.
 */
#ifndef SPB_REPLAY_FRAMEMAP_H
#define SPB_REPLAY_FRAMEMAP_H

#include "replay/base/error.h"

#define FRAMES_SHIFT 15
#define FRAMES_NR (1U << FRAMES_SHIFT)
#define FRAMES_MASK (FRAMES_NR - 1)

#define FRAME_MAX_ORDER 13	/* of pages of 64 KiB; what a host has: demand_plan.max_order */
#define FRAME_MAX_PFN (1ULL << 34)	/* frames beyond 64 TiB of 4 KiB pages are not believed */
#define FRAME_MAX_CHUNKS (1U << 17)	/* 16 TiB of touched 4 KiB pages: a damaged log ends here */

#define FRAME_LABEL_SHIFT 6	/* finest granule of @label */

/* A byte of @unit: order + 1 in the low half, so that 0 is "no block begins here". */
#define UNIT_ORDER_MASK 0x0f
#define UNIT_MT_SHIFT 4		/* migratetype, 2 bits */
#define UNIT_ORPHAN 0x40	/* known only from its free: live before the capture began */

/**
 * struct frame_chunk - state of FRAMES_NR frames
 * @value: of the block that begins at the frame: a handle, or an event index
 * @unit: of the block that begins at the frame, see UNIT_*; 0: none begins here
 * @live: one bit a frame, set for every frame that a block covers
 * @seen: one bit a frame, set by the scan once an event allocated or freed the frame
 * @label: what the scan learned of pageblock labels, see labels.h
 */
struct frame_chunk {
	u32 value[FRAMES_NR];
	u8 unit[FRAMES_NR];
	u64 live[FRAMES_NR / 64];
	u64 seen[FRAMES_NR / 64];
	u8 label[FRAMES_NR >> FRAME_LABEL_SHIFT];
};

/** struct framemap - directory of chunks; all zero is an empty map */
struct framemap {
	struct frame_chunk **dir;
	u64 nr_dir;
	u32 nr_chunks;
};

/** framemap_fini - free all chunks; the map is empty afterwards */
void framemap_fini(struct framemap *m);

/**
 * framemap_touch - chunk of @pfn, made when missing
 * @pfn: below FRAME_MAX_PFN
 * @c: the chunk, owned by the map
 *
 * Return: 0 or negative with @err set: no memory, or more than FRAME_MAX_CHUNKS chunks.
 */
int framemap_touch(struct framemap *m, u64 pfn, struct frame_chunk **c,
		   struct error *err) __must_check;

/** framemap_get - chunk of @pfn, NULL when no frame of it was ever touched */
static inline struct frame_chunk *framemap_get(const struct framemap *m, u64 pfn)
{
	u64 i = pfn >> FRAMES_SHIFT;

	return i < m->nr_dir ? m->dir[i] : NULL;
}

/**
 * framemap_prefetch - @pfn will be looked at soon: what a block of it needs, into the caches
 *
 * Inline by force: gcc takes a function that only fetches for one without effects, and drops it.
 */
static __always_inline void framemap_prefetch(const struct framemap *m, u64 pfn)
{
	const struct frame_chunk *c = framemap_get(m, pfn);
	const u32 off = (u32)(pfn & FRAMES_MASK);

	if (!c)
		return;
	__builtin_prefetch(&c->unit[off], 1);
	__builtin_prefetch(&c->value[off], 1);
	__builtin_prefetch(&c->live[off >> 6], 1);
}

/** frame_off - index of @pfn in its chunk */
static inline u32 frame_off(u64 pfn)
{
	return (u32)(pfn & FRAMES_MASK);
}

/* Bits of an aligned block of 2^order frames at @off: below order 6 they lie in one word. */
static inline u64 frame_bits_mask(u32 off, u32 order)
{
	return ((1ULL << (1U << order)) - 1) << (off & 63);
}

/** frame_bits_any - is any bit of the block set? */
static inline bool frame_bits_any(const u64 *bits, u32 off, u32 order)
{
	const u64 *w = &bits[off >> 6];

	if (order < 6)
		return *w & frame_bits_mask(off, order);
	for (u32 i = 0; i < 1U << (order - 6); i++) {
		if (w[i])
			return true;
	}
	return false;
}

/** frame_bits_all - are all bits of the block set? */
static inline bool frame_bits_all(const u64 *bits, u32 off, u32 order)
{
	const u64 *w = &bits[off >> 6];

	if (order < 6)
		return !(~*w & frame_bits_mask(off, order));
	for (u32 i = 0; i < 1U << (order - 6); i++) {
		if (~w[i])
			return false;
	}
	return true;
}

/** frame_bits_set - set all bits of the block */
static inline void frame_bits_set(u64 *bits, u32 off, u32 order)
{
	u64 *w = &bits[off >> 6];

	if (order < 6) {
		*w |= frame_bits_mask(off, order);
		return;
	}
	for (u32 i = 0; i < 1U << (order - 6); i++)
		w[i] = ~0ULL;
}

/** frame_bits_clear - clear all bits of the block */
static inline void frame_bits_clear(u64 *bits, u32 off, u32 order)
{
	u64 *w = &bits[off >> 6];

	if (order < 6) {
		*w &= ~frame_bits_mask(off, order);
		return;
	}
	for (u32 i = 0; i < 1U << (order - 6); i++)
		w[i] = 0;
}

/** frame_bit - one bit */
static inline bool frame_bit(const u64 *bits, u32 off)
{
	return bits[off >> 6] >> (off & 63) & 1;
}

/** unit_order - order in a byte of @unit; only for bytes that are not 0 */
static inline u32 unit_order(u8 unit)
{
	return (u32)(unit & UNIT_ORDER_MASK) - 1;
}

/** unit_mt - migratetype in a byte of @unit */
static inline u8 unit_mt(u8 unit)
{
	return unit >> UNIT_MT_SHIFT & 3;
}

/** frame_head - where the block that covers @off begins; @off must be live */
u32 frame_head(const struct frame_chunk *c, u32 off);

/** frame_insert - add a block; its frames must not be live */
static inline void frame_insert(struct frame_chunk *c, u32 off, u32 order, u32 value, u8 flags)
{
	c->value[off] = value;
	c->unit[off] = (u8)((order + 1) | flags);
	frame_bits_set(c->live, off, order);
}

/** frame_remove - remove the block that begins at @off */
static inline void frame_remove(struct frame_chunk *c, u32 off)
{
	frame_bits_clear(c->live, off, unit_order(c->unit[off]));
	c->unit[off] = 0;
}

/**
 * frame_next_head - first block that begins at @off or after it in the chunk
 *
 * Return: its offset, or FRAMES_NR when there is none.
 */
u32 frame_next_head(const struct frame_chunk *c, u32 off);

/**
 * frame_fit_order - largest order, at most @max, of an aligned block at @pfn inside [@pfn, @end)
 */
u32 frame_fit_order(u64 pfn, u64 end, u32 max);

#endif /* SPB_REPLAY_FRAMEMAP_H */
