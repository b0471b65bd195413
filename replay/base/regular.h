/* SPDX-License-Identifier: GPL-2.0 */
/* Files that can be read to an end, and whether two names are of one file. */
#ifndef SPB_REPLAY_REGULAR_H
#define SPB_REPLAY_REGULAR_H

#include <sys/stat.h>

#include "replay/base/error.h"

/**
 * regular_check - is @path, links followed, a regular file?
 *
 * Members of the folders that this tool reads are; opening anything else may never end.
 * @path: that which is not there, or not to be seen, is left to whoever opens it
 * @hint: what to do, for the message
 *
 * Return: 0 or -ERR_IO.
 */
int regular_check(const char *path, const char *hint, struct error *err) __must_check;

/** same_file - are both of one file? */
static inline bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

#endif /* SPB_REPLAY_REGULAR_H */
