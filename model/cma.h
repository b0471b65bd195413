/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CMA areas: pageblocks that only movable requests may use (S2.5, S2.7). Boot keeps them from the
 * buddy and gives them to it block by block, labelled CMA, when all else is free.
 */
#ifndef SPB_MODEL_CMA_H
#define SPB_MODEL_CMA_H

#include "model/internal.h"

#define ALLOC_CMA 0x080U	/* S1.7 */

/** cma_check - do the areas of a config make sense? Return: NULL, or what is wrong */
const char *cma_check(const struct model_config *config);

/**
 * cma_ranges - the config's ranges and, as memblock memory, its areas, by start
 * Return: an array of nr_ranges + nr_cma, the caller's; NULL without memory
 */
struct model_range *cma_ranges(const struct model_config *config);

/** cma_boot - init_cma_reserved_pageblock() for each block of @zone that lies in an area */
void cma_boot(struct zone *zone);

/**
 * may_use_cma - is this search one that goes on to the areas? Not that of the HIGHATOMIC reserve,
 * which has the flags of a movable request but is no __rmqueue() (S2.7)
 */
bool may_use_cma(const struct search *s, u32 alloc_flags);

/** cma_takes_over_half - more than half of what is free is CMA: such a search goes there first */
bool cma_takes_over_half(const struct search *s, u32 alloc_flags);

#endif /* SPB_MODEL_CMA_H */
