// SPDX-License-Identifier: GPL-2.0
/*
 * The trace writer: options, ring-buffer pages, and the file's way to its final name.
 */
#include "parsers/writer/trace_writer.h"

#include "parsers/page.h"
#include "parsers/writer/trace_parts.h"
#include "parsers/writer/trace_writer_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/base/temp_name.h"

#define DELTA_BITS 27
#define SMALL_RECORD_MAX 112	/* 28 words: longer ones store their length in a word */
#define NAME_BYTES_MAX 256
#define TYPE_TIME_EXTEND 30u
#define COMMIT_LOST 0x80000000u
#define COMMIT_LOST_STORED 0x40000000u

static int check_opts(const struct trace_writer_opts *o, const char *path, struct error *err)
{
	const char *bad = NULL;

	if (o->version != 6 && o->version != 7)
		bad = "the version must be 6 or 7";
	else if (o->version == 6 && o->zstd)
		bad = "version 6 cannot be compressed";
	else if (o->long_size != 4 && o->long_size != 8)
		bad = "a long has 4 or 8 bytes";
	else if (o->subbuf_size < PAGE_SIZE_MIN || o->subbuf_size > PAGE_SIZE_MAX ||
		 o->subbuf_size & (o->subbuf_size - 1))
		bad = "a page has 512 to 1048576 bytes, a power of two";
	return bad ? err_set(err, ERR_USAGE, "%s: %s - change the options of the writer", path,
			     bad) : 0;
}

static void default_string(const char **s, const char *value)
{
	if (!*s)
		*s = value;
}

static void set_defaults(struct trace_writer_opts *o)
{
	if (!o->version)
		o->version = 7;
	if (!o->long_size)
		o->long_size = 8;
	if (!o->subbuf_size)
		o->subbuf_size = 4096;
	default_string(&o->buffer, "");
	default_string(&o->clock, "mono");
	default_string(&o->host, "host");
	default_string(&o->kernel, "6.18.0");
	default_string(&o->machine, "x86_64");
}

struct trace_writer *trace_writer_open(const char *path, const struct trace_writer_opts *opts,
				       struct error *err)
{
	struct trace_writer *w = calloc(1, sizeof(*w));

	if (w)
		w->path = strdup(path);
	if (!w || !w->path) {
		free(w);
		err_nomem(err, "the trace writer");
		return NULL;
	}
	if (opts)
		w->opts = *opts;
	set_defaults(&w->opts);
	w->store.dir = w->opts.temp_dir;
	if (check_opts(&w->opts, path, err)) {
		trace_writer_abort(w);
		return NULL;
	}
	w->record.big_endian = w->opts.big_endian;
	for (u8 k = 0; k < NR_EVENT_KINDS; k++)
		if (event_kinds[k].system)
			record_layout_init(&w->layout[k], k, w->opts.long_size);
	return w;
}

void trace_writer_abort(struct trace_writer *w)
{
	if (!w)
		return;
	for (u32 c = 0; c < LOG_MAX_CPUS; c++) {
		if (w->cpu[c]) {
			outbuf_fini(&w->cpu[c]->pages);
			page_chunks_fini(&w->cpu[c]->chunks);
		}
		free(w->cpu[c]);
	}
	for (u32 i = 0; i < w->nr_comms; i++)
		free(w->comm[i].comm);
	free(w->comm);
	outbuf_fini(&w->record);
	outbuf_fini(&w->packed);
	page_store_fini(&w->store);
	free(w->path);
	free(w);
}

static u32 data_offset(const struct trace_writer *w)
{
	return 8 + w->opts.long_size;
}

static u8 *open_page_bytes(const struct trace_writer *w, const struct writer_cpu *c)
{
	return c->pages.data + c->pages.len - w->opts.subbuf_size;
}

