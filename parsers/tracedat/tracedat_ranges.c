// SPDX-License-Identifier: GPL-2.0
/*
 * The places of CPU data, as the tables of a file give them, held against each other: they begin
 * on pages, do not overlap, and leave no pages out. Behind them no other capture begins.
 */
#define _GNU_SOURCE /* memmem */
#include "parsers/tracedat/tracedat.h"

#include <stdlib.h>
#include <string.h>

/* Larger sub-buffers are not looked for. */
#define LOOK_MAX 65536u

/* Data of one CPU; @packed: in chunks. */
struct range {
	u64 at;
	u64 end;
	u32 cpu;
	bool packed;
};

static int by_place(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

bool tracedat_is_page(const struct tracedat *td, u64 at)
{
	u8 page[LOOK_MAX + PAGE_SLACK];
	struct page_cursor c;
	struct page_head head;
	const u8 *data;
	size_t got;
	u32 len;

	if (td->layout.size > LOOK_MAX ||
	    input_read(td->in, at, page, td->layout.size, &got, NULL) || got < td->layout.size)
		return false;
	memset(page + got, 0, PAGE_SLACK);
	return page_open(&c, &td->layout, page, got, &head) && head.time && c.end > c.p &&
	       page_next(&c, &data, &len) == PAGE_EVENT;
}

/* What a CPU's data should reach, when its last pages are missing from the table. */
static void check_behind(struct tracedat *td, const struct range *r, u64 next)
{
	const u64 page = td->page_size, at = (r->end + page - 1) / page * page;

	if (!r->packed && at + td->layout.size <= next && tracedat_is_page(td, at))
		tracedat_disagree(td, at, "a page behind the data of CPU %u is no CPU's", r->cpu);
}

static void check_range(struct tracedat *td, const struct range *r, const struct range *next)
{
	if (next && next->at < r->end)
		tracedat_disagree(td, next->at, "the data of CPU %u and of CPU %u overlap", r->cpu,
				  next->cpu);
	else
		check_behind(td, r, next ? next->at : td->in->size);
}

/* Captures that were joined with cat: all but the first would be lost without a word. */
static int check_joined(struct tracedat *td, u64 from, struct error *err)
{
	u8 window[LOOK_MAX];
	size_t got;

	/* Windows overlap by the length of what is looked for. */
	for (u64 at = from; at < td->in->size; at += sizeof(window) - TRACEDAT_MAGIC_LEN) {
		int ret = input_read(td->in, at, window, sizeof(window), &got, err);
		const u8 *found;

		if (ret)
			return ret;
		found = memmem(window, got, tracedat_magic, TRACEDAT_MAGIC_LEN);
		if (!found)
			continue;
		err_set(&td->damage, ERR_DAMAGED, "%s: another trace.dat begins within it (offset "
			"%llu) and is not used - cut the file there, and give each part with -i",
			td->in->path, (unsigned long long)(at + (u64)(found - window)));
		break;
	}
	return 0;
}

static u32 collect(const struct tracedat *td, struct range *v)
{
	u32 nr = 0;

	for (u32 i = 0; i < td->nr_buffers; i++) {
		const struct tracedat_buffer *b = &td->buffer[i];

		for (u32 c = 0; c < b->nr_cpus; c++) {
			const struct tracedat_cpu *cpu = &b->cpu[c];

			/* What leaves the file is told when it is read. */
			if (!cpu->size || cpu->offset > td->in->size ||
			    cpu->size > td->in->size - cpu->offset)
				continue;
			v[nr++] = (struct range){ cpu->offset, cpu->offset + cpu->size, cpu->id,
						  b->compressed };
		}
	}
	return nr;
}

int tracedat_check_ranges(struct tracedat *td, struct error *err)
{
	struct range *v;
	u64 nr = 1, end = TRACEDAT_MAGIC_LEN;

	if (!td->page_size)
		return 0;
	for (u32 i = 0; i < td->nr_buffers; i++)
		nr += td->buffer[i].nr_cpus;
	v = calloc(nr, sizeof(*v));
	if (!v)
		return err_nomem(err, "the places of CPU data");
	nr = collect(td, v);
	qsort(v, nr, sizeof(*v), by_place);
	for (u64 i = 0; i < nr; i++)
		if (v[i].at % td->page_size)
			tracedat_disagree(td, v[i].at, "the data of CPU %u begin within a page",
					  v[i].cpu);
	for (u64 i = 0; i < nr; i++) {
		check_range(td, &v[i], i + 1 < nr ? &v[i + 1] : NULL);
		end = max_u64(end, v[i].end);
	}
	free(v);
	return check_joined(td, end, err);
}
