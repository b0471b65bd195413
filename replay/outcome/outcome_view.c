// SPDX-License-Identifier: GPL-2.0
#include "replay/outcome/outcome_view.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/outcome/outcome_data.h"
#include "replay/outcome/runjson_read.h"

static const struct csv_table *const view_tables[NR_VIEW_TABLES] = {
	[VIEW_SUMMARY] = &summary_table, [VIEW_TIMELINE] = &timeline_table,
	[VIEW_SPBMAP] = &spbmap_table, [VIEW_TAINT] = &taint_table,
	[VIEW_DEFRAG] = &defrag_table, [VIEW_VISITS] = &visits_table,
	[VIEW_DIFF] = &diff_table, [VIEW_DIVERGENCE] = &divergence_table,
};

/* Columns that every table begins with, and the first of each one's own. */
enum { COL_VARIANT, COL_ZONE, COL_TIME };
enum { MAP_SPB = COL_TIME + 1, MAP_CATEGORY, MAP_FREE, MAP_STUCK };

/* ---- names ---- */

int view_variant(const struct outcome_view *v, const char *name)
{
	for (u32 i = 0; i < v->nr_variants; i++)
		if (!strcmp(v->variants[i], name))
			return (int)i;
	return -1;
}

int view_zone(const struct outcome_view *v, const char *name)
{
	for (u32 i = 0; i < v->nr_zones; i++)
		if (!strcmp(v->zones[i].name, name))
			return (int)i;
	return -1;
}

u32 view_main_zone(const struct outcome_view *v)
{
	u32 best = 0;

	for (u32 i = 1; i < v->nr_zones; i++)
		if (v->zones[i].nr_spbs > v->zones[best].nr_spbs)
			best = i;
	return best;
}

/* summary.csv has a row for each variant and zone: it says which there are. */
static int read_names(struct outcome_view *v, struct error *err)
{
	const struct csv_data *d = &v->tables[VIEW_SUMMARY];

	v->zones = calloc(d->nr_rows + 1ULL, sizeof(*v->zones));
	if (!v->zones)
		return err_nomem(err, d->path);
	for (u32 row = 0; row < d->nr_rows; row++) {
		const char *variant = csv_cell(d, row, COL_VARIANT);
		const char *zone = csv_cell(d, row, COL_ZONE);
		u64 spbs = csv_u64(d, row, "spb_total");

		if (spbs > VIEW_MAX_SPBS)
			return csv_error(d, row, "too many superpageblocks", err);
		if (view_variant(v, variant) < 0) {
			if (v->nr_variants == VIEW_MAX_VARIANTS)
				return csv_error(d, row, "too many variants", err);
			v->variants[v->nr_variants++] = variant;
		}
		if (view_zone(v, zone) < 0) {
			if (v->nr_zones == VIEW_MAX_ZONES)
				return csv_error(d, row, "too many zones", err);
			v->zones[v->nr_zones++] = (struct view_zone){ zone, (u32)spbs };
		}
	}
	if (!v->nr_variants)
		return err_set(err, ERR_DAMAGED, "%s: has no rows - nothing to show", d->path);
	return 0;
}

/* ---- timeline.csv ---- */

/* Rows come by variant, zone and time: each arm has as many as the first one. */
static int read_times(struct outcome_view *v, struct error *err)
{
	const struct csv_data *d = &v->tables[VIEW_TIMELINE];
	u64 arms = (u64)v->nr_variants * v->nr_zones;

	if (!d->nr_rows || d->nr_rows % arms)
		return err_set(err, ERR_DAMAGED, "%s: has not the same samples for each variant "
			       "and zone of summary.csv - make the outcome again", d->path);
	v->nr_times = (u32)(d->nr_rows / arms);
	v->times = calloc(v->nr_times, sizeof(*v->times));
	if (!v->times)
		return err_nomem(err, d->path);
	for (u32 i = 0; i < v->nr_times; i++) {
		v->times[i] = csv_u64_at(d, i, COL_TIME);
		if (i && v->times[i] <= v->times[i - 1])
			return csv_error(d, i, "time does not grow", err);
	}
	return 0;
}

