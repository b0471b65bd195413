// SPDX-License-Identifier: GPL-2.0
#include "model/variant.h"

#include <errno.h>
#include <string.h>

static const char *const allocators[] = { "spb", "vanilla", NULL };
static const char *const pcp_modes[] = { "none", "vanilla", "buddy", NULL };
static const char *const searches[] = { "list", "bitmap", NULL };
static const char *const update_list_modes[] = { "bucket", "always", NULL };
static const char *const defrag_cleans[] = { "off", "stub", NULL };
static const char *const irq_work_orders[] = { "lifo", "fifo", NULL };
static const char *const slowpath_modes[] = { "atomic", "direct", "nofragment", "kernel", "gfp",
					      NULL };
static const char *const slowpath_unrecorded_modes[] = { "atomic", "direct", "nofragment",
							 "kernel", NULL };

#define BOOL(n, d, s) { #n, KNOB_BOOL, offsetof(struct variant, n), 0, 1, NULL, "", d, s }
#define UINT(n, lo, hi, u, d, s) \
	{ #n, KNOB_UINT, offsetof(struct variant, n), lo, hi, NULL, u, d, s }
#define ENUM(n, names, d, s)                                                                       \
	{ #n, KNOB_ENUM, offsetof(struct variant, n), 0, ARRAY_SIZE(names) - 2, names, "", d, s }

const struct knob knob_table[] = {
	ENUM(allocator, allocators,
	     "spb: the series; vanilla: upstream's zone-wide lists (knobs of passes, triggers "
	     "and defrag have no effect)",
	     "S2, S7"),
	ENUM(update_list_mode, update_list_modes,
	     "spb_update_list() acts only when the list changes (bucket), or on every call",
	     "S1.6, S6.4"),
	BOOL(update_list_rotate,
	     "bucket mode: move to the tail even if the list stays the same", "S6.4"),
	BOOL(trigger_update, "spb_update_list() asks for defrag", "S1.6"),
	BOOL(trigger_alloc, "trigger 1: an allocation below high water asks for defrag", "S6.1"),
	BOOL(trigger_fallthrough, "trigger 2: walk the tainted SPBs before PASS_3", "S6.3"),
	ENUM(defrag_clean, defrag_cleans,
	     "passes over clean SPBs. stub: spb_update_list() queues them, but they move "
	     "nothing, as v1's targets are unknown",
	     "S4.1, S10 item 2"),
	UINT(defrag_cooldown_ms, 0, 3600000, "ms", "pause after a pass without progress", "S4.3"),
	UINT(cooldown_bypass_pages, 0, 1U << 22, "pages",
	     "this many more free pages than at the stamp end the cooldown", "S4.3"),
	UINT(tainted_reserve_min, 0, 65535, "pageblocks",
	     "minimum reserve of a tainted SPB", "S1.1"),
	UINT(tainted_reserve_div, 1, 65535, "",
	     "reserve = pageblocks of the SPB divided by this, at least the minimum", "S1.1"),
	UINT(aggressive_threshold, 0, 1U << 20, "SPBs",
	     "with more SPBs than this, claim any order in the preferred category", "S1.1, S2.5"),
	ENUM(search, searches,
	     "how passes find SPBs: walk the lists, or bitmaps of those that have a wanted page", "S8"),
	BOOL(hints, "CPU and zone hints before PASS_1", "S2.2 H1, H2"),
	BOOL(pass1_whole_first, "PASS_1 takes whole blocks before fragments", "S2.3 item 2"),
	BOOL(pass_1, "own type in the preferred category", "S2.2 row 1"),
	BOOL(pass_2, "claim whole blocks of tainted SPBs", "S2.2 row 2"),
	BOOL(pass_2b, "claim partly free blocks of tainted SPBs", "S2.2 row 2B"),
	BOOL(pass_2c, "borrow from the opposite non-movable type", "S2.2 row 2C"),
	BOOL(pass_2d, "borrow from movable lists of tainted SPBs", "S2.2 row 2D"),
	BOOL(pass_3, "whole blocks of empty SPBs", "S2.2 row 3"),
	BOOL(pass_4, "movable requests in tainted SPBs above the reserve", "S2.2 row 4"),
	BOOL(fallback_claim, "__rmqueue_claim()", "S2.5"),
	BOOL(fallback_steal, "__rmqueue_steal()", "S2.5"),
	BOOL(trigger_reserve,
	     "a search with a cheap fallback that saw a tainted SPB below its reserve requests "
	     "evacuation and slab shrink",
	     "S2.2 T1"),
	BOOL(pass3_literal,
	     "PASS_3 takes blocks of the requested type only, as the code does; off: it relabels "
	     "empty SPBs' blocks",
	     "S2.3 item 1, S10 item 11"),
	BOOL(order10_quirk, "splitting an order-10 buddy marks both blocks used", "S2.3 item 4"),
	ENUM(slowpath_mode, slowpath_modes,
	     "how flags are relaxed: gfp: by the recorded gfp flags; the others for all requests alike",
	     "S2.6, S7.4, S10 item 12"),
	ENUM(slowpath_unrecorded, slowpath_unrecorded_modes,
	     "if flags were not recorded in mode gfp. atomic: NOFRAGMENT, TAINTED_OK, "
	     "none; direct: none; nofragment: NOFRAGMENT, none; kernel: as GFP_KERNEL", "S10 item 12"),
	BOOL(slowpath_evacuate,
	     "callers that reclaim evacuate tainted SPBs before NOFRAGMENT is dropped", "S2.6, S4.5"),
	BOOL(slowpath_contig,
	     "movable requests of a pageblock that may reclaim have a range of a clean SPB "
	     "emptied",
	     "S2.6, S2.7"),
	BOOL(highorder_optional,
	     "callers with a cheap fallback are refused while tainted SPBs have free pages",
	     "S2.5, S2.6"),
	BOOL(relax_nowarn,
	     "high orders with NOWARN that cannot reclaim are refused while lower orders are "
	     "available (v2)",
	     "S2.6, S10 item 19"),
	UINT(reclaim_gives_pages, 0, 1U << 20, "pages",
	     "clean page cache that one direct reclaim drops; the host's own reclaim is in the "
	     "recorded frees",
	     "S10 item 12"),
	UINT(reclaim_ms, 0, 3600000, "ms", "stall counted for each direct reclaim", "S10 item 12"),
	BOOL(highatomic,
	     "blocks of high-order requests that may not block are reserved for such requests",
	     "S2.7"),
	ENUM(pcp_mode, pcp_modes,
	     "per-CPU lists at page level: none, upstream's, or the series' buddy; never used at zone level",
	     "S2.8, S7.3"),
	UINT(pcp_batch, 0, 65536, "pages", "0: from the size of the zone", "S7.3"),
	UINT(pcp_high_min, 0, 1U << 24, "pages", "0: from the low watermark", "S7.3"),
	UINT(pcp_high_max, 0, 1U << 24, "pages",
	     "0: an eighth of the zone, divided by CPUs", "S7.3"),
	UINT(pcp_decay_ms, 0, 3600000, "ms",
	     "timer by which high falls by an eighth and the lists drain down to it (vm.stat_interval); 0: none",
	     "S7.3"),
	UINT(worker_threads, 0, 8192, "",
	     "workers per node; 0: one per CPU, as the workqueue is bound", "S1.4, S10 item 5"),
	ENUM(irq_work_order, irq_work_orders,
	     "works raised under one zone lock are queued last first (lifo) or in order (fifo)",
	     "S6.3"),
	UINT(worker_latency_us, 0, 10000000, "us", "from queueing to the first step", "S10 item 5"),
	UINT(migrate_us_per_page, 0, 1000000, "us", "cost of moving one page", "S10 item 5"),
	UINT(migrate_batch, 1, 256, "pages", "pages isolated at a time", "S4.2"),
	UINT(migrate_fail_ppm, 0, 1000000, "ppm", "movable units that never move", "S10 item 6"),
	UINT(clean_drop_ppm, 0, 1000000, "ppm",
	     "movable units that are clean page cache, dropped instead of moved", "S4.2"),
	BOOL(compact_skip,
	     "evacuation heeds and sets the skip hint of a block; a pass clears the hints when it wraps",
	     "S4.2"),
	BOOL(evac_deferred,
	     "before tainting a fresh SPB, ask the worker to make room in tainted ones",
	     "S4.5, S2.5"),
	UINT(evac_throttle_ms, 0, 3600000, "ms",
	     "minimum time between two such requests for a type", "S1.1"),
	UINT(evac_candidates, 1, 64, "SPBs", "tainted SPBs that one request empties from", "S1.1"),
	UINT(evac_pb_per_sb, 1, 32768, "pageblocks",
	     "blocks that it empties in each of them", "S1.1"),
	UINT(evac_phases, 1, 2, "",
	     "1: any block (v2); 2: blocks of the requested type, and movable ones if there are "
	     "none (v1)",
	     "S4.5, S10 item 15"),
	BOOL(shrink_enable, "slab shrinks are queued", "S5"),
	UINT(shrink_run_us, 0, 100000000, "us",
	     "a shrink occupies a worker of its node this long, one at a time", "S5"),
	UINT(shrink_pages_per_run, 0, 1U << 20, "pages",
	     "reclaimable pages that a shrink frees anywhere on its node; 0: shrinks are only "
	     "counted",
	     "S5, S10 item 7"),
	UINT(hz, 100, 10000, "1/s", "jiffies per second", "S10 item 18"),
};

const size_t nr_knobs = ARRAY_SIZE(knob_table);

void variant_init(struct variant *v)
{
	*v = (struct variant){
		.name = "spb-v1-none",
		.update_list_mode = UPDATE_LIST_BUCKET,
		.trigger_update = 1,
		.defrag_cooldown_ms = 5000,
		.cooldown_bypass_pages = 512,
		.tainted_reserve_min = 4,
		.tainted_reserve_div = 32,
		.aggressive_threshold = 8,
		.hints = 1,
		.pass1_whole_first = 1,
		.pass_1 = 1,
		.pass_2 = 1,
		.pass_2b = 1,
		.pass_2c = 1,
		.pass_2d = 1,
		.pass_3 = 1,
		.pass_4 = 1,
		.fallback_claim = 1,
		.fallback_steal = 1,
		.order10_quirk = 1,
		.trigger_reserve = 1,
		.pass3_literal = 1,
		.slowpath_mode = SLOWPATH_GFP,
		.slowpath_unrecorded = SLOWPATH_ATOMIC,
		.slowpath_evacuate = 1,
		.slowpath_contig = 1,
		.highorder_optional = 1,
		.reclaim_ms = 10,
		.highatomic = 1,
		.pcp_mode = PCP_VANILLA,
		.pcp_decay_ms = 1000,
		.worker_latency_us = 50,
		.migrate_us_per_page = 2,
		.migrate_batch = 32,
		.compact_skip = 1,
		.evac_throttle_ms = 10,
		.evac_candidates = 16,
		.evac_pb_per_sb = 8,
		.evac_phases = 1,
		.shrink_enable = 1,
		.shrink_run_us = 1000,
		.hz = 1000,
	};
}

const struct knob *knob_find(const char *name)
{
	for (size_t i = 0; i < nr_knobs; i++) {
		if (!strcmp(knob_table[i].name, name))
			return &knob_table[i];
	}
	return NULL;
}

u32 knob_get(const struct variant *v, const struct knob *k)
{
	return *(const u32 *)((const char *)v + k->offset);
}

int knob_set(struct variant *v, const struct knob *k, u32 value)
{
	if (value < k->min || value > k->max)
		return -EINVAL;
	*(u32 *)((char *)v + k->offset) = value;
	return 0;
}

const char *variant_check(const struct variant *v)
{
	if (!v->name[0])
		return "has no name";
	for (size_t i = 0; i < nr_knobs; i++) {
		const u32 value = knob_get(v, &knob_table[i]);

		if (value < knob_table[i].min || value > knob_table[i].max)
			return knob_table[i].name;
	}
	if (v->pcp_mode == PCP_BUDDY && v->allocator != ALLOCATOR_SPB)
		return "pcp_mode \"buddy\" needs allocator \"spb\"";
	return NULL;
}
