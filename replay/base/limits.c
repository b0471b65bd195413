// SPDX-License-Identifier: GPL-2.0
#include "replay/base/limits.h"

#include <stddef.h>

const char *const not_modelled[] = {
	"the load's reaction: recorded requests and frees are replayed whatever a variant "
	"does, so neither its failures nor its stalls change the load",
	"the host's reclaim and compaction: what they freed is freed in every variant, at the "
	"recorded time",
	"moves of a recorded SPB kernel's own worker, where no task is named kevacuate: the "
	"kworkers that run it do other work, too, so what it took and freed, and what a caller "
	"evacuated, is replayed as requests and frees in every variant",
	"races: operations happen one after another, in order of their time stamps; a trylock "
	"that failed, or a page that went away meanwhile, is not reproduced",
	"per-CPU lists at zone level: the recorded kernel's lists decided what reached the "
	"zone; a variant's own are not used",
	"draining of per-CPU lists after reclaim, and by timer of other nodes' pages: at page "
	"level such pages stay on the lists longer than on a host, and their blocks count as "
	"in use",
	"which CPU belongs to which node: at page level the lists are sized as if CPUs were "
	"spread evenly over the nodes, so on uneven nodes they hold too much or too little",
	"gfp flags that were not recorded (zone level): such requests follow "
	"slowpath_unrecorded; how soon a host would have tainted lies between its values "
	"atomic and kernel",
	"callers refused because they have a cheaper fallback: they do not ask again for "
	"less, so memory that they had on the host is not in use in the replay",
	"retries of the slow path, direct compaction, the OOM killer: a request that finds "
	"nothing in one round (two where the kernel compacts first) fails; on a host it might "
	"wait and succeed",
	"time lost by callers: one that evacuates or reclaims continues at once; what that "
	"would have cost is counted (direct_stall_ns)",
	"watermarks, lowmem reserves, kswapd: a zone is used until it is empty, so lower "
	"zones are asked later than on a host, and no request is refused while a page is left "
	"for it",
	"what a slab shrink frees: nothing, unless shrink_pages_per_run says how much; then "
	"it frees whole units, so no page is kept by a single object in use",
	"CMA areas: no snapshot says where they are; requests for them are replayed as "
	"movable",
	"the host's own contig allocations (1 GiB pages, CMA), memory hotplug: no event "
	"reports them; memory that they held looks free or resident",
	"what v1's defrag of clean superpageblocks moves: its rules are not public; "
	"defrag_clean=stub gives an upper bound on the number of passes",
	"skip hints set and cleared by the host's own compaction: a pass may visit blocks "
	"that a host's pass would have skipped",
	"the series' own superpageblock size with pages of 16 and 64 KiB (64 GiB and 4 TiB): "
	"here it is 1 GiB, too, which holds 32 or 2 pageblocks, so reserves and fullness are "
	"coarse",
	"which zone a request would try next (zone level): its flags are relaxed in its "
	"recorded zone first, while the kernel tries NOFRAGMENT in the lower zones before it "
	"fragments one",
	"what made the HIGHATOMIC reserve grow (zone level): pages taken from it are replayed "
	"as unmovable, and no block is reserved",
	"other nodes: a request fails when its own node has no room; pages that the worker "
	"moves go to other nodes in order of number, not of distance",
	"which movable pages are pinned or clean page cache: a seeded hash decides, the same "
	"in every variant; by default none are",
	NULL
};
