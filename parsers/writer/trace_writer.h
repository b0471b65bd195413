/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes trace.dat files, version 6 or 7, with page events and superpageblock events that were
 * not recorded but made: scenarios, synthetic load, and the variants of the format that tests
 * need. trace-cmd and KernelShark open them.
 *
 * Pages wait in a temporary file until trace_writer_close(): memory is a few pages a CPU, and the
 * tasks.
 */
#ifndef SPB_PARSERS_TRACE_WRITER_H
#define SPB_PARSERS_TRACE_WRITER_H

#include "replay/base/error.h"
#include "replay/log/event.h"

/**
 * struct trace_writer_opts - which trace.dat; zero or NULL means the default
 * @version: 6 or 7 (default)
 * @zstd: compress (version 7 only)
 * @big_endian, @long_size: of the machine that is pretended; long 4 or 8 (default)
 * @subbuf_size: bytes of a ring-buffer page, a power of two, default 4096; the host's pages are as
 *	large
 * @buffer: instance that holds the events, default: the top-level buffer
 * @clock: default "mono"
 * @tsc_mult, @tsc_shift: option TSC2NSEC: ns = ticks * mult >> shift; mult 0: no such option
 * @host, @kernel, @machine: uname; default "host", "6.18.0", "x86_64"
 * @temp_dir: folder in which pages wait; NULL: /tmp
 */
struct trace_writer_opts {
	u32 version;
	bool zstd;
	bool big_endian;
	u32 long_size;
	u32 subbuf_size;
	const char *buffer;
	const char *clock;
	u32 tsc_mult;
	u32 tsc_shift;
	const char *host;
	const char *kernel;
	const char *machine;
	const char *temp_dir;
};

struct trace_writer;

/**
 * trace_writer_open - begin a file
 * @path: its final name; it appears only when trace_writer_close() succeeds
 * @opts: copied, but its strings must live until trace_writer_close(); NULL: all defaults
 *
 * Return: NULL with @err set (ERR_USAGE: impossible options; ERR_IO).
 */
struct trace_writer *trace_writer_open(const char *path, const struct trace_writer_opts *opts,
				       struct error *err);

/**
 * trace_writer_event - append an event to its CPU
 * @ev: time, cpu, kind and the columns of the kind; @ev->task is not used. EVENT_LOST becomes a
 *	mark on the CPU's next page: @ev->extra[0] events lost, 0 = unknown
 * @pid, @comm: the task; @comm may be NULL
 * @name: value of the kind's string field (zone name), NULL where it has none
 *
 * Times of a CPU must not go backwards. Return: 0 or a negative enum err_code (ERR_USAGE, ERR_IO).
 */
int trace_writer_event(struct trace_writer *w, const struct event *ev, u32 pid, const char *comm,
		       const char *name, struct error *err) __must_check;

/** trace_writer_close - write the file and free the writer, also on error */
int trace_writer_close(struct trace_writer *w, struct error *err) __must_check;
/** trace_writer_abort - free the writer; no file is left */
void trace_writer_abort(struct trace_writer *w);

#endif /* SPB_PARSERS_TRACE_WRITER_H */
