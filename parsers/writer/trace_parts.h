/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pieces that trace.dat files are made of, for those who write them: head, texts, options,
 * sections and chunks. What fails for lack of memory sticks in the buffer.
 */
#ifndef SPB_PARSERS_TRACE_PARTS_H
#define SPB_PARSERS_TRACE_PARTS_H

#include "parsers/outbuf.h"

#define PARTS_HOST_PAGE 4096u	/* what offsets of CPU data are aligned to */
#define PARTS_CHUNK_PAGES 10u	/* pages of a chunk, as trace-cmd has it */

/**
 * part_head - magic to page size, and for version 7 the compression
 * @page_size: of the recorded host; no sub-buffer is smaller
 */
void part_head(struct outbuf *o, u32 version, u32 long_size, u32 page_size, bool zstd);
/** part_text - length in @length_size bytes, then the text without its NUL */
void part_text(struct outbuf *o, const char *s, u32 length_size);
/** part_option, part_number_option - id, length, and @data or @v in @size bytes */
void part_option(struct outbuf *o, u16 id, const void *data, size_t len);
void part_number_option(struct outbuf *o, u16 id, u64 v, u32 size);
/** part_begin - begin a version 7 section; returns where it starts */
size_t part_begin(struct outbuf *o, u16 id, bool compressed);
/** part_end - the section that began at @at is complete */
void part_end(struct outbuf *o, size_t at);
/** part_end_options - end an options section; returns the place that leads to the next one */
size_t part_end_options(struct outbuf *o, size_t at);
/** part_chunk - compressed and plain size, then @data with zstd; false when that failed */
bool part_chunk(struct outbuf *o, const u8 *data, size_t len);
/** part_section - a whole section of @body, compressed or not; returns where it starts */
size_t part_section(struct outbuf *o, u16 id, const struct outbuf *body, bool compressed);

/**
 * struct part_metadata - who writes what stands in front of the CPU data
 * @ctx: for all of them; @options: of the host and the recording, without their end
 * @cpus: how many the version 6 table has
 */
struct part_metadata {
	const void *ctx;
	void (*header_info)(const void *ctx, struct outbuf *o);
	void (*formats)(const void *ctx, struct outbuf *o);
	void (*cmdlines)(const void *ctx, struct outbuf *o);
	void (*options)(const void *ctx, struct outbuf *o);
	u32 cpus;
};

/** part_metadata_v6 - all of it; more options, or their end, follow */
void part_metadata_v6(struct outbuf *o, const struct part_metadata *m);
/** part_metadata_v7 - all of it; returns the place that leads to the next options section */
size_t part_metadata_v7(struct outbuf *o, const struct part_metadata *m, bool compressed);

/**
 * part_buffer_option - of the buffer whose section is at @section; id, offset and size of @cpus
 * follow
 */
void part_buffer_option(struct outbuf *o, u64 section, const char *name, const char *clock,
			u32 subbuf_size, u32 cpus);

#endif /* SPB_PARSERS_TRACE_PARTS_H */
