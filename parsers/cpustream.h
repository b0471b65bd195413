/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events of one CPU, in the order in which that CPU wrote them: pages read or decompressed a
 * piece at a time, only events of known kinds, lost-event marks as events of their own.
 */
#ifndef SPB_PARSERS_CPUSTREAM_H
#define SPB_PARSERS_CPUSTREAM_H

#include "parsers/decode.h"
#include "parsers/input.h"
#include "parsers/page.h"

/** CHUNK_MAX - bytes of a chunk, packed or not: trace-cmd puts in 10 pages of at most 1 MiB */
#define CHUNK_MAX (16u << 20)

/** struct tsc_scale - ticks to ns: ticks * mult >> shift, in 128 bits; mult 0 = already ns */
struct tsc_scale {
	u32 mult;
	u32 shift;
};

/**
 * struct stream_source - what all CPUs of one buffer share
 * @damage: the first damage met, "FILE: what (place) - ..."
 * @compressed: CPU data is chunks of zstd
 * @memory_left: bytes that buffers of chunks may still take, all CPUs together
 * @done: bytes of CPU data consumed
 * @dctx, @packed: scratch of the decompressor
 */
struct stream_source {
	const struct input *in;
	const struct decoder *dec;
	struct page_layout layout;
	struct tsc_scale tsc;
	bool compressed;
	struct error *damage;
	u64 memory_left;
	u64 done;
	struct ZSTD_DCtx_s *dctx;
	u8 *packed;
	size_t packed_size;
};

/**
 * struct cpustream - one CPU
 * @time: of the current event, ns; never smaller than that of the event before
 * @rec, @rec_len: its record; NULL for EVENT_LOST
 * @kind: its kind
 * @lost: for EVENT_LOST, how many events; 0 = unknown
 * @cpu: CPU id
 * @unknown: records skipped because their id is not a known event
 * @lost_events, @lost_gaps: losses so far
 */
struct cpustream {
	u64 time;
	const u8 *rec;
	u32 rec_len;
	u8 kind;
	bool started;
	u16 cpu;
	u64 lost;

	struct stream_source *src;
	struct page_cursor page;
	bool page_cut;
	u8 *buf;
	size_t buf_size;
	size_t buf_len;
	size_t next_page;
	u64 buf_offset;
	u64 pos;
	u64 end;
	u32 chunks_left;

	u64 unknown;
	u64 lost_events;
	u64 lost_gaps;
};

/** stream_source_init - set up the scratch; the caller has filled in the fields above it */
int stream_source_init(struct stream_source *src, struct error *err) __must_check;
void stream_source_fini(struct stream_source *src);

/**
 * cpustream_init - a stream over @size bytes at @offset; nothing is read yet
 *
 * A range that goes past the end of the file is clipped and noted as damage.
 */
void cpustream_init(struct cpustream *s, struct stream_source *src, u32 cpu, u64 offset, u64 size);
void cpustream_fini(struct cpustream *s);

/**
 * cpustream_next - go to the next event
 *
 * Return: 1 with an event, 0 at the end, negative enum err_code when reading failed. Damage ends
 * the stream (0) and is noted in the source: what came before it has been returned.
 */
int cpustream_next(struct cpustream *s, struct error *err) __must_check;

/** cpustream_damage - note damage at the current record and end the stream */
void cpustream_damage(struct cpustream *s, const char *what);

#endif /* SPB_PARSERS_CPUSTREAM_H */
