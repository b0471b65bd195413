// SPDX-License-Identifier: GPL-2.0
/* Raw ring-buffer pages, of a kernel whose formats are those of a small trace.dat. */
#define _GNU_SOURCE	/* memfd_create */
#include "tests/fuzz/fuzz.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

__asm__(".section .rodata\n"
	"formats:\n"
	".ascii \"\\x17\\x08\\x44tracing6\\0\"\n"
	".incbin \"tests/fuzz/corpus/v6/small-little\"\n"
	"formats_end:\n"
	".previous\n");
extern const u8 formats[], formats_end[];

static const char *formats_path(void)
{
	static char path[32];
	const size_t size = (uintptr_t)formats_end - (uintptr_t)formats;
	int fd;

	if (*path)
		return path;
	fd = memfd_create("formats", MFD_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && write(fd, formats, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	const struct capture_opts opts = { .format_dir = formats_path() };

	fuzz_parse(data, len, &opts);
	return 0;
}
