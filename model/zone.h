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

/**
 * spb_count_pageblocks - pageblocks of the SPB inside its zone, as init_one_superpageblock() counts
 * them: pages of the span, rounded up (S1.3 total_pageblocks)
 */
u16 spb_count_pageblocks(const struct superpageblock *sb);

#endif /* SPB_MODEL_ZONE_H */
