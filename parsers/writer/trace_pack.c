// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* pwrite */
#include "parsers/writer/trace_pack.h"

#include "parsers/writer/trace_parts.h"
#include "parsers/tracedat/tracedat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/base/temp_name.h"

#define BIG_ENDIAN_HOST (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* The file on its way: @out collects what begins at @at and is written by flush(). */
struct packer {
	const struct trace_pack *p;
	const char *path;
	int fd;
	u64 at;
	struct outbuf out;
	u8 *chunk;
	size_t chunk_size;
	struct error *err;
};

static int io_error(const struct packer *k, const char *what)
{
	return err_set(k->err, ERR_IO, "%s: cannot %s (%s) - make room, or write elsewhere",
		       k->path, what, strerror(errno));
}

static int write_at(const struct packer *k, u64 at, const u8 *p, size_t len)
{
	while (len) {
		ssize_t n = pwrite(k->fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return io_error(k, "write");
		p += n;
		at += (u64)n;
		len -= (size_t)n;
	}
	return 0;
}

static int patch_at(const struct packer *k, u64 at, u64 v)
{
	u8 bytes[8];

	outbuf_store(bytes, v, 8, BIG_ENDIAN_HOST);
	return write_at(k, at, bytes, sizeof(bytes));
}

static int flush(struct packer *k)
{
	int ret = k->out.failed ? err_nomem(k->err, "the trace file") :
		  write_at(k, k->at, k->out.data, k->out.len);

	k->at += k->out.len;
	k->out.len = 0;
	return ret;
}

static void put_header_info(const void *ctx, struct outbuf *o)
{
	const struct trace_pack *p = ctx;

	outbuf_string(o, "header_page");
	part_text(o, p->header_page, 8);
	outbuf_string(o, "header_event");
	part_text(o, p->header_event, 8);
}

/* Events of the system that begins at @from. */
static u32 same_system(const struct trace_pack *p, u32 from)
{
	u32 n = 1;

	while (from + n < p->nr_formats &&
	       !strcmp(p->formats[from + n].system, p->formats[from].system))
		n++;
	return n;
}

static void put_formats(const void *ctx, struct outbuf *o)
{
	const struct trace_pack *p = ctx;
	size_t at = o->len;
	u32 systems = 0;

	outbuf_number(o, 0, 4);
	for (u32 i = 0; i < p->nr_formats; systems++) {
		u32 n = same_system(p, i);

		outbuf_string(o, p->formats[i].system);
		outbuf_number(o, n, 4);
		for (; n; n--, i++)
			part_text(o, p->formats[i].text, 8);
	}
	outbuf_patch(o, at, systems, 4);
}

static void put_cmdlines(const void *ctx, struct outbuf *o)
{
	const struct trace_pack *p = ctx;

	part_text(o, p->cmdlines, 8);
}

static u32 cpu_count(const struct trace_pack *p)
{
	return p->nr_cpus ? p->cpus[p->nr_cpus - 1].id + 1 : 0;
}

static void put_options(const void *ctx, struct outbuf *o)
{
	const struct trace_pack *p = ctx;

	part_option(o, OPTION_TRACECLOCK, p->clock, strlen(p->clock) + 1);
	part_option(o, OPTION_UNAME, p->uname, strlen(p->uname) + 1);
	for (u32 i = 0; i < p->nr_cpus; i++) {
		char text[4096];
		int n = p->cpus[i].stats ? snprintf(text, sizeof(text), "CPU: %u\n%s",
						    p->cpus[i].id, p->cpus[i].stats) : 0;

		if (n > 0)
			part_option(o, OPTION_CPUSTAT, text,
				    min_u64((u64)n, sizeof(text) - 1) + 1);
	}
	part_number_option(o, OPTION_CPUCOUNT, cpu_count(p), 4);
}

static struct part_metadata metadata(const struct trace_pack *p)
{
	return (struct part_metadata){
		.ctx = p, .header_info = put_header_info, .formats = put_formats,
		.cmdlines = put_cmdlines, .options = put_options, .cpus = cpu_count(p),
	};
}

/* The clock's name out of "local [mono] ...", in brackets. */
static void clock_in_brackets(const struct trace_pack *p, char *out, size_t size)
{
	char *name = tracedat_current_clock(p->clock);

	snprintf(out, size, "[%.60s]", name ? name : "mono");
	free(name);
}

/* Next up to chunk_size bytes of the pages of @c. */
static int read_pages(struct packer *k, const struct pack_cpu *c, u64 at, size_t *got)
{
	size_t want = min_u64(k->chunk_size, c->size - at);

	*got = 0;
	while (*got < want) {
		ssize_t n = pread(c->fd, k->chunk + *got, want - *got, (off_t)(at + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return io_error(k, "read back the recorded pages");
		*got += (size_t)n;
	}
	return 0;
}

/* Data of one CPU; @size: its bytes as the table of CPUs gives them. */
static int put_cpu(struct packer *k, const struct pack_cpu *c, u64 *offset, u64 *size)
{
	const u64 chunks = (c->size + k->chunk_size - 1) / k->chunk_size;
	int ret;

	outbuf_bytes(&k->out, NULL, (PARTS_HOST_PAGE - (k->at + k->out.len) % PARTS_HOST_PAGE) %
		     PARTS_HOST_PAGE);
	*offset = k->at + k->out.len;
	if (k->p->zstd)
		outbuf_number(&k->out, chunks, 4);
	ret = flush(k);
	for (u64 at = 0; at < c->size && !ret; at += k->chunk_size) {
		size_t got;

		ret = read_pages(k, c, at, &got);
		if (ret)
			break;
		if (!k->p->zstd)
			outbuf_bytes(&k->out, k->chunk, got);
		else if (!part_chunk(&k->out, k->chunk, got))
			k->out.failed = true;
		ret = flush(k);
	}
	/* As trace-cmd 3.1: the number of chunks is not counted. */
	*size = k->at - *offset - (k->p->zstd ? 4 : 0);
	return ret;
}

static int pack_v6(struct packer *k)
{
	const struct trace_pack *p = k->p;
	struct outbuf *o = &k->out;
	const struct part_metadata meta = metadata(p);
	char clock[64];
	size_t table;
	int ret;

	part_metadata_v6(o, &meta);
	outbuf_number(o, OPTION_DONE, 2);
	outbuf_bytes(o, "flyrecord", 10);
	table = o->len;
	outbuf_bytes(o, NULL, 16 * (size_t)meta.cpus);
	clock_in_brackets(p, clock, sizeof(clock));
	part_text(o, clock, 8);
	ret = flush(k);
	for (u32 i = 0; i < p->nr_cpus && !ret; i++) {
		u64 offset, size, at = table + 16ULL * p->cpus[i].id;

		ret = put_cpu(k, &p->cpus[i], &offset, &size);
		if (!ret)
			ret = patch_at(k, at, offset);
		if (!ret)
			ret = patch_at(k, at + 8, size);
	}
	return ret;
}

static void put_buffer_option(struct packer *k, u64 section, const struct outbuf *table)
{
	struct outbuf *o = &k->out;
	size_t at = part_begin(o, OPTION_DONE, false);
	char *clock = tracedat_current_clock(k->p->clock);

	part_buffer_option(o, section, "", clock ? clock : "mono", k->p->subbuf_size, k->p->nr_cpus);
	outbuf_bytes(o, table->data, table->len);
	o->failed |= table->failed;
	part_end_options(o, at);
	free(clock);
}

static int pack_v7(struct packer *k)
{
	struct outbuf table = { .big_endian = BIG_ENDIAN_HOST };
	const struct part_metadata meta = metadata(k->p);
	const size_t link = part_metadata_v7(&k->out, &meta, k->p->zstd);
	size_t section;
	int ret;

	section = part_begin(&k->out, OPTION_BUFFER, k->p->zstd);
	ret = flush(k);
	for (u32 i = 0; i < k->p->nr_cpus && !ret; i++) {
		u64 offset, size;

		ret = put_cpu(k, &k->p->cpus[i], &offset, &size);
		outbuf_number(&table, k->p->cpus[i].id, 4);
		outbuf_number(&table, offset, 8);
		outbuf_number(&table, size, 8);
	}
	if (!ret)
		ret = patch_at(k, section + 8, k->at - section - 16);
	if (!ret)
		ret = patch_at(k, link, k->at);
	if (!ret) {
		put_buffer_option(k, section, &table);
		ret = flush(k);
	}
	outbuf_fini(&table);
	return ret;
}

static int pack(struct packer *k)
{
	k->chunk_size = (size_t)PARTS_CHUNK_PAGES * k->p->subbuf_size;
	k->chunk = malloc(k->chunk_size);
	k->out.big_endian = BIG_ENDIAN_HOST;
	if (!k->chunk)
		return err_nomem(k->err, "the trace file");
	part_head(&k->out, k->p->version, sizeof(long), PARTS_HOST_PAGE, k->p->zstd);
	return k->p->version == 6 ? pack_v6(k) : pack_v7(k);
}

int trace_pack_write(const struct trace_pack *p, const char *path, struct error *err)
{
	struct packer k = { .p = p, .path = path, .err = err };
	char tmp[4096];
	int ret;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.tmp%ld", path, (long)getpid()) >= sizeof(tmp))
		return err_set(err, ERR_USAGE, "%.80s...: name too long - use a shorter one", path);
	/* Made by root and full of names: nobody else's to read, and never through a link. */
	(void)unlink(tmp);
	k.fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (k.fd < 0)
		return io_error(&k, "create");
	temp_name_add(tmp);
	ret = pack(&k);
	if (!ret && fsync(k.fd))
		ret = io_error(&k, "write");
	if (close(k.fd) && !ret)
		ret = io_error(&k, "write");
	if (!ret && rename(tmp, path))
		ret = io_error(&k, "rename to");
	if (ret)
		unlink(tmp);
	temp_name_drop(tmp);
	free(k.chunk);
	outbuf_fini(&k.out);
	return ret;
}
