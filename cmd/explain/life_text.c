// SPDX-License-Identifier: GPL-2.0
#include "cmd/explain/life_text.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/common/json_rows.h"
#include "cmd/common/partial.h"
#include "cmd/common/units.h"

/* Lines of one stretch between taints and passes beyond which the rest is only counted. */
#define MOST_CHANCES 12

/* ---- text ---- */

static void print_legend(const struct life *l, FILE *out)
{
	char name[80];

	for (u32 v = 0; v < l->r->nr_variants; v++) {
		text_from_outside(name, sizeof(name), l->r->variants[v]);
		fprintf(out, "  [%" PRIu32 "] %s\n", v + 1, name);
	}
}

/* One column a variant: its number where it took part. */
static void print_marks(const struct life *l, u64 variants, FILE *out)
{
	for (u32 v = 0; v < l->r->nr_variants; v++) {
		if (variants >> v & 1)
			fprintf(out, " %2" PRIu32, v + 1);
		else
			fputs("  .", out);
	}
}

static void print_event(const struct life *l, const struct life_event *e, FILE *out)
{
	char since[STAMP_TEXT];

	fprintf(out, "%16s ", fmt_since(since, e->time, l->r->first_ns));
	print_marks(l, e->variants, out);
	fprintf(out, "  %s\n", e->text);
}

static void print_left_out(u32 nr, FILE *out)
{
	if (nr)
		fprintf(out, "%16s  (%" PRIu32 " more changes of what they met: --full)\n", "", nr);
}

/* Of an SPB that stayed clean everywhere, moves between clean lists are all there is. */
static bool never_tainted(const struct life *l)
{
	for (u32 i = 0; i < l->nr; i++) {
		if (l->events[i].kind == LIFE_TAINT || l->events[i].kind == LIFE_PASS_START)
			return false;
	}
	return true;
}

static void print_events(const struct life *l, const struct life_view *view, FILE *out)
{
	u32 chances = 0, left_out = 0, shown = 0;
	const bool all = view->full || never_tainted(l);

	for (u32 i = 0; i < l->nr; i++) {
		const struct life_event *e = &l->events[i];

		if (e->quiet && !all)
			continue;
		if (e->kind != LIFE_CHANCE) {
			print_left_out(left_out, out);
			chances = 0;
			left_out = 0;
		} else if (++chances > MOST_CHANCES && !view->full) {
			left_out++;
			continue;
		}
		print_event(l, e, out);
		shown++;
	}
	print_left_out(left_out, out);
	if (!shown)
		fprintf(out, "%16s  nothing: no list change, never tainted, never asked for\n", "");
}

/*
 * Blocks that hold more than one type: each counts in several totals. With two types the surplus is
 * exact; with three, a block may count twice in it, and no more blocks are mixed than are used.
 */
static void mixed_phrase(char out[UNIT_TEXT], const struct csv_data *d, u32 row)
{
	u64 types[] = { csv_u64(d, row, "nr_unmovable"), csv_u64(d, row, "nr_reclaimable"),
			csv_u64(d, row, "nr_movable") };
	u64 total = csv_u64(d, row, "total_pageblocks");
	u64 other = csv_u64(d, row, "nr_free") + csv_u64(d, row, "nr_reserved");
	u64 sum = types[0] + types[1] + types[2], used = total > other ? total - other : 0;
	u64 surplus = sum > used ? sum - used : 0;
	bool three = types[0] && types[1] && types[2];

	const u64 least = (surplus + 1) / 2, most = min_u64(surplus, used);

	if (three && least < most)
		snprintf(out, UNIT_TEXT, "%" PRIu64 " to %" PRIu64, least, most);
	else if (three)
		snprintf(out, UNIT_TEXT, "%" PRIu64, most);
	else
		snprintf(out, UNIT_TEXT, "%" PRIu64, surplus);
}

static void print_end(const struct life *l, FILE *out)
{
	const struct csv_data *d = &l->r->table[RESULT_SPB];

	fprintf(out, "\nat the end (pageblocks)\n%-6s%10s%14s%8s%11s%13s%9s%12s%10s\n", "",
		"category", "fullness", "free", "unmovable", "reclaimable", "movable", "mixed",
		"stuck (s)");
	for (u32 v = 0; v < l->r->nr_variants; v++) {
		u32 row = l->spb_row[v];
		char mixed[UNIT_TEXT], stuck[UNIT_TEXT];

		mixed_phrase(mixed, d, row);
		fprintf(out, "  [%" PRIu32 "] %10s%14s%8s%11s%13s%9s%12s%10s\n", v + 1,
			csv_text(d, row, "category"), csv_text(d, row, "fullness"),
			csv_text(d, row, "nr_free"), csv_text(d, row, "nr_unmovable"),
			csv_text(d, row, "nr_reclaimable"), csv_text(d, row, "nr_movable"), mixed,
			fmt_milli(stuck, csv_u64(d, row, "stuck_ns") / NSEC_PER_MSEC));
	}
}

static bool began_by(const struct csv_data *passes, u32 row, u64 time)
{
	return *csv_text(passes, row, "start_ns") && csv_u64(passes, row, "start_ns") <= time;
}

