// SPDX-License-Identifier: GPL-2.0
/* One ring-buffer page: byte 0 chooses the layout, the rest is the page. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "parsers/page.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct page_layout l = { .commit_offset = 8 };
	struct page_cursor c;
	struct page_head head;
	size_t avail;
	u8 *page;

	if (!len)
		return 0;
	l.commit_size = data[0] & 1 ? 4 : 8;
	l.data_offset = l.commit_offset + l.commit_size;
	l.big_endian = data[0] & 2;
	l.size = 512u << (data[0] >> 2 & 3);
	FUZZ_CHECK(page_layout_ok(&l));
	avail = min_u64(len - 1, l.size);
	page = malloc(avail + PAGE_SLACK);
	FUZZ_CHECK(page);
	memcpy(page, data + 1, avail);
	memset(page + avail, 0xa5, PAGE_SLACK);
	if (page_open(&c, &l, page, avail, &head)) {
		const u8 *p = c.p, *first = p, *rec;
		u32 n;

		FUZZ_CHECK(c.p >= page && c.p <= c.end && c.end <= page + avail);
		while (page_next(&c, &rec, &n) == PAGE_EVENT) {
			FUZZ_CHECK(c.p > p && c.p <= c.end);
			FUZZ_CHECK(rec >= page && rec + n <= c.end);
			p = c.p;
		}
		FUZZ_CHECK(c.p >= p && c.p <= c.end);
		if (p > first && c.p == c.end)
			fuzz_taken(0);
	}
	free(page);
	return 0;
}
