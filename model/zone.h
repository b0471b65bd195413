/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A zone at boot: its superpageblocks, holes and reserved memory (S1.4, S1.6).
 */
#ifndef SPB_MODEL_ZONE_H
#define SPB_MODEL_ZONE_H

#include "model/internal.h"

/**
 * zone_boot - build the SPBs of @zone, whose config, node and m are set, and free its memory
 * Return: false without memory
 */
bool zone_boot(struct zone *zone);
void zone_fini(struct zone *zone);

#endif /* SPB_MODEL_ZONE_H */
