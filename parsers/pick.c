// SPDX-License-Identifier: GPL-2.0
#include "parsers/pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first look at a buffer goes this deep into each CPU: some thousand events. */
#define FIRST_LOOK_BYTES (256u * 1024)
/* Instances named in a message. */
#define NAMED_MAX 5u

void pick_source(struct stream_source *src, const struct tracedat *td,
		 const struct tracedat_buffer *b)
{
	memset(src, 0, sizeof(*src));
	src->dec = td->dec;
	src->tsc = td->tsc;
	src->chunks.in = td->in;
	src->chunks.layout = td->layout;
	src->chunks.layout.size = b->page_size;
	src->chunks.how = b->compressed ? td->how : UNPACK_NONE;
	chunk_source_init(&src->chunks);
}

static u64 data_bytes(const struct tracedat_buffer *b)
{
	u64 sum = 0;

	for (u32 i = 0; i < b->nr_cpus; i++)
		sum += min_u64(b->cpu[i].size, UINT32_MAX * 4096ULL);
	return sum;
}

static bool has_known(const struct batch *b)
{
	for (u32 i = 0; i < b->nr; i++)
		if (b->kind[i] != EVENT_LOST)
			return true;
	return false;
}

/* What one look at a buffer needs; @damage is the first that it met. */
struct look {
	struct stream_source src;
	struct unpack_room room;
	struct batch batch;
	struct error *damage;
};

/* 1 when the first @bytes of a CPU hold a known event, 0 when not, negative on errors. */
static int look_at_cpu(struct look *l, const struct tracedat_cpu *cpu, u64 bytes,
		       struct error *err)
{
	struct cpustream s;
	int ret;

	cpustream_init(&s, &l->src, cpu->id, cpu->offset, cpu->size, l->damage);
	s.chunks.end = s.chunks.pos + min_u64(bytes, s.chunks.end - s.chunks.pos);
	do {
		ret = cpustream_fill(&s, &l->room, &l->batch, err);
		if (l->batch.damage.code)
			err_set(l->damage, l->batch.damage.code, "%s", l->batch.damage.text);
	} while (ret > 0 && !has_known(&l->batch));
	cpustream_fini(&s);
	return ret;
}

static int look_at_buffer(const struct tracedat *td, const struct tracedat_buffer *b, u64 bytes,
			  struct error *damage, struct error *err)
{
	struct look *l = calloc(1, sizeof(*l));
	int ret = 0;

	if (!l)
		return err_nomem(err, "a look at the capture");
	pick_source(&l->src, td, b);
	l->damage = damage;
	if (page_layout_ok(&l->src.chunks.layout)) {
		for (u32 i = 0; i < b->nr_cpus && !ret; i++)
			ret = look_at_cpu(l, &b->cpu[i], bytes, err);
	} else {
		err_set(damage, ERR_DAMAGED,
			"%s: buffer \"%s\" has pages of %u bytes, which no kernel writes - copy or record the capture again",
			td->in->path, b->name, b->page_size);
	}
	unpack_room_fini(&l->room);
	free(l);
	return ret;
}

/* The largest buffer with a known event within @bytes of the start of a CPU. */
static int look_at_all(const struct tracedat *td, u64 bytes, const struct tracedat_buffer **picked,
		       struct error *damage, struct error *err)
{
	for (u32 i = 0; i < td->nr_buffers; i++) {
		const struct tracedat_buffer *b = &td->buffer[i];
		/* A first look at part of a chunk would report damage that is not there. */
		struct error unused = { 0 };
		int ret;

		if (*picked && data_bytes(b) <= data_bytes(*picked))
			continue;
		ret = look_at_buffer(td, b, bytes, bytes == UINT64_MAX ? damage : &unused, err);
		if (ret < 0)
			return ret;
		if (ret)
			*picked = b;
	}
	return 0;
}

static int no_events(const struct tracedat *td, const struct error *damage, struct error *err)
{
	const struct error *why = td->damage.code ? &td->damage : damage;

	if (why->code)
		return err_set(err, ERR_DAMAGED, "%s", why->text);
	return err_set(err, ERR_DAMAGED,
		       "%s: holds no page events (none of mm_page_alloc_zone_locked, mm_page_pcpu_drain, mm_page_free, mm_page_free_batched, mm_page_alloc, mm_page_alloc_extfrag, spb_*) - record them: trace-cmd record -e 'kmem:mm_page_*'",
		       td->in->path);
}

static int no_such_buffer(const struct tracedat *td, const char *name, struct error *err)
{
	char list[256] = "";
	size_t used = 0;

	for (u32 i = 0; i < td->nr_buffers && i < NAMED_MAX; i++) {
		size_t left = sizeof(list) - used;
		int n = snprintf(list + used, left, "%s\"%s\"", i ? ", " : "",
				 td->buffer[i].name);

		used += n > 0 ? min_u64((u64)n, left - 1) : 0;
	}
	return err_set(err, ERR_USAGE, "%s: no buffer \"%s\" - it holds %s%s", td->in->path, name,
		       list, td->nr_buffers > NAMED_MAX ? ", ..." : "");
}

static int pick_named(const struct tracedat *td, const char *name,
		      const struct tracedat_buffer **picked, struct error *err)
{
	struct error damage = { 0 };
	int ret;

	for (u32 i = 0; i < td->nr_buffers && !*picked; i++)
		if (!strcmp(td->buffer[i].name, name))
			*picked = &td->buffer[i];
	if (!*picked)
		return no_such_buffer(td, name, err);
	ret = look_at_buffer(td, *picked, UINT64_MAX, &damage, err);
	if (ret)
		return ret < 0 ? ret : 0;
	*picked = NULL;
	return no_events(td, &damage, err);
}

int pick_buffer(const struct tracedat *td, const char *name, const struct tracedat_buffer **picked,
		struct error *err)
{
	struct error damage = { 0 };
	int ret;

	*picked = NULL;
	if (!td->dec || !td->dec->nr_known)
		return no_events(td, &damage, err);
	if (name)
		return pick_named(td, name, picked, err);
	ret = look_at_all(td, FIRST_LOOK_BYTES, picked, &damage, err);
	if (!ret && !*picked)
		ret = look_at_all(td, UINT64_MAX, picked, &damage, err);
	if (ret)
		return ret;
	return *picked ? 0 : no_events(td, &damage, err);
}
