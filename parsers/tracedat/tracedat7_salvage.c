// SPDX-License-Identifier: GPL-2.0
/*
 * A version 7 file that was cut lacks its last options, and with them the table of CPU data.
 * What lies before the cut can still be found: sections follow each other from the head on, and
 * the data of each CPU begins on a page boundary.
 */
#include "parsers/tracedat/tracedat7.h"

#include "replay/log/log.h"

#include <stdlib.h>
#include <string.h>

#define SCAN_MAX 65536u

/* CPU data found in one section. */
struct found {
	u32 nr;
	struct tracedat_cpu cpu[LOG_MAX_CPUS];
};

static u64 align_up(u64 v, u64 to)
{
	return (v + to - 1) / to * to;
}

static void add_cpu(struct found *f, u64 offset, u64 size)
{
	if (f->nr == LOG_MAX_CPUS)
		return;
	f->cpu[f->nr] = (struct tracedat_cpu){ f->nr, offset, size };
	f->nr++;
}

/* End of the chunks of one CPU at @at; 0 when there are none. Never past @end. */
static u64 walk_chunks(const struct tracedat *td, u64 at, u64 end)
{
	struct cursor c;
	u32 chunks;

	cursor_file(&c, td->in, at, end, td->big_endian);
	chunks = cursor_u32(&c);
	if (c.bad || !chunks)
		return 0;
	for (u32 i = 0; i < chunks; i++) {
		u32 csize = cursor_u32(&c), usize = cursor_u32(&c);

		if (c.bad)
			return end;
		if (!csize || !usize || csize > CHUNK_MAX || usize > CHUNK_MAX)
			return i ? c.pos - 8 : 0;
		if (csize > cursor_left(&c))
			return end;
		cursor_skip(&c, csize);
	}
	return c.pos;
}

static void find_compressed(const struct tracedat *td, u64 at, u64 end, struct found *f)
{
	while (at < end && f->nr < LOG_MAX_CPUS) {
		u64 stop = walk_chunks(td, at, end);

		if (!stop)
			return;
		add_cpu(f, at, stop - at);
		at = align_up(stop, td->page_size);
	}
}

/* Plain pages have no mark between CPUs, but there the time jumps back. */
static void find_plain(const struct tracedat *td, u64 at, u64 end, struct found *f)
{
	u64 start = at, last = 0;
	struct cursor c;

	for (; at < end; at += td->layout.size) {
		u64 time;

		cursor_file(&c, td->in, at, end, td->big_endian);
		time = cursor_u64(&c);
		if (c.bad)
			break;
		if (time < last) {
			add_cpu(f, start, at - start);
			start = at;
		}
		last = time;
	}
	if (start < end)
		add_cpu(f, start, end - start);
}

static bool buffer_known(const struct tracedat *td, const struct chain *ch, u64 at)
{
	for (u32 b = 0; b < td->nr_buffers; b++)
		if (ch->buffer_at[b] == at)
			return true;
	return false;
}

int chain_salvage_data(struct tracedat *td, struct chain *ch, u64 at, u64 end, bool packed,
		       struct error *err)
{
	struct tracedat_buffer *b;
	struct found *f = calloc(1, sizeof(*f));
	int ret = 0;

	if (!f)
		return err_nomem(err, "buffers");
	if (packed)
		find_compressed(td, at, end, f);
	else
		find_plain(td, at, end, f);
	b = f->nr ? tracedat_add_buffer(td, strdup(""), f->nr) : NULL;
	if (b) {
		ch->buffer_at[td->nr_buffers - 1] = 0;
		b->compressed = packed;
		memcpy(b->cpu, f->cpu, f->nr * sizeof(*b->cpu));
	} else if (f->nr) {
		ret = err_nomem(err, "buffers");
	}
	free(f);
	return ret;
}

static int salvage_buffer(struct tracedat *td, struct chain *ch, const struct section_head *h,
			  struct error *err)
{
	u64 at = align_up(h->at + SECTION_HEAD_BYTES, td->page_size);
	/* The size may be 4 too small (older writers) or stand for data that was never written. */
	u64 end = h->size > td->in->size - h->at ? td->in->size :
		  min_u64(td->in->size, h->at + SECTION_HEAD_BYTES + h->size + 4);
	u32 nr = td->nr_buffers;
	int ret;

