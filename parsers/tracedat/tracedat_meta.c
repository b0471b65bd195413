// SPDX-License-Identifier: GPL-2.0
/*
 * Metadata of a trace.dat file that both versions store alike: header pages, event formats, saved
 * command lines, and the options that say something about the host.
 */
#define _GNU_SOURCE /* memmem */
#include "parsers/tracedat/tracedat.h"

#include "replay/log/log.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT_TEXT_MAX (1u << 20)
#define HEADER_TEXT_MAX 65536u
#define FORMAT_HEAD_BYTES 128u
#define CMDLINES_MAX (64u << 20)
#define OPTION_TEXT_MAX 65536u
#define NAME_MAX_BYTES 256
/* Places in the head, behind "6\0" or "7\0" and the byte order. */
#define HEAD_LONG 13u
#define HEAD_PAGE 14u

/* "offset:8;" behind @key in one line of a format; false when it is not there. */
static bool line_number(const char *line, const char *end, const char *key, u32 *value)
{
	const char *p = memmem(line, (size_t)(end - line), key, strlen(key));
	u64 v = 0;

	if (!p)
		return false;
	for (p += strlen(key); p < end && *p >= '0' && *p <= '9' && v < UINT32_MAX; p++)
		v = v * 10 + (u64)(*p - '0');
	*value = (u32)min_u64(v, UINT32_MAX);
	return true;
}

/* Offset and size of field @name (" name;") of the header_page text. */
static bool header_field(const char *text, const char *name, u32 *offset, u32 *size)
{
	const char *p = strstr(text, name), *end;

	if (!p)
		return false;
	end = strchr(p, '\n');
	if (!end)
		end = p + strlen(p);
	return line_number(p, end, "offset:", offset) && line_number(p, end, "size:", size);
}

bool tracedat_parse_header_page(const char *text, struct page_layout *layout)
{
	struct page_layout l = *layout;
	u32 time_offset, time_size, data_size;

	if (!header_field(text, " timestamp;", &time_offset, &time_size) ||
	    !header_field(text, " commit;", &l.commit_offset, &l.commit_size) ||
	    !header_field(text, " data;", &l.data_offset, &data_size))
		return false;
	if (time_offset || time_size != 8 || data_size > PAGE_SIZE_MAX)
		return false;
	l.size = l.data_offset + data_size;
	if (!page_layout_ok(&l))
		return false;
	*layout = l;
	return true;
}

/*
 * The head says what the program that wrote the file saw, header_page what the kernel writes. Any
 * two word sizes go together (32-bit programs, files converted elsewhere), and sub-buffers can be
 * several pages.
 */
static void check_head(struct tracedat *td)
{
	const u32 page = td->page_size;

	if (td->long_size != 4 && td->long_size != 8)
		tracedat_disagree(td, HEAD_LONG, "the head has words of %u bytes, header_page of %u",
				  td->long_size, td->layout.commit_size);
	if (page >= PAGE_SIZE_MIN && page <= td->layout.size && !(page & (page - 1)))
		return;
	tracedat_disagree(td, HEAD_PAGE, "the head has pages of %u bytes, header_page of %u", page,
			  td->layout.size);
	td->page_size = td->layout.size;
}

int tracedat_read_header_pages(struct tracedat *td, struct cursor *c, struct error *err)
{
	char name[NAME_MAX_BYTES];
	u64 at = cursor_where(c), len;
	char *text;
	bool ok;

	cursor_string(c, name, sizeof(name));
	len = cursor_u64(c);
	if (c->bad || strcmp(name, "header_page") || len > HEADER_TEXT_MAX)
		return tracedat_damage(td, err, "header_page is", at);
	text = cursor_take(c, len);
	if (!text)
		return tracedat_damage(td, err, "header_page is", at);
	/* Very old kernels have no such file: pages are then as the head says. */
	ok = !len || tracedat_parse_header_page(text, &td->layout);
	free(text);
	if (!ok || !page_layout_ok(&td->layout))
		return tracedat_damage(td, err, "header_page is", at);
	cursor_string(c, name, sizeof(name));
	len = cursor_u64(c);
	cursor_skip(c, len);
	if (c->bad || strcmp(name, "header_event"))
		return tracedat_damage(td, err, "header_event is", at);
	check_head(td);
	return 0;
}

static int read_format(struct tracedat *td, const char *system, struct cursor *c, u64 len,
		       struct error *err)
{
	u64 at = cursor_where(c);
	struct error bad = { 0 };
	char *text = len <= FORMAT_TEXT_MAX ? cursor_take(c, len) : NULL;

	if (!text)
		return tracedat_damage(td, err, "the event formats are", at);
	(void)decoder_see(td->dec, system, text, len);
	if (decoder_add(td->dec, system, text, len, &bad) && bad.code == ERR_IO)
		*err = bad;
	else if (bad.code)
		err_set(&td->damage, ERR_DAMAGED,
			"%s: %s is damaged (offset %llu) - its events are left out, record again",
			td->in->path, bad.text, (unsigned long long)at);
	free(text);
	return bad.code == ERR_IO ? -ERR_IO : 0;
}

/* The first lines of a format that is not wanted, for its id. */
static void see_format(struct tracedat *td, const char *system, struct cursor *c, u64 len)
{
	const u64 at = cursor_where(c);
	char first[FORMAT_HEAD_BYTES];
	const size_t n = (size_t)min_u64(len, sizeof(first));

	cursor_bytes(c, first, n);
	cursor_skip(c, len - n);
	if (!c->bad && !decoder_see(td->dec, system, first, n))
		tracedat_disagree(td, at, "system \"%.64s\" has an event of another one", system);
}

