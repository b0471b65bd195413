// SPDX-License-Identifier: GPL-2.0
/*
 * The last resort, on request only: a version 7 file whose sections cannot be followed from the
 * head. Compressed sections show themselves by the first bytes of what the compressor wrote, CPU
 * data by lying on a page boundary as well; plain pages by being pages.
 */
#include "parsers/tracedat/tracedat7.h"

#include "replay/log/log.h"

#include <string.h>

#define WINDOW (64u * 1024)
/* Head of a section, or the number of chunks, and two sizes: what stands before packed bytes. */
#define SECTION_LEAD (SECTION_HEAD_BYTES + 8u)
#define CHUNKS_LEAD 12u

/* First bytes of packed data. */
static bool packed_starts(const struct tracedat *td, const u8 *p)
{
	if (td->how == UNPACK_ZSTD)
		return page_load32(p, false) == 0xfd2fb528;
	/* zlib: deflate with a window of 32 KiB; the two bytes are a multiple of 31. */
	return td->how == UNPACK_ZLIB && p[0] == 0x78 && (p[0] << 8 | p[1]) % 31 == 0;
}

/* Is there the head of a packed section of metadata at @at? */
static bool is_metadata(const struct tracedat *td, u64 at, struct section_head *h)
{
	struct cursor c;
	u32 csize;

	if (!section_read_head(td, at, h) || h->flags != SECTION_COMPRESSED)
		return false;
	cursor_file(&c, td->in, at + SECTION_HEAD_BYTES, td->in->size, td->big_endian);
	csize = cursor_u32(&c);
	return !c.bad && csize && h->size <= td->in->size - at && csize + 8ULL <= h->size &&
	       (h->id == OPTION_HEADER_INFO || h->id == OPTION_EVENT_FORMATS ||
		h->id == OPTION_CMDLINES);
}

static void take_metadata(struct chain *ch, const struct section_head *h)
{
	u64 *to = h->id == OPTION_HEADER_INFO ? &ch->header_info :
		  h->id == OPTION_EVENT_FORMATS ? &ch->formats : &ch->cmdlines;

	if (!*to)
		*to = h->at;
}

int chain_deep_metadata(struct tracedat *td, struct chain *ch, struct error *err)
{
	u8 window[WINDOW + 4];
	size_t got;

	/* Windows overlap by the bytes that one look needs. */
	for (u64 at = 0; at + 4 < td->in->size; at += WINDOW) {
		int ret = input_read(td->in, at, window, sizeof(window), &got, err);

		if (ret)
			return ret;
		for (size_t i = 0; i + 4 <= got; i++) {
			struct section_head h;

			if (at + i >= SECTION_LEAD && packed_starts(td, window + i) &&
			    is_metadata(td, at + i - SECTION_LEAD, &h))
				take_metadata(ch, &h);
		}
	}
	return 0;
}

/* Do the packed pages of a CPU begin at @at? */
static bool is_chunks(const struct tracedat *td, u64 at)
{
	u8 lead[CHUNKS_LEAD + 4];
	u32 chunks, csize, usize;
	size_t got;

	if (input_read(td->in, at, lead, sizeof(lead), &got, NULL) || got < sizeof(lead))
		return false;
	chunks = page_load32(lead, td->big_endian);
	csize = page_load32(lead + 4, td->big_endian);
	usize = page_load32(lead + 8, td->big_endian);
	return chunks && csize && usize && csize <= CHUNK_MAX && usize <= CHUNK_MAX &&
	       packed_starts(td, lead + CHUNKS_LEAD);
}

u64 chain_deep_data(const struct tracedat *td)
{
	for (u64 at = td->page_size; at < td->in->size; at += td->page_size)
		if (td->how == UNPACK_NONE ? tracedat_is_page(td, at) : is_chunks(td, at))
			return at;
	return 0;
}