static void close_page(const struct trace_writer *w, struct writer_cpu *c)
{
	u32 commit = c->used;
	u8 *page;

	if (!c->open || c->pages.failed)
		return;
	page = open_page_bytes(w, c);
	if (c->lost)
		commit |= COMMIT_LOST;
	if (c->lost && c->lost_count) {
		commit |= COMMIT_LOST_STORED;
		outbuf_store(page + data_offset(w) + c->used, c->lost_count, w->opts.long_size,
			     w->opts.big_endian);
	}
	/* The kernel adds the flags as an int: on 64 bits they are sign-extended. */
	outbuf_store(page + 8, (u64)(s64)(s32)commit, w->opts.long_size, w->opts.big_endian);
	c->open = false;
}

static int open_page(struct trace_writer *w, struct writer_cpu *c, u64 time, struct error *err)
{
	int ret = 0;

	close_page(w, c);
	if (c->pages.len == (size_t)PARTS_CHUNK_PAGES * w->opts.subbuf_size)
		ret = trace_writer_chunk(w, c, err);
	if (ret)
		return ret;
	outbuf_bytes(&c->pages, NULL, w->opts.subbuf_size);
	if (c->pages.failed)
		return err_nomem(err, "the pages of a trace");
	outbuf_store(open_page_bytes(w, c), time, 8, w->opts.big_endian);
	c->open = true;
	c->time = time;
	c->used = 0;
	c->lost = false;
	c->lost_count = 0;
	return 0;
}

static void put_word(const struct trace_writer *w, struct writer_cpu *c, u32 word)
{
	outbuf_store(open_page_bytes(w, c) + data_offset(w) + c->used, word, 4,
		     w->opts.big_endian);
	c->used += 4;
}

static void put_header(const struct trace_writer *w, struct writer_cpu *c, u32 type, u32 delta)
{
	put_word(w, c, w->opts.big_endian ? type << DELTA_BITS | delta : delta << 5 | type);
}

static int put_record(struct trace_writer *w, struct writer_cpu *c, u64 time, struct error *err)
{
	const u32 len = (u32)w->record.len;
	const u32 need = (len <= SMALL_RECORD_MAX ? 4 : 8) + len;
	u32 room = w->opts.subbuf_size - data_offset(w) - (c->lost_count ? w->opts.long_size : 0);
	u64 delta = time - c->time;
	u32 extend = delta >> DELTA_BITS ? 8 : 0;

	int ret;

	if (w->record.failed)
		return err_nomem(err, "an event");
	if (need > w->opts.subbuf_size - data_offset(w))
		return err_set(err, ERR_USAGE, "%s: an event of %u bytes does not fit a page",
			       w->path, len);
	if (!c->open || c->used + extend + need > room) {
		ret = open_page(w, c, time, err);
		if (ret)
			return ret;
		delta = extend = 0;
	}
	if (extend) {
		put_header(w, c, TYPE_TIME_EXTEND, (u32)delta & ((1u << DELTA_BITS) - 1));
		put_word(w, c, (u32)(delta >> DELTA_BITS));
		delta = 0;
	}
	put_header(w, c, len <= SMALL_RECORD_MAX ? len / 4 : 0, (u32)delta);
	if (len > SMALL_RECORD_MAX)
		put_word(w, c, len + 4);
	memcpy(open_page_bytes(w, c) + data_offset(w) + c->used, w->record.data, len);
	c->used += len;
	c->time = time;
	return 0;
}

