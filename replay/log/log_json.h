/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct log_meta as the JSON text of a log's header (docs/log-format.md, section 2.1).
 */
#ifndef SPB_REPLAY_LOG_JSON_H
#define SPB_REPLAY_LOG_JSON_H

#include "replay/log/log.h"

/** log_nr_strings - how many char * members struct log_meta has */
extern const size_t log_nr_strings;

/** log_string - the @i-th of them */
char **log_string(struct log_meta *meta, size_t i);
/** log_string_const - the same, to read */
char *const *log_string_const(const struct log_meta *meta, size_t i);

/** log_json_write - @meta as JSON text, malloc'ed, NUL-terminated. Return: NULL without memory */
char *log_json_write(const struct log_meta *meta) __must_check;

/** log_json_nomem - what log_json_read() returns when memory ran out (compare the pointer) */
extern const char log_json_nomem[];

/**
 * log_json_read - fill @meta from @len bytes of JSON text, which may be hostile
 *
 * Return: NULL, or what is wrong (a constant string, log_json_nomem for want of memory); then @meta
 * is empty.
 */
const char *log_json_read(struct log_meta *meta, const char *text, size_t len) __must_check;

#endif /* SPB_REPLAY_LOG_JSON_H */
