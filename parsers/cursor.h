/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bounds-checked cursor over metadata: a range of the file, or a section that was decompressed
 * into memory. A read past the end gives zeros and sets @bad, which sticks: callers read a group
 * of values and then look once.
 */
#ifndef SPB_PARSERS_CURSOR_H
#define SPB_PARSERS_CURSOR_H

#include "parsers/input.h"

#define CURSOR_WINDOW 4096

/**
 * struct cursor - where we are
 * @pos: next byte, as an offset in the file or in @mem
 * @end: first byte behind the range
 * @section: file offset shown in messages when the bytes lie in @mem
 * @bad: something was read past the end, or could not be read
 */
struct cursor {
	const struct input *in;
	const u8 *mem;
	u64 pos;
	u64 end;
	u64 section;
	bool big_endian;
	bool bad;
	u64 window_at;
	size_t window_len;
	u8 window[CURSOR_WINDOW];
};

/** cursor_file - a cursor over [@pos, @end) of the file */
void cursor_file(struct cursor *c, const struct input *in, u64 pos, u64 end, bool big_endian);
/** cursor_mem - a cursor over @len bytes that came from file offset @section of @in */
void cursor_mem(struct cursor *c, const void *mem, u64 len, u64 section, const struct input *in,
		bool big_endian);

/** cursor_left - bytes to the end */
u64 cursor_left(const struct cursor *c);
/** cursor_where - file offset of the next byte (of its section, when decompressed) */
u64 cursor_where(const struct cursor *c);

void cursor_bytes(struct cursor *c, void *buf, size_t len);
u8 cursor_u8(struct cursor *c);
u16 cursor_u16(struct cursor *c);
u32 cursor_u32(struct cursor *c);
u64 cursor_u64(struct cursor *c);
void cursor_skip(struct cursor *c, u64 len);
/** cursor_string - a NUL-terminated string of at most @size - 1 bytes; a longer one is bad */
void cursor_string(struct cursor *c, char *buf, size_t size);
/**
 * cursor_take - copy of the next @len bytes with a NUL behind them
 *
 * Return: memory that the caller frees, or NULL with @bad set (past the end, or out of memory).
 */
char *cursor_take(struct cursor *c, u64 len);

#endif /* SPB_PARSERS_CURSOR_H */
