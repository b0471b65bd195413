/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Folders for files that tests write.
 */
#ifndef SPB_TESTS_TEMP_FOLDER_H
#define SPB_TESTS_TEMP_FOLDER_H

#include <stdbool.h>
#include <stdio.h>

/** temp_folder - a new folder under $TMPDIR or /tmp; caller frees the name */
char *temp_folder(void);
/** temp_folder_remove - delete the folder with the files in it and free the name */
void temp_folder_remove(char *dir);
/** temp_folder_holds - is @f a file without a name in folder @dir? */
bool temp_folder_holds(const char *dir, FILE *f);

#endif /* SPB_TESTS_TEMP_FOLDER_H */
