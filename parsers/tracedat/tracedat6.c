// SPDX-License-Identifier: GPL-2.0
/*
 * trace.dat version 6: one block after another, then per buffer a table of CPU data.
 */
#include "parsers/tracedat/tracedat.h"

#include "replay/log/log.h"

#include <stdlib.h>
#include <string.h>

#define TAG_BYTES 10
#define MAX_OPTIONS 65536u

/* An instance: where its own options and table are. */
struct instance {
	u64 offset;
	char *name;
};

struct instances {
	u32 nr;
	struct instance v[TRACEDAT_MAX_BUFFERS];
};

static int add_instance(struct tracedat *td, struct cursor *c, struct instances *list,
			struct error *err)
{
	u64 at = cursor_where(c), offset = cursor_u64(c);
	char *name = cursor_take(c, cursor_left(c));

	if (!name || c->bad) {
		free(name);
		return tracedat_damage(td, err, "option BUFFER is", at);
	}
	if (list->nr == TRACEDAT_MAX_BUFFERS) {
		free(name);
		return err_set(err, ERR_DAMAGED,
			       "%s: more than %u buffers (offset %llu) - the file is damaged",
			       td->in->path, TRACEDAT_MAX_BUFFERS, (unsigned long long)at);
	}
	list->v[list->nr++] = (struct instance){ offset, name };
	return 0;
}

/* Options up to the one that ends them. @list is NULL inside an instance: those do not nest. */
static int read_options(struct tracedat *td, struct cursor *c, struct instances *list,
			struct error *err)
{
	for (u32 n = 0; n < MAX_OPTIONS && !c->bad; n++) {
		u16 id = cursor_u16(c);
		struct cursor data;
		u32 len;
		int ret = 0;

		if (id == OPTION_DONE)
			break;
		len = cursor_u32(c);
		cursor_file(&data, td->in, c->pos, c->pos + len, td->big_endian);
		cursor_skip(c, len);
		if (c->bad)
			break;
		if (id != OPTION_BUFFER)
			ret = tracedat_read_option(td, id, &data, err);
		else if (list)
			ret = add_instance(td, &data, list, err);
		if (ret)
			return ret;
	}
	return c->bad ? tracedat_damage(td, err, "the options are", cursor_where(c)) : 0;
}

/* Behind the table, where the file has a clock at all: u64 length and "[local] global ...". */
static int read_clock(struct cursor *c, struct tracedat_buffer *b, struct error *err)
{
	u64 len = cursor_u64(c);
	char *text;

	if (c->bad || !len || len > 4096 || len > cursor_left(c))
		return 0;
	text = cursor_take(c, len);
	if (!text)
		return 0;
	/* Older files have page data or zeros here. */
	if (strchr(text, '[') && strchr(text, ']')) {
		b->clock = tracedat_current_clock(text);
		if (!b->clock) {
			free(text);
			return err_nomem(err, "the clock");
		}
	}
	free(text);
	return 0;
}

static int read_table(struct tracedat *td, struct cursor *c, const char *name, struct error *err)
{
	u64 at = cursor_where(c);
	struct tracedat_buffer *b;

	if (td->nr_cpus > LOG_MAX_CPUS)
		return err_set(err, ERR_DAMAGED,
			       "%s: %u CPUs, more than %u (offset %llu) - the file is damaged",
			       td->in->path, td->nr_cpus, LOG_MAX_CPUS, (unsigned long long)at);
	b = tracedat_add_buffer(td, strdup(name), td->nr_cpus);
	if (!b)
		return err_nomem(err, "buffers");
	for (u32 i = 0; i < b->nr_cpus; i++) {
		b->cpu[i].id = i;
		b->cpu[i].offset = cursor_u64(c);
		b->cpu[i].size = cursor_u64(c);
	}
	if (c->bad)
		return tracedat_damage(td, err, "the table of CPU data is", at);
	return read_clock(c, b, err);
}

/* "options", then "flyrecord" with the table; the options may be missing. */
static int read_buffer(struct tracedat *td, struct cursor *c, const char *name,
		       struct instances *list, struct error *err)
{
	char tag[TAG_BYTES + 1] = "";
	u64 at = cursor_where(c);
	int ret;

	cursor_bytes(c, tag, TAG_BYTES);
	if (!strncmp(tag, "options", 7)) {
		ret = read_options(td, c, list, err);
		if (ret)
			return ret;
		at = cursor_where(c);
		cursor_bytes(c, tag, TAG_BYTES);
	}
	if (!strncmp(tag, "flyrecord", 9))
		return read_table(td, c, name, err);
	if (!strncmp(tag, "latency", 7))
		return err_set(err, ERR_DAMAGED,
			       "%s: holds a latency trace, which is text (offset %llu) - record events with trace-cmd record -e kmem",
			       td->in->path, (unsigned long long)at);
	return tracedat_damage(td, err, "the table of CPU data is", at);
}

static int read_metadata(struct tracedat *td, struct cursor *c, struct error *err)
{
	u64 at;
	int ret = tracedat_read_header_pages(td, c, err);

	if (ret)
		return ret;
	at = cursor_where(c);
	for (u32 n = cursor_u32(c); n && !c->bad; n--)
		cursor_skip(c, cursor_u64(c));
	if (c->bad)
		return tracedat_damage(td, err, "the ftrace formats are", at);
	ret = tracedat_read_formats(td, c, err);
	if (ret)
		return ret;
	at = cursor_where(c);
	tracedat_skip_sized(c);	/* kallsyms */
	tracedat_skip_sized(c);	/* printk formats */
	if (c->bad)
		return tracedat_damage(td, err, "the symbol tables are", at);
	ret = tracedat_read_cmdlines(td, c, err);
	if (ret)
		return ret;
	td->nr_cpus = cursor_u32(c);
	return c->bad ? tracedat_damage(td, err, "the number of CPUs is", cursor_where(c)) : 0;
}

int tracedat6_read(struct tracedat *td, struct error *err)
{
	struct instances *list = calloc(1, sizeof(*list));
	struct cursor c;
	int ret;

	if (!list)
		return err_nomem(err, "buffers");
	cursor_file(&c, td->in, td->body, td->in->size, td->big_endian);
	ret = read_metadata(td, &c, err);
	if (!ret)
		ret = read_buffer(td, &c, "", list, err);
	for (u32 i = 0; i < list->nr; i++) {
		/* One broken instance does not take the others with it. */
		if (!ret) {
			cursor_file(&c, td->in, list->v[i].offset, td->in->size, td->big_endian);
			read_buffer(td, &c, list->v[i].name, NULL, &td->damage);
		}
		free(list->v[i].name);
	}
	free(list);
	return ret;
}
