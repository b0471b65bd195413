/* SPDX-License-Identifier: GPL-2.0 */
/* A round: machine, variant and load, all from one seed. */
#ifndef SPB_TESTS_ROUND_H
#define SPB_TESTS_ROUND_H

#include "model/model.h"

#define ROUND_ZONES 4
#define ROUND_RANGES 6
#define ROUND_CMA 2

/*
 * Arms 0 to 7 are those of S6.4, then upstream, all else by dice; then the built-in variants as
 * they stand, each in both update modes.
 */
#define ROUND_ARM_VANILLA 8
#define ROUND_ARM_BUILTIN 9

enum round_op { ROUND_ALLOC, ROUND_FREE, ROUND_SPLIT, ROUND_WAIT, ROUND_WHOLE_SPB };

/**
 * struct round - @phase_*: the load changes its mind every few hundred operations: how full the
 * machine shall be (permille), which types and orders it asks for, how fast time passes
 * @atomic: many requests that may not block, so that the HIGHATOMIC reserve is full and used up
 */
struct round {
	u64 rng;
	struct variant v;
	struct model_config config;
	struct model_zone_config zones[ROUND_ZONES];
	struct model_range ranges[ROUND_RANGES];
	struct model_range cma[ROUND_CMA];
	u32 phase_left;
	u32 phase_fill;
	u32 phase_type;
	u32 phase_order;
	u32 phase_tick;
	bool atomic;
};

u32 round_arms(void);
u64 round_dice(struct round *r);
void round_init(struct round *r, u64 seed, u32 arm);
/** round_describe - one line: geometry, zones, ranges and every knob that is not at its default */
void round_describe(const struct round *r, char *out, size_t len);
/** round_next - what to do next, with @fill permille of the machine in use; moves @now on */
enum round_op round_next(struct round *r, u64 fill, u64 *now);
/** round_request - a request; owner is the caller's */
void round_request(struct round *r, struct model_req *req);

#endif /* SPB_TESTS_ROUND_H */
