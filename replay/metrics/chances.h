/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chances to defrag, kept small: calls of spb_maybe_start_defrag() come by the million and mostly
 * meet what the last one met. Calls of one superpageblock and trigger with the same verdict are
 * one row; a new row begins when the verdict changes, another cooldown runs, or a pass of that
 * superpageblock was queued in between.
 */
#ifndef SPB_REPLAY_CHANCES_H
#define SPB_REPLAY_CHANCES_H

#include "model/model.h"

/* Rows kept: of one superpageblock, and of one zone. What comes later is one row each. */
#define CHANCES_PER_SPB 1024
#define CHANCES_PER_ZONE (1U << 20)

/* Verdict of a row that stands for all later calls, whatever they met. */
#define VERDICT_VARIOUS NR_DEFRAG_VERDICTS

/**
 * struct chance_row - calls of one superpageblock and trigger that met the same
 * @first, @last: times of the first and the last one, ns of the capture's clock; @count: how many
 * @cooldown_left: ns, at the first one
 */
struct chance_row {
	u64 first;
	u64 last;
	u64 count;
	u64 cooldown_left;
	u32 spb;
	u8 trigger;
	u8 verdict;
};

/**
 * struct chance_open - rows of one superpageblock that may still grow
 * @row: index + 1 by trigger, 0 for none; @used: rows it has
 */
struct chance_open {
	u32 row[NR_DEFRAG_TRIGGERS];
	u32 used;
};

/** struct chances - one zone; @rows in the order of @first; @open by superpageblock */
struct chances {
	struct chance_row *rows;
	u32 nr;
	u32 max;
	struct chance_open *open;
	u32 nr_open;
};

/** chances_add - one call, @time on the capture's clock. Return: 0 or -ENOMEM */
int chances_add(struct chances *c, const struct model_chance *chance, u64 time) __must_check;
void chances_fini(struct chances *c);

/** chance_verdict_name - defrag_verdict_name(), or "various". Never NULL */
const char *chance_verdict_name(u32 verdict);

#endif /* SPB_REPLAY_CHANCES_H */
