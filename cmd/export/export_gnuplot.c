// SPDX-License-Identifier: GPL-2.0
#include "cmd/export/export_gnuplot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common/stop.h"
#include "cmd/common/units.h"
#include "replay/metrics/heatmap.h"
#include "replay/outcome/outcome_file.h"

#define MAP_ROWS 1024
#define MAP_COLS 2000

/* The series that are drawn, and their column in timeline.dat. */
static const struct {
	enum view_series series;
	const char *file;
	const char *label;
} figures[] = {
	{ SERIES_TAINTED, "tainted", "tainted superpageblocks" },
	{ SERIES_STUCK, "stuck", "stuck superpageblocks" },
	{ SERIES_EMPTY, "empty", "wholly free superpageblocks" },
	{ SERIES_FREE_BLOCKS, "free-blocks", "free pageblocks" },
	{ SERIES_MIGRATED, "migrated", "pages moved by the worker" },
};

#define NR_FIGURES ARRAY_SIZE(figures)

/* A name as a gnuplot string: quoted, and nothing in it can end the quote or the line. */
static void put_name(FILE *out, const char *name)
{
	putc('\'', out);
	for (const char *p = name; *p; p++) {
		if (*p == '\'')
			putc('\'', out);
		putc(plain_char(*p), out);
	}
	putc('\'', out);
}

/* The same as a comment: one line. */
static void put_comment(FILE *out, const char *name)
{
	for (const char *p = name; *p; p++)
		putc(*p == '\\' ? '?' : plain_char(*p), out);
}

static int put_timeline(const struct outcome_view *v, FILE *out)
{
	u32 zone = view_main_zone(v);
	char text[UNIT_TEXT];

	fputs("# seconds since the first sample", out);
	for (size_t f = 0; f < NR_FIGURES; f++)
		fprintf(out, ", %s", figures[f].label);
	fputs("; a block for each variant\n", out);
	for (u32 i = 0; i < v->nr_variants; i++) {
		const struct view_arm *arm = view_arm(v, i, zone);

		fprintf(out, "%s# ", i ? "\n\n" : "");
		put_comment(out, v->variants[i]);
		fputs("\n", out);
		for (u32 t = 0; t < v->nr_times; t++) {
			fputs(fmt_stamp(text, v->times[t] - v->times[0]), out);
			for (size_t f = 0; f < NR_FIGURES; f++)
				fprintf(out, " %" PRIu64, arm->series[figures[f].series][t]);
			fputs("\n", out);
		}
	}
	return 0;
}

static int put_maps(const struct outcome_view *v, FILE *out)
{
	u32 zone = view_main_zone(v);
	struct heatmap map;

	fputs("# a row for each superpageblock (the worst of a group, when there are many), a "
	      "column for\n# each sample; 0 empty, 1 clean, 2 tainted, 3 stuck; "
	      "a block a variant\n",
	      out);
	for (u32 i = 0; i < v->nr_variants; i++) {
		if (heatmap_of(v, i, zone, MAP_ROWS, MAP_COLS, &map))
			return -1;
		fprintf(out, "%s# ", i ? "\n\n" : "");
		put_comment(out, v->variants[i]);
		fputs("\n", out);
		for (u32 row = 0; row < map.rows; row++)
			for (u32 col = 0; col < map.cols; col++)
				fprintf(out, "%u%c", map.cells[(size_t)row * map.cols + col],
					col + 1 < map.cols ? ' ' : '\n');
		heatmap_fini(&map);
	}
	return 0;
}

static u64 largest(const struct outcome_view *v, enum view_series series)
{
	u64 max = 0;

	for (u32 i = 0; i < v->nr_variants; i++)
		for (u32 t = 0; t < v->nr_times; t++)
			max = max_u64(max, view_arm(v, i, view_main_zone(v))->series[series][t]);
	return max;
}

