/* SPDX-License-Identifier: GPL-2.0 */
/* A member of a folder that this tool wrote is a plain file; opening anything else may never end. */
#ifndef SPB_REPLAY_REGULAR_H
#define SPB_REPLAY_REGULAR_H

#include "replay/base/error.h"

/**
 * regular_check - is @path, links followed, a regular file?
 * @path: that which is not there, or not to be seen, is left to whoever opens it
 * @hint: what to do, for the message
 *
 * Return: 0 or -ERR_IO.
 */
int regular_check(const char *path, const char *hint, struct error *err) __must_check;

#endif /* SPB_REPLAY_REGULAR_H */
