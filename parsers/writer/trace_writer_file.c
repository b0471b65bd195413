// SPDX-License-Identifier: GPL-2.0
/*
 * Assembly of trace.dat files, in the order in which trace-cmd writes them.
 */
#include "parsers/writer/trace_writer_file.h"

#include "parsers/writer/trace_parts.h"
#include "parsers/tracedat/tracedat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static u32 cpu_count(const struct trace_writer *w, bool dense)
{
	u32 n = 0;

	for (u32 c = 0; c < LOG_MAX_CPUS; c++)
		if (w->cpu[c])
			n = dense ? c + 1 : n + 1;
	return n;
}

static void put_header_info(const struct trace_writer *w, struct outbuf *o)
{
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

static void put_formats(const struct trace_writer *w, struct outbuf *o)
{
	outbuf_number(o, 1, 4);
	outbuf_string(o, "kmem");
	outbuf_number(o, EVENT_LOST, 4);
	for (u8 k = 0; k < EVENT_LOST; k++) {
		size_t at = o->len;

		outbuf_number(o, 0, 8);
		record_format_text(o, k, &w->layout[k]);
		outbuf_patch(o, at, o->len - at - 8, 8);
	}
}

static void put_cmdlines(const struct trace_writer *w, struct outbuf *o)
{
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

static void put_host_options(const struct trace_writer *w, struct outbuf *o)
{
	char text[512];
	int n;

	n = snprintf(text, sizeof(text), "local global [%s]\n", w->opts.clock);
	part_option(o, OPTION_TRACECLOCK, text, (size_t)n + 1);
	n = snprintf(text, sizeof(text), "Linux %.128s %.128s %.128s", w->opts.host,
		     w->opts.kernel, w->opts.machine);
	part_option(o, OPTION_UNAME, text, (size_t)n + 1);
	if (!w->opts.tsc_mult)
		return;
	outbuf_number(o, OPTION_TSC2NSEC, 2);
	outbuf_number(o, 16, 4);
	outbuf_number(o, w->opts.tsc_mult, 4);
	outbuf_number(o, w->opts.tsc_shift, 4);
	outbuf_number(o, 0, 8);
}

static size_t chunk_bytes(const struct trace_writer *w)
{
	return (size_t)PARTS_CHUNK_PAGES * w->opts.subbuf_size;
}

/* Data of one CPU; returns its bytes as the table of CPUs gives them. */
static u64 put_cpu_data(const struct trace_writer *w, const struct writer_cpu *c, struct outbuf *o)
{
	const size_t len = c->pages.len, step = chunk_bytes(w);
	size_t at = o->len;

	if (!w->opts.zstd) {
		outbuf_bytes(o, c->pages.data, len);
		return len;
	}
	outbuf_number(o, (len + step - 1) / step, 4);
	for (size_t i = 0; i < len; i += step)
		if (!part_chunk(o, c->pages.data + i, min_u64(step, len - i)))
			o->failed = true;
	/* As trace-cmd 3.1: the number of chunks is not counted. */
	return o->len - at - 4;
}

/* Version 6: the table of @cpus CPUs, the clock, and the pages; an empty table with !@data. */
static void put_flyrecord(const struct trace_writer *w, struct outbuf *o, bool data)
{
	const u32 cpus = cpu_count(w, true);
	char clock[64];
	size_t table;

	outbuf_bytes(o, "flyrecord", 10);
	table = o->len;
	outbuf_bytes(o, NULL, 16 * (size_t)cpus);
	snprintf(clock, sizeof(clock), "[%.32s]", w->opts.clock);
	part_text(o, clock, 8);
	for (u32 c = 0; c < cpus; c++) {
		u64 size = 0;

		outbuf_align(o, PARTS_HOST_PAGE);
		outbuf_patch(o, table + 16 * (size_t)c, o->len, 8);
		if (data && w->cpu[c])
			size = put_cpu_data(w, w->cpu[c], o);
		outbuf_patch(o, table + 16 * (size_t)c + 8, size, 8);
	}
}

static void assemble_v6(const struct trace_writer *w, struct outbuf *o)
{
	const bool instance = *w->opts.buffer;
	size_t offset_at = 0;

	put_header_info(w, o);
	outbuf_number(o, 0, 4);		/* ftrace formats */
	put_formats(w, o);
	outbuf_number(o, 0, 4);		/* kallsyms */
	outbuf_number(o, 0, 4);		/* printk formats */
	put_cmdlines(w, o);
	outbuf_number(o, cpu_count(w, true), 4);
	outbuf_bytes(o, "options  ", 10);
	put_host_options(w, o);
	part_number_option(o, OPTION_CPUCOUNT, cpu_count(w, true), 4);
	if (instance) {
		outbuf_number(o, OPTION_BUFFER, 2);
		outbuf_number(o, 8 + strlen(w->opts.buffer) + 1, 4);
		offset_at = o->len;
		outbuf_number(o, 0, 8);
		outbuf_string(o, w->opts.buffer);
	}
	outbuf_number(o, OPTION_DONE, 2);
	put_flyrecord(w, o, !instance);
	if (instance) {
		outbuf_patch(o, offset_at, o->len, 8);
		put_flyrecord(w, o, true);
	}
}

/* ---- version 7 ---- */

static size_t put_section(const struct trace_writer *w, struct outbuf *o, u16 id,
			  void (*put)(const struct trace_writer *w, struct outbuf *o))
{
	struct outbuf body = { .big_endian = o->big_endian };
	size_t at;

	put(w, &body);
	at = part_section(o, id, &body, w->opts.zstd);
	outbuf_fini(&body);
	return at;
}

static void put_empty(const struct trace_writer *w __unused, struct outbuf *o)
{
	outbuf_number(o, 0, 4);
}

/* Begin the options section that *link (a place in the file) leads to. */
static size_t begin_options(struct outbuf *o, size_t link)
{
	outbuf_patch(o, link, o->len, 8);
	return part_begin(o, OPTION_DONE, false);
}

/* A buffer: its section, then an options section that tells where each CPU's data lies. */
static size_t put_buffer(const struct trace_writer *w, struct outbuf *o, const char *name,
			 bool data, size_t link)
{
	const u32 cpus = data ? cpu_count(w, false) : 0;
	struct outbuf table = { .big_endian = o->big_endian };
	size_t section = part_begin(o, OPTION_BUFFER, w->opts.zstd), at;

	for (u32 c = 0; data && c < LOG_MAX_CPUS; c++) {
		if (!w->cpu[c])
			continue;
		outbuf_align(o, PARTS_HOST_PAGE);
		outbuf_number(&table, c, 4);
		outbuf_number(&table, o->len, 8);
		outbuf_number(&table, put_cpu_data(w, w->cpu[c], o), 8);
	}
	part_end(o, section);
	at = begin_options(o, link);
	outbuf_number(o, OPTION_BUFFER, 2);
	outbuf_number(o, 8 + strlen(name) + 1 + strlen(w->opts.clock) + 1 + 8 + table.len, 4);
	outbuf_number(o, section, 8);
	outbuf_string(o, name);
	outbuf_string(o, w->opts.clock);
	outbuf_number(o, w->opts.subbuf_size, 4);
	outbuf_number(o, cpus, 4);
	outbuf_bytes(o, table.data, table.len);
	o->failed |= table.failed;
	outbuf_fini(&table);
	return part_end_options(o, at);
}

static void assemble_v7(const struct trace_writer *w, struct outbuf *o)
{
	static const struct {
		u16 id;
		void (*put)(const struct trace_writer *w, struct outbuf *o);
	} sections[] = {
		{ OPTION_HEADER_INFO, put_header_info },
		{ OPTION_FTRACE_EVENTS, put_empty },
		{ OPTION_EVENT_FORMATS, put_formats },
		{ OPTION_KALLSYMS, put_empty },
		{ OPTION_PRINTK, put_empty },
		{ OPTION_CMDLINES, put_cmdlines },
	};
	size_t offset[ARRAY_SIZE(sections)], link, at;

	link = o->len;
	outbuf_number(o, 0, 8);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		offset[i] = put_section(w, o, sections[i].id, sections[i].put);
	at = begin_options(o, link);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		part_number_option(o, sections[i].id, offset[i], 8);
	put_host_options(w, o);
	part_number_option(o, OPTION_CPUCOUNT, cpu_count(w, true), 4);
	link = part_end_options(o, at);
	link = put_buffer(w, o, "", !*w->opts.buffer, link);
	if (*w->opts.buffer)
		put_buffer(w, o, w->opts.buffer, true, link);
}

int trace_writer_assemble(const struct trace_writer *w, struct outbuf *file, struct error *err)
{
	part_head(file, w->opts.version, w->opts.long_size, w->opts.zstd);
	if (w->opts.version == 6)
		assemble_v6(w, file);
	else
		assemble_v7(w, file);
	for (u32 c = 0; c < LOG_MAX_CPUS; c++)
		file->failed |= w->cpu[c] && w->cpu[c]->pages.failed;
	return file->failed ? err_nomem(err, "the trace file") : 0;
}
