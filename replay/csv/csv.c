// SPDX-License-Identifier: GPL-2.0
#include "replay/csv/csv.h"

#include <string.h>

struct csv_cell csv_get_number(const void *row, const struct csv_column *col)
{
	struct csv_cell cell = { .type = col->type };

	memcpy(&cell.u, (const char *)row + col->offset, sizeof(cell.u));
	return cell;
}

struct csv_cell csv_get_text(const void *row, const struct csv_column *col)
{
	struct csv_cell cell = { .type = CSV_TEXT };

	memcpy(&cell.text, (const char *)row + col->offset, sizeof(cell.text));
	return cell;
}

struct csv_cell csv_get_cell(const void *row, const struct csv_column *col)
{
	struct csv_cell cell;

	memcpy(&cell, (const char *)row + col->offset, sizeof(cell));
	return cell;
}

/* ---- numbers ---- */

/* Digits of @value in @base, at least @width of them, ending before @end. Return: their start. */
static char *digits_before(char *end, u64 value, u32 base, u32 width)
{
	char *p = end;

	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while ((size_t)(end - p) < width)
		*--p = '0';
	return p;
}

static char *milli_before(char *end, u64 value)
{
	char *p = digits_before(end, value % 1000, 10, 3);

	*--p = '.';
	return digits_before(p, value / 1000, 10, 1);
}

static u64 magnitude(s64 value)
{
	return value < 0 ? 0 - (u64)value : (u64)value;
}

size_t csv_format_number(char out[CSV_NUMBER_MAX], const struct csv_cell *cell)
{
	char text[CSV_NUMBER_MAX];
	char *end = text + sizeof(text);
	bool is_signed = cell->type == CSV_SINT || cell->type == CSV_SMILLI;
	u64 value = is_signed ? magnitude(cell->s) : cell->u;
	char *p = end;
	size_t len;

	switch (cell->type) {
	case CSV_MILLI:
	case CSV_SMILLI:
		p = milli_before(end, value);
		break;
	case CSV_HEX:
		if (value) {
			p = digits_before(end, value, 16, 1);
			*--p = 'x';
			*--p = '0';
		}
		break;
	case CSV_UINT:
	case CSV_SINT:
		p = digits_before(end, value, 10, 1);
		break;
	case CSV_TEXT:
	case CSV_EMPTY:
	case CSV_NUMBER:
		break;
	}
	if (is_signed && cell->s < 0)
		*--p = '-';
	len = (size_t)(end - p);
	memcpy(out, p, len);
	out[len] = '\0';
	return len;
}

/* ---- text ---- */

size_t csv_utf8_length(const unsigned char *s, size_t len)
{
	static const struct {
		u8 mask;
		u8 lead;
		u32 least;
	} forms[] = {
		{ 0x80, 0x00, 0x0 },
		{ 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	};
	size_t form = 0;
	u32 code;

	while (form < ARRAY_SIZE(forms) && (s[0] & forms[form].mask) != forms[form].lead)
		form++;
	if (form == ARRAY_SIZE(forms) || form + 1 > len)
		return 0;
	code = s[0] & (u32)(u8)~forms[form].mask;
	for (size_t i = 1; i <= form; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	/* Overlong forms, surrogates and what lies beyond Unicode are not text. */
	if (code < forms[form].least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return form + 1;
}

/* ---- rows ---- */

static void flush_buffer(struct csv_writer *w)
{
	if (!w->error && w->used)
		w->error = w->write(w->ctx, w->buffer, w->used);
	w->used = 0;
}

static void put(struct csv_writer *w, const void *bytes, size_t len)
{
	if (len > sizeof(w->buffer) - w->used)
		flush_buffer(w);
	memcpy(w->buffer + w->used, bytes, len);
	w->used += len;
}

static void put_text(struct csv_writer *w, const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const unsigned char *s = (const unsigned char *)(text ? text : "");
	size_t len = strlen((const char *)s);
	bool quote = strpbrk((const char *)s, ",\"\r\n") != NULL;

	if (quote)
		put(w, "\"", 1);
	while (len) {
		size_t n = csv_utf8_length(s, len);

		if (!n) {
			put(w, replacement, 3);
			n = 1;
		} else {
			put(w, s, n);
			if (*s == '"')
				put(w, "\"", 1);
		}
		s += n;
		len -= n;
	}
	if (quote)
		put(w, "\"", 1);
}

static void put_cell(struct csv_writer *w, const struct csv_cell *cell)
{
	char text[CSV_NUMBER_MAX];

	if (cell->type == CSV_TEXT)
		put_text(w, cell->text);
	else
		put(w, text, csv_format_number(text, cell));
}

int csv_row(struct csv_writer *w, const void *row)
{
	const struct csv_table *t = w->table;

	for (size_t i = 0; i < t->nr_columns; i++) {
		struct csv_cell cell = t->columns[i].get(row, &t->columns[i]);

		if (i)
			put(w, ",", 1);
		put_cell(w, &cell);
	}
	put(w, "\n", 1);
	return w->error;
}

int csv_write(struct csv_writer *w, const struct csv_table *table, const void *data)
{
	w->table = table;
	w->error = 0;
	w->used = 0;
	for (size_t i = 0; i < table->nr_columns; i++) {
		if (i)
			put(w, ",", 1);
		put_text(w, table->columns[i].name);
	}
	put(w, "\n", 1);
	if (!w->error && table->each(data, w) && !w->error)
		w->error = -(int)ERR_IO;
	flush_buffer(w);
	return w->error;
}
