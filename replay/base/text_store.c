// SPDX-License-Identifier: GPL-2.0
#include "replay/base/text_store.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 65536

/** struct text_chunk - @used of @size bytes hold texts; @before: the chunk filled before */
struct text_chunk {
	struct text_chunk *before;
	size_t used;
	size_t size;
	char bytes[];
};

static struct text_chunk *chunk_for(struct text_store *s, size_t len)
{
	size_t size = len > CHUNK_BYTES ? len : CHUNK_BYTES;
	struct text_chunk *c = s->last;

	if (c && len <= c->size - c->used)
		return c;
	c = malloc(sizeof(*c) + size);
	if (!c)
		return NULL;
	*c = (struct text_chunk){ .before = s->last, .size = size };
	s->last = c;
	return c;
}

const char *text_store_add(struct text_store *s, const char *text)
{
	size_t len = strlen(text) + 1;
	struct text_chunk *c;
	char *copy;

	if (len == 1)
		return "";
	c = chunk_for(s, len);
	if (!c)
		return NULL;
	copy = c->bytes + c->used;
	memcpy(copy, text, len);
	c->used += len;
	return copy;
}

void text_store_fini(struct text_store *s)
{
	while (s->last) {
		struct text_chunk *before = s->last->before;

		free(s->last);
		s->last = before;
	}
}
