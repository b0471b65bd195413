// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/json_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct csv_column *column_named(const struct csv_table *t, const char *name)
{
	for (size_t i = 0; i < t->nr_columns; i++) {
		if (!strcmp(t->columns[i].name, name))
			return &t->columns[i];
	}
	return NULL;
}

static struct json_object *value(const struct csv_column *col, const char *text)
{
	if (col && (col->type == CSV_TEXT || col->type == CSV_HEX))
		return *text ? json_object_new_string(text) : NULL;
	if (!*text)
		return NULL;
	if (!col)
		return json_object_new_string(text);
	if (strchr(text, '.'))
		return json_object_new_double_s(strtod(text, NULL), text);
	return *text == '-' ? json_object_new_int64(strtoll(text, NULL, 10)) :
			      json_object_new_uint64(strtoull(text, NULL, 10));
}

struct json_object *json_row(const struct csv_data *d, const struct csv_table *columns, u32 row)
{
	struct json_object *o = json_object_new_object();

	for (u32 i = 0; o && i < d->nr_columns; i++) {
		const char *name = csv_header(d, i);

		json_object_object_add(o, name, value(column_named(columns, name),
						      csv_text(d, row, name)));
	}
	return o;
}

struct json_object *json_rows(const struct csv_data *d, const struct csv_table *columns)
{
	struct json_object *list = json_object_new_array();

	for (u32 i = 0; list && i < d->nr_rows; i++)
		json_object_array_add(list, json_row(d, columns, i));
	return list;
}

int json_say(struct json_object *o, struct error *err)
{
	const char *text = o ? json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
							      JSON_C_TO_STRING_SPACED |
							      JSON_C_TO_STRING_NOSLASHESCAPE) :
			       NULL;

	if (text)
		puts(text);
	json_object_put(o);
	return text ? 0 : err_nomem(err, "the JSON text");
}
