// SPDX-License-Identifier: GPL-2.0
#include "replay/synth/profile.h"

#include <string.h>

#include "model/model.h"

/*
 * Requests as callers make them; values of Linux 6.18. Slab's first, optional try (NORETRY) is left
 * out: it may fail, and a request that failed is no demand of a replay.
 */
#define GFP_ATOMIC_COMP 0x40820u	/* GFP_ATOMIC | __GFP_COMP: network buffers */
#define GFP_PAGE_TABLE 0x400dc0u	/* GFP_KERNEL_ACCOUNT | __GFP_ZERO */
#define GFP_STACK 0x402dc2u		/* THREADINFO_GFP with __GFP_HIGHMEM: vmalloc'ed stacks */
#define GFP_SLAB 0x40cc0u		/* GFP_KERNEL, COMP */
#define GFP_SLAB_RECLAIM 0x40cd0u	/* the same with __GFP_RECLAIMABLE: inodes and dentries */
#define GFP_COSTLY_RECLAIM 0x44cd0u	/* RETRY_MAYFAIL, too: order 4 fails otherwise (S2.6) */
#define GFP_CACHE 0x152ccau		/* page cache folio: HIGHUSER_MOVABLE, NORETRY, NOWARN, COMP */
#define GFP_ANON 0x140dcau		/* HIGHUSER_MOVABLE, ZERO, COMP */
#define GFP_THP 0x1d24cau		/* TRANSHUGE with NORETRY */

#define U MIGRATE_UNMOVABLE
#define M MIGRATE_MOVABLE
#define R MIGRATE_RECLAIMABLE
#define PERCENT(n) ((n) * 10000)
#define SPBS(n) ((n) << 18)

/* Order 0 comes in what a PCP of batch 63 takes or gives back at once. */
#define BATCH 63

/* ---- steady: files are read and written, anonymous memory comes and goes, slab turns over ---- */

static const struct synth_stream server_streams[] = {
	{ "rsync", 1190, 0, CPU_ANY, 9, M, 1, VICTIM_RANDOM, GFP_CACHE },
	{ "nginx", 1201, 8, CPU_ANY, 0, M, BATCH, VICTIM_RANDOM, GFP_CACHE },
	{ "nginx", 1201, 8, CPU_ANY, 4, M, 2, VICTIM_OLDEST, GFP_CACHE },
	{ "mysqld", 1340, 4, CPU_ANY, 9, M, 1, VICTIM_RANDOM, GFP_THP },
	{ "mysqld", 1340, 4, CPU_ANY, 0, M, BATCH, VICTIM_RANDOM, GFP_ANON },
	{ "kworker/u8:2", 88, 0, CPU_ANY, 1, U, 4, VICTIM_RANDOM, GFP_SLAB },
	{ "nginx", 1201, 8, CPU_ANY, 0, R, 16, VICTIM_RANDOM, GFP_SLAB_RECLAIM },
	{ "sshd", 1502, 24, CPU_ANY, 0, U, 31, VICTIM_OLDEST, GFP_PAGE_TABLE },
	{ "ksoftirqd/0", 14, 0, CPU_ANY, 3, U, 1, VICTIM_OLDEST, GFP_ATOMIC_COMP },
	{ "find", 2210, 0, CPU_ANY, 3, R, 8, VICTIM_RANDOM, GFP_SLAB_RECLAIM },
	{ "sh", 3000, 400, CPU_ANY, 0, M, 31, VICTIM_OLDEST, GFP_ANON },
	{ "sh", 3000, 400, CPU_ANY, 2, U, 2, VICTIM_OLDEST, GFP_STACK },
};

enum {
	FILE_HUGE, FILE_PAGES, FILE_FOLIOS, ANON_HUGE, ANON_PAGES, SLAB, DENTRIES, PAGE_TABLES,
	NET_BUFFERS, INODES, SHELL_PAGES, SHELL_STACKS,
};

