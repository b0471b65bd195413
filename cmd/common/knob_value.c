// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/knob_value.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cmd/common/options.h"
#include "cmd/common/suggest.h"

static const char *knob_name(const void *ctx __unused, size_t i)
{
	return i < nr_knobs ? knob_table[i].name : NULL;
}

void knob_allowed(const struct knob *k, char *text, size_t room)
{
	size_t at = 0;

	switch (k->type) {
	case KNOB_BOOL:
		snprintf(text, room, "true or false");
		return;
	case KNOB_UINT:
		snprintf(text, room, "%" PRIu32 " to %" PRIu32 "%s%s", k->min, k->max,
			 *k->unit ? " " : "", k->unit);
		return;
	case KNOB_ENUM:
		text[0] = '\0';
		for (u32 i = 0; k->values[i] && at < room; i++)
			at += (size_t)snprintf(text + at, room - at, "%s\"%s\"", i ? " or " : "",
					       k->values[i]);
		return;
	}
}

int knob_unknown(const char *origin, const char *key, struct error *err)
{
	const char *near = suggest(key, knob_name, NULL);

	if (near)
		return err_set(err, ERR_USAGE, "%s: unknown knob \"%.80s\" - did you mean \"%s\"?",
			       origin, key, near);
	return err_set(err, ERR_USAGE, "%s: unknown knob \"%.80s\" - 'spbreplay variants -v "
		       "spb-v1-none' lists all", origin, key);
}

int knob_bad_value(const struct knob *k, const char *origin, const char *value, struct error *err)
{
	char allowed[128];

	knob_allowed(k, allowed, sizeof(allowed));
	return err_set(err, ERR_USAGE, "%s: knob \"%s\" cannot be %.80s - allowed: %s", origin,
		       k->name, value, allowed);
}

/* Number of enum value @name, or -1. */
static int enum_index(const struct knob *k, const char *name)
{
	for (int i = 0; k->values[i]; i++) {
		if (!strcmp(k->values[i], name))
			return i;
	}
	return -1;
}

int knob_from_json(const struct knob *k, struct json_object *o, u32 *value, const char *origin,
		   struct error *err)
{
	enum json_type type = json_object_get_type(o);
	int64_t n;
	int i;

	switch (k->type) {
	case KNOB_BOOL:
		if (type != json_type_boolean)
			break;
		*value = (u32)json_object_get_boolean(o);
		return 0;
	case KNOB_UINT:
		n = type == json_type_int ? json_object_get_int64(o) : -1;
		if (n < (int64_t)k->min || n > (int64_t)k->max)
			break;
		*value = (u32)n;
		return 0;
	case KNOB_ENUM:
		i = type == json_type_string ? enum_index(k, json_object_get_string(o)) : -1;
		if (i < 0)
			break;
		*value = (u32)i;
		return 0;
	}
	return knob_bad_value(k, origin, json_object_to_json_string(o), err);
}

static int bool_of(const char *text)
{
	static const char *const words[] = { "false", "true", "0", "1", "off", "on", "no", "yes" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i], text))
			return i & 1;
	}
	return -1;
}

static s64 value_of(const struct knob *k, const char *text)
{
	u64 n;

	if (k->type == KNOB_BOOL)
		return bool_of(text);
	if (k->type == KNOB_ENUM)
		return enum_index(k, text);
	return opts_u64(text, k->name, k->min, k->max, &n, NULL) ? -1 : (s64)n;
}

int knob_from_word(const char *word, const char *origin, struct variant *v, struct error *err)
{
	size_t len = strcspn(word, "=");
	const struct knob *k;
	char name[64];
	s64 value;

	snprintf(name, sizeof(name), "%.*s", (int)len, word);
	if (!word[len])
		return err_set(err, ERR_USAGE, "%.80s: '%s' has no value - write name=value",
			       origin, name);
	k = knob_find(name);
	if (!k)
		return knob_unknown(origin, name, err);
	value = value_of(k, word + len + 1);
	if (value < 0 || knob_set(v, k, (u32)value))
		return knob_bad_value(k, origin, word + len + 1, err);
	return 0;
}

struct json_object *knob_to_json(const struct variant *v, const struct knob *k)
{
	u32 value = knob_get(v, k);

	switch (k->type) {
	case KNOB_BOOL:
		return json_object_new_boolean((json_bool)value);
	case KNOB_ENUM:
		return json_object_new_string(k->values[value]);
	case KNOB_UINT:
		break;
	}
	return json_object_new_int64(value);
}

void knob_to_text(const struct variant *v, const struct knob *k, char *text, size_t room)
{
	u32 value = knob_get(v, k);

	switch (k->type) {
	case KNOB_BOOL:
		snprintf(text, room, "%s", value ? "true" : "false");
		return;
	case KNOB_ENUM:
		snprintf(text, room, "%s", k->values[value]);
		return;
	case KNOB_UINT:
		snprintf(text, room, "%" PRIu32, value);
		return;
	}
}
