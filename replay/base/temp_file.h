/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files without a name, for what memory should not hold. The folder is named by the caller, who may
 * look at the environment.
 */
#ifndef SPB_REPLAY_TEMP_FILE_H
#define SPB_REPLAY_TEMP_FILE_H

#include <stdio.h>

#include "replay/base/error.h"

/**
 * temp_fd - a file without a name, open for reading and writing
 * @dir: the folder whose disk it takes; NULL: /tmp
 *
 * Return: file descriptor, closed on exec; -1 with errno
 */
int temp_fd(const char *dir);
/** temp_file - the same as a stream. Return: NULL with errno */
FILE *temp_file(const char *dir);
/** temp_error - errno after one that could not be made. Return: -ERR_IO */
int temp_error(const char *dir, struct error *err);

#endif /* SPB_REPLAY_TEMP_FILE_H */
