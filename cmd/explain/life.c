// SPDX-License-Identifier: GPL-2.0
#include "cmd/explain/life.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common/units.h"

/* ---- which one ---- */

static bool zone_has_ops(const struct results *r, const char *zone)
{
	const struct csv_data *d = &r->table[RESULT_SUMMARY];

	for (u32 i = 0; i < d->nr_rows; i++) {
		if (!strcmp(csv_text(d, i, "zone"), zone) && csv_u64(d, i, "ops"))
			return true;
	}
	return false;
}

static int several(const struct life *l, const char *zone, struct error *err)
{
	return err_set(err, ERR_USAGE, "%s: SPB %" PRIu64 " is in zones %s and %s - give --zone",
		       l->r->name, l->spb, l->zone, zone);
}

/* The one zone that has such an SPB; of several, the one that has operations. */
static int find_zone(struct life *l, struct error *err)
{
	const struct csv_data *d = &l->r->table[RESULT_SPB];

	for (u32 i = 0; i < d->nr_rows; i++) {
		const char *zone = csv_text(d, i, "zone");

		if (csv_u64(d, i, "spb") != l->spb || (l->zone && !strcmp(zone, l->zone)))
			continue;
		if (!l->zone || (!zone_has_ops(l->r, l->zone) && zone_has_ops(l->r, zone)))
			l->zone = zone;
		else if (zone_has_ops(l->r, zone))
			return several(l, zone, err);
	}
	return 0;
}

static int find_rows(struct life *l, struct error *err)
{
	const struct csv_data *d = &l->r->table[RESULT_SPB];
	bool any = false;
	u64 most = 0;
	u32 found = 0;

	for (u32 i = 0; i < d->nr_rows; i++) {
		if (l->zone && strcmp(csv_text(d, i, "zone"), l->zone))
			continue;
		any = true;
		most = max_u64(most, csv_u64(d, i, "spb"));
		for (u32 v = 0; v < l->r->nr_variants; v++) {
			if (csv_u64(d, i, "spb") == l->spb && l->zone &&
			    !strcmp(csv_text(d, i, "variant"), l->r->variants[v])) {
				l->spb_row[v] = i;
				found++;
			}
		}
	}
	if (found >= l->r->nr_variants)
		return 0;
	if (!any)
		return err_set(err, ERR_USAGE, "%s: has no zone '%.40s' - 'spb.csv' lists them",
			       l->r->name, l->zone ? l->zone : "");
	return err_set(err, ERR_USAGE, "%s: no SPB %" PRIu64 "%s%s - the largest is %" PRIu64
		       ", 'spb.csv' lists them", l->r->name, l->spb, l->zone ? " in zone " : "",
		       l->zone ? l->zone : "", most);
}

/* Index of the variant of @row when it is about this SPB, or -1. */
static int variant_of(const struct life *l, enum result_table table, u32 row)
{
	const struct csv_data *d = &l->r->table[table];

	if (csv_u64(d, row, "spb") != l->spb || strcmp(csv_text(d, row, "zone"), l->zone))
		return -1;
	for (u32 v = 0; v < l->r->nr_variants; v++) {
		if (!strcmp(csv_text(d, row, "variant"), l->r->variants[v]))
			return (int)v;
	}
	return -1;
}

/* ---- events ---- */

static struct life_event *add_event(struct life *l, u32 variant, enum life_kind kind, u64 time)
{
	struct life_event *e;

	if (l->nr == l->max) {
		u32 max = l->max ? 2 * l->max : 64;
		struct life_event *p = max > l->max ? realloc(l->events, max * sizeof(*p)) : NULL;

		if (!p)
			return NULL;
		l->events = p;
		l->max = max;
	}
	e = &l->events[l->nr++];
	*e = (struct life_event){ .time = time, .until = time, .kind = (u8)kind,
				  .variants = 1ULL << variant };
	if (l->nr > 1 && e[-1].time == time && e[-1].kind == kind &&
	    e[-1].variants == e->variants)
		e->order = e[-1].order + 1;
	return e;
}

static int add_taint(struct life *l, u32 variant, const struct csv_data *d, u32 row)
{
	struct life_event *e = add_event(l, variant, LIFE_TAINT, csv_u64(d, row, "time_ns"));
	char text[PHRASE_TEXT];

	if (!e)
		return -1;
	taint_phrase(text, d, row);
	snprintf(e->text, sizeof(e->text), "becomes %s: %.230s", csv_text(d, row, "to"), text);
	return 0;
}

