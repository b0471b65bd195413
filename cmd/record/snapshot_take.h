/* SPDX-License-Identifier: GPL-2.0 */
/* Takes a snapshot of this host into one file; docs/snapshot-format.md. */
#ifndef SPB_CMD_SNAPSHOT_TAKE_H
#define SPB_CMD_SNAPSHOT_TAKE_H

#include "replay/base/error.h"

/**
 * snapshot_take - write a snapshot to @path; it appears only when it is whole
 * @quiet: do not say what could not be read
 *
 * What this user may not read is left out, and said with what that costs. Return: 0, -ERR_IO.
 */
int snapshot_take(const char *path, bool quiet, struct error *err) __must_check;

#endif /* SPB_CMD_SNAPSHOT_TAKE_H */
