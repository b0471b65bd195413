/* SPDX-License-Identifier: GPL-2.0 */
/* The names of gfp flags in ftrace text, and the bits that they stand for. */
#ifndef SPB_PARSERS_TEXT_GFP_H
#define SPB_PARSERS_TEXT_GFP_H

#include "parsers/text/text_line.h"

/** struct gfp_cache - flags met before, by hash: a capture holds few sets of them */
#define GFP_CACHE_SLOTS 256u
#define GFP_TEXT_MAX 120u
struct gfp_cache {
	struct {
		size_t len;
		u64 value;
		char text[GFP_TEXT_MAX];
	} slot[GFP_CACHE_SLOTS];
};

/**
 * text_gfp - value of "GFP_KERNEL|__GFP_ZERO" with the bits of Linux 6.18
 * @cache: all zero at first
 *
 * Text does not say which bit a name had in the kernel that wrote it. A name that 6.18 lacks
 * counts as no bit; numbers ("0x800") are taken as they are.
 */
u64 text_gfp(struct gfp_cache *cache, struct span text);

#endif /* SPB_PARSERS_TEXT_GFP_H */
