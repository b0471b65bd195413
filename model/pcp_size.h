/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many pages a per-CPU list keeps, takes in a refill and gives back: the same for upstream's
 * lists and for the series' (S7.3). Without watermarks: no zone is below high, no reclaim is
 * active.
 */
#ifndef SPB_MODEL_PCP_SIZE_H
#define SPB_MODEL_PCP_SIZE_H

#include "model/internal.h"

/**
 * struct pcp_size - struct per_cpu_pages without its lists; all in pages
 * @freed_high_order: the last free was of order 1 to 3 (PCPF_PREV_FREE_HIGH_ORDER)
 */
struct pcp_size {
	s64 count;
	s64 high;
	s64 high_min;
	s64 high_max;
	s64 batch;
	s64 free_count;
	u32 alloc_factor;
	bool freed_high_order;
};

/** pcp_size_init - from the size of the zone and the CPUs of its node, or as the knobs say */
void pcp_size_init(struct pcp_size *size, const struct zone *zone);

/** pcp_refill_size - nr_pcp_alloc(): units that a refill takes; grows high and the factor */
s64 pcp_refill_size(struct pcp_size *size, u32 order);

/**
 * pcp_drain_size - a unit of @order was freed and is counted: what goes back now
 *
 * The kernel has PCPF_FREE_HIGH_BATCH set where a CPU's share of the data cache exceeds three
 * batches (756 KiB); that is taken for granted. Return: pages, in portions of a batch; 0: nothing
 */
s64 pcp_drain_size(struct pcp_size *size, u32 order);

/** pcp_portion - drain_pages_zone(): most pages that it gives back under one hold of the lock */
s64 pcp_portion(const struct pcp_size *size);

/**
 * pcp_decay_size - decay_pcp_high(): high falls by an eighth
 * @fell: set when it did; at a few pages over its minimum it stays, as in the kernel
 *
 * Return: pages over it that go back now
 */
s64 pcp_decay_size(struct pcp_size *size, bool *fell);

#endif /* SPB_MODEL_PCP_SIZE_H */
