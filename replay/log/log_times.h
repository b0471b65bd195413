/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The time column of a data frame: deltas through tables of frequent deltas, one table per kind
 * for runs of that kind and one for all other events (docs/log-format.md, section 4.1).
 */
#ifndef SPB_REPLAY_LOG_TIMES_H
#define SPB_REPLAY_LOG_TIMES_H

#include "replay/log/log_wire.h"

#define TIMES_NEAR 16384		/* the encoder puts only smaller deltas into tables */
#define TIMES_CONTEXTS (NR_EVENT_KINDS + 1)

/**
 * struct time_encoder - working memory
 * @context: table of a run of each kind; @other: table of the rest
 * @code: code of each delta by table, 255 for none; @seen: how often it occurs
 * @low, @high, @far: deltas without a code: low byte, the byte above it, varints of what is larger
 */
struct time_encoder {
	u8 context[NR_EVENT_KINDS];
	u8 other;
	u8 code[TIMES_CONTEXTS][TIMES_NEAR];
	u32 seen[TIMES_CONTEXTS][TIMES_NEAR];
	u32 nr_escapes;
	size_t far_len;
	u8 low[EVENT_BLOCK_MAX];
	u8 high[EVENT_BLOCK_MAX];
	u8 far[EVENT_BLOCK_MAX * 10];
};

/** times_put_tables - choose and write the tables. Return: the byte after them */
u8 *times_put_tables(struct time_encoder *te, const struct event_block *b,
		     const struct frame_info *info, u8 *p);
/** times_put_codes - write the codes and fill the escapes; after times_put_tables() */
u8 *times_put_codes(struct time_encoder *te, const struct event_block *b, u8 *p);

/** struct time_decoder - @table: deltas by context and code, TIMES_NO_DELTA where none */
#define TIMES_NO_DELTA 0xffffffffu

struct time_decoder {
	u32 table[WIRE_MAX_KINDS + 1][256];
};

/**
 * times_decode - decode the time column
 * @section, @size: the sections of the frame
 * @b: kind is filled in and holds only kinds of @info; time is the result
 *
 * Return: NULL or what is wrong.
 */
const char *times_decode(struct time_decoder *td, const struct frame_info *info,
			 const u8 *const *section, const size_t *size,
			 struct event_block *b) __must_check;

#endif /* SPB_REPLAY_LOG_TIMES_H */
