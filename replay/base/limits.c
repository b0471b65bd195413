// SPDX-License-Identifier: GPL-2.0
#include "replay/base/limits.h"

#include <stddef.h>

const char *const not_modelled[] = {
	"the load's reaction: recorded requests and frees are replayed whatever a variant does",
	"per-CPU lists at zone level: the recorded kernel's have decided already; their drains by "
	"timer and under reclaim, and which CPU belongs to which node, at page level",
	"gfp flags that were not recorded (zone level): such requests go by slowpath_unrecorded",
	"callers that are refused because they have something cheaper: they do not ask again for "
	"less, and what they had on the host stays unused (S2.6)",
	"direct compaction, the OOM killer and retries of the slow path; callers that evacuate or "
	"reclaim lose no time, what it would cost them is counted (S2.6)",
	"what a slab shrink frees, unless shrink_pages_per_run says how much; objects, and pages "
	"that stay because one of theirs is in use (S5)",
	"watermarks and lowmem reserves: a zone serves until it has nothing left",
	"where a host has its CMA areas, which no snapshot tells: its requests for them replay as "
	"movable; watermarks that keep others from the HIGHATOMIC reserve",
	"the host's own contig allocations (1 GiB pages, CMA): no event tells of them (S2.7); memory "
	"hotplug",
	"what v1's defrag of clean superpageblocks moves: its rules are not public; defrag_clean=stub "
	"counts the passes it could have made at most (S10 item 2)",
	"skip hints of pageblocks that the host's own compaction sets and clears",
	"the series' own superpageblock with pages of 16 and 64 KiB (64 GiB and 4 TiB): it is 1 GiB "
	"here, too; that holds 32 or 2 pageblocks, so reserves and fullness are coarse (S10 item 17)",
	"distances between nodes: pages that find no room on their own node go to the others by "
	"number",
	"which movable pages are pinned or clean cache: a seeded hash decides, by default none",
	NULL
};
