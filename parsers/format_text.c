// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE /* memmem */
#include "parsers/format_text.h"

#include <stdlib.h>
#include <string.h>

/* Offsets and sizes have at most this many digits; more would overflow an int. */
#define DIGITS_MAX 6

/* Structures are as their members align them: at most so many bytes are left out. */
#define GAP_MAX 7u

/* What is left of a line, without its end. */
struct line {
	const char *p;
	const char *end;
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* Next line of [*text, end); false at the end. */
static bool next_line(const char **text, const char *end, struct line *l)
{
	const char *eol;

	if (*text >= end)
		return false;
	eol = memchr(*text, '\n', (size_t)(end - *text));
	l->p = *text;
	l->end = eol ? eol : end;
	*text = eol ? eol + 1 : end;
	return true;
}

static bool skip(struct line *l, const char *literal)
{
	size_t len = strlen(literal);

	if ((size_t)(l->end - l->p) < len || memcmp(l->p, literal, len))
		return false;
	l->p += len;
	return true;
}

static bool read_digits(struct line *l, u32 *value)
{
	const char *start = l->p;

	for (*value = 0; l->p < l->end && *l->p >= '0' && *l->p <= '9'; l->p++)
		*value = *value * 10 + (u32)(*l->p - '0');
	return l->p > start && l->p - start <= DIGITS_MAX;
}

static bool skip_digits(struct line *l)
{
	u32 unused;

	return read_digits(l, &unused);
}

/* "TYPE NAME" up to the semicolon: NAME, without brackets behind it. */
static bool skip_declaration(struct line *l, struct line *name)
{
	const char *semicolon = memchr(l->p, ';', (size_t)(l->end - l->p));
	const char *p = semicolon;

	if (!semicolon)
		return false;
	if (p > l->p && p[-1] == ']')
		while (p > l->p && *p != '[')
			p--;
	name->end = p;
	while (p > l->p && is_word(p[-1]))
		p--;
	name->p = p;
	l->p = semicolon;
	return name->p < name->end;
}

/* A line of a field; @sign: 2 where the line does not say. */
struct field {
	struct line declaration;
	struct line name;
	u32 offset;
	u32 size;
	u32 sign;
};

/* "\tfield:TYPE NAME;\toffset:N;\tsize:N;\tsigned:N;"; the last part came with Linux 2.6.32. */
static bool parse_field(struct line l, struct field *f)
{
	if (!skip(&l, "\tfield:"))
		return false;
	f->declaration.p = l.p;
	if (!skip_declaration(&l, &f->name))
		return false;
	f->declaration.end = l.p;
	f->sign = 2;
	if (!skip(&l, ";\toffset:") || !read_digits(&l, &f->offset) || !skip(&l, ";\tsize:") ||
	    !read_digits(&l, &f->size) || !skip(&l, ";"))
		return false;
	return l.p == l.end || (skip(&l, "\tsigned:") && read_digits(&l, &f->sign) &&
				skip(&l, ";") && l.p == l.end);
}

/* Types whose size and sign are known; size 0 is the kernel's long. */
static const struct {
	const char *type;
	u8 size;
	u8 sign;
} types[] = {
	{ "unsigned long", 0, 0 }, { "long", 0, 1 },
	{ "unsigned int", 4, 0 }, { "int", 4, 1 },
	{ "unsigned short", 2, 0 }, { "short", 2, 1 },
	{ "unsigned char", 1, 0 }, { "bool", 1, 0 },
	{ "u64", 8, 0 }, { "u32", 4, 0 }, { "u16", 2, 0 }, { "u8", 1, 0 },
};

static bool type_agrees(const struct field *f, u32 long_size)
{
	struct line type = { f->declaration.p, f->name.p };

	/* Arrays end in brackets. */
	if (f->name.end != f->declaration.end || type.end == type.p)
		return true;
	type.end--;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const u32 size = types[i].size ? types[i].size : long_size;

		if ((size_t)(type.end - type.p) != strlen(types[i].type) ||
		    memcmp(type.p, types[i].type, strlen(types[i].type)))
			continue;
		/* 32-bit kernels may align 8 bytes at 4. */
		return f->size == size && f->offset % (size < 4 ? size : 4) == 0 &&
		       (f->sign == 2 || f->sign == types[i].sign);
	}
	return true;
}

static bool place_agrees(const struct field *f, struct format_shape *shape)
{
	struct line l = f->declaration;

	if (f->offset < shape->end || f->offset - shape->end > GAP_MAX)
		return false;
	shape->end = f->offset + f->size;
	shape->open |= !f->size || skip(&l, "__data_loc") || skip(&l, "__rel_loc");
	return true;
}

static bool name_is(const struct line *name, const char *s)
{
	return (size_t)(name->end - name->p) == strlen(s) &&
	       !memcmp(name->p, s, strlen(s));
}

static bool is_common(const struct line *name)
{
	struct line l = *name;

	return skip(&l, "common_");
}

