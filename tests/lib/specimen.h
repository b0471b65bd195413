/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small capture to be damaged in chosen places, and what must then be read of it.
 */
#ifndef TESTS_LIB_SPECIMEN_H
#define TESTS_LIB_SPECIMEN_H

#include "tests/lib/read_capture.h"

#define SPECIMEN_EVENTS 600
#define SPECIMEN_CPUS 2

/** struct specimen - a capture in memory: @len @bytes, and the events @v that it holds */
struct specimen {
	struct seen_event *v;
	char *bytes;
	size_t len;
};

/** specimen_path - where it is written to be read */
extern char specimen_path[512];

/** specimen_begin, specimen_end - of a group of tests: the folder of that file */
int specimen_begin(void **state);
int specimen_end(void **state);

struct specimen specimen_make(const struct trace_writer_opts *opts);
void specimen_free(struct specimen *s);

/** specimen_find - offset of @needle (@len bytes) from @from on; the test fails without one */
size_t specimen_find(const struct specimen *s, size_t from, const void *needle, size_t len);
/** specimen_head_offset - where version 7 has the offset of the first options */
size_t specimen_head_offset(const struct specimen *s);

/** specimen_one_line - is the message one line with file and hint? */
void specimen_one_line(const struct read_capture *rc);
/** specimen_prefixes - is what was read of each CPU what that CPU wrote first? */
void specimen_prefixes(const struct read_capture *rc, const struct specimen *s);
/** specimen_damaged - read it: damaged, a message with @words, and the first events, @nr in all */
void specimen_damaged(const struct specimen *s, const char *words, u64 nr);

#endif /* TESTS_LIB_SPECIMEN_H */
