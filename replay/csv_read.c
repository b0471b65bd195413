// SPDX-License-Identifier: GPL-2.0
#include "replay/csv_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/hash.h"

#define HINT "make the outcome again with compare or replay"

static int bad_line(const struct csv_result *d, u32 line, const char *what, struct error *err)
{
	return err_set(err, ERR_DAMAGED, "%s: %s (line %u) - " HINT, d->path, what, line);
}

int csv_result_error(const struct csv_result *d, u32 row, const char *what, struct error *err)
{
	return bad_line(d, d->lines[row + 1ULL], what, err);
}

/* ---- the bytes ---- */

static int io_error(const char *path, struct error *err)
{
	return err_set(err, ERR_IO, "%s: cannot read: %s - give the folder that compare -o or "
		       "replay -o of this version wrote", path, strerror(errno));
}

/* All of @f and a NUL. */
static int load_stream(struct csv_result *d, FILE *f, size_t *len, struct error *err)
{
	size_t used = 0, max = 0, n;
	char *p;

	do {
		if (max - used < 2) {
			max = max ? max * 2 : 65536;
			p = max <= 2ULL * CSV_READ_BYTES ? realloc(d->text, max) : NULL;
			if (!p)
				return err_nomem(err, d->path);
			d->text = p;
		}
		n = fread(d->text + used, 1, max - used - 1, f);
		used += n;
		if (used > CSV_READ_BYTES)
			return err_set(err, ERR_DAMAGED, "%s: is larger than 1 GiB - take fewer "
				       "--samples", d->path);
	} while (n);
	if (ferror(f))
		return io_error(d->path, err);
	d->text[used] = '\0';
	*len = used;
	return 0;
}

static int load(struct csv_result *d, size_t *len, struct error *err)
{
	FILE *f = fopen(d->path, "rbe");
	struct hash64 h;
	int ret;

	if (!f)
		return io_error(d->path, err);
	ret = load_stream(d, f, len, err);
	(void)fclose(f);
	if (ret)
		return ret;
	if (memchr(d->text, 0, *len))
		return err_set(err, ERR_DAMAGED, "%s: holds NUL bytes: not CSV - " HINT, d->path);
	if (!*len || d->text[*len - 1] != '\n')
		return err_set(err, ERR_DAMAGED, "%s: is cut off: the last line has no end - " HINT,
			       d->path);
	hash64_init(&h);
	hash64_update(&h, d->text, *len);
	d->hash = hash64_final(&h);
	return 0;
}

/* ---- cells ---- */

/**
 * struct cut - the file being cut into cells, in place
 * @p: next byte; @line: its line; @nr, @max: cells; @nr_lines, @max_lines: rows with the header
 */
struct cut {
	struct csv_result *d;
	char *p;
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
	char *start = c->p, *end = c->p;
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
	stop = *c->p;
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
		return bad_line(c->d, line, "has not as many cells as the header", err);
	return 0;
}

static int cut_all(struct csv_result *d, size_t len, struct error *err)
{
	struct cut c = { .d = d, .p = d->text, .line = 1 };
	int ret = 0;

	while (!ret && c.p < d->text + len)
		ret = cut_row(&c, err);
	if (!ret)
		d->nr_rows = (u32)(c.nr_lines - 1);
	return ret;
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

static bool fits(enum csv_type type, const char *text)
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

static int check_header(const struct csv_result *d, const struct csv_table *t, struct error *err)
{
	for (u32 i = 0; i < t->nr_columns; i++) {
		const char *name = i < d->nr_columns ? d->text + d->cells[i] : "nothing";

		if (strcmp(name, t->columns[i].name))
			return err_set(err, ERR_DAMAGED, "%s: column %u is %.40s, not %s (line 1) "
				       "- " HINT " of this version", d->path, i + 1, name,
				       t->columns[i].name);
	}
	return 0;
}

static int check_cells(const struct csv_result *d, const struct csv_table *t, struct error *err)
{
	for (u32 row = 0; row < d->nr_rows; row++) {
		for (u32 i = 0; i < t->nr_columns; i++) {
			const char *cell = csv_result_cell(d, row, i);

			if (!fits(t->columns[i].type, cell))
				return err_set(err, ERR_DAMAGED, "%s: %s is '%.40s', not a number "
					       "(line %u) - " HINT, d->path, t->columns[i].name,
					       cell, d->lines[row + 1]);
		}
	}
	return 0;
}

int csv_read(struct csv_result *d, const char *dir, const struct csv_table *table, struct error *err)
{
	size_t size = strlen(dir) + strlen(table->file) + 2, len = 0;
	int ret;

	*d = (struct csv_result){ .path = malloc(size) };
	if (!d->path)
		return err_nomem(err, table->file);
	snprintf(d->path, size, "%s/%s", dir, table->file);
	ret = load(d, &len, err);
	if (!ret)
		ret = cut_all(d, len, err);
	if (!ret)
		ret = check_header(d, table, err);
	if (!ret)
		ret = check_cells(d, table, err);
	if (ret)
		csv_result_fini(d);
	return ret;
}

void csv_result_fini(struct csv_result *d)
{
	free(d->path);
	free(d->text);
	free(d->cells);
	free(d->lines);
	*d = (struct csv_result){ 0 };
}

/* ---- asking ---- */

int csv_result_column(const struct csv_result *d, const char *name)
{
	for (u32 i = 0; i < d->nr_columns; i++)
		if (!strcmp(d->text + d->cells[i], name))
			return (int)i;
	return -1;
}

const char *csv_result_text(const struct csv_result *d, u32 row, const char *name)
{
	int column = csv_result_column(d, name);

	return column < 0 ? "" : csv_result_cell(d, row, (u32)column);
}

u64 csv_result_u64(const struct csv_result *d, u32 row, u32 column)
{
	const char *p = csv_result_cell(d, row, column);
	u64 value = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (u64)(*p - '0');
	return value;
}

u64 csv_result_number(const struct csv_result *d, u32 row, const char *name)
{
	int column = csv_result_column(d, name);

	return column < 0 ? 0 : csv_result_u64(d, row, (u32)column);
}
