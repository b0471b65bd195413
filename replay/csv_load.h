/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CSV tables (RFC 4180) back into memory: what an earlier run wrote, or this one would write.
 */
#ifndef SPB_REPLAY_CSV_LOAD_H
#define SPB_REPLAY_CSV_LOAD_H

#include "replay/csv.h"

#define CSV_LOAD_MAX_BYTES (1ULL << 30)
#define CSV_LOAD_MAX_COLUMNS 256

/**
 * struct csv_data - a table
 * @name: of its file, for messages, owned; @text: its bytes, unquoted in place, owned
 * @header: column names; @cells: cell (row, col) is @cells[row * nr_columns + col]; all point
 *	into @text
 */
struct csv_data {
	char *name;
	char *text;
	const char **header;
	const char **cells;
	u32 nr_columns;
	u32 nr_rows;
};

/**
 * csv_load - read @dir/@file
 *
 * Return: 0; -ERR_IO when it cannot be read; -ERR_DAMAGED when it is no CSV table. @d needs
 * csv_data_fini() either way.
 */
int csv_load(struct csv_data *d, const char *dir, const char *file, struct error *err) __must_check;

/** csv_from_table - what @table says of @data. Return: 0 or -ERR_IO without memory */
int csv_from_table(struct csv_data *d, const struct csv_table *table, const void *data,
		   struct error *err) __must_check;

void csv_data_fini(struct csv_data *d);

/** csv_column - index of column @name, or -1 */
int csv_column(const struct csv_data *d, const char *name);
/** csv_text - cell of @row under @column; "" for a column that is not there */
const char *csv_text(const struct csv_data *d, u32 row, const char *column);
/** csv_u64 - the same as an unsigned number; 0 when it is none */
u64 csv_u64(const struct csv_data *d, u32 row, const char *column);

#endif /* SPB_REPLAY_CSV_LOAD_H */
