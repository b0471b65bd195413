// SPDX-License-Identifier: GPL-2.0
#include "replay/csv/csv_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/base/hash.h"
#include "replay/base/regular.h"

static const char outcome_hint[] = "make the outcome again with compare or replay of this version";
static const char any_hint[] = "correct the CSV text";
static const char folder_hint[] = "give the folder that compare or replay of this version wrote";

static int bad_line(const struct csv_data *d, u32 line, const char *what, struct error *err)
{
	return err_set(err, ERR_DAMAGED, "%s: %s (line %u) - %s", d->path, what, line, d->hint);
}

int csv_error(const struct csv_data *d, u32 row, const char *what, struct error *err)
{
	return bad_line(d, csv_line(d, row), what, err);
}

/* ---- the bytes ---- */

/* A growing text, with room for an end of line and a NUL. */
struct memory {
	char *text;
	size_t len;
	size_t room;
};

static int memory_write(void *ctx, const void *bytes, size_t len)
{
	struct memory *m = ctx;

	if (len > CSV_READ_BYTES - m->len)
		return -(int)ERR_IO;
	if (m->room < m->len + len + 2) {
		size_t room = 2 * m->room + len + 2;
		char *p = realloc(m->text, room);

		if (!p)
			return -(int)ERR_IO;
		m->text = p;
		m->room = room;
	}
	memcpy(m->text + m->len, bytes, len);
	m->len += len;
	return 0;
}

static int load_stream(struct memory *m, FILE *f, const char *path, struct error *err)
{
	char buffer[65536];
	size_t n;

	while ((n = fread(buffer, 1, sizeof(buffer), f))) {
		if (memory_write(m, buffer, n))
			return err_set(err, ERR_IO, "%s: is larger than 1 GiB or than memory - "
				       "split it, or take fewer --samples", path);
	}
	if (ferror(f))
		return err_set(err, ERR_IO, "%s: cannot read (%s) - check the path and rights",
			       path, strerror(errno));
	return memory_write(m, "", 0);
}

static int load(struct csv_data *d, struct memory *m, const char *missing, struct error *err)
{
	FILE *f = fopen(d->path, "rbe");
	struct hash64 h;
	int ret;

	if (!f)
		return err_set(err, ERR_IO, "%s: cannot read (%s) - %s", d->path, strerror(errno),
			       missing);
	ret = load_stream(m, f, d->path, err);
	(void)fclose(f);
	d->text = m->text;
	if (ret)
		return ret;
	hash64_init(&h);
	hash64_update(&h, m->text, m->len);
	d->hash = hash64_final(&h);
	return memchr(m->text, 0, m->len) ? bad_line(d, 1, "holds NUL bytes", err) : 0;
}

/* ---- cells ---- */

/**
 * struct cut - the file being cut into cells, in place
 * @p: next byte; @end: behind the last; @line: of @p; @skip_empty: lines are no rows
 * @nr, @max: cells; @nr_lines, @max_lines: rows with the header
 */
struct cut {
	struct csv_data *d;
	char *p;
	char *end;
	bool skip_empty;
	u32 line;
	u64 nr;
	u64 max;
	u64 nr_lines;
	u64 max_lines;
};

static int push(u32 **list, u64 *nr, u64 *max, u32 value)
{
	if (*nr == *max) {
		u64 bigger = *max ? *max * 2 : 256;
		u32 *p = realloc(*list, bigger * sizeof(*p));

		if (!p)
			return -1;
		*list = p;
		*max = bigger;
	}
	(*list)[(*nr)++] = value;
	return 0;
}

/* The text of a quoted cell, moved to @to; @c->p ends behind the closing quote. */
static char *unquote(struct cut *c, char *to)
{
	for (c->p++; *c->p; c->p++) {
		if (*c->p == '"' && *++c->p != '"')
			return to;
		c->line += *c->p == '\n';
		*to++ = *c->p;
	}
	return NULL;
}

