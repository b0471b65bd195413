// SPDX-License-Identifier: GPL-2.0
#include "replay/csv_load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int damaged(const struct csv_data *d, u64 line, const char *what, struct error *err)
{
	return err_set(err, ERR_DAMAGED, "%s: %s (line %" PRIu64 ") - write the results again",
		       d->name, what, line);
}

/* ---- cells ---- */

/**
 * struct scan - on the way through the text
 * @in, @end: what is left to read; @line: of @in, from 1
 */
struct scan {
	char *in;
	char *end;
	u64 line;
};

/* A quoted cell, without its quotes and with doubled ones single. Return: NULL without an end */
static char *quoted_cell(struct scan *s)
{
	char *start = ++s->in, *out = start;

	while (s->in < s->end) {
		if (*s->in == '"') {
			if (s->in + 1 >= s->end || s->in[1] != '"')
				break;
			s->in++;
		}
		s->line += *s->in == '\n';
		*out++ = *s->in++;
	}
	if (s->in >= s->end)
		return NULL;
	s->in++;
	*out = '\0';
	return start;
}

static char *plain_cell(struct scan *s)
{
	char *start = s->in;

	while (s->in < s->end && *s->in != ',' && *s->in != '\n')
		s->in++;
	return start;
}

/* The next cell; *@last: it ends its row. Return: NULL when the text is not CSV */
static char *next_cell(struct scan *s, bool *last)
{
	char *cell = s->in < s->end && *s->in == '"' ? quoted_cell(s) : plain_cell(s);

	if (!cell || s->in >= s->end || (*s->in != ',' && *s->in != '\n'))
		return NULL;
	*last = *s->in == '\n';
	s->line += *last;
	*s->in++ = '\0';
	return cell;
}

/* ---- rows ---- */

static int read_header(struct csv_data *d, struct scan *s, struct error *err)
{
	bool last = false;

	d->header = calloc(CSV_LOAD_MAX_COLUMNS, sizeof(*d->header));
	if (!d->header)
		return err_nomem(err, d->name);
	while (!last) {
		char *cell = next_cell(s, &last);

		if (!cell || d->nr_columns == CSV_LOAD_MAX_COLUMNS)
			return damaged(d, s->line, "has no header row", err);
		d->header[d->nr_columns++] = cell;
	}
	return 0;
}

static int read_row(struct csv_data *d, struct scan *s, struct error *err)
{
	const u64 line = s->line;
	const char **row = d->cells + (size_t)d->nr_rows * d->nr_columns;

	for (u32 i = 0; i < d->nr_columns; i++) {
		bool last = false;

		row[i] = next_cell(s, &last);
		if (!row[i] || last != (i + 1 == d->nr_columns))
			return damaged(d, line, "a row has not as many cells as the header", err);
	}
	d->nr_rows++;
	return 0;
}

static int read_rows(struct csv_data *d, struct scan *s, struct error *err)
{
	size_t lines = 0;
	int ret = 0;

	/* A row takes a newline at least; quoted ones only make the room larger than needed. */
	for (const char *p = s->in; p < s->end; p++)
		lines += *p == '\n';
	d->cells = lines ? calloc(lines, d->nr_columns * sizeof(*d->cells)) : NULL;
	if (lines && !d->cells)
		return err_nomem(err, d->name);
	while (!ret && s->in < s->end)
		ret = d->nr_rows == lines ? damaged(d, s->line, "is cut", err) :
					    read_row(d, s, err);
	return ret;
}

static int parse(struct csv_data *d, size_t len, struct error *err)
{
	struct scan s = { .in = d->text, .end = d->text + len, .line = 1 };

	if (memchr(d->text, '\0', len))
		return damaged(d, 1, "is not text", err);
	return read_header(d, &s, err) ? -(int)err->code : read_rows(d, &s, err);
}

/* ---- where it comes from ---- */

/* A growing text. */
struct memory {
	char *text;
	size_t len;
	size_t room;
};

static int memory_write(void *ctx, const void *bytes, size_t len)
{
	struct memory *m = ctx;

	if (m->room - m->len < len) {
		size_t room = 2 * m->room + len;
		char *p = room <= CSV_LOAD_MAX_BYTES ? realloc(m->text, room) : NULL;

		if (!p)
			return -(int)ERR_IO;
		m->text = p;
		m->room = room;
	}
	memcpy(m->text + m->len, bytes, len);
	m->len += len;
	return 0;
}

static int read_file(struct memory *m, const char *path, struct error *err)
{
	FILE *f = fopen(path, "rb");
	char buffer[65536];
	size_t n;
	int ret = 0;

	if (!f)
		return err_set(err, ERR_IO, "%s: cannot read (%s) - give the output folder of "
			       "compare or replay", path, strerror(errno));
	while (!ret && (n = fread(buffer, 1, sizeof(buffer), f)))
		ret = memory_write(m, buffer, n);
	if (ret)
		err_set(err, ERR_IO, "%s: too large for memory - replay a shorter --window", path);
	else if (ferror(f))
		ret = err_set(err, ERR_IO, "%s: cannot read (%s) - check the folder", path,
			      strerror(errno));
	fclose(f);
	return ret;
}

int csv_load(struct csv_data *d, const char *dir, const char *file, struct error *err)
{
	const size_t len = strlen(dir) + strlen(file) + 2;
	struct memory m = { 0 };

	*d = (struct csv_data){ .name = malloc(len) };
	if (!d->name)
		return err_nomem(err, file);
	snprintf(d->name, len, "%s/%s", dir, file);
	if (read_file(&m, d->name, err)) {
		free(m.text);
		return -(int)ERR_IO;
	}
	d->text = m.text;
	return m.len ? parse(d, m.len, err) : damaged(d, 1, "is empty", err);
}

int csv_from_table(struct csv_data *d, const struct csv_table *table, const void *data,
		   struct error *err)
{
	struct csv_writer *w = malloc(sizeof(*w));
	struct memory m = { 0 };
	int ret;

	*d = (struct csv_data){ .name = strdup(table->file) };
	if (!w || !d->name) {
		free(w);
		return err_nomem(err, table->file);
	}
	w->write = memory_write;
	w->ctx = &m;
	ret = csv_write(w, table, data);
	free(w);
	d->text = m.text;
	return ret ? err_nomem(err, table->file) : parse(d, m.len, err);
}

void csv_data_fini(struct csv_data *d)
{
	free(d->name);
	free(d->text);
	free(d->header);
	free(d->cells);
	*d = (struct csv_data){ 0 };
}

/* ---- asking it ---- */

int csv_column(const struct csv_data *d, const char *name)
{
	for (u32 i = 0; i < d->nr_columns; i++) {
		if (!strcmp(d->header[i], name))
			return (int)i;
	}
	return -1;
}

const char *csv_text(const struct csv_data *d, u32 row, const char *column)
{
	int i = csv_column(d, column);

	return i < 0 ? "" : d->cells[(size_t)row * d->nr_columns + (u32)i];
}

u64 csv_u64(const struct csv_data *d, u32 row, const char *column)
{
	const char *p = csv_text(d, row, column);
	u64 v = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (u64)(*p - '0'), &v))
			return 0;
	}
	return *p ? 0 : v;
}
