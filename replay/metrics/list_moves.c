// SPDX-License-Identifier: GPL-2.0
#include "replay/metrics/list_moves.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROWS 16

/* Make room for superpageblock @spb. */
static int grow_spbs(struct list_moves *l, u32 spb)
{
	u64 nr = l->nr_spbs ? l->nr_spbs : FIRST_ROWS;
	struct list_moves_spb *p;

	while (nr <= spb)
		nr *= 2;
	p = nr <= UINT32_MAX ? realloc(l->spb, nr * sizeof(*p)) : NULL;
	if (!p)
		return -ENOMEM;
	memset(p + l->nr_spbs, 0, (nr - l->nr_spbs) * sizeof(*p));
	l->spb = p;
	l->nr_spbs = (u32)nr;
	return 0;
}

static int grow_rows(struct list_moves *l)
{
	const u64 max = l->max ? l->max * 2ULL : FIRST_ROWS;
	struct list_moves_row *p = max <= UINT32_MAX ? realloc(l->rows, max * sizeof(*p)) : NULL;

	if (!p)
		return -ENOMEM;
	l->rows = p;
	l->max = (u32)max;
	return 0;
}

static bool goes_on(const struct list_moves *l, const struct list_moves_spb *spb,
		    const struct list_moves_row *row, const struct model_list_move *mv, u64 time)
{
	const u8 back = row->now == row->to ? row->from : row->to;

	return (mv->to == back && time - row->last < LIST_MOVES_GAP) ||
	       spb->used >= LIST_MOVES_PER_SPB || l->nr >= LIST_MOVES_PER_ZONE;
}

int list_moves_add(struct list_moves *l, const struct model_list_move *mv, u64 time)
{
	struct list_moves_spb *spb;
	struct list_moves_row *row;

	if (mv->spb >= l->nr_spbs && grow_spbs(l, mv->spb))
		return -ENOMEM;
	spb = &l->spb[mv->spb];
	row = spb->row ? &l->rows[spb->row - 1] : NULL;
	if (!row || !goes_on(l, spb, row, mv, time)) {
		if (l->nr == l->max && grow_rows(l))
			return -ENOMEM;
		row = &l->rows[l->nr++];
		*row = (struct list_moves_row){ .first = time, .spb = mv->spb, .from = mv->from,
						.to = mv->to };
		spb->row = l->nr;
		spb->used++;
	}
	row->last = time;
	row->count++;
	row->nr_free_pages = mv->nr_free_pages;
	row->nr_free = mv->nr_free;
	row->now = mv->to;
	return 0;
}

void list_moves_fini(struct list_moves *l)
{
	free(l->rows);
	free(l->spb);
	*l = (struct list_moves){ 0 };
}
