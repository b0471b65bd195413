// SPDX-License-Identifier: GPL-2.0
#include "parsers/page.h"

#define COMMIT_MASK ((1u << 27) - 1)
#define COMMIT_LOST (1u << 31)
#define COMMIT_LOST_STORED (1u << 30)
#define COMMIT_UNUSED (7u << 27)

/* An absolute stamp holds 59 bits. */
#define STAMP_BITS 59

enum {
	TYPE_LONG = 0,
	TYPE_PADDING = 29,
	TYPE_TIME_EXTEND = 30,
	TYPE_TIME_STAMP = 31,
};

bool page_layout_ok(const struct page_layout *l)
{
	return l->size >= PAGE_SIZE_MIN && l->size <= PAGE_SIZE_MAX &&
	       !(l->size & (l->size - 1)) && (l->commit_size == 4 || l->commit_size == 8) &&
	       l->commit_offset >= 8 && l->commit_offset <= 64 &&
	       l->data_offset >= l->commit_offset + l->commit_size && l->data_offset <= 128;
}

/* The flags are those of an int: the upper half is 0, or ones where the sign was carried on. */
static bool is_odd(u64 word)
{
	const u32 low = (u32)word, high = (u32)(word >> 32);

	return low & COMMIT_UNUSED || (high && (high != UINT32_MAX || !(low & COMMIT_LOST))) ||
	       (low & COMMIT_LOST_STORED && !(low & COMMIT_LOST));
}

static u64 load_long(const u8 *p, const struct page_layout *l)
{
	if (l->commit_size == 8)
		return page_load64(p, l->big_endian);
	return page_load32(p, l->big_endian);
}

bool page_open(struct page_cursor *c, const struct page_layout *l, const u8 *bytes, size_t avail,
	       struct page_head *head)
{
	u32 commit, length, room = l->size - l->data_offset;
	u64 word;

	memset(head, 0, sizeof(*head));
	c->p = c->end = bytes;
	if (avail < l->data_offset)
		return false;
	head->time = page_load64(bytes, l->big_endian);
	word = load_long(bytes + l->commit_offset, l);
	head->odd = is_odd(word);
	commit = (u32)word;
	length = commit & COMMIT_MASK;
	if (length > room)
		return false;
	head->lost = commit & COMMIT_LOST;
	if (head->lost && commit & COMMIT_LOST_STORED && length + l->commit_size <= room &&
	    l->data_offset + length + l->commit_size <= avail)
		head->lost_count = load_long(bytes + l->data_offset + length, l);
	head->cut = l->data_offset + length > avail;
	c->big_endian = l->big_endian;
	c->time = head->time;
	c->p = bytes + l->data_offset;
	c->end = head->cut ? bytes + avail : c->p + length;
	return true;
}

/* The top bits come from the clock so far, which can only have grown since (rb_fix_abs_ts). */
static u64 absolute_time(u64 now, u64 stamp)
{
	u64 top = now >> STAMP_BITS << STAMP_BITS;

	stamp |= top;
	if (top && stamp < now)
		stamp += 1ULL << STAMP_BITS;
	return stamp;
}

enum page_step page_special(struct page_cursor *c, u32 type, u32 delta, const u8 **data, u32 *len)
{
	size_t left = (size_t)(c->end - c->p);
	u64 skip = 8;
	u32 word;

	if (type == TYPE_PADDING && !delta)
		return PAGE_END;
	if (left < 8)
		return PAGE_BAD;
	word = page_load32(c->p + 4, c->big_endian);
	if (type == TYPE_TIME_EXTEND) {
		c->time += ((u64)word << 27) + delta;
	} else if (type == TYPE_TIME_STAMP) {
		c->time = absolute_time(c->time, ((u64)word << 27) + delta);
	} else {
		/* The length word counts itself but not the header before it. */
		skip = 4 + (((u64)word + 3) & ~3ULL);
		if (word < 4 || skip > left)
			return PAGE_BAD;
		c->time += delta;
		if (type == TYPE_LONG) {
			*data = c->p + 8;
			*len = word - 4;
		}
	}
	c->p += skip;
	return PAGE_EVENT;
}
