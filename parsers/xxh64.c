// SPDX-License-Identifier: GPL-2.0
/*
 * XXH64 as its specification describes it (doc/xxhash_spec.md of the xxHash project), seed 0.
 */
#include "parsers/xxh64.h"

#include <string.h>

#define PRIME1 0x9E3779B185EBCA87ULL
#define PRIME2 0xC2B2AE3D27D4EB4FULL
#define PRIME3 0x165667B19E3779F9ULL
#define PRIME4 0x85EBCA77C2B2AE63ULL
#define PRIME5 0x27D4EB2F165667C5ULL

static u64 rotl(u64 v, unsigned int n)
{
	return (v << n) | (v >> (64 - n));
}

/* The algorithm is defined on little-endian words; compilers turn this into one load. */
static u64 load_le64(const u8 *p)
{
	u64 v = 0;

	for (unsigned int i = 0; i < 8; i++)
		v |= (u64)p[i] << (8 * i);
	return v;
}

static u64 load_le32(const u8 *p)
{
	return (u64)p[0] | (u64)p[1] << 8 | (u64)p[2] << 16 | (u64)p[3] << 24;
}

static u64 round64(u64 acc, u64 lane)
{
	return rotl(acc + lane * PRIME2, 31) * PRIME1;
}

static void eat_block(struct xxh64 *h, const u8 *p)
{
	for (unsigned int i = 0; i < 4; i++)
		h->acc[i] = round64(h->acc[i], load_le64(p + 8 * i));
}

void xxh64_init(struct xxh64 *h)
{
	memset(h, 0, sizeof(*h));
	h->acc[0] = PRIME1 + PRIME2;
	h->acc[1] = PRIME2;
	h->acc[3] = -PRIME1;
}

void xxh64_update(struct xxh64 *h, const void *data, size_t len)
{
	const u8 *p = data;

	if (!len)
		return;
	h->total += len;
	if (h->held) {
		size_t take = min_u64(len, sizeof(h->block) - h->held);

		memcpy(h->block + h->held, p, take);
		h->held += (u32)take;
		p += take;
		len -= take;
		if (h->held < sizeof(h->block))
			return;
		eat_block(h, h->block);
		h->held = 0;
	}
	for (; len >= sizeof(h->block); p += sizeof(h->block), len -= sizeof(h->block))
		eat_block(h, p);
	memcpy(h->block, p, len);
	h->held = (u32)len;
}

static u64 merge_lanes(const struct xxh64 *h)
{
	u64 v = rotl(h->acc[0], 1) + rotl(h->acc[1], 7) + rotl(h->acc[2], 12) + rotl(h->acc[3], 18);

	for (unsigned int i = 0; i < 4; i++)
		v = (v ^ round64(0, h->acc[i])) * PRIME1 + PRIME4;
	return v;
}

u64 xxh64_digest(const struct xxh64 *h)
{
	u64 v = h->total >= sizeof(h->block) ? merge_lanes(h) : PRIME5;
	const u8 *p = h->block;
	u32 left = h->held;

	v += h->total;
	for (; left >= 8; p += 8, left -= 8)
		v = rotl(v ^ round64(0, load_le64(p)), 27) * PRIME1 + PRIME4;
	if (left >= 4) {
		v = rotl(v ^ load_le32(p) * PRIME1, 23) * PRIME2 + PRIME3;
		p += 4;
		left -= 4;
	}
	for (; left; p++, left--)
		v = rotl(v ^ *p * PRIME5, 11) * PRIME1;
	v = (v ^ v >> 33) * PRIME2;
	v = (v ^ v >> 29) * PRIME3;
	return v ^ v >> 32;
}
