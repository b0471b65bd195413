// SPDX-License-Identifier: GPL-2.0
#include "parsers/sniff.h"

#include "parsers/rawpages.h"
#include "parsers/tracedat/tracedat.h"
#include "replay/log/log.h"

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

bool sniff_unknown(const u8 *bytes, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (len >= magics[i].len && !memcmp(bytes, magics[i].bytes, magics[i].len))
			return false;
	return len && !log_sniff(bytes, len) && !is_text(bytes, len);
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
	if (raw_sniff(bytes, len))
		return refuse(path, "raw ring-buffer pages, which do not say what they hold",
			      "give --format-dir with a copy of /sys/kernel/tracing of that host",
			      err);
	return refuse(path, "not a capture", "give a trace.dat file, or the text of trace-cmd report",
		      err);
}
