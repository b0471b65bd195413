// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* asprintf, memrchr */
#include "cmd/common/variant_json.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/common/builtin.h"
#include "cmd/common/knob_value.h"
#include "cmd/common/suggest.h"
#include "replay/base/regular.h"

#define JSON_DEPTH 4	/* a variant is flat; deeper text is refused before it costs anything */

/**
 * struct chain - where we are while bases are followed
 * @origin: for messages: file name or built-in name
 * @real: resolved path of the file, NULL for a built-in
 * @up: the variant whose base this is
 * @watch: told of each file, may be NULL
 */
struct chain {
	const char *origin;
	const char *real;
	const struct chain *up;
	struct watch *watch;
};

/** struct watch - is @file among those that are read? */
struct watch {
	const struct stat *file;
	bool seen;
};

static int load_ref(const char *ref, const struct chain *up, struct watch *watch,
		    struct variant *v, struct error *err);

int variant_valid(const struct variant *v, const char *where, struct error *err)
{
	const char *wrong = variant_check(v);

	return wrong ? err_set(err, ERR_USAGE, "%s: %s - change the variant", where, wrong) : 0;
}

static int set_text(char *to, size_t room, const char *key, struct json_object *o,
		    const char *origin, struct error *err)
{
	const char *s;
	size_t len;

	if (json_object_get_type(o) != json_type_string)
		return err_set(err, ERR_USAGE, "%s: \"%s\" is not a string - put it in quotes",
			       origin, key);
	s = json_object_get_string(o);
	len = (size_t)json_object_get_string_len(o);
	if (len >= room)
		return err_set(err, ERR_USAGE, "%s: \"%s\" has %zu bytes - at most %zu are allowed",
			       origin, key, len, room - 1);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < ' ')
			return err_set(err, ERR_USAGE, "%s: \"%s\" holds a control character - "
				       "use printable text", origin, key);
	}
	memcpy(to, s, len);
	to[len] = '\0';
	return 0;
}

static int set_knob(const char *key, struct json_object *o, const char *origin, struct variant *v,
		    struct error *err)
{
	const struct knob *k = knob_find(key);
	u32 value;

	if (!k)
		return knob_unknown(origin, key, err);
	if (knob_from_json(k, o, &value, origin, err))
		return -ERR_USAGE;
	if (knob_set(v, k, value))
		return knob_bad_value(k, origin, json_object_get_string(o), err);
	return 0;
}

static int load_base(struct json_object *root, const struct chain *me, struct variant *v,
		     struct error *err)
{
	struct json_object *o;

	variant_init(v);
	if (!json_object_object_get_ex(root, "base", &o))
		return 0;
	if (json_object_get_type(o) != json_type_string || !*json_object_get_string(o))
		return err_set(err, ERR_USAGE, "%s: \"base\" is not a name - give a built-in or a "
			       "file", me->origin);
	return load_ref(json_object_get_string(o), me, me->watch, v, err);
}

/* Members of the object @text, which is valid JSON: its colons outside strings. */
static int nr_members(const char *text, size_t len)
{
	bool string = false;
	int depth = 0, nr = 0;

	for (size_t i = 0; i < len; i++) {
		const char c = text[i];

		if (string && c == '\\')
			i++;
		else if (c == '"')
			string = !string;
		else if (!string)
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		nr += !string && depth == 1 && c == ':';
	}
	return nr;
}

/* json-c keeps the last of two members of one name without a word. */
static int check_once(struct json_object *root, const char *text, size_t len, const char *origin,
		      struct error *err)
{
	const int nr = nr_members(text, len);

	if (json_object_get_type(root) != json_type_object ||
	    json_object_object_length(root) == nr)
		return 0;
	return err_set(err, ERR_USAGE, "%s: %d members, of which %d have the name of one before - "
		       "say each once", origin, nr, nr - json_object_object_length(root));
}

static int not_object(const struct chain *me, struct error *err)
{
	return err_set(err, ERR_USAGE, "%s: not a JSON object - write { \"name\": ..., "
		       "knobs... }", me->origin);
}

static int apply_json(struct json_object *root, const struct chain *me, struct variant *v,
		      struct error *err)
{
	struct json_object *name;
	int ret;

	if (json_object_get_type(root) != json_type_object)
		return not_object(me, err);
	ret = load_base(root, me, v, err);
	if (ret)
		return ret;
	if (!json_object_object_get_ex(root, "name", &name))
		return err_set(err, ERR_USAGE, "%s: \"name\" is missing - name the variant",
			       me->origin);
	v->doc[0] = '\0';
	json_object_object_foreach(root, key, o) {
		if (!strcmp(key, "base"))
			continue;
		if (!strcmp(key, "name"))
			ret = set_text(v->name, sizeof(v->name), key, o, me->origin, err);
		else if (!strcmp(key, "doc"))
			ret = set_text(v->doc, sizeof(v->doc), key, o, me->origin, err);
		else
			ret = set_knob(key, o, me->origin, v, err);
		if (ret)
			return ret;
	}
	if (!*v->name)
		return err_set(err, ERR_USAGE, "%s: \"name\" is empty - name the variant",
			       me->origin);
	return variant_valid(v, me->origin, err);
}