static bool is_wanted(const struct line *name, u8 kind)
{
	for (u32 i = 0; i < event_kinds[kind].nr_fields; i++)
		if (name_is(name, event_kinds[kind].fields[i].name))
			return true;
	return is_common(name);
}

/*
 * Words with one blank between them, of which the type may end in "[]" (dynamic arrays) and the
 * name in "[N]". The fields that we decode are no pointers and no structures.
 */
static bool is_plain(struct line l)
{
	u32 words = 0;

	while (l.p < l.end) {
		const char *start = l.p;

		while (l.p < l.end && is_word(*l.p))
			l.p++;
		if (l.p == start || (*start >= '0' && *start <= '9'))
			return false;
		words++;
		if (skip(&l, "[") && ((skip_digits(&l), !skip(&l, "]")) || words < 2))
			return false;
		if (l.p < l.end && !skip(&l, " "))
			return false;
	}
	return words >= 2 && l.end[-1] != ' ';
}

static void append(char **out, const struct line *l)
{
	size_t len = (size_t)(l->end - l->p);

	memcpy(*out, l->p, len);
	(*out)[len] = '\n';
	*out += len + 1;
}

/* "name: X", "ID: N", "format:" */
static bool copy_head(const char **text, const char *end, u8 kind, char **out)
{
	static const char *const keys[] = { "name: ", "ID: ", "format:" };

	for (u32 i = 0; i < ARRAY_SIZE(keys); i++) {
		struct line l, value;

		if (!next_line(text, end, &l))
			return false;
		value = l;
		if (!skip(&value, keys[i]))
			return false;
		if (i == 0 && !name_is(&value, event_kinds[kind].name))
			return false;
		if (i == 1 && !skip_digits(&value))
			return false;
		if (i > 0 && value.p != value.end)
			return false;
		append(out, &l);
	}
	return true;
}

/* Copy the lines of wanted fields. Return: the print format; NULL when a line is damaged */
static const char *copy_fields(const char *text, const char *end, u8 kind, u32 long_size,
			       struct format_shape *shape, char **out)
{
	bool was_common = true;
	struct line l, rest;
	struct field f;

	while (next_line(&text, end, &l)) {
		rest = l;
		if (skip(&rest, "print fmt:"))
			return l.p;
		if (l.p == l.end)
			continue;
		if (!parse_field(l, &f) || !place_agrees(&f, shape))
			return NULL;
		if (!is_wanted(&f.name, kind))
			continue;
		if (!is_plain(f.declaration) || !type_agrees(&f, long_size))
			return NULL;
		/* A blank line parts the common fields from the event's own. */
		if (was_common && !is_common(&f.name))
			*(*out)++ = '\n';
		was_common = is_common(&f.name);
		append(out, &l);
	}
	return NULL;
}

static bool has_field(const char *text, const char *end, const struct line *name)
{
	struct line l;
	struct field f;

	while (next_line(&text, end, &l))
		if (parse_field(l, &f) && f.name.end - f.name.p == name->end - name->p &&
		    !memcmp(f.name.p, name->p, (size_t)(name->end - name->p)))
			return true;
	return false;
}

/* The print format, [@print, @end), reads fields as REC->NAME; each must be one of @text. */
static bool print_agrees(const char *text, const char *print, const char *end)
{
	static const char rec[] = "REC->";
	const char *p = print;

	while ((p = memmem(p, (size_t)(end - p), rec, sizeof(rec) - 1))) {
		struct line name = { p + sizeof(rec) - 1, p + sizeof(rec) - 1 };

		while (name.end < end && is_word(*name.end))
			name.end++;
		if (!has_field(text, print, &name))
			return false;
		p = name.end;
	}
	return end[-1] == '\n';
}

char *format_text_reduce(const char *text, size_t len, u8 kind, u32 long_size,
			 struct format_shape *shape, bool *nomem)
{
	/* One line end more for each line at most, and the print format. */
	char *reduced = malloc(2 * len + 64), *out = reduced;
	const char *end = text + len, *print = NULL;

	*nomem = !reduced;
	*shape = (struct format_shape){ 0 };
	if (!reduced)
		return NULL;
	if (copy_head(&text, end, kind, &out))
		print = copy_fields(text, end, kind, long_size, shape, &out);
	if (!print || !print_agrees(text, print, end)) {
		free(reduced);
		return NULL;
	}
	strcpy(out, "\nprint fmt: \"\"\n");
	return reduced;
}

bool format_text_head(const char *text, size_t len, size_t *name_at, size_t *name_len, u32 *id)
{
	const char *end = text + len, *p = text;
	struct line l;

	if (!next_line(&p, end, &l) || !skip(&l, "name: "))
		return false;
	*name_at = (size_t)(l.p - text);
	*name_len = (size_t)(l.end - l.p);
	return next_line(&p, end, &l) && skip(&l, "ID: ") && read_digits(&l, id) && l.p == l.end &&
	       p < end;
}
