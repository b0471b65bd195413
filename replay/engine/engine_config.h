/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The modelled machine, from what the demand scan found out about the recorded one.
 */
#ifndef SPB_REPLAY_ENGINE_CONFIG_H
#define SPB_REPLAY_ENGINE_CONFIG_H

#include "replay/engine/engine.h"

/** struct engine_config - a model_config and the arrays it points to */
struct engine_config {
	struct model_config model;
	struct model_zone_config *zones;
	struct model_range *ranges;
};

/**
 * engine_config_init - the machine of @plan
 *
 * Return: 0; -ERR_USAGE when a zone lies beyond UNIT_MAX_PFN; -ERR_IO without memory.
 */
int engine_config_init(struct engine_config *c, const struct demand_plan *plan,
		       const struct engine_opts *opts, struct error *err) __must_check;
void engine_config_fini(struct engine_config *c);

#endif /* SPB_REPLAY_ENGINE_CONFIG_H */