static int add_chance(struct life *l, u32 variant, const struct csv_data *d, u32 row)
{
	static const char *const met[][2] = {
		{ "cooldown", "cooldown" },
		{ "clean", "not tainted" },
		{ "nothing_movable", "nothing movable left" },
		{ "above_reserve", "above the reserve" },
		{ "active", "a pass is active already" },
		{ "queued", "a pass is queued" },
		{ "various", "various answers, more than are kept" },
	};
	const char *verdict = csv_text(d, row, "verdict"), *words = verdict;
	struct life_event *e = add_event(l, variant, LIFE_CHANCE, csv_u64(d, row, "first_ns"));
	char times[UNIT_TEXT], count[UNIT_TEXT], left[UNIT_TEXT] = "", end[STAMP_TEXT] = "";
	u64 n = csv_u64(d, row, "count");

	if (!e)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(met); i++)
		words = strcmp(met[i][0], verdict) ? words : met[i][1];
	e->until = csv_u64(d, row, "last_ns");
	e->quiet = !strcmp(verdict, "clean");
	*times = '\0';
	if (n > 1)
		snprintf(times, sizeof(times), " %.30s times", fmt_count(count, n));
	if (n > 1 && e->until > e->time)
		snprintf(end, sizeof(end), " until %.30s",
			 fmt_since((char[STAMP_TEXT]){ 0 }, e->until, l->r->first_ns));
	if (!strcmp(verdict, "cooldown"))
		snprintf(left, sizeof(left), ", %.30s left",
			 fmt_seconds(count, csv_u64(d, row, "cooldown_left_ns")));
	snprintf(e->text, sizeof(e->text), "%.40s asks%s%s: %s%s",
		 trigger_phrase(csv_text(d, row, "trigger")), times, end, words, left);
	return 0;
}

static int add_pass_start(struct life *l, u32 variant, const struct csv_data *d, u32 row)
{
	struct life_event *e = add_event(l, variant, LIFE_PASS_START, csv_u64(d, row, "start_ns"));
	char since[STAMP_TEXT];

	if (!e)
		return -1;
	snprintf(e->text, sizeof(e->text), "the worker begins a pass, queued by %.40s at %s",
		 trigger_phrase(csv_text(d, row, "trigger")),
		 fmt_since(since, csv_u64(d, row, "time_ns"), l->r->first_ns));
	return 0;
}

static int add_no_end(struct life *l, u32 variant, const struct csv_data *d, u32 row)
{
	struct life_event *e = add_event(l, variant, LIFE_NO_PASS, l->r->last_ns);
	char since[STAMP_TEXT];

	if (!e)
		return -1;
	snprintf(e->text, sizeof(e->text), "the run ends before the pass that was queued at %s does",
		 fmt_since(since, csv_u64(d, row, "time_ns"), l->r->first_ns));
	return 0;
}

static int add_pass(struct life *l, u32 variant, const struct csv_data *d, u32 row)
{
	char text[PHRASE_TEXT];
	struct life_event *e;

	if (*csv_text(d, row, "start_ns") && add_pass_start(l, variant, d, row))
		return -1;
	if (pass_is_open(d, row))
		return add_no_end(l, variant, d, row);
	e = add_event(l, variant, LIFE_PASS_END, csv_u64(d, row, "end_ns"));
	if (!e)
		return -1;
	pass_phrase(text, d, row);
	snprintf(e->text, sizeof(e->text), "the pass ends: %.230s", text);
	return 0;
}

static bool is_tainted_list(const char *list)
{
	return !strncmp(list, "tainted", 7);
}

/* Between clean lists nothing was decided. */
static int add_list_move(struct life *l, u32 variant, const struct csv_data *d, u32 row)
{
	struct life_event *e = add_event(l, variant, LIFE_LIST, csv_u64(d, row, "first_ns"));
	const char *from = csv_text(d, row, "from"), *to = csv_text(d, row, "to");
	char count[UNIT_TEXT], often[3 * UNIT_TEXT] = "", end[STAMP_TEXT];
	u64 moves = csv_u64(d, row, "moves");

	if (!e)
		return -1;
	e->until = csv_u64(d, row, "last_ns");
	e->quiet = !is_tainted_list(from) && !is_tainted_list(to);
	if (moves > 1)
		snprintf(often, sizeof(often), ", to and fro %.30s times until %.30s, then %.24s",
			 fmt_count(count, moves), fmt_since(end, e->until, l->r->first_ns),
			 csv_text(d, row, "now"));
	snprintf(e->text, sizeof(e->text), "moves from list %.30s to %.30s%s: %s free blocks, "
		 "%.30s free pages", from, to, often, csv_text(d, row, "nr_free"),
		 fmt_count(count, csv_u64(d, row, "free_pages")));
	return 0;
}