/* Line of byte @at, for messages. */
static u32 line_of(const char *text, size_t at)
{
	u32 line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/* Only white space may follow the object. */
static bool only_space(const char *text, size_t len)
{
	return strspn(text, " \t\r\n") >= len;
}

static int parse_text(const char *text, size_t len, const struct chain *me, struct variant *v,
		      struct error *err)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *root;
	size_t end;
	int ret;

	if (!tok)
		return err_nomem(err, "a variant");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS |
			       JSON_TOKENER_VALIDATE_UTF8);
	/* With the NUL: without it, null or a number at the end could go on. */
	root = json_tokener_parse_ex(tok, text, (int)len + 1);
	end = json_tokener_get_parse_end(tok);
	if (!root && !end && json_tokener_get_error(tok) == json_tokener_success)
		ret = err_nomem(err, "a variant");	/* json-c gives no other sign of it */
	else if (!root && json_tokener_get_error(tok) == json_tokener_error_parse_eof)
		ret = err_set(err, ERR_USAGE, "%s: the JSON text ends too early (line %" PRIu32
			      ") - close it", me->origin, line_of(text, len));
	else if (!root && json_tokener_get_error(tok) == json_tokener_success)
		ret = not_object(me, err);	/* null */
	else if (!root || !only_space(text + end, len - end))
		ret = err_set(err, ERR_USAGE, "%s: not valid JSON (line %" PRIu32 ", byte %zu: %s)"
			      " - correct it", me->origin, line_of(text, end), end,
			      root ? "text after the object" :
			      json_tokener_error_desc(json_tokener_get_error(tok)));
	else
		ret = check_once(root, text, end, me->origin, err);
	if (!ret && root)
		ret = apply_json(root, me, v, err);
	json_object_put(root);
	json_tokener_free(tok);
	return ret;
}

/* Whole file into memory, with a hard maximum: a device or a log must not be swallowed. */
static char *read_text(const char *path, size_t *len, struct error *err)
{
	char *text = malloc(VARIANT_JSON_MAX + 2);
	FILE *f = text ? fopen(path, "re") : NULL;
	bool failed;

	if (!f) {
		if (!text)
			err_nomem(err, "a variant file");
		else
			err_set(err, ERR_IO, "%s: cannot open (%s) - check the path", path,
				strerror(errno));
		free(text);
		return NULL;
	}
	errno = 0;
	*len = fread(text, 1, VARIANT_JSON_MAX + 1, f);
	failed = ferror(f);
	fclose(f);
	text[*len] = '\0';
	if (!failed && *len <= VARIANT_JSON_MAX && !memchr(text, '\0', *len))
		return text;
	if (failed)
		err_set(err, ERR_IO, "%s: cannot read (%s) - check the path", path,
			strerror(errno));
	else if (*len > VARIANT_JSON_MAX)
		err_set(err, ERR_USAGE, "%s: longer than %u bytes - not a variant", path,
			VARIANT_JSON_MAX);
	else
		err_set(err, ERR_USAGE, "%s: holds a NUL byte - not a variant", path);
	free(text);
	return NULL;
}

static int check_chain(const struct chain *me, struct error *err)
{
	u32 depth = 0;

	for (const struct chain *c = me->up; c; c = c->up) {
		if (me->real && c->real && !strcmp(c->real, me->real))
			return err_set(err, ERR_USAGE, "%s: \"base\" leads back to %s - break the "
				       "loop", c->origin, me->origin);
		if (++depth >= VARIANT_BASE_MAX)
			return err_set(err, ERR_USAGE, "%s: more than %d bases one behind the "
				       "other - use fewer", me->origin, VARIANT_BASE_MAX);
	}
	return 0;
}

static void tell(struct watch *watch, const char *path)
{
	struct stat st;

	if (watch && !stat(path, &st) && same_file(&st, watch->file))
		watch->seen = true;
}

static int load_file(const char *path, const struct chain *up, struct watch *watch,
		     struct variant *v, struct error *err)
{
	struct chain me = { .origin = path, .up = up, .watch = watch };
	char *real, *text;
	size_t len;
	int ret;

	tell(watch, path);
	text = read_text(path, &len, err);
	if (!text)
		return -(int)err->code;
	real = realpath(path, NULL);
	me.real = real;
	ret = check_chain(&me, err);
	if (!ret)
		ret = parse_text(text, len, &me, v, err);
	free(real);
	free(text);
	return ret;
}

/* Path of @ref as seen from the file @up; malloc'ed. */
static char *path_from(const char *ref, const struct chain *up)
{
	const char *slash = up && up->real ? strrchr(up->origin, '/') : NULL;
	char *path;

	if (ref[0] == '/' || !slash)
		return strdup(ref);
	if (asprintf(&path, "%.*s%s", (int)(slash - up->origin + 1), up->origin, ref) < 0)
		return NULL;
	return path;
}

