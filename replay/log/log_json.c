// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of the JSON header, and the guard in front of json-c.
 */
#include "replay/log/log_json.h"

#include <stdlib.h>
#include <string.h>

#include "replay/log/log_json_types.h"

#define JSON_DEPTH 8
/* Objects and arrays cost json-c half a kilobyte each; a full header has this many. */
#define JSON_MAX_CONTAINERS (LOG_MAX_CPUS + LOG_MAX_ZONES + 16)

#define AT(m) offsetof(struct log_meta, m)

/*
 * Sorted by name; this is the order in the file. unknown_events is read before counts, which
 * adds to it, because reading goes backwards.
 */
static const struct meta_key keys[] = {
	{ "buffer", &meta_string, AT(buffer), 0 },
	{ "causality", &meta_u64, AT(causality), ~0ULL },
	{ "clock", &meta_string, AT(clock), 0 },
	{ "counts", &meta_counts, AT(count), ~0ULL },
	{ "demand_levels", &meta_levels, 0, 0 },
	{ "equal_stamps", &meta_u64, AT(equal_stamps), ~0ULL },
	{ "first_time", &meta_u64, AT(first_time), ~0ULL },
	{ "format", &meta_string, AT(format), 0 },
	{ "frees_matched", &meta_u64, AT(frees_matched), ~0ULL },
	{ "frees_total", &meta_u64, AT(frees_total), ~0ULL },
	{ "host", &meta_string, AT(host), 0 },
	{ "kernel", &meta_string, AT(kernel), 0 },
	{ "last_time", &meta_u64, AT(last_time), ~0ULL },
	{ "lost", &meta_lost, AT(lost), 0 },
	{ "machine", &meta_string, AT(machine), 0 },
	{ "nr_cpus", &meta_u32, AT(nr_cpus), LOG_MAX_CPUS },
	{ "nr_events", &meta_u64, AT(nr_events), ~0ULL },
	{ "page_size", &meta_u32, AT(page_size), ~0u },
	{ "pageblock_order", &meta_u32, AT(pageblock_order), ~0u },
	{ "partial", &meta_bool, AT(partial), 0 },
	{ "partial_why", &meta_string, AT(partial_why), 0 },
	{ "source", &meta_string, AT(source), 0 },
	{ "source_hash", &meta_string, AT(source_hash), 0 },
	{ "source_size", &meta_u64, AT(source_size), ~0ULL },
	{ "unknown_events", &meta_u64, AT(unknown_events), ~0ULL },
	{ "zones", &meta_zones, AT(zones), 0 },
};

static const size_t strings[] = {
	AT(host), AT(kernel), AT(machine), AT(clock), AT(source), AT(source_hash), AT(format),
	AT(buffer), AT(partial_why),
};

const size_t log_nr_strings = ARRAY_SIZE(strings);

char **log_string(struct log_meta *meta, size_t i)
{
	return (char **)(void *)((char *)meta + strings[i]);
}

char *const *log_string_const(const struct log_meta *meta, size_t i)
{
	return (char *const *)(const void *)((const char *)meta + strings[i]);
}

char *log_json_write(const struct log_meta *meta)
{
	struct json_object *root = json_object_new_object();
	bool failed = !root;
	const char *text;
	char *copy = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !failed; i++) {
		struct json_object *v = keys[i].type->put(meta, &keys[i], &failed);

		if (v && json_object_object_add(root, keys[i].name, v)) {
			json_object_put(v);
			failed = true;
		}
	}
	if (!failed) {
		text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE);
		copy = text ? strdup(text) : NULL;
	}
	json_object_put(root);
	return copy;
}

/* Count '{' and '[' outside strings before json-c builds anything. */
static bool too_many_containers(const char *text, size_t len)
{
	bool in_string = false;
	u32 nr = 0;

	for (size_t i = 0; i < len; i++) {
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '{' || text[i] == '['))
			nr++;
	}
	return nr > JSON_MAX_CONTAINERS;
}

/* Return: the object, or NULL */
const char log_json_nomem[] = "header: out of memory";

/* @nomem: there was no memory; json-c says so by nothing but the lack of a reason. */
static struct json_object *parse(const char *text, size_t len, bool *nomem)
{
	struct json_tokener *tok;
	struct json_object *root;

	if (!len || len > INT32_MAX || too_many_containers(text, len))
		return NULL;
	tok = json_tokener_new_ex(JSON_DEPTH);
	*nomem = !tok;
	if (!tok)
		return NULL;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	root = json_tokener_parse_ex(tok, text, (int)len);
	*nomem = !root && !json_tokener_get_parse_end(tok) &&
		json_tokener_get_error(tok) == json_tokener_success;
	if (json_tokener_get_error(tok) != json_tokener_success ||
	    json_tokener_get_parse_end(tok) != len ||
	    !json_object_is_type(root, json_type_object)) {
		json_object_put(root);
		root = NULL;
	}
	json_tokener_free(tok);
	return root;
}

const char *log_json_read(struct log_meta *meta, const char *text, size_t len)
{
	bool nomem = false;
	struct json_object *root = parse(text, len, &nomem);
	const char *why = NULL;

	memset(meta, 0, sizeof(*meta));
	if (nomem)
		return log_json_nomem;
	if (!root)
		return "header: not a JSON object, or too deep or large";
	for (size_t i = ARRAY_SIZE(keys); i-- > 0 && !why;) {
		struct json_object *v;

		if (json_object_object_get_ex(root, keys[i].name, &v))
			why = keys[i].type->get(meta, &keys[i], v);
	}
	json_object_put(root);
	if (why)
		log_meta_fini(meta);
	return why;
}
