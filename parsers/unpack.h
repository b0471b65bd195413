/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decompression of sections and chunks of trace.dat v7, by the name of the method in its head.
 */
#ifndef SPB_PARSERS_UNPACK_H
#define SPB_PARSERS_UNPACK_H

#include "replay/base/error.h"

/** enum unpack_how - methods that this program was built with */
enum unpack_how {
	UNPACK_UNKNOWN,
	UNPACK_NONE,
	UNPACK_ZSTD,
	UNPACK_ZLIB,
};

/** struct unpack_room - scratch of a thread that unpacks; all zero is empty */
struct unpack_room {
	struct ZSTD_DCtx_s *dctx;
	u8 *packed;
	size_t packed_size;
};

/** unpack_by_name - "none", "zstd", and "zlib" where it is built in */
enum unpack_how unpack_by_name(const char *name);

/** unpack_packed - @size bytes of room->packed. Return: 0 or -ERR_IO (no memory) */
int unpack_packed(struct unpack_room *room, size_t size, struct error *err) __must_check;

/**
 * unpack - unpack @csize bytes of room->packed
 *
 * Return: true when they make exactly @usize bytes at @to.
 */
bool unpack(struct unpack_room *room, enum unpack_how how, size_t csize, u8 *to,
	    size_t usize) __must_check;

void unpack_room_fini(struct unpack_room *room);

#endif /* SPB_PARSERS_UNPACK_H */
