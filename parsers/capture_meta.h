/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a log's meta says of a trace.dat file.
 */
#ifndef SPB_PARSERS_CAPTURE_META_H
#define SPB_PARSERS_CAPTURE_META_H

#include "parsers/quality.h"
#include "parsers/tracedat.h"
#include "replay/log.h"

/** capture_meta_source - file, host, clock, format. Return: 0 or -ERR_IO (no memory) */
int capture_meta_source(struct log_meta *meta, const struct tracedat *td,
			const struct tracedat_buffer *b, struct error *err) __must_check;

/**
 * capture_meta_events - what reading the events told: losses, unknown events, quality, damage
 * @streams: the buffer's CPUs, @b->nr_cpus of them
 * @damage: code ERR_NONE when there was none
 */
int capture_meta_events(struct log_meta *meta, const struct tracedat *td,
			const struct tracedat_buffer *b, const struct cpustream *streams,
			const struct quality *q, const struct error *damage, struct error *err)
	__must_check;

/** capture_clock - clock of buffer @b, NULL when the file does not say */
const char *capture_clock(const struct tracedat *td, const struct tracedat_buffer *b);

#endif /* SPB_PARSERS_CAPTURE_META_H */
