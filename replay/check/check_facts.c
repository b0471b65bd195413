// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check_facts.h"

#include <stdio.h>

const char *check_side_name(enum check_side side)
{
	return side == SIDE_OPEN ? "open" : "follow";
}

static const struct {
	const char *name;
	const char *doc;
} causes[NR_CHECK_CAUSES] = {
	[CAUSE_GHOST] = { "not_on_list",
		"the recording shows that the model's page was not free, or not on that list" },
	[CAUSE_START_ORDER] = { "start_order_recorded",
		"the recorded page was free since the start: its place on the list is unknown" },
	[CAUSE_MODEL_START] = { "start_order_model",
		"the model took a page that was free since the start, ahead of one freed later" },
	[CAUSE_OTHER_BUDDY] = { "other_buddy",
		"both pages were freed in the capture, and the model has them in another order" },
	[CAUSE_LABEL] = { "label", "the recorded page's block has another label in the model" },
	[CAUSE_NOT_FREE] = { "not_free", "the recorded page is in use in the model" },
};

u64 check_placed(const struct check_placement *p)
{
	return p->pfn + p->block + p->spb + p->other + p->none;
}

const char *check_cause_name(u32 cause)
{
	return cause < NR_CHECK_CAUSES ? causes[cause].name : "?";
}

const char *check_cause_doc(u32 cause)
{
	return cause < NR_CHECK_CAUSES ? causes[cause].doc : "?";
}

/** struct telling - a walk over the facts; stops at the first @ret that is not 0 */
struct telling {
	const char *variant;
	int (*fn)(void *ctx, const struct check_fact *fact);
	void *ctx;
	int ret;
};

static void tell_zone(struct telling *t, const char *zone, const char *side, const char *figure,
		      const char *key, u64 value)
{
	const struct check_fact fact = { .variant = t->variant, .zone = zone, .side = side,
					 .figure = figure, .key = key, .value = value };

	if (!t->ret)
		t->ret = t->fn(t->ctx, &fact);
}

static void tell(struct telling *t, const char *side, const char *figure, const char *key,
		 u64 value)
{
	tell_zone(t, "", side, figure, key, value);
}

static void tell_agreement(struct telling *t, const char *side, const char *key,
			   const struct check_agreement *a)
{
	if (!a->recorded && !a->model)
		return;
	tell(t, side, "events_recorded", key, a->recorded);
	tell(t, side, "events_model", key, a->model);
	tell(t, side, "events_agree", key, a->agree);
	tell(t, side, "events_differ", key, a->differ);
}

static void tell_placement(struct telling *t, const char *side, const char *key,
			   const struct check_placement *p)
{
	if (!check_placed(p))
		return;
	tell(t, side, "placed_same_pfn", key, p->pfn);
	tell(t, side, "placed_same_pageblock", key, p->block);
	tell(t, side, "placed_same_spb", key, p->spb);
	tell(t, side, "placed_elsewhere", key, p->other);
	tell(t, side, "placed_nowhere", key, p->none);
}

static void tell_walks(struct telling *t, const char *side, const struct check_figures *f)
{
	for (u32 r = 0; r < NR_SPB_OUTCOMES; r++) {
		for (u32 m = 0; m < NR_SPB_OUTCOMES; m++) {
			char key[48];

			snprintf(key, sizeof(key), "%s>%s", spb_outcome_name(r),
				 spb_outcome_name(m));
			if (f->walks[r][m])
				tell(t, side, "walk_outcome", key, f->walks[r][m]);
		}
	}
}

static void tell_placements(struct telling *t, const char *side, const struct check_figures *f)
{
	tell_placement(t, side, "", &f->all);
	for (u32 o = 0; o < MODEL_MAX_ORDERS; o++) {
		char key[16];

		snprintf(key, sizeof(key), "order %u", o);
		tell_placement(t, side, key, &f->by_order[o]);
	}
	for (u32 mt = 0; mt < MIGRATE_TYPES; mt++)
		tell_placement(t, side, migratetype_name(mt), &f->by_mt[mt]);
}

static void tell_taint(struct telling *t, const char *side, const struct check_taint *c)
{
	if (!c->samples)
		return;
	tell(t, side, "taint_jaccard_mean", "ppm", c->sum / c->samples);
	tell(t, side, "taint_jaccard_min", "ppm", c->min);
	tell(t, side, "taint_jaccard_min", "time_ns", c->min_time);
	tell(t, side, "taint_end", "recorded", c->recorded);
	tell(t, side, "taint_end", "model", c->model);
	tell(t, side, "taint_end", "both", c->both);
}

