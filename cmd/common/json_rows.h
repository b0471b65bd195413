/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of CSV tables as JSON objects: numbers are numbers, empty cells null. */
#ifndef SPB_CMD_JSON_ROWS_H
#define SPB_CMD_JSON_ROWS_H

#include <json-c/json.h>

#include "replay/csv/csv_read.h"

/** json_row - one row; @columns: its column table. Return: NULL without memory */
struct json_object *json_row(const struct csv_data *d, const struct csv_table *columns, u32 row);
/** json_rows - all rows as an array */
struct json_object *json_rows(const struct csv_data *d, const struct csv_table *columns);

/** json_say - print @o, which is put, on stdout. Return: 0, or -ERR_IO without memory */
int json_say(struct json_object *o, struct error *err) __must_check;

#endif /* SPB_CMD_JSON_ROWS_H */
