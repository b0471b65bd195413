// SPDX-License-Identifier: GPL-2.0
/*
 * lists.csv: moves of superpageblocks between the lists, back and forth as one row.
 */
#include "replay/outcome/outcome_data.h"

struct list_csv_row {
	struct row_key key;
	const char *from, *to, *now;
	u64 first_ns, last_ns, spb, moves, nr_free, free_pages;
};

#define COLUMN(name, type, unit, get, merge, doc) \
	{ #name, type, unit, get, offsetof(struct list_csv_row, name), merge, doc }
static const struct csv_column list_columns[] = {
	KEY_COLUMNS,
	COLUMN(first_ns, CSV_UINT, "ns", csv_get_number, MERGE_NONE, "when the first one came"),
	COLUMN(last_ns, CSV_UINT, "ns", csv_get_number, MERGE_NONE, "when the last one came"),
	COLUMN(spb, CSV_UINT, "", csv_get_number, MERGE_NONE,
	       "superpageblock, index inside its zone"),
	COLUMN(from, CSV_TEXT, "", csv_get_text, MERGE_NONE,
	       "list that the first one left: clean or tainted, a slash, and full, 75pct, 50pct, 25pct "
	       "or almost_empty; or empty (wholly free), or isolated (a contig allocation)"),
	COLUMN(to, CSV_TEXT, "", csv_get_text, MERGE_NONE, "list that it joined"),
	COLUMN(moves, CSV_UINT, "moves", csv_get_number, MERGE_SUM,
	       "how many: more than one when it goes to and fro between the two, less than a second "
	       "apart; the 1024th row of a superpageblock counts all that follow"),
	COLUMN(now, CSV_TEXT, "", csv_get_text, MERGE_NONE, "list after the last one"),
	COLUMN(nr_free, CSV_UINT, "pageblocks", csv_get_number, MERGE_NONE,
	       "wholly free pageblocks at the last one"),
	COLUMN(free_pages, CSV_UINT, "pages", csv_get_number, MERGE_NONE,
	       "free pages at the last one, before the allocation that caused it took its own"),
};
#undef COLUMN

static int each_move(const void *data, struct csv_writer *w)
{
	const struct outcome *o = data;
	int ret = 0;

	for (u32 i = 0; i < o->nr_variants; i++) {
		for (u32 z = 0; z < o->nr_zones; z++) {
			const struct list_moves *l = &o->variants[i].metrics.zones[z].lists;

			for (u32 r = 0; r < l->nr && !ret; r++) {
				const struct list_csv_row row = {
					.key = row_key(o, i, z),
					.from = spb_list_name(l->rows[r].from),
					.to = spb_list_name(l->rows[r].to),
					.now = spb_list_name(l->rows[r].now),
					.first_ns = l->rows[r].first,
					.last_ns = l->rows[r].last,
					.spb = l->rows[r].spb,
					.moves = l->rows[r].count,
					.nr_free = l->rows[r].nr_free,
					.free_pages = l->rows[r].nr_free_pages,
				};

				ret = csv_row(w, &row);
			}
		}
	}
	return ret;
}

const struct csv_table lists_table = {
	"lists.csv", "one row for moves of a superpageblock after the start between the same two "
	"lists, in the order of the first of them",
	list_columns, ARRAY_SIZE(list_columns), each_move,
};