static void print_moment(const struct life *l, u32 variant, u64 at, FILE *out)
{
	const struct csv_data *passes = &l->r->table[RESULT_DEFRAG];
	struct life_moment m;
	char since[STAMP_TEXT], text[PHRASE_TEXT];

	life_at(l, variant, at, &m);
	fprintf(out, "  [%" PRIu32 "] %s", variant + 1, m.tainted ? "tainted" : "not tainted");
	if (m.taint != UINT32_MAX) {
		taint_phrase(text, &l->r->table[RESULT_TAINT], m.taint);
		fprintf(out, " since %s (%s)",
			fmt_since(since, csv_u64(&l->r->table[RESULT_TAINT], m.taint, "time_ns"),
				  l->r->first_ns), text);
	}
	if (m.other)
		fprintf(out, "; goes between the lists %s and %s", m.other, m.list);
	else if (m.list)
		fprintf(out, "; on list %s", m.list);
	if (m.pass != UINT32_MAX)
		fprintf(out, "; a pass is %s, queued by %s%s",
			began_by(passes, m.pass, at) ? "under way" : "queued",
			trigger_phrase(csv_text(passes, m.pass, "trigger")),
			m.waiting ? ", and did not end before the run" : "");
	else if (m.last_pass != UINT32_MAX)
		fprintf(out, "; last pass ended at %s",
			fmt_since(since, csv_u64(passes, m.last_pass, "end_ns"),
				  l->r->first_ns));
	else
		fputs("; no pass yet", out);
	if (m.cooldown_end)
		fprintf(out, "; cooldown until %s", fmt_since(since, m.cooldown_end,
							      l->r->first_ns));
	fputc('\n', out);
}

void life_print(const struct life *l, const struct life_view *view, FILE *out)
{
	char stamp[UNIT_TEXT], since[STAMP_TEXT];

	fprintf(out, "SPB %" PRIu64 " of %s, first page frame %s\n", l->spb, l->zone,
		csv_text(&l->r->table[RESULT_SPB], l->spb_row[0], "start_pfn"));
	fprintf(out, "times: seconds from %s, the first event\n",
		fmt_stamp(stamp, l->r->first_ns));
	print_legend(l, out);
	if (view->at != UINT64_MAX) {
		fprintf(out, "\nat %s (%s)\n", fmt_since(since, view->at, l->r->first_ns),
			fmt_stamp(stamp, view->at));
		for (u32 v = 0; v < l->r->nr_variants; v++)
			print_moment(l, v, view->at, out);
	}
	fputc('\n', out);
	print_events(l, view, out);
	print_end(l, out);
}

/* ---- JSON ---- */

static struct json_object *names_json(const struct life *l, u64 variants)
{
	struct json_object *list = json_object_new_array();

	for (u32 v = 0; v < l->r->nr_variants; v++) {
		if (variants >> v & 1)
			json_object_array_add(list, json_object_new_string(l->r->variants[v]));
	}
	return list;
}

static struct json_object *events_json(const struct life *l)
{
	static const char *const kinds[NR_LIFE_KINDS] = {
		[LIFE_TAINT] = "taint", [LIFE_CHANCE] = "chance",
		[LIFE_PASS_START] = "pass_start", [LIFE_PASS_END] = "pass_end",
		[LIFE_LIST] = "list", [LIFE_NO_PASS] = "no_pass",
	};
	struct json_object *list = json_object_new_array();

	for (u32 i = 0; i < l->nr; i++) {
		const struct life_event *e = &l->events[i];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "time_ns", json_object_new_uint64(e->time));
		json_object_object_add(o, "until_ns", json_object_new_uint64(e->until));
		json_object_object_add(o, "kind", json_object_new_string(kinds[e->kind]));
		json_object_object_add(o, "variants", names_json(l, e->variants));
		json_object_object_add(o, "text", json_object_new_string(e->text));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *row_json(const struct life *l, enum result_table table, u32 row)
{
	return row == UINT32_MAX ? NULL : json_row(&l->r->table[table], results_columns(table),
						   row);
}

static struct json_object *moment_json(const struct life *l, u32 variant, u64 at)
{
	struct json_object *o = json_object_new_object();
	struct life_moment m;

	life_at(l, variant, at, &m);
	json_object_object_add(o, "variant", json_object_new_string(l->r->variants[variant]));
	json_object_object_add(o, "tainted", json_object_new_boolean(m.tainted));
	json_object_object_add(o, "list", m.list ? json_object_new_string(m.list) : NULL);
	json_object_object_add(o, "to_and_fro_with",
			       m.other ? json_object_new_string(m.other) : NULL);
	json_object_object_add(o, "pass_did_not_end", json_object_new_boolean(m.waiting));
	json_object_object_add(o, "taint", row_json(l, RESULT_TAINT, m.taint));
	json_object_object_add(o, "pass", row_json(l, RESULT_DEFRAG, m.pass));
	json_object_object_add(o, "last_pass", row_json(l, RESULT_DEFRAG, m.last_pass));
	json_object_object_add(o, "cooldown_end_ns",
			       m.cooldown_end ? json_object_new_uint64(m.cooldown_end) : NULL);
	return o;
}

struct json_object *life_json(const struct life *l, const struct life_view *view)
{
	struct json_object *root = json_object_new_object();
	struct json_object *end = json_object_new_array();
	struct json_object *at = json_object_new_array();

	json_object_object_add(root, "zone", json_object_new_string(l->zone));
	json_object_object_add(root, "spb", json_object_new_uint64(l->spb));
	partial_tell(root, l->r->run);
	json_object_object_add(root, "first_ns", json_object_new_uint64(l->r->first_ns));
	for (u32 v = 0; v < l->r->nr_variants; v++) {
		if (view->at != UINT64_MAX)
			json_object_array_add(at, moment_json(l, v, view->at));
		json_object_array_add(end, row_json(l, RESULT_SPB, l->spb_row[v]));
	}
	if (view->at != UINT64_MAX)
		json_object_object_add(root, "at_ns", json_object_new_uint64(view->at));
	json_object_object_add(root, "at", at);
	json_object_object_add(root, "events", events_json(l));
	json_object_object_add(root, "end", end);
	return root;
}