/* Cut one cell. Return: the byte that ended it (',' or '\n'), or a negative error */
static int cut_cell(struct cut *c, struct error *err)
{
	char *start = c->p, *end;
	int stop;

	if (*c->p == '"') {
		end = unquote(c, start);
		if (!end)
			return bad_line(c->d, c->line, "a quote is not closed", err);
	} else {
		c->p += strcspn(c->p, ",\n\"");
		end = c->p;
	}
	if (*c->p == '\n' && end > start && end[-1] == '\r')
		end--;
	else if (c->p[0] == '\r' && c->p[1] == '\n')
		c->p++;
	stop = (unsigned char)*c->p;
	if (stop != ',' && stop != '\n')
		return bad_line(c->d, c->line, "a quote inside a cell", err);
	if (end - start > CSV_READ_CELL)
		return bad_line(c->d, c->line, "a cell is too long", err);
	*end = '\0';
	c->p++;
	c->line += stop == '\n';
	if (push(&c->d->cells, &c->nr, &c->max, (u32)(start - c->d->text)))
		return err_nomem(err, c->d->path);
	return stop;
}

static int cut_row(struct cut *c, struct error *err)
{
	u64 before = c->nr;
	u32 line = c->line;
	int stop;

	if (push(&c->d->lines, &c->nr_lines, &c->max_lines, line))
		return err_nomem(err, c->d->path);
	do {
		stop = cut_cell(c, err);
		if (stop < 0)
			return stop;
		if (c->nr - before > CSV_READ_COLUMNS)
			return bad_line(c->d, line, "has too many cells", err);
	} while (stop == ',');
	if (!before)
		c->d->nr_columns = (u32)c->nr;
	else if (c->nr - before != c->d->nr_columns)
		return err_set(err, ERR_DAMAGED, "%s: has %llu cells where the header has %u "
			       "(line %u) - %s", c->d->path,
			       (unsigned long long)(c->nr - before), c->d->nr_columns, line,
			       c->d->hint);
	return 0;
}

/* Bytes of the end of line at @p, 0 when there is none */
static size_t end_of_line(const char *p)
{
	return *p == '\n' ? 1 : p[0] == '\r' && p[1] == '\n' ? 2 : 0;
}

static int cut_all(struct cut *c, struct error *err)
{
	int ret = 0;

	*c->end = '\0';
	while (!ret && c->p < c->end) {
		size_t empty = c->skip_empty ? end_of_line(c->p) : 0;

		if (!empty)
			ret = cut_row(c, err);
		c->p += empty;
		c->line += empty != 0;
	}
	if (!ret)
		c->d->nr_rows = (u32)(c->nr_lines - 1);
	return ret;
}

/* What this tool writes: nothing but rows, and the last one has its end. */
static int cut_exact(struct csv_data *d, size_t len, struct error *err)
{
	struct cut c = { .d = d, .p = d->text, .end = d->text + len, .line = 1 };

	if (!len || c.end[-1] != '\n')
		return err_set(err, ERR_DAMAGED, "%s: is %s - %s", d->path,
			       len ? "cut off: the last line has no end" : "empty", d->hint);
	return cut_all(&c, err);
}

/* ---- types ---- */

static const char *skip_digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* "12", "-12", "12.345" as the flags allow; at most 20 digits, so that it fits what it came from */
static bool is_number(const char *text, bool sign, bool point)
{
	const char *p = text + (sign && *text == '-');
	const char *end = skip_digits(p);

	if (end == p || end - p > 20)
		return false;
	if (point && *end == '.' && skip_digits(end + 1) == end + 4)
		end += 4;
	return !*end;
}

static bool is_hex(const char *text)
{
	return !strncmp(text, "0x", 2) && strlen(text) <= 18 && text[2] &&
	       !text[2 + strspn(text + 2, "0123456789abcdef")];
}

static bool is_u64(const char *text)
{
	size_t len = strlen(text);

	return is_number(text, false, false) &&
	       (len < 20 || (len == 20 && strcmp(text, "18446744073709551615") <= 0));
}

bool csv_fits(enum csv_type type, const char *text)
{
	switch (type) {
	case CSV_UINT:
		return is_u64(text);
	case CSV_SINT:
		return is_number(text, true, false);
	case CSV_MILLI:
		return is_number(text, false, true);
	case CSV_SMILLI:
		return is_number(text, true, true);
	case CSV_NUMBER:
		return !*text || is_number(text, true, true);
	case CSV_HEX:
		return !*text || is_hex(text);
	case CSV_TEXT:
	case CSV_EMPTY:
		return true;
	}
	return false;
}

static int check_header(const struct csv_data *d, const struct csv_table *t, struct error *err)
{
	for (u32 i = 0; i < t->nr_columns; i++) {
		const char *name = i < d->nr_columns ? csv_header(d, i) : "nothing";

		if (strcmp(name, t->columns[i].name))
			return err_set(err, ERR_DAMAGED, "%s: column %u is %.40s, not %s (line 1) "
				       "- %s", d->path, i + 1, name, t->columns[i].name, d->hint);
	}
	return 0;
}

