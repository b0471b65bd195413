// SPDX-License-Identifier: GPL-2.0
#include "replay/base/hash.h"

#include <string.h>

#define PRIME_1 0x9e3779b185ebca87ULL
#define PRIME_2 0xc2b2ae3d27d4eb4fULL
#define PRIME_3 0x165667b19e3779f9ULL
#define PRIME_4 0x85ebca77c2b2ae63ULL
#define PRIME_5 0x27d4eb2f165667c5ULL

static inline u64 rotate_left(u64 x, u32 by)
{
	return x << by | x >> (64 - by);
}

/* The format is little-endian on every machine. */
static inline u64 read_le64(const u8 *p)
{
	u64 v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap64(v);
}

static inline u32 read_le32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static inline u64 mix_round(u64 lane, u64 input)
{
	return rotate_left(lane + input * PRIME_2, 31) * PRIME_1;
}

/* Whole stripes of 32 bytes; the lanes stay in registers. */
static const u8 *mix_stripes(struct hash64 *h, const u8 *p, size_t nr)
{
	u64 a = h->lane[0], b = h->lane[1], c = h->lane[2], d = h->lane[3];

	for (; nr; nr--, p += 32) {
		a = mix_round(a, read_le64(p));
		b = mix_round(b, read_le64(p + 8));
		c = mix_round(c, read_le64(p + 16));
		d = mix_round(d, read_le64(p + 24));
	}
	h->lane[0] = a;
	h->lane[1] = b;
	h->lane[2] = c;
	h->lane[3] = d;
	return p;
}

void hash64_init(struct hash64 *h)
{
	*h = (struct hash64){ .lane = { PRIME_1 + PRIME_2, PRIME_2, 0, 0 - PRIME_1 } };
}

void hash64_update(struct hash64 *h, const void *bytes, size_t len)
{
	const u8 *p = bytes;

	h->total += len;
	if (h->nr_tail) {
		size_t n = sizeof(h->tail) - h->nr_tail;

		if (n > len)
			n = len;
		memcpy(h->tail + h->nr_tail, p, n);
		h->nr_tail += (u32)n;
		p += n;
		len -= n;
		if (h->nr_tail < sizeof(h->tail))
			return;
		mix_stripes(h, h->tail, 1);
		h->nr_tail = 0;
	}
	p = mix_stripes(h, p, len / sizeof(h->tail));
	len %= sizeof(h->tail);
	if (len)
		memcpy(h->tail, p, len);
	h->nr_tail = (u32)len;
}

static u64 merge_lanes(const struct hash64 *h)
{
	u64 x;

	if (h->total < sizeof(h->tail))
		return PRIME_5;
	x = rotate_left(h->lane[0], 1) + rotate_left(h->lane[1], 7) + rotate_left(h->lane[2], 12) +
	    rotate_left(h->lane[3], 18);
	for (u32 i = 0; i < 4; i++)
		x = (x ^ mix_round(0, h->lane[i])) * PRIME_1 + PRIME_4;
	return x;
}

u64 hash64_final(const struct hash64 *h)
{
	u64 x = merge_lanes(h) + h->total;
	const u8 *p = h->tail;
	u32 len = h->nr_tail;

	for (; len >= 8; len -= 8, p += 8)
		x = rotate_left(x ^ mix_round(0, read_le64(p)), 27) * PRIME_1 + PRIME_4;
	for (; len >= 4; len -= 4, p += 4)
		x = rotate_left(x ^ read_le32(p) * PRIME_1, 23) * PRIME_2 + PRIME_3;
	for (; len; len--, p++)
		x = rotate_left(x ^ *p * PRIME_5, 11) * PRIME_1;
	x = (x ^ x >> 33) * PRIME_2;
	x = (x ^ x >> 29) * PRIME_3;
	return x ^ x >> 32;
}

void hash64_text(char out[HASH64_TEXT], u64 hash)
{
	for (u32 i = 0; i < 16; i++)
		out[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
	out[16] = '\0';
}