static int by_time_and_kind(const struct life_event *x, const struct life_event *y)
{
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

/* Alike ones side by side. */
static int by_text(const void *a, const void *b)
{
	const struct life_event *x = a, *y = b;
	int text = by_time_and_kind(x, y);

	if (!text)
		text = strcmp(x->text, y->text);
	if (text)
		return text;
	return (x->variants > y->variants) - (x->variants < y->variants);
}

static int by_moment(const void *a, const void *b)
{
	const struct life_event *x = a, *y = b;
	int order = by_time_and_kind(x, y);

	if (!order)
		order = (x->order > y->order) - (x->order < y->order);
	return order ? order : by_text(a, b);
}

/* What happened at the same time in several variants is one event. */
static void merge_events(struct life *l)
{
	u32 nr = 0;

	if (l->nr)
		qsort(l->events, l->nr, sizeof(*l->events), by_text);
	for (u32 i = 0; i < l->nr; i++) {
		struct life_event *e = &l->events[i], *last = nr ? &l->events[nr - 1] : NULL;

		if (last && last->time == e->time && last->until == e->until &&
		    last->kind == e->kind && !strcmp(last->text, e->text))
			last->variants |= e->variants;
		else
			l->events[nr++] = *e;
	}
	l->nr = nr;
	if (nr)
		qsort(l->events, nr, sizeof(*l->events), by_moment);
}

static int find_events(struct life *l)
{
	static const struct {
		enum result_table table;
		int (*add)(struct life *l, u32 variant, const struct csv_data *d, u32 row);
	} sources[] = {
		{ RESULT_TAINT, add_taint },
		{ RESULT_LISTS, add_list_move },
		{ RESULT_CHANCES, add_chance },
		{ RESULT_DEFRAG, add_pass },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		const struct csv_data *d = &l->r->table[sources[i].table];

		for (u32 row = 0; row < d->nr_rows; row++) {
			int variant = variant_of(l, sources[i].table, row);

			if (variant >= 0 && sources[i].add(l, (u32)variant, d, row))
				return -1;
		}
	}
	merge_events(l);
	return 0;
}

int life_find(struct life *l, const struct results *r, const char *zone, u64 spb,
	      struct error *err)
{
	*l = (struct life){ .r = r, .zone = zone, .spb = spb };
	if (!zone && find_zone(l, err))
		return -ERR_USAGE;
	if (find_rows(l, err))
		return -ERR_USAGE;
	return find_events(l) ? err_nomem(err, "the events") : 0;
}

void life_fini(struct life *l)
{
	free(l->events);
	*l = (struct life){ 0 };
}

/* ---- one moment ---- */

static void taint_at(const struct life *l, u32 variant, u64 time, struct life_moment *m)
{
	const struct csv_data *d = &l->r->table[RESULT_TAINT];
	const char *category = NULL;

	for (u32 row = 0; row < d->nr_rows; row++) {
		if (variant_of(l, RESULT_TAINT, row) != (int)variant)
			continue;
		if (csv_u64(d, row, "time_ns") <= time) {
			category = csv_text(d, row, "to");
			m->taint = row;
		} else if (!category) {
			category = csv_text(d, row, "from");
		}
	}
	if (!category)
		category = csv_text(&l->r->table[RESULT_SPB], l->spb_row[variant], "category");
	m->tainted = !strcmp(category, "tainted");
}

/* The list at @time; before the first move and without any, what is known of the rest. */
static void list_at(const struct life *l, u32 variant, u64 time, struct life_moment *m)
{
	const struct csv_data *d = &l->r->table[RESULT_LISTS];

	for (u32 row = 0; row < d->nr_rows; row++) {
		const char *from = csv_text(d, row, "from"), *to = csv_text(d, row, "to");

		if (variant_of(l, RESULT_LISTS, row) != (int)variant)
			continue;
		if (csv_u64(d, row, "first_ns") > time) {
			m->list = m->list ? m->list : from;
			return;
		}
		m->other = csv_u64(d, row, "last_ns") > time ? from : NULL;
		m->list = m->other ? to : csv_text(d, row, "now");
	}
}

static void passes_at(const struct life *l, u32 variant, u64 time, struct life_moment *m)
{
	const struct csv_data *d = &l->r->table[RESULT_DEFRAG];

	for (u32 row = 0; row < d->nr_rows; row++) {
		if (variant_of(l, RESULT_DEFRAG, row) != (int)variant ||
		    csv_u64(d, row, "time_ns") > time)
			continue;
		if (pass_is_open(d, row) || csv_u64(d, row, "end_ns") > time)
			m->pass = row;
		else
			m->last_pass = row;
	}
}

/* A cooldown begins where a pass ends; only a call that met it tells how long it runs. */
static void cooldown_at(const struct life *l, u32 variant, u64 time, struct life_moment *m)
{
	const struct csv_data *d = &l->r->table[RESULT_CHANCES];
	const struct csv_data *passes = &l->r->table[RESULT_DEFRAG];
	u64 begin, end;

	if (m->last_pass == UINT32_MAX || m->pass != UINT32_MAX)
		return;
	begin = csv_u64(passes, m->last_pass, "end_ns");
	for (u32 row = 0; row < d->nr_rows; row++) {
		if (variant_of(l, RESULT_CHANCES, row) != (int)variant ||
		    strcmp(csv_text(d, row, "verdict"), "cooldown") ||
		    csv_u64(d, row, "first_ns") < begin)
			continue;
		end = csv_u64(d, row, "first_ns") + csv_u64(d, row, "cooldown_left_ns");
		if (end > time)
			m->cooldown_end = end;
		return;
	}
}

void life_at(const struct life *l, u32 variant, u64 time, struct life_moment *m)
{
	*m = (struct life_moment){ .taint = UINT32_MAX, .pass = UINT32_MAX,
				   .last_pass = UINT32_MAX };
	taint_at(l, variant, time, m);
	list_at(l, variant, time, m);
	passes_at(l, variant, time, m);
	m->waiting = m->pass != UINT32_MAX && pass_is_open(&l->r->table[RESULT_DEFRAG], m->pass);
	cooldown_at(l, variant, time, m);
}
