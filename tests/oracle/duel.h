/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Model against oracle: one stream of random operations through both. All of a round (machine,
 * variant, load) follows from its seed.
 */
#ifndef SPB_TESTS_DUEL_H
#define SPB_TESTS_DUEL_H

#include "model/model.h"
#include "tests/oracle/sites.h"

#define DUEL_WHY 1024

/**
 * struct duel_result - @ops: operations done; @failed: they disagreed after operation @ops - 1
 * @passes and what follows: so that a test can tell that something happened
 */
struct duel_result {
	u64 ops;
	bool failed;
	char why[DUEL_WHY];
	char op[DUEL_WHY];
	char round[DUEL_WHY];
	u64 passes;
	u64 moves;
	u64 drops;
	u64 evacuations;
	u64 direct_evacuations;
	u64 refused;
	u64 events[NR_MODEL_EVENT_KINDS];
	u64 relaxed[NR_RELAX_STEPS];
	u64 taints;
	u64 failed_allocs;
	u64 outcomes[NR_SPB_OUTCOMES];
	u64 sites[NR_ORACLE_SITES];
};

/**
 * duel - a round of @nr_ops operations from @seed
 * @arm: which triggers and update mode (round.h); everything else follows from the seed
 * @full_every: compare all state each that many operations; results and events always
 */
void duel(u64 seed, u32 arm, u64 nr_ops, u64 full_every, struct duel_result *r);

#endif /* SPB_TESTS_DUEL_H */
