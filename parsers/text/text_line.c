// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE /* memmem */
#include "parsers/text/text_line.h"

#include <string.h>

/* A comm has 15 bytes; names of instances and columns of pids stand beside it. */
#define HEAD_MAX 512

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* Digits at @p; NULL when there are none or too many. */
static const char *read_number(const char *p, const char *end, u64 *value)
{
	const char *start = p;
	u64 v = 0;

	for (; p < end && is_digit(*p); p++)
		v = v * 10 + (u64)(*p - '0');
	*value = v;
	return p > start && p - start < 19 ? p : NULL;
}

/* "2484.870143" and @stop behind it; NULL when it is something else. */
static const char *read_time(const char *p, const char *end, char stop, u64 *ns)
{
	static const u32 unit[] = { 1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000,
				    100, 10, 1 };
	u32 digits = 0, frac = 0;
	u64 sec;

	p = read_number(p, end, &sec);
	if (!p || p == end || *p++ != '.' || sec > UINT32_MAX * 4ULL)
		return NULL;
	for (; p < end && is_digit(*p) && digits < 9; p++, digits++)
		frac = frac * 10 + (u32)(*p - '0');
	if (!digits || p == end || *p != stop)
		return NULL;
	*ns = sec * NSEC_PER_SEC + (u64)frac * unit[digits];
	return p + 1;
}

/* Behind "[cpu]": flags, which report and perf leave out, and the time. */
static const char *read_flags_time(const char *p, const char *end, u64 *ns)
{
	const char *q;

	p = skip_blanks(p, end);
	q = read_time(p, end, ':', ns);
	if (q)
		return q;
	while (p < end && *p != ' ')
		p++;
	return read_time(skip_blanks(p, end), end, ':', ns);
}

static const char *trim_end(const char *start, const char *end)
{
	while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return end;
}

static const char *back_over_digits(const char *start, const char *end)
{
	while (end > start && is_digit(end[-1]))
		end--;
	return end;
}

/*
 * "comm-pid", "comm-pid (tgid)", "comm pid", "comm pid/tid": the pid is the last number, and what
 * stands before it is the comm, whatever it holds.
 */
static bool read_task(const char *start, const char *end, struct text_line *l)
{
	const char *digits;
	u64 pid;

	end = trim_end(start, end);
	if (end > start && end[-1] == ')') {
		while (end > start && *end != '(')
			end--;
		end = trim_end(start, end);
	}
	digits = back_over_digits(start, end);
	if (!read_number(digits, end, &pid) || pid > UINT32_MAX || digits == start)
		return false;
	l->pid = (u32)pid;
	end = digits;
	if (end[-1] == '/')
		end = back_over_digits(start, end - 1);
	else if (end[-1] == '-')
		end--;
	start = skip_blanks(start, end);
	end = trim_end(start, end);
	l->comm = (struct span){ start, (size_t)(end - start) };
	return true;
}

/* "instance: " at the very start of a line; comms are padded to the right of blanks. */
static const char *read_instance(const char *p, const char *end, struct text_line *l)
{
	const char *q = p;

	l->instance = (struct span){ p, 0 };
	while (q < end && *q != ' ' && *q != ':')
		q++;
	if (q == p || q + 1 >= end || *q != ':' || q[1] != ' ')
		return p;
	l->instance.len = (size_t)(q - p);
	return q + 1;
}

/* "event: fields", "system:event: fields" */
static bool read_event(const char *p, const char *end, struct text_line *l)
{
	const char *colon;

	p = skip_blanks(p, end);
	colon = memchr(p, ':', (size_t)(end - p));
	if (!colon || colon == p)
		return false;
	if (colon + 1 < end && colon[1] != ' ') {
		const char *second = memchr(colon + 1, ':', (size_t)(end - colon - 1));
		const char *blank = memchr(colon + 1, ' ', (size_t)(end - colon - 1));

		if (second && (!blank || second < blank)) {
			p = colon + 1;
			colon = second;
		}
	}
	l->event = (struct span){ p, (size_t)(colon - p) };
	l->fields = (struct span){ colon + 1, (size_t)(end - colon - 1) };
	return true;
}

/* "CPU:1 [LOST 27451 EVENTS]", "CPU:1 [27451 EVENTS DROPPED]", "CPU:1 [EVENTS DROPPED]" */
static bool read_lost(const char *p, const char *end, struct text_line *l)
{
	u64 cpu;

	p = skip_blanks(p, end);
	if (end - p < 12 || memcmp(p, "CPU:", 4))
		return false;
	p = read_number(p + 4, end, &cpu);
	if (!p || cpu > UINT32_MAX)
		return false;
	p = skip_blanks(p, end);
	if (p == end || *p != '[' || !memmem(p, (size_t)(end - p), "EVENTS", 6))
		return false;
	while (p < end && !is_digit(*p))
		p++;
	l->cpu = (u32)cpu;
	if (!read_number(p, end, &l->lost))
		l->lost = 0;
	return true;
}

static bool read_plain(const char *p, const char *end, struct text_line *l)
{
	const char *limit = end - p > HEAD_MAX ? p + HEAD_MAX : end;
	const char *head = read_instance(p, limit, l);
	const char *open = head;

	while ((open = memchr(open, '[', (size_t)(limit - open)))) {
		u64 cpu;
		const char *q = read_number(open + 1, limit, &cpu);

		if (q && q < limit && *q == ']' && cpu <= UINT32_MAX) {
			q = read_flags_time(q + 1, end, &l->time);
			if (q) {
				l->cpu = (u32)cpu;
				return read_task(head, open, l) && read_event(q, end, l);
			}
		}
		open++;
	}
	return false;
}

/* " 2484.870143 |   0)  bash-283  |  |  / * mm_page_free: pfn=1 * /" of the function graph. */
static bool read_graph(const char *p, const char *end, struct text_line *l)
{
	const char *note = memmem(p, (size_t)(end - p), "/* ", 3), *close, *bar;
	u64 cpu;

	if (!note)
		return false;
	p = skip_blanks(p, note);
	bar = memchr(p, '|', (size_t)(note - p));
	if (!bar || !read_time(p, note, ' ', &l->time))
		return false;
	p = read_number(skip_blanks(bar + 1, note), note, &cpu);
	if (!p || p == note || *p != ')' || cpu > UINT32_MAX)
		return false;
	l->cpu = (u32)cpu;
	l->pid = 0;
	l->comm = l->instance = (struct span){ p, 0 };
	bar = memchr(p, '|', (size_t)(note - p));
	if (bar)
		read_task(p + 1, bar, l);
	note += 3;	/* what ends it may not share its blank with what begins it */
	close = memmem(note, (size_t)(end - note), " */", 3);
	return read_event(note, close ? close : end, l);
}

static inline bool starts(const char *p, const char *end, const char *with, size_t len)
{
	return (size_t)(end - p) >= len && !memcmp(p, with, len);
}

enum text_line_kind text_line_parse(const char *p, const char *end, struct text_line *l)
{
	const char *first;

	if (p < end && end[-1] == '\r')
		end--;
	first = skip_blanks(p, end);
	if (first == end || *first == '#' || starts(first, end, "cpus=", 5) ||
	    starts(first, end, "version = ", 10))
		return TEXT_OTHER;
	if (read_plain(p, end, l))
		return TEXT_EVENT;
	if (read_lost(p, end, l) || read_lost(read_instance(p, end, l), end, l))
		return TEXT_LOST;
	return read_graph(p, end, l) ? TEXT_EVENT : TEXT_WRONG;
}
