// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE /* memmem */
#include "parsers/sniff.h"

#include "parsers/page.h"
#include "parsers/tracedat.h"
#include "replay/log.h"

#include <string.h>

/* Formats that begin with fixed bytes. */
static const struct {
	const char *bytes;
	size_t len;
	const char *is;
	const char *todo;
} magics[] = {
	{ "PERFILE2", 8, "a perf.data file, which is not supported",
	  "record with trace-cmd record -e 'kmem:mm_page_*'" },
	{ "2ELIFREP", 8, "a perf.data file, which is not supported",
	  "record with trace-cmd record -e 'kmem:mm_page_*'" },
	{ "\x28\xb5\x2f\xfd", 4, "compressed with zstd", "unpack it: zstd -d FILE" },
	{ "\x1f\x8b", 2, "compressed with gzip", "unpack it: gunzip FILE" },
	{ "\xfd" "7zXZ", 5, "compressed with xz", "unpack it: unxz FILE" },
	{ "BZh", 3, "compressed with bzip2", "unpack it: bunzip2 FILE" },
	{ "\x7f" "ELF", 4, "a program, not a capture", "give a trace.dat file" },
	{ "PK\x03\x04", 4, "a zip archive", "unpack it and give the capture in it" },
};

static int refuse(const char *path, const char *is, const char *todo, struct error *err)
{
	return err_set(err, ERR_DAMAGED, "%s: %s (offset 0) - %s", path, is, todo);
}

static bool is_text(const u8 *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((bytes[i] < ' ' && !strchr("\n\r\t\033", bytes[i])) || bytes[i] == 0x7f)
			return false;
	return true;
}

/* ftrace text: a "# tracer:" head, or lines that name a tracepoint of ours. */
static bool is_ftrace_text(const u8 *bytes, size_t len)
{
	static const char *const marks[] = { "# tracer:", ": mm_page_", ": spb_", "cpus=" };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (memmem(bytes, len, marks[i], strlen(marks[i])))
			return true;
	return false;
}

/* A ring-buffer page as trace_pipe_raw gives it: a full page whose first record can be read. */
static bool is_raw_page(const u8 *bytes, size_t len)
{
	struct page_layout l = { .size = SNIFF_BYTES, .commit_offset = 8, .commit_size = 8,
				 .data_offset = 16 };
	struct page_cursor c;
	struct page_head head;
	const u8 *data;
	u32 n;

	return len == SNIFF_BYTES && page_open(&c, &l, bytes, len, &head) && head.time &&
	       c.end > c.p && page_next(&c, &data, &n) == PAGE_EVENT;
}

int sniff_refuse(const char *path, const u8 *bytes, size_t len, struct error *err)
{
	if (!len)
		return refuse(path, "the file is empty",
			      "record with trace-cmd record -e 'kmem:mm_page_*'", err);
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (len >= magics[i].len && !memcmp(bytes, magics[i].bytes, magics[i].len))
			return refuse(path, magics[i].is, magics[i].todo, err);
	if (log_sniff(bytes, len))
		return refuse(path, "an event log, not a capture",
			      "give it to the commands that read logs", err);
	if (is_text(bytes, len) && is_ftrace_text(bytes, len))
		return refuse(path, "ftrace text, which is not supported yet",
			      "record with trace-cmd record -e 'kmem:mm_page_*'", err);
	if (is_raw_page(bytes, len))
		return refuse(path, "raw ring-buffer pages, which are not supported yet",
			      "record with trace-cmd record -e 'kmem:mm_page_*'", err);
	return refuse(path, "not a capture", "give a trace.dat file, as trace-cmd record writes it",
		      err);
}
