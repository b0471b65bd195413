// SPDX-License-Identifier: GPL-2.0
#include "replay/outcome/runjson_read.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/base/hash.h"
#include "replay/base/regular.h"

#define DEPTH 32
#define HINT "give the folder that compare -o or replay -o wrote"

static char *load(const char *path, size_t *len, struct error *err)
{
	char *text = NULL;
	FILE *f;

	if (regular_check(path, HINT, err))
		return NULL;
	f = fopen(path, "rbe");
	if (!f) {
		err_set(err, ERR_IO, "%s: cannot read: %s - " HINT, path, strerror(errno));
		return NULL;
	}
	text = malloc(RUNJSON_MAX + 1);
	if (!text)
		err_nomem(err, path);
	else
		*len = fread(text, 1, RUNJSON_MAX + 1, f);
	if (text && (ferror(f) || *len > RUNJSON_MAX)) {
		err_set(err, ERR_IO, "%s: cannot read all of it - " HINT, path);
		free(text);
		text = NULL;
	}
	(void)fclose(f);
	return text;
}

static int parse(struct json_object **run, const char *path, const char *text, size_t len,
		 struct error *err)
{
	struct json_tokener *tok = json_tokener_new_ex(DEPTH);
	int ret = 0;

	if (!tok)
		return err_nomem(err, path);
	*run = json_tokener_parse_ex(tok, text, (int)len);
	/* json-c tells want of memory by nothing but the lack of a reason. */
	if (!*run && !json_tokener_get_parse_end(tok) &&
	    json_tokener_get_error(tok) == json_tokener_success)
		ret = err_nomem(err, path);
	else if (!*run || !json_object_is_type(*run, json_type_object)) {
		ret = err_set(err, ERR_DAMAGED, "%s: not a JSON object (byte %zu) - " HINT, path,
			      json_tokener_get_parse_end(tok));
		json_object_put(*run);
		*run = NULL;
	}
	json_tokener_free(tok);
	return ret;
}

int runjson_read(struct json_object **run, const char *dir, struct error *err)
{
	size_t size = strlen(dir) + sizeof("/run.json"), len = 0;
	char *path = malloc(size);
	char *text;
	int ret;

	if (!path)
		return err_nomem(err, "run.json");
	snprintf(path, size, "%s/run.json", dir);
	text = load(path, &len, err);
	ret = text ? parse(run, path, text, len, err) : -(int)ERR_IO;
	free(text);
	free(path);
	return ret;
}

static const char *member(struct json_object *o, const char *key)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_string))
		return "";
	return json_object_get_string(v);
}

/* The hash of file @name, "" when @run does not tell. */
static const char *hash_of(struct json_object *run, const char *name)
{
	struct json_object *files;

	if (!json_object_object_get_ex(run, "files", &files) ||
	    !json_object_is_type(files, json_type_array))
		return "";
	for (size_t i = 0; i < json_object_array_length(files); i++) {
		struct json_object *file = json_object_array_get_idx(files, i);

		if (!strcmp(member(file, "name"), name))
			return member(file, "xxh64");
	}
	return "";
}

static int compare_hash(const char *path, u64 hash, const char *want, struct error *err)
{
	char have[HASH64_TEXT];

	hash64_text(have, hash);
	if (!want[0] || !strcmp(want, have))
		return 0;
	return err_set(err, ERR_DAMAGED, "%s: xxh64 %s, run.json has %.16s: changed since the run, "
		       "or of another one - run it again", path, have, want);
}

int runjson_check_table(struct json_object *run, const char *name, const struct csv_data *d,
			struct error *err)
{
	return compare_hash(d->path, d->hash, hash_of(run, name), err);
}

static int hash_file(const char *path, u64 *hash, struct error *err)
{
	char buffer[65536];
	struct hash64 h;
	FILE *f;
	size_t n;
	int ret = regular_check(path, HINT, err);

	if (ret)
		return ret;
	f = fopen(path, "rbe");
	if (!f)
		return err_set(err, ERR_IO, "%s: cannot read: %s - " HINT, path, strerror(errno));
	hash64_init(&h);
	while ((n = fread(buffer, 1, sizeof(buffer), f)))
		hash64_update(&h, buffer, n);
	if (ferror(f))
		ret = err_set(err, ERR_IO, "%s: cannot read all of it - " HINT, path);
	(void)fclose(f);
	*hash = hash64_final(&h);
	return ret;
}

static int check_file(const char *dir, const char *name, const char *want, struct error *err)
{
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path;
	u64 hash = 0;
	int ret;

	/* Whoever sent the folder does not choose what else is read here. */
	if (strchr(name, '/'))
		return err_set(err, ERR_DAMAGED, "%s/run.json: names a file of another folder - "
			       HINT, dir);
	path = malloc(size);
	if (!path)
		return err_nomem(err, name);
	snprintf(path, size, "%s/%s", dir, name);
	ret = hash_file(path, &hash, err);
	if (!ret)
		ret = compare_hash(path, hash, want, err);
	free(path);
	return ret;
}

int runjson_check_files(struct json_object *run, const char *dir, struct error *err)
{
	struct json_object *files;
	int ret = 0;

	if (!json_object_object_get_ex(run, "files", &files) ||
	    !json_object_is_type(files, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(files) && !ret; i++) {
		struct json_object *file = json_object_array_get_idx(files, i);
		const char *name = member(file, "name"), *want = member(file, "xxh64");

		if (*name && *want)
			ret = check_file(dir, name, want, err);
	}
	return ret;
}
