/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Made-up logs for tests of the event log: a stream of events that a seed decides, written as a
 * log, and readers that hold every event against the stream.
 */
#ifndef TESTS_LIB_LOG_CASE_H
#define TESTS_LIB_LOG_CASE_H

#include "replay/log/log.h"
#include "replay/log/log_image.h"

/**
 * struct log_case - the events that a log must give back
 * @ev: events; the task id is an index into the case's tasks, string words are indexes into its
 *	strings (case_comm(), case_string())
 */
struct log_case {
	u32 nr;
	struct event *ev;
};

/** case_new - @nr events of all kinds, extremes included, that depend on @seed alone */
struct log_case case_new(u32 nr, u64 seed);
/**
 * case_of_kinds - the same of the first @nr_kinds kinds alone: logs that are kept know no others
 */
struct log_case case_of_kinds(u32 nr, u64 seed, u32 nr_kinds);
void case_fini(struct log_case *c);

u32 case_pid(u32 task);
const char *case_comm(u32 task);
const char *case_string(u64 id);

/** case_add - give @w the first @nr events */
void case_add(const struct log_case *c, u32 nr, struct log_writer *w);
/** case_writer - a writer that has taken all events */
struct log_writer *case_writer(const struct log_case *c);

/** case_image - a log of small frames of @per_frame events, which the writer cannot make */
struct log_image *case_image(const struct log_case *c, u32 per_frame);

/**
 * case_expect_prefix - read to the end: every event must be the next one of @c
 * @first: index in @c of the first event to come
 * @nr: result, how many came
 *
 * Return: what log_reader_next() returned last.
 */
int case_expect_prefix(const struct log_case *c, struct log_reader *r, u32 first, u32 *nr,
		       struct error *err);

/** log_folder - a new folder for this test program, removed by log_folder_remove() */
const char *log_folder(void);
void log_folder_remove(void);
/** temp_path - path of @name in it, valid until the next call with another @slot (0-3) */
const char *temp_path(u32 slot, const char *name);
/** temp_files - how many files are in it */
u32 temp_files(void);

/** file_bytes - the content of @path, malloc'ed */
u8 *file_bytes(const char *path, size_t *len);
void file_put(const char *path, const void *bytes, size_t len);

#endif /* TESTS_LIB_LOG_CASE_H */
