/* SPDX-License-Identifier: GPL-2.0 */
/* Copies of pipes: readers need files they can seek in and open more than once. */
#ifndef SPB_CMD_SPOOL_H
#define SPB_CMD_SPOOL_H

#include "replay/base/error.h"

/** spool_folder - $TMPDIR, or /tmp: the disk for what memory should not hold */
const char *spool_folder(void);

/**
 * spool_copy - copy all of @fd to an unlinked temporary file in $TMPDIR or /tmp
 * @max: bytes it may have at most: more is -ERR_DAMAGED; @name: of the input, for messages
 *
 * Return: file descriptor of the copy, or a negative code.
 */
int spool_copy(int fd, u64 max, const char *name, struct error *err) __must_check;

#endif /* SPB_CMD_SPOOL_H */
