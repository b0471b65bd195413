/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packs recorded ring-buffer pages into a trace.dat file, version 6 or 7, with the formats of the
 * kernel that wrote them. The pages lie in files, one a CPU, and are copied through a small
 * buffer, whatever their size.
 */
#ifndef SPB_PARSERS_TRACE_PACK_H
#define SPB_PARSERS_TRACE_PACK_H

#include "replay/base/error.h"

/** struct pack_cpu - @size bytes of pages in @fd; @stats: the kernel's statistics, may be NULL */
struct pack_cpu {
	u32 id;
	int fd;
	u64 size;
	const char *stats;
};

/** struct pack_format - format file of one event */
struct pack_format {
	const char *system;
	const char *text;
};

/**
 * struct trace_pack - what goes in; all borrowed
 * @version: 6 or 7; @zstd: compress, version 7 only
 * @subbuf_size: bytes of a page
 * @header_page, @header_event, @formats: of the events folder; @formats sorted by system
 * @cmdlines: lines of "pid comm"
 * @clock: "local [mono] ...", as trace_clock shows it
 * @uname: "Linux HOST RELEASE MACHINE"
 * @cpus: in order of their ids
 */
struct trace_pack {
	u32 version;
	bool zstd;
	u32 subbuf_size;
	const char *header_page;
	const char *header_event;
	u32 nr_formats;
	const struct pack_format *formats;
	const char *cmdlines;
	const char *clock;
	const char *uname;
	u32 nr_cpus;
	const struct pack_cpu *cpus;
};

/**
 * trace_pack_write - write the file
 * @path: its final name; it appears only when all of it has been written
 *
 * Return: 0 or -ERR_IO.
 */
int trace_pack_write(const struct trace_pack *p, const char *path, struct error *err) __must_check;

#endif /* SPB_PARSERS_TRACE_PACK_H */
