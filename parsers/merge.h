/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Merge of the CPUs by (time, cpu, order on that CPU): stable and the same in every run.
 */
#ifndef SPB_PARSERS_MERGE_H
#define SPB_PARSERS_MERGE_H

#include "parsers/cpustream.h"

/** struct merge_item - a CPU that still has events; @rank orders CPUs at equal times */
struct merge_item {
	u64 time;
	u32 rank;
	struct cpustream *stream;
};

/**
 * struct merge - binary heap of CPUs, the earliest on top
 * @runner_up: the earliest of the others; the top CPU stays on top as long as it is before it
 */
struct merge {
	struct merge_item *item;
	u32 nr;
	u32 runner_up;
};

/**
 * merge_init - read the first event of each stream
 * @streams: in order of their CPU ids, @nr of them
 */
int merge_init(struct merge *m, struct cpustream *const *streams, u32 nr, struct error *err)
	__must_check;
void merge_fini(struct merge *m);

/** merge_top - stream whose current event is next, NULL at the end */
static inline struct cpustream *merge_top(const struct merge *m)
{
	return m->nr ? m->item[0].stream : NULL;
}

/** merge_advance - step the top stream. Return: 0 or negative enum err_code */
int merge_advance(struct merge *m, struct error *err) __must_check;

#endif /* SPB_PARSERS_MERGE_H */
