/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event log (.spblog): writer and reader. docs/log-format.md is the format; this header is the
 * interface. A log is written once, front to back, and read by blocks of events; it lives in a
 * file or in memory (compare on a capture never touches the disk).
 */
#ifndef SPB_REPLAY_LOG_H
#define SPB_REPLAY_LOG_H

#include <stdio.h>

#include "replay/base/error.h"
#include "replay/log/event.h"

/** struct log_zone - one memory zone of the recorded host; pfns and pages */
struct log_zone {
	u32 node;
	char name[16];
	u64 start_pfn;
	u64 spanned;
};

/** struct log_lost - losses of one CPU: known events, and gaps whose size is unknown */
struct log_lost {
	u32 cpu;
	u64 events;
	u64 unknown_gaps;
};

#ifndef LOG_MAX_CPUS	/* fuzzing: fewer */
#define LOG_MAX_CPUS 4096
#endif
#define LOG_MAX_ZONES 1024

/**
 * struct log_meta - what a log knows about its capture (the JSON header)
 *
 * Set by the parser: everything down to @lost. Kept by the writer itself: @nr_events and below.
 * Strings are owned by the meta and may be NULL when unknown.
 *
 * @host: node name; @kernel: release; @clock: trace clock; @machine: architecture
 * @source: file name of the capture; @source_hash: XXH64 (seed 0) of its bytes, hex
 * @format: "trace.dat v7 zstd", ...
 * @page_size: bytes; @pageblock_order: 0 when unknown; @nr_cpus: CPUs in the capture
 * @zones: zone table when known; @nr_zones 0 otherwise
 * @partial: the capture was damaged or cut; @partial_why says where
 * @lost: per CPU
 * @count: events by kind; @first_time, @last_time: ns
 * @equal_stamps: events whose time equals the previous event's
 * @causality: mm_page_alloc of a page that is live (allocated, not freed) in the capture
 * @frees_matched, @frees_total: mm_page_free whose mm_page_alloc lies inside the capture
 */
struct log_meta {
	char *host;
	char *kernel;
	char *machine;
	char *clock;
	char *source;
	char *source_hash;
	char *format;
	char *buffer;
	u64 source_size;
	u32 page_size;
	u32 pageblock_order;
	u32 nr_cpus;
	u32 nr_zones;
	struct log_zone *zones;
	bool partial;
	char *partial_why;
	u32 nr_lost;
	struct log_lost *lost;

	u64 nr_events;
	u64 count[NR_EVENT_KINDS];
	u64 unknown_events;
	u64 first_time;
	u64 last_time;
	u64 equal_stamps;
	u64 causality;
	u64 frees_matched;
	u64 frees_total;
};

/** log_meta_set - replace string @field (one of the char * above) by a copy of @value */
int log_meta_set(char **field, const char *value) __must_check;
/** log_meta_fini - free what the meta owns */
void log_meta_fini(struct log_meta *meta);
/** log_meta_copy - deep copy. Return: 0 or -ENOMEM (then @to is empty) */
int log_meta_copy(struct log_meta *to, const struct log_meta *from) __must_check;

/* ---- writing ---- */

struct log_writer;
struct log_image;	/* a finished log in memory */

/** log_writer_new - start a log; the body is spooled until log_writer_save() or _image() */
struct log_writer *log_writer_new(struct error *err);
void log_writer_free(struct log_writer *w);
/**
 * log_writer_temp - before the first event: where more than memory should hold is put
 * @dir: a folder; must live as long as the log and its image. NULL: /tmp
 */
void log_writer_temp(struct log_writer *w, const char *dir);
/**
 * log_writer_anonymize - before the first task: write no pids, command lines, host or file names
 *
 * Others stand in their place, the same ones for the same names all through the log (log_anon.h).
 */
int log_writer_anonymize(struct log_writer *w, struct error *err) __must_check;
/** log_writer_meta - the meta to fill in before saving; owned by the writer */
struct log_meta *log_writer_meta(struct log_writer *w);

/** log_writer_task - id of task (pid, comm); the same pair gives the same id */
u32 log_writer_task(struct log_writer *w, u32 pid, const char *comm);
/** log_writer_string - id of a string (zone names of SPB events) */
u32 log_writer_string(struct log_writer *w, const char *s, size_t len);

/**
 * log_writer_threads - encode in @nr threads, beside the caller's; before the first event
 *
 * The log is the same for any number. Return: 0 or negative enum err_code.
 */
