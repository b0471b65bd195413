// SPDX-License-Identifier: GPL-2.0
#include "cmd/run/run_show.h"

#include <stdio.h>
#include <string.h>

#include "cmd/explain/causes_text.h"
#include "cmd/common/figures.h"
#include "cmd/common/json_rows.h"
#include "cmd/explain/pairs.h"
#include "cmd/common/table.h"
#include "cmd/common/terminal.h"

#define FEW_CAUSES 3

static bool figures_differ(const struct outcome *o)
{
	for (u32 v = 1; v < outcome_nr_variants(o); v++)
		for (u32 z = 0; z < outcome_nr_zones(o); z++)
			for (size_t i = 0; i < outcome_nr_metrics(); i++)
				if (outcome_metric(o, v, z, i) != outcome_metric(o, 0, z, i))
					return true;
	return false;
}

/* The figures of one pair, as diff prints them. */
static int show_figures(const struct run_opts *opts, const struct pair *p, struct error *err)
{
	enum figure_order order;
	struct figures f;
	int ret = figures_find(&f, &p->baseline, &p->variant);

	if (ret) {
		ret = err_nomem(err, "the comparison");
	} else if (!figure_order_parse(opts->sort, &order, err)) {
		figures_sort(&f, order);
		putchar('\n');
		figures_print(&f, opts->full, p->baseline.variant, p->variant.variant, stdout);
	}
	figures_fini(&f);
	return ret;
}

static int each_pair(const struct run_opts *opts, const struct results *r,
		     struct json_object *list, bool *differs, struct error *err)
{
	struct pairs pairs;
	int ret = 0;

	pairs_inside(&pairs, r);
	for (u32 i = 0; i < pairs.nr && !ret; i++) {
		struct causes c;

		ret = causes_find(&c, &pairs.list[i].baseline, &pairs.list[i].variant);
		if (ret) {
			ret = err_nomem(err, "the comparison");
		} else if (list) {
			json_object_array_add(list, causes_json(&c));
		} else {
			if (i || !opts->sort)
				putchar('\n');
			causes_print(&c, opts->full ? UINT32_MAX : FEW_CAUSES, stdout);
			if (opts->sort)
				ret = show_figures(opts, &pairs.list[i], err);
		}
		*differs |= c.nr_partings || c.nr_causes;
		causes_fini(&c);
	}
	return ret;
}

static int show_json(const struct run_opts *opts, const struct results *r,
		     const struct outcome *o, bool *differs, struct error *err)
{
	struct json_object *root = json_object_new_object();
	struct json_object *list = json_object_new_array();
	int ret;

	json_object_object_add(root, "partial",
			       json_object_new_boolean(outcome_partial(o) != NULL));
	json_object_object_add(root, "summary", json_rows(&r->table[RESULT_SUMMARY],
							  results_columns(RESULT_SUMMARY)));
	ret = each_pair(opts, r, list, differs, err);
	json_object_object_add(root, "differences", list);
	if (ret)
		json_object_put(root);
	return ret ? ret : json_say(root, err);
}

int run_show(const struct run_opts *opts, const struct outcome *o, bool *differs,
	     struct error *err)
{
	struct results r;
	int ret;

	*differs = figures_differ(o);
	if (!opts->json && !opts->sort)
		table_print(o, opts->full, opts->width ? opts->width : terminal_width(), stdout);
	if (!opts->json && outcome_nr_variants(o) == 1)
		return 0;
	ret = results_take(&r, o, err);
	if (!ret)
		ret = opts->json ? show_json(opts, &r, o, differs, err) :
				   each_pair(opts, &r, NULL, differs, err);
	results_fini(&r);
	return ret;
}
