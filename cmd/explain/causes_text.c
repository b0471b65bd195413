// SPDX-License-Identifier: GPL-2.0
#include "cmd/explain/causes_text.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/common/json_rows.h"
#include "cmd/common/partial.h"
#include "cmd/common/stamp.h"
#include "cmd/common/units.h"

static const struct csv_data *parting_table(const struct causes *c, const struct parting *p)
{
	return side_table(p->of_variant ? &c->variant : &c->baseline, p->table);
}

/* What kind of difference, in the words of divergence.csv. */
static const char *parting_kind(const struct causes *c, const struct parting *p)
{
	if (p->table == RESULT_DEFRAG)
		return "defrag";
	if (p->table == RESULT_TAINT)
		return "taint";
	return csv_text(parting_table(c, p), p->row, "kind");
}

/* ---- text ---- */

/* The folder is worth naming only where the other side has another one. */
static void name_side(char out[PHRASE_TEXT], const struct causes *c, const struct side *s)
{
	char variant[80], folder[120];

	text_from_outside(variant, sizeof(variant), s->variant);
	text_from_outside(folder, sizeof(folder), c->baseline.r == c->variant.r ? "" : s->r->name);
	snprintf(out, PHRASE_TEXT, "%s%s%s", variant, *folder ? " of " : "", folder);
}

static void parting_phrase(const struct causes *c, const struct parting *p, FILE *out)
{
	const struct csv_data *d = parting_table(c, p);
	char side[PHRASE_TEXT], text[PHRASE_TEXT], comm[40];

	name_side(side, c, p->of_variant ? &c->variant : &c->baseline);
	if (p->table == RESULT_DEFRAG) {
		pass_phrase(text, d, p->row);
		fprintf(out, "only %s: a pass over SPB %s of %s, queued by %s, %s\n", side,
			csv_text(d, p->row, "spb"), csv_text(d, p->row, "zone"),
			trigger_phrase(csv_text(d, p->row, "trigger")), text);
	} else if (p->table == RESULT_TAINT) {
		taint_phrase(text, d, p->row);
		fprintf(out, "only %s: SPB %s of %s becomes %s: %s\n", side,
			csv_text(d, p->row, "spb"), csv_text(d, p->row, "zone"),
			csv_text(d, p->row, "to"), text);
	} else {
		text_from_outside(comm, sizeof(comm), csv_text(d, p->row, "comm"));
		fprintf(out, "event %s, order %s %s for %s[%s]: %s; %s: %s\n",
			csv_text(d, p->row, "event_index"), csv_text(d, p->row, "order"),
			csv_text(d, p->row, "migratetype"), comm, csv_text(d, p->row, "pid"),
			csv_text(d, p->row, "baseline_did"), c->variant.variant,
			csv_text(d, p->row, "variant_did"));
	}
}

static void print_pass(const struct causes *c, const struct cause *cause, FILE *out)
{
	const struct side *other = causes_other(c, cause);
	const struct csv_data *d = side_table(other, RESULT_DEFRAG);
	char text[PHRASE_TEXT], since[STAMP_TEXT];

	if (cause->pass == NO_ROW)
		return;
	pass_phrase(text, d, cause->pass);
	fprintf(out, "    only there, %s had queued a pass over SPB %s at %s s: %s\n",
		trigger_phrase(csv_text(d, cause->pass, "trigger")),
		csv_text(d, cause->pass, "spb"),
		fmt_since(since, csv_u64(d, cause->pass, "time_ns"), other->r->first_ns), text);
}

static void print_cause(const struct causes *c, const struct cause *cause, FILE *out)
{
	const struct side *s = causes_tainted(c, cause);
	const struct csv_data *d = side_table(s, RESULT_TAINT);
	const char *did = cause->by_variant ? "baseline_did" : "variant_did";
	char text[PHRASE_TEXT], side[PHRASE_TEXT], since[STAMP_TEXT], stamp[UNIT_TEXT];

	taint_phrase(text, d, cause->taint);
	name_side(side, c, s);
	fprintf(out, "  SPB %s of %s, only in %s, at %s (%s s):\n    %s\n",
		csv_text(d, cause->taint, "spb"), csv_text(d, cause->taint, "zone"), side,
		fmt_stamp(stamp, cause->time), fmt_since(since, cause->time, s->r->first_ns), text);
	name_side(side, c, causes_other(c, cause));
	if (cause->divergence != NO_ROW)
		fprintf(out, "    %s instead: %s\n", side,
			csv_text(side_table(&c->variant, RESULT_DIVERGENCE), cause->divergence,
				 did));
	else
		fprintf(out, "    %s: stays untainted; where it placed this allocation is known "
			"only when both run in one compare\n", side);
	print_pass(c, cause, out);
}

