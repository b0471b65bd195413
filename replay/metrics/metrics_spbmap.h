/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of every superpageblock of a zone over time: a row when it is not what it was at the
 * sample before, so that what nothing touches costs one row.
 */
#ifndef SPB_REPLAY_METRICS_SPBMAP_H
#define SPB_REPLAY_METRICS_SPBMAP_H

#include "model/model.h"

/** enum spb_state - a superpageblock as timeline.csv counts it */
enum spb_state {
	SPB_STATE_EMPTY,	/* wholly free and not tainted */
	SPB_STATE_CLEAN,	/* in use, not tainted */
	SPB_STATE_TAINTED,
	NR_SPB_STATES
};

/** spb_state_name - "empty", "clean", "tainted"; never NULL */
const char *spb_state_name(u32 state);

/**
 * struct spbmap_row - superpageblock @spb from sample @sample on
 * @free_blocks: wholly free pageblocks; @state: enum spb_state; @stuck: it is stuck then
 */
struct spbmap_row {
	u32 sample;
	u32 spb;
	u16 free_blocks;
	u8 state;
	bool stuck;
};

/**
 * struct spbmap - one zone
 * @rows: by sample, then by superpageblock; the first sample has all of them
 * @last: latest row of each superpageblock, NULL before the first sample
 */
struct spbmap {
	struct spbmap_row *rows;
	u32 nr;
	u32 max;
	struct spbmap_row *last;
};

/** spbmap_sample - take the next sample of @zone at model time @now. Return: 0 or -ENOMEM */
int spbmap_sample(struct spbmap *map, const struct model *model, u32 zone, u32 sample,
		  u64 now) __must_check;
void spbmap_fini(struct spbmap *map);

#endif /* SPB_REPLAY_METRICS_SPBMAP_H */
