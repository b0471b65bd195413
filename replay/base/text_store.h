/* SPDX-License-Identifier: GPL-2.0 */
/* Many small texts that live and die together. */
#ifndef SPB_REPLAY_TEXT_STORE_H
#define SPB_REPLAY_TEXT_STORE_H

#include "model/types.h"

struct text_chunk;

/** struct text_store - an all zero store is empty; text_store_fini() frees every text */
struct text_store {
	struct text_chunk *last;
};

/** text_store_add - a copy of @text that lives as long as the store. NULL without memory */
const char *text_store_add(struct text_store *s, const char *text);
void text_store_fini(struct text_store *s);

#endif /* SPB_REPLAY_TEXT_STORE_H */