static void put_line_figure(const struct outcome_view *v, size_t f, FILE *out)
{
	fprintf(out, "\nset output '%s.svg'\nset ylabel '%s'\nset yrange [0:%s]\n"
		"set xlabel 'time (s)'\nplot ", figures[f].file, figures[f].label,
		largest(v, figures[f].series) ? "*" : "1");
	for (u32 i = 0; i < v->nr_variants; i++) {
		fprintf(out, "%s'timeline.dat' index %" PRIu32 " using 1:%zu with steps lw %d "
			"dt %" PRIu32 " title ", i ? ", \\\n\t" : "", i, f + 2, i ? 2 : 3,
			i % 5 + 1);
		put_name(out, v->variants[i]);
	}
	fputs("\n", out);
}

static void put_map_figure(const struct outcome_view *v, u32 variant, FILE *out)
{
	u32 spbs = v->zones[view_main_zone(v)].nr_spbs;
	u32 rows = spbs < MAP_ROWS ? spbs : MAP_ROWS;
	u32 cols = v->nr_times < MAP_COLS ? v->nr_times : MAP_COLS;
	u64 ms = (v->times[v->nr_times - 1] - v->times[0]) / NSEC_PER_MSEC;
	char text[UNIT_TEXT];

	snprintf(text, sizeof(text), "%" PRIu64 ".%03u", ms / 1000, (unsigned int)(ms % 1000));
	fprintf(out, "\nset output 'map-%" PRIu32 ".svg'\nset title ", variant + 1);
	put_name(out, v->variants[variant]);
	fprintf(out, "\ndx = %s/%" PRIu32 "\ndy = %" PRIu32 "./%" PRIu32 "\n"
		"set xrange [-dx/2:dx*%" PRIu32 "-dx/2]\nset yrange [dy*%" PRIu32 "-dy/2:-dy/2]\n"
		"plot 'map.dat' index %" PRIu32 " matrix using ($1*dx):($2*dy):3 with image pixels "
		"notitle\n", text, cols > 1 ? cols - 1 : 1, spbs, rows, cols, rows, variant);
}

static int put_script(const struct outcome_view *v, FILE *out)
{
	fputs("# gnuplot plot.gp: figures of this outcome, as SVG; zone ", out);
	put_comment(out, v->zones[view_main_zone(v)].name);
	fputs("\nset terminal svg size 900,300 noenhanced background 'white'\n"
	      "set key outside top right noenhanced\nset grid y\nset colorsequence podo\n"
	      "set autoscale xfix\n", out);
	for (size_t f = 0; f < NR_FIGURES; f++)
		put_line_figure(v, f, out);
	fputs("\nunset grid\nset ylabel 'superpageblock'\nset cbrange [-0.5:3.5]\n"
	      "set palette maxcolors 4\nset palette defined (0 '#eceff2', 1 '#4f9ad3', "
	      "2 '#e08e00', 3 '#5a0a2c')\n"
	      "set cbtics ('empty' 0, 'clean' 1, 'tainted' 2, 'stuck' 3)\n", out);
	for (u32 i = 0; i < v->nr_variants; i++)
		put_map_figure(v, i, out);
	return 0;
}

struct figure_file {
	const char *name;
	int (*put)(const struct outcome_view *v, FILE *out);
};

static int add_file(struct outcome_files *files, const struct figure_file *f,
		    const struct outcome_view *v, struct error *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool failed;
	int ret;

	if (!out)
		return err_nomem(err, f->name);
	failed = f->put(v, out);
	failed |= ferror(out) | fclose(out);
	ret = failed ? err_nomem(err, f->name) :
		       outcome_files_bytes(files, f->name, text, len, err);
	free(text);
	return ret;
}

int export_gnuplot(const struct outcome_view *v, const char *dir, struct error *err)
{
	static const struct figure_file all[] = {
		{ "timeline.dat", put_timeline }, { "map.dat", put_maps },
		{ "plot.gp", put_script },
	};
	struct outcome_files files;
	int ret;

	stop_hold();
	ret = outcome_files_open(&files, dir, err);
	for (size_t i = 0; i < ARRAY_SIZE(all) && !ret; i++)
		ret = add_file(&files, &all[i], v, err);
	if (!ret)
		ret = outcome_files_commit(&files, err);
	outcome_files_fini(&files);
	stop_release();
	return ret;
}
