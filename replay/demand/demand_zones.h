/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which zone a page frame lies in, and the zones of a host whose zone table nobody recorded.
 */
#ifndef SPB_REPLAY_DEMAND_ZONES_H
#define SPB_REPLAY_DEMAND_ZONES_H

#include "replay/base/error.h"
#include "replay/log/log.h"

#define ZONE_NONE (-1)

/** struct zone_span - frames [start, end) of one zone */
struct zone_span {
	u64 start;
	u64 end;
	u16 zone;
};

/**
 * struct zonemap - spans sorted by pfn, none overlapping
 * @last: the span found last; one map belongs to one reader
 *
 * Spans of NUMA zones may overlap in zoneinfo; a frame then belongs to the first zone in table
 * order that spans it.
 */
struct zonemap {
	u32 nr;
	u32 last;
	struct zone_span *span;
};

/** zonemap_init - map of a zone table. Return: 0 or negative with @err set */
int zonemap_init(struct zonemap *map, const struct log_zone *zones, u32 nr_zones,
		 struct error *err) __must_check;
void zonemap_fini(struct zonemap *map);

/** zonemap_search - slow half of zonemap_find() */
int zonemap_search(struct zonemap *map, u64 pfn, u64 end);

/** zonemap_find - zone that holds the whole block, or ZONE_NONE */
static inline int zonemap_find(struct zonemap *map, u64 pfn, u32 order)
{
	const u64 end = pfn + (1ULL << order);
	const struct zone_span *s = &map->span[map->last];

	if (map->nr && pfn >= s->start && end <= s->end)
		return s->zone;
	return zonemap_search(map, pfn, end);
}

#define ZONE_GUESS_MAX 3

/**
 * struct zone_guess - zones inferred from the frames that events name
 * @zone: candidates of the machine, spanning all they can
 * @low, @high: frames [low, high) seen in each; high 0: none
 */
struct zone_guess {
	u32 nr;
	struct log_zone zone[ZONE_GUESS_MAX];
	u64 low[ZONE_GUESS_MAX];
	u64 high[ZONE_GUESS_MAX];
};

/**
 * zone_guess_init - candidates for @machine
 * @machine: as uname -m; NULL or "" is taken for x86_64
 *
 * x86_64: DMA below 16 MiB, DMA32 below 4 GiB, Normal; others: one zone Normal.
 */
void zone_guess_init(struct zone_guess *g, const char *machine);

/** zone_guess_note - a block was seen in candidate @zone */
static inline void zone_guess_note(struct zone_guess *g, int zone, u64 pfn, u32 order)
{
	const u64 end = pfn + (1ULL << order);

	if (!g->high[zone] || pfn < g->low[zone])
		g->low[zone] = pfn;
	if (end > g->high[zone])
		g->high[zone] = end;
}

/**
 * zone_guess_finish - the zones that were seen, ends rounded up to superpageblocks
 * @zones: room for ZONE_GUESS_MAX
 *
 * Return: how many.
 */
u32 zone_guess_finish(const struct zone_guess *g, u32 spb_order, struct log_zone *zones);

/**
 * zone_by_name - index of the zone called @name ("0/Normal"; "Normal" when only one has it)
 *
 * Return: the index, or ZONE_NONE with @err set to a usage error that lists the zones.
 */
int zone_by_name(const struct log_zone *zones, u32 nr_zones, const char *name,
		 struct error *err);

#endif /* SPB_REPLAY_DEMAND_ZONES_H */
