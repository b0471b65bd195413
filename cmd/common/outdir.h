/* SPDX-License-Identifier: GPL-2.0 */
/* The output folder, tried before the long work; outcome_write() makes it. */
#ifndef SPB_CMD_OUTDIR_H
#define SPB_CMD_OUTDIR_H

#include "replay/base/error.h"

/**
 * outdir_check - can files be written into @dir, or can it be made?
 *
 * Found out by doing so, and undone. Return: 0, -ERR_USAGE for no name, or -ERR_IO.
 */
int outdir_check(const char *dir, struct error *err) __must_check;

#endif /* SPB_CMD_OUTDIR_H */
