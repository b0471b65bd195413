/* SPDX-License-Identifier: GPL-2.0 */
/* An output file, looked at before the long work: its folder takes files, nothing is in the way. */
#ifndef SPB_CMD_OUTFILE_H
#define SPB_CMD_OUTFILE_H

#include "cmd/common/inputs.h"

/**
 * enum outfile_use - what may stand at the name, besides a file to be replaced
 * @OUTFILE_PLAIN: nothing
 * @OUTFILE_STREAM: a pipe or a device, to be written into; "-" is standard output
 */
enum outfile_use { OUTFILE_PLAIN, OUTFILE_STREAM };

/**
 * outfile_check - can @path be written? Root must not rename a file over a device
 * @in: what is not to be overwritten, may be NULL
 *
 * Return: 0; -ERR_USAGE for a name that cannot be one, or -ERR_IO; nothing is left behind.
 */
int outfile_check(const char *path, enum outfile_use use, const struct inputs *in,
		  struct error *err) __must_check;

/** outfile_same - are both names of one file? */
bool outfile_same(const char *a, const char *b);

/** outfile_probe - make @path and remove it. Return: 0 or an errno */
int outfile_probe(const char *path);

#endif /* SPB_CMD_OUTFILE_H */