static int read_arm(struct outcome_view *v, u32 index, struct error *err)
{
	const struct csv_data *d = &v->tables[VIEW_TIMELINE];
	struct view_arm *arm = &v->arms[index];
	u32 first = index * v->nr_times;

	for (u32 s = 0; s < NR_VIEW_SERIES; s++) {
		arm->series[s] = calloc(v->nr_times, sizeof(u64));
		if (!arm->series[s])
			return err_nomem(err, d->path);
	}
	for (u32 i = 0; i < v->nr_times; i++) {
		u32 row = first + i;

		if (view_variant(v, csv_cell(d, row, COL_VARIANT)) * (int)v->nr_zones +
		    view_zone(v, csv_cell(d, row, COL_ZONE)) != (int)index ||
		    csv_u64_at(d, row, COL_TIME) != v->times[i])
			return csv_error(d, row, "is not in the order of summary.csv", err);
		for (u32 s = 0; s < NR_VIEW_SERIES; s++)
			arm->series[s][i] = csv_u64_at(d, row, COL_TIME + 1 + s);
	}
	return 0;
}

u32 view_time_index(const struct outcome_view *v, u64 time)
{
	u32 low = 0, high = v->nr_times;

	while (high - low > 1) {
		u32 mid = low + (high - low) / 2;

		if (v->times[mid] <= time)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* ---- spbmap.csv ---- */

static int read_map_row(const struct outcome_view *v, u32 row, struct spbmap_row *to, u32 zone,
			struct error *err)
{
	const struct csv_data *d = &v->tables[VIEW_SPBMAP];
	u64 spb = csv_u64_at(d, row, MAP_SPB), blocks = csv_u64_at(d, row, MAP_FREE);
	u64 time = csv_u64_at(d, row, COL_TIME);
	u32 state = 0;

	*to = (struct spbmap_row){ .sample = view_time_index(v, time) };
	while (state < NR_SPB_STATES &&
	       strcmp(csv_cell(d, row, MAP_CATEGORY), spb_state_name(state)))
		state++;
	if (state == NR_SPB_STATES)
		return csv_error(d, row, "an unknown category", err);
	if (spb >= v->zones[zone].nr_spbs || blocks > UINT16_MAX)
		return csv_error(d, row, "more than the zone has", err);
	if (v->times[to->sample] != time)
		return csv_error(d, row, "a time that timeline.csv does not have", err);
	to->spb = (u32)spb;
	to->free_blocks = (u16)blocks;
	to->state = (u8)state;
	to->stuck = csv_u64_at(d, row, MAP_STUCK) != 0;
	return 0;
}

static int read_map_arm(struct outcome_view *v, u32 *row, u32 variant, u32 zone, struct error *err)
{
	const struct csv_data *d = &v->tables[VIEW_SPBMAP];
	struct view_arm *arm = &v->arms[variant * v->nr_zones + zone];
	u32 first = *row, end = first;

	while (end < d->nr_rows &&
	       !strcmp(csv_cell(d, end, COL_VARIANT), v->variants[variant]) &&
	       !strcmp(csv_cell(d, end, COL_ZONE), v->zones[zone].name))
		end++;
	arm->map = calloc(end - first + 1ULL, sizeof(*arm->map));
	if (!arm->map)
		return err_nomem(err, d->path);
	for (; *row < end; ++*row) {
		struct spbmap_row *to = &arm->map[arm->nr_map];

		if (read_map_row(v, *row, to, zone, err))
			return -ERR_DAMAGED;
		if (arm->nr_map && (to->sample < to[-1].sample ||
				    (to->sample == to[-1].sample && to->spb <= to[-1].spb)))
			return csv_error(d, *row, "is not sorted by time and spb", err);
		arm->nr_map++;
	}
	/* The first sample has all, so nothing is unknown later. */
	if (arm->nr_map < v->zones[zone].nr_spbs ||
	    (v->zones[zone].nr_spbs && arm->map[v->zones[zone].nr_spbs - 1].sample))
		return err_set(err, ERR_DAMAGED, "%s: the first sample of %s in %s is not whole - "
			       "make the outcome again", d->path, v->variants[variant],
			       v->zones[zone].name);
	return 0;
}

static int read_map(struct outcome_view *v, struct error *err)
{
	const struct csv_data *d = &v->tables[VIEW_SPBMAP];
	u32 row = 0;

	for (u32 i = 0; i < v->nr_variants; i++)
		for (u32 z = 0; z < v->nr_zones; z++)
			if (read_map_arm(v, &row, i, z, err))
				return -(int)err->code;
	if (row != d->nr_rows)
		return csv_error(d, row, "is not in the order of summary.csv", err);
	return 0;
}

/* ---- run.json ---- */

struct json_object *view_json(const struct outcome_view *v, const char *const *keys)
{
	struct json_object *at = v->run;

	for (; at && *keys; keys++)
		if (!json_object_is_type(at, json_type_object) ||
		    !json_object_object_get_ex(at, *keys, &at))
			return NULL;
	return at;
}

const char *view_json_text(const struct outcome_view *v, const char *const *keys)
{
	const char *text = json_object_get_string(view_json(v, keys));

	return text ? text : "";
}

u32 view_spb_blocks(const struct outcome_view *v)
{
	static const char *const spb[] = { "spb_order", NULL };
	static const char *const block[] = { "pageblock_order", NULL };
	s64 order = json_object_get_int64(view_json(v, spb)) -
		    json_object_get_int64(view_json(v, block));

	return order > 0 && order < 16 ? 1U << order : 1;
}

/* ---- the folder ---- */

static int read_tables(struct outcome_view *v, struct error *err)
{
	u64 arms;
	int ret = 0;

	for (u32 i = 0; i < NR_VIEW_TABLES && !ret; i++)
		ret = csv_read(&v->tables[i], v->dir, view_tables[i], err);
	if (!ret)
		ret = read_names(v, err);
	if (!ret)
		ret = read_times(v, err);
	if (ret)
		return ret;
	arms = (u64)v->nr_variants * v->nr_zones;
	v->arms = calloc(arms, sizeof(*v->arms));
	if (!v->arms)
		return err_nomem(err, v->dir);
	for (u32 i = 0; i < arms && !ret; i++)
		ret = read_arm(v, i, err);
	return ret ? ret : read_map(v, err);
}

int outcome_view_open(struct outcome_view *v, const char *dir, struct error *err)
{
	struct error local = { 0 };
	int ret;

	*v = (struct outcome_view){ .dir = dir };
	ret = read_tables(v, &local);
	if (!ret)
		ret = runjson_read(&v->run, dir, &local);
	for (u32 i = 0; i < NR_VIEW_TABLES && !ret; i++)
		ret = runjson_check_table(v->run, view_tables[i]->file, &v->tables[i], &local);
	if (ret) {
		err_set(err, local.code, "%s", local.text);
		outcome_view_close(v);
	}
	return ret;
}

void outcome_view_close(struct outcome_view *v)
{
	for (u32 i = 0; i < NR_VIEW_TABLES; i++)
		csv_data_fini(&v->tables[i]);
	for (u64 i = 0; v->arms && i < (u64)v->nr_variants * v->nr_zones; i++) {
		for (u32 s = 0; s < NR_VIEW_SERIES; s++)
			free(v->arms[i].series[s]);
		free(v->arms[i].map);
	}
	free(v->arms);
	free(v->times);
	free(v->zones);
	json_object_put(v->run);
	*v = (struct outcome_view){ 0 };
}
