/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An outcome folder read back: what compare or replay wrote, for reports and exports. Nothing in it
 * is trusted: names are text from a capture, numbers were checked by csv_read().
 */
#ifndef SPB_REPLAY_OUTCOME_VIEW_H
#define SPB_REPLAY_OUTCOME_VIEW_H

#include "replay/csv/csv_read.h"
#include "replay/metrics/metrics_spbmap.h"

struct json_object;

#define VIEW_MAX_VARIANTS 64
#define VIEW_MAX_ZONES 1024
#define VIEW_MAX_SPBS (1U << 20)	/* of a zone: a PiB */

/** enum view_series - columns of timeline.csv after time_ns, in their order */
enum view_series {
	SERIES_CLEAN,
	SERIES_TAINTED,
	SERIES_EMPTY,
	SERIES_FREE_PAGES,
	SERIES_FREE_PAGES_TAINTED,
	SERIES_FREE_BLOCKS,
	SERIES_STUCK,
	SERIES_MIGRATED,
	NR_VIEW_SERIES
};

/** enum view_table - the files, in the order of view_tables */
enum view_table {
	VIEW_SUMMARY,
	VIEW_TIMELINE,
	VIEW_SPBMAP,
	VIEW_TAINT,
	VIEW_DEFRAG,
	VIEW_VISITS,
	VIEW_DIFF,
	VIEW_DIVERGENCE,
	NR_VIEW_TABLES
};

/**
 * struct view_arm - one variant in one zone
 * @series: values at each sample; @map, @nr_map: as in struct spbmap, by sample
 */
struct view_arm {
	u64 *series[NR_VIEW_SERIES];
	struct spbmap_row *map;
	u32 nr_map;
};

/**
 * struct view_zone - @name is borrowed from the tables; @nr_spbs: superpageblocks
 */
struct view_zone {
	const char *name;
	u32 nr_spbs;
};

/**
 * struct outcome_view - a folder
 * @variants: names, the baseline first, borrowed from the tables
 * @times: sample times, ns; @arms: by variant, then zone
 * @run: run.json
 */
struct outcome_view {
	const char *dir;
	struct csv_data tables[NR_VIEW_TABLES];
	struct json_object *run;
	const char *variants[VIEW_MAX_VARIANTS];
	u32 nr_variants;
	struct view_zone *zones;
	u32 nr_zones;
	u64 *times;
	u32 nr_times;
	struct view_arm *arms;
};

/** outcome_view_open - read @dir, which must outlive @v. Return: 0, -ERR_IO or -ERR_DAMAGED */
int outcome_view_open(struct outcome_view *v, const char *dir, struct error *err) __must_check;
void outcome_view_close(struct outcome_view *v);

static inline const struct view_arm *view_arm(const struct outcome_view *v, u32 variant, u32 zone)
{
	return &v->arms[variant * v->nr_zones + zone];
}

/** view_variant, view_zone - index by the name in a row's first columns, or -1 */
int view_variant(const struct outcome_view *v, const char *name);
int view_zone(const struct outcome_view *v, const char *name);
/** view_main_zone - the zone with the most superpageblocks */
u32 view_main_zone(const struct outcome_view *v);
/** view_spb_blocks - pageblocks of a whole superpageblock, at least 1 */
u32 view_spb_blocks(const struct outcome_view *v);
/** view_json - member of run.json by its keys, "capture", "host", NULL; NULL when there is none */
struct json_object *view_json(const struct outcome_view *v, const char *const *keys);
/** view_json_text - the same as text; "" when there is none; valid until the view is closed */
const char *view_json_text(const struct outcome_view *v, const char *const *keys);
/** view_time_index - the last sample that is not after @time, 0 when none */
u32 view_time_index(const struct outcome_view *v, u64 time);

#endif /* SPB_REPLAY_OUTCOME_VIEW_H */