int log_writer_threads(struct log_writer *w, u32 nr, struct error *err) __must_check;

/**
 * struct block_watch - somebody who looks at the events of a log while it is written
 * @block: called for each block, in their order: by the writer's caller, or in a thread of its own
 *	when the writer has threads. All calls are over when log_writer_image() or _save() return
 * @restart: log_writer_reset(): the blocks so far are forgotten
 */
struct block_watch {
	void (*block)(void *ctx, const struct event_block *b);
	void (*restart)(void *ctx);
	void *ctx;
};

/** log_writer_watch - let @watch look on; copied. Before log_writer_threads() */
void log_writer_watch(struct log_writer *w, const struct block_watch *watch);

/**
 * log_writer_discard - count events but keep none, from now on; before the first event
 *
 * For measuring what comes before the log. The log then has no events.
 */
void log_writer_discard(struct log_writer *w);

/**
 * log_writer_reset - forget all events, as if none had been added; ids and threads stay
 *
 * Return: 0 or the error that sticks.
 */
int log_writer_reset(struct log_writer *w, struct error *err) __must_check;

/**
 * log_writer_add - append one event; times must not go backwards
 *
 * Return: 0 or a negative enum err_code. An error sticks: later calls return it again.
 */
int log_writer_add(struct log_writer *w, const struct event *ev, struct error *err);

/**
 * log_writer_block - the block that takes the next events, to append many at once
 *
 * Fill in the columns of rows nr, nr + 1, ... (nr is less than EVENT_BLOCK_MAX, the rows must end
 * there) and their words behind nr_extra; then call log_writer_added().
 */
struct event_block *log_writer_block(struct log_writer *w);

/**
 * log_writer_added - append @nr rows with @nr_words extra words that log_writer_block() now holds
 *
 * Return: as log_writer_add(). The block may be another one afterwards.
 */
int log_writer_added(struct log_writer *w, u32 nr, u32 nr_words, struct error *err) __must_check;

/**
 * log_writer_save - finish and write the log to @path
 * @path: file name, or "-" for standard output
 *
 * Writes to a temporary name beside @path, fsync, rename; on error nothing is left under @path.
 */
int log_writer_save(struct log_writer *w, const char *path, struct error *err) __must_check;

/** log_writer_image - finish and hand the log over in memory; read it with log_reader_open_image */
struct log_image *log_writer_image(struct log_writer *w, struct error *err);
void log_image_free(struct log_image *img);
/** log_image_bytes - encoded size of the image */
u64 log_image_bytes(const struct log_image *img);

/* ---- reading ---- */

struct log_reader;

/** log_sniff - do these first bytes begin a log? */
bool log_sniff(const void *bytes, size_t len);

/**
 * log_reader_open - open a log file
 * @strict: refuse a damaged log; otherwise the valid prefix is read and meta->partial is set
 *
 * Return: NULL with @err set (ERR_DAMAGED, ERR_IO). Readers of one image or file are independent
 * of each other and may run in different threads.
 */
struct log_reader *log_reader_open(const char *path, bool strict, struct error *err);
struct log_reader *log_reader_open_image(const struct log_image *img, struct error *err);
void log_reader_free(struct log_reader *r);
const struct log_meta *log_reader_meta(const struct log_reader *r);

/**
 * log_reader_next - decode the next block
 * @b: initialised with event_block_init()
 *
 * Return: 1 with a block, 0 at the end, negative enum err_code. A damaged frame ends the log
 * (0) unless strict; log_reader_meta()->partial then says so.
 */
int log_reader_next(struct log_reader *r, struct event_block *b, struct error *err) __must_check;
/** log_reader_rewind - start again with the first block */
int log_reader_rewind(struct log_reader *r, struct error *err) __must_check;
/**
 * log_reader_seek - go to the frame that holds the first event at or after @time_ns
 *
 * Uses the seek table, or scans the frame headers when the table is missing. The next block may
 * begin before @time_ns. Return: 0 or negative enum err_code.
 */
int log_reader_seek(struct log_reader *r, u64 time_ns, struct error *err) __must_check;

/** log_reader_task - pid and comm of a task id seen in a block; comm is "" when unknown */
void log_reader_task(const struct log_reader *r, u32 task, u32 *pid, const char **comm);
/** log_reader_string - text of a string id */
const char *log_reader_string(const struct log_reader *r, u32 id);

#endif /* SPB_REPLAY_LOG_H */
