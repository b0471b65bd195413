// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/framemap.h"

#include <stdlib.h>

#define DIR_MAX (FRAME_MAX_PFN >> FRAMES_SHIFT)

void framemap_fini(struct framemap *m)
{
	for (u64 i = 0; i < m->nr_dir; i++)
		free(m->dir[i]);
	free(m->dir);
	*m = (struct framemap){ 0 };
}

static int grow_dir(struct framemap *m, u64 need, struct error *err)
{
	u64 nr = m->nr_dir ? m->nr_dir : 256;
	struct frame_chunk **dir;

	while (nr < need)
		nr *= 2;
	nr = min_u64(nr, DIR_MAX);
	dir = realloc(m->dir, nr * sizeof(struct frame_chunk *));
	if (!dir)
		return err_nomem(err, "page state");
	for (u64 i = m->nr_dir; i < nr; i++)
		dir[i] = NULL;
	m->dir = dir;
	m->nr_dir = nr;
	return 0;
}

int framemap_touch(struct framemap *m, u64 pfn, struct frame_chunk **c, struct error *err)
{
	const u64 i = pfn >> FRAMES_SHIFT;
	int rc;

	*c = framemap_get(m, pfn);
	if (*c)
		return 0;
	if (i >= DIR_MAX || m->nr_chunks >= FRAME_MAX_CHUNKS)
		return err_set(err, ERR_DAMAGED,
			       "events touch more than %u chunks of %u frames (pfn 0x%llx) - the log is damaged, or take less with --zone or --window",
			       FRAME_MAX_CHUNKS, FRAMES_NR, (unsigned long long)pfn);
	rc = i < m->nr_dir ? 0 : grow_dir(m, i + 1, err);
	if (rc)
		return rc;
	/* calloc() maps pages of this size on demand: frames never touched cost nothing. */
	m->dir[i] = calloc(1, sizeof(struct frame_chunk));
	if (!m->dir[i])
		return err_nomem(err, "page state");
	m->nr_chunks++;
	*c = m->dir[i];
	return 0;
}

u32 frame_head(const struct frame_chunk *c, u32 off)
{
	u32 head = off;

	for (u32 order = 0; order <= FRAME_MAX_ORDER; order++) {
		head = off & ~((1U << order) - 1);
		if (c->unit[head] && unit_order(c->unit[head]) >= order)
			break;
	}
	return head;
}

u32 frame_next_head(const struct frame_chunk *c, u32 off)
{
	while (off < FRAMES_NR) {
		u64 word = c->live[off >> 6] >> (off & 63);

		if (!word) {
			off = (off | 63) + 1;
			continue;
		}
		off += (u32)__builtin_ctzll(word);
		if (c->unit[off])
			return off;
		off++;
	}
	return FRAMES_NR;
}

u32 frame_fit_order(u64 pfn, u64 end, u32 max)
{
	u32 order = max;

	while (order && ((pfn & ((1ULL << order) - 1)) || pfn + (1ULL << order) > end))
		order--;
	return order;
}