static int unknown_variant(const char *ref, const struct chain *up, struct error *err)
{
	const char *near = suggest(ref, builtin_name, NULL);
	char known[256] = "";
	size_t at = 0;

	if (near)
		return err_set(err, ERR_USAGE, "%s%sunknown variant '%.80s' - did you mean %s?",
			       up ? up->origin : "", up ? ": " : "", ref, near);
	for (size_t i = 0; i < nr_builtins && at < sizeof(known); i++)
		at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s", i ? ", " : "",
				       builtin_table[i].name);
	return err_set(err, ERR_USAGE, "%s%sunknown variant '%.80s' - give a JSON file or one of: "
		       "%s", up ? up->origin : "", up ? ": " : "", ref, known);
}

static bool looks_like_file(const char *ref)
{
	size_t len = strlen(ref);

	return strchr(ref, '/') || (len > 5 && !strcmp(ref + len - 5, ".json"));
}

static int load_ref(const char *ref, const struct chain *up, struct watch *watch,
		    struct variant *v, struct error *err)
{
	const struct builtin *b = builtin_find(ref);
	struct chain me = { .origin = ref, .up = up, .watch = watch };
	char *path;
	int ret;

	if (b)
		return parse_text(b->json, strlen(b->json), &me, v, err);
	path = path_from(ref, up);
	if (!path)
		return err_nomem(err, "a variant's path");
	if (looks_like_file(ref) || !access(path, F_OK))
		ret = load_file(path, up, watch, v, err);
	else
		ret = unknown_variant(ref, up, err);
	free(path);
	return ret;
}

const char *variant_words(const char *name)
{
	const char *equals = strchr(name, '=');
	const char *colon = equals ? memrchr(name, ':', (size_t)(equals - name)) : NULL;

	return colon ? colon + 1 : NULL;
}

bool variant_says(const char *words, const char *knob, size_t len)
{
	while (*words) {
		if (strcspn(words, "=,") == len && words[len] == '=' &&
		    !strncmp(words, knob, len))
			return true;
		words += strcspn(words, ",");
		words += *words == ',';
	}
	return false;
}

static int apply_words(const char *spec, const char *words, struct variant *v, struct error *err)
{
	while (*words) {
		const size_t len = strcspn(words, ","), name = strcspn(words, "=,");
		char word[128];

		if (len >= sizeof(word))
			return err_set(err, ERR_USAGE, "%.80s: a knob is too long - write "
				       "name=value,name=value", spec);
		memcpy(word, words, len);
		word[len] = '\0';
		if (knob_from_word(word, spec, v, err))
			return -ERR_USAGE;
		words += len + (words[len] == ',');
		if (variant_says(words, word, name))
			return err_set(err, ERR_USAGE, "%.80s: \"%.*s\" is there twice - say each "
				       "knob once", spec, (int)name, word);
	}
	return variant_valid(v, spec, err);
}

static int load_spec(const char *spec, struct watch *watch, struct variant *v, struct error *err)
{
	const char *words = builtin_find(spec) || !access(spec, F_OK) ? NULL : variant_words(spec);
	char *ref;
	int ret;

	if (!words)
		return load_ref(spec, NULL, watch, v, err);
	if (strlen(spec) >= sizeof(v->name))
		return err_set(err, ERR_USAGE, "%.80s...: longer than %zu letters - put it into a "
			       "JSON file", spec, sizeof(v->name) - 1);
	ref = strndup(spec, (size_t)(words - 1 - spec));
	if (!ref)
		return err_nomem(err, "a variant's name");
	ret = load_ref(ref, NULL, watch, v, err);
	free(ref);
	if (ret)
		return ret;
	snprintf(v->name, sizeof(v->name), "%s", spec);
	return apply_words(spec, words, v, err);
}

int variant_load(const char *spec, struct variant *v, struct error *err)
{
	return load_spec(spec, NULL, v, err);
}

bool variant_reads(const char *spec, const struct stat *file)
{
	struct watch watch = { .file = file };
	struct error err = { 0 };
	struct variant v;

	/* An error is told where the variant is loaded to be used. */
	(void)load_spec(spec, &watch, &v, &err);
	return watch.seen;
}

char *variant_to_json(const struct variant *v)
{
	struct json_object *root = json_object_new_object();
	char *text = NULL;

	if (!root)
		return NULL;
	json_object_object_add(root, "name", json_object_new_string(v->name));
	json_object_object_add(root, "doc", json_object_new_string(v->doc));
	for (size_t i = 0; i < nr_knobs; i++)
		json_object_object_add(root, knob_table[i].name,
				       knob_to_json(v, &knob_table[i]));
	text = strdup(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
						     JSON_C_TO_STRING_SPACED |
						     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
	return text;
}