static void tell_side(struct telling *t, const struct check_report *r, enum check_side which)
{
	const struct check_figures *f = &r->side[which];
	const char *side = check_side_name(which);

	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		tell_agreement(t, side, event_kinds[k].name, &f->kinds[k]);
	tell_agreement(t, side, "worker", &f->worker);
	tell(t, side, "alloc_flags_differ", "", f->flags_differ);
	tell(t, side, "events_of_failed_requests", "", f->failed_requests);
	tell_walks(t, side, f);
	tell_placements(t, side, f);
	tell(t, side, "labels_shown", "", f->labels_shown);
	tell(t, side, "labels_agree", "", f->labels_agree);
	if (r->recorded_taint || which == SIDE_OPEN)
		tell_taint(t, side, &f->taint);
	if (which == SIDE_OPEN)
		return;
	tell(t, side, "labels_taken_over", "", f->labels_set);
	tell(t, side, "pages_not_free", "", f->ghosts);
	tell(t, side, "pages_not_free", "came back", f->ghosts_back);
	for (u32 c = 0; c < NR_CHECK_CAUSES; c++)
		tell(t, side, "missed", check_cause_name(c), f->causes[c]);
}

static void tell_fallbacks(struct telling *t, const struct check_report *r)
{
	for (u32 i = 0; i < r->nr_fallbacks; i++) {
		const struct check_fallback *f = &r->fallbacks[i];
		char key[64];

		snprintf(key, sizeof(key), "%s order %u from %s order %u",
			 migratetype_name(f->mt), f->order, migratetype_name(f->fallback_mt),
			 f->fallback_order);
		tell(t, "recorded", "fallback", key, f->recorded);
		for (u32 s = 0; s <= (r->follows ? SIDE_FOLLOW : SIDE_OPEN); s++)
			tell(t, check_side_name((enum check_side)s), "fallback", key, f->model[s]);
	}
}

static void tell_labels(struct telling *t, const struct check_report *r)
{
	for (u32 i = 0; i < r->nr_labels; i++) {
		const struct check_labels *l = &r->labels[i];
		const char *zone = r->zone_names[l->zone], *mt = migratetype_name(l->mt);

		if (l->known_before)
			tell_zone(t, zone, "recorded", "pageblocks_before", mt, l->before);
		tell_zone(t, zone, "start", "pageblocks_before", mt, l->start);
		if (l->known_after)
			tell_zone(t, zone, "recorded", "pageblocks_after", mt, l->after);
		for (u32 s = 0; s <= (r->follows ? SIDE_FOLLOW : SIDE_OPEN); s++)
			tell_zone(t, zone, check_side_name((enum check_side)s),
				  "pageblocks_after", mt, l->end[s]);
	}
}

int check_facts(const struct check_report *r, const char *variant,
		int (*fn)(void *ctx, const struct check_fact *fact), void *ctx)
{
	struct telling t = { .variant = variant, .fn = fn, .ctx = ctx };

	tell(&t, "recorded", "capture_bytes", r->capture, r->capture_bytes);
	tell(&t, "start", "operations", "", r->ops);
	tell(&t, "start", "residents_without_place", "", r->residents_failed);
	tell_side(&t, r, SIDE_OPEN);
	if (r->follows)
		tell_side(&t, r, SIDE_FOLLOW);
	tell_fallbacks(&t, r);
	tell_labels(&t, r);
	return t.ret;
}

/* ---- check.csv ---- */

#define COLUMN(field, type, doc)                                                                   \
	{ #field, type, "", type == CSV_UINT ? csv_get_number : csv_get_text,                      \
	  offsetof(struct check_fact, field), MERGE_NONE, doc }

static const struct csv_column columns[] = {
	COLUMN(variant, CSV_TEXT, "the variant that was checked"),
	COLUMN(zone, CSV_TEXT, "NODE/NAME; empty: all zones"),
	COLUMN(side, CSV_TEXT, "open: the model serves every request itself; follow: after each "
	       "decision the recorded page is taken instead; recorded: capture and snapshots; "
	       "start: before the first operation"),
	COLUMN(figure, CSV_TEXT, "what is counted"),
	COLUMN(key, CSV_TEXT,
	       "what is counted: event, order, type, outcome recorded>modelled, cause, unit; XXH64 of "
	       "the capture"),
	COLUMN(value, CSV_UINT, "the count, or millionths where the key says ppm"),
};

static int write_fact(void *ctx, const struct check_fact *fact)
{
	return csv_row(ctx, fact);
}

static int each_fact(const void *data, struct csv_writer *w)
{
	const struct check_csv_data *d = data;

	return check_facts(d->report, d->variant, write_fact, w);
}

const struct csv_table check_csv = {
	.file = "check.csv",
	.doc = "one figure of a check of a variant against a capture",
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.each = each_fact,
};
