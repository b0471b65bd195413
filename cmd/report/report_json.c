// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/report_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common/bytes.h"
#include "cmd/report/html.h"
#include "replay/log/varint.h"

#define COLUMNS_MAX (340U << 10)	/* bytes of maps and series before base64 */

static const struct {
	const char *name;
	enum view_series series;
} drawn[] = {
	{ "clean", SERIES_CLEAN }, { "tainted", SERIES_TAINTED }, { "empty", SERIES_EMPTY },
	{ "blocks", SERIES_FREE_BLOCKS }, { "stuck", SERIES_STUCK },
	{ "migrated", SERIES_MIGRATED },
};

#define NR_DRAWN ARRAY_SIZE(drawn)

/**
 * struct columns - everything that grows with the number of samples, encoded
 * @step: every @step-th sample, and the last one: @nr of them
 * @bytes: all columns, back to back; @ends: where each ends, @nr_ends of them
 * @base: where each superpageblock of the baseline begins, and where its zone ends, zone by zone
 */
struct columns {
	const struct outcome_view *v;
	u32 step;
	u32 nr;
	struct bytes bytes;
	size_t *ends;
	size_t nr_ends;
	size_t *base;
};

/* ---- encoding ---- */

static u32 sample_of(const struct columns *c, u32 col)
{
	u64 sample = (u64)col * c->step;

	return sample < c->v->nr_times ? (u32)sample : c->v->nr_times - 1;
}

static void encode_u64(struct columns *c, const u64 *values, u64 before)
{
	for (u32 i = 0; i < c->nr; i++) {
		u64 value = values[sample_of(c, i)];

		bytes_delta(&c->bytes, before, value);
		before = value;
	}
	c->ends[c->nr_ends++] = c->bytes.nr;
}

/* Column in which a change at @sample shows. */
static u32 column_of(const struct columns *c, u32 sample)
{
	u32 col = (u32)(((u64)sample + c->step - 1) / c->step);

	return col < c->nr ? col : c->nr - 1;
}

/*
 * The changes of one superpageblock: rows[0 .. nr), by sample; only the last of a column shows.
 * Return: how many there are.
 */
static u32 encode_changes(const struct columns *c, const struct spbmap_row *const *rows, u32 nr,
			  struct bytes *changes)
{
	u32 count = 0, col = 0;
	const struct spbmap_row *was = NULL;

	for (u32 i = 0; i < nr; i++) {
		const struct spbmap_row *r = rows[i];
		u32 at = column_of(c, r->sample);
		u64 state = r->stuck * 3U + r->state;

		if (i + 1 < nr && column_of(c, rows[i + 1]->sample) == at)
			continue;
		if (was && was->free_blocks == r->free_blocks &&
		    was->stuck == r->stuck && was->state == r->state)
			continue;
		bytes_varint(changes, at - col);
		bytes_varint(changes, zigzag(r->free_blocks - (was ? was->free_blocks : 0)) * 6 +
			     state);
		was = r;
		col = at;
		count++;
	}
	return count;
}

/* @base: the baseline's begins at base[0] and ends at base[1]; NULL for the baseline itself. */
static void encode_spb(struct columns *c, const struct spbmap_row *const *rows, u32 nr,
		       const size_t *base)
{
	struct bytes changes = { 0 }, whole = { 0 };
	u32 count = encode_changes(c, rows, nr, &changes);

	bytes_varint(&whole, count);
	bytes_put(&whole, changes.at, changes.nr);
	c->bytes.failed |= changes.failed | whole.failed;
	if (base && base[1] - base[0] == whole.nr && !c->bytes.failed &&
	    !memcmp(c->bytes.at + base[0], whole.at, whole.nr))
		bytes_varint(&c->bytes, 0);	/* as in the baseline */
	else
		bytes_put(&c->bytes, whole.at, whole.nr);
	bytes_fini(&changes);
	bytes_fini(&whole);
}

/* Rows of the map in the order of superpageblocks. @start: room for nr_spbs + 1. */
static void sort_by_spb(const struct view_arm *arm, u32 nr_spbs, u32 *start,
			const struct spbmap_row **rows)
{
	for (u32 i = 0; i < arm->nr_map; i++)
		start[arm->map[i].spb + 1]++;
	for (u32 i = 0; i < nr_spbs; i++)
		start[i + 1] += start[i];
	for (u32 i = 0; i < arm->nr_map; i++)
		rows[start[arm->map[i].spb]++] = &arm->map[i];
}

