// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/memory.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGE_BLOCK (64 << 10)	/* bytes */

void memory_prepare(void)
{
#ifdef M_MMAP_THRESHOLD
	/* Set once, it stays: else glibc raises it to the size of what was freed. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
#endif
}

u64 memory_held(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	const long page = sysconf(_SC_PAGESIZE);
	u64 pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(f);
	return page > 0 ? pages * (u64)page : 0;
}

int memory_parse(const char *text, u64 *bytes, struct error *err)
{
	static const char units[] = "KMGT";
	char *end;
	const u64 n = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (*text >= '0' && *text <= '9' && (!*end || (unit && !end[1]))) {
		const u32 shift = unit ? 10 * (u32)(unit - units + 1) : 0;

		*bytes = n << shift;
		if (n && *bytes >> shift == n)
			return 0;
	}
	return err_set(err, ERR_USAGE, "--max-memory: '%.40s' is no size - give for example 500M "
		       "or 16G", text);
}
