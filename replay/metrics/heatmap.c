// SPDX-License-Identifier: GPL-2.0
#include "replay/metrics/heatmap.h"

#include <errno.h>
#include <stdlib.h>

/**
 * struct stream - the states of one arm's superpageblocks, sample by sample
 * @now: enum heat_class of each; @next: next row of the map
 */
struct stream {
	const struct view_arm *arm;
	u8 *now;
	u32 next;
};

/**
 * struct paint - a grid being filled
 * @other: the baseline, for differences; @class_of: cell of superpageblock @spb now
 */
struct paint {
	struct heatmap *map;
	struct stream own;
	struct stream other;
	u8 (*class_of)(const struct paint *p, u32 spb);
	u32 nr_spbs;
	u32 nr_times;
};

static u8 class_own(const struct paint *p, u32 spb)
{
	return p->own.now[spb];
}

static u8 class_diff(const struct paint *p, u32 spb)
{
	u8 own = p->own.now[spb], other = p->other.now[spb];

	if (own == other)
		return HEAT_SAME;
	if (own < HEAT_TAINTED && other < HEAT_TAINTED)
		return HEAT_ELSEWHERE;
	return own < other ? HEAT_BETTER : HEAT_WORSE;
}

static u8 class_of_row(const struct spbmap_row *row)
{
	static const u8 classes[NR_SPB_STATES] = {
		[SPB_STATE_EMPTY] = HEAT_EMPTY, [SPB_STATE_CLEAN] = HEAT_CLEAN,
		[SPB_STATE_TAINTED] = HEAT_TAINTED,
	};

	return row->stuck ? HEAT_STUCK : classes[row->state];
}

/* Row of the grid that superpageblock @spb falls into. */
static u32 row_of(const struct paint *p, u32 spb)
{
	return (u32)(((u64)(spb + 1) * p->map->rows - 1) / p->nr_spbs);
}

static void worst(const struct paint *p, u32 spb, u32 col)
{
	u8 *cell = &p->map->cells[(u64)row_of(p, spb) * p->map->cols + col];
	u8 class = p->class_of(p, spb);

	if (class > *cell)
		*cell = class;
}

/* Let @s arrive at @sample. */
static void advance(struct stream *s, u32 sample)
{
	for (; s->next < s->arm->nr_map && s->arm->map[s->next].sample <= sample; s->next++) {
		const struct spbmap_row *row = &s->arm->map[s->next];

		s->now[row->spb] = class_of_row(row);
	}
}

/* Those of @s that changed at a sample after the column's first. */
static void paint_changed(const struct paint *p, const struct stream *s, u32 from, u32 col)
{
	for (u32 i = from; i < s->next; i++)
		worst(p, s->arm->map[i].spb, col);
}

static void paint_column(struct paint *p, u32 col)
{
	u32 first = heatmap_first(col, p->map->cols, p->nr_times);
	u32 end = heatmap_first(col + 1, p->map->cols, p->nr_times);

	for (u32 sample = first; sample < end; sample++) {
		u32 own = p->own.next, other = p->other.next;

		advance(&p->own, sample);
		if (p->other.arm)
			advance(&p->other, sample);
		if (sample == first) {
			for (u32 spb = 0; spb < p->nr_spbs; spb++)
				worst(p, spb, col);
			continue;
		}
		paint_changed(p, &p->own, own, col);
		if (p->other.arm)
			paint_changed(p, &p->other, other, col);
	}
}

static int paint_all(struct paint *p)
{
	int ret = 0;

	p->own.now = calloc(p->nr_spbs + 1ULL, 1);
	p->other.now = calloc(p->nr_spbs + 1ULL, 1);
	p->map->cells = calloc((u64)p->map->rows * p->map->cols + 1, 1);
	if (!p->own.now || !p->other.now || !p->map->cells) {
		heatmap_fini(p->map);
		ret = -ENOMEM;
	}
	for (u32 col = 0; !ret && col < p->map->cols; col++)
		paint_column(p, col);
	free(p->own.now);
	free(p->other.now);
	return ret;
}

static int paint(const struct outcome_view *v, struct paint *p, u32 zone, u32 rows, u32 cols)
{
	p->nr_spbs = v->zones[zone].nr_spbs;
	p->nr_times = v->nr_times;
	*p->map = (struct heatmap){ .rows = rows < p->nr_spbs ? rows : p->nr_spbs,
				    .cols = cols < p->nr_times ? cols : p->nr_times };
	return paint_all(p);
}

int heatmap_of(const struct outcome_view *v, u32 variant, u32 zone, u32 rows, u32 cols,
	       struct heatmap *map)
{
	struct paint p = { .map = map, .class_of = class_own,
			   .own.arm = view_arm(v, variant, zone) };

	return paint(v, &p, zone, rows, cols);
}

int heatmap_diff(const struct outcome_view *v, u32 variant, u32 zone, u32 rows, u32 cols,
		 struct heatmap *map)
{
	struct paint p = { .map = map, .class_of = class_diff,
			   .own.arm = view_arm(v, variant, zone),
			   .other.arm = view_arm(v, 0, zone) };

	return paint(v, &p, zone, rows, cols);
}

void heatmap_fini(struct heatmap *map)
{
	free(map->cells);
	*map = (struct heatmap){ 0 };
}
