// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/figures.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common/units.h"
#include "replay/outcome/diff.h"

static const char *const order_names[NR_FIGURE_ORDERS] = {
	[BY_TABLE] = "table", [BY_NAME] = "name", [BY_DELTA] = "delta", [BY_PERCENT] = "percent",
};

const char *figure_order_name(u32 order)
{
	return order < NR_FIGURE_ORDERS ? order_names[order] : NULL;
}

/* ---- finding them ---- */

/* A decimal with three places in thousandths, or a whole number. */
static u64 read_value(const char *text)
{
	u64 v = 0;

	for (; *text; text++) {
		if (*text == '.')
			continue;
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (u64)(*text - '0'), &v))
			return 0;
	}
	return v;
}

static u64 value_of(const struct side *s, const char *zone, const char *metric)
{
	const struct csv_data *d = side_table(s, RESULT_SUMMARY);

	for (u32 i = 0; i < d->nr_rows; i++) {
		if (side_has(s, RESULT_SUMMARY, i) && !strcmp(csv_text(d, i, "zone"), zone))
			return read_value(csv_text(d, i, metric));
	}
	return 0;
}

static bool has_zone(const struct side *s, const char *zone)
{
	const struct csv_data *d = side_table(s, RESULT_SUMMARY);

	for (u32 i = 0; i < d->nr_rows; i++) {
		if (side_has(s, RESULT_SUMMARY, i) && !strcmp(csv_text(d, i, "zone"), zone))
			return true;
	}
	return false;
}

static void add_zone(struct figures *f, const struct side *baseline, const struct side *variant,
		     const char *zone)
{
	for (size_t i = 0; i < outcome_nr_metrics(); i++) {
		const struct csv_column *info = outcome_metric_info(i);
		struct figure *fig = &f->list[f->nr++];

		*fig = (struct figure){
			.metric = i, .zone = zone, .milli = info->type == CSV_MILLI,
			.baseline = value_of(baseline, zone, info->name),
			.value = value_of(variant, zone, info->name),
		};
		f->nr_equal += fig->baseline == fig->value;
	}
}

int figures_find(struct figures *f, const struct side *baseline, const struct side *variant)
{
	const struct csv_data *b = side_table(baseline, RESULT_SUMMARY);
	const struct csv_data *v = side_table(variant, RESULT_SUMMARY);

	*f = (struct figures){ 0 };
	f->list = calloc((u64)b->nr_rows + v->nr_rows + 1, outcome_nr_metrics() * sizeof(*f->list));
	if (!f->list)
		return -ENOMEM;
	for (u32 i = 0; i < b->nr_rows; i++) {
		if (side_has(baseline, RESULT_SUMMARY, i))
			add_zone(f, baseline, variant, csv_text(b, i, "zone"));
	}
	for (u32 i = 0; i < v->nr_rows; i++) {
		if (side_has(variant, RESULT_SUMMARY, i) &&
		    !has_zone(baseline, csv_text(v, i, "zone")))
			add_zone(f, baseline, variant, csv_text(v, i, "zone"));
	}
	return 0;
}

void figures_fini(struct figures *f)
{
	free(f->list);
	*f = (struct figures){ 0 };
}

/* ---- order ---- */

static u64 delta_of(const struct figure *f)
{
	return f->value > f->baseline ? f->value - f->baseline : f->baseline - f->value;
}

/* Thousandths count as what they stand for. */
static u64 size_of(const struct figure *f)
{
	return f->milli ? delta_of(f) / 1000 : delta_of(f);
}

/* Something out of nothing is the largest change of all. */
static u64 percent_of(const struct figure *f)
{
	if (!f->baseline)
		return f->value ? UINT64_MAX : 0;
	return mul_div(delta_of(f), 100, f->baseline);
}

static int by_table(const void *a, const void *b)
{
	const struct figure *x = a, *y = b;
	int zone = strcmp(x->zone, y->zone);

	return zone ? zone : (x->metric > y->metric) - (x->metric < y->metric);
}

static int by_name(const void *a, const void *b)
{
	const struct figure *x = a, *y = b;
	int name = strcmp(outcome_metric_info(x->metric)->name,
			  outcome_metric_info(y->metric)->name);

	return name ? name : by_table(a, b);
}

