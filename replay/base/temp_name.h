/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names that must not outlive this process: of files on their way to their final names. Whoever
 * ends the program in the middle (cmd/common/nomem.c) finds them here.
 */
#ifndef SPB_REPLAY_TEMP_NAME_H
#define SPB_REPLAY_TEMP_NAME_H

#include <stddef.h>

#define TEMP_NAMES_MAX 64	/* at a time; further ones are left behind, as by kill -9 */

/** temp_name_add - @path will be made; borrowed until temp_name_drop() */
void temp_name_add(const char *path);
/** temp_name_drop - @path, the same pointer, has its final name or is gone; NULL is fine */
void temp_name_drop(const char *path);
/** temp_name_at - the name in slot @i below TEMP_NAMES_MAX, or NULL. Safe at any moment */
const char *temp_name_at(size_t i);

#endif /* SPB_REPLAY_TEMP_NAME_H */
