// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/report_svg.h"

#include <inttypes.h>

#include "cmd/report/html.h"
#include "cmd/report/report_json.h"
#include "cmd/common/units.h"
#include "replay/metrics/heatmap.h"

/* Size of a still line chart, and where its plot is. */
#define WIDTH 960
#define HEIGHT 190
#define LEFT 62
#define RIGHT (WIDTH - 12)
#define TOP 10
#define BOTTOM (HEIGHT - 26)

#define MAP_CELLS 24576		/* of all still heat maps together: bounds the size of the page */
#define MAP_ROWS 96

/* ---- lines ---- */

static u64 largest(const struct outcome_view *v, enum view_series series, u32 zone)
{
	u64 max = 1;

	for (u32 i = 0; i < v->nr_variants; i++)
		for (u32 t = 0; t < v->nr_times; t++)
			max = max_u64(max, view_arm(v, i, zone)->series[series][t]);
	return max;
}

/* Grid lines at 1, 2 or 5 times a power of ten, at most five of them. */
static u64 grid_step(u64 max)
{
	static const u64 steps[] = { 1, 2, 5 };
	u64 power = 1;

	for (; power <= UINT64_MAX / 100; power *= 10)
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
			if (max / (power * steps[i]) <= 4)
				return power * steps[i];
	return power;
}

static u32 y_of(u64 value, u64 max)
{
	return BOTTOM - (u32)mul_div(BOTTOM - TOP, value, max);
}

static u32 x_of(u64 part, u64 whole)
{
	return LEFT + (u32)mul_div(RIGHT - LEFT, part, whole);
}

static void put_axes(struct page *p, u64 max)
{
	const struct outcome_view *v = p->v;
	u64 span = v->times[v->nr_times - 1] - v->times[0];
	char text[UNIT_TEXT];

	for (u64 value = 0, step = grid_step(max); value <= max; value += step)
		fprintf(p->out, "<path class=\"grid\" d=\"M%d %" PRIu32 "H%d\"/><text x=\"%d\" "
			"y=\"%" PRIu32 "\" text-anchor=\"end\">%s</text>", LEFT,
			y_of(value, max), RIGHT, LEFT - 6, y_of(value, max) + 4,
			fmt_count(text, value));
	for (u32 i = 0; i <= 4; i++)
		fprintf(p->out, "<text x=\"%" PRIu32 "\" y=\"%d\" text-anchor=\"%s\">%s</text>",
			x_of(i, 4), HEIGHT - 6, !i ? "start" : i == 4 ? "end" : "middle",
			fmt_seconds(text, span / 4 * i));
}

/* One flat stretch a sample; steps that a pixel cannot show are left out. */
static void put_line(struct page *p, const u64 *values, u32 variant, u64 max)
{
	u32 nr = p->v->nr_times, last = y_of(values[0], max);

	fprintf(p->out, "<path class=\"line s%" PRIu32 "\" d=\"M%d %" PRIu32, variant % 8, LEFT,
		last);
	for (u32 i = 1; i < nr; i++) {
		u32 y = y_of(values[i], max);

		if (y != last)
			fprintf(p->out, "H%" PRIu32 "V%" PRIu32, x_of(i, nr), y);
		last = y;
	}
	fprintf(p->out, "H%d\"/>", RIGHT);
}

static void put_lines(struct page *p, enum view_series series, const char *name, const char *title)
{
	u32 zone = view_main_zone(p->v);
	u64 max = largest(p->v, series, zone);

	fprintf(p->out, "<figure data-kind=\"lines\" data-series=\"%s\"><figcaption>%s"
		"</figcaption>\n<svg class=\"static\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-label=\"%s\">", name, title, WIDTH, HEIGHT, title);
	put_axes(p, max);
	for (u32 i = 0; i < p->v->nr_variants; i++)
		put_line(p, view_arm(p->v, i, zone)->series[series], i, max);
	fputs("</svg>\n</figure>\n", p->out);
}

