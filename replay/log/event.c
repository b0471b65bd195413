// SPDX-License-Identifier: GPL-2.0
/*
 * The table of event kinds. Field names and order: S1.8 for spb_*, S7.5 for the page events.
 */
#include "replay/log/event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PFN(n) { .name = n, .to = FIELD_PFN }
#define ORDER(n) { .name = n, .to = FIELD_ORDER }
#define MT(n) { .name = n, .to = FIELD_MT }
#define EXTRA(n, t) { .name = n, .to = FIELD_EXTRA, .type = t }

/* What compaction took out of [start_pfn, end_pfn). */
#define ISOLATE(n)                                                                                \
	{ "compaction", n, 4, 3,                                                                  \
	  { PFN("start_pfn"), EXTRA("end_pfn", EXTRA_HEX), EXTRA("nr_scanned", EXTRA_UINT),       \
	    EXTRA("nr_taken", EXTRA_UINT) } }

const struct event_kind_info event_kinds[NR_EVENT_KINDS] = {
	[EVENT_ZONE_LOCKED] = {
		"kmem", "mm_page_alloc_zone_locked", 4, 1,
		{ PFN("pfn"), ORDER("order"), MT("migratetype"),
		  EXTRA("percpu_refill", EXTRA_BOOL) },
	},
	[EVENT_PCPU_DRAIN] = {
		"kmem", "mm_page_pcpu_drain", 3, 0,
		{ PFN("pfn"), ORDER("order"), MT("migratetype") },
	},
	[EVENT_PAGE_FREE] = {
		"kmem", "mm_page_free", 2, 0,
		{ PFN("pfn"), ORDER("order") },
	},
	[EVENT_PAGE_FREE_BATCHED] = {
		"kmem", "mm_page_free_batched", 1, 0,
		{ PFN("pfn") },
	},
	[EVENT_PAGE_ALLOC] = {
		"kmem", "mm_page_alloc", 4, 1,
		{ PFN("pfn"), ORDER("order"), EXTRA("gfp_flags", EXTRA_HEX), MT("migratetype") },
	},
	[EVENT_EXTFRAG] = {
		"kmem", "mm_page_alloc_extfrag", 6, 3,
		{ PFN("pfn"), ORDER("alloc_order"), EXTRA("fallback_order", EXTRA_UINT),
		  MT("alloc_migratetype"), EXTRA("fallback_migratetype", EXTRA_UINT),
		  EXTRA("change_ownership", EXTRA_BOOL) },
	},
	[EVENT_SPB_PB_TAINT] = {
		"kmem", "spb_pb_taint", 4, 2,
		{ PFN("pfn"), MT("migratetype"), EXTRA("action", EXTRA_UINT),
		  EXTRA("is_first_or_last", EXTRA_BOOL) },
	},
	[EVENT_SPB_CLAIM_BLOCK_REFUSED] = {
		"kmem", "spb_claim_block_refused", 4, 2,
		{ PFN("pfn"), MT("start_type"), EXTRA("block_type", EXTRA_UINT),
		  EXTRA("reason", EXTRA_UINT) },
	},
	[EVENT_SPB_EVACUATE_FOR_ORDER_DONE] = {
		"kmem", "spb_evacuate_for_order_done", 6, 4,
		{ EXTRA("name", EXTRA_STRING), ORDER("order"), MT("migratetype"),
		  EXTRA("phase1_attempts", EXTRA_UINT), EXTRA("phase2_attempts", EXTRA_UINT),
		  EXTRA("did_evacuate", EXTRA_BOOL) },
	},
	[EVENT_SPB_ALLOC_ATOMIC_RELAX] = {
		"kmem", "spb_alloc_atomic_relax", 5, 3,
		{ EXTRA("name", EXTRA_STRING), ORDER("order"), MT("migratetype"),
		  EXTRA("gfp_mask", EXTRA_HEX), EXTRA("step", EXTRA_UINT) },
	},
	[EVENT_SPB_ALLOC_WALK] = {
		"kmem", "spb_alloc_walk", 6, 4,
		{ EXTRA("name", EXTRA_STRING), ORDER("order"), MT("migratetype"),
		  EXTRA("alloc_flags", EXTRA_HEX), EXTRA("outcome", EXTRA_UINT),
		  EXTRA("n_spbs_visited", EXTRA_UINT) },
	},
	[EVENT_SPB_ALLOC_FALL_THROUGH] = {
		"kmem", "spb_alloc_fall_through", 9, 7,
		{ EXTRA("name", EXTRA_STRING), ORDER("order"), MT("migratetype"),
		  EXTRA("alloc_flags", EXTRA_HEX), EXTRA("n_tainted", EXTRA_UINT),
		  EXTRA("n_tainted_with_buddy", EXTRA_UINT), EXTRA("saw_free_pages", EXTRA_BOOL),
		  EXTRA("saw_free_pb", EXTRA_BOOL), EXTRA("saw_below_reserve", EXTRA_BOOL) },
	},
	[EVENT_LOST] = { NULL, "lost", 0, 1, { { NULL, FIELD_PFN, EXTRA_UINT } } },
	[EVENT_COMPACTION_BEGIN] = {
		"compaction", "mm_compaction_begin", 5, 4,
		{ EXTRA("zone_start", EXTRA_HEX), PFN("migrate_pfn"), EXTRA("free_pfn", EXTRA_HEX),
		  EXTRA("zone_end", EXTRA_HEX), EXTRA("sync", EXTRA_BOOL) },
	},
	[EVENT_COMPACTION_END] = {
		"compaction", "mm_compaction_end", 6, 5,
		{ EXTRA("zone_start", EXTRA_HEX), PFN("migrate_pfn"), EXTRA("free_pfn", EXTRA_HEX),
		  EXTRA("zone_end", EXTRA_HEX), EXTRA("sync", EXTRA_BOOL),
		  EXTRA("status", EXTRA_UINT) },
	},
	[EVENT_COMPACTION_ISOLATE_MIGRATEPAGES] = ISOLATE("mm_compaction_isolate_migratepages"),
	[EVENT_COMPACTION_ISOLATE_FREEPAGES] = ISOLATE("mm_compaction_isolate_freepages"),
	[EVENT_COMPACTION_FAST_ISOLATE_FREEPAGES] =
		ISOLATE("mm_compaction_fast_isolate_freepages"),
	[EVENT_COMPACTION_MIGRATEPAGES] = {
		"compaction", "mm_compaction_migratepages", 2, 2,
		{ EXTRA("nr_migrated", EXTRA_UINT), EXTRA("nr_failed", EXTRA_UINT) },
	},
	[EVENT_MIGRATE_PAGES_START] = {
		"migrate", "mm_migrate_pages_start", 2, 2,
		{ EXTRA("mode", EXTRA_UINT), EXTRA("reason", EXTRA_UINT) },
	},
	[EVENT_MIGRATE_PAGES] = {
		"migrate", "mm_migrate_pages", 7, 7,
		{ EXTRA("succeeded", EXTRA_UINT), EXTRA("failed", EXTRA_UINT),
		  EXTRA("thp_succeeded", EXTRA_UINT), EXTRA("thp_failed", EXTRA_UINT),
		  EXTRA("thp_split", EXTRA_UINT), EXTRA("mode", EXTRA_UINT),
		  EXTRA("reason", EXTRA_UINT) },
	},
};