static int check_cells(const struct csv_data *d, const struct csv_table *t, struct error *err)
{
	for (u32 row = 0; row < d->nr_rows; row++) {
		for (u32 i = 0; i < t->nr_columns; i++) {
			const char *cell = csv_cell(d, row, i);

			if (!csv_fits(t->columns[i].type, cell))
				return err_set(err, ERR_DAMAGED, "%s: %s is '%.40s', not a number "
					       "(line %u) - %s", d->path, t->columns[i].name, cell,
					       csv_line(d, row), d->hint);
		}
	}
	return 0;
}

/* ---- where it comes from ---- */

int csv_read(struct csv_data *d, const char *dir, const struct csv_table *table, struct error *err)
{
	size_t size = strlen(dir) + strlen(table->file) + 2;
	struct memory m = { 0 };
	int ret;

	*d = (struct csv_data){ .path = malloc(size), .hint = outcome_hint };
	if (!d->path)
		return err_nomem(err, table->file);
	snprintf(d->path, size, "%s/%s", dir, table->file);
	ret = regular_check(d->path, folder_hint, err);
	if (!ret)
		ret = load(d, &m, folder_hint, err);
	if (!ret)
		ret = cut_exact(d, m.len, err);
	if (!ret)
		ret = check_header(d, table, err);
	if (!ret)
		ret = check_cells(d, table, err);
	if (ret)
		csv_data_fini(d);
	return ret;
}

/* Rows of a file that any editor may have had, its niceties taken away first. */
static int cut_any(struct csv_data *d, struct memory *m, struct error *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct cut c = { .d = d, .p = m->text, .line = 1 };

	d->open_end = !m->len || m->text[m->len - 1] != '\n';
	if (d->open_end)
		m->text[m->len++] = '\n';
	c.end = m->text + m->len;
	if (!strncmp(c.p, bom, strlen(bom)))
		c.p += strlen(bom);
	c.skip_empty = true;
	if (cut_all(&c, err))
		return -(int)err->code;
	return c.nr_lines ? 0 : bad_line(d, 1, "is empty, not even a header", err);
}

int csv_read_any(struct csv_data *d, const char *path, struct error *err)
{
	struct memory m = { 0 };
	int ret;

	*d = (struct csv_data){ .path = strdup(path), .hint = any_hint };
	if (!d->path)
		return err_nomem(err, path);
	ret = load(d, &m, "check the path and rights", err);
	if (!ret)
		ret = cut_any(d, &m, err);
	if (ret)
		csv_data_fini(d);
	return ret;
}

int csv_from_table(struct csv_data *d, const struct csv_table *table, const void *data,
		   struct error *err)
{
	struct csv_writer *w = malloc(sizeof(*w));
	struct memory m = { 0 };
	int ret;

	*d = (struct csv_data){ .path = strdup(table->file), .hint = outcome_hint };
	if (!w || !d->path) {
		ret = err_nomem(err, table->file);
	} else {
		w->write = memory_write;
		w->ctx = &m;
		ret = csv_write(w, table, data) ? err_nomem(err, table->file) : 0;
		d->text = m.text;
	}
	free(w);
	if (!ret)
		ret = cut_exact(d, m.len, err);
	if (ret)
		csv_data_fini(d);
	return ret;
}

void csv_data_fini(struct csv_data *d)
{
	free(d->path);
	free(d->text);
	free(d->cells);
	free(d->lines);
	*d = (struct csv_data){ 0 };
}

/* ---- asking ---- */

int csv_column(const struct csv_data *d, const char *name)
{
	for (u32 i = 0; i < d->nr_columns; i++) {
		if (!strcmp(csv_header(d, i), name))
			return (int)i;
	}
	return -1;
}

const char *csv_text(const struct csv_data *d, u32 row, const char *name)
{
	int column = csv_column(d, name);

	return column < 0 ? "" : csv_cell(d, row, (u32)column);
}

u64 csv_u64_at(const struct csv_data *d, u32 row, u32 column)
{
	const char *p = csv_cell(d, row, column);
	u64 value = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (u64)(*p - '0');
	return value;
}

u64 csv_u64(const struct csv_data *d, u32 row, const char *name)
{
	int column = csv_column(d, name);

	return column < 0 ? 0 : csv_u64_at(d, row, (u32)column);
}
