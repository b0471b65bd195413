// SPDX-License-Identifier: GPL-2.0
#include "parsers/unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

static bool unpack_zstd(struct unpack_room *room, size_t csize, u8 *to, size_t usize)
{
	return ZSTD_decompressDCtx(room->dctx, to, usize, room->packed, csize) == usize;
}

#ifdef HAVE_ZLIB
static bool unpack_zlib(struct unpack_room *room, size_t csize, u8 *to, size_t usize)
{
	uLongf n = usize;

	return uncompress(to, &n, room->packed, csize) == Z_OK && n == usize;
}
#endif

static const struct {
	const char *name;
	bool (*unpack)(struct unpack_room *room, size_t csize, u8 *to, size_t usize);
} methods[] = {
	[UNPACK_NONE] = { "none", NULL },
	[UNPACK_ZSTD] = { "zstd", unpack_zstd },
#ifdef HAVE_ZLIB
	[UNPACK_ZLIB] = { "zlib", unpack_zlib },
#endif
};

enum unpack_how unpack_by_name(const char *name)
{
	for (size_t i = UNPACK_NONE; i < ARRAY_SIZE(methods); i++)
		if (!strcmp(methods[i].name, name))
			return (enum unpack_how)i;
	return UNPACK_UNKNOWN;
}

int unpack_packed(struct unpack_room *room, size_t size, struct error *err)
{
	if (!room->dctx)
		room->dctx = ZSTD_createDCtx();
	if (!room->dctx)
		return err_nomem(err, "zstd");
	if (size <= room->packed_size)
		return 0;
	free(room->packed);
	room->packed_size = size;
	room->packed = malloc(size);
	if (room->packed)
		return 0;
	room->packed_size = 0;
	return err_nomem(err, "compressed data");
}

bool unpack(struct unpack_room *room, enum unpack_how how, size_t csize, u8 *to, size_t usize)
{
	return how < ARRAY_SIZE(methods) && methods[how].unpack &&
	       methods[how].unpack(room, csize, to, usize);
}

void unpack_room_fini(struct unpack_room *room)
{
	ZSTD_freeDCtx(room->dctx);
	free(room->packed);
	*room = (struct unpack_room){ 0 };
}