int figure_order_parse(const char *text, enum figure_order *order, struct error *err)
{
	const char *name;

	*order = BY_TABLE;
	if (!text)
		return 0;
	for (u32 i = 0; (name = figure_order_name(i)); i++) {
		if (!strcmp(name, text)) {
			*order = (enum figure_order)i;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "--sort: unknown key '%.40s' - available: table, name, "
		       "delta, percent", text);
}

static int by_delta(const void *a, const void *b)
{
	u64 x = size_of(a), y = size_of(b);

	return x != y ? (x < y ? 1 : -1) : by_table(a, b);
}

static int by_percent(const void *a, const void *b)
{
	u64 x = percent_of(a), y = percent_of(b);

	return x != y ? (x < y ? 1 : -1) : by_table(a, b);
}

void figures_sort(struct figures *f, enum figure_order order)
{
	static int (*const orders[NR_FIGURE_ORDERS])(const void *, const void *) = {
		[BY_NAME] = by_name, [BY_DELTA] = by_delta, [BY_PERCENT] = by_percent,
	};

	if (f->nr && orders[order])
		qsort(f->list, f->nr, sizeof(*f->list), orders[order]);
}

/* ---- text ---- */

#define VALUE_WIDTH 18

void figures_print(const struct figures *f, bool full, const char *baseline, const char *value,
		   FILE *out)
{
	if (f->nr_equal == f->nr && !full) {
		fprintf(out, "all %u figures are the same\n", (unsigned int)f->nr);
		return;
	}
	fprintf(out, "%-12s%-28s  %*.*s  %*.*s  difference\n", "zone", "metric", VALUE_WIDTH,
		VALUE_WIDTH, baseline, VALUE_WIDTH, VALUE_WIDTH, value);
	for (u32 i = 0; i < f->nr; i++) {
		const struct figure *fig = &f->list[i];
		char b[UNIT_TEXT], v[UNIT_TEXT], delta[DIFFERENCE_TEXT];

		if (!full && fig->baseline == fig->value)
			continue;
		fprintf(out, "%-12s%-28s  %*s  %*s  %s\n", fig->zone,
			outcome_metric_info(fig->metric)->name, VALUE_WIDTH,
			fmt_number(b, fig->baseline, fig->milli), VALUE_WIDTH,
			fmt_number(v, fig->value, fig->milli),
			fmt_difference(delta, fig->baseline, fig->value, fig->milli));
	}
	if (!full && f->nr_equal)
		fprintf(out, "(%u of %u figures are the same: --full)\n", (unsigned int)f->nr_equal,
			(unsigned int)f->nr);
}

/* ---- JSON ---- */

static void put_cell(struct json_object *o, const char *key, const struct csv_cell *cell)
{
	char text[CSV_NUMBER_MAX];
	struct json_object *v = NULL;

	csv_format_number(text, cell);
	if (cell->type == CSV_UINT)
		v = json_object_new_uint64(cell->u);
	else if (cell->type == CSV_SINT)
		v = json_object_new_int64(cell->s);
	else if (cell->type != CSV_EMPTY)
		v = json_object_new_double_s(strtod(text, NULL), text);
	json_object_object_add(o, key, v);
}

struct json_object *figures_json(const struct figures *f)
{
	struct json_object *list = json_object_new_array();

	for (u32 i = 0; list && i < f->nr; i++) {
		const struct figure *fig = &f->list[i];
		const struct csv_column *info = outcome_metric_info(fig->metric);
		struct diff_cells d = diff_metric(info->type, fig->baseline, fig->value);
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "zone", json_object_new_string(fig->zone));
		json_object_object_add(o, "metric", json_object_new_string(info->name));
		json_object_object_add(o, "unit", json_object_new_string(info->unit));
		put_cell(o, "baseline_value", &d.baseline);
		put_cell(o, "value", &d.value);
		put_cell(o, "delta", &d.delta);
		put_cell(o, "ratio", &d.ratio);
		json_object_array_add(list, o);
	}
	return list;
}
