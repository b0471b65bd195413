/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A make-believe host whose allocator knows nothing of superpageblocks: it takes the first free
 * aligned frames after a cursor. What it does is recorded as zone-level events, so that whole
 * runs can be tested without a capture.
 */
#ifndef TESTS_LIB_FAKE_HOST_H
#define TESTS_LIB_FAKE_HOST_H

#include "replay/demand/demand.h"
#include "replay/log/log.h"

#define FAKE_SPB_ORDER 12	/* 8 pageblocks: small machines with many superpageblocks */
#define FAKE_DMA32_SPBS 2
#define FAKE_NORMAL_START (FAKE_DMA32_SPBS << FAKE_SPB_ORDER)
#define FAKE_NO_PFN (~0ULL)

/** struct fake_host - the host; @now: ns, advances with each event */
struct fake_host {
	struct log_writer *w;
	u8 *used;
	u32 nr_pfns;
	u64 cursor;
	u64 now;
	u64 step;
	u64 random;
};

/** fake_host_init - zones 0/DMA32 and 0/Normal, the latter of @normal_spbs superpageblocks */
void fake_host_init(struct fake_host *h, u32 normal_spbs, u64 seed);
/** fake_host_alloc - Return: pfn or FAKE_NO_PFN; @recorded: false for a resident */
u64 fake_host_alloc(struct fake_host *h, u32 order, u32 mt, u32 pid, bool recorded);
void fake_host_free(struct fake_host *h, u64 pfn, u32 order, u32 mt, u32 pid);
/** fake_host_random - the next number below @below */
u32 fake_host_random(struct fake_host *h, u32 below);
/** fake_host_churn - @nr allocations and frees of all kinds, near @percent full */
void fake_host_churn(struct fake_host *h, u32 nr, u32 percent);
/** fake_host_finish - the log; the host is gone */
struct log_image *fake_host_finish(struct fake_host *h);

/** fake_plan - scan @img. Fails the test on errors */
struct demand_plan *fake_plan(const struct log_image *img);

#endif /* TESTS_LIB_FAKE_HOST_H */
