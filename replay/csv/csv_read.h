/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CSV (RFC 4180) back into memory, whoever wrote it: an outcome's tables, a manifest, what merge is
 * given. Every length is bounded; an error names file and line.
 */
#ifndef SPB_REPLAY_CSV_READ_H
#define SPB_REPLAY_CSV_READ_H

#include "replay/csv/csv.h"

#define CSV_READ_BYTES (1U << 30)	/* of a file */
#define CSV_READ_COLUMNS 256
#define CSV_READ_CELL 65536		/* bytes of a cell */

/**
 * struct csv_data - a table in memory
 * @path: for messages, owned; @hint: what to do about damage, borrowed
 * @text: the cells, each with a NUL, owned
 * @cells: where each begins in @text, header first; @lines: line of the file where each row
 *	begins, header first
 * @nr_columns, @nr_rows: without the header
 * @hash: XXH64 of the bytes
 * @open_end: the last line has no end (csv_read_any() only)
 */
struct csv_data {
	char *path;
	const char *hint;
	char *text;
	u32 *cells;
	u32 *lines;
	u32 nr_columns;
	u32 nr_rows;
	u64 hash;
	bool open_end;
};

/**
 * csv_read - read @table's file in folder @dir
 *
 * The header must begin with the columns of @table; more may follow. Cells of number columns are
 * numbers of that kind afterwards, or empty where the type allows it.
 *
 * Return: 0, -ERR_IO (cannot be read), -ERR_DAMAGED (not such a file); then nothing is held.
 */
int csv_read(struct csv_data *d, const char *dir, const struct csv_table *table,
	     struct error *err) __must_check;
/**
 * csv_read_any - read a table that people or other programs write
 *
 * Any columns; a byte order mark, empty lines and a last line without its end are no harm.
 *
 * Return: as csv_read().
 */
int csv_read_any(struct csv_data *d, const char *path, struct error *err) __must_check;
/**
 * csv_from_table - what @table says of @data. Return: 0 or -ERR_IO (memory); then nothing is held
 */
int csv_from_table(struct csv_data *d, const struct csv_table *table, const void *data,
		   struct error *err) __must_check;
void csv_data_fini(struct csv_data *d);

/** csv_fits - is @text what a cell of this type holds? */
bool csv_fits(enum csv_type type, const char *text);

/** csv_column - index of column @name, or -1 */
int csv_column(const struct csv_data *d, const char *name);
/** csv_header - name of a column */
static inline const char *csv_header(const struct csv_data *d, u32 column)
{
	return d->text + d->cells[column];
}
/** csv_cell - text of a cell */
static inline const char *csv_cell(const struct csv_data *d, u32 row, u32 column)
{
	return d->text + d->cells[(row + 1ULL) * d->nr_columns + column];
}
/** csv_line - line of the file where @row begins */
static inline u32 csv_line(const struct csv_data *d, u32 row)
{
	return d->lines[row + 1ULL];
}
/** csv_text - text of @row under column @name; "" when there is no such column */
const char *csv_text(const struct csv_data *d, u32 row, const char *name);
/** csv_u64_at - number of a cell; digits from the point on are left out */
u64 csv_u64_at(const struct csv_data *d, u32 row, u32 column);
/** csv_u64 - the same by name of the column; 0 when there is no such column */
u64 csv_u64(const struct csv_data *d, u32 row, const char *name);
/** csv_error - @row is not what it should be: file, @what, line, hint. Return: -ERR_DAMAGED */
int csv_error(const struct csv_data *d, u32 row, const char *what, struct error *err);

#endif /* SPB_REPLAY_CSV_READ_H */
