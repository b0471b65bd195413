/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decoded events of one CPU, by column: what a reader fills in one go and the merge takes apart.
 * A batch holds all that its events need; the bytes that they were read from may be gone.
 */
#ifndef SPB_PARSERS_BATCH_H
#define SPB_PARSERS_BATCH_H

#include "replay/base/error.h"
#include "replay/log/event.h"

#define BATCH_EVENTS 256u
#define BATCH_WORDS (2u * BATCH_EVENTS)
#define BATCH_TEXT 8192u

/*
 * Columns are copied in whole pieces of so many bytes, so a part of one is read behind the last
 * row.
 */
#define BATCH_PIECE EVENT_BLOCK_SLACK

/* No event has more bytes of strings: every extra word a string as long as a log keeps. */
#define BATCH_EVENT_TEXT (EVENT_MAX_EXTRA * 256u)

/**
 * struct batch - events of one CPU in their order
 * @nr: events; @at: the first that was not taken yet
 * @nr_words: used of @extra, the extra words of all events one after another
 * @word: by row, the first of its words; @word[@nr] is @nr_words
 * @lost: an event is a loss, which has no task
 * @nr_text: bytes used of @text. A word that is a string is (offset in @text << 16 | length)
 * @pid: recorded pid of the task
 * @damage: met behind the last event, or in an event's time; code ERR_NONE: none
 */
struct batch {
	u32 nr;
	u32 at;
	u32 nr_words;
	u32 nr_text;
	bool lost;
	u64 time[BATCH_EVENTS + 1];
	u64 pfn[BATCH_EVENTS + 1];
	u32 pid[BATCH_EVENTS];
	u16 word[BATCH_EVENTS + 1];
	u8 kind[BATCH_EVENTS + BATCH_PIECE];
	u8 order[BATCH_EVENTS + BATCH_PIECE];
	s8 migratetype[BATCH_EVENTS + BATCH_PIECE];
	u64 extra[BATCH_WORDS + 1];
	char text[BATCH_TEXT];
	struct error damage;
};

static inline void batch_clear(struct batch *b)
{
	b->nr = b->at = 0;
	b->nr_words = 0;
	b->nr_text = 0;
	b->lost = false;
	b->damage.code = ERR_NONE;
}

#endif /* SPB_PARSERS_BATCH_H */
