/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XXH64 (seed 0), computed piece by piece: names files by what they hold. Algorithm: xxHash
 * specification, version 0.1.1.
 */
#ifndef SPB_REPLAY_HASH_H
#define SPB_REPLAY_HASH_H

#include "model/types.h"

/** struct hash64 - a hash in the making; @tail holds the @nr_tail bytes not yet mixed in */
struct hash64 {
	u64 lane[4];
	u64 total;
	u32 nr_tail;
	u8 tail[32];
};

#define HASH64_TEXT 17		/* 16 hex digits and a NUL */

/** hash64_init, hash64_update - bytes may come in pieces of any size */
void hash64_init(struct hash64 *h);
void hash64_update(struct hash64 *h, const void *bytes, size_t len);
/** hash64_final - the hash of all bytes so far; @h can take more afterwards */
u64 hash64_final(const struct hash64 *h);
/** hash64_text - @hash as 16 lower-case hex digits */
void hash64_text(char out[HASH64_TEXT], u64 hash);

#endif /* SPB_REPLAY_HASH_H */
