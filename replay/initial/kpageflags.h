/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/kpageflags: 64 bits a page frame from pfn 0, little-endian, plain or zstd. Each frame
 * becomes one byte, enum page_class.
 */
#ifndef SPB_REPLAY_KPAGEFLAGS_H
#define SPB_REPLAY_KPAGEFLAGS_H

#include "replay/base/error.h"
#include "replay/initial/snapshot.h"

/** struct page_classes - one byte a frame from pfn 0 */
struct page_classes {
	u64 nr;
	u8 *class;
};

/**
 * kpageflags_class - class of one frame by its own flags
 *
 * The flags do not show pins, so mlocked and unevictable pages count as movable, as they are for
 * compaction.
 */
u8 kpageflags_class(u64 flags);

/** struct page_class_state - what the frame before was; all zero before the first */
struct page_class_state {
	bool in_compound;	/* a head or a tail */
	u8 class;
};

/** kpageflags_next - class of the next frame; tails take that of their head */
u8 kpageflags_next(struct page_class_state *state, u64 flags);

/**
 * kpageflags_load - classes of the frames below @end_pfn; frames beyond are not read
 * @path: the file; a name that ends in .zst is zstd
 * @out: owned by the caller; @nr 0 when the file is empty
 *
 * Tails of compound pages take the class of their head (older kernels flag only the head).
 * Memory grows with what was really read. Return: 0 or negative with @err set: cannot be read,
 * cut off, or shorter than @end_pfn.
 */
int kpageflags_load(const char *path, u64 end_pfn, struct page_classes *out,
		    struct error *err) __must_check;

#endif /* SPB_REPLAY_KPAGEFLAGS_H */
