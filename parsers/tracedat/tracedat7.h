/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace.dat version 7: sections, found through a chain of options.
 */
#ifndef SPB_PARSERS_TRACEDAT7_H
#define SPB_PARSERS_TRACEDAT7_H

#include "parsers/tracedat/tracedat.h"

#define SECTION_HEAD_BYTES 16
#define SECTION_COMPRESSED 1u
#define CHAIN_MAX 1024u

/** struct section_head - head of a section; @at is its offset in the file */
struct section_head {
	u64 at;
	u16 id;
	u16 flags;
	u64 size;
};

/**
 * struct chain - what the options walked so far say
 * @visited: offsets of the OPTIONS sections read
 * @header_info, @formats, @cmdlines: offsets of those sections, 0 = not seen
 * @buffer_at: section offset of each of td->buffer; @option_at: of the options that tell of it
 */
struct chain {
	u32 nr_visited;
	u64 visited[CHAIN_MAX];
	u64 header_info;
	u64 formats;
	u64 cmdlines;
	u64 buffer_at[TRACEDAT_MAX_BUFFERS];
	u64 option_at[TRACEDAT_MAX_BUFFERS];
};

/** section_read_head - Return: false when no whole head lies at @at */
bool section_read_head(const struct tracedat *td, u64 at, struct section_head *h);

/**
 * chain_read_options - take the options of the section at @at
 * @next: offset of the next OPTIONS section, 0 = that was the last
 */
int chain_read_options(struct tracedat *td, struct chain *ch, u64 at, u64 *next,
		       struct error *err) __must_check;
/** chain_visited - were the options at @at read before? */
bool chain_visited(const struct chain *ch, u64 at);

/** chain_unclaimed - offset of a section that the file has and no option leads to; 0: none */
u64 chain_unclaimed(const struct tracedat *td, const struct chain *ch);

/**
 * chain_salvage_options - find by scanning the options and the metadata that a broken chain of
 * options no longer leads to. Sections lie one behind the other from the head on.
 *
 * Return: 0, or negative when out of memory.
 */
int chain_salvage_options(struct tracedat *td, struct chain *ch, struct error *err) __must_check;

/**
 * chain_salvage_buffers - find CPU data that no option tells of, once header_page is known
 *
 * The CPUs get the numbers 0, 1, 2, ... Return: 0, or negative when out of memory.
 */
int chain_salvage_buffers(struct tracedat *td, struct chain *ch, struct error *err) __must_check;

/**
 * chain_deep_metadata - find packed sections of metadata anywhere in the file
 *
 * Those that the chain has already stay. Return: 0 or -ERR_IO.
 */
int chain_deep_metadata(struct tracedat *td, struct chain *ch, struct error *err) __must_check;

/** chain_deep_data - offset of the first CPU data anywhere in the file, 0 when there is none */
u64 chain_deep_data(const struct tracedat *td);

/**
 * chain_salvage_data - make a buffer of the CPU data between @at and @end
 * @packed: as chunks
 *
 * Return: 0, or negative when out of memory. No buffer is made when there is none.
 */
int chain_salvage_data(struct tracedat *td, struct chain *ch, u64 at, u64 end, bool packed,
		       struct error *err) __must_check;

#endif /* SPB_PARSERS_TRACEDAT7_H */
