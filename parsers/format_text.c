// SPDX-License-Identifier: GPL-2.0
#include "parsers/format_text.h"

#include <stdlib.h>
#include <string.h>

/* Offsets and sizes have at most this many digits; more would overflow an int. */
#define DIGITS_MAX 6

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

static bool skip_digits(struct line *l)
{
	const char *start = l->p;

	while (l->p < l->end && *l->p >= '0' && *l->p <= '9')
		l->p++;
	return l->p > start && l->p - start <= DIGITS_MAX;
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

/* "\tfield:TYPE NAME;\toffset:N;\tsize:N;\tsigned:N;"; the last part came with Linux 2.6.32. */
static bool parse_field(struct line l, struct line *declaration, struct line *name)
{
	if (!skip(&l, "\tfield:"))
		return false;
	declaration->p = l.p;
	if (!skip_declaration(&l, name))
		return false;
	declaration->end = l.p;
	if (!skip(&l, ";\toffset:") || !skip_digits(&l) || !skip(&l, ";\tsize:") ||
	    !skip_digits(&l) || !skip(&l, ";"))
		return false;
	return l.p == l.end || (skip(&l, "\tsigned:") && skip_digits(&l) && skip(&l, ";") &&
				l.p == l.end);
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

/* The lines of the fields that are wanted; false when one is not as it must be. */
static bool copy_fields(const char *text, const char *end, u8 kind, char **out)
{
	struct line l, rest, declaration, name;
	bool was_common = true;

	while (next_line(&text, end, &l)) {
		rest = l;
		if (skip(&rest, "print fmt:"))
			break;
		if (l.p == l.end)
			continue;
		if (!parse_field(l, &declaration, &name))
			return false;
		if (!is_wanted(&name, kind))
			continue;
		if (!is_plain(declaration))
			return false;
		/* A blank line parts the common fields from the event's own. */
		if (was_common && !is_common(&name))
			*(*out)++ = '\n';
		was_common = is_common(&name);
		append(out, &l);
	}
	return true;
}

char *format_text_reduce(const char *text, size_t len, u8 kind, bool *nomem)
{
	/* One line end more for each line at most, and the print format. */
	char *reduced = malloc(2 * len + 64), *out = reduced;
	const char *end = text + len;

	*nomem = !reduced;
	if (!reduced)
		return NULL;
	if (!copy_head(&text, end, kind, &out) || !copy_fields(text, end, kind, &out)) {
		free(reduced);
		return NULL;
	}
	strcpy(out, "\nprint fmt: \"\"\n");
	return reduced;
}
