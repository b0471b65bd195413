// SPDX-License-Identifier: GPL-2.0
/* A trace.dat of version 6: the bytes are the file behind its magic and version. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	fuzz_parse_tracedat(6, data, len);
	return 0;
}
