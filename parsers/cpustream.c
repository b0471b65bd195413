// SPDX-License-Identifier: GPL-2.0
#include "parsers/cpustream.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define CHUNK_COUNT_BYTES 4u
#define BUFFERS_MAX (1ULL << 30)
#define READ_BYTES (64u * 1024)
/* A CPU's clock may step back a little; more means that a time stamp is damaged. */
#define BACKWARDS_MAX NSEC_PER_MSEC

int stream_source_init(struct stream_source *src, struct error *err)
{
	src->memory_left = BUFFERS_MAX;
	src->done = 0;
	src->packed = NULL;
	src->packed_size = 0;
	src->dctx = src->compressed ? ZSTD_createDCtx() : NULL;
	if (src->compressed && !src->dctx)
		return err_nomem(err, "zstd");
	return 0;
}

void stream_source_fini(struct stream_source *src)
{
	ZSTD_freeDCtx(src->dctx);
	free(src->packed);
	src->dctx = NULL;
	src->packed = NULL;
}

static void damage_at(struct cpustream *s, const char *what, u64 offset)
{
	err_set(s->src->damage, ERR_DAMAGED,
		"%s: CPU %u: %s (offset %llu) - events before it are used, record again for the rest",
		s->src->in->path, s->cpu, what, (unsigned long long)offset);
	s->page.p = s->page.end;
	s->buf_len = s->next_page = 0;
	s->pos = s->end;
	s->chunks_left = 0;
	s->page_cut = false;
}

void cpustream_damage(struct cpustream *s, const char *what)
{
	u64 in_buf = s->buf && s->page.p ? (u64)(s->page.p - s->buf) : 0;

	/* Inside a compressed chunk there is no file offset: name the chunk's. */
	damage_at(s, what, s->buf_offset + (s->src->compressed ? 0 : in_buf));
}

void cpustream_init(struct cpustream *s, struct stream_source *src, u32 cpu, u64 offset, u64 size)
{
	u64 file = src->in->size;

	/* Writers do not count the word that holds the number of chunks; the chunks bound us. */
	if (src->compressed && size && offset <= file && size <= file - offset)
		size = min_u64(size + CHUNK_COUNT_BYTES, file - offset);
	memset(s, 0, sizeof(*s));
	s->src = src;
	s->cpu = (u16)cpu;
	s->pos = min_u64(offset, file);
	s->end = s->pos + min_u64(size, file - s->pos);
	s->buf_offset = s->pos;
	if (size && (offset > file || size > file - offset))
		err_set(src->damage, ERR_DAMAGED,
			"%s: CPU %u: the file ends inside its data (offset %llu of %llu) - events before it are used, copy the whole file for the rest",
			src->in->path, cpu, (unsigned long long)file,
			(unsigned long long)(offset + size));
}

void cpustream_fini(struct cpustream *s)
{
	free(s->buf);
	s->buf = NULL;
}

static int grow_buffer(struct cpustream *s, size_t size, struct error *err)
{
	struct stream_source *src = s->src;

	if (size <= s->buf_size)
		return 0;
	if (size - s->buf_size > src->memory_left)
		return err_set(err, ERR_IO,
			       "%s: CPU %u: its chunks need more than %llu MiB of memory - the file is damaged or made to harm",
			       src->in->path, s->cpu, BUFFERS_MAX >> 20);
	free(s->buf);
	src->memory_left -= size - s->buf_size;
	s->buf_size = size;
	s->buf = calloc(1, size + PAGE_SLACK);
	if (s->buf)
		return 0;
	s->buf_size = 0;
	return err_nomem(err, "a chunk of pages");
}

/* Next pages of uncompressed data: 1, 0 at the end, negative on error. */
static int fill_raw(struct cpustream *s, struct error *err)
{
	size_t want = s->src->layout.size > READ_BYTES ? s->src->layout.size : READ_BYTES;
	int ret;

	want = min_u64(want, s->end - s->pos);
	if (!want)
		return 0;
	ret = grow_buffer(s, want, err);
	if (!ret)
		ret = input_read(s->src->in, s->pos, s->buf, want, &s->buf_len, err);
	if (ret)
		return ret;
	s->buf_offset = s->pos;
	s->pos += want;
	s->src->done += want;
	return s->buf_len ? 1 : 0;
}

/* The first word of a CPU's compressed data is its number of chunks. */
static int read_chunk_count(struct cpustream *s, struct error *err)
{
	u8 word[CHUNK_COUNT_BYTES];
	size_t got;
	int ret;

	if (s->pos == s->end)
		return 0;
	ret = input_read(s->src->in, s->pos, word, min_u64(sizeof(word), s->end - s->pos), &got,
			 err);
	if (ret)
		return ret;
	if (got < sizeof(word)) {
		damage_at(s, "the number of chunks is cut off", s->pos);
		return 0;
	}
	s->chunks_left = page_load32(word, s->src->layout.big_endian);
	s->pos += sizeof(word);
	return 0;
}

static int grow_packed(struct stream_source *src, size_t size, struct error *err)
{
	if (size <= src->packed_size)
		return 0;
	free(src->packed);
	src->packed_size = size;
	src->packed = malloc(size);
	if (src->packed)
		return 0;
	src->packed_size = 0;
	return err_nomem(err, "a compressed chunk");
}

