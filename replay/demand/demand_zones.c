// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/demand_zones.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/demand/framemap.h"

#define X86_DMA_END 0x1000ULL		/* 16 MiB */
#define X86_DMA32_END 0x100000ULL	/* 4 GiB */

static int cmp_u64(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static int check_zones(const struct log_zone *zones, u32 nr_zones, struct error *err)
{
	if (nr_zones > LOG_MAX_ZONES)
		return err_set(err, ERR_DAMAGED, "zone table: %u zones, at most %d are possible - "
			       "give a snapshot with a good zoneinfo", nr_zones, LOG_MAX_ZONES);
	for (u32 i = 0; i < nr_zones; i++) {
		const struct log_zone *z = &zones[i];

		if (z->start_pfn < FRAME_MAX_PFN && z->spanned &&
		    z->spanned <= FRAME_MAX_PFN - z->start_pfn)
			continue;
		return err_set(err, ERR_DAMAGED,
			       "zone table: zone %u/%.16s (start pfn 0x%llx, %llu pages) is impossible - give a snapshot with a good zoneinfo",
			       z->node, z->name, (unsigned long long)z->start_pfn,
			       (unsigned long long)z->spanned);
	}
	return 0;
}

static int zone_at(const struct log_zone *zones, u32 nr_zones, u64 pfn)
{
	for (u32 i = 0; i < nr_zones; i++) {
		if (pfn >= zones[i].start_pfn && pfn - zones[i].start_pfn < zones[i].spanned)
			return (int)i;
	}
	return ZONE_NONE;
}

/* Cut the axis at every start and end; each piece belongs to the first zone that spans it. */
int zonemap_init(struct zonemap *map, const struct log_zone *zones, u32 nr_zones,
		 struct error *err)
{
	const u32 nr_cuts = 2 * nr_zones;
	u64 *cut;
	int rc;

	*map = (struct zonemap){ 0 };
	rc = check_zones(zones, nr_zones, err);
	if (rc)
		return rc;
	cut = calloc(nr_cuts + 1, sizeof(*cut));
	map->span = calloc(nr_cuts + 1, sizeof(*map->span));
	if (!cut || !map->span) {
		free(cut);
		zonemap_fini(map);
		return err_nomem(err, "zone table");
	}
	for (u32 i = 0; i < nr_zones; i++) {
		cut[2 * i] = zones[i].start_pfn;
		cut[2 * i + 1] = zones[i].start_pfn + zones[i].spanned;
	}
	qsort(cut, nr_cuts, sizeof(*cut), cmp_u64);
	for (u32 i = 0; i + 1 < nr_cuts; i++) {
		int zone = zone_at(zones, nr_zones, cut[i]);
		struct zone_span *prev = map->nr ? &map->span[map->nr - 1] : NULL;

		if (zone == ZONE_NONE || cut[i] == cut[i + 1])
			continue;
		if (prev && prev->zone == zone && prev->end == cut[i])
			prev->end = cut[i + 1];
		else
			map->span[map->nr++] = (struct zone_span){
				.start = cut[i], .end = cut[i + 1], .zone = (u16)zone,
			};
	}
	free(cut);
	return 0;
}

void zonemap_fini(struct zonemap *map)
{
	free(map->span);
	*map = (struct zonemap){ 0 };
}

int zonemap_search(struct zonemap *map, u64 pfn, u64 end)
{
	u32 lo = 0, hi = map->nr;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;
		const struct zone_span *s = &map->span[mid];

		if (pfn >= s->end) {
			lo = mid + 1;
		} else if (pfn < s->start) {
			hi = mid;
		} else {
			map->last = mid;
			return end <= s->end ? s->zone : ZONE_NONE;
		}
	}
	return ZONE_NONE;
}

static void guess_add(struct zone_guess *g, const char *name, u64 start, u64 end)
{
	struct log_zone *z = &g->zone[g->nr++];

	snprintf(z->name, sizeof(z->name), "%s", name);
	z->start_pfn = start;
	z->spanned = end - start;
}

void zone_guess_init(struct zone_guess *g, const char *machine)
{
	*g = (struct zone_guess){ 0 };
	if (machine && *machine && strcmp(machine, "x86_64") != 0) {
		guess_add(g, "Normal", 0, FRAME_MAX_PFN);
		return;
	}
	guess_add(g, "DMA", 1, X86_DMA_END);
	guess_add(g, "DMA32", X86_DMA_END, X86_DMA32_END);
	guess_add(g, "Normal", X86_DMA32_END, FRAME_MAX_PFN);
}

u32 zone_guess_finish(const struct zone_guess *g, u32 spb_order, struct log_zone *zones)
{
	const u64 mask = (1ULL << spb_order) - 1;
	u32 nr = 0;

	for (u32 i = 0; i < g->nr; i++) {
		const struct log_zone *c = &g->zone[i];
		u64 start = c->start_pfn, end;

		if (!g->high[i])
			continue;
		/* Where RAM begins differs by machine: only a lone zone starts where it is seen. */
		if (g->nr == 1)
			start = g->low[i] & ~mask;
		end = min_u64((g->high[i] + mask) & ~mask, c->start_pfn + c->spanned);
		zones[nr] = *c;
		zones[nr].start_pfn = start;
		zones[nr].spanned = end - start;
		nr++;
	}
	return nr;
}

static bool zone_is_called(const struct log_zone *z, const char *name)
{
	char full[32];

	snprintf(full, sizeof(full), "%u/%.16s", z->node, z->name);
	return !strcmp(full, name);
}

int zone_by_name(const struct log_zone *zones, u32 nr_zones, const char *name,
		 struct error *err)
{
	char list[256] = "";
	size_t len = 0;
	int bare = ZONE_NONE;
	u32 nr_bare = 0;

	for (u32 i = 0; i < nr_zones; i++) {
		if (zone_is_called(&zones[i], name))
			return (int)i;
		if (!strcmp(zones[i].name, name)) {
			bare = (int)i;
			nr_bare++;
		}
	}
	if (nr_bare == 1)
		return bare;
	for (u32 i = 0; i < nr_zones && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%u/%.16s",
					i ? ", " : "", zones[i].node, zones[i].name);
	err_set(err, ERR_USAGE, "zone '%.64s': no such zone - the zones are: %s", name,
		nr_zones ? list : "none");
	return ZONE_NONE;
}
