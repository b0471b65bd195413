// SPDX-License-Identifier: GPL-2.0
/*
 * An event log. Byte 0 odd: the rest is the frame info and the content of one data frame, packed
 * and signed here, so that checksums do not hide the decoder. Even: the rest is a file, with
 * bit 1 the JSON text of a header.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "replay/log/log_frame.h"

/* Ways into the code, for fuzz_taken() */
enum { WAY_FILE, WAY_HEADER, WAY_FRAME };

static void whole_file(const u8 *data, size_t len, unsigned int way)
{
	/* Strict reading ends early where the other goes on: now and then. */
	for (int strict = len % 4 == 0; strict >= 0; strict--) {
		struct error err = { 0 };
		struct log_reader *r = log_reader_open(fuzz_path(data, len), strict, &err);

		if (!r) {
			fuzz_check_error(-(int)err.code, &err);
			FUZZ_CHECK(err.code);
			continue;
		}
		fuzz_check_log(r);
		/* A header alone promises events that are not there. */
		if (way == WAY_HEADER || !log_reader_meta(r)->partial)
			fuzz_taken(way);
		if (!log_reader_seek(r, log_reader_meta(r)->last_time / 2, &err))
			fuzz_check_log(r);
		log_reader_free(r);
	}
}

/* A log without frames. */
static void header(const u8 *json, size_t len)
{
	static u8 file[1 << 16];
	const size_t size = wire_header_size(len);

	if (size > sizeof(file))
		return;
	wire_put_header(file, (const char *)json, (u32)len);
	whole_file(file, size, WAY_HEADER);
}

struct state {
	ZSTD_CCtx *zstd;
	struct frame_decoder *dec;
	struct intern tasks;
	struct intern strings;
	struct event_block b;
	u8 packed[ZSTD_COMPRESSBOUND(1 << 16) + 64];
};

static void frame(const u8 *data, size_t len)
{
	static struct state *s;
	struct frame_info info;
	u8 head[WIRE_INFO_MAX] = { 0 };
	size_t size = min_u64(len, sizeof(head));

	/* Tables of names grow with every frame: begin anew. */
	if (!s) {
		s = calloc(1, sizeof(*s));
		FUZZ_CHECK(s && (s->zstd = ZSTD_createCCtx()) &&
			   (s->dec = frame_decoder_new()) && !event_block_init(&s->b));
	}
	memcpy(head, data, size);
	if (len < WIRE_INFO_FIXED || head[48] > WIRE_MAX_KINDS)
		return;
	info = (struct frame_info){ .nr_kinds = head[48] };
	size = frame_info_size(&info);
	if (len < size || len - size > 1 << 16)
		return;
	put_le32(head, WIRE_MAGIC_INFO);
	put_le32(head + 4, (u32)size - 8);
	put_le32(head + 48, info.nr_kinds);
	put_le32(head + size - 4, wire_crc32(head, size - 4));
	if (wire_get_info(head, size, &info))
		return;
	info.usize = (u32)(len - size);
	info.csize = (u32)ZSTD_compressCCtx(s->zstd, s->packed, sizeof(s->packed), data + size,
					    info.usize, -5);
	FUZZ_CHECK(!intern_init(&s->tasks, INTERN_MAX_TASKS) &&
		   !intern_init(&s->strings, INTERN_MAX_STRINGS));
	if (!frame_decode(s->dec, &info, s->packed, &s->tasks, &s->strings, &s->b)) {
		FUZZ_CHECK(s->b.nr <= info.nr_events);
		fuzz_taken(WAY_FRAME);
	}
	intern_fini(&s->tasks);
	intern_fini(&s->strings);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	if (len && data[0] & 1)
		frame(data + 1, len - 1);
	else if (len && data[0] & 2)
		header(data + 1, len - 1);
	else if (len)
		whole_file(data + 1, len - 1, WAY_FILE);
	return 0;
}
