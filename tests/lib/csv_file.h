/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a CSV file back, for tests of what was written. A file that is not RFC 4180, or whose rows
 * have not all as many cells as the header, fails the test.
 */
#ifndef TESTS_LIB_CSV_FILE_H
#define TESTS_LIB_CSV_FILE_H

#include "model/types.h"
#include "tests/lib/temp_folder.h"

/** struct csv_file - header and rows; cell (row, col) is @cells[row * nr_columns + col] */
struct csv_file {
	char *text;
	char **header;
	char **cells;
	u32 nr_columns;
	u32 nr_rows;
};

/** csv_file_load - read @dir/@name */
struct csv_file csv_file_load(const char *dir, const char *name);
void csv_file_fini(struct csv_file *f);
/** csv_file_text - cell of @row under @column, which must exist */
const char *csv_file_text(const struct csv_file *f, u32 row, const char *column);
/** csv_file_u64 - the same, which must be an unsigned number */
u64 csv_file_u64(const struct csv_file *f, u32 row, const char *column);

/** file_load - the bytes of @dir/@name and a NUL; @len may be NULL. Caller frees */
char *file_load(const char *dir, const char *name, size_t *len);


#endif /* TESTS_LIB_CSV_FILE_H */