#define SERVER_GOALS                                                                              \
	{ FILE_HUGE, 2, PERCENT(42), 0 }, { FILE_PAGES, 30, PERCENT(9), 0 },                      \
	{ FILE_FOLIOS, 30, PERCENT(10), 0 }, { ANON_HUGE, 4, PERCENT(12), 0 },                    \
	{ ANON_PAGES, 12, PERCENT(4), 0 }, { SLAB, 8, PERCENT(1), 0 },                            \
	{ DENTRIES, 8, PERCENT(1), 0 }, { PAGE_TABLES, 4, PERCENT(1) / 2, 0 },                    \
	{ NET_BUFFERS, 4, PERCENT(1) / 8, 0 }

static const struct synth_phase steady_phases[] = {
	{ "fill", PHASE_FILL, 40, 0, 1000000, { SERVER_GOALS } },
	{ "serve", PHASE_CHURN, 60, 0, 2000000, { SERVER_GOALS } },
};

/* ---- slab-flood: a file scan fills memory with inodes and dentries, reclaim empties it ---- */

static const struct synth_phase slab_flood_phases[] = {
	{ "fill", PHASE_FILL, 20, 0, 1000000, { SERVER_GOALS } },
	{ "scan", PHASE_FILL, 40, 0, 500000,
	  { { INODES, 1, PERCENT(25), 0 }, { DENTRIES, 1, PERCENT(3), 0 },
	    { FILE_HUGE, 1, PERCENT(22), 0 } } },
	{ "reclaim", PHASE_FILL, 20, 0, 500000,
	  { { INODES, 1, PERCENT(6), 0 }, { DENTRIES, 1, PERCENT(1), 0 } } },
	{ "serve", PHASE_CHURN, 20, 0, 2000000, { SERVER_GOALS } },
};

/* ---- fork-storm: short-lived processes, each with page tables, stacks and a few pages ---- */

static const struct synth_phase fork_storm_phases[] = {
	{ "fill", PHASE_FILL, 20, 0, 1000000, { SERVER_GOALS } },
	{ "storm", PHASE_CHURN, 60, 0, 250000,
	  { { SHELL_PAGES, 45, PERCENT(2), 0 }, { SHELL_STACKS, 25, PERCENT(1) / 2, 0 },
	    { PAGE_TABLES, 20, PERCENT(1), 0 }, { SLAB, 5, PERCENT(1), 0 },
	    { FILE_PAGES, 5, PERCENT(9), 0 } } },
	{ "calm", PHASE_CHURN, 20, 0, 2000000,
	  { { SHELL_PAGES, 30, 0, 512 }, { SHELL_STACKS, 30, 0, 512 },
	    { PAGE_TABLES, 20, PERCENT(1) / 2, 0 }, { FILE_FOLIOS, 20, PERCENT(10), 0 } } },
};

/* ---- thp: huge pages come and go over most of memory ---- */

static const struct synth_phase thp_phases[] = {
	{ "fill", PHASE_FILL, 30, 0, 500000,
	  { { ANON_HUGE, 1, PERCENT(60), 0 }, { FILE_FOLIOS, 1, PERCENT(15), 0 },
	    { SLAB, 1, PERCENT(2), 0 }, { DENTRIES, 1, PERCENT(1), 0 } } },
	{ "churn", PHASE_CHURN, 70, 0, 2000000,
	  { { ANON_HUGE, 70, PERCENT(60), 0 }, { FILE_FOLIOS, 20, PERCENT(15), 0 },
	    { SLAB, 5, PERCENT(2), 0 }, { PAGE_TABLES, 5, PERCENT(1) / 2, 0 } } },
};

/*
 * ---- saturation: the failure that the seed patch describes (S4.4, S6) ----
 *
 * The host is full: page cache in one superpageblock, huge pages in all others. A little page
 * cache becomes unmovable memory, which taints that SPB; the pass that this starts finds no room
 * anywhere. Before the cooldown is over, five eighths of the page cache have gone the same way, so
 * at its end every block is mixed, nr_free is 0, and no allocation comes by. Later a job exits, a
 * few huge pages open an empty SPB, and slab load follows.
 */
