// SPDX-License-Identifier: GPL-2.0
#include "parsers/cursor.h"

#include <stdlib.h>
#include <string.h>

static void cursor_init(struct cursor *c, u64 pos, u64 end, bool big_endian)
{
	c->in = NULL;
	c->mem = NULL;
	c->pos = pos;
	c->end = end;
	c->section = 0;
	c->big_endian = big_endian;
	c->bad = false;
	c->window_at = 0;
	c->window_len = 0;
}

void cursor_file(struct cursor *c, const struct input *in, u64 pos, u64 end, bool big_endian)
{
	end = min_u64(end, in->size);
	cursor_init(c, min_u64(pos, end), end, big_endian);
	c->in = in;
	c->bad = pos > end;
}

void cursor_mem(struct cursor *c, const void *mem, u64 len, u64 section, const struct input *in,
		bool big_endian)
{
	cursor_init(c, 0, len, big_endian);
	c->in = in;
	c->mem = mem;
	c->section = section;
}

u64 cursor_left(const struct cursor *c)
{
	return c->bad ? 0 : c->end - c->pos;
}

u64 cursor_where(const struct cursor *c)
{
	return c->mem ? c->section : c->pos;
}

static void read_file(struct cursor *c, u8 *buf, size_t len)
{
	size_t got;

	if (len > sizeof(c->window)) {
		c->bad = input_read(c->in, c->pos, buf, len, &got, NULL) || got != len;
		return;
	}
	if (c->pos < c->window_at || c->pos + len > c->window_at + c->window_len) {
		c->window_at = c->pos;
		if (input_read(c->in, c->pos, c->window, sizeof(c->window), &c->window_len, NULL) ||
		    c->window_len < len) {
			c->window_len = 0;
			c->bad = true;
			return;
		}
	}
	memcpy(buf, c->window + (c->pos - c->window_at), len);
}

void cursor_bytes(struct cursor *c, void *buf, size_t len)
{
	if (!len)	/* @buf may be NULL then */
		return;
	if (len > cursor_left(c))
		c->bad = true;
	else if (c->mem)
		memcpy(buf, c->mem + c->pos, len);
	else
		read_file(c, buf, len);
	if (c->bad)
		memset(buf, 0, len);
	else
		c->pos += len;
}

static u64 read_number(struct cursor *c, unsigned int len)
{
	u8 b[8];
	u64 v = 0;

	cursor_bytes(c, b, len);
	for (unsigned int i = 0; i < len; i++)
		v = v << 8 | b[c->big_endian ? i : len - 1 - i];
	return v;
}

u8 cursor_u8(struct cursor *c)
{
	return (u8)read_number(c, 1);
}

u16 cursor_u16(struct cursor *c)
{
	return (u16)read_number(c, 2);
}

u32 cursor_u32(struct cursor *c)
{
	return (u32)read_number(c, 4);
}

u64 cursor_u64(struct cursor *c)
{
	return read_number(c, 8);
}

void cursor_skip(struct cursor *c, u64 len)
{
	if (len > cursor_left(c))
		c->bad = true;
	else
		c->pos += len;
}

void cursor_string(struct cursor *c, char *buf, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		buf[i] = (char)cursor_u8(c);
		if (!buf[i])
			return;
	}
	buf[size - 1] = '\0';
	c->bad = true;
}

char *cursor_take(struct cursor *c, u64 len)
{
	char *p;

	/* Nothing larger than what is left is ever allocated. */
	if (len > cursor_left(c)) {
		c->bad = true;
		return NULL;
	}
	p = malloc(len + 1);
	if (!p) {
		if (c->in->io)
			err_nomem(c->in->io, c->in->path);
		c->bad = true;
		return NULL;
	}
	cursor_bytes(c, p, len);
	p[len] = '\0';
	if (!c->bad)
		return p;
	free(p);
	return NULL;
}
