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

/* No event has more bytes of strings: every extra word a string as long as a log keeps. */
#define BATCH_EVENT_TEXT (EVENT_MAX_EXTRA * 256u)

/**
 * struct batch - events of one CPU in their order
 * @nr: events; @at: the first that was not taken yet
 * @nr_words, @at_word: the same for @extra, the extra words of all events one after another
 * @nr_text: bytes used of @text. A word that is a string is (offset in @text << 16 | length)
 * @pid: recorded pid of the task
 * @damage: met behind the last event, or in an event's time; code ERR_NONE: none
 */
struct batch {
	u32 nr;
	u32 at;
	u32 nr_words;
	u32 at_word;
	u32 nr_text;
	u64 time[BATCH_EVENTS];
	u64 pfn[BATCH_EVENTS];
	u32 pid[BATCH_EVENTS];
	u8 kind[BATCH_EVENTS];
	u8 order[BATCH_EVENTS];
	s8 migratetype[BATCH_EVENTS];
	u64 extra[BATCH_WORDS + 1];	/* one that may be read behind the last */
	char text[BATCH_TEXT];
	struct error damage;
};

static inline void batch_clear(struct batch *b)
{
	b->nr = b->at = 0;
	b->nr_words = b->at_word = 0;
	b->nr_text = 0;
	b->damage.code = ERR_NONE;
}

#endif /* SPB_PARSERS_BATCH_H */
