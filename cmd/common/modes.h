/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may read and write what this program makes: nobody more than the umask allows, never all the
 * world for writing, and what comes of a private file stays as private: results repeat its names.
 */
#ifndef SPB_CMD_MODES_H
#define SPB_CMD_MODES_H

#include <sys/stat.h>

/** modes_prepare - call first: new files and folders are writable by owner and group at most */
void modes_prepare(void);
/** modes_follow - from here on new files are readable by those only who may read the file @in */
void modes_follow(const struct stat *in);
/** modes_follow_results - the same for the results in the folder @dir */
void modes_follow_results(const char *dir);

#endif /* SPB_CMD_MODES_H */
