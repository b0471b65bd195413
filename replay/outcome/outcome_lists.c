// SPDX-License-Identifier: GPL-2.0
/* lists.csv: moves of superpageblocks between the lists, back and forth as one row. */
#include "replay/outcome/outcome_table.h"

struct list_csv_row {
	struct row_key key;
	const char *from, *to, *now;
	u64 first_ns, last_ns, spb, moves, nr_free, free_pages;
};

#define L(field, unit, merge, doc) UINT_COLUMN(struct list_csv_row, field, unit, merge, doc)
static const struct csv_column list_columns[] = {
	KEY_COLUMNS,
	L(first_ns, "ns", MERGE_NONE, "when the first one came"),
	L(last_ns, "ns", MERGE_NONE, "when the last one came"),
	L(spb, "", MERGE_NONE, "superpageblock, index inside its zone"),
	TEXT_COLUMN(struct list_csv_row, from,
	       "list before the first move: clean or tainted, a slash, and full, 75pct, 50pct, "
	       "25pct or almost_empty; or empty (entirely free), or isolated (a contig "
	       "allocation)"),
	TEXT_COLUMN(struct list_csv_row, to, "list that it joined"),
	L(moves, "moves", MERGE_SUM,
	  "how many: more than one for moves to and fro between the two lists, less than a "
	  "second apart; the 1024th row of a superpageblock counts all that follow"),
	TEXT_COLUMN(struct list_csv_row, now, "list after the last one"),
	L(nr_free, "pageblocks", MERGE_NONE, "wholly free pageblocks at the last one"),
	L(free_pages, "pages", MERGE_NONE,
	  "free pages at the last move, before the allocation that caused it took its own"),
};

static int zone_moves(const struct table_zone *t, struct csv_writer *w)
{
	const struct list_moves *l = &t->metrics->lists;
	int ret = 0;

	for (u32 i = 0; i < l->nr && !ret; i++) {
		const struct list_moves_row *m = &l->rows[i];
		const struct list_csv_row row = {
			.key = t->key,
			.from = spb_list_name(m->from),
			.to = spb_list_name(m->to),
			.now = spb_list_name(m->now),
			.first_ns = m->first,
			.last_ns = m->last,
			.spb = m->spb,
			.moves = m->count,
			.nr_free = m->nr_free,
			.free_pages = m->nr_free_pages,
		};

		ret = csv_row(w, &row);
	}
	return ret;
}

static int each_move(const void *data, struct csv_writer *w)
{
	return each_zone(data, w, zone_moves);
}

const struct csv_table lists_table = {
	"lists.csv", "one row for consecutive moves of a superpageblock between the same two "
	"lists, after the start, in order of first_ns",
	list_columns, ARRAY_SIZE(list_columns), each_move,
};
