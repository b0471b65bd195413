/* SPDX-License-Identifier: GPL-2.0 */
/*
 * record and snapshot run as root, and need little of what root may do: the rest is given up, and
 * files are made with the rights of whoever owns the folder they go to.
 */
#ifndef SPB_CMD_PRIVILEGES_H
#define SPB_CMD_PRIVILEGES_H

#include "replay/base/error.h"

/**
 * privileges_reduce - give up all capabilities but those in the table there, for good
 *
 * Programs that are started later get what root's programs get. Without root nothing changes.
 */
void privileges_reduce(void);

/**
 * privileges_as_owner - files are made, renamed and removed as by the owner of @file's folder
 *
 * Only when root does it for a folder of another user, and only for this thread. So that user can
 * read what was made there, and a link in that folder leads nowhere that user could not write.
 * Return: 0, or -ERR_IO; privileges_as_self() ends it.
 */
int privileges_as_owner(const char *file, struct error *err) __must_check;
void privileges_as_self(void);

/** privileges_outfile - outfile_check() as that owner: is @file one that can be replaced? */
int privileges_outfile(const char *file, struct error *err) __must_check;

#endif /* SPB_CMD_PRIVILEGES_H */
