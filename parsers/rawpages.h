/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Raw pages of one CPU, as per_cpu/cpuN/trace_pipe_raw gives them. They say nothing about
 * themselves: what the pages and events look like comes from a copy of the tracing folder.
 */
#ifndef SPB_PARSERS_RAWPAGES_H
#define SPB_PARSERS_RAWPAGES_H

#include "parsers/tracedat/tracedat.h"

/** raw_sniff - does a file begin with a whole page that holds a record? */
bool raw_sniff(const u8 *bytes, size_t len);

/**
 * raw_open - make raw pages look like a trace.dat with one buffer of one CPU
 * @td: filled in; tracedat_close() it in any case
 * @dir: the tracing folder, or its events folder: header_page and SYSTEM/EVENT/format; or a
 *	trace.dat of the same host
 * @index: CPU number when the name of the file has none ("cpu1.raw", "cpu1/trace_pipe_raw")
 *
 * Return: 0; -ERR_IO: a file of @dir cannot be read; -ERR_DAMAGED: it is damaged.
 */
int raw_open(struct tracedat *td, const struct input *in, const char *dir, u32 index,
	     struct error *err) __must_check;

#endif /* SPB_PARSERS_RAWPAGES_H */
