// SPDX-License-Identifier: GPL-2.0
#include "parsers/writer/trace_parts.h"

#include "parsers/tracedat/tracedat.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define ZSTD_LEVEL 3

void part_head(struct outbuf *o, u32 version, u32 long_size, u32 page_size, bool zstd)
{
	outbuf_bytes(o, "\x17\x08\x44" "tracing", 10);
	outbuf_string(o, version == 6 ? "6" : "7");
	outbuf_number(o, o->big_endian, 1);
	outbuf_number(o, long_size, 1);
	outbuf_number(o, page_size, 4);
	if (version == 6)
		return;
	outbuf_string(o, zstd ? "zstd" : "none");
	outbuf_string(o, zstd ? ZSTD_versionString() : "");
}

void part_text(struct outbuf *o, const char *s, u32 length_size)
{
	outbuf_number(o, strlen(s), length_size);
	outbuf_bytes(o, s, strlen(s));
}

void part_option(struct outbuf *o, u16 id, const void *data, size_t len)
{
	outbuf_number(o, id, 2);
	outbuf_number(o, len, 4);
	outbuf_bytes(o, data, len);
}

void part_number_option(struct outbuf *o, u16 id, u64 v, u32 size)
{
	outbuf_number(o, id, 2);
	outbuf_number(o, size, 4);
	outbuf_number(o, v, size);
}

size_t part_begin(struct outbuf *o, u16 id, bool compressed)
{
	size_t at = o->len;

	outbuf_number(o, id, 2);
	outbuf_number(o, compressed, 2);
	outbuf_number(o, 0, 4);
	outbuf_number(o, 0, 8);
	return at;
}

void part_end(struct outbuf *o, size_t at)
{
	outbuf_patch(o, at + 8, o->len - at - 16, 8);
}

size_t part_end_options(struct outbuf *o, size_t at)
{
	part_number_option(o, OPTION_DONE, 0, 8);
	part_end(o, at);
	return o->len - 8;
}

bool part_chunk(struct outbuf *o, const u8 *data, size_t len)
{
	size_t room = ZSTD_compressBound(len), n;
	u8 *packed = malloc(room);

	if (!packed)
		return false;
	n = ZSTD_compress(packed, room, data, len, ZSTD_LEVEL);
	if (!ZSTD_isError(n)) {
		outbuf_number(o, n, 4);
		outbuf_number(o, len, 4);
		outbuf_bytes(o, packed, n);
	}
	free(packed);
	return !ZSTD_isError(n);
}

size_t part_section(struct outbuf *o, u16 id, const struct outbuf *body, bool compressed)
{
	size_t at = part_begin(o, id, compressed);

	if (body->failed || (compressed && !part_chunk(o, body->data, body->len)))
		o->failed = true;
	else if (!compressed)
		outbuf_bytes(o, body->data, body->len);
	part_end(o, at);
	return at;
}

void part_metadata_v6(struct outbuf *o, const struct part_metadata *m)
{
	m->header_info(m->ctx, o);
	outbuf_number(o, 0, 4);		/* ftrace formats */
	m->formats(m->ctx, o);
	outbuf_number(o, 0, 4);		/* kallsyms */
	outbuf_number(o, 0, 4);		/* printk formats */
	m->cmdlines(m->ctx, o);
	outbuf_number(o, m->cpus, 4);
	outbuf_bytes(o, "options  ", 10);
	m->options(m->ctx, o);
}

static void put_empty(const void *ctx __unused, struct outbuf *o)
{
	outbuf_number(o, 0, 4);
}

size_t part_metadata_v7(struct outbuf *o, const struct part_metadata *m, bool compressed)
{
	const struct {
		u16 id;
		void (*put)(const void *ctx, struct outbuf *o);
	} sections[] = {
		{ OPTION_HEADER_INFO, m->header_info },
		{ OPTION_FTRACE_EVENTS, put_empty },
		{ OPTION_EVENT_FORMATS, m->formats },
		{ OPTION_KALLSYMS, put_empty },
		{ OPTION_PRINTK, put_empty },
		{ OPTION_CMDLINES, m->cmdlines },
	};
	const size_t first = o->len;
	size_t offset[ARRAY_SIZE(sections)], at;

	outbuf_number(o, 0, 8);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		struct outbuf body = { .big_endian = o->big_endian };

		sections[i].put(m->ctx, &body);
		offset[i] = part_section(o, sections[i].id, &body, compressed);
		outbuf_fini(&body);
	}
	outbuf_patch(o, first, o->len, 8);
	at = part_begin(o, OPTION_DONE, false);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		part_number_option(o, sections[i].id, offset[i], 8);
	m->options(m->ctx, o);
	return part_end_options(o, at);
}

void part_buffer_option(struct outbuf *o, u64 section, const char *name, const char *clock,
			u32 subbuf_size, u32 cpus)
{
	outbuf_number(o, OPTION_BUFFER, 2);
	outbuf_number(o, 8 + strlen(name) + 1 + strlen(clock) + 1 + 8 + 20ULL * cpus, 4);
	outbuf_number(o, section, 8);
	outbuf_string(o, name);
	outbuf_string(o, clock);
	outbuf_number(o, subbuf_size, 4);
	outbuf_number(o, cpus, 4);
}
