/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the release of the recorded kernel tells about its events, and they about it.
 */
#ifndef SPB_REPLAY_RECORDED_KERNEL_H
#define SPB_REPLAY_RECORDED_KERNEL_H

#include "replay/log/log.h"

/** is_spb_kernel - did its superpageblocks leave events? They are of the series only (S7.5) */
static inline bool is_spb_kernel(const struct log_meta *meta)
{
	return meta->count[EVENT_SPB_ALLOC_WALK] || meta->count[EVENT_SPB_PB_TAINT];
}

/**
 * kernel_has_pcp_single - does the PCP of this release take order 0 only, as before Linux 5.14?
 *
 * NULL, or what is no release: no. A kernel that has it backported loses little: its frees of
 * higher orders then come at their own time, not at that of the drain.
 */
bool kernel_has_pcp_single(const char *release);

/**
 * enum gfp_layout - which bits of gfp_mask mean what
 * @GFP_AS_NOW: since Linux 5.1, as the model reads them; and where no release is known, as in text,
 *	whose names the parser has put into these bits
 * @GFP_4_18, @GFP_4_4: Linux 4.18 to 5.0, 4.4 to 4.17
 * @GFP_OLDER: no reclaim bits as now
 */
enum gfp_layout { GFP_AS_NOW, GFP_4_18, GFP_4_4, GFP_OLDER };

/** kernel_gfp_layout - of a release such as "6.18.44"; NULL or strange: GFP_AS_NOW */
enum gfp_layout kernel_gfp_layout(const char *release);

/** gfp_as_now - the same flags in today's bits; 0, not recorded, for GFP_OLDER */
u32 gfp_as_now(enum gfp_layout layout, u64 gfp);

#endif /* SPB_REPLAY_RECORDED_KERNEL_H */
