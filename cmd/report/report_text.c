// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/report_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/common/json_rows.h"
#include "cmd/common/partial.h"
#include "cmd/common/terminal.h"
#include "cmd/common/units.h"
#include "replay/metrics/heatmap.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN 40
#define LABEL 12		/* columns left of a map */
#define ROWS_MAX 32

/** struct glyph - a class of cells: the same letter with and without colour */
struct glyph {
	char letter;
	const char *color;
	const char *meaning;
};

static const struct glyph state_glyphs[NR_HEAT_CLASSES] = {
	[HEAT_EMPTY] = { '.', "\033[2m", "empty" },
	[HEAT_CLEAN] = { 'o', "\033[34m", "clean" },
	[HEAT_TAINTED] = { 'T', "\033[33m", "tainted" },
	[HEAT_STUCK] = { '#', "\033[1;31m", "stuck" },
};

static const struct glyph diff_glyphs[NR_HEAT_DIFF_CLASSES] = {
	[HEAT_SAME] = { '.', "\033[2m", "same" },
	[HEAT_ELSEWHERE] = { '~', "", "in use on one side only" },
	[HEAT_BETTER] = { '-', "\033[36m", "better: less tainted" },
	[HEAT_WORSE] = { '+', "\033[1;31m", "worse" },
};

int text_options(struct text_opts *t, const char *when, u32 width, struct error *err)
{
	bool tty = isatty(STDOUT_FILENO);
	const char *no = getenv("NO_COLOR");

	if (when && strcmp(when, "auto") && strcmp(when, "always") && strcmp(when, "never"))
		return err_set(err, ERR_USAGE, "--color: unknown word '%.40s' - give auto, always "
			       "or never", when);
	t->color = tty && !(no && *no);
	if (when && strcmp(when, "auto"))
		t->color = !strcmp(when, "always");
	t->width = width ? width : terminal_width();
	if (!t->width)
		t->width = WIDTH_DEFAULT;
	if (t->width < WIDTH_MIN)
		t->width = WIDTH_MIN;
	return 0;
}

static void put_cells(const struct text_opts *t, const struct glyph *glyphs, const u8 *cells,
		      u32 nr, FILE *out)
{
	const char *color = "";

	for (u32 i = 0; i < nr; i++) {
		const struct glyph *g = &glyphs[cells[i]];

		if (t->color && strcmp(g->color, color)) {
			fprintf(out, "\033[0m%s", g->color);
			color = g->color;
		}
		putc(g->letter, out);
	}
	fputs(t->color && *color ? "\033[0m\n" : "\n", out);
}

static void put_rows(const struct text_opts *t, const struct glyph *glyphs,
		     const struct heatmap *map, u32 nr_spbs, FILE *out)
{
	for (u32 row = 0; row < map->rows; row++) {
		u32 first = heatmap_first(row, map->rows, nr_spbs);
		u32 last = heatmap_first(row + 1, map->rows, nr_spbs) - 1;
		char label[32];

		if (last > first)
			snprintf(label, sizeof(label), "%" PRIu32 "-%" PRIu32, first, last);
		else
			snprintf(label, sizeof(label), "%" PRIu32, first);
		fprintf(out, "%*s ", LABEL - 1, label);
		put_cells(t, glyphs, map->cells + (size_t)row * map->cols, map->cols, out);
	}
}

/* First and last time under the map. */
static void put_axis(const struct outcome_view *v, u32 cols, FILE *out)
{
	char end[UNIT_TEXT];
	int room;

	fmt_seconds(end, v->times[v->nr_times - 1] - v->times[0]);
	room = (int)cols - 4 - (int)strlen(end) - 1;
	fprintf(out, "%*s+0 s%*s+%s\n\n", LABEL, "", room > 1 ? room : 1, "", end);
}

static void put_legend(const struct glyph *glyphs, u32 nr, FILE *out)
{
	for (u32 i = 0; i < nr; i++)
		fprintf(out, "%s%c %s", i ? "   " : "", glyphs[i].letter, glyphs[i].meaning);
	fputs("\n\n", out);
}

typedef int (*map_fn)(const struct outcome_view *v, u32 variant, u32 zone, u32 rows, u32 cols,
		      struct heatmap *map);

static int put_map(const struct outcome_view *v, const struct text_opts *t, u32 variant, u32 zone,
		   bool diff, FILE *out)
{
	map_fn of = diff ? heatmap_diff : heatmap_of;
	struct heatmap map;

	terminal_text(out, v->variants[variant]);
	if (diff) {
		fputs(" against ", out);
		terminal_text(out, v->variants[0]);
	}
	fputs(", ", out);
	terminal_text(out, v->zones[zone].name);
	fputs("\n", out);
	if (of(v, variant, zone, ROWS_MAX, t->width - LABEL, &map))
		return -1;
	put_rows(t, diff ? diff_glyphs : state_glyphs, &map, v->zones[zone].nr_spbs, out);
	put_axis(v, map.cols, out);
	heatmap_fini(&map);
	return 0;
}