	if (buffer_known(td, ch, h->at) || td->nr_buffers == TRACEDAT_MAX_BUFFERS)
		return 0;
	ret = chain_salvage_data(td, ch, at, end, h->flags & SECTION_COMPRESSED, err);
	if (td->nr_buffers > nr)
		ch->buffer_at[nr] = h->at;
	return ret;
}

static int salvage_options(struct tracedat *td, struct chain *ch, u64 at, struct error *err)
{
	struct error bad = { 0 };
	u64 next;

	if (chain_visited(ch, at) || ch->nr_visited == CHAIN_MAX)
		return 0;
	if (!chain_read_options(td, ch, at, &next, &bad) || bad.code == ERR_DAMAGED)
		return 0;
	return err_set(err, bad.code, "%s", bad.text);
}

static int salvage_metadata(struct tracedat *td, struct chain *ch, const struct section_head *h,
			    struct error *err)
{
	switch (h->id) {
	case OPTION_HEADER_INFO:
		ch->header_info = h->at;
		return 0;
	case OPTION_EVENT_FORMATS:
		ch->formats = h->at;
		return 0;
	case OPTION_CMDLINES:
		ch->cmdlines = h->at;
		return 0;
	case OPTION_DONE:
		return salvage_options(td, ch, h->at, err);
	default:
		return 0;
	}
}

static int scan_sections(struct tracedat *td, struct chain *ch, bool buffers, struct error *err)
{
	struct section_head h;
	u64 at = td->body;

	for (u32 n = 0; n < SCAN_MAX && section_read_head(td, at, &h); n++) {
		int ret = 0;

		if (h.id > OPTION_MODULES || h.flags > SECTION_COMPRESSED)
			break;
		if (!buffers)
			ret = salvage_metadata(td, ch, &h, err);
		else if (h.id == OPTION_BUFFER)
			ret = salvage_buffer(td, ch, &h, err);
		if (ret)
			return ret;
		if (h.size > td->in->size - at - SECTION_HEAD_BYTES)
			break;
		at += SECTION_HEAD_BYTES + h.size;
	}
	return 0;
}

static bool claimed(const struct tracedat *td, const struct chain *ch,
		    const struct section_head *h)
{
	switch (h->id) {
	case OPTION_DONE:
		return chain_visited(ch, h->at);
	case OPTION_HEADER_INFO:
		return ch->header_info == h->at;
	case OPTION_EVENT_FORMATS:
		return ch->formats == h->at;
	case OPTION_CMDLINES:
		return ch->cmdlines == h->at;
	case OPTION_BUFFER:
		return buffer_known(td, ch, h->at);
	default:
		return true;
	}
}

/* Is there a head of a section whose end lies in the file? */
static bool section_here(const struct tracedat *td, u64 at, struct section_head *h)
{
	/* Zeroes are no section of options: those have at least the one that ends them. */
	return section_read_head(td, at, h) && h->id <= OPTION_MODULES &&
	       h->flags <= SECTION_COMPRESSED && (h->id != OPTION_DONE || h->size) &&
	       h->size <= td->in->size - at - SECTION_HEAD_BYTES;
}

u64 chain_unclaimed(const struct tracedat *td, const struct chain *ch)
{
	struct section_head h;
	u64 at = td->body;

	for (u32 n = 0; n < SCAN_MAX && section_here(td, at, &h); n++) {
		struct section_head next;

		if (!claimed(td, ch, &h))
			return at;
		at += SECTION_HEAD_BYTES + h.size;
		/* Older writers do not count the word in front of the chunks. */
		if (h.id == OPTION_BUFFER && h.flags && !section_here(td, at, &next))
			at += 4;
	}
	return 0;
}

int chain_salvage_options(struct tracedat *td, struct chain *ch, struct error *err)
{
	return scan_sections(td, ch, false, err);
}

int chain_salvage_buffers(struct tracedat *td, struct chain *ch, struct error *err)
{
	if (!td->page_size || td->page_size > PAGE_SIZE_MAX)
		return 0;
	return scan_sections(td, ch, true, err);
}
