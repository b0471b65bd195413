/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One variant at work: its model, where it put each recorded unit, and its metrics. Arms share
 * only what is read-only during a block, so they may run in different threads.
 */
#ifndef SPB_REPLAY_ENGINE_ARM_H
#define SPB_REPLAY_ENGINE_ARM_H

#include "model/model.h"
#include "replay/demand/demand.h"
#include "replay/metrics/divergence.h"
#include "replay/base/error.h"
#include "replay/metrics/metrics.h"

#define ENGINE_BOOT_NS (600 * NSEC_PER_SEC)

/* Where a unit is: a model pfn, or one of these. Four bytes a recorded unit and variant. */
#define UNIT_NONE (~(u32)0)		/* no such unit now */
#define UNIT_FAILED (UNIT_NONE - 1)	/* its allocation found no place in this variant */
#define UNIT_DROPPED (UNIT_NONE - 2)	/* was clean page cache and is gone */
#define UNIT_MAX_PFN (UNIT_NONE - 3)	/* largest pfn a unit can have: 16 TiB of 4 KiB pages */

/**
 * struct arm - one variant
 * @variant: borrowed; @metrics: owned by the outcome
 * @units, @nr_units: by handle; @placed, @max_placed: by operation of the current block
 * @op, @op_index: the operation at hand, NULL before the first; @actor: enum metrics_actor at work
 * @last: what @op points to between blocks
 * @t_first: first time of the capture, ENGINE_BOOT_NS in model time
 * @times, @nr_times: sample times, shared; @next_sample: ns, UINT64_MAX after the last
 * @now: model time of the last operation; @check_every, @until_check: operations
 * @event, @event_ctx: see arm_setup
 * @err: first failure; the arm does nothing after it
 */
struct arm {
	const struct variant *variant;
	struct model *model;
	struct metrics *metrics;
	u32 *units;
	u32 nr_units;
	struct placement *placed;
	u32 max_placed;
	const struct op *op;
	u32 op_index;
	u8 actor;
	struct op last;
	u64 t_first;
	const u64 *times;
	u32 nr_times;
	u64 next_sample;
	u64 now;
	u64 check_every;
	u64 until_check;
	u32 contig;
	const struct demand_plan *plan;
	bool over;
	void (*event)(void *ctx, const struct model_event *e);
	void *event_ctx;
	struct error err;
};

/**
 * struct arm_setup - what all arms of a run have in common
 * @contig: whole superpageblocks to ask for when the capture is over
 * @event, @event_ctx: told what the kernel would have traced; NULL: nobody asks
 */
struct arm_setup {
	const struct demand_plan *plan;
	const struct model_config *config;
	const u64 *times;
	u32 nr_times;
	u64 check_every;
	u32 contig;
	void (*event)(void *ctx, const struct model_event *e);
	void *event_ctx;
};

/**
 * arm_init - a model whose residents are in place, at the first moment of the capture
 *
 * Return: 0 or a negative enum err_code, with arm->err set. arm_fini() is needed either way.
 */
int arm_init(struct arm *arm, const struct variant *variant, struct metrics *metrics,
	     const struct arm_setup *setup);
void arm_fini(struct arm *arm);

/** arm_block - do operations @from to @to - 1 of a block. Return: 0 or a negative enum err_code */
int arm_block(struct arm *arm, const struct op_block *ops, u32 from, u32 to);

/**
 * arm_finish - let time run to @t_last (capture's clock) and take the final state
 * @nr_times: sample times to take in all; fewer than at the start when the run ended early
 *
 * The model is gone afterwards. Return: 0 or a negative enum err_code.
 */
int arm_finish(struct arm *arm, u64 t_last, u32 nr_times);

/* ---- between the files of an arm ---- */

/** arm_initial - put residents, labels and filling in place (engine_initial.c) */
int arm_initial(struct arm *arm, const struct arm_setup *setup) __must_check;
/** arm_grow_units - room for handles below @nr */
int arm_grow_units(struct arm *arm, u64 nr) __must_check;
/** arm_fail_nomem, arm_fail_op - set the arm's error. Return: its negative code */
int arm_fail_nomem(struct arm *arm);
int arm_fail_op(struct arm *arm, const char *what, u64 at, u32 order);

/**
 * arm_ask_contig - ask the model, whose capture is over, for @most whole superpageblocks, and fill
 * in the contig_ fields of the metrics; nothing else of them changes. Return: 0, or negative with
 * arm->err set
 */
int arm_ask_contig(struct arm *arm, const struct demand_plan *plan, u64 now, u32 most);

#endif /* SPB_REPLAY_ENGINE_ARM_H */
