/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ring-buffer pages that wait for their place in a trace.dat: whole chunks of any CPU, in the
 * order in which they came, in an unlinked temporary file. A chunk is kept as the trace.dat will
 * have it.
 */
#ifndef SPB_PARSERS_PAGE_STORE_H
#define SPB_PARSERS_PAGE_STORE_H

#include <stdio.h>

#include "replay/base/error.h"

/** struct page_chunks - chunks of one CPU: @nr places in the store, and their bytes together */
struct page_chunks {
	struct page_chunk {
		u64 at;
		u64 len;
	} *chunk;
	u32 nr;
	u32 room;
	u64 bytes;
};

/** struct page_store - all zero is an empty one; @file: NULL before the first chunk, then in @dir */
struct page_store {
	const char *dir;
	FILE *file;
	u64 size;
};

void page_store_fini(struct page_store *s);
void page_chunks_fini(struct page_chunks *c);

/** page_store_add - keep @len bytes as the next chunk of @c. Return: 0 or -ERR_IO */
int page_store_add(struct page_store *s, struct page_chunks *c, const void *bytes, size_t len,
		   struct error *err) __must_check;

/** page_store_copy - write the chunks of @c to @to, in order. Return: 0 or -ERR_IO */
int page_store_copy(const struct page_store *s, const struct page_chunks *c, FILE *to,
		    const char *path, struct error *err) __must_check;

#endif /* SPB_PARSERS_PAGE_STORE_H */
