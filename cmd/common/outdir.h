/* SPDX-License-Identifier: GPL-2.0 */
/* The output folder, tried before the long work; outcome_write() makes it. */
#ifndef SPB_CMD_OUTDIR_H
#define SPB_CMD_OUTDIR_H

#include "cmd/common/inputs.h"

/**
 * outdir_check - can files be written into @dir, or can it be made?
 * @name: file @i of those that will be, NULL: no more
 * @in: what is not to be overwritten, may be NULL
 *
 * Found out by doing so, and undone. Return: 0, -ERR_USAGE for no name or a file of @in, or -ERR_IO.
 */
int outdir_check(const char *dir, const char *(*name)(u32 i), const struct inputs *in,
		 struct error *err) __must_check;

/** outdir_spares - only that: is no @name in @dir a file of @in? Return: 0 or -ERR_USAGE */
int outdir_spares(const char *dir, const char *(*name)(u32 i), const struct inputs *in,
		  struct error *err) __must_check;

#endif /* SPB_CMD_OUTDIR_H */