/* Remember the comm of a pid; the first one stays. */
static int add_comm(struct trace_writer *w, u32 pid, const char *comm, struct error *err)
{
	u32 lo = 0, hi = w->nr_comms;
	struct writer_comm *grown;
	char *copy;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (w->comm[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < w->nr_comms && w->comm[lo].pid == pid)
		return 0;
	copy = strdup(comm);
	grown = copy ? realloc(w->comm, (w->nr_comms + 1) * sizeof(*grown)) : NULL;
	if (!grown) {
		free(copy);
		return err_nomem(err, "the tasks of a trace");
	}
	w->comm = grown;
	memmove(&grown[lo + 1], &grown[lo], (w->nr_comms - lo) * sizeof(*grown));
	grown[lo] = (struct writer_comm){ pid, copy };
	w->nr_comms++;
	return 0;
}

static int get_cpu(struct trace_writer *w, const struct event *ev, struct writer_cpu **cpu,
		   struct error *err)
{
	struct writer_cpu **slot;

	if (ev->cpu >= LOG_MAX_CPUS || ev->kind >= NR_EVENT_KINDS)
		return err_set(err, ERR_USAGE, "%s: no CPU %u or no kind %u - fix the generator",
			       w->path, ev->cpu, ev->kind);
	slot = &w->cpu[ev->cpu];
	if (!*slot) {
		*slot = calloc(1, sizeof(**slot));
		if (!*slot)
			return err_nomem(err, "the CPUs of a trace");
		(*slot)->pages.big_endian = w->opts.big_endian;
	}
	if (ev->time < (*slot)->time)
		return err_set(err, ERR_USAGE,
			       "%s: time goes back to %llu on CPU %u - fix the generator", w->path,
			       (unsigned long long)ev->time, ev->cpu);
	*cpu = *slot;
	return 0;
}

int trace_writer_event(struct trace_writer *w, const struct event *ev, u32 pid, const char *comm,
		       const char *name, struct error *err)
{
	struct writer_cpu *c = NULL;
	int ret = get_cpu(w, ev, &c, err);

	if (ret)
		return ret;
	if (name && strlen(name) >= NAME_BYTES_MAX)
		return err_set(err, ERR_USAGE, "%s: a name of more than %d bytes", w->path,
			       NAME_BYTES_MAX - 1);
	if (ev->kind == EVENT_LOST) {
		ret = open_page(w, c, ev->time, err);
		if (ret)
			return ret;
		c->lost = true;
		c->lost_count = ev->extra[0];
		return 0;
	}
	if (comm && *comm && pid) {
		ret = add_comm(w, pid, comm, err);
		if (ret)
			return ret;
	}
	w->used[ev->kind] = true;
	w->record.len = 0;
	record_encode(&w->record, &w->layout[ev->kind], ev, pid, name);
	return put_record(w, c, ev->time, err);
}

static int io_error(const char *path, const char *what, struct error *err)
{
	return err_set(err, ERR_IO, "%s: cannot %s (%s) - check the folder", path, what,
		       strerror(errno));
}

/* A temporary name beside the final one, fsync, rename: no half file under the final name. */
static int save(struct trace_writer *w, struct error *err)
{
	size_t len = strlen(w->path) + 32;
	char *tmp = malloc(len);
	FILE *f;
	int ret;

	if (!tmp)
		return err_nomem(err, "a file name");
	snprintf(tmp, len, "%s.tmp%ld", w->path, (long)getpid());
	(void)unlink(tmp);
	f = fopen(tmp, "wbx");
	if (f)
		temp_name_add(tmp);
	ret = f ? trace_writer_assemble(w, f, err) : io_error(w->path, "create", err);
	if (!ret && (fflush(f) || fsync(fileno(f))))
		ret = io_error(w->path, "write", err);
	if (f && fclose(f) && !ret)
		ret = io_error(w->path, "write", err);
	if (!ret && rename(tmp, w->path))
		ret = io_error(w->path, "rename to", err);
	if (ret && f)
		unlink(tmp);
	temp_name_drop(tmp);
	free(tmp);
	return ret;
}

int trace_writer_close(struct trace_writer *w, struct error *err)
{
	int ret = 0;

	for (u32 c = 0; c < LOG_MAX_CPUS && !ret; c++) {
		if (!w->cpu[c])
			continue;
		close_page(w, w->cpu[c]);
		ret = trace_writer_chunk(w, w->cpu[c], err);
	}
	if (!ret)
		ret = save(w, err);
	trace_writer_abort(w);
	return ret;
}
