// SPDX-License-Identifier: GPL-2.0
/*
 * chances.csv: what each call of spb_maybe_start_defrag() met, calls that met the same as one row.
 */
#include "replay/outcome/outcome_data.h"

struct chance_csv_row {
	struct row_key key;
	const char *trigger, *verdict;
	u64 first_ns, last_ns, spb, count;
	struct csv_cell cooldown_left_ns;
};

#define COLUMN(name, type, unit, get, merge, doc) \
	{ #name, type, unit, get, offsetof(struct chance_csv_row, name), merge, doc }
static const struct csv_column chance_columns[] = {
	KEY_COLUMNS,
	COLUMN(first_ns, CSV_UINT, "ns", csv_get_number, MERGE_NONE, "when the first one came"),
	COLUMN(last_ns, CSV_UINT, "ns", csv_get_number, MERGE_NONE, "when the last one came"),
	COLUMN(spb, CSV_UINT, "", csv_get_number, MERGE_NONE,
	       "superpageblock, index inside its zone"),
	COLUMN(trigger, CSV_TEXT, "", csv_get_text, MERGE_NONE,
	       "who asked: update (spb_update_list), alloc (trigger 1), fallthrough (trigger 2)"),
	COLUMN(verdict, CSV_TEXT, "", csv_get_text, MERGE_NONE,
	       "what they met, tested in this order: cooldown, clean (not tainted), "
	       "nothing_movable, above_reserve, active (a pass is queued or runs), queued (a pass "
	       "follows); various: more changes than are kept (1024 a superpageblock), all later "
	       "ones in one row"),
	COLUMN(count, CSV_UINT, "calls", csv_get_number, MERGE_SUM, "how many"),
	COLUMN(cooldown_left_ns, CSV_NUMBER, "ns", csv_get_cell, MERGE_NONE,
	       "cooldown still to run at first_ns; empty for other verdicts"),
};
#undef COLUMN

static int chance_row(struct row_key key, const struct chance_row *c, struct csv_writer *w)
{
	struct chance_csv_row row = {
		.key = key,
		.trigger = defrag_trigger_name(c->trigger),
		.verdict = chance_verdict_name(c->verdict),
		.first_ns = c->first,
		.last_ns = c->last,
		.spb = c->spb,
		.count = c->count,
		.cooldown_left_ns = { .type = CSV_EMPTY },
	};

	if (c->verdict == VERDICT_COOLDOWN)
		row.cooldown_left_ns = (struct csv_cell){ .type = CSV_UINT,
							  .u = c->cooldown_left };
	return csv_row(w, &row);
}

static int each_chance(const void *data, struct csv_writer *w)
{
	const struct outcome *o = data;
	int ret = 0;

	for (u32 i = 0; i < o->nr_variants; i++) {
		for (u32 z = 0; z < o->nr_zones; z++) {
			const struct chances *c = &o->variants[i].metrics.zones[z].chances;

			for (u32 row = 0; row < c->nr && !ret; row++)
				ret = chance_row(row_key(o, i, z), &c->rows[row], w);
		}
	}
	return ret;
}

const struct csv_table chances_table = {
	"chances.csv", "one row for calls of spb_maybe_start_defrag() after the start by one "
	"trigger on one superpageblock that met the same, in the order of the first of them",
	chance_columns, ARRAY_SIZE(chance_columns), each_chance,
};
