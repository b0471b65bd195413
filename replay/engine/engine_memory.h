/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run takes, said before it begins. Bounds, not guesses: page state as if every
 * superpageblock were touched, every table at its largest, so a run that is let begin fits.
 */
#ifndef SPB_REPLAY_ENGINE_MEMORY_H
#define SPB_REPLAY_ENGINE_MEMORY_H

#include "replay/engine/engine.h"

/**
 * struct engine_memory - bytes at most
 * @shared: whatever the number of variants: the live units of the recorded host, blocks of
 *	events and operations
 * @variants: models, units and metrics of all variants
 */
struct engine_memory {
	u64 shared;
	u64 variants;
};

/**
 * engine_memory - what engine_run() will take for @plan, besides the log and the plan themselves
 *
 * Return: 0; -ERR_USAGE or -ERR_IO as engine_run() would.
 */
int engine_memory(const struct demand_plan *plan, const struct engine_opts *opts,
		  struct engine_memory *need, struct error *err) __must_check;

#endif /* SPB_REPLAY_ENGINE_MEMORY_H */