/* @base: entries of this zone in c->base; the baseline fills them in. */
static void encode_map(struct columns *c, u32 variant, u32 zone, size_t *base)
{
	const struct view_arm *arm = view_arm(c->v, variant, zone);
	u32 nr_spbs = c->v->zones[zone].nr_spbs, first = 0;
	u32 *end = calloc(nr_spbs + 1ULL, sizeof(*end));
	const struct spbmap_row **rows = calloc(arm->nr_map + 1ULL, sizeof(const void *));

	if (end && rows)
		sort_by_spb(arm, nr_spbs, end, rows);
	else
		c->bytes.failed = true;
	for (u32 spb = 0; spb < nr_spbs && !c->bytes.failed; spb++) {
		if (!variant)
			base[spb] = c->bytes.nr;
		encode_spb(c, rows + first, end[spb] - first, variant ? base + spb : NULL);
		first = end[spb];
	}
	if (!variant)
		base[nr_spbs] = c->bytes.nr;
	free(end);
	free(rows);
	c->ends[c->nr_ends++] = c->bytes.nr;
}

static void encode(struct columns *c)
{
	const struct outcome_view *v = c->v;

	c->nr = (v->nr_times - 1 + c->step - 1) / c->step + 1;
	c->bytes.nr = 0;
	c->nr_ends = 0;
	encode_u64(c, v->times, v->times[0]);
	for (size_t s = 0; s < NR_DRAWN; s++)
		for (u32 i = 0; i < v->nr_variants; i++)
			for (u32 z = 0; z < v->nr_zones; z++)
				encode_u64(c, view_arm(v, i, z)->series[drawn[s].series], 0);
	for (u32 i = 0; i < v->nr_variants; i++) {
		size_t *base = c->base;

		for (u32 z = 0; z < v->nr_zones; z++) {
			encode_map(c, i, z, base);
			base += v->zones[z].nr_spbs + 1ULL;
		}
	}
}

static int encode_all(struct columns *c)
{
	u64 arms = (u64)c->v->nr_variants * c->v->nr_zones, spbs = 0;

	for (u32 z = 0; z < c->v->nr_zones; z++)
		spbs += c->v->zones[z].nr_spbs + 1ULL;
	c->ends = calloc(1 + arms * (NR_DRAWN + 1), sizeof(*c->ends));
	c->base = calloc(spbs + 1, sizeof(*c->base));
	if (!c->ends || !c->base)
		return -1;
	for (c->step = 1;; c->step *= 2) {
		encode(c);
		if (c->bytes.failed || c->bytes.nr <= COLUMNS_MAX || c->nr <= 2)
			return c->bytes.failed ? -1 : 0;
	}
}

/* ---- writing ---- */

static void put_column(const struct columns *c, size_t i, FILE *out)
{
	size_t start = i ? c->ends[i - 1] : 0;

	putc('"', out);
	base64(out, c->bytes.at + start, c->ends[i] - start);
	putc('"', out);
}

/* [[zone, ...], ...] by variant, columns from @*i on. */
static void put_arms(const struct columns *c, size_t *i, FILE *out)
{
	for (u32 v = 0; v < c->v->nr_variants; v++) {
		fputs(v ? ",[" : "[[", out);
		for (u32 z = 0; z < c->v->nr_zones; z++) {
			if (z)
				putc(',', out);
			put_column(c, (*i)++, out);
		}
		putc(']', out);
	}
	putc(']', out);
}

static void put_columns(const struct columns *c, FILE *out)
{
	size_t i = 0;

	fprintf(out, ",\n\"step\":%" PRIu32 ",\"times\":", c->step);
	put_column(c, i++, out);
	fputs(",\n\"series\":{", out);
	for (size_t s = 0; s < NR_DRAWN; s++) {
		fprintf(out, "%s\"%s\":", s ? ",\n" : "", drawn[s].name);
		put_arms(c, &i, out);
	}
	fputs("},\n\"map\":", out);
	put_arms(c, &i, out);
}

