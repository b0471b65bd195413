// SPDX-License-Identifier: GPL-2.0
#include "cmd/export/protobuf.h"

#include <string.h>

#include "replay/csv/csv.h"

enum { WIRE_VARINT = 0, WIRE_LENGTH = 2 };

static void put_tag(struct bytes *b, u32 field, u32 wire)
{
	bytes_varint(b, (u64)field << 3 | wire);
}

void pb_u64(struct bytes *b, u32 field, u64 value)
{
	put_tag(b, field, WIRE_VARINT);
	bytes_varint(b, value);
}

void pb_text(struct bytes *b, u32 field, const char *text)
{
	size_t left = strlen(text);

	put_tag(b, field, WIRE_LENGTH);
	bytes_varint(b, left);
	while (left) {
		size_t n = csv_utf8_length((const unsigned char *)text, left);

		bytes_put(b, n ? text : "?", n ? n : 1);
		n = n ? n : 1;
		text += n;
		left -= n;
	}
}

void pb_message(struct bytes *b, u32 field, struct bytes *inner)
{
	put_tag(b, field, WIRE_LENGTH);
	bytes_varint(b, inner->nr);
	bytes_put(b, inner->at, inner->nr);
	b->failed |= inner->failed;
	inner->nr = 0;
}
