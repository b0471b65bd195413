// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/csv_file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

char *file_load(const char *dir, const char *name, size_t *len)
{
	char path[4096];
	char *text = NULL;
	size_t used = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	for (size_t n = 1; n; used += n) {
		text = realloc(text, used + 65537);
		assert_non_null(text);
		n = fread(text + used, 1, 65536, f);
	}
	fclose(f);
	text[used] = '\0';
	if (len)
		*len = used;
	return text;
}

/* Cut one cell out of @p in place. Return: the byte that ended it; @p is behind it */
static char cut_cell(char **p, char **cell)
{
	char *to = *p;
	bool quoted = **p == '"';
	char end;

	*cell = to;
	*p += quoted;
	while (**p) {
		if (quoted && **p == '"') {
			if ((*p)[1] != '"') {
				quoted = false;
				(*p)++;
				continue;
			}
			(*p)++;
		} else if (!quoted && (**p == ',' || **p == '\n')) {
			break;
		}
		*to++ = *(*p)++;
	}
	assert_false(quoted);
	end = **p;
	assert_true(end == ',' || end == '\n');
	(*p)++;
	*to = '\0';
	return end;
}

struct csv_file csv_file_load(const char *dir, const char *name)
{
	struct csv_file f = { .text = file_load(dir, name, NULL) };
	char *p = f.text;
	u32 nr = 0, max = 0;

	while (*p) {
		u32 row_start = nr;
		char end;

		do {
			if (nr == max) {
				max = max ? 2 * max : 256;
				f.cells = realloc(f.cells, max * sizeof(*f.cells));
				assert_non_null(f.cells);
			}
			end = cut_cell(&p, &f.cells[nr++]);
		} while (end != '\n');
		if (!f.nr_columns)
			f.nr_columns = nr;
		assert_int_equal(nr - row_start, f.nr_columns);
	}
	assert_true(f.nr_columns > 0);
	f.nr_rows = nr / f.nr_columns - 1;
	f.header = f.cells;
	f.cells += f.nr_columns;
	return f;
}

void csv_file_fini(struct csv_file *f)
{
	free(f->header);
	free(f->text);
	*f = (struct csv_file){ 0 };
}

const char *csv_file_text(const struct csv_file *f, u32 row, const char *column)
{
	assert_true(row < f->nr_rows);
	for (u32 i = 0; i < f->nr_columns; i++)
		if (!strcmp(f->header[i], column))
			return f->cells[row * f->nr_columns + i];
	print_error("no column %s\n", column);
	fail();
	return NULL;
}

u64 csv_file_u64(const struct csv_file *f, u32 row, const char *column)
{
	const char *text = csv_file_text(f, row, column);
	char *end;
	u64 value = strtoull(text, &end, 10);

	assert_true(*text >= '0' && *text <= '9' && !*end);
	return value;
}