static int put_zone(const struct outcome_view *v, const struct text_opts *t, u32 zone, FILE *out)
{
	int ret = 0;

	for (u32 i = 0; i < v->nr_variants && !ret; i++)
		ret = put_map(v, t, i, zone, false, out);
	if (v->nr_variants > 1)
		put_legend(diff_glyphs, NR_HEAT_DIFF_CLASSES, out);
	for (u32 i = 1; i < v->nr_variants && !ret; i++)
		ret = put_map(v, t, i, zone, true, out);
	return ret;
}

/* ---- the same for programs ---- */

static struct json_object *legend_json(const struct glyph *glyphs, u32 nr)
{
	struct json_object *o = json_object_new_object();

	for (u32 i = 0; i < nr; i++) {
		const char letter[] = { glyphs[i].letter, '\0' };

		json_object_object_add(o, letter, json_object_new_string(glyphs[i].meaning));
	}
	return o;
}

static struct json_object *rows_json(const struct glyph *glyphs, const struct heatmap *map,
				     u32 nr_spbs)
{
	struct json_object *rows = json_object_new_array();
	char *cells = malloc(map->cols + 1);

	for (u32 row = 0; cells && row < map->rows; row++) {
		struct json_object *o = json_object_new_object();
		u32 last = heatmap_first(row + 1, map->rows, nr_spbs) - 1;

		for (u32 i = 0; i < map->cols; i++)
			cells[i] = glyphs[map->cells[(size_t)row * map->cols + i]].letter;
		cells[map->cols] = '\0';
		json_object_object_add(o, "first_spb", json_object_new_uint64(
				       heatmap_first(row, map->rows, nr_spbs)));
		json_object_object_add(o, "last_spb", json_object_new_uint64(last));
		json_object_object_add(o, "cells", json_object_new_string(cells));
		json_object_array_add(rows, o);
	}
	free(cells);
	return rows;
}

static int add_map(struct json_object *maps, const struct outcome_view *v, u32 width, u32 variant,
		   u32 zone, bool diff)
{
	struct json_object *o;
	struct heatmap map = { 0 };

	if ((diff ? heatmap_diff : heatmap_of)(v, variant, zone, ROWS_MAX, width - LABEL, &map))
		return -1;
	o = json_object_new_object();
	json_object_object_add(o, "zone", json_object_new_string(v->zones[zone].name));
	json_object_object_add(o, "variant", json_object_new_string(v->variants[variant]));
	json_object_object_add(o, "against", diff ? json_object_new_string(v->variants[0]) : NULL);
	json_object_object_add(o, "rows", rows_json(diff ? diff_glyphs : state_glyphs, &map,
						    v->zones[zone].nr_spbs));
	json_object_array_add(maps, o);
	heatmap_fini(&map);
	return 0;
}

/* Of a zone: each variant, then each but the first held against the first. */
static int add_zone_maps(struct json_object *maps, const struct outcome_view *v, u32 width,
			 u32 zone)
{
	for (u32 i = 0; i < v->nr_variants; i++) {
		if (add_map(maps, v, width, i, zone, false))
			return -1;
	}
	for (u32 i = 1; i < v->nr_variants; i++) {
		if (add_map(maps, v, width, i, zone, true))
			return -1;
	}
	return 0;
}

int report_text_json(const struct outcome_view *v, u32 width, struct error *err)
{
	struct json_object *root = json_object_new_object();
	struct json_object *maps = json_object_new_array();
	int ret = 0;

	partial_tell(root, v->run);
	json_object_object_add(root, "first_ns", json_object_new_uint64(v->times[0]));
	json_object_object_add(root, "last_ns", json_object_new_uint64(v->times[v->nr_times - 1]));
	json_object_object_add(root, "states", legend_json(state_glyphs, NR_HEAT_CLASSES));
	json_object_object_add(root, "differences",
			       legend_json(diff_glyphs, NR_HEAT_DIFF_CLASSES));
	json_object_object_add(root, "maps", maps);
	for (u32 z = 0; z < v->nr_zones && !ret; z++) {
		if (v->zones[z].nr_spbs)
			ret = add_zone_maps(maps, v, width, z);
	}
	if (!ret)
		return json_say(root, err);
	json_object_put(root);
	return err_nomem(err, "a heat map");
}

int report_text(const struct outcome_view *v, const struct text_opts *t, FILE *out,
		struct error *err)
{
	put_legend(state_glyphs, NR_HEAT_CLASSES, out);
	for (u32 z = 0; z < v->nr_zones; z++)
		if (v->zones[z].nr_spbs && put_zone(v, t, z, out))
			return err_nomem(err, "a heat map");
	return 0;
}
