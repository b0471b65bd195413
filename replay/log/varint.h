/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Variable-length integers (LEB128) and zigzag, as in docs/log-format.md.
 */
#ifndef SPB_REPLAY_VARINT_H
#define SPB_REPLAY_VARINT_H

#include "model/types.h"

#define VARINT_MAX 10	/* bytes of the longest varint */

static inline u64 zigzag(s64 d)
{
	return ((u64)d << 1) ^ (d < 0 ? ~0ULL : 0);
}

static inline s64 unzigzag(u64 z)
{
	return (s64)((z >> 1) ^ (0 - (z & 1)));
}

/** varint_put - write @v at @p (room for VARINT_MAX bytes). Return: the byte after it */
static inline u8 *varint_put(u8 *p, u64 v)
{
	while (v >= 0x80) {
		*p++ = (u8)(v | 0x80);
		v >>= 7;
	}
	*p++ = (u8)v;
	return p;
}

/** varint_get_slow - varint_get() for more than one byte */
static inline const u8 *varint_get_slow(const u8 *p, const u8 *end, u64 *v)
{
	u64 x = 0;

	for (unsigned int shift = 0; p < end && shift < 70; shift += 7) {
		const u8 b = *p++;

		x |= (u64)(b & 0x7f) << shift;
		if (b < 0x80) {
			*v = x;
			return shift == 63 && b > 1 ? NULL : p;
		}
	}
	return NULL;
}

/**
 * varint_get - read one varint from [@p, @end)
 *
 * Return: the byte after it, or NULL when it is cut off or longer than 64 bits.
 */
static inline const u8 *varint_get(const u8 *p, const u8 *end, u64 *v)
{
	if (p < end && *p < 0x80) {
		*v = *p;
		return p + 1;
	}
	return varint_get_slow(p, end, v);
}

#endif /* SPB_REPLAY_VARINT_H */