static const struct event_field *field_to(u32 kind, enum event_column to)
{
	const struct event_kind_info *info = &event_kinds[kind];

	for (u32 f = 0; f < info->nr_fields; f++) {
		if (info->fields[f].to == to)
			return &info->fields[f];
	}
	return NULL;
}

bool event_has(u32 kind, enum event_column to)
{
	return field_to(kind, to) != NULL;
}

bool event_names_zone(u32 kind)
{
	const struct event_field *first = field_to(kind, FIELD_EXTRA);

	return first && first->type == EXTRA_STRING;
}

int event_kind_by_name(const char *name, size_t len)
{
	for (int k = 0; k < NR_EVENT_KINDS; k++) {
		if (!event_kinds[k].system)
			continue;
		if (strlen(event_kinds[k].name) == len && !memcmp(event_kinds[k].name, name, len))
			return k;
	}
	return -1;
}

int event_block_init(struct event_block *b)
{
	const size_t n = EVENT_BLOCK_MAX;

	memset(b, 0, sizeof(*b));
	b->time = malloc(n * sizeof(*b->time) + EVENT_BLOCK_SLACK);
	b->pfn = malloc(n * sizeof(*b->pfn) + EVENT_BLOCK_SLACK);
	b->extra = malloc(n * EVENT_MAX_EXTRA * sizeof(*b->extra) + EVENT_BLOCK_SLACK);
	b->task = malloc(n * sizeof(*b->task) + EVENT_BLOCK_SLACK);
	b->cpu = malloc(n * sizeof(*b->cpu) + EVENT_BLOCK_SLACK);
	b->kind = malloc(n + EVENT_BLOCK_SLACK);
	b->order = malloc(n + EVENT_BLOCK_SLACK);
	b->migratetype = malloc(n + EVENT_BLOCK_SLACK);
	if (b->time && b->pfn && b->extra && b->task && b->cpu && b->kind && b->order &&
	    b->migratetype)
		return 0;
	event_block_fini(b);
	return -ENOMEM;
}

void event_block_fini(struct event_block *b)
{
	free(b->time);
	free(b->pfn);
	free(b->extra);
	free(b->task);
	free(b->cpu);
	free(b->kind);
	free(b->order);
	free(b->migratetype);
	memset(b, 0, sizeof(*b));
}

u16 event_string_mask(u8 kind)
{
	const struct event_kind_info *info = &event_kinds[kind];
	u32 mask = 0, word = 0;

	for (u32 f = 0; f < info->nr_fields; f++) {
		if (info->fields[f].to != FIELD_EXTRA)
			continue;
		if (info->fields[f].type == EXTRA_STRING)
			mask |= 1u << word;
		word++;
	}
	return (u16)mask;
}
