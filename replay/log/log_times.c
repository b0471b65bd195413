// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_times.h"

#include <string.h>

#include "replay/log/log_frame.h"
#include "replay/log/varint.h"

#define COUNT_BUCKETS 1024u	/* a delta seen this often has a place in any table */
#define NO_KIND 0xffffu		/* before the first event: starts no run */

static void count_deltas(struct time_encoder *te, const struct event_block *b)
{
	u64 time = b->time[0];
	u32 prev = NO_KIND;

	for (u32 i = 0; i < b->nr; i++) {
		const u8 kind = b->kind[i];
		const u64 delta = b->time[i] - time;

		if (delta < TIMES_NEAR)
			te->seen[kind == prev ? te->context[kind] : te->other][delta]++;
		time = b->time[i];
		prev = kind;
	}
}

/*
 * The least count that has a place in a table. @spare: how many deltas with one count less still
 * fit. A delta seen once costs as much in the table as in the escapes.
 */
static u32 find_threshold(const u32 *seen, u32 *spare)
{
	u32 nr[COUNT_BUCKETS] = { 0 };
	u32 taken = 0, t = COUNT_BUCKETS;

	for (u32 d = 0; d < TIMES_NEAR; d++)
		nr[seen[d] < COUNT_BUCKETS ? seen[d] : COUNT_BUCKETS - 1]++;
	while (t > 2 && taken + nr[t - 1] <= TIME_TABLE_MAX)
		taken += nr[--t];
	*spare = t > 2 ? TIME_TABLE_MAX - taken : 0;
	return t;
}

static u8 *put_table(const u32 *seen, u8 *code, u8 *p)
{
	u8 *count = p++;
	u32 nr = 0, prev = 0, spare;
	const u32 threshold = find_threshold(seen, &spare);

	memset(code, TIME_ESCAPE, TIMES_NEAR);
	for (u32 d = 0; d < TIMES_NEAR; d++) {
		if (seen[d] < threshold) {
			if (seen[d] + 1 != threshold || !spare)
				continue;
			spare--;
		}
		code[d] = (u8)nr++;
		p = varint_put(p, d - prev);
		prev = d;
	}
	*count = (u8)nr;
	return p;
}

u8 *times_put_tables(struct time_encoder *te, const struct event_block *b,
		     const struct frame_info *info, u8 *p)
{
	for (u32 k = 0; k < info->nr_kinds; k++)
		te->context[info->kinds[k].kind] = (u8)k;
	te->other = (u8)info->nr_kinds;
	memset(te->seen, 0, (te->other + 1u) * sizeof(te->seen[0]));
	count_deltas(te, b);
	for (u32 c = 0; c <= te->other; c++)
		p = put_table(te->seen[c], te->code[c], p);
	return p;
}

u8 *times_put_codes(struct time_encoder *te, const struct event_block *b, u8 *p)
{
	u8 *far = te->far;
	u64 time = b->time[0];
	u32 prev = NO_KIND, nr = 0;

	for (u32 i = 0; i < b->nr; i++) {
		const u8 kind = b->kind[i];
		const u64 delta = b->time[i] - time;
		const u32 ctx = kind == prev ? te->context[kind] : te->other;
		const u8 code = delta < TIMES_NEAR ? te->code[ctx][delta] : TIME_ESCAPE;

		*p++ = code;
		if (code == TIME_ESCAPE) {
			const bool is_far = delta >> 8 >= TIME_FAR;

			te->low[nr] = (u8)delta;
			te->high[nr++] = is_far ? TIME_FAR : (u8)(delta >> 8);
			if (is_far)
				far = varint_put(far, delta >> 8);
		}
		time = b->time[i];
		prev = kind;
	}
	te->nr_escapes = nr;
	te->far_len = (size_t)(far - te->far);
	return p;
}

static const char *get_table(u32 *table, const u8 **pp, const u8 *end)
{
	const u8 *p = *pp;
	u64 delta = 0, step;
	u32 nr;

	if (p == end)
		return "time table cut off";
	nr = *p++;
	if (nr > TIME_TABLE_MAX)
		return "time table too long";
	for (u32 i = 0; i < 256; i++)
		table[i] = TIMES_NO_DELTA;
	for (u32 i = 0; i < nr; i++) {
		p = varint_get(p, end, &step);
		if (!p || step > TIME_DELTA_MAX - delta)
			return "bad time table";
		delta += step;
		table[i] = (u32)delta;
	}
	*pp = p;
	return NULL;
}

static const char *get_tables(struct time_decoder *td, const struct frame_info *info,
			      const u8 *p, const u8 *end)
{
	const char *why = NULL;

	for (u32 c = 0; c <= info->nr_kinds && !why; c++)
		why = get_table(td->table[c], &p, end);
	if (!why && p != end)
		why = "bytes behind the time tables";
	return why;
}

/* The deltas that are not in the tables, in order. */
struct escapes {
	const u8 *low;
	const u8 *high;
	const u8 *end;		/* of @low */
	const u8 *far;
	const u8 *far_end;
};

static bool next_escape(struct escapes *e, u64 *delta)
{
	u64 high;

	if (e->low == e->end)
		return false;
	high = *e->high++;
	if (high == TIME_FAR) {
		e->far = varint_get(e->far, e->far_end, &high);
		if (!e->far || high >> 56)
			return false;
	}
	*delta = high << 8 | *e->low++;
	return true;
}

static const char *get_deltas(const struct time_decoder *td, const struct frame_info *info,
			      const u8 *codes, struct escapes *e, struct event_block *b)
{
	const u32 *const other = td->table[info->nr_kinds];
	const u32 *run[256] = { NULL };
	u64 time = info->first_time, backwards = 0;
	u32 prev = NO_KIND;

	for (u32 k = 0; k < info->nr_kinds; k++)
		run[info->kinds[k].kind] = td->table[k];
	for (u32 i = 0; i < info->nr_events; i++) {
		const u8 kind = b->kind[i];
		const u32 *table = kind == prev ? run[kind] : other;
		u64 delta = table[codes[i]];

		if (delta == TIMES_NO_DELTA) {
			if (codes[i] != TIME_ESCAPE)
				return "time code without a delta";
			if (!next_escape(e, &delta))
				return "time escapes cut off";
		}
		backwards |= time + delta < time;
		time += delta;
		b->time[i] = time;
		prev = kind;
	}
	if (backwards || time != info->last_time || b->time[0] != info->first_time)
		return "times disagree with the frame info";
	return NULL;
}

const char *times_decode(struct time_decoder *td, const struct frame_info *info,
			 const u8 *const *section, const size_t *size, struct event_block *b)
{
	struct escapes e = {
		.low = section[SEC_TIME_LOW],
		.high = section[SEC_TIME_HIGH],
		.end = section[SEC_TIME_LOW] + size[SEC_TIME_LOW],
		.far = section[SEC_TIME_FAR],
		.far_end = section[SEC_TIME_FAR] + size[SEC_TIME_FAR],
	};
	const u8 *tables = section[SEC_TIME_TABLES];
	const char *why = get_tables(td, info, tables, tables + size[SEC_TIME_TABLES]);

	if (size[SEC_TIME_HIGH] != size[SEC_TIME_LOW])
		return "column of wrong length";
	if (!why)
		why = get_deltas(td, info, section[SEC_TIME], &e, b);
	if (!why && (e.low != e.end || e.far != e.far_end))
		why = "bytes behind the time escapes";
	return why;
}
