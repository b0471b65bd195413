/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page size and orders of a recorded host: what the capture or the snapshot says, else what kernels
 * with pages of that size are built with.
 */
#ifndef SPB_REPLAY_GEOMETRY_H
#define SPB_REPLAY_GEOMETRY_H

#include "replay/initial/snapshot.h"
#include "replay/log/log.h"

/**
 * struct geometry - sizes of a host, as powers of two
 * @page_shift: bytes of a page: 12, 14 or 16
 * @pageblock_order, @max_order: of a pageblock, of the largest buddy (MAX_PAGE_ORDER)
 * @spb_order: of a superpageblock: 1 GiB unless asked for otherwise
 */
struct geometry {
	u32 page_shift;
	u32 pageblock_order;
	u32 max_order;
	u32 spb_order;
};

/**
 * geometry_of - the host of a log
 * @snap: may be NULL; it goes before @meta
 * @spb_order: as asked for, 0: 1 GiB
 */
struct geometry geometry_of(const struct log_meta *meta, const struct snapshot *snap,
			    u32 spb_order);

#endif /* SPB_REPLAY_GEOMETRY_H */