/* Read the @csize bytes of a chunk and unpack them: 1, 0 after damage, negative on error. */
static int unpack_chunk(struct cpustream *s, u32 csize, u32 usize, struct error *err)
{
	struct stream_source *src = s->src;
	size_t got, n;
	int ret = grow_packed(src, csize, err);

	if (!ret)
		ret = grow_buffer(s, usize, err);
	if (!ret)
		ret = input_read(src->in, s->pos + 8, src->packed, csize, &got, err);
	if (ret)
		return ret;
	n = got == csize ? ZSTD_decompressDCtx(src->dctx, s->buf, usize, src->packed, csize) : 0;
	if (n != usize) {
		damage_at(s, "a chunk cannot be decompressed", s->pos);
		return 0;
	}
	s->buf_len = usize;
	s->buf_offset = s->pos;
	s->pos += 8 + (u64)csize;
	s->chunks_left--;
	src->done += 8 + (u64)csize;
	return 1;
}

static int fill_chunk(struct cpustream *s, struct error *err)
{
	u64 left = s->end - s->pos;
	u32 csize, usize;
	u8 head[8];
	size_t got;
	int ret;

	if (!s->chunks_left)
		return 0;
	ret = input_read(s->src->in, s->pos, head, min_u64(sizeof(head), left), &got, err);
	if (ret)
		return ret;
	csize = page_load32(head, s->src->layout.big_endian);
	usize = page_load32(head + 4, s->src->layout.big_endian);
	if (got < sizeof(head) || csize > left - sizeof(head)) {
		damage_at(s, "a chunk is cut off or has a wrong size", s->pos);
		return 0;
	}
	if (!csize || !usize || csize > CHUNK_MAX || usize > CHUNK_MAX) {
		damage_at(s, "a chunk has an impossible size", s->pos);
		return 0;
	}
	return unpack_chunk(s, csize, usize, err);
}

static int fill(struct cpustream *s, struct error *err)
{
	int ret = 0;

	s->next_page = s->buf_len = 0;
	if (!s->src->compressed)
		return fill_raw(s, err);
	if (!s->started)
		ret = read_chunk_count(s, err);
	return ret ? ret : fill_chunk(s, err);
}

static void set_time(struct cpustream *s, u64 ticks)
{
	const struct tsc_scale *tsc = &s->src->tsc;
	u64 ns = ticks;

	if (__builtin_expect(tsc->mult, 0))
		ns = (u64)((unsigned __int128)ticks * tsc->mult >> tsc->shift);
	if (__builtin_expect(ns < s->time, 0)) {
		if (s->time - ns > BACKWARDS_MAX)
			err_set(s->src->damage, ERR_DAMAGED,
				"%s: CPU %u: time goes back from %llu to %llu ns (offset %llu) - such events take the time before them",
				s->src->in->path, s->cpu, (unsigned long long)s->time,
				(unsigned long long)ns, (unsigned long long)s->buf_offset);
		ns = s->time;
	}
	s->time = ns;
}

/* Open the next page: 2 when a lost-event mark is the next event, 1, 0 at the end, or error. */
static int next_page(struct cpustream *s, struct error *err)
{
	struct page_head head;
	size_t avail;

	if (s->page_cut) {
		cpustream_damage(s, "a page is cut off");
		return 0;
	}
	if (s->next_page >= s->buf_len) {
		int ret = fill(s, err);

		s->started = true;
		if (ret <= 0)
			return ret;
	}
	avail = min_u64(s->buf_len - s->next_page, s->src->layout.size);
	if (!page_open(&s->page, &s->src->layout, s->buf + s->next_page, avail, &head)) {
		cpustream_damage(s, "a page header is damaged");
		return 0;
	}
	s->next_page += avail;
	s->page_cut = head.cut;
	if (!head.lost)
		return 1;
	s->lost = head.lost_count;
	s->lost_events += head.lost_count;
	s->lost_gaps += !head.lost_count;
	s->kind = EVENT_LOST;
	s->rec = NULL;
	s->rec_len = 0;
	set_time(s, head.time);
	return 2;
}

int cpustream_next(struct cpustream *s, struct error *err)
{
	const struct decoder *dec = s->src->dec;
	const u32 id_end = (u32)dec->type.offset + dec->type.size;

	for (;;) {
		const u8 *rec;
		u32 len;
		enum page_step step = page_next(&s->page, &rec, &len);
		int ret;

		if (__builtin_expect(step == PAGE_EVENT, 1)) {
			u64 id;
			u8 kind;

			if (len < id_end) {
				cpustream_damage(s, "an event is shorter than its header");
				return 0;
			}
			id = decode_load(&dec->type, rec, dec->big_endian);
			kind = dec->kind_by_id[id];
			if (kind == DECODE_NONE) {
				s->unknown++;
				continue;
			}
			if (len < dec->format[kind].min_len) {
				cpustream_damage(s, "an event is shorter than its format");
				return 0;
			}
			s->rec = rec;
			s->rec_len = len;
			s->kind = kind;
			set_time(s, s->page.time);
			return 1;
		}
		if (step == PAGE_BAD && !s->page_cut) {
			cpustream_damage(s, "a record has an impossible length");
			return 0;
		}
		ret = next_page(s, err);
		if (ret != 1)
			return ret == 2 ? 1 : ret;
	}
}
