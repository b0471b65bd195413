/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracing side of a recording: an instance of our own in tracefs, its events and filters, and
 * what the kernel says about them. The top-level buffer and ftrace_enabled are never touched.
 */
#ifndef SPB_CMD_RECORD_HOST_H
#define SPB_CMD_RECORD_HOST_H

#include "parsers/writer/trace_pack.h"
#include "replay/base/cpulist.h"

struct tracefs_instance;

#define HOST_MAX_EVENTS 64u

/**
 * struct host_opts - what to record
 * @buffer_kb: of each CPU; @cpus: NULL: all
 * @page_level: also mm_page_alloc; @moves: also compaction and migration events
 * @min_order: only pages of at least this order; @zone: only pages in it, NULL: all
 */
struct host_opts {
	u32 buffer_kb;
	const struct cpulist *cpus;
	bool page_level;
	bool moves;
	u32 min_order;
	const struct log_zone *zone;
};

/** struct host_event - one event that is recorded; all owned */
struct host_event {
	char *system;
	char *name;
	char *format;
};

/**
 * struct record_host - a set-up instance; texts owned
 * @folder: of the instance
 * @missing: events that this kernel lacks, as words
 * @subbuf_size: bytes of a ring-buffer page
 */
struct record_host {
	struct tracefs_instance *instance;
	char folder[256];
	u32 nr_events;
	struct host_event event[HOST_MAX_EVENTS];
	char missing[256];
	char *header_page;
	char *header_event;
	char *clock;
	u32 subbuf_size;
};

/** host_open - make the instance, stopped. Return: 0; on errors nothing is left in tracefs */
int host_open(struct record_host *h, const struct host_opts *o, struct error *err) __must_check;
/** host_start, host_stop - let events flow */
int host_start(struct record_host *h, struct error *err) __must_check;
void host_stop(struct record_host *h);
/** host_close - remove the instance and free everything */
void host_close(struct record_host *h);

/** host_cpu_file - open file @name of @cpu in the instance. Return: descriptor or -1 */
int host_cpu_file(const struct record_host *h, u32 cpu, const char *name, int flags);
/** host_cpu_stats - the kernel's statistics of @cpu, NULL without them; free() it */
char *host_cpu_stats(const struct record_host *h, u32 cpu);
/** host_cmdlines - "pid comm" lines of all tasks known; free() it, NULL without memory */
char *host_cmdlines(void);

/** host_remove_orphans - remove instances of recordings that were killed. Return: how many */
u32 host_remove_orphans(void);

#endif /* SPB_CMD_RECORD_HOST_H */
