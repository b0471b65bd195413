/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The extra words of a data frame: a column per kind and word (docs/log-format.md, section 4.3).
 */
#ifndef SPB_REPLAY_LOG_WORDS_H
#define SPB_REPLAY_LOG_WORDS_H

#include "replay/log/log_wire.h"

#define WORDS_TABLE_MAX 255u
#define WORDS_HASH 1024u

enum word_encoding { WORDS_VARINT, WORDS_TABLE };

/**
 * struct word_encoder - working memory
 * @value: the words of the block, column after column
 * @hash: distinct values of a column, @index + 1 of each; 0 free
 */
struct word_encoder {
	u64 value[EVENT_BLOCK_MAX * EVENT_MAX_EXTRA];
	u64 table[WORDS_TABLE_MAX];
	u8 code[EVENT_BLOCK_MAX];
	u16 hash[WORDS_HASH];
};

/**
 * words_put - write all columns
 * @string_map: local string index + 1 by global id
 *
 * Return: the byte after them.
 */
u8 *words_put(struct word_encoder *we, const struct event_block *b, const struct frame_info *info,
	      const u32 *string_map, u8 *p);

/** struct word_decoder - @value: decoded columns, @room words */
struct word_decoder {
	u64 *value;
	size_t room;
};

void word_decoder_fini(struct word_decoder *wd);

/**
 * words_decode - decode all columns into @b->extra
 * @b: nr and kind are filled in (kinds of @info only); extra and nr_extra are the result
 * @string_ids: global id by local index, @nr_strings of them
 *
 * Unknown kinds get no words. Return: NULL or what is wrong; frame_nomem.
 */
const char *words_decode(struct word_decoder *wd, const struct frame_info *info, const u8 *p,
			 size_t len, const u32 *string_ids, u32 nr_strings,
			 struct event_block *b) __must_check;

#endif /* SPB_REPLAY_LOG_WORDS_H */
