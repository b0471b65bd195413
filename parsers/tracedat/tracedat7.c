// SPDX-License-Identifier: GPL-2.0
#include "parsers/tracedat/tracedat7.h"

#include "replay/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Metadata sections; the event formats of a large kernel take some 3 MiB. */
#define SECTION_MAX (64u << 20)
#define BUFFER_NAME_BYTES 256
/* Of each CPU in option BUFFER: id, offset, size. */
#define BUFFER_CPU_BYTES 20u
/* Older writers do not count the number of chunks: sections and CPUs may be so much off. */
#define BUFFER_SLACK 8u

/* An open section: @c reads the file, or @mem when it had to be decompressed. */
struct section {
	struct cursor c;
	u8 *mem;
};

bool section_read_head(const struct tracedat *td, u64 at, struct section_head *h)
{
	struct cursor c;

	cursor_file(&c, td->in, at, td->in->size, td->big_endian);
	h->at = at;
	h->id = cursor_u16(&c);
	h->flags = cursor_u16(&c);
	cursor_u32(&c);		/* name: an offset in the STRINGS section */
	h->size = cursor_u64(&c);
	return !c.bad;
}

static int unpack_section(struct tracedat *td, const struct section_head *h, struct section *s,
			  struct error *err)
{
	u32 csize = cursor_u32(&s->c), usize = cursor_u32(&s->c);
	struct unpack_room room = { 0 };
	int ret;

	if (s->c.bad || usize > SECTION_MAX || csize > SECTION_MAX || csize > cursor_left(&s->c))
		return tracedat_damage(td, err, "a section is", h->at);
	if (h->size != csize + 8ULL)
		tracedat_disagree(td, h->at, "a section of %llu bytes holds %u packed ones",
				  (unsigned long long)h->size, csize);
	s->mem = malloc(usize ? usize : 1);
	if (!s->mem)
		return err_nomem(err, "a section");
	ret = unpack_packed(&room, csize, err);
	if (!ret) {
		cursor_bytes(&s->c, room.packed, csize);
		if (s->c.bad || !unpack(&room, td->how, csize, s->mem, usize))
			ret = tracedat_damage(td, err, "a compressed section is", h->at);
	}
	unpack_room_fini(&room);
	if (!ret)
		cursor_mem(&s->c, s->mem, usize, h->at, td->in, td->big_endian);
	return ret;
}

static void section_close(struct section *s)
{
	free(s->mem);
	s->mem = NULL;
}

static const char *section_what(u16 id)
{
	switch (id) {
	case OPTION_HEADER_INFO:
		return "header_page is missing,";
	case OPTION_EVENT_FORMATS:
		return "the event formats are missing,";
	case OPTION_CMDLINES:
		return "the saved command lines are missing,";
	default:
		return "a section is missing,";
	}
}

/* Without options the rest may still be there. */
static int no_options(const struct tracedat *td, u64 at, struct error *err)
{
	return err_set(err, ERR_DAMAGED,
		       "%s: the options, which say where all else lies, are missing, cut off or damaged (offset %llu) - %s",
		       td->in->path, (unsigned long long)at,
		       td->flags & TRACEDAT_SALVAGE ? "copy or record the capture again" :
		       "search for the rest with --salvage, or copy the capture again");
}

static int section_open(struct tracedat *td, u64 at, u16 id, struct section *s, struct error *err)
{
	struct section_head h;
	u64 start = at + SECTION_HEAD_BYTES;
	int ret = 0;

	s->mem = NULL;
	if (!at || !section_read_head(td, at, &h) || h.id != id || h.size > td->in->size - start)
		return id == OPTION_DONE ? no_options(td, at, err) :
		       tracedat_damage(td, err, section_what(id), at);
	cursor_file(&s->c, td->in, start, start + h.size, td->big_endian);
	if (h.flags & SECTION_COMPRESSED)
		ret = unpack_section(td, &h, s, err);
	if (ret)
		section_close(s);
	return ret;
}

