// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/level.h"

#include <stdio.h>
#include <string.h>

#define BIT(kind) (1u << (kind))
#define REMOVALS BIT(EVENT_ZONE_LOCKED)
#define DRAINS BIT(EVENT_PCPU_DRAIN)
#define FREES BIT(EVENT_PAGE_FREE)
#define ALLOCS BIT(EVENT_PAGE_ALLOC)
#define EXTFRAGS BIT(EVENT_EXTFRAG)
#define SPB_EVENTS \
	(BIT(EVENT_SPB_PB_TAINT) | BIT(EVENT_SPB_CLAIM_BLOCK_REFUSED) | \
	 BIT(EVENT_SPB_EVACUATE_FOR_ORDER_DONE) | BIT(EVENT_SPB_ALLOC_ATOMIC_RELAX) | \
	 BIT(EVENT_SPB_ALLOC_WALK) | BIT(EVENT_SPB_ALLOC_FALL_THROUGH))

/* The two that say how many moved, and when. */
#define MOVES (BIT(EVENT_COMPACTION_MIGRATEPAGES) | BIT(EVENT_MIGRATE_PAGES))

/* Best first. */
const struct level level_table[] = {
	{ "zone", REMOVALS | DRAINS | FREES, EXTFRAGS, DEMAND_ZONE,
	  "what the recorded PCP asked of the buddy allocator, page by page" },
	{ "page", ALLOCS | FREES, 0, DEMAND_PAGE,
	  "what callers asked for; the model's own PCP decides what reaches the buddy" },
	{ "implied", REMOVALS, EXTFRAGS, DEMAND_IMPLIED,
	  "removals only; a page is freed when it is allocated again" },
};
const size_t nr_levels = ARRAY_SIZE(level_table);

/* S7.6, rows (a) to (d). */
const struct answer answer_table[] = {
	{ REMOVALS, 0, true,
	  "which pages left the buddy allocator, at what order and type, in what bursts" },
	{ REMOVALS | DRAINS | FREES, 0, true,
	  "which pages came back to it, so how a variant would have placed this load" },
	{ DRAINS | FREES, 0, true,
	  "how many pages were allocated before the capture began (orphan frees)" },
	{ ALLOCS | FREES, 0, true,
	  "who allocated what: pairs of allocation and free with order, gfp and type" },
	{ SPB_EVENTS & ~BIT(EVENT_SPB_EVACUATE_FOR_ORDER_DONE) &
	  ~BIT(EVENT_SPB_ALLOC_ATOMIC_RELAX) & ~BIT(EVENT_SPB_CLAIM_BLOCK_REFUSED), 0, true,
	  "what the recorded kernel's passes did: outcomes, walk length, taint transitions" },
	{ 0, REMOVALS, false,
	  "anything at zone level: no mm_page_alloc_zone_locked" },
	{ 0, DRAINS, false,
	  "when pages return to the buddy allocator: no mm_page_pcpu_drain" },
	{ 0, FREES, false,
	  "when pages are freed: no mm_page_free, so nothing about lifetimes" },
	{ 0, EXTFRAGS, false,
	  "whole-block claims and steals: no mm_page_alloc_extfrag (or none happened)" },
	{ 0, ALLOCS, false,
	  "gfp flags, and allocations served by a PCP: no mm_page_alloc" },
	{ 0, SPB_EVENTS, false,
	  "what an SPB kernel's passes did: no SPB tracepoints; `check` compares placements, fallbacks "
	  "and labels" },
	{ MOVES, 0, true,
	  "which frees were pages moved by compaction and migration" },
	{ 0, MOVES, false,
	  "which frees were pages moved by compaction and migration: no mm_compaction_*, no "
	  "mm_migrate_pages (record --moves)" },
	{ 0, 0, false,
	  "bulk, contig, CMA and hugetlb allocations, and where compaction moved a page to: no "
	  "event says" },
	{ 0, 0, false,
	  "which movable pages were pinned, dirty or on the LRU: taken from a seeded hash" },
};
const size_t nr_answers = ARRAY_SIZE(answer_table);

u32 kinds_of(const struct log_meta *meta)
{
	u32 have = 0;

	for (u32 kind = 0; kind < NR_EVENT_KINDS; kind++) {
		if (meta->count[kind])
			have |= BIT(kind);
	}
	return have;
}

void kinds_missing(u32 want, u32 have, char *text, size_t room)
{
	size_t at = 0;

	text[0] = '\0';
	for (u32 kind = 0; kind < NR_EVENT_KINDS && at < room; kind++) {
		if (want & ~have & BIT(kind))
			at += (size_t)snprintf(text + at, room - at, "%s%s", at ? ", " : "",
					       event_kinds[kind].name);
	}
}

/* The series refills per-CPU lists by whole blocks and chunks that no event names (S2.8). */
static bool removals_hide(u32 have)
{
	return (have & SPB_EVENTS) && (have & ALLOCS);
}

const struct level *level_advised(u32 have)
{
	if (removals_hide(have) && (have & FREES))
		return level_row(DEMAND_PAGE);
	for (size_t i = 0; i < nr_levels; i++) {
		if (!(level_table[i].needs & ~have))
			return &level_table[i];
	}
	return NULL;
}

static const struct level *level_find(const char *name)
{
	for (size_t i = 0; i < nr_levels; i++) {
		if (!strcmp(level_table[i].name, name))
			return &level_table[i];
	}
	return NULL;
}

int level_check(const char *name, struct error *err)
{
	if (!name || !strcmp(name, "auto") || level_find(name))
		return 0;
	return err_set(err, ERR_USAGE, "--level: unknown level '%.40s' - available: zone, page, "
		       "implied, auto", name);
}

const struct level *level_choose(const char *name, u32 have)
{
	const struct level *advised = level_advised(have);

	if (name && strcmp(name, "auto"))
		return level_find(name);
	return advised ? advised : level_row(DEMAND_ZONE);
}

const struct level *level_expected(const char *name, u32 have)
{
	const u32 zone = level_row(DEMAND_ZONE)->needs & ~level_row(DEMAND_PAGE)->needs;

	return level_choose(name, have & zone ? have | level_row(DEMAND_ZONE)->needs : have);
}

const struct level *level_row(enum demand_level level)
{
	for (size_t i = 0; i < nr_levels; i++) {
		if (level_table[i].level == level)
			return &level_table[i];
	}
	return NULL;
}