/* Only the subsystem of our events is worth copying out of the file. */
static bool system_wanted(const char *system)
{
	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		if (event_kinds[k].system && !strcmp(event_kinds[k].system, system))
			return true;
	return false;
}

int tracedat_read_formats(struct tracedat *td, struct cursor *c, struct error *err)
{
	const u64 at = cursor_where(c);
	u32 systems = cursor_u32(c);
	const char *twice;

	if (!td->dec)
		td->dec = decoder_new(td->big_endian, td->layout.commit_size);
	if (!td->dec)
		return err_nomem(err, "event formats");
	while (systems-- && !c->bad) {
		char system[NAME_MAX_BYTES];
		u32 events;

		cursor_string(c, system, sizeof(system));
		for (events = cursor_u32(c); events && !c->bad; events--) {
			u64 len = cursor_u64(c);
			int ret;

			if (!system_wanted(system)) {
				see_format(td, system, c, len);
				continue;
			}
			ret = read_format(td, system, c, len, err);
			if (ret)
				return ret;
		}
	}
	if (c->bad)
		return tracedat_damage(td, err, "the event formats are", cursor_where(c));
	twice = decoder_id_twice(td->dec);
	if (twice)
		tracedat_disagree(td, at, "another event has the id of %s, too", twice);
	return 0;
}

int tracedat_read_cmdlines(struct tracedat *td, struct cursor *c, struct error *err)
{
	u64 at = cursor_where(c), len = cursor_u64(c);
	char *text = len <= CMDLINES_MAX ? cursor_take(c, len) : NULL;

	if (!text)
		return tracedat_damage(td, err, "the saved command lines are", at);
	return comms_load(&td->comms, text, err);
}

void tracedat_skip_sized(struct cursor *c)
{
	cursor_skip(c, cursor_u32(c));
}

char *tracedat_current_clock(const char *text)
{
	const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

	if (!close)
		return strndup(text, strcspn(text, " \n"));
	return strndup(open + 1, (size_t)(close - open - 1));
}

/* Number behind "\n@key: " in a CPUSTAT text; 0 when it has no such line. */
static u64 stat_number(const char *text, const char *key)
{
	const char *p = strstr(text, key);

	return p && (p == text || p[-1] == '\n') ? strtoull(p + strlen(key), NULL, 10) : 0;
}

static int add_stat(struct tracedat *td, const char *text, struct error *err)
{
	struct tracedat_stat *grown, *s;

	if (td->nr_stats >= TRACEDAT_MAX_STATS)
		return 0;
	grown = realloc(td->stat, (td->nr_stats + 1) * sizeof(*grown));
	if (!grown)
		return err_nomem(err, "CPU statistics");
	td->stat = grown;
	s = &grown[td->nr_stats];
	s->buffer = strdup(td->stat_buffer ? td->stat_buffer : "");
	if (!s->buffer)
		return err_nomem(err, "CPU statistics");
	s->cpu = (u32)min_u64(stat_number(text, "CPU: "), UINT32_MAX);
	s->lost = stat_number(text, "overrun: ") + stat_number(text, "commit overrun: ") +
		  stat_number(text, "dropped events: ");
	td->nr_stats++;
	return 0;
}

/*
 * One CPU's statistics, as text; a text "Buffer: NAME" goes before those of an instance.
 */
static int read_stat(struct tracedat *td, const char *text, struct error *err)
{
	const char *name = strstr(text, "Buffer: ");

	if (!strncmp(text, "CPU: ", 5))
		return add_stat(td, text, err);
	if (!name)
		return 0;
	name += strlen("Buffer: ");
	free(td->stat_buffer);
	td->stat_buffer = strndup(name, strcspn(name, "\n"));
	return td->stat_buffer ? 0 : err_nomem(err, "CPU statistics");
}

static int read_text_option(struct tracedat *td, u32 id, const char *text, struct error *err)
{
	char **to = id == OPTION_UNAME ? &td->uname : &td->clock;

	if (id == OPTION_CPUSTAT)
		return read_stat(td, text, err);
	if (*to || !*text)
		return 0;
	*to = id == OPTION_UNAME ? strdup(text) : tracedat_current_clock(text);
	return *to ? 0 : err_nomem(err, "options");
}

/* A scale that cannot be is not kept: times stay in ticks. */
static int read_tsc(struct tracedat *td, struct cursor *c, struct error *err)
{
	struct tsc_scale tsc = { 0 };

	tsc.mult = cursor_u32(c);
	tsc.shift = cursor_u32(c);
	if (tsc.shift > 63)
		return tracedat_damage(td, err, "option TSC2NSEC is", cursor_where(c));
	td->tsc = tsc;
	return 0;
}

int tracedat_read_option(struct tracedat *td, u32 id, struct cursor *c, struct error *err)
{
	u64 len = cursor_left(c);
	char *text;
	int ret;

	switch (id) {
	case OPTION_CPUCOUNT:
		if (len >= 4)
			td->nr_cpus = cursor_u32(c);
		return 0;
	case OPTION_TSC2NSEC:
		return len < 8 ? 0 : read_tsc(td, c, err);
	case OPTION_CPUSTAT:
	case OPTION_TRACECLOCK:
	case OPTION_UNAME:
		text = len <= OPTION_TEXT_MAX ? cursor_take(c, len) : NULL;
		if (!text)
			return tracedat_damage(td, err, "an option is", cursor_where(c));
		ret = read_text_option(td, id, text, err);
		free(text);
		return ret;
	default:
		return 0;
	}
}
