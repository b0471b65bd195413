// SPDX-License-Identifier: GPL-2.0
/* A trace.dat of version 6: the bytes are the file behind its magic and version. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char head[] = "\x17\x08\x44tracing6";

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	static u8 file[sizeof(head) + (1u << 20)];

	if (len > sizeof(file) - sizeof(head))
		return 0;
	memcpy(file, head, sizeof(head));
	memcpy(file + sizeof(head), data, len);
	fuzz_parse(file, sizeof(head) + len);
	return 0;
}
