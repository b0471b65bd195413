/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the CSV tables of an outcome have in common: ready-made columns, and the order of their
 * rows. Private to replay/outcome/. A row is a struct that begins with its struct row_key; all
 * its numbers are u64, so that one getter serves every column.
 */
#ifndef SPB_REPLAY_OUTCOME_TABLE_H
#define SPB_REPLAY_OUTCOME_TABLE_H

#include "replay/outcome/outcome_data.h"

#define UINT_COLUMN(row, field, unit, merge, doc) \
	{ #field, CSV_UINT, unit, csv_get_number, offsetof(row, field), merge, doc }
#define HEX_COLUMN(row, field, doc) \
	{ #field, CSV_HEX, "", csv_get_number, offsetof(row, field), MERGE_NONE, doc }
#define MILLI_COLUMN(row, field, unit, merge, doc) \
	{ #field, CSV_MILLI, unit, csv_get_number, offsetof(row, field), merge, doc }
#define TEXT_COLUMN(row, field, doc) \
	{ #field, CSV_TEXT, "", csv_get_text, offsetof(row, field), MERGE_NONE, doc }
/* A number that some rows have not: the field is a struct csv_cell. */
#define CELL_COLUMN(row, field, unit, merge, doc) \
	{ #field, CSV_NUMBER, unit, csv_get_cell, offsetof(row, field), merge, doc }

/** struct table_zone - what rows are made of: one zone under one variant */
struct table_zone {
	const struct outcome *o;
	struct row_key key;
	u32 zone;
	const struct metrics_zone *metrics;
};

/**
 * each_zone - write the rows of every variant and zone, in that order
 * @rows: writes those of one zone with csv_row(). Return: 0 or what csv_row() returned
 */
int each_zone(const struct outcome *o, struct csv_writer *w,
	      int (*rows)(const struct table_zone *t, struct csv_writer *w));

#endif /* SPB_REPLAY_OUTCOME_TABLE_H */