static void put_names(const struct outcome_view *v, FILE *out)
{
	fputs("{\"variants\":[", out);
	for (u32 i = 0; i < v->nr_variants; i++) {
		if (i)
			putc(',', out);
		json_text(out, v->variants[i]);
	}
	fputs("],\"zones\":[", out);
	for (u32 z = 0; z < v->nr_zones; z++) {
		fputs(z ? ",{\"name\":" : "{\"name\":", out);
		json_text(out, v->zones[z].name);
		fprintf(out, ",\"spbs\":%" PRIu32 "}", v->zones[z].nr_spbs);
	}
	fprintf(out, "],\"main\":%" PRIu32 ",\"blocks\":%" PRIu32 ",\"t0\":\"%" PRIu64 "\"",
		view_main_zone(v), view_spb_blocks(v), v->times[0]);
}

/**
 * struct row_form - rows of a file, as arrays: variant and zone as indexes, then these columns;
 *	under KEY_whole by variant: are these all?
 * @max: rows, shared by the variants
 * @columns: names, NULL-terminated: '@' before a time, '#' before another number
 */
struct row_form {
	const char *key;
	enum view_table table;
	u32 max;
	const char *columns[12];
};

static const struct row_form row_forms[] = {
	{ "taint", VIEW_TAINT, REPORT_EVENTS_MAX,
	  { "@time_ns", "#spb", "from", "to", "cause", "#order", "migratetype", "comm", "#pid" } },
	{ "defrag", VIEW_DEFRAG, REPORT_EVENTS_MAX,
	  { "@time_ns", "#spb", "trigger", "@start_ns", "@end_ns", "#nr_free_before",
	    "#nr_free_after", "#pages_migrated", "#pages_failed", "#progress", "state" } },
};

static void put_cell(const struct outcome_view *v, const struct csv_data *d, u32 row,
		     const char *column, FILE *out)
{
	const bool number = *column == '@' || *column == '#';

	putc(',', out);
	if (number && !*csv_text(d, row, column + 1))
		fputs("null", out);
	else if (*column == '@')
		fprintf(out, "%" PRId64,
			(s64)(csv_u64(d, row, column + 1) - v->times[0]));
	else if (*column == '#')
		fprintf(out, "%" PRIu64, csv_u64(d, row, column + 1));
	else
		json_text(out, csv_text(d, row, column));
}

static void put_rows(const struct outcome_view *v, const struct row_form *form, FILE *out)
{
	const struct csv_data *d = &v->tables[form->table];
	u32 left[VIEW_MAX_VARIANTS];
	bool cut[VIEW_MAX_VARIANTS] = { false };
	bool any = false;

	for (u32 i = 0; i < v->nr_variants; i++)
		left[i] = form->max / v->nr_variants;
	fprintf(out, ",\n\"%s\":[", form->key);
	for (u32 row = 0; row < d->nr_rows; row++) {
		int variant = view_variant(v, csv_cell(d, row, 0));
		int zone = view_zone(v, csv_cell(d, row, 1));

		if (variant < 0 || zone < 0)
			continue;
		cut[variant] = !left[variant];
		if (cut[variant])
			continue;
		left[variant]--;
		fprintf(out, "%s[%d,%d", any ? ",\n" : "", variant, zone);
		for (size_t i = 0; form->columns[i]; i++)
			put_cell(v, d, row, form->columns[i], out);
		putc(']', out);
		any = true;
	}
	fprintf(out, "],\"%s_whole\":[", form->key);
	for (u32 i = 0; i < v->nr_variants; i++)
		fprintf(out, "%s%s", i ? "," : "", cut[i] ? "false" : "true");
	putc(']', out);
}

int report_json(const struct outcome_view *v, FILE *out, u32 *step, struct error *err)
{
	struct columns c = { .v = v };
	int ret = encode_all(&c);

	if (!ret) {
		put_names(v, out);
		put_columns(&c, out);
		for (size_t i = 0; i < ARRAY_SIZE(row_forms); i++)
			put_rows(v, &row_forms[i], out);
		fputs("}\n", out);
		*step = c.step;
	}
	free(c.ends);
	free(c.base);
	bytes_fini(&c.bytes);
	return ret ? err_nomem(err, "the report") : 0;
}
