/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fuzz targets: each file fuzz_NAME.c takes bytes from outside and holds one reader to its
 * contract. Linked with libFuzzer for "make fuzz T=NAME", with corpus.c to replay known inputs.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "parsers/capture.h"
#include "replay/base/error.h"
#include "replay/log/log.h"

/** LLVMFuzzerTestOneInput - the target; returns 0 */
int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

/** FUZZ_CHECK - abort with the text of @cond unless it holds */
#define FUZZ_CHECK(cond) ((cond) ? (void)0 : fuzz_fail(#cond, __FILE__, __LINE__))
void fuzz_fail(const char *what, const char *file, int line) __attribute__((noreturn));

/**
 * fuzz_taken - the input was accepted whole. A corpus in which none is has fallen behind the format,
 * and tests nothing but the first refusal
 * @way: which of its ways into the code a target took, 0 to 31
 */
void fuzz_taken(unsigned int way);
/** fuzz_ways_taken - bit N set: something was accepted by way N */
u32 fuzz_ways_taken(void);

/** fuzz_path - a file in memory with these bytes; the same path until the next call */
const char *fuzz_path(const u8 *data, size_t len);

/** fuzz_check_error - a reader returned @ret: is @err set like it, and one line with a hint? */
void fuzz_check_error(int ret, const struct error *err);

/** fuzz_check_log - read all events of @r: ordered, of known kinds, as many as it says */
void fuzz_check_log(struct log_reader *r);

/** fuzz_parse - parse a file in memory as a capture; of one in 127, read the log made of it */
void fuzz_parse(const u8 *data, size_t len, const struct capture_opts *opts);

/** fuzz_parse_tracedat - the same for what follows the magic and version 6 or 7 of a trace.dat */
void fuzz_parse_tracedat(u32 version, const u8 *data, size_t len);

#endif /* TESTS_FUZZ_FUZZ_H */
