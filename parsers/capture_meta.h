/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a log's meta says of the files of a capture.
 */
#ifndef SPB_PARSERS_CAPTURE_META_H
#define SPB_PARSERS_CAPTURE_META_H

#include "parsers/quality.h"
#include "parsers/tracedat/tracedat.h"
#include "replay/log/log.h"

/**
 * capture_meta_files - format, and name, size and hash of the files
 * @in: @nr of them, more than none; the hash of several is that of their hashes
 *
 * Return: 0 or -ERR_IO (no memory), as all of these
 */
int capture_meta_files(struct log_meta *meta, const struct input *in, u32 nr, const char *format,
		       struct error *err) __must_check;

/** capture_meta_source - host, clock, format */
int capture_meta_source(struct log_meta *meta, const struct tracedat *td,
			const struct tracedat_buffer *b, struct error *err) __must_check;

/** capture_meta_losses - add losses and unknown events of the @nr @streams of one file */
int capture_meta_losses(struct log_meta *meta, const struct tracedat *td,
			const struct tracedat_buffer *b, const struct cpustream *streams, u32 nr,
			struct error *err) __must_check;

/** capture_meta_events - quality, and damage (NULL: there was none) */
int capture_meta_events(struct log_meta *meta, const struct quality *q,
			const struct error *damage, struct error *err) __must_check;

/** capture_clock - clock of buffer @b, NULL when the file does not say */
const char *capture_clock(const struct tracedat *td, const struct tracedat_buffer *b);

#endif /* SPB_PARSERS_CAPTURE_META_H */
