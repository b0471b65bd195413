/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of a CSV file as a table of the report. */
#ifndef SPB_CMD_REPORT_ROWS_H
#define SPB_CMD_REPORT_ROWS_H

#include "cmd/report/report_page.h"

#define REPORT_ROWS_MAX 200	/* shown of a file, shared by the variants */

/** enum row_cell - text, count, index, or time as seconds since the first sample */
enum row_cell { ROW_TEXT, ROW_NUMBER, ROW_ID, ROW_TIME };

/** struct row_column - @name: column of the file; @head: what people call it */
struct row_column {
	const char *name;
	const char *head;
	enum row_cell cell;
};

/** rows_table - the first rows of @table, and how many there are */
void rows_table(struct page *p, enum view_table table, const struct row_column *columns, size_t nr,
		const char *caption);
/** rows_head - the cells of a head */
void rows_head(struct page *p, const struct row_column *columns, size_t nr);

#endif /* SPB_CMD_REPORT_ROWS_H */
