/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads CSV files back (RFC 4180), whoever wrote them: every length is bounded, every cell is held
 * against the type of its column, and an error names file and line.
 */
#ifndef SPB_REPLAY_CSV_READ_H
#define SPB_REPLAY_CSV_READ_H

#include "replay/csv.h"

#define CSV_READ_BYTES (1U << 30)	/* of a file */
#define CSV_READ_COLUMNS 256
#define CSV_READ_CELL 65536		/* bytes of a cell */

/**
 * struct csv_result - one file in memory
 * @path: for messages; @text: the cells, each with a NUL; @cells: where each begins in @text,
 *	header first; @lines: line of the file where each row begins, header first
 * @nr_columns, @nr_rows: without the header
 * @hash: XXH64 of the bytes
 */
struct csv_result {
	char *path;
	char *text;
	u32 *cells;
	u32 *lines;
	u32 nr_columns;
	u32 nr_rows;
	u64 hash;
};

/**
 * csv_read - read @table's file in folder @dir
 *
 * The header must begin with the columns of @table; more may follow. Cells of number columns are
 * numbers of that kind afterwards, or empty where the type allows it.
 *
 * Return: 0, -ERR_IO (cannot be read), -ERR_DAMAGED (not such a file); then nothing is held.
 */
int csv_read(struct csv_result *d, const char *dir, const struct csv_table *table,
	     struct error *err) __must_check;
void csv_result_fini(struct csv_result *d);

/** csv_result_column - index of column @name, or -1 */
int csv_result_column(const struct csv_result *d, const char *name);
/** csv_result_cell - text of a cell */
static inline const char *csv_result_cell(const struct csv_result *d, u32 row, u32 column)
{
	return d->text + d->cells[(row + 1ULL) * d->nr_columns + column];
}
/** csv_result_text - text of @row under column @name; "" when there is no such column */
const char *csv_result_text(const struct csv_result *d, u32 row, const char *name);
/** csv_result_u64 - number of a cell of type CSV_UINT; digits from the point on are left out */
u64 csv_result_u64(const struct csv_result *d, u32 row, u32 column);
/** csv_result_number - the same by name of the column; 0 when there is no such column */
u64 csv_result_number(const struct csv_result *d, u32 row, const char *name);
/** csv_result_error - @row is not what it should be: "FILE: line N: @what". Return: -ERR_DAMAGED */
int csv_result_error(const struct csv_result *d, u32 row, const char *what, struct error *err);

#endif /* SPB_REPLAY_CSV_READ_H */
