// SPDX-License-Identifier: GPL-2.0
/*
 * Assembly of trace.dat files, in the order in which trace-cmd writes them.
 */
#include "parsers/writer/trace_writer_file.h"

#include "parsers/writer/trace_parts.h"
#include "parsers/tracedat/tracedat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static u32 cpu_count(const struct trace_writer *w, bool dense)
{
	u32 n = 0;

	for (u32 c = 0; c < LOG_MAX_CPUS; c++)
		if (w->cpu[c])
			n = dense ? c + 1 : n + 1;
	return n;
}

static void put_header_info(const void *ctx, struct outbuf *o)
{
	const struct trace_writer *w = ctx;
	const u32 l = w->opts.long_size;
	char page[256];

	snprintf(page, sizeof(page),
		 "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		 "\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n"
		 "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		 "\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:0;\n",
		 l, 8 + l, w->opts.subbuf_size - 8 - l);
	outbuf_string(o, "header_page");
	part_text(o, page, 8);
	outbuf_string(o, "header_event");
	part_text(o, "# compressed entry header\n"
		    "\ttype_len    :    5 bits\n"
		    "\ttime_delta  :   27 bits\n"
		    "\tarray       :   32 bits\n\n"
		    "\tpadding     : type == 29\n"
		    "\ttime_extend : type == 30\n"
		    "\ttime_stamp : type == 31\n"
		    "\tdata max type_len  == 28\n", 8);
}

/* All of kmem: a reader tells by them what could have come. Of others those that came. */
static bool has_format(const struct trace_writer *w, u8 kind, const char *system)
{
	return event_kinds[kind].system && !strcmp(event_kinds[kind].system, system) &&
	       (w->used[kind] || !strcmp(system, "kmem"));
}

static u32 put_system(const struct trace_writer *w, const char *system, struct outbuf *o)
{
	u32 nr = 0;
	size_t count;

	for (u8 k = 0; k < NR_EVENT_KINDS; k++)
		nr += has_format(w, k, system);
	if (!nr)
		return 0;
	outbuf_string(o, system);
	outbuf_number(o, nr, 4);
	for (u8 k = 0; k < NR_EVENT_KINDS; k++) {
		if (!has_format(w, k, system))
			continue;
		count = o->len;
		outbuf_number(o, 0, 8);
		record_format_text(o, k, &w->layout[k]);
		outbuf_patch(o, count, o->len - count - 8, 8);
	}
	return 1;
}

static void put_formats(const void *ctx, struct outbuf *o)
{
	static const char *const systems[] = { "kmem", "compaction", "migrate" };
	const size_t at = o->len;
	u32 nr = 0;

	outbuf_number(o, 0, 4);
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++)
		nr += put_system(ctx, systems[i], o);
	outbuf_patch(o, at, nr, 4);
}

static void put_cmdlines(const void *ctx, struct outbuf *o)
{
	const struct trace_writer *w = ctx;
	size_t at = o->len;

	outbuf_number(o, 0, 8);
	for (u32 i = 0; i < w->nr_comms; i++) {
		char pid[16];
		int n = snprintf(pid, sizeof(pid), "%u ", w->comm[i].pid);

		outbuf_bytes(o, pid, (size_t)n);
		outbuf_bytes(o, w->comm[i].comm, strlen(w->comm[i].comm));
		outbuf_bytes(o, "\n", 1);
	}
	outbuf_patch(o, at, o->len - at - 8, 8);
}

static void put_options(const void *ctx, struct outbuf *o)
{
	const struct trace_writer *w = ctx;
	char text[512];
	int n;

	n = snprintf(text, sizeof(text), "local global [%s]\n", w->opts.clock);
	part_option(o, OPTION_TRACECLOCK, text, (size_t)n + 1);
	n = snprintf(text, sizeof(text), "Linux %.128s %.128s %.128s", w->opts.host,
		     w->opts.kernel, w->opts.machine);
	part_option(o, OPTION_UNAME, text, (size_t)n + 1);
	if (w->opts.tsc_mult) {
		outbuf_number(o, OPTION_TSC2NSEC, 2);
		outbuf_number(o, 16, 4);
		outbuf_number(o, w->opts.tsc_mult, 4);
		outbuf_number(o, w->opts.tsc_shift, 4);
		outbuf_number(o, 0, 8);
	}
	part_number_option(o, OPTION_CPUCOUNT, cpu_count(w, true), 4);
}

