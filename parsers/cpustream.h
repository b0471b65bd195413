/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events of one CPU, in the order in which that CPU wrote them, decoded a batch at a time: only
 * events of known kinds, lost-event marks as events of their own.
 */
#ifndef SPB_PARSERS_CPUSTREAM_H
#define SPB_PARSERS_CPUSTREAM_H

#include "parsers/batch.h"
#include "parsers/chunks.h"
#include "parsers/decode.h"

/** struct tsc_scale - ticks to ns: ticks * mult >> shift, in 128 bits; mult 0 = already ns */
struct tsc_scale {
	u32 mult;
	u32 shift;
};

/**
 * struct stream_source - what all CPUs of one buffer share; nothing in it changes while CPUs are
 * read but the counters of @chunks
 */
struct stream_source {
	struct chunk_source chunks;
	const struct decoder *dec;
	struct tsc_scale tsc;
};

/**
 * struct cpustream - one CPU
 * @time: of the last event, ns; no event is earlier than the one before
 * @page: what is left of the page at hand; @next_page: where the next begins in the piece
 * @page_cut: the page at hand is not whole
 * @unknown: records skipped because their id is not a known event
 * @lost_events, @lost_gaps: losses so far
 */
struct cpustream {
	struct stream_source *src;
	struct chunks chunks;
	struct page_cursor page;
	size_t next_page;
	bool page_cut;
	bool ended;
	u64 time;

	u64 unknown;
	u64 lost_events;
	u64 lost_gaps;
};

/** cpustream_init - a stream over @size bytes at @offset; see chunks_init() */
void cpustream_init(struct cpustream *s, struct stream_source *src, u32 cpu, u64 offset, u64 size,
		    struct error *damage);
void cpustream_fini(struct cpustream *s);

/**
 * cpustream_fill - decode the next events into @b, until it is full
 * @room: of the calling thread. Streams of one source may be filled in different threads
 *
 * Damage ends the stream and is noted in @b->damage: what came before it is in the batches.
 *
 * Return: 1 with at least one event in @b, 0 at the end, negative enum err_code when reading
 * failed.
 */
int cpustream_fill(struct cpustream *s, struct unpack_room *room, struct batch *b,
		   struct error *err) __must_check;

#endif /* SPB_PARSERS_CPUSTREAM_H */
