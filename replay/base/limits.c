// SPDX-License-Identifier: GPL-2.0
#include "replay/base/limits.h"

#include <stddef.h>

const char *const not_modelled[] = {
	"the load's reaction: recorded requests and frees are replayed whatever a variant "
	"does, so neither its failures nor its stalls change the load",
	"reclaim and compaction of the host: what they freed is freed in every variant, when "
	"the host did it",
	"races: operations happen one after another, as stamped; a lock that was not got, or "
	"a page that went while somebody looked, does not come again",
	"per-CPU lists at zone level: the recorded kernel's have decided what reaches the "
	"zone; a variant's own play no part",
	"drains of per-CPU lists after reclaim, and by timer those of other nodes' pages: at "
	"page level these wait there longer than on a host, and their blocks count as used",
	"which CPU belongs to which node: at page level the lists are sized as if CPUs were "
	"spread evenly, so on uneven nodes they hold too much or too little",
	"gfp flags that were not recorded (zone level): such requests go by "
	"slowpath_unrecorded; how soon a host would have tainted lies between its atomic and "
	"its kernel",
	"callers that are refused because they have something cheaper: they do not ask again "
	"for less, and what they had on the host stays unused",
	"retries of the slow path, direct compaction, the OOM killer: what finds nothing in "
	"one round, or two where the kernel compacts first, fails; on a host it may wait and "
	"get it",
	"time that callers lose: who evacuates or reclaims goes on at once; what that would "
	"have cost is counted (direct_stall_ns)",
	"watermarks, lowmem reserves, kswapd: a zone serves until it has nothing left, so "
	"lower zones are asked later than on a host, and no request is refused while a page "
	"is left for it",
	"what a slab shrink frees: nothing, unless shrink_pages_per_run says how much; then "
	"units, not objects, so no page stays for one object in use",
	"CMA areas: no snapshot tells where they are; requests for them replay as movable",
	"the host's own contig allocations (1 GiB pages, CMA), memory hotplug: no event tells "
	"of them; what they held looks free or resident",
	"what v1's defrag of clean superpageblocks moves: its rules are not public; "
	"defrag_clean=stub counts the passes it could have made at most",
	"skip hints that the host's own compaction sets and clears: a pass may visit blocks "
	"that a host's would have left out",
	"the series' own superpageblock with pages of 16 and 64 KiB (64 GiB and 4 TiB): it is "
	"1 GiB here, too; that holds 32 or 2 pageblocks, so reserves and fullness are coarse",
	"which zone a request would ask next (zone level): it relaxes in its recorded zone "
	"first, while the kernel tries NOFRAGMENT in the lower zones before it fragments one",
	"who made the HIGHATOMIC reserve grow (zone level): what was taken from it replays as "
	"unmovable, and no block is reserved",
	"other nodes: a request fails where its own has no room; what the worker moves goes to "
	"the others by number, not by distance",
	"which movable pages are pinned or clean cache: a seeded hash decides, the same in "
	"every variant; by default none are",
	NULL
};
