// SPDX-License-Identifier: GPL-2.0
/*
 * Head of a trace.dat file, and what the readers of both versions share.
 */
#include "parsers/tracedat/tracedat.h"

#include "replay/log/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const u8 tracedat_magic[TRACEDAT_MAGIC_LEN] = "\x17\x08\x44" "tracing";

bool tracedat_sniff(const void *bytes, size_t len)
{
	return len >= TRACEDAT_MAGIC_LEN && !memcmp(bytes, tracedat_magic, TRACEDAT_MAGIC_LEN);
}

bool tracedat_is(const struct input *in)
{
	u8 first[TRACEDAT_MAGIC_LEN];
	size_t len;

	return !input_read(in, 0, first, sizeof(first), &len, NULL) && tracedat_sniff(first, len);
}

int tracedat_damage(const struct tracedat *td, struct error *err, const char *what, u64 offset)
{
	return err_set(err, ERR_DAMAGED,
		       "%s: %s cut off or damaged (offset %llu) - copy or record the capture again",
		       td->in->path, what, (unsigned long long)offset);
}

void tracedat_disagree(struct tracedat *td, u64 offset, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&td->damage, ERR_DAMAGED,
		"%s: %s (offset %llu) - what can be right is used, copy or record the capture again",
		td->in->path, text, (unsigned long long)offset);
}

/* v7 only: name and version of the compressor, offset of the first options. */
static int read_compression(struct tracedat *td, struct cursor *c, struct error *err)
{
	char version[64];

	cursor_string(c, td->compression, sizeof(td->compression));
	cursor_string(c, version, sizeof(version));
	if (c->bad)
		return tracedat_damage(td, err, "the name of the compression is",
				       cursor_where(c));
	td->how = unpack_by_name(td->compression);
	if (td->how != UNPACK_UNKNOWN)
		return 0;
	return err_set(err, ERR_DAMAGED,
		       "%s: compressed with \"%.15s\", which this build cannot read (offset %zu) - convert it: trace-cmd convert -i FILE -o NEW --compression zstd",
		       td->in->path, td->compression, TRACEDAT_MAGIC_LEN + 8);
}

static int read_head(struct tracedat *td, struct cursor *c, struct error *err)
{
	char version[8];

	cursor_skip(c, TRACEDAT_MAGIC_LEN);
	cursor_string(c, version, sizeof(version));
	td->big_endian = c->big_endian = cursor_u8(c) != 0;
	td->long_size = cursor_u8(c);
	td->page_size = cursor_u32(c);
	if (c->bad)
		return tracedat_damage(td, err, "the head is", cursor_where(c));
	if (strcmp(version, "6") && strcmp(version, "7"))
		return err_set(err, ERR_DAMAGED,
			       "%s: trace.dat version \"%s\" is not supported (offset %zu) - record with trace-cmd, version 6 or 7",
			       td->in->path, version[0] >= '0' && version[0] <= '9' ? version : "?",
			       TRACEDAT_MAGIC_LEN);
	td->version = (u32)(version[0] - '0');
	/* The long of the program that wrote; header_page has the kernel's. */
	td->layout.commit_size = td->long_size == 4 ? 4 : 8;
	td->layout.size = td->page_size;
	td->layout.commit_offset = 8;
	td->layout.data_offset = 8 + td->layout.commit_size;
	td->layout.big_endian = td->big_endian;
	strcpy(td->compression, "none");
	td->how = UNPACK_NONE;
	if (td->version == 7)
		return read_compression(td, c, err);
	return 0;
}

/* Damage that stopped the metadata is fatal when no events can be found without what follows. */
static int check_usable(struct tracedat *td, struct error *err)
{
	bool have_data = false;

	for (u32 b = 0; b < td->nr_buffers; b++)
		for (u32 i = 0; i < td->buffer[b].nr_cpus; i++)
			have_data |= td->buffer[b].cpu[i].size > 0;
	if (!td->damage.code)
		return 0;
	if (!td->dec || !td->dec->nr_known)
		return err_set(err, td->damage.code, "%s", td->damage.text);
	if (have_data || td->flags & TRACEDAT_METADATA)
		return 0;
	if (td->version == 7 && td->flags & TRACEDAT_SALVAGE)
		return err_set(err, ERR_DAMAGED,
			       "%s: says what events look like, but holds no CPU data (searched all %llu bytes) - trace-cmd may have left it in %s.cpu0, ...: give these, and this file as --format-dir",
			       td->in->path, (unsigned long long)td->in->size, td->in->path);
	return err_set(err, td->damage.code, "%s", td->damage.text);
}

int tracedat_open(struct tracedat *td, const struct input *in, u32 flags, struct error *err)
{
	struct cursor c;
	int ret;

	memset(td, 0, sizeof(*td));
	td->in = in;
	td->flags = flags;
	cursor_file(&c, in, 0, in->size, false);
	ret = read_head(td, &c, err);
	if (ret)
		return ret;
	td->body = c.pos;
	ret = td->version == 6 ? tracedat6_read(td, err) : tracedat7_read(td, err);
	if (!ret)
		ret = check_usable(td, err);
	return ret ? ret : tracedat_check_ranges(td, err);
}

void tracedat_close(struct tracedat *td)
{
	for (u32 b = 0; b < td->nr_buffers; b++) {
		free(td->buffer[b].name);
		free(td->buffer[b].clock);
		free(td->buffer[b].cpu);
	}
	for (u32 i = 0; i < td->nr_stats; i++)
		free(td->stat[i].buffer);
	free(td->buffer);
	free(td->stat);
	free(td->stat_buffer);
	free(td->uname);
	free(td->clock);
	comms_fini(&td->comms);
	decoder_free(td->dec);
	memset(td, 0, sizeof(*td));
}

struct tracedat_buffer *tracedat_add_buffer(struct tracedat *td, char *name, u32 nr_cpus)
{
	struct tracedat_buffer *grown, *b;

	grown = name ? realloc(td->buffer, (td->nr_buffers + 1) * sizeof(*grown)) : NULL;
	if (!grown) {
		free(name);
		return NULL;
	}
	td->buffer = grown;
	b = &grown[td->nr_buffers];
	memset(b, 0, sizeof(*b));
	b->name = name;
	b->page_size = td->layout.size;
	b->cpu = calloc(nr_cpus ? nr_cpus : 1, sizeof(*b->cpu));
	if (!b->cpu) {
		free(name);
		return NULL;
	}
	b->nr_cpus = nr_cpus;
	td->nr_buffers++;
	return b;
}
