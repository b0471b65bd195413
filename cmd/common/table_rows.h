/* SPDX-License-Identifier: GPL-2.0 */
/* Which figures the table to read shows, and what it calls them; its layouts are in table*.c. */
#ifndef SPB_CMD_TABLE_ROWS_H
#define SPB_CMD_TABLE_ROWS_H

#include <stdio.h>

#include "replay/outcome/outcome.h"

/**
 * enum shown - when a line is shown
 * @DIFFERS: between the variants, or with --full; @BRIEF: always, for single zones too
 * @REQUESTED: unless it is 0 everywhere: then nobody asked
 */
enum shown { DIFFERS, BRIEF, REQUESTED };

/**
 * struct row - one line of the table
 * @metric: name in summary.csv; NULL: @label is the heading of a group
 * @label: what people call it; "(s)" there when the metric is in ns
 * @head: the same in two lines, for the head of a column
 * @shown: when
 */
struct row {
	const char *metric;
	const char *label;
	const char *head[2];
	enum shown shown;
};

#define TABLE_ROWS 32
extern const struct row table_rows[TABLE_ROWS];

/**
 * struct view - a table about to be printed
 * @zone: index or ZONE_ALL; @brief: only brief rows; @full: also rows without a difference
 * @width: columns of the terminal
 */
struct view {
	const struct outcome *o;
	u32 zone;
	bool brief;
	bool full;
	u32 width;
};

/** row_is_shown - in this view? A heading goes with its group */
bool row_is_shown(const struct view *v, const struct row *row);
/** row_value - @row's figure; *@milli: it is in thousandths of what the label says */
u64 row_value(const struct view *v, u32 variant, const struct row *row, bool *milli);

/** table_print_turned - @v with a row a variant, in as many parts as its width asks for */
void table_print_turned(const struct view *v, FILE *out);

#endif /* SPB_CMD_TABLE_ROWS_H */
