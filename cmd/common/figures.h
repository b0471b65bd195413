/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The figures of summary.csv of two sides, beside each other: what differs, or all of them.
 */
#ifndef SPB_CMD_FIGURES_H
#define SPB_CMD_FIGURES_H

#include <stdio.h>

#include "cmd/common/results.h"

enum figure_order { BY_TABLE, BY_NAME, BY_DELTA, BY_PERCENT, NR_FIGURE_ORDERS };

/** figure_order_name - "table", "name", "delta", "percent"; NULL after the last */
const char *figure_order_name(u32 order);
/** figure_order_parse - @text of --sort, NULL for the table's order. Return: 0 or -ERR_USAGE */
int figure_order_parse(const char *text, enum figure_order *order,
		       struct error *err) __must_check;

/**
 * struct figure - one metric of one zone
 * @metric: index for outcome_metric_info(); @zone: borrowed
 * @baseline, @value: thousandths where @milli, else whole
 */
struct figure {
	size_t metric;
	const char *zone;
	u64 baseline;
	u64 value;
	bool milli;
};

/** struct figures - those of a pair */
struct figures {
	struct figure *list;
	u32 nr;
	u32 nr_equal;
};

/**
 * figures_find - every metric of every zone that either side has
 *
 * A zone that one side lacks has 0 there. Return: 0 or -ENOMEM; needs figures_fini() either way.
 */
int figures_find(struct figures *f, const struct side *baseline,
		 const struct side *variant) __must_check;
void figures_fini(struct figures *f);
/** figures_sort - largest difference first for BY_DELTA and BY_PERCENT */
void figures_sort(struct figures *f, enum figure_order order);
/** figures_print - the rows that differ, or with @full all */
void figures_print(const struct figures *f, bool full, const char *baseline, const char *value,
		   FILE *out);

struct json_object;
/** figures_json - all of them. Return: NULL without memory; the caller puts it */
struct json_object *figures_json(const struct figures *f);

#endif /* SPB_CMD_FIGURES_H */
