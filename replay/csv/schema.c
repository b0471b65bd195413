// SPDX-License-Identifier: GPL-2.0
#include "replay/csv/schema.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
	[CSV_UINT] = "uint64", [CSV_SINT] = "int64", [CSV_HEX] = "hex", [CSV_MILLI] = "decimal",
	[CSV_SMILLI] = "decimal", [CSV_TEXT] = "text", [CSV_EMPTY] = "empty",
	[CSV_NUMBER] = "number",
};

static const char *const merge_names[] = {
	[MERGE_NONE] = "none", [MERGE_SUM] = "sum", [MERGE_MAX] = "max", [MERGE_POOL] = "pool",
};

/* A member that json-c has no memory for must not go missing in silence. */
static bool add(struct json_object *to, const char *key, struct json_object *value)
{
	if (to && value && !json_object_object_add(to, key, value))
		return true;
	json_object_put(value);
	return false;
}

static bool append(struct json_object *to, struct json_object *value)
{
	if (to && value && !json_object_array_add(to, value))
		return true;
	json_object_put(value);
	return false;
}

static bool add_text(struct json_object *to, const char *key, const char *text)
{
	return add(to, key, json_object_new_string(text));
}

static struct json_object *column(const struct csv_column *c)
{
	struct json_object *o = json_object_new_object();

	if (add_text(o, "name", c->name) && add_text(o, "type", type_names[c->type]) &&
	    add_text(o, "unit", c->unit) && add_text(o, "zones_together", merge_names[c->merge]) &&
	    add_text(o, "meaning", c->doc))
		return o;
	json_object_put(o);
	return NULL;
}

static struct json_object *file(const struct csv_table *t)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	bool ok = list != NULL;

	for (size_t i = 0; i < t->nr_columns && ok; i++)
		ok = append(list, column(&t->columns[i]));
	ok = ok && add_text(o, "file", t->file) && add_text(o, "row", t->doc);
	if (ok && add(o, "columns", list))
		return o;
	if (!ok)
		json_object_put(list);
	json_object_put(o);
	return NULL;
}

char *schema_text(const struct csv_table *const *tables, size_t nr)
{
	struct json_object *root = json_object_new_object();
	struct json_object *list = json_object_new_array();
	bool ok = add(root, "schema_version", json_object_new_int(SCHEMA_VERSION));
	const char *text = NULL;
	char *copy;

	for (size_t i = 0; i < nr && ok; i++)
		ok = append(list, file(tables[i]));
	ok = add(root, "files", list) && ok;
	if (ok)
		text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
						      JSON_C_TO_STRING_SPACED |
						      JSON_C_TO_STRING_NOSLASHESCAPE);
	copy = text ? malloc(strlen(text) + 2) : NULL;
	if (copy) {
		strcpy(copy, text);
		strcat(copy, "\n");
	}
	json_object_put(root);
	return copy;
}