bool chain_visited(const struct chain *ch, u64 at)
{
	for (u32 i = 0; i < ch->nr_visited; i++)
		if (ch->visited[i] == at)
			return true;
	return false;
}

static int by_cpu(const void *a, const void *b)
{
	const struct tracedat_cpu *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int read_buffer_cpus(struct tracedat *td, struct tracedat_buffer *b, struct cursor *c,
			    struct error *err)
{
	for (u32 i = 0; i < b->nr_cpus; i++) {
		b->cpu[i].id = cursor_u32(c);
		b->cpu[i].offset = cursor_u64(c);
		b->cpu[i].size = cursor_u64(c);
		if (b->cpu[i].id >= LOG_MAX_CPUS)
			return err_set(err, ERR_DAMAGED,
				       "%s: CPU id %u, more than %u (offset %llu) - the file is damaged",
				       td->in->path, b->cpu[i].id, LOG_MAX_CPUS - 1,
				       (unsigned long long)cursor_where(c));
	}
	qsort(b->cpu, b->nr_cpus, sizeof(*b->cpu), by_cpu);
	for (u32 i = 1; i < b->nr_cpus; i++)
		if (b->cpu[i].id == b->cpu[i - 1].id)
			tracedat_disagree(td, cursor_where(c), "option BUFFER has CPU %u twice",
					  b->cpu[i].id);
	if (cursor_left(c) >= BUFFER_CPU_BYTES && cursor_left(c) % BUFFER_CPU_BYTES == 0)
		tracedat_disagree(td, cursor_where(c),
				  "option BUFFER says %u CPUs and has room for %llu", b->nr_cpus,
				  b->nr_cpus + (unsigned long long)cursor_left(c) /
				  BUFFER_CPU_BYTES);
	return 0;
}

static int read_buffer_option(struct tracedat *td, struct chain *ch, struct cursor *c,
			      struct error *err)
{
	char name[BUFFER_NAME_BYTES], clock[BUFFER_NAME_BYTES];
	u64 where = cursor_where(c), at = cursor_u64(c);
	struct tracedat_buffer *b;
	struct section_head h;
	u32 page_size, cpus;

	cursor_string(c, name, sizeof(name));
	cursor_string(c, clock, sizeof(clock));
	page_size = cursor_u32(c);
	cpus = cursor_u32(c);
	if (c->bad || cpus > LOG_MAX_CPUS || (u64)cpus * BUFFER_CPU_BYTES > cursor_left(c) ||
	    td->nr_buffers == TRACEDAT_MAX_BUFFERS)
		return tracedat_damage(td, err, "option BUFFER is", where);
	b = tracedat_add_buffer(td, strdup(name), cpus);
	if (!b)
		return err_nomem(err, "buffers");
	ch->buffer_at[td->nr_buffers - 1] = at;
	ch->option_at[td->nr_buffers - 1] = where;
	b->page_size = page_size;
	b->compressed = td->how != UNPACK_NONE;
	if (section_read_head(td, at, &h) && h.id == OPTION_BUFFER)
		b->compressed = h.flags & SECTION_COMPRESSED;
	else
		tracedat_damage(td, &td->damage, "the section of a buffer is", at);
	b->clock = *clock ? strdup(clock) : NULL;
	return read_buffer_cpus(td, b, c, err);
}

static int take_option(struct tracedat *td, struct chain *ch, u16 id, struct cursor *c,
		       struct error *err)
{
	u64 *section = id == OPTION_HEADER_INFO ? &ch->header_info :
		       id == OPTION_EVENT_FORMATS ? &ch->formats :
		       id == OPTION_CMDLINES ? &ch->cmdlines : NULL;

	if (section) {
		*section = cursor_u64(c);
		return 0;
	}
	if (id == OPTION_BUFFER)
		return read_buffer_option(td, ch, c, err);
	return tracedat_read_option(td, id, c, err);
}

int chain_read_options(struct tracedat *td, struct chain *ch, u64 at, u64 *next, struct error *err)
{
	struct section s;
	int ret = section_open(td, at, OPTION_DONE, &s, err);

	*next = 0;
	if (ret)
		return ret;
	ch->visited[ch->nr_visited++] = at;
	while (!ret) {
		u16 id = cursor_u16(&s.c);
		u32 len = cursor_u32(&s.c);
		char *copy = cursor_take(&s.c, len);
		struct cursor data;

		if (!copy) {
			ret = tracedat_damage(td, err, "the options are", at);
			break;
		}
		cursor_mem(&data, copy, len, at, td->in, td->big_endian);
		if (id == OPTION_DONE)
			*next = cursor_u64(&data);
		else
			ret = take_option(td, ch, id, &data, err);
		free(copy);
		if (id == OPTION_DONE)
			break;
	}
	if (!ret && cursor_left(&s.c))
		tracedat_disagree(td, at, "the options go on behind the one that ends them");
	section_close(&s);
	return ret;
}

/* Follow the chain of options that begins at @at. */
static int walk_chain(struct tracedat *td, struct chain *ch, u64 at, struct error *err)
{
	do {
		int ret;

		if (chain_visited(ch, at) || ch->nr_visited == CHAIN_MAX)
			return tracedat_damage(td, err,
					       "the chain of options leads back to itself or is",
					       at);
		ret = chain_read_options(td, ch, at, &at, err);
		if (ret)
			return ret;
	} while (at);
	return 0;
}

/* Damage in one part is noted, and reading goes on with the others; other errors end it. */
static int note_damage(struct tracedat *td, const struct error *bad, struct error *err)
{
	struct error *to = bad->code == ERR_DAMAGED ? &td->damage : err;

	if (bad->code != ERR_NONE)
		err_set(to, bad->code, "%s", bad->text);
	return bad->code == ERR_DAMAGED ? 0 : -(int)bad->code;
}

typedef int (*section_reader)(struct tracedat *td, struct cursor *c, struct error *err);

static int read_section(struct tracedat *td, u64 at, u16 id, section_reader reader,
			struct error *err)
{
	struct error bad = { 0 };
	struct section s;

	if (!at)
		return 0;
	if (!section_open(td, at, id, &s, &bad)) {
		int ret = reader(td, &s.c, &bad);

		if (!ret && cursor_left(&s.c))
			tracedat_disagree(td, at, "a section has %llu bytes more than it says",
					  (unsigned long long)cursor_left(&s.c));
		section_close(&s);
		if (!ret)
			return 0;
	}
	return note_damage(td, &bad, err);
}

/* An instance may have sub-buffers of its own size, but none is smaller than a page. */
static void check_page_sizes(struct tracedat *td, const struct chain *ch)
{
	for (u32 i = 0; i < td->nr_buffers; i++) {
		struct tracedat_buffer *b = &td->buffer[i];
		const u32 size = b->page_size;

		if (size >= td->page_size && size <= PAGE_SIZE_MAX && !(size & (size - 1)))
			continue;
		tracedat_disagree(td, ch->option_at[i],
				  "buffer \"%s\" has pages of %u bytes, header_page of %u", b->name,
				  size, td->layout.size);
		b->page_size = td->layout.size;
	}
}

/* The data of CPUs fill the section of their buffer. */
static void check_extent(struct tracedat *td, const struct tracedat_buffer *b, u64 at)
{
	u64 first = UINT64_MAX, last = 0, end;
	struct section_head h;

	if (!at || !section_read_head(td, at, &h) || h.id != OPTION_BUFFER)
		return;
	end = at + SECTION_HEAD_BYTES + h.size;
	for (u32 i = 0; i < b->nr_cpus; i++) {
		const struct tracedat_cpu *cpu = &b->cpu[i];

		if (cpu->size)
			first = min_u64(first, cpu->offset);
		/* A CPU without data has its place, too, and may be the last one. */
		if (cpu->size || cpu->offset <= td->in->size)
			last = max_u64(last, cpu->offset + cpu->size);
	}
	/* Of a file that was cut, what is missing is told when it is read. */
	if (first == UINT64_MAX || last > td->in->size)
		return;
	if (first < at + SECTION_HEAD_BYTES || last > end + BUFFER_SLACK ||
	    last + BUFFER_SLACK < end)
		tracedat_disagree(td, at,
				  "the section of buffer \"%s\" ends at %llu, its CPU data at %llu",
				  b->name, (unsigned long long)end, (unsigned long long)last);
}

static int read_sections(struct tracedat *td, const struct chain *ch, struct error *err)
{
	int ret = read_section(td, ch->header_info, OPTION_HEADER_INFO,
			       tracedat_read_header_pages, err);

	if (!ret)
		ret = read_section(td, ch->formats, OPTION_EVENT_FORMATS, tracedat_read_formats,
				   err);
	if (!ret)
		ret = read_section(td, ch->cmdlines, OPTION_CMDLINES, tracedat_read_cmdlines, err);
	return ret;
}

/* Say in the note of the broken chain what became of the events. */
static void note_salvage(struct tracedat *td)
{
	static const char words[] = " - CPU data found by scanning is used, CPUs are numbered in file order";
	char *todo = NULL;

	for (char *p = td->damage.text; (p = strstr(p, " - ")); p++)
		todo = p;
	if (todo)
		snprintf(todo, sizeof(td->damage.text) - (size_t)(todo - td->damage.text), "%s",
			 words);
}

static bool has_data(const struct tracedat *td)
{
	for (u32 b = 0; b < td->nr_buffers; b++)
		for (u32 i = 0; i < td->buffer[b].nr_cpus; i++)
			if (td->buffer[b].cpu[i].size)
				return true;
	return false;
}

/* On request: what no section leads to. */
static int read_deep(struct tracedat *td, struct chain *ch, struct error *err)
{
	u64 at;
	int ret = 0;

	if (!td->dec || !td->dec->nr_known) {
		ret = chain_deep_metadata(td, ch, err);
		if (!ret)
			ret = read_sections(td, ch, err);
	}
	if (ret || has_data(td) || !td->page_size || td->page_size > PAGE_SIZE_MAX ||
	    td->nr_buffers == TRACEDAT_MAX_BUFFERS)
		return ret;
	at = chain_deep_data(td);
	return at ? chain_salvage_data(td, ch, at, td->in->size, td->how != UNPACK_NONE, err) : 0;
}

static int read_all(struct tracedat *td, struct chain *ch, u64 first, struct error *err)
{
	struct error bad = { 0 };
	bool broken = walk_chain(td, ch, first, &bad) != 0;
	int ret = note_damage(td, &bad, err);
	u32 nr_buffers;
	u64 at;

	if (!ret && !broken && (at = chain_unclaimed(td, ch))) {
		tracedat_disagree(td, at, "no option leads to a section");
		broken = true;
	}
	if (!ret && broken)
		ret = chain_salvage_options(td, ch, err);
	if (!ret)
		ret = read_sections(td, ch, err);
	if (!ret && !ch->header_info)
		tracedat_damage(td, &td->damage, section_what(OPTION_HEADER_INFO), first);
	check_page_sizes(td, ch);
	for (u32 i = 0; i < td->nr_buffers; i++)
		check_extent(td, &td->buffer[i], ch->buffer_at[i]);
	/* Options first: those that survived know their buffers better than a scan does. */
	nr_buffers = td->nr_buffers;
	if (!ret && broken)
		ret = chain_salvage_buffers(td, ch, err);
	if (!ret && broken && td->flags & TRACEDAT_SALVAGE)
		ret = read_deep(td, ch, err);
	if (td->nr_buffers > nr_buffers)
		note_salvage(td);
	return ret;
}

int tracedat7_read(struct tracedat *td, struct error *err)
{
	struct chain *ch;
	struct cursor c;
	u64 first;
	int ret;

	cursor_file(&c, td->in, td->body, td->in->size, td->big_endian);
	first = cursor_u64(&c);
	if (c.bad)
		return tracedat_damage(td, err, "the head is", td->body);
	td->body = c.pos;
	ch = calloc(1, sizeof(*ch));
	if (!ch)
		return err_nomem(err, "options");
	ret = read_all(td, ch, first, err);
	free(ch);
	return ret;
}
