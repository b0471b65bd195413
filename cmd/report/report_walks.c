// SPDX-License-Identifier: GPL-2.0
/* How many superpageblocks allocations visited: visits.csv as a histogram, readable as a table. */
#include <inttypes.h>
#include <string.h>

#include "cmd/report/html.h"
#include "cmd/report/report_tables.h"
#include "cmd/common/units.h"

#define SINGLE 16	/* walks up to this length have a bar of their own; then powers of two */
#define NR_BARS 30

/** struct walks - allocations by length of walk, of one zone */
struct walks {
	u64 count[VIEW_MAX_VARIANTS][NR_BARS];
	u64 most;
	u32 nr;
};

static u32 bar_of(u64 visits)
{
	u32 bar = SINGLE + 1;

	if (visits <= SINGLE)
		return (u32)visits;
	for (u64 end = 2 * SINGLE; visits > end && bar < NR_BARS - 1; end *= 2)
		bar++;
	return bar;
}

/* First and last length of @bar. */
static void bar_range(u32 bar, u64 *first, u64 *last)
{
	*first = bar <= SINGLE ? bar : ((u64)SINGLE << (bar - SINGLE - 1)) + 1;
	*last = bar <= SINGLE ? bar : (u64)SINGLE << (bar - SINGLE);
}

static void count_walks(const struct outcome_view *v, u32 zone, struct walks *w)
{
	const struct csv_data *d = &v->tables[VIEW_VISITS];

	for (u32 row = 0; row < d->nr_rows; row++) {
		int variant = view_variant(v, csv_cell(d, row, 0));
		u32 bar = bar_of(csv_u64(d, row, "visits"));
		u64 *count;

		if (variant < 0 || strcmp(csv_cell(d, row, 1), v->zones[zone].name))
			continue;
		count = &w->count[variant][bar];
		*count += csv_u64(d, row, "count");
		w->most = max_u64(w->most, *count);
		w->nr = bar >= w->nr ? bar + 1 : w->nr;
	}
}

/* Bits of @n: the length of a bar grows with the logarithm. */
static u32 bits(u64 n)
{
	u32 nr = 0;

	for (; n; n >>= 1)
		nr++;
	return nr;
}

static void put_bar(struct page *p, const struct walks *w, u32 variant, u32 bar)
{
	u64 count = w->count[variant][bar];
	char raw[UNIT_TEXT];

	snprintf(raw, sizeof(raw), "%" PRIu64, count);
	fputs("<td>", p->out);
	html_number(p->out, raw);
	if (count)
		fprintf(p->out, "<svg class=\"bar\" viewBox=\"0 0 64 6\" preserveAspectRatio="
			"\"none\" aria-hidden=\"true\"><rect class=\"solid s%" PRIu32 "\" "
			"width=\"%" PRIu32 "\" height=\"6\"/></svg>", variant % 8,
			64 * bits(count) / bits(w->most));
	fputs("</td>", p->out);
}

void part_walks(struct page *p)
{
	struct walks w = { .nr = 0 };

	count_walks(p->v, view_main_zone(p->v), &w);
	table_begin(p, "Allocations by superpageblocks visited (visits.csv, all outcomes); bars "
		    "grow with the logarithm");
	fputs("<thead><tr><th class=\"n\">visited</th>", p->out);
	for (u32 i = 0; i < p->v->nr_variants; i++) {
		fputs("<th class=\"n\">", p->out);
		html_text(p->out, p->v->variants[i]);
		fputs("</th>", p->out);
	}
	fputs("</tr></thead>\n<tbody>\n", p->out);
	for (u32 bar = 0; bar < w.nr; bar++) {
		u64 first, last;

		bar_range(bar, &first, &last);
		fprintf(p->out, "<tr><th class=\"n\" scope=\"row\">%" PRIu64, first);
		if (last > first)
			fprintf(p->out, " to %" PRIu64, last);
		fputs("</th>", p->out);
		for (u32 i = 0; i < p->v->nr_variants; i++)
			put_bar(p, &w, i, bar);
		fputs("</tr>\n", p->out);
	}
	fputs("</tbody>", p->out);
	table_end(p);
}
