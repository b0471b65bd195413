// SPDX-License-Identifier: GPL-2.0
#include "parsers/rawpages.h"

#include "replay/log/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifndef FORMAT_FILE_MAX	/* fuzzing: fewer */
#define FORMAT_FILE_MAX (1u << 20)
#endif
#define RAW_PAGE_BYTES 4096u

bool raw_sniff(const u8 *bytes, size_t len)
{
	struct page_layout l = { .size = RAW_PAGE_BYTES, .commit_offset = 8, .commit_size = 8,
				 .data_offset = 16 };
	struct page_cursor c;
	struct page_head head;
	const u8 *data;
	u32 n;

	return len >= RAW_PAGE_BYTES && page_open(&c, &l, bytes, RAW_PAGE_BYTES, &head) &&
	       head.time && c.end > c.p && page_next(&c, &data, &n) == PAGE_EVENT;
}

/* Text of @dir/@name, NULL when it is not there; err is set when it cannot be read. */
static char *read_text(const char *dir, const char *name, struct error *err)
{
	char path[4096];
	char *text = NULL;
	size_t n;
	FILE *f;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return NULL;
	f = fopen(path, "rb");
	if (!f) {
		if (errno != ENOENT && errno != ENOTDIR)
			err_set(err, ERR_IO, "%s: cannot open (%s) - check the rights", path,
				strerror(errno));
		return NULL;
	}
	text = malloc(FORMAT_FILE_MAX + 1);
	if (text) {
		n = fread(text, 1, FORMAT_FILE_MAX, f);
		text[n] = '\0';
	} else {
		err_nomem(err, "a format file");
	}
	fclose(f);
	return text;
}

/* Text of a file in the tracing folder, whether @dir is that folder or its events folder. */
static char *read_format_file(const char *dir, const char *name, struct error *err)
{
	char inside[512];
	char *text;

	snprintf(inside, sizeof(inside), "events/%s", name);
	text = read_text(dir, inside, err);
	return text || err->code ? text : read_text(dir, name, err);
}

static int read_header_page(struct tracedat *td, const char *dir, struct error *err)
{
	char *text = read_format_file(dir, "header_page", err);
	bool ok;

	if (!text)
		return err_set(err, ERR_IO,
			       "%s: has no events/header_page - give a copy of /sys/kernel/tracing with events/",
			       dir);
	ok = tracedat_parse_header_page(text, &td->layout);
	free(text);
	if (ok)
		return 0;
	return err_set(err, ERR_DAMAGED, "%s: header_page is damaged - copy it again", dir);
}

static int read_formats(struct tracedat *td, const char *dir, struct error *err)
{
	td->dec = decoder_new(td->big_endian, td->layout.commit_size);
	if (!td->dec)
		return err_nomem(err, "event formats");
	for (u32 k = 0; k < NR_EVENT_KINDS; k++) {
		const struct event_kind_info *info = &event_kinds[k];
		struct error bad = { 0 };
		char name[256];
		char *text;

		if (!info->system)
			continue;
		snprintf(name, sizeof(name), "%s/%s/format", info->system, info->name);
		text = read_format_file(dir, name, err);
		if (!text && err->code)
			return -(int)err->code;
		if (text && (!decoder_wants(info->system, text, strlen(text)) ||
			     (decoder_add(td->dec, info->system, text, strlen(text), &bad) &&
			      bad.code == ERR_DAMAGED)))
			err_set(&td->damage, ERR_DAMAGED,
				"%s/%s: is damaged - its events are left out, copy it again", dir,
				name);
		free(text);
	}
	if (td->dec->nr_known)
		return 0;
	if (td->damage.code)
		return err_set(err, ERR_DAMAGED, "%s", td->damage.text);
	return err_set(err, ERR_IO,
		       "%s: has no events/kmem/mm_page_*/format - give a copy of /sys/kernel/tracing with events/",
		       dir);
}

/* What a trace.dat file of the same host says; it may lack CPU data, or be damaged elsewhere. */
static int formats_of_capture(struct tracedat *td, const char *path, struct error *err)
{
	struct input in;
	struct tracedat from;
	int ret = input_open(&in, path, err);

	if (ret)
		return ret;
	ret = tracedat_open(&from, &in, TRACEDAT_METADATA | TRACEDAT_SALVAGE, err);
	if (!ret && (!from.dec || !from.dec->nr_known))
		ret = err_set(err, ERR_DAMAGED,
			      "%s: holds no format of a page event - give a copy of /sys/kernel/tracing with events/",
			      path);
	if (!ret) {
		td->big_endian = from.big_endian;
		td->layout = from.layout;
		td->tsc = from.tsc;
		td->dec = from.dec;
		td->comms = from.comms;
		td->uname = from.uname;
		td->clock = from.clock;
		from.dec = NULL;
		from.comms = (struct comms){ 0 };
		from.uname = from.clock = NULL;
	}
	tracedat_close(&from);
	input_close(&in);
	return ret;
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* The last "cpu" with a number behind it, in "per_cpu/cpu1/trace_pipe_raw" or "cpu1.raw". */
static u32 cpu_of_name(const char *path, u32 otherwise)
{
	u32 cpu = otherwise;

	for (const char *p = path; (p = strstr(p, "cpu")); p += 3)
		if (p[3] >= '0' && p[3] <= '9')
			cpu = (u32)min_u64(strtoull(p + 3, NULL, 10), LOG_MAX_CPUS - 1);
	return cpu;
}

int raw_open(struct tracedat *td, const struct input *in, const char *dir, u32 index,
	     struct error *err)
{
	struct tracedat_buffer *b;
	int ret;

	memset(td, 0, sizeof(*td));
	td->in = in;
	strcpy(td->compression, "none");
	td->how = UNPACK_NONE;
	/* Without formats nobody asks for raw pages: a trace.dat that could not be read again. */
	if (!dir)
		return err_set(err, ERR_IO, "%s: cannot read its head again - check the file",
			       in->path);
	if (is_file(dir)) {
		ret = formats_of_capture(td, dir, err);
	} else {
		ret = read_header_page(td, dir, err);
		if (!ret)
			ret = read_formats(td, dir, err);
	}
	if (ret)
		return ret;
	td->page_size = td->layout.size;
	b = tracedat_add_buffer(td, strdup(""), 1);
	if (!b)
		return err_nomem(err, "buffers");
	b->cpu[0] = (struct tracedat_cpu){ cpu_of_name(in->path, index), 0, in->size };
	if (in->size % td->layout.size && !td->damage.code)
		err_set(&td->damage, ERR_DAMAGED,
			"%s: ends within a page of %u bytes (offset %llu) - what came before is used, copy it again for the rest",
			in->path, td->layout.size, (unsigned long long)in->size);
	return 0;
}
