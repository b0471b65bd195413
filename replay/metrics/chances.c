// SPDX-License-Identifier: GPL-2.0
#include "replay/metrics/chances.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROWS 16

/* Make room for superpageblock @spb. */
static int grow_open(struct chances *c, u32 spb)
{
	u64 nr = c->nr_open ? c->nr_open : FIRST_ROWS;
	struct chance_open *p;

	while (nr <= spb)
		nr *= 2;
	p = nr <= UINT32_MAX ? realloc(c->open, nr * sizeof(*p)) : NULL;
	if (!p)
		return -ENOMEM;
	memset(p + c->nr_open, 0, (nr - c->nr_open) * sizeof(*p));
	c->open = p;
	c->nr_open = (u32)nr;
	return 0;
}

static int grow_rows(struct chances *c)
{
	u64 max = c->max ? c->max * 2ULL : FIRST_ROWS;
	struct chance_row *p = max <= UINT32_MAX ? realloc(c->rows, max * sizeof(*p)) : NULL;

	if (!p)
		return -ENOMEM;
	c->rows = p;
	c->max = (u32)max;
	return 0;
}

/* Can @row stand for this call, too? A cooldown is known by the time at which it ends. */
static bool is_alike(const struct chance_row *row, const struct model_chance *chance, u64 time)
{
	if (row->verdict == VERDICT_VARIOUS)
		return true;
	if (row->verdict != chance->verdict)
		return false;
	return chance->verdict != VERDICT_COOLDOWN ||
	       row->first + row->cooldown_left == time + chance->cooldown_left;
}

static int new_row(struct chances *c, struct chance_open *open, const struct model_chance *chance,
		   u64 time)
{
	bool full = open->used >= CHANCES_PER_SPB || c->nr >= CHANCES_PER_ZONE;

	if (c->nr == c->max && grow_rows(c))
		return -ENOMEM;
	c->rows[c->nr++] = (struct chance_row){
		.first = time, .last = time, .count = 1,
		.cooldown_left = full ? 0 : chance->cooldown_left,
		.spb = chance->spb, .trigger = chance->trigger,
		.verdict = full ? VERDICT_VARIOUS : chance->verdict,
	};
	open->used++;
	/* A pass begins a new chapter; only a row that takes everything goes on. */
	if (chance->verdict == VERDICT_QUEUED && !full)
		memset(open->row, 0, sizeof(open->row));
	else
		open->row[chance->trigger] = c->nr;
	return 0;
}

int chances_add(struct chances *c, const struct model_chance *chance, u64 time)
{
	struct chance_open *open;
	struct chance_row *row;

	if (chance->spb >= c->nr_open && grow_open(c, chance->spb))
		return -ENOMEM;
	open = &c->open[chance->spb];
	if (open->row[chance->trigger]) {
		row = &c->rows[open->row[chance->trigger] - 1];
		if (is_alike(row, chance, time)) {
			row->last = time;
			row->count++;
			return 0;
		}
	}
	return new_row(c, open, chance, time);
}

void chances_fini(struct chances *c)
{
	free(c->rows);
	free(c->open);
	*c = (struct chances){ 0 };
}

const char *chance_verdict_name(u32 verdict)
{
	return verdict == VERDICT_VARIOUS ? "various" : defrag_verdict_name(verdict);
}
