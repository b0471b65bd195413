/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Merge of the CPUs by (time, cpu, order on that CPU): stable and the same in every run. It goes by
 * runs: the events of one CPU that come before the next event of all others.
 */
#ifndef SPB_PARSERS_MERGE_H
#define SPB_PARSERS_MERGE_H

#include "parsers/ahead.h"

/** struct merge_item - a CPU that still has events; @rank orders CPUs at equal times */
struct merge_item {
	u64 time;
	u32 rank;
	struct feed *feed;
};

/**
 * struct merge - binary heap of CPUs, the earliest on top
 * @runner_up: the earliest of the others; the top CPU stays on top as long as it is before it
 * @note: called with the damage that a batch tells of, when its turn comes
 */
struct merge {
	struct ahead *ahead;
	struct merge_item *item;
	u32 nr;
	u32 runner_up;
	void (*note)(void *ctx, u32 rank, const struct error *damage);
	void *ctx;
};

/**
 * merge_init - read the first batch of each CPU
 * @ahead: feeds in order of their CPU ids, @nr of them
 */
int merge_init(struct merge *m, struct ahead *ahead, u32 nr,
	       void (*note)(void *ctx, u32 rank, const struct error *damage), void *ctx,
	       struct error *err) __must_check;
void merge_fini(struct merge *m);

/**
 * merge_run - the next run: events [batch->at, result) of merge_top()
 * @max: at most so many, at least one
 *
 * Return: the index behind the last of them.
 */
u32 merge_run(const struct merge *m, u32 max);

/** merge_top - the CPU whose events come next, NULL at the end */
static inline const struct merge_item *merge_top(const struct merge *m)
{
	return m->nr ? &m->item[0] : NULL;
}

/**
 * merge_advance - go on behind the event @to of the top CPU; the caller has moved at_word
 *
 * Return: 0 or negative enum err_code.
 */
int merge_advance(struct merge *m, u32 to, struct error *err) __must_check;

#endif /* SPB_PARSERS_MERGE_H */
