// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/report_tables.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/report/html.h"
#include "cmd/report/report_rows.h"
#include "cmd/common/units.h"

static void put_variant_heads(struct page *p)
{
	for (u32 i = 0; i < p->v->nr_variants; i++) {
		fputs("<th class=\"n\">", p->out);
		html_text(p->out, p->v->variants[i]);
		fputs("</th>", p->out);
	}
}

static void put_count(struct page *p, u64 n)
{
	char raw[UNIT_TEXT];

	snprintf(raw, sizeof(raw), "%" PRIu64, n);
	html_number(p->out, raw);
}

/* ---- taint ledger ---- */

/** struct tainter - who tainted, with what; @count: fresh taints by variant */
struct tainter {
	const char *comm;
	const char *order;
	const char *migratetype;
	const char *cause;
	u64 count[VIEW_MAX_VARIANTS];
	u64 total;
};

static bool same_tainter(const struct tainter *a, const struct tainter *b)
{
	return !strcmp(a->comm, b->comm) && !strcmp(a->order, b->order) &&
	       !strcmp(a->migratetype, b->migratetype) && !strcmp(a->cause, b->cause);
}

/* Most taints first; equal ones by name, so that equal outcomes give equal pages. */
static int by_total(const void *a, const void *b)
{
	const struct tainter *x = a, *y = b;
	int ret = (x->total < y->total) - (x->total > y->total);

	if (!ret)
		ret = strcmp(x->comm, y->comm);
	if (!ret)
		ret = strcmp(x->order, y->order);
	if (!ret)
		ret = strcmp(x->migratetype, y->migratetype);
	return ret ? ret : strcmp(x->cause, y->cause);
}

static u32 count_tainters(const struct outcome_view *v, struct tainter *list)
{
	const struct csv_data *d = &v->tables[VIEW_TAINT];
	u32 nr = 0;

	for (u32 row = 0; row < d->nr_rows && nr < REPORT_ROWS_MAX; row++) {
		struct tainter t = { .comm = csv_text(d, row, "comm"),
				     .order = csv_text(d, row, "order"),
				     .migratetype = csv_text(d, row, "migratetype"),
				     .cause = csv_text(d, row, "cause") };
		int variant = view_variant(v, csv_cell(d, row, 0));
		u32 at = 0;

		if (variant < 0 || strcmp(csv_text(d, row, "to"), "tainted"))
			continue;
		while (at < nr && !same_tainter(&list[at], &t))
			at++;
		if (at == nr)
			list[nr++] = t;
		list[at].count[variant]++;
		list[at].total++;
	}
	qsort(list, nr, sizeof(*list), by_total);
	return nr;
}

static void put_tainters(struct page *p, const struct tainter *list, u32 nr)
{
	table_begin(p, "Superpageblocks tainted, by who did it (rows of taint.csv, counted; cause "
		    "initial: memory in use before the capture)");
	fputs("<thead><tr><th>comm</th><th class=\"n\">order</th><th>type</th><th>placed by</th>",
	      p->out);
	put_variant_heads(p);
	fputs("</tr></thead>\n<tbody>\n", p->out);
	for (u32 i = 0; i < nr; i++) {
		fputs("<tr><td class=\"text\">", p->out);
		html_text(p->out, list[i].comm);
		fputs("</td><td>", p->out);
		html_number(p->out, list[i].order);
		fputs("</td><td class=\"text\">", p->out);
		html_text(p->out, list[i].migratetype);
		fputs("</td><td class=\"text\">", p->out);
		html_text(p->out, list[i].cause);
		fputs("</td>", p->out);
		for (u32 j = 0; j < p->v->nr_variants; j++) {
			fputs("<td>", p->out);
			put_count(p, list[i].count[j]);
			fputs("</td>", p->out);
		}
		fputs("</tr>\n", p->out);
	}
	fputs("</tbody>", p->out);
	table_end(p);
}

void part_ledger(struct page *p)
{
	static const struct row_column columns[] = {
		{ "variant", "variant", ROW_TEXT }, { "zone", "zone", ROW_TEXT },
		{ "time_ns", "time (s)", ROW_TIME }, { "spb", "SPB", ROW_ID },
		{ "from", "from", ROW_TEXT }, { "to", "to", ROW_TEXT },
		{ "cause", "cause", ROW_TEXT }, { "order", "order", ROW_NUMBER },
		{ "migratetype", "type", ROW_TEXT }, { "cpu", "CPU", ROW_ID },
		{ "pid", "pid", ROW_ID }, { "comm", "comm", ROW_TEXT },
		{ "gfp", "gfp", ROW_TEXT },
	};
	struct tainter *list = calloc(REPORT_ROWS_MAX, sizeof(*list));
	u32 nr = list ? count_tainters(p->v, list) : 0;

	p->nomem |= !list;
	if (nr)
		put_tainters(p, list, nr);
	free(list);
	rows_table(p, VIEW_TAINT, columns, ARRAY_SIZE(columns), "taint.csv");
}

