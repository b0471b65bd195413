// SPDX-License-Identifier: GPL-2.0
#include "replay/metrics/metrics_spbmap.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_ROWS 64

const char *spb_state_name(u32 state)
{
	static const char *const names[] = {
		[SPB_STATE_EMPTY] = "empty", [SPB_STATE_CLEAN] = "clean",
		[SPB_STATE_TAINTED] = "tainted",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

static struct spbmap_row row_of(const struct model *model, u32 zone, u32 spb, u64 now)
{
	struct model_spb_state st;
	struct spbmap_row row = { .spb = spb, .state = SPB_STATE_CLEAN };

	model_spb_state(model, zone, spb, now, &st);
	if (st.category == SB_TAINTED)
		row.state = SPB_STATE_TAINTED;
	else if (st.empty)
		row.state = SPB_STATE_EMPTY;
	row.free_blocks = st.nr_free;
	row.stuck = st.stuck;
	return row;
}

static bool same_state(const struct spbmap_row *a, const struct spbmap_row *b)
{
	return a->state == b->state && a->free_blocks == b->free_blocks && a->stuck == b->stuck;
}

static int push(struct spbmap *map, const struct spbmap_row *row)
{
	if (map->nr == map->max) {
		u32 bigger = map->max ? map->max * 2 : FIRST_ROWS;
		struct spbmap_row *p = NULL;

		if (bigger > map->max)
			p = realloc(map->rows, bigger * sizeof(*p));
		if (!p)
			return -ENOMEM;
		map->rows = p;
		map->max = bigger;
	}
	map->rows[map->nr++] = *row;
	return 0;
}

int spbmap_sample(struct spbmap *map, const struct model *model, u32 zone, u32 sample, u64 now)
{
	u32 nr = model_nr_spbs(model, zone);
	bool first = !map->last;

	if (first)
		map->last = calloc(nr ? nr : 1, sizeof(*map->last));
	if (!map->last)
		return -ENOMEM;
	for (u32 spb = 0; spb < nr; spb++) {
		struct spbmap_row row = row_of(model, zone, spb, now);

		if (!first && same_state(&row, &map->last[spb]))
			continue;
		row.sample = sample;
		map->last[spb] = row;
		if (push(map, &row))
			return -ENOMEM;
	}
	return 0;
}

void spbmap_fini(struct spbmap *map)
{
	free(map->rows);
	free(map->last);
	*map = (struct spbmap){ 0 };
}
