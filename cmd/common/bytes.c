// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "replay/log/varint.h"

static bool make_room(struct bytes *b, size_t len)
{
	size_t bigger = b->max ? b->max : 1024;
	u8 *p;

	while (bigger - b->nr < len)
		bigger *= 2;
	if (bigger == b->max)
		return true;
	p = realloc(b->at, bigger);
	if (!p)
		return false;
	b->at = p;
	b->max = bigger;
	return true;
}

void bytes_put(struct bytes *b, const void *from, size_t len)
{
	if (b->failed || !len)
		return;
	if (!make_room(b, len)) {
		b->failed = true;
		return;
	}
	memcpy(b->at + b->nr, from, len);
	b->nr += len;
}

void bytes_varint(struct bytes *b, u64 value)
{
	u8 text[VARINT_MAX];

	bytes_put(b, text, (size_t)(varint_put(text, value) - text));
}

void bytes_delta(struct bytes *b, u64 before, u64 value)
{
	bytes_varint(b, zigzag((s64)(value - before)));
}

void bytes_fini(struct bytes *b)
{
	free(b->at);
	*b = (struct bytes){ 0 };
}
