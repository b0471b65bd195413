// SPDX-License-Identifier: GPL-2.0
#include "replay/engine/huge_memory.h"

#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_SIZE (2ULL << 20)

static bool is_huge(u64 bytes)
{
	return bytes >= HUGE_SIZE && bytes % HUGE_SIZE == 0;
}

/* Give back what lies before and behind the aligned part of [@p, @p + @bytes + HUGE_SIZE). */
static void *trim(char *p, u64 bytes)
{
	const u64 before = -(u64)(uintptr_t)p % HUGE_SIZE;

	if (before)
		munmap(p, before);
	if (before < HUGE_SIZE)
		munmap(p + before + bytes, HUGE_SIZE - before);
	return p + before;
}

static void *huge_get(u64 bytes)
{
	void *p;

	if (!is_huge(bytes))
		return calloc(1, bytes);
	p = mmap(NULL, bytes + HUGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		 0);
	if (p == MAP_FAILED)
		return NULL;
	p = trim(p, bytes);
	/* A wish: without huge pages all works, only slower. */
	madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

static void huge_put(void *p, u64 bytes)
{
	if (p && is_huge(bytes))
		munmap(p, bytes);
	else
		free(p);
}

const struct model_memory huge_memory = { huge_get, huge_put };
