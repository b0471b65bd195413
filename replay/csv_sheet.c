// SPDX-License-Identifier: GPL-2.0
#include "replay/csv_sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct scan - a file being cut into cells
 * @at: next byte to read; @to: where the next unquoted byte goes (never beyond @at)
 * @row_cells: cells of the row so far
 */
struct scan {
	struct csv_sheet *d;
	char *at;
	char *to;
	const char *end;
	u32 line;
	u32 row_cells;
	u64 max_cells;
	u64 nr_cells;
	u32 max_rows;
	struct error *err;
};

static int wrong(const struct scan *s, const char *what)
{
	return err_set(s->err, ERR_DAMAGED, "%s: %s (line %u) - correct the CSV text", s->d->path,
		       what, s->line);
}

static int add_cell(struct scan *s, const char *cell)
{
	if (s->nr_cells == s->max_cells) {
		u64 max = s->max_cells ? s->max_cells * 2 : 256;
		const char **cells = realloc(s->d->cells, max * sizeof(*cells));

		if (!cells)
			return err_nomem(s->err, "a CSV file");
		s->d->cells = cells;
		s->max_cells = max;
	}
	if (++s->row_cells > CSV_READ_MAX_COLUMNS)
		return wrong(s, "too many columns");
	s->d->cells[s->nr_cells++] = cell;
	return 0;
}

static int add_row(struct scan *s, u32 line)
{
	struct csv_sheet *d = s->d;

	if (d->nr_rows == s->max_rows) {
		u32 max = s->max_rows ? s->max_rows * 2 : 64;
		u32 *lines = realloc(d->line, max * sizeof(*lines));

		if (!lines)
			return err_nomem(s->err, "a CSV file");
		d->line = lines;
		s->max_rows = max;
	}
	if (d->nr_rows == CSV_READ_MAX_ROWS)
		return wrong(s, "too many rows");
	if (!d->nr_rows)
		d->nr_columns = s->row_cells;
	if (s->row_cells != d->nr_columns)
		return err_set(s->err, ERR_DAMAGED, "%s: %u cells where the header has %u (line "
			       "%u) - correct the CSV text", d->path, s->row_cells, d->nr_columns,
			       line);
	d->line[d->nr_rows++] = line;
	s->row_cells = 0;
	return 0;
}

/* Behind the opening quote: up to the closing one; "" is a quote. */
static int quoted(struct scan *s)
{
	while (s->at < s->end) {
		if (*s->at == '"' && (s->at + 1 == s->end || s->at[1] != '"')) {
			s->at++;
			return 0;
		}
		s->at += *s->at == '"';
		s->line += *s->at == '\n';
		*s->to++ = *s->at++;
	}
	return wrong(s, "a quote is not closed");
}

static bool ends_cell(const struct scan *s)
{
	return s->at == s->end || *s->at == ',' || *s->at == '\n' ||
	       (*s->at == '\r' && (s->at + 1 == s->end || s->at[1] == '\n'));
}

/* One cell and what ends it. @more: a comma came, another cell follows. */
static int read_cell(struct scan *s, bool *more)
{
	char *cell = s->to;
	int ret = 0;

	if (s->at < s->end && *s->at == '"') {
		s->at++;
		ret = quoted(s);
		if (!ret && !ends_cell(s))
			ret = wrong(s, "text behind a closing quote");
	} else {
		while (!ends_cell(s))
			*s->to++ = *s->at++;
	}
	if (ret)
		return ret;
	*more = s->at < s->end && *s->at == ',';
	s->at += s->at < s->end && *s->at == '\r';
	s->at += s->at < s->end;
	*s->to++ = '\0';
	return add_cell(s, cell);
}

static int read_rows(struct scan *s)
{
	while (s->at < s->end) {
		u32 line = s->line;
		bool more = true;
		int ret = 0;

		if (*s->at == '\n' || *s->at == '\r') {
			s->line += *s->at == '\n';
			s->at++;
			continue;
		}
		while (more && !ret)
			ret = read_cell(s, &more);
		s->line++;
		if (!ret)
			ret = add_row(s, line);
		if (ret)
			return ret;
	}
	return s->d->nr_rows ? 0 : wrong(s, "is empty, not even a header");
}

/* The whole file; two bytes more than it has, for the last cell's NUL. */
static char *read_all(const char *path, size_t *len, struct error *err)
{
	FILE *f = fopen(path, "re");
	size_t max = 4096, n;
	char *text;

	*len = 0;
	if (!f) {
		err_set(err, ERR_IO, "%s: cannot open (%s) - check the path", path,
			strerror(errno));
		return NULL;
	}
	text = malloc(max + 2);
	while (text && (n = fread(text + *len, 1, max - *len, f)) > 0) {
		char *grown;

		*len += n;
		if (*len < max)
			continue;
		max *= 2;
		grown = max <= CSV_READ_MAX_BYTES ? realloc(text, max + 2) : NULL;
		if (!grown)
			free(text);
		text = grown;
	}
	if (!text)
		err_set(err, ERR_IO, "%s: out of memory, or larger than %llu MiB - split it", path,
			CSV_READ_MAX_BYTES >> 21);
	else if (ferror(f))
		err_set(err, ERR_IO, "%s: cannot read (%s) - check the path", path,
			strerror(errno));
	if (text && ferror(f)) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

int csv_sheet_load(struct csv_sheet *d, const char *path, struct error *err)
{
	struct scan s = { .d = d, .line = 1, .err = err };
	static const char bom[3] = "\xef\xbb\xbf";
	size_t len;
	int ret;

	*d = (struct csv_sheet){ .path = path };
	d->text = read_all(path, &len, err);
	if (!d->text)
		return -(int)err->code;
	s.at = s.to = d->text;
	s.end = d->text + len;
	if (len >= sizeof(bom) && !memcmp(d->text, bom, sizeof(bom)))
		s.at += sizeof(bom);
	ret = memchr(d->text, '\0', len) ? wrong(&s, "holds a NUL byte") : read_rows(&s);
	if (ret)
		csv_sheet_fini(d);
	return ret;
}

void csv_sheet_fini(struct csv_sheet *d)
{
	free(d->text);
	free(d->cells);
	free(d->line);
	*d = (struct csv_sheet){ 0 };
}

const char *csv_sheet_cell(const struct csv_sheet *d, u32 row, u32 column)
{
	return d->cells[(size_t)row * d->nr_columns + column];
}

int csv_sheet_column(const struct csv_sheet *d, const char *name)
{
	for (u32 i = 0; i < d->nr_columns; i++) {
		if (!strcmp(d->cells[i], name))
			return (int)i;
	}
	return -1;
}
