// SPDX-License-Identifier: GPL-2.0
/* The text of an event's format file, as captures carry it; then events read with what it says. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "parsers/decode.h"

static void decode(const struct decoder *d, u8 kind)
{
	static struct batch b;
	u8 rec[4096 + PAGE_SLACK];
	const struct event_format *f = &d->format[kind];

	if (!f->known || f->min_len > 4096)
		return;
	batch_clear(&b);
	for (u32 fill = 0; fill < 3; fill++) {
		memset(rec, (int)(fill * 0x80 - !!fill), sizeof(rec));
		decode_columns(f, rec, d->big_endian, &b, fill);
		(void)decode_words(f, rec, f->min_len, d->big_endian, &b, b.extra);
		FUZZ_CHECK(b.nr_text <= BATCH_TEXT);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	static const char *const systems[] = { "kmem", "compaction", "migrate", "ftrace" };
	struct decoder *d;
	struct error err = { 0 };
	const char *text = (const char *)data + 1, *system;

	if (!len)
		return 0;
	system = systems[data[0] & 3];
	len--;
	if (!decoder_wants(system, text, len))
		return 0;
	d = decoder_new(data[0] & 4, data[0] & 8 ? 4 : 8);
	FUZZ_CHECK(d);
	if (!decoder_add(d, system, text, len, &err)) {
		FUZZ_CHECK(d->nr_known == 1);
		for (u8 kind = 0; kind < NR_EVENT_KINDS; kind++)
			decode(d, kind);
		fuzz_taken(0);
	} else {
		FUZZ_CHECK(err.code == ERR_DAMAGED);
	}
	decoder_free(d);
	return 0;
}
