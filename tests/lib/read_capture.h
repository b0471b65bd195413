/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a capture the whole way, parser and event log, into an array of events with their tasks
 * and names; and makes captures and events for tests.
 */
#ifndef TESTS_LIB_READ_CAPTURE_H
#define TESTS_LIB_READ_CAPTURE_H

#include "parsers/capture.h"
#include "parsers/writer/trace_writer.h"

/** struct seen_event - an event; @name is its string field, NULL where its kind has none */
struct seen_event {
	struct event ev;
	u32 pid;
	char comm[32];
	char name[32];
};

/** struct read_capture - what capture_parse() returned and what it put in the log */
struct read_capture {
	int ret;
	struct error err;
	u64 nr;
	struct seen_event *v;
	struct log_meta meta;
};

/** read_capture - read @path; @opts may be NULL. read_capture_fini() it in any case */
void read_capture(struct read_capture *rc, const char *path, const struct capture_opts *opts);
void read_capture_fini(struct read_capture *rc);

/**
 * make_events - @nr made-up events of all kinds in (time, cpu, index) order, with equal stamps,
 * gaps of seconds and lost-event marks
 * @cpus: ids to use, @nr_cpus of them in rising order
 */
struct seen_event *make_events(u64 nr, const u16 *cpus, u32 nr_cpus);

/** write_capture - write @v to @path; fails the test on any error */
void write_capture(const char *path, const struct trace_writer_opts *opts,
		   const struct seen_event *v, u64 nr);

/** write_file - write bytes to @path; fails the test on any error */
void write_file(const char *path, const void *data, size_t len);

/** assert_same_event - fails the test unless all fields are equal */
void assert_same_event(const struct seen_event *got, const struct seen_event *want);

#endif /* TESTS_LIB_READ_CAPTURE_H */