/* ---- divergence ---- */

void part_divergence(struct page *p)
{
	static const struct row_column columns[] = {
		{ "variant", "variant", ROW_TEXT }, { "zone", "zone", ROW_TEXT },
		{ "time_ns", "time (s)", ROW_TIME }, { "event_index", "event", ROW_ID },
		{ "kind", "kind", ROW_TEXT }, { "spb", "SPB", ROW_ID },
		{ "order", "order", ROW_NUMBER }, { "migratetype", "type", ROW_TEXT },
		{ "pid", "pid", ROW_ID }, { "comm", "comm", ROW_TEXT },
		{ "baseline_did", "baseline", ROW_TEXT }, { "variant_did", "variant", ROW_TEXT },
	};

	rows_table(p, VIEW_DIVERGENCE, columns, ARRAY_SIZE(columns), "divergence.csv");
}

/* ---- defrag ---- */

/* Member @name of an object, or NULL. */
static struct json_object *member(struct json_object *of, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(of, json_type_object))
		json_object_object_get_ex(of, name, &value);
	return value;
}

/* run.json's entry for a variant, which is found by its name. */
static struct json_object *chances_of(const struct outcome_view *v, const char *variant)
{
	struct json_object *list = view_json(v, (const char *const[]){ "variants", NULL });
	size_t nr = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < nr; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		const char *name = json_object_get_string(member(one, "name"));

		if (name && !strcmp(name, variant))
			return member(one, "defrag_chances");
	}
	return NULL;
}

/** struct gate - requests of one zone by one trigger that met one verdict */
struct gate {
	const char *zone;
	const char *trigger;
	const char *verdict;
	struct json_object *const *chances;	/* by variant */
};

static u64 gate_count(const struct gate *g, u32 variant)
{
	struct json_object *zone = member(g->chances[variant], g->zone);

	return json_object_get_uint64(member(member(zone, g->trigger), g->verdict));
}

static void put_gate(struct page *p, const struct gate *g)
{
	u64 total = 0;

	for (u32 i = 0; i < p->v->nr_variants; i++)
		total |= gate_count(g, i);
	if (!total)
		return;
	fputs("<tr><td class=\"text\">", p->out);
	html_text(p->out, g->zone);
	fprintf(p->out, "</td><td class=\"text\">%s</td><td class=\"text\">%s</td>", g->trigger,
		g->verdict);
	for (u32 i = 0; i < p->v->nr_variants; i++) {
		fputs("<td>", p->out);
		put_count(p, gate_count(g, i));
		fputs("</td>", p->out);
	}
	fputs("</tr>\n", p->out);
}

static void put_gates(struct page *p)
{
	struct json_object *chances[VIEW_MAX_VARIANTS];
	struct gate g = { .chances = chances };

	for (u32 i = 0; i < p->v->nr_variants; i++)
		chances[i] = chances_of(p->v, p->v->variants[i]);
	table_begin(p, "Outcome of requests for defrag (run.json)");
	fputs("<thead><tr><th>zone</th><th>asked by</th><th>met</th>", p->out);
	put_variant_heads(p);
	fputs("</tr></thead>\n<tbody>\n", p->out);
	for (u32 z = 0; z < p->v->nr_zones; z++) {
		for (u32 i = 0; i < NR_DEFRAG_TRIGGERS * NR_DEFRAG_VERDICTS; i++) {
			g.zone = p->v->zones[z].name;
			g.trigger = defrag_trigger_name(i / NR_DEFRAG_VERDICTS);
			g.verdict = defrag_verdict_name(i % NR_DEFRAG_VERDICTS);
			put_gate(p, &g);
		}
	}
	fputs("</tbody>", p->out);
	table_end(p);
}

void part_defrag(struct page *p)
{
	static const struct row_column columns[] = {
		{ "variant", "variant", ROW_TEXT }, { "zone", "zone", ROW_TEXT },
		{ "time_ns", "queued (s)", ROW_TIME }, { "spb", "SPB", ROW_ID },
		{ "trigger", "asked by", ROW_TEXT }, { "start_ns", "began (s)", ROW_TIME },
		{ "end_ns", "ended (s)", ROW_TIME },
		{ "nr_free_before", "free blocks before", ROW_NUMBER },
		{ "nr_free_after", "after", ROW_NUMBER },
		{ "pages_migrated", "pages moved", ROW_NUMBER },
		{ "pages_failed", "refused", ROW_NUMBER }, { "progress", "progress", ROW_NUMBER },
		{ "state", "at the end", ROW_TEXT },
	};

	put_gates(p);
	rows_table(p, VIEW_DEFRAG, columns, ARRAY_SIZE(columns), "defrag.csv");
}
