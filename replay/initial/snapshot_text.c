// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/snapshot_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/base/regular.h"

#define TEXT_MAX (16U << 20)	/* zoneinfo of 1024 CPUs is about 200 KiB a node */

int text_path(char *out, const char *dir, const char *name, struct error *err)
{
	if ((size_t)snprintf(out, TEXT_NAME_MAX, "%s/%s", dir, name) < TEXT_NAME_MAX)
		return 0;
	return err_set(err, ERR_USAGE, "%.200s...: name too long - use a shorter path", dir);
}

int text_damaged(const struct text *t, const char *what, struct error *err)
{
	return err_set(err, ERR_DAMAGED, "%s: %s (line %u) - take the snapshot again", t->name,
		       what, t->line);
}

static int read_all(FILE *f, struct text *t, struct error *err)
{
	size_t max = 1 << 16, len = 0, n;
	char *bytes = malloc(max + 1);

	/* Files of /proc tell no size: read until the end. */
	while (bytes && (n = fread(bytes + len, 1, max - len, f)) > 0) {
		char *more;

		len += n;
		if (len < max)
			continue;
		max *= 2;
		more = max <= TEXT_MAX ? realloc(bytes, max + 1) : NULL;
		if (!more) {
			free(bytes);
			return err_set(err, ERR_DAMAGED, "%s: larger than %u MiB - this is no copy of a /proc file",
				       t->name, TEXT_MAX >> 21);
		}
		bytes = more;
	}
	if (!bytes)
		return err_nomem(err, t->name);
	if (ferror(f) || memchr(bytes, '\0', len)) {
		free(bytes);
		if (ferror(f))
			return err_set(err, ERR_IO, "%s: cannot read: %s - check the disk",
				       t->name, strerror(errno));
		return err_set(err, ERR_DAMAGED, "%s: not text - take the snapshot again",
			       t->name);
	}
	bytes[len] = '\0';
	if (len) {
		t->bytes = bytes;
		t->cut = bytes[len - 1] != '\n';
	} else {
		free(bytes);
	}
	t->next = t->bytes;
	return 0;
}

int text_load(struct text *t, const char *dir, const char *name, bool required,
		     struct error *err)
{
	FILE *f;
	int rc;

	*t = (struct text){ .bytes = NULL };
	rc = text_path(t->name, dir, name, err);
	if (!rc)
		rc = regular_check(t->name, SNAPSHOT_HINT, err);
	if (rc)
		return rc;
	f = fopen(t->name, "rb");
	if (!f && (required || errno != ENOENT))
		return err_set(err, ERR_IO, "%s: cannot open: %s - " SNAPSHOT_HINT, t->name,
			       strerror(errno));
	if (!f)
		return 0;
	rc = read_all(f, t, err);
	fclose(f);
	return rc;
}

/* The same from a snapshot that is one file. */
int text_take(struct text *t, struct snapshot_file *f, const char *path, const char *name,
		     bool required, struct error *err)
{
	struct snapshot_member *m = snapshot_file_find(f, name);

	*t = (struct text){ .bytes = NULL };
	snprintf(t->name, TEXT_NAME_MAX, "%s: %s", path, name);
	if (!m && required)
		return err_set(err, ERR_DAMAGED, "%s: is not in it - take the snapshot again",
			       t->name);
	if (!m || !m->size)
		return 0;
	if (memchr(m->bytes, '\0', m->size))
		return err_set(err, ERR_DAMAGED, "%s: not text - take the snapshot again",
			       t->name);
	t->bytes = t->next = m->bytes;
	t->cut = m->bytes[m->size - 1] != '\n';
	m->bytes = NULL;
	return 0;
}

char *text_line(struct text *t)
{
	char *line = t->next, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	t->next = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	t->line++;
	return line;
}

bool text_u64(const char **p, int base, u64 *value)
{
	char *end;

	while (isspace((unsigned char)**p))
		(*p)++;
	if (!isxdigit((unsigned char)**p))
		return false;
	errno = 0;
	*value = strtoull(*p, &end, base);
	if (end == *p || errno)
		return false;
	*p = end;
	return true;
}

/* "  key   123" or "  key:   123": the number, when the line has this key. */
bool text_key_value(const char *line, const char *key, u64 *value)
{
	const size_t len = strlen(key);

	while (*line == ' ')
		line++;
	if (strncmp(line, key, len) != 0)
		return false;
	line += len;
	if (*line == ':')
		line++;
	if (*line != ' ')
		return false;
	return text_u64(&line, 10, value);
}