void part_lines(struct page *p)
{
	static const struct {
		enum view_series series;
		const char *name;
		const char *title;
	} lines[] = {
		{ SERIES_TAINTED, "tainted", "Tainted superpageblocks" },
		{ SERIES_STUCK, "stuck", "Stuck superpageblocks: in need of defrag, no cooldown, "
		  "nothing queued" },
		{ SERIES_EMPTY, "empty", "Superpageblocks that are wholly free" },
		{ SERIES_FREE_BLOCKS, "blocks", "Free pageblocks (2 MiB each on x86)" },
		{ SERIES_MIGRATED, "migrated", "Pages moved by the defrag worker so far" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		put_lines(p, lines[i].series, lines[i].name, lines[i].title);
}

void part_strip(struct page *p)
{
	fputs("<figure data-kind=\"strip\" class=\"only-live\"><figcaption>Defrag passes: "
	      "filled marks made progress", p->out);
	if (p->v->tables[VIEW_DEFRAG].nr_rows > REPORT_EVENTS_MAX / p->v->nr_variants)
		fprintf(p->out, "; at most the first %" PRIu32 " of each variant",
			REPORT_EVENTS_MAX / p->v->nr_variants);
	fputs("</figcaption></figure>\n", p->out);
}

/* ---- heat maps ---- */

/** struct map_kind - classes from the second on are drawn over the first */
struct map_kind {
	const char *name;
	const char *const *classes;
	u32 nr_classes;
	int (*of)(const struct outcome_view *v, u32 variant, u32 zone, u32 rows, u32 cols,
		  struct heatmap *map);
};

static const char *const state_classes[NR_HEAT_CLASSES] = {
	[HEAT_EMPTY] = "empty", [HEAT_CLEAN] = "clean", [HEAT_TAINTED] = "tainted",
	[HEAT_STUCK] = "stuck",
};

static const char *const diff_classes[NR_HEAT_DIFF_CLASSES] = {
	[HEAT_SAME] = "same", [HEAT_ELSEWHERE] = "elsewhere", [HEAT_BETTER] = "better",
	[HEAT_WORSE] = "worse",
};

static const struct map_kind state_kind = {
	"state", state_classes, NR_HEAT_CLASSES, heatmap_of,
};

static const struct map_kind diff_kind = {
	"difference", diff_classes, NR_HEAT_DIFF_CLASSES, heatmap_diff,
};

/* All cells of one class as one path, a rectangle for each run in a row. */
static void put_class(struct page *p, const struct heatmap *map, u32 class, const char *name)
{
	fprintf(p->out, "<path class=\"c-%s\" d=\"", name);
	for (u32 row = 0; row < map->rows; row++) {
		const u8 *cells = map->cells + (size_t)row * map->cols;

		for (u32 col = 0; col < map->cols; col++) {
			u32 start = col;

			while (col < map->cols && cells[col] == class)
				col++;
			if (col > start)
				fprintf(p->out, "M%" PRIu32 " %" PRIu32 "h%" PRIu32 "v1h-%" PRIu32
					"z", start, row, col - start, col - start);
		}
	}
	fputs("\"/>", p->out);
}

static void put_map(struct page *p, const struct map_kind *kind, u32 variant, u32 rows, u32 cols)
{
	struct heatmap map;

	fprintf(p->out, "<figure data-kind=\"%s\" data-variant=\"%" PRIu32 "\"><figcaption>",
		kind->name, variant);
	html_text(p->out, p->v->variants[variant]);
	if (kind == &diff_kind) {
		fputs(" against ", p->out);
		html_text(p->out, p->v->variants[0]);
	}
	fputs("</figcaption>\n", p->out);
	if (!kind->of(p->v, variant, view_main_zone(p->v), rows, cols, &map)) {
		fprintf(p->out, "<svg class=\"static map\" viewBox=\"0 0 %" PRIu32 " %" PRIu32
			"\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"heat map\">"
			"<rect class=\"c-%s\" width=\"%" PRIu32 "\" height=\"%" PRIu32 "\"/>",
			map.cols, map.rows, kind->classes[0], map.cols, map.rows);
		for (u32 i = 1; i < kind->nr_classes; i++)
			put_class(p, &map, i, kind->classes[i]);
		fputs("</svg>\n", p->out);
		heatmap_fini(&map);
	} else {
		p->nomem = true;
	}
	fputs("</figure>\n", p->out);
}

static void put_map_legend(struct page *p, const struct map_kind *kind,
			   const char *const *meanings)
{
	fputs("<p class=\"legend\">", p->out);
	for (u32 i = 0; i < kind->nr_classes; i++)
		fprintf(p->out, "<span><svg width=\"14\" height=\"14\" aria-hidden=\"true\"><rect "
			"class=\"c-%s edge\" width=\"14\" height=\"14\"/></svg> %s</span> ",
			kind->classes[i], meanings[i]);
	fputs("</p>\n", p->out);
}

void part_maps(struct page *p)
{
	static const char *const states[] = {
		"empty: wholly free", "clean: in use, not tainted (stronger: fuller)",
		"tainted (stronger: fuller)", "stuck",
	};
	static const char *const differences[] = {
		"the same", "in use on one side only",
		"better: less tainted or stuck than the baseline",
		"worse: more tainted or stuck",
	};
	u32 nr = 2 * p->v->nr_variants - 1;
	u32 cells = MAP_CELLS / nr, rows = MAP_ROWS, cols;

	while (rows > 8 && rows * rows * 2 > cells)
		rows /= 2;
	cols = cells / rows;
	put_map_legend(p, &state_kind, states);
	fputs("<div class=\"maps\">\n", p->out);
	for (u32 i = 0; i < p->v->nr_variants; i++)
		put_map(p, &state_kind, i, rows, cols);
	fputs("</div>\n", p->out);
	if (p->v->nr_variants < 2)
		return;
	put_map_legend(p, &diff_kind, differences);
	fputs("<div class=\"maps\">\n", p->out);
	for (u32 i = 1; i < p->v->nr_variants; i++)
		put_map(p, &diff_kind, i, rows, cols);
	fputs("</div>\n", p->out);
}