void causes_print(const struct causes *c, u32 most, FILE *out)
{
	char baseline[PHRASE_TEXT], variant[PHRASE_TEXT], since[STAMP_TEXT], stamp[UNIT_TEXT];

	name_side(baseline, c, &c->baseline);
	name_side(variant, c, &c->variant);
	if (!c->nr_partings && !c->nr_causes) {
		fprintf(out, "%s does the same as %s: no placement, pass or taint differs.\n",
			variant, baseline);
		return;
	}
	fprintf(out, "%s diverges from %s:", variant, baseline);
	for (u32 i = 0; i < c->nr_partings; i++) {
		const struct parting *p = &c->partings[i];

		fprintf(out, "%s %s %s (%s s)\n    ", i ? "  then, first" : " first",
			parting_kind(c, p), fmt_stamp(stamp, p->time),
			fmt_since(since, p->time, c->variant.r->first_ns));
		parting_phrase(c, p, out);
	}
	if (c->nr_causes)
		fprintf(out, "tainted on one side only: %" PRIu32 " superpageblock%s\n",
			c->nr_causes, c->nr_causes == 1 ? "" : "s");
	for (u32 i = 0; i < c->nr_causes && i < most; i++)
		print_cause(c, &c->causes[i], out);
	if (c->nr_causes > most)
		fprintf(out, "  and %" PRIu32 " more: see 'spbreplay diff --full'\n",
			c->nr_causes - most);
}

/* ---- JSON ---- */

static struct json_object *row_json(const struct side *s, enum result_table table, u32 row)
{
	return row == NO_ROW ? NULL : json_row(side_table(s, table), results_columns(table), row);
}

static void put_side(struct json_object *o, const char *key, const struct side *s)
{
	struct json_object *side = json_object_new_object();

	json_object_object_add(side, "folder",
			       *s->r->name ? json_object_new_string(s->r->name) : NULL);
	json_object_object_add(side, "variant", json_object_new_string(s->variant));
	if (s->r->run)	/* compare says it once, at the top */
		partial_tell(side, s->r->run);
	json_object_object_add(o, key, side);
}

static struct json_object *partings_json(const struct causes *c)
{
	struct json_object *list = json_object_new_array();

	for (u32 i = 0; i < c->nr_partings; i++) {
		const struct parting *p = &c->partings[i];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "kind", json_object_new_string(parting_kind(c, p)));
		json_object_object_add(o, "time_ns", json_object_new_uint64(p->time));
		json_object_object_add(o, "side", json_object_new_string(p->of_variant ? "variant" :
										       "baseline"));
		json_object_object_add(o, "row", row_json(p->of_variant ? &c->variant :
							  &c->baseline, p->table, p->row));
		json_object_array_add(list, o);
	}
	return list;
}

struct json_object *causes_json(const struct causes *c)
{
	struct json_object *root = json_object_new_object();
	struct json_object *list = json_object_new_array();

	put_side(root, "baseline", &c->baseline);
	put_side(root, "variant", &c->variant);
	json_object_object_add(root, "parts", partings_json(c));
	for (u32 i = 0; i < c->nr_causes; i++) {
		const struct cause *cause = &c->causes[i];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "tainted_by", json_object_new_string(
				       cause->by_variant ? "variant" : "baseline"));
		json_object_object_add(o, "taint", row_json(causes_tainted(c, cause), RESULT_TAINT,
							    cause->taint));
		json_object_object_add(o, "other_side", row_json(&c->variant, RESULT_DIVERGENCE,
								 cause->divergence));
		json_object_object_add(o, "other_side_pass", row_json(causes_other(c, cause),
								      RESULT_DEFRAG, cause->pass));
		json_object_array_add(list, o);
	}
	json_object_object_add(root, "tainted_on_one_side", list);
	return root;
}
