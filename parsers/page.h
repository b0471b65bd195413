/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One ring-buffer page (sub-buffer): header, lost-event marks, and a walk over its records.
 *
 * Nothing in a page is trusted: the length is clamped first, every load is inside it, and every
 * step moves forward by at least 4 bytes. Layout: include/linux/ring_buffer.h and
 * kernel/trace/ring_buffer.c of Linux.
 */
#ifndef SPB_PARSERS_PAGE_H
#define SPB_PARSERS_PAGE_H

#include <stddef.h>
#include <string.h>

#include "model/types.h"

#define PAGE_SIZE_MIN 512u
#define PAGE_SIZE_MAX (1u << 20)

/** PAGE_SLACK - bytes that must be readable behind a buffer of pages (loads are 8 bytes wide) */
#define PAGE_SLACK 8

/**
 * struct page_layout - where things lie in a page (the header_page file)
 * @size: bytes of a page with its header
 * @commit_offset: offset of the commit word, behind the time stamp
 * @commit_size: 4 or 8, the recorded kernel's long
 * @data_offset: first record
 * @big_endian: byte order of the file
 */
struct page_layout {
	u32 size;
	u32 commit_offset;
	u32 commit_size;
	u32 data_offset;
	bool big_endian;
};

/**
 * struct page_cursor - walk over the records of a page
 * @p: next record; @end: behind the last byte of records
 * @time: clock value of the last record walked over
 */
struct page_cursor {
	const u8 *p;
	const u8 *end;
	u64 time;
	bool big_endian;
};

/**
 * struct page_head - what the header of a page says
 * @time: time stamp of the page
 * @lost: events are missing before this page
 * @lost_count: how many; 0 = unknown
 * @cut: bytes of the page are missing
 * @odd: the commit word has bits that mean nothing, or a number of lost events but no loss
 */
struct page_head {
	u64 time;
	bool lost;
	bool cut;
	bool odd;
	u64 lost_count;
};

/** enum page_step - result of page_next() */
enum page_step {
	PAGE_EVENT,
	PAGE_END,
	PAGE_BAD,
};

/** page_layout_ok - is the layout one that a kernel could have? */
bool page_layout_ok(const struct page_layout *l);

/**
 * page_open - start to walk a page
 * @bytes: the page, @avail of its bytes; PAGE_SLACK more bytes can be read
 *
 * Return: false when the header is damaged (commit larger than the page, page shorter than its
 * header).
 */
bool page_open(struct page_cursor *c, const struct page_layout *l, const u8 *bytes, size_t avail,
	       struct page_head *head);

/** page_special - the record types that are not plain events; used by page_next() only */
enum page_step page_special(struct page_cursor *c, u32 type, u32 delta, const u8 **data, u32 *len);

static inline u32 page_load32(const u8 *p, bool big_endian)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	if (big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
		v = __builtin_bswap32(v);
	return v;
}

static inline u64 page_load64(const u8 *p, bool big_endian)
{
	u64 v;

	memcpy(&v, p, sizeof(v));
	if (big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
		v = __builtin_bswap64(v);
	return v;
}

/**
 * page_plain - is the record at @p a plain event that lies whole before @end?
 * @delta: clock ticks since the record before; @len: bytes of payload behind its 4-byte header
 */
static inline bool page_plain(const u8 *p, const u8 *end, bool big_endian, u32 *delta, u32 *len)
{
	u32 word, type;

	if (__builtin_expect(end - p < 8, 0))
		return false;
	word = page_load32(p, big_endian);
	type = big_endian ? word >> 27 : word & 31;
	*delta = big_endian ? word & ((1u << 27) - 1) : word >> 5;
	*len = 4 * type;
	return type - 1 < 28 && 4 + 4 * (ptrdiff_t)type <= end - p;
}

/**
 * page_next - next event of the page; time stamps and padding are consumed on the way
 * @data: the event's payload, @len bytes
 */
static inline enum page_step page_next(struct page_cursor *c, const u8 **data, u32 *len)
{
	for (;;) {
		size_t left = (size_t)(c->end - c->p);
		u32 word, type, delta;
		enum page_step step;

		if (page_plain(c->p, c->end, c->big_endian, &delta, len)) {
			c->time += delta;
			*data = c->p + 4;
			c->p += 4 + *len;
			return PAGE_EVENT;
		}
		if (left < 4)
			return left ? PAGE_BAD : PAGE_END;
		word = page_load32(c->p, c->big_endian);
		type = c->big_endian ? word >> 27 : word & 31;
		delta = c->big_endian ? word & ((1u << 27) - 1) : word >> 5;
		if (type - 1 < 28)
			return PAGE_BAD;
		/* PAGE_EVENT with no data: a time stamp or padding was skipped. */
		*data = NULL;
		step = page_special(c, type, delta, data, len);
		if (step != PAGE_EVENT || *data)
			return step;
	}
}

#endif /* SPB_PARSERS_PAGE_H */
