// SPDX-License-Identifier: GPL-2.0
/*
 * One ring-buffer page, as for fuzz_page.c, read by two: where our walk finds no damage,
 * libtraceevent's kbuffer must find the same events at the same places and times.
 */
#include "tests/fuzz/fuzz.h"

#include <kbuffer.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/page.h"

#define PAGE_BYTES 512u
#define EVENTS_MAX (PAGE_BYTES / 4)

struct seen {
	size_t at;
	u32 len;
	u64 time;
};

/* Return: events of an undamaged page, -1 for another one. @rest: padding ended it early */
static int walk(const struct page_layout *l, const u8 *page, struct seen *v, bool *rest,
		const u8 **end)
{
	struct page_head head;
	struct page_cursor c;
	enum page_step step;
	const u8 *rec;
	int nr = 0;
	u32 n;

	if (!page_open(&c, l, page, l->size, &head))
		return -1;
	while ((step = page_next(&c, &rec, &n)) == PAGE_EVENT)
		v[nr++] = (struct seen){ (size_t)(rec - page), n, c.time };
	*rest = c.p < c.end;
	*end = c.end;
	return step == PAGE_END ? nr : -1;
}

/**
 * struct oddities - what no kernel writes, and the two read differently
 * @padding: its length is not a multiple of 4; we round it up as that of an event
 * @late: times beyond 2^59 ns, 18 years of uptime: an absolute stamp lacks the bits above
 */
struct oddities {
	bool padding;
	bool late;
};

static struct oddities find_oddities(const struct page_layout *l, const u8 *page, const u8 *stop)
{
	u64 at = l->data_offset, end = (u64)(stop - page);
	u64 time = page_load64(page, l->big_endian) >> 27;
	struct oddities odd = { 0 };

	while (at + 8 <= end) {
		const u32 word = page_load32(page + at, l->big_endian);
		const u32 type = l->big_endian ? word >> 27 : word & 31;
		const u32 delta = l->big_endian ? word & ((1u << 27) - 1) : word >> 5;
		const u64 size = page_load32(page + at + 4, l->big_endian);
		const bool sized = !type || type == KBUFFER_TYPE_PADDING;

		if (type == KBUFFER_TYPE_PADDING && !delta)	/* the walk ended here */
			break;
		odd.padding |= type == KBUFFER_TYPE_PADDING && size % 4;
		if (type >= KBUFFER_TYPE_TIME_EXTEND) {
			time += size + 1;
			at += 8;
		} else {
			at += 4 + (sized ? (size + 3) & ~3ULL : 4 * type);
		}
	}
	odd.late = time >> (59 - 27);
	return odd;
}

/* @rest: bytes behind padding that ends a page; kbuffer takes them for events */
static void compare(struct kbuffer *k, u8 *page, const struct seen *v, int nr, bool rest,
		    bool late)
{
	unsigned long long time;
	const u8 *rec;

	FUZZ_CHECK(!kbuffer_load_subbuffer(k, page));
	for (int i = 0; i < nr; i++) {
		rec = kbuffer_read_event(k, &time);
		FUZZ_CHECK(rec == page + v[i].at);
		FUZZ_CHECK(late || time == v[i].time);
		/* It rounds the length of a large event up. */
		FUZZ_CHECK((u32)kbuffer_event_size(k) == ((v[i].len + 3) & ~3u));
		kbuffer_next_event(k, NULL);
	}
	FUZZ_CHECK(rest || !kbuffer_read_event(k, &time));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	static struct kbuffer *readers[4];
	static struct seen v[EVENTS_MAX];
	static u8 page[PAGE_BYTES + 16];
	struct page_layout l = { .size = PAGE_BYTES, .commit_offset = 8 };
	struct oddities odd;
	struct kbuffer **k;
	const u8 *end;
	bool rest;
	int nr;

	if (!len)
		return 0;
	l.commit_size = data[0] & 1 ? 4 : 8;
	l.data_offset = l.commit_offset + l.commit_size;
	l.big_endian = data[0] & 2;
	k = &readers[data[0] & 3];
	if (!*k)
		*k = kbuffer_alloc(data[0] & 1 ? KBUFFER_LSIZE_4 : KBUFFER_LSIZE_8,
				   data[0] & 2 ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE);
	FUZZ_CHECK(*k);
	memset(page, 0, sizeof(page));
	memcpy(page, data + 1, min_u64(len - 1, PAGE_BYTES));
	nr = walk(&l, page, v, &rest, &end);
	if (nr < 0)
		return 0;
	odd = find_oddities(&l, page, end);
	if (!odd.padding) {
		compare(*k, page, v, nr, rest, odd.late);
		if (nr)
			fuzz_taken(0);
	}
	return 0;
}
