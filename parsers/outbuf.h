/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A growing buffer of bytes in one byte order, for writing files piece by piece. Running out of
 * memory sticks in @failed: callers write on and look once.
 */
#ifndef SPB_PARSERS_OUTBUF_H
#define SPB_PARSERS_OUTBUF_H

#include "model/types.h"

/** struct outbuf - all zero (but for @big_endian) is an empty one */
struct outbuf {
	u8 *data;
	size_t len;
	size_t room;
	bool big_endian;
	bool failed;
};

void outbuf_fini(struct outbuf *o);
/** outbuf_bytes - append @len bytes; NULL appends zeros */
void outbuf_bytes(struct outbuf *o, const void *data, size_t len);
/** outbuf_string - append a string with its NUL */
void outbuf_string(struct outbuf *o, const char *s);
/** outbuf_number - append the low @size (1, 2, 4 or 8) bytes of @v */
void outbuf_number(struct outbuf *o, u64 v, u32 size);
/** outbuf_align - append zeros up to a multiple of @to */
void outbuf_align(struct outbuf *o, size_t to);
/** outbuf_patch - overwrite a number that was appended at @at */
void outbuf_patch(struct outbuf *o, size_t at, u64 v, u32 size);
/** outbuf_store - store a number at @p in the given byte order */
void outbuf_store(u8 *p, u64 v, u32 size, bool big_endian);

#endif /* SPB_PARSERS_OUTBUF_H */
