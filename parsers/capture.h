/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Captures: any recorded stream of page-allocator tracepoints, turned into an event log.
 * trace.dat v6 and v7, raw pages of single CPUs, ftrace text. The parser never learns that a model
 * exists.
 */
#ifndef SPB_PARSERS_CAPTURE_H
#define SPB_PARSERS_CAPTURE_H

#include "replay/base/cpulist.h"
#include "replay/base/error.h"
#include "replay/log/log.h"

/**
 * struct capture_opts - how to read
 * @buffer: name of the instance to read, "" for the top-level buffer, NULL: the one that holds
 *	page events. Text: lines of that instance; NULL: all lines
 * @format_dir: what raw pages look like: a tracing folder, or a trace.dat of the same host; NULL:
 *	raw pages are refused
 * @salvage: look for the parts of a damaged trace.dat anywhere in it
 * @cpus: read only these CPUs; NULL: all
 * @jobs: threads, the caller's included; 0 = 1. The events do not depend on it
 * @temp_dir: folder for what memory should not hold; NULL: /tmp
 * @progress: called now and then with bytes done and bytes in all; may be NULL
 * @stop: looked at where @progress is called: when it becomes true, reading ends there and the
 *	capture counts as damaged (interrupted); NULL: never
 */
struct capture_opts {
	const char *buffer;
	const char *format_dir;
	const struct cpulist *cpus;
	bool salvage;
	u32 jobs;
	const char *temp_dir;
	void (*progress)(void *ctx, u64 done, u64 total);
	void *progress_ctx;
	const volatile bool *stop;
};

/** capture_sniff - do these first bytes begin a capture that capture_parse() knows? */
bool capture_sniff(const void *bytes, size_t len);

/**
 * capture_parse - read a capture into a log writer
 * @path: file name, or "-" for standard input (read into memory or a temporary file first)
 * @opts: may be NULL
 * @w: receives every event in (time, cpu, index) order and the meta
 *
 * Return: 0; -ERR_DAMAGED when the capture is damaged or cut: what lies before the damage has
 * been added to @w, meta->partial is set and @err names file and place; other negative codes when
 * nothing can be used (ERR_IO: cannot read; ERR_DAMAGED with no events: not a capture, no page
 * events). Check log_writer_meta(w)->nr_events to tell.
 */
int capture_parse(const char *path, const struct capture_opts *opts, struct log_writer *w,
		  struct error *err) __must_check;

/**
 * capture_parse_files - read several files of one host as one capture
 *
 * Files of single CPUs, or of one time after another: events are merged by time whatever the
 * order of the files. The same bytes twice, and files of different hosts or clocks, are refused
 * (-ERR_USAGE). Otherwise as capture_parse().
 */
int capture_parse_files(const char *const *paths, u32 nr, const struct capture_opts *opts,
			struct log_writer *w, struct error *err) __must_check;

#endif /* SPB_PARSERS_CAPTURE_H */
