// SPDX-License-Identifier: GPL-2.0
#include "parsers/chunks.h"

#include <stdlib.h>

#define CHUNK_COUNT_BYTES 4u
#define BUFFERS_MAX (1ULL << 30)
#define READ_BYTES (64u * 1024)

static bool packed(const struct chunk_source *src)
{
	return src->how != UNPACK_NONE;
}

void chunk_source_init(struct chunk_source *src)
{
	atomic_store(&src->memory_left, BUFFERS_MAX);
	atomic_store(&src->done, 0);
}

void chunks_damage(struct chunks *c, struct error *damage, const char *what, u64 offset)
{
	err_set(damage, ERR_DAMAGED,
		"%s: CPU %u: %s (offset %llu) - events before it are used, record again for the rest",
		c->src->in->path, c->cpu, what, (unsigned long long)offset);
	c->pos = c->end;
	c->left = 0;
	c->len = 0;
}

void chunks_init(struct chunks *c, struct chunk_source *src, u32 cpu, u64 offset, u64 size,
		 struct error *damage)
{
	u64 file = src->in->size;

	/* Writers do not count the word that holds the number of chunks; the chunks bound us. */
	if (packed(src) && size && offset <= file && size <= file - offset)
		size = min_u64(size + CHUNK_COUNT_BYTES, file - offset);
	*c = (struct chunks){ .src = src, .cpu = (u16)cpu, .pos = min_u64(offset, file) };
	c->end = c->pos + min_u64(size, file - c->pos);
	c->at = c->pos;
	if (size && (offset > file || size > file - offset))
		err_set(damage, ERR_DAMAGED,
			"%s: CPU %u: the file ends inside its data (offset %llu of %llu) - events before it are used, copy the whole file for the rest",
			src->in->path, cpu, (unsigned long long)file,
			(unsigned long long)(offset + size));
}

void chunks_fini(struct chunks *c)
{
	free(c->buf);
	c->buf = NULL;
}

/* Take @bytes of what all CPUs may take; false when there are not as many left. */
static bool take_memory(struct chunk_source *src, u64 bytes)
{
	u64 left = atomic_load(&src->memory_left);

	do {
		if (bytes > left)
			return false;
	} while (!atomic_compare_exchange_weak(&src->memory_left, &left, left - bytes));
	return true;
}

static int grow_buffer(struct chunks *c, size_t size, struct error *err)
{
	if (size <= c->size)
		return 0;
	if (!take_memory(c->src, size - c->size))
		return err_set(err, ERR_IO,
			       "%s: CPU %u: its chunks need more than %llu MiB of memory - the file is damaged or made to harm",
			       c->src->in->path, c->cpu, BUFFERS_MAX >> 20);
	free(c->buf);
	c->size = size;
	c->buf = calloc(1, size + PAGE_SLACK);
	if (c->buf)
		return 0;
	c->size = 0;
	return err_nomem(err, "a chunk of pages");
}

static int read_plain(struct chunks *c, struct error *err)
{
	size_t want = c->src->layout.size > READ_BYTES ? c->src->layout.size : READ_BYTES;
	int ret;

	want = min_u64(want, c->end - c->pos);
	if (!want)
		return 0;
	ret = grow_buffer(c, want, err);
	if (!ret)
		ret = input_read(c->src->in, c->pos, c->buf, want, &c->len, err);
	if (ret)
		return ret;
	c->at = c->pos;
	c->pos += want;
	atomic_fetch_add_explicit(&c->src->done, want, memory_order_relaxed);
	return c->len ? 1 : 0;
}

/* The first word of a CPU's compressed data is its number of chunks. */
static int read_chunk_count(struct chunks *c, struct error *damage, struct error *err)
{
	u8 word[CHUNK_COUNT_BYTES];
	size_t got;
	int ret;

	if (c->pos == c->end)
		return 0;
	ret = input_read(c->src->in, c->pos, word, min_u64(sizeof(word), c->end - c->pos), &got,
			 err);
	if (ret)
		return ret;
	if (got < sizeof(word)) {
		chunks_damage(c, damage, "the number of chunks is cut off", c->pos);
		return 0;
	}
	c->left = page_load32(word, c->src->layout.big_endian);
	c->pos += sizeof(word);
	return 0;
}

/* Read the @csize bytes of a chunk and unpack them: 1, 0 after damage, negative on error. */
static int unpack_chunk(struct chunks *c, struct unpack_room *room, u32 csize, u32 usize,
			struct error *damage, struct error *err)
{
	size_t got;
	int ret = unpack_packed(room, csize, err);

	if (!ret)
		ret = grow_buffer(c, usize, err);
	if (!ret)
		ret = input_read(c->src->in, c->pos + 8, room->packed, csize, &got, err);
	if (ret)
		return ret;
	if (got != csize || !unpack(room, c->src->how, csize, c->buf, usize)) {
		chunks_damage(c, damage, "a chunk cannot be decompressed", c->pos);
		return 0;
	}
	c->len = usize;
	c->at = c->pos;
	c->pos += 8 + (u64)csize;
	c->left--;
	atomic_fetch_add_explicit(&c->src->done, 8 + (u64)csize, memory_order_relaxed);
	return 1;
}

static int read_chunk(struct chunks *c, struct unpack_room *room, struct error *damage,
		      struct error *err)
{
	u64 left = c->end - c->pos;
	u32 csize, usize;
	u8 head[8];
	size_t got;
	int ret;

	if (!c->left) {
		/* Writers that do count the number of chunks leave 4 bytes. */
		if (left > CHUNK_COUNT_BYTES)
			chunks_damage(c, damage, "bytes lie behind the last chunk", c->pos);
		return 0;
	}
	ret = input_read(c->src->in, c->pos, head, min_u64(sizeof(head), left), &got, err);
	if (ret)
		return ret;
	csize = page_load32(head, c->src->layout.big_endian);
	usize = page_load32(head + 4, c->src->layout.big_endian);
	if (got < sizeof(head) || csize > left - sizeof(head)) {
		chunks_damage(c, damage, "a chunk is cut off or has a wrong size", c->pos);
		return 0;
	}
	if (!csize || !usize || csize > CHUNK_MAX || usize > CHUNK_MAX) {
		chunks_damage(c, damage, "a chunk has an impossible size", c->pos);
		return 0;
	}
	return unpack_chunk(c, room, csize, usize, damage, err);
}

int chunks_next(struct chunks *c, struct unpack_room *room, struct error *damage,
		struct error *err)
{
	int ret = 0;

	c->len = 0;
	if (!packed(c->src))
		return read_plain(c, err);
	if (!c->started)
		ret = read_chunk_count(c, damage, err);
	c->started = true;
	return ret ? ret : read_chunk(c, room, damage, err);
}
