/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CSV tables (RFC 4180): a table is an array of columns; one row of that array names the column,
 * says what it means and fetches its cell. Headers, cells, documentation and schema all come from
 * the same array. Numbers are printed here, not by printf: no locale, no floating point.
 */
#ifndef SPB_REPLAY_CSV_H
#define SPB_REPLAY_CSV_H

#include "replay/base/error.h"

/**
 * enum csv_type - what a cell holds
 * @CSV_UINT: unsigned decimal; @CSV_SINT: signed decimal; @CSV_HEX: 0x... or empty when 0
 * @CSV_MILLI: thousandths, printed with three decimals; @CSV_SMILLI: the same, signed
 * @CSV_TEXT: UTF-8 text; @CSV_EMPTY: nothing (a cell that has no value in this row)
 * @CSV_NUMBER: a column whose cells are CSV_UINT, CSV_SINT, CSV_MILLI or CSV_SMILLI by row
 */
enum csv_type {
	CSV_UINT,
	CSV_SINT,
	CSV_HEX,
	CSV_MILLI,
	CSV_SMILLI,
	CSV_TEXT,
	CSV_EMPTY,
	CSV_NUMBER,
};

/**
 * struct csv_cell - one value
 * @type: how to print it; @u: CSV_UINT, CSV_HEX, CSV_MILLI; @s: CSV_SINT, CSV_SMILLI
 * @text: CSV_TEXT, borrowed, NULL prints as nothing
 */
struct csv_cell {
	enum csv_type type;
	union {
		u64 u;
		s64 s;
		const char *text;
	};
};

/**
 * enum csv_merge - what several rows (zones, hosts) give together
 * @MERGE_NONE: nothing: a key or a name
 * @MERGE_SUM: their sum; @MERGE_MAX: the largest
 * @MERGE_POOL: computed again over the pooled data (means, percentiles, peaks over time)
 */
enum csv_merge { MERGE_NONE, MERGE_SUM, MERGE_MAX, MERGE_POOL };

/**
 * struct csv_column - one column of a table
 * @name: header; @type: what its cells hold; @unit: "ns", "pages", "" when it has none
 * @get: fetches the cell of @row
 * @offset: of the value in the row, for the ready-made getters
 * @merge: what rows of several zones give together
 * @doc: one line
 */
struct csv_column {
	const char *name;
	enum csv_type type;
	const char *unit;
	struct csv_cell (*get)(const void *row, const struct csv_column *col);
	size_t offset;
	enum csv_merge merge;
	const char *doc;
};

/* Ready-made getters: a u64 (or const char *) at col->offset of the row. */
struct csv_cell csv_get_number(const void *row, const struct csv_column *col);
struct csv_cell csv_get_text(const void *row, const struct csv_column *col);
/* A struct csv_cell at col->offset. */
struct csv_cell csv_get_cell(const void *row, const struct csv_column *col);

struct csv_writer;

/**
 * struct csv_table - one file
 * @file: its name; @doc: one line: what a row is
 * @each: calls csv_row() for every row of @data in the file's order. Return: 0 or what
 *	csv_row() returned
 */
struct csv_table {
	const char *file;
	const char *doc;
	const struct csv_column *columns;
	size_t nr_columns;
	int (*each)(const void *data, struct csv_writer *w);
};

#define CSV_BUFFER 65536

/**
 * struct csv_writer - where text goes
 * @write: takes @len bytes; returns 0 or a negative enum err_code
 * @table: columns of the rows
 * @error: first failure; later calls do nothing and return it
 */
struct csv_writer {
	int (*write)(void *ctx, const void *bytes, size_t len);
	void *ctx;
	const struct csv_table *table;
	int error;
	size_t used;
	char buffer[CSV_BUFFER];
};

/** csv_row - write one row of @w's table. Return: 0 or a negative enum err_code */
int csv_row(struct csv_writer *w, const void *row);

/**
 * csv_write - write header and all rows of @table over @data
 * @w: with @write and @ctx set
 *
 * Return: 0 or a negative enum err_code.
 */
int csv_write(struct csv_writer *w, const struct csv_table *table, const void *data) __must_check;

#define CSV_NUMBER_MAX 32	/* bytes any number needs, with the NUL */

/** csv_format_number - text of a number cell (not CSV_TEXT). Return: its length */
size_t csv_format_number(char out[CSV_NUMBER_MAX], const struct csv_cell *cell);

/**
 * csv_utf8_length - bytes of the valid UTF-8 character at @s, 0 when invalid
 * @len: bytes left
 */
size_t csv_utf8_length(const unsigned char *s, size_t len);

#endif /* SPB_REPLAY_CSV_H */