static struct part_metadata metadata(const struct trace_writer *w)
{
	return (struct part_metadata){
		.ctx = w, .header_info = put_header_info, .formats = put_formats,
		.cmdlines = put_cmdlines, .options = put_options, .cpus = cpu_count(w, true),
	};
}

int trace_writer_chunk(struct trace_writer *w, struct writer_cpu *c, struct error *err)
{
	const struct outbuf *data = &c->pages;
	int ret;

	if (c->pages.failed)
		return err_nomem(err, "the pages of a trace");
	if (!c->pages.len)
		return 0;
	if (w->opts.zstd) {
		w->packed.len = 0;
		w->packed.big_endian = w->opts.big_endian;
		if (!part_chunk(&w->packed, c->pages.data, c->pages.len) || w->packed.failed)
			return err_nomem(err, "a chunk of a trace");
		data = &w->packed;
	}
	ret = page_store_add(&w->store, &c->chunks, data->data, data->len, err);
	c->pages.len = 0;
	return ret;
}

/* ---- the file: what is small lies in @out, the pages are copied behind it ---- */

/**
 * struct assembly - the file on its way
 * @out: bytes that begin at @base in the file
 */
struct assembly {
	struct trace_writer *w;
	struct outbuf out;
	u64 base;
	FILE *f;
	struct error *err;
};

static u64 file_pos(const struct assembly *a)
{
	return a->base + a->out.len;
}

static int flush(struct assembly *a)
{
	if (a->out.failed)
		return err_nomem(a->err, "the trace file");
	if (fwrite(a->out.data, 1, a->out.len, a->f) != a->out.len)
		return err_set(a->err, ERR_IO, "%s: cannot write (%s) - make room, or write elsewhere",
			       a->w->path, strerror(errno));
	a->base += a->out.len;
	a->out.len = 0;
	return 0;
}

/* A sub-buffer is one page of the host. */
static u32 host_page(const struct trace_writer *w)
{
	return w->opts.subbuf_size;
}

/* Place the data of all CPUs from file position @at on. Return: where it ends. */
static u64 place_data(struct trace_writer *w, u64 at)
{
	const u32 page = host_page(w);

	for (u32 i = 0; i < LOG_MAX_CPUS; i++) {
		struct writer_cpu *c = w->cpu[i];

		if (!c)
			continue;
		c->at = (at + page - 1) / page * page;
		/* As trace-cmd 3.1: the number of chunks is not counted. */
		c->bytes = c->chunks.bytes;
		at = c->at + c->bytes + (w->opts.zstd ? 4 : 0);
	}
	return at;
}

static int put_data(struct assembly *a)
{
	struct trace_writer *w = a->w;
	int ret = 0;

	for (u32 i = 0; i < LOG_MAX_CPUS && !ret; i++) {
		struct writer_cpu *c = w->cpu[i];

		if (!c)
			continue;
		outbuf_bytes(&a->out, NULL, c->at - file_pos(a));
		if (w->opts.zstd)
			outbuf_number(&a->out, c->chunks.nr, 4);
		ret = flush(a);
		if (!ret)
			ret = page_store_copy(&w->store, &c->chunks, a->f, w->path, a->err);
		a->base += c->chunks.bytes;
	}
	return ret;
}

