/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests whose gfp flags are known: what the kernel tries, in which order, and when it gives up
 * (S2.6, S7.4). Where the flags are not recorded, slowpath.c has shorter ways.
 *
 * One round of the slow path is modelled: no retries after progress, no OOM killer, no watermarks.
 * Direct compaction proper is not modelled, only what the series puts before it. A caller that
 * evacuates or reclaims does so at its own moment; the time that costs is counted (stall_ns) but
 * moves nothing: later events of the capture stay where they are.
 */
#ifndef SPB_MODEL_GFP_H
#define SPB_MODEL_GFP_H

#include "model/internal.h"

/* Bits of gfp_mask, as of Linux 6.18 (include/linux/gfp_types.h); logs hold these values. */
#define ___GFP_DMA 0x01U
#define ___GFP_HIGHMEM 0x02U
#define ___GFP_DMA32 0x04U
#define ___GFP_MOVABLE 0x08U
#define ___GFP_RECLAIMABLE 0x10U
#define ___GFP_HIGH 0x20U
#define ___GFP_IO 0x40U
#define ___GFP_FS 0x80U
#define ___GFP_ZERO 0x100U
#define ___GFP_DIRECT_RECLAIM 0x400U
#define ___GFP_KSWAPD_RECLAIM 0x800U
#define ___GFP_WRITE 0x1000U
#define ___GFP_NOWARN 0x2000U
#define ___GFP_RETRY_MAYFAIL 0x4000U
#define ___GFP_NOFAIL 0x8000U
#define ___GFP_NORETRY 0x10000U
#define ___GFP_MEMALLOC 0x20000U
#define ___GFP_COMP 0x40000U
#define ___GFP_NOMEMALLOC 0x80000U
#define ___GFP_HARDWALL 0x100000U
#define ___GFP_THISNODE 0x200000U
#define ___GFP_ZEROTAGS 0x800000U

#define GFP_KERNEL (___GFP_DIRECT_RECLAIM | ___GFP_KSWAPD_RECLAIM | ___GFP_IO | ___GFP_FS)
#define GFP_HIGHUSER_MOVABLE (GFP_KERNEL | ___GFP_HARDWALL | ___GFP_HIGHMEM | ___GFP_MOVABLE)
#define GFP_RECLAIM (___GFP_DIRECT_RECLAIM | ___GFP_KSWAPD_RECLAIM)
#define GFP_TRANSHUGE ((GFP_HIGHUSER_MOVABLE & ~___GFP_KSWAPD_RECLAIM) | ___GFP_COMP | \
		       ___GFP_NOMEMALLOC | ___GFP_NOWARN)

/**
 * alloc_by_gfp - __alloc_frozen_pages(): the fast path, then one round of the slow path
 * @s: order, mt, cpu and gfp are set
 * @zone: first zone to try; lower ones of its node follow, then higher ones that gfp allows
 */
bool alloc_by_gfp(struct search *s, struct zone *zone, struct found *at);

#endif /* SPB_MODEL_GFP_H */
