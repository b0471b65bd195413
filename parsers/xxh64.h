/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XXH64 (seed 0): names the bytes of a capture in a log. Not a security hash.
 */
#ifndef SPB_PARSERS_XXH64_H
#define SPB_PARSERS_XXH64_H

#include "model/types.h"

/** struct xxh64 - a hash under way; xxh64_init() before the first xxh64_update() */
struct xxh64 {
	u64 acc[4];
	u64 total;
	u32 held;
	u8 block[32];
};

void xxh64_init(struct xxh64 *h);
/** xxh64_update - add @len bytes; calls may cut the data anywhere */
void xxh64_update(struct xxh64 *h, const void *data, size_t len);
/** xxh64_digest - hash of all bytes added; the state is not changed */
u64 xxh64_digest(const struct xxh64 *h);

#endif /* SPB_PARSERS_XXH64_H */
