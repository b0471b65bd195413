/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Moves of superpageblocks between the zone's lists, kept small: an SPB at the edge of a bucket
 * goes back and forth. Moves of one SPB to and fro between the same two lists are one row, as long
 * as none comes a second after the one before; any other move begins the next row.
 */
#ifndef SPB_REPLAY_LIST_MOVES_H
#define SPB_REPLAY_LIST_MOVES_H

#include "model/model.h"

/*
 * Rows kept: of one superpageblock, and of one zone. What comes later extends the SPB's last row.
 */
#define LIST_MOVES_PER_SPB 1024
#define LIST_MOVES_PER_ZONE (1U << 20)

#define LIST_MOVES_GAP NSEC_PER_SEC

/**
 * struct list_moves_row - moves of one superpageblock
 * @first, @last: times of the first and the last, ns of the capture's clock; @count: how many
 * @nr_free_pages, @nr_free: pages and pageblocks free at the last one
 * @from, @to: of the first one: SPB_LIST() and so on; @now: list after the last one
 */
struct list_moves_row {
	u64 first;
	u64 last;
	u64 count;
	u64 nr_free_pages;
	u32 spb;
	u16 nr_free;
	u8 from;
	u8 to;
	u8 now;
};

/** struct list_moves_spb - @row: index + 1 of its last row, 0 for none; @used: rows it has */
struct list_moves_spb {
	u32 row;
	u32 used;
};

/** struct list_moves - one zone; @rows in the order of @first; @spb by superpageblock */
struct list_moves {
	struct list_moves_row *rows;
	u32 nr;
	u32 max;
	struct list_moves_spb *spb;
	u32 nr_spbs;
};

/** list_moves_add - one move, @time on the capture's clock. Return: 0 or -ENOMEM */
int list_moves_add(struct list_moves *l, const struct model_list_move *mv, u64 time) __must_check;
void list_moves_fini(struct list_moves *l);

#endif /* SPB_REPLAY_LIST_MOVES_H */
