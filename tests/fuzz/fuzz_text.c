// SPDX-License-Identifier: GPL-2.0
/* Lines of trace, trace_pipe, trace-cmd report or perf script. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	fuzz_parse(data, len, NULL);
	return 0;
}