/* Version 6: the table of CPUs, and the clock; the pages follow. With !@data, an empty table. */
static void put_flyrecord(struct assembly *a, bool data)
{
	struct trace_writer *w = a->w;
	const u32 cpus = cpu_count(w, true), page = host_page(w);
	struct outbuf *o = &a->out;
	char clock[64];
	u64 end;

	snprintf(clock, sizeof(clock), "[%.32s]", w->opts.clock);
	outbuf_bytes(o, "flyrecord", 10);
	end = file_pos(a) + 16ULL * cpus + 8 + strlen(clock);
	if (data)
		place_data(w, end);
	end = (end + page - 1) / page * page;
	for (u32 c = 0; c < cpus; c++) {
		const struct writer_cpu *cpu = data ? w->cpu[c] : NULL;

		outbuf_number(o, cpu ? cpu->at : end, 8);
		outbuf_number(o, cpu ? cpu->bytes : 0, 8);
	}
	part_text(o, clock, 8);
	if (!data && cpus)
		outbuf_align(o, page);
}

static int assemble_v6(struct assembly *a)
{
	const struct trace_writer *w = a->w;
	const struct part_metadata meta = metadata(w);
	const bool instance = *w->opts.buffer;
	struct outbuf *o = &a->out;
	size_t offset_at = 0;

	part_metadata_v6(o, &meta);
	if (instance) {
		outbuf_number(o, OPTION_BUFFER, 2);
		outbuf_number(o, 8 + strlen(w->opts.buffer) + 1, 4);
		offset_at = o->len;
		outbuf_number(o, 0, 8);
		outbuf_string(o, w->opts.buffer);
	}
	outbuf_number(o, OPTION_DONE, 2);
	put_flyrecord(a, !instance);
	if (instance) {
		outbuf_patch(o, offset_at, o->len, 8);
		put_flyrecord(a, true);
	}
	return put_data(a);
}

/* ---- version 7 ---- */

static void put_cpu_table(const struct trace_writer *w, struct outbuf *o)
{
	for (u32 c = 0; c < LOG_MAX_CPUS; c++) {
		if (!w->cpu[c])
			continue;
		outbuf_number(o, c, 4);
		outbuf_number(o, w->cpu[c]->at, 8);
		outbuf_number(o, w->cpu[c]->bytes, 8);
	}
}

/*
 * A buffer: its section, then an options section that tells where each CPU's data lies. *@link is
 * the place that leads to the options section, and then the one that leads to the next.
 */
static int put_buffer(struct assembly *a, const char *name, bool data, size_t *link)
{
	const struct trace_writer *w = a->w;
	const u32 cpus = data ? cpu_count(w, false) : 0;
	struct outbuf *o = &a->out;
	const u64 section = file_pos(a);
	size_t at = part_begin(o, OPTION_BUFFER, w->opts.zstd);
	const u64 end = data ? place_data(a->w, file_pos(a)) : file_pos(a);
	int ret = 0;

	outbuf_patch(o, at + 8, end - section - 16, 8);
	outbuf_patch(o, *link, end, 8);
	if (data)
		ret = put_data(a);
	at = part_begin(o, OPTION_DONE, false);
	part_buffer_option(o, section, name, w->opts.clock, w->opts.subbuf_size, cpus);
	if (data)
		put_cpu_table(w, o);
	*link = part_end_options(o, at);
	return ret;
}

static int assemble_v7(struct assembly *a)
{
	const struct trace_writer *w = a->w;
	const struct part_metadata meta = metadata(w);
	size_t link = part_metadata_v7(&a->out, &meta, w->opts.zstd);
	int ret = put_buffer(a, "", !*w->opts.buffer, &link);

	if (!ret && *w->opts.buffer)
		ret = put_buffer(a, w->opts.buffer, true, &link);
	return ret;
}

int trace_writer_assemble(struct trace_writer *w, FILE *f, struct error *err)
{
	struct assembly a = { .w = w, .out.big_endian = w->opts.big_endian, .f = f, .err = err };
	int ret;

	part_head(&a.out, w->opts.version, w->opts.long_size, host_page(w), w->opts.zstd);
	ret = w->opts.version == 6 ? assemble_v6(&a) : assemble_v7(&a);
	if (!ret)
		ret = flush(&a);
	outbuf_fini(&a.out);
	return ret;
}
