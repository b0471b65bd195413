/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine: one decode, one demand, many variants. Blocks of operations go through every
 * variant before the next block is decoded, so variants can be compared operation by operation,
 * results do not depend on the number of threads, and memory is bounded.
 *
 * Model time: the capture's first event is ENGINE_BOOT_NS after boot; residents are allocated in
 * the time before it and the workers settle; model_start() ends the cooldowns of that time.
 */
#ifndef SPB_REPLAY_ENGINE_H
#define SPB_REPLAY_ENGINE_H

#include "model/model.h"
#include "replay/demand/demand.h"
#include "replay/engine/engine_arm.h"
#include "replay/base/error.h"
#include "replay/outcome/outcome.h"

/** struct engine_source - where events come from: exactly one of the two is set */
struct engine_source {
	const char *path;		/* a log file */
	const struct log_image *image;	/* a log in memory */
};

/**
 * struct engine_opts - how to run
 * @variants, @nr_variants: the first is the baseline
 * @seed: of the model's hash; @spb_order: superpageblock order
 * @jobs: threads, at least 1
 * @check_every: model_check() after every N operations of each variant, 0 never
 * @contig: whole superpageblocks (1 GiB pages) to ask for when the capture is over; 0: none
 * @samples: rows of the timeline per variant and zone, at equal distances from the first time to
 *	the last one; the last is always there
 * @stop: checked between blocks, within them when the model is checked, too; when it becomes
 *	true the run ends early and is marked partial
 * @progress: operations done of all, called before the first block and after each (may be NULL)
 */
struct engine_opts {
	const struct variant *variants;
	u32 nr_variants;
	u64 seed;
	u32 spb_order;
	u32 jobs;
	u64 check_every;
	u32 contig;
	u32 samples;
	const volatile bool *stop;
	void (*progress)(void *ctx, u64 done, u64 total);
	void *progress_ctx;
};

/**
 * engine_run - replay @plan's demand under every variant
 * @outcome: filled in; free with outcome_free()
 *
 * Return: 0, also when @stop ended the run early (the outcome is marked partial); -ERR_BUG when
 * model_check() failed (@err: variant, event index, invariant); -ERR_IO; -ERR_USAGE when the
 * machine cannot be modelled; -ERR_DAMAGED when the capture or the log is damaged: then, and only
 * then of all errors, *@outcome may be set: it is usable and marked partial.
 */
int engine_run(const struct engine_source *src, const struct demand_plan *plan,
	       const struct engine_opts *opts, struct outcome **outcome, struct error *err);

#endif /* SPB_REPLAY_ENGINE_H */
