/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads CSV (RFC 4180; LF or CRLF) into memory: a table of cells. Cells are unquoted in place.
 */
#ifndef SPB_REPLAY_CSV_SHEET_H
#define SPB_REPLAY_CSV_SHEET_H

#include "replay/error.h"

#define CSV_READ_MAX_BYTES (1ULL << 30)
#define CSV_READ_MAX_COLUMNS 128u
#define CSV_READ_MAX_ROWS (1u << 24)

/**
 * struct csv_sheet - a file in memory; csv_sheet_fini() frees it
 * @path: name for messages, borrowed
 * @text: all cells, each ended by NUL; @cells: row after row, the header first
 * @line: line of the file on which each row begins, for messages
 */
struct csv_sheet {
	const char *path;
	char *text;
	const char **cells;
	u32 *line;
	u32 nr_columns;
	u32 nr_rows;
};

/**
 * csv_sheet_load - read the file @path
 *
 * Every row must have as many cells as the header; empty lines are skipped.
 *
 * Return: 0; -ERR_IO (cannot open, memory); -ERR_DAMAGED (not CSV), @err names file and line.
 */
int csv_sheet_load(struct csv_sheet *d, const char *path, struct error *err) __must_check;
void csv_sheet_fini(struct csv_sheet *d);

/** csv_sheet_cell - cell of @row (0: the header) and @column */
const char *csv_sheet_cell(const struct csv_sheet *d, u32 row, u32 column);
/** csv_sheet_column - index of column @name, or -1 */
int csv_sheet_column(const struct csv_sheet *d, const char *name);

#endif /* SPB_REPLAY_CSV_SHEET_H */
