// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/memory.h"

#include <malloc.h>

#define LARGE_BLOCK (64 << 10)	/* bytes */

void memory_prepare(void)
{
#ifdef M_MMAP_THRESHOLD
	/* Set once, it stays: else glibc raises it to the size of what was freed. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
#endif
}
