/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace.dat: what a file of version 6 or 7 holds, without the events themselves. The formats are
 * trace-cmd.dat.v6(5) and trace-cmd.dat.v7(5) of trace-cmd.
 */
#ifndef SPB_PARSERS_TRACEDAT_H
#define SPB_PARSERS_TRACEDAT_H

#include "parsers/comms.h"
#include "parsers/cpustream.h"
#include "parsers/cursor.h"

#define TRACEDAT_MAX_BUFFERS 256u
#define TRACEDAT_MAX_STATS 65536u

/** enum tracedat_option - ids of options and, in v7, of sections */
enum tracedat_option {
	OPTION_DONE = 0,
	OPTION_CPUSTAT = 2,
	OPTION_BUFFER = 3,
	OPTION_TRACECLOCK = 4,
	OPTION_UNAME = 5,
	OPTION_CPUCOUNT = 8,
	OPTION_TSC2NSEC = 14,
	OPTION_STRINGS = 15,
	OPTION_HEADER_INFO = 16,
	OPTION_FTRACE_EVENTS = 17,
	OPTION_EVENT_FORMATS = 18,
	OPTION_KALLSYMS = 19,
	OPTION_PRINTK = 20,
	OPTION_CMDLINES = 21,
	OPTION_MODULES = 25,
};

/** struct tracedat_cpu - where the pages of one CPU lie; bytes in the file */
struct tracedat_cpu {
	u32 id;
	u64 offset;
	u64 size;
};

/**
 * struct tracedat_buffer - the top-level buffer (name "") or an instance
 * @clock: NULL when the file does not say
 * @page_size: bytes of a sub-buffer
 * @cpu: in order of their ids; @nr_cpus of them
 */
struct tracedat_buffer {
	char *name;
	char *clock;
	u32 page_size;
	bool compressed;
	u32 nr_cpus;
	struct tracedat_cpu *cpu;
};

/** struct tracedat_stat - events that the kernel says it lost on one CPU of one buffer */
struct tracedat_stat {
	char *buffer;
	u32 cpu;
	u64 lost;
};

/**
 * enum tracedat_flags - how to open
 * @TRACEDAT_SALVAGE: look for the parts of a damaged file anywhere in it
 * @TRACEDAT_METADATA: what the events look like is enough, CPU data may be missing
 */
enum tracedat_flags {
	TRACEDAT_SALVAGE = 1,
	TRACEDAT_METADATA = 2,
};

/**
 * struct tracedat - an open file
 * @flags: enum tracedat_flags
 * @version: 6 or 7
 * @long_size: as in the head: of the program that wrote the file, not of the kernel
 * @page_size: as in the head, or that of @layout where the head cannot be right
 * @compression: name of the method; @how: the method
 * @layout: pages of the kernel that wrote the file; size is that of header_page
 * @body: offset behind the head
 * @nr_cpus: as in the head or in the CPUCOUNT option
 * @damage: the first damage met that did not stop the reading; code ERR_NONE: none
 * @stat_buffer: buffer that the CPUSTAT options seen now belong to
 */
struct tracedat {
	const struct input *in;
	u32 flags;
	u32 version;
	bool big_endian;
	char compression[16];
	enum unpack_how how;
	u8 long_size;
	u32 page_size;
	struct page_layout layout;
	u64 body;
	struct decoder *dec;
	struct comms comms;
	char *uname;
	char *clock;
	u32 nr_cpus;
	struct tsc_scale tsc;
	u32 nr_buffers;
	struct tracedat_buffer *buffer;
	u32 nr_stats;
	struct tracedat_stat *stat;
	char *stat_buffer;
	struct error damage;
};

#define TRACEDAT_MAGIC_LEN ((size_t)10)
/** tracedat_magic - the first bytes of every trace.dat */
extern const u8 tracedat_magic[TRACEDAT_MAGIC_LEN];
/** tracedat_sniff - do these bytes begin a trace.dat file? */
bool tracedat_sniff(const void *bytes, size_t len);

/** tracedat_is - does the file begin as a trace.dat? */
bool tracedat_is(const struct input *in);

/**
 * tracedat_open - read everything but the events
 * @td: filled in; tracedat_close() it in any case
 *
 * Return: 0 (look at td->damage), or a negative enum err_code when no event could be read.
 */
int tracedat_open(struct tracedat *td, const struct input *in, u32 flags,
		  struct error *err) __must_check;
void tracedat_close(struct tracedat *td);

/* ---- for the readers of the two versions ---- */

/** tracedat6_read, tracedat7_read - the part behind the head */
int tracedat6_read(struct tracedat *td, struct error *err) __must_check;
int tracedat7_read(struct tracedat *td, struct error *err) __must_check;

/** tracedat_damage - err_set() with the usual words: "FILE: @what is damaged (offset N) - ..." */
int tracedat_damage(const struct tracedat *td, struct error *err, const char *what, u64 offset);

/**
 * tracedat_disagree - note that two parts of the file contradict each other
 *
 * "FILE: ... (offset N) - ..." goes to td->damage, and reading goes on with what can be right.
 */
void tracedat_disagree(struct tracedat *td, u64 offset, const char *fmt, ...) __printf(3, 4);

/** tracedat_is_page - does a page of events lie at @at? Zeroes are none */
bool tracedat_is_page(const struct tracedat *td, u64 at);

/**
 * tracedat_check_ranges - hold the places of CPU data against each other and against the file
 *
 * Behind them no other capture may begin.
 *
 * Return: 0 (look at td->damage) or -ERR_IO (no memory).
 */
int tracedat_check_ranges(struct tracedat *td, struct error *err) __must_check;

/** tracedat_parse_header_page - what the file header_page says; false when it is damaged */
bool tracedat_parse_header_page(const char *text, struct page_layout *layout);
/** tracedat_read_header_pages - header_page and header_event */
int tracedat_read_header_pages(struct tracedat *td, struct cursor *c, struct error *err)
	__must_check;
/** tracedat_read_formats - systems and their events; decodes those that are wanted */
int tracedat_read_formats(struct tracedat *td, struct cursor *c, struct error *err) __must_check;
/** tracedat_read_cmdlines - u64 length and the saved command lines */
int tracedat_read_cmdlines(struct tracedat *td, struct cursor *c, struct error *err) __must_check;
/** tracedat_skip_sized - u32 length and that many bytes */
void tracedat_skip_sized(struct cursor *c);

/**
 * tracedat_read_option - take what an option of both versions says; others are left alone
 * @c: the option's data, exactly
 */
int tracedat_read_option(struct tracedat *td, u32 id, struct cursor *c, struct error *err)
	__must_check;

/** tracedat_add_buffer - a new buffer with room for @nr_cpus; takes over @name. NULL: no memory */
struct tracedat_buffer *tracedat_add_buffer(struct tracedat *td, char *name, u32 nr_cpus);

/** tracedat_current_clock - the clock in brackets in "[local] global ...", copied; or all of it */
char *tracedat_current_clock(const char *text);

#endif /* SPB_PARSERS_TRACEDAT_H */
