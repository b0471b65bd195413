/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes of one CPU of a capture: pages as they lie in the file, read in pieces, or chunks of pages
 * that must be unpacked.
 */
#ifndef SPB_PARSERS_CHUNKS_H
#define SPB_PARSERS_CHUNKS_H

#include <stdatomic.h>

#include "parsers/input.h"
#include "parsers/page.h"
#include "parsers/unpack.h"

/** CHUNK_MAX - bytes of a chunk, packed or not: trace-cmd puts in 10 pages of at most 1 MiB */
#define CHUNK_MAX (16u << 20)

/**
 * struct chunk_source - what all CPUs of one buffer share
 * @how: CPU data is plain pages (UNPACK_NONE), or chunks of this method
 * @memory_left: bytes that buffers of chunks may still take, all CPUs together
 * @done: bytes of CPU data consumed
 */
struct chunk_source {
	const struct input *in;
	struct page_layout layout;
	enum unpack_how how;
	_Atomic u64 memory_left;
	_Atomic u64 done;
};

/**
 * struct chunks - one CPU
 * @buf: the piece at hand, @len bytes and PAGE_SLACK; @at: its offset in the file
 * @pos, @end: what is left of the CPU's data in the file
 */
struct chunks {
	struct chunk_source *src;
	u16 cpu;
	bool started;
	u8 *buf;
	size_t size;
	size_t len;
	u64 at;
	u64 pos;
	u64 end;
	u32 left;
};

/** chunk_source_init - set the counters; the caller fills in the fields above them */
void chunk_source_init(struct chunk_source *src);

/**
 * chunks_init - the pieces of @size bytes at @offset; nothing is read yet
 *
 * A range that goes past the end of the file is clipped and noted in @damage.
 */
void chunks_init(struct chunks *c, struct chunk_source *src, u32 cpu, u64 offset, u64 size,
		 struct error *damage);
void chunks_fini(struct chunks *c);

/**
 * chunks_next - the next piece
 *
 * Return: 1; 0 at the end, or when what follows is damaged (noted in @damage); negative enum
 * err_code when reading failed.
 */
int chunks_next(struct chunks *c, struct unpack_room *room, struct error *damage,
		struct error *err) __must_check;

/** chunks_damage - note damage at @offset of the file and end the pieces */
void chunks_damage(struct chunks *c, struct error *damage, const char *what, u64 offset);

#endif /* SPB_PARSERS_CHUNKS_H */
