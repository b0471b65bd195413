// SPDX-License-Identifier: GPL-2.0
#include "parsers/outbuf.h"

#include <stdlib.h>
#include <string.h>

void outbuf_fini(struct outbuf *o)
{
	free(o->data);
	o->data = NULL;
	o->len = o->room = 0;
}

/* Room for @len more bytes at the end, NULL when there is no memory. */
static u8 *extend(struct outbuf *o, size_t len)
{
	if (len > o->room - o->len) {
		size_t room = (o->len + len) * 2 + 256;
		u8 *data = o->failed ? NULL : realloc(o->data, room);

		if (!data) {
			o->failed = true;
			return NULL;
		}
		o->data = data;
		o->room = room;
	}
	o->len += len;
	return o->data + o->len - len;
}

void outbuf_bytes(struct outbuf *o, const void *data, size_t len)
{
	u8 *p = len ? extend(o, len) : NULL;

	if (p && data)
		memcpy(p, data, len);
	else if (p)
		memset(p, 0, len);
}

void outbuf_string(struct outbuf *o, const char *s)
{
	outbuf_bytes(o, s, strlen(s) + 1);
}

void outbuf_store(u8 *p, u64 v, u32 size, bool big_endian)
{
	for (u32 i = 0; i < size; i++)
		p[big_endian ? size - 1 - i : i] = (u8)(v >> 8 * i);
}

void outbuf_number(struct outbuf *o, u64 v, u32 size)
{
	u8 b[8];

	outbuf_store(b, v, size, o->big_endian);
	outbuf_bytes(o, b, size);
}

void outbuf_align(struct outbuf *o, size_t to)
{
	size_t over = o->len % to;

	if (over)
		outbuf_bytes(o, NULL, to - over);
}

void outbuf_patch(struct outbuf *o, size_t at, u64 v, u32 size)
{
	if (!o->failed)
		outbuf_store(o->data + at, v, size, o->big_endian);
}