#define FEW 20	/* units of 16 pages: fewer than the 512 free pages that end a cooldown (S4.3) */

static const struct synth_stream saturation_streams[] = {
	{ "cache-fill", 2101, 0, 0, 4, M, FEW, VICTIM_RANDOM, GFP_CACHE },
	{ "batch-job", 2102, 0, 0, 9, M, 1, VICTIM_OLDEST, GFP_THP },
	{ "net-slab", 2103, 0, 1, 4, U, FEW, VICTIM_NEWEST, GFP_ATOMIC_COMP },
	{ "thp-app", 2104, 0, 0, 9, M, 1, VICTIM_NEWEST, GFP_THP },
	{ "dentry-load", 2105, 0, 1, 4, R, 1, VICTIM_NEWEST, GFP_COSTLY_RECLAIM },
};

enum { CACHE, JOB, KERNEL, APP, LOAD };

#define MIXED (SPBS(1) * 5 / 8)
#define SCRIPT_GAP 20000

static const struct synth_phase saturation_phases[] = {
	{ "page cache", PHASE_FILL, 0, 0, SCRIPT_GAP, { { CACHE, 1, 0, SPBS(1) } } },
	{ "huge pages", PHASE_FILL, 0, 0, SCRIPT_GAP,
	  { { JOB, 1, PERCENT(100), -SPBS(1) } } },
	{ "the first unmovable pages", PHASE_TURNS, 0, 2000, SCRIPT_GAP,
	  { { CACHE, 1, 0, SPBS(1) - FEW * 16 }, { KERNEL, 1, 0, FEW * 16 } } },
	{ "many more", PHASE_TURNS, 0, 3000, 700000,
	  { { CACHE, 1, 0, SPBS(1) - MIXED }, { KERNEL, 1, 0, MIXED } } },
	{ "the job exits", PHASE_FILL, 0, 12000, SCRIPT_GAP,
	  { { JOB, 1, PERCENT(100), -SPBS(5) } } },
	{ "huge pages again", PHASE_FILL, 0, 13000, SCRIPT_GAP, { { APP, 1, 0, 16 << 9 } } },
	{ "slab load", PHASE_FILL, 0, 15000, SCRIPT_GAP, { { LOAD, 1, 0, 60000 } } },
};

#define PROFILE(n, d, s, p, script, spbs, cpus, least)                                                  \
	{ n, d, script, spbs, cpus, least, ARRAY_SIZE(s), ARRAY_SIZE(p), s, p }

const struct synth_profile synth_profiles[] = {
	PROFILE("steady", "a server that fills up and then serves: files, anonymous memory, slab",
		server_streams, steady_phases, false, 24, 4, 1),
	PROFILE("slab-flood", "a file scan fills memory with inodes and dentries, reclaim empties it",
		server_streams, slab_flood_phases, false, 24, 4, 1),
	PROFILE("fork-storm", "short-lived processes: page tables, stacks, a few pages each",
		server_streams, fork_storm_phases, false, 24, 4, 1),
	PROFILE("thp", "huge pages come and go over most of memory",
		server_streams, thp_phases, false, 24, 4, 1),
	PROFILE("saturation", "a tainted superpageblock gets stuck, then non-movable load comes",
		saturation_streams, saturation_phases, true, 12, 2, 8),
};

const size_t nr_synth_profiles = ARRAY_SIZE(synth_profiles);

_Static_assert(ARRAY_SIZE(server_streams) <= SYNTH_MAX_STREAMS, "room for all streams");

const struct synth_profile *synth_profile_find(const char *name)
{
	for (size_t i = 0; i < nr_synth_profiles; i++) {
		if (!strcmp(synth_profiles[i].name, name))
			return &synth_profiles[i];
	}
	return NULL;
}
