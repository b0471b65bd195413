// SPDX-License-Identifier: GPL-2.0
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/buddy.h"
#include "model/cma.h"
#include "model/evac.h"
#include "model/pageblock.h"
#include "model/pcp.h"
#include "model/shrinkable.h"
#include "model/slowpath.h"
#include "model/stuck.h"
#include "model/superpageblock.h"
#include "model/worker.h"
#include "model/zone.h"

#define MAX_ZONES 1024
#define MAX_PFN (1ULL << 40)
#define MAX_CPUS 8192

/* ---- life ---- */

static const char *check_geometry(const struct model_config *c)
{
	if (c->max_order >= MODEL_MAX_ORDERS)
		return "max_order is above 13";
	if (c->pageblock_order > c->max_order)
		return "pageblock_order is above max_order";
	if (c->spb_order <= c->max_order || c->spb_order > SPB_ORDER_MAX)
		return "spb_order must be above max_order and at most 22";
	if (c->spb_order - c->pageblock_order > 15)
		return "a superpageblock has more than 32768 pageblocks";
	if (!c->nr_cpus || c->nr_cpus > MAX_CPUS)
		return "nr_cpus must be 1 to 8192";
	if (!c->nr_zones || c->nr_zones > MAX_ZONES)
		return "there must be 1 to 1024 zones";
	return NULL;
}

static const char *check_zones(const struct model_config *c)
{
	for (u32 z = 0; z < c->nr_zones; z++) {
		const struct model_zone_config *zone = &c->zones[z];

		if (!zone->spanned || zone->start_pfn >= MAX_PFN || zone->spanned > MAX_PFN)
			return "a zone is empty or lies beyond 2^40 pages";
		for (u32 o = 0; o < z; o++) {
			const struct model_zone_config *other = &c->zones[o];

			if (zone->start_pfn < other->start_pfn + other->spanned &&
			    other->start_pfn < zone->start_pfn + zone->spanned)
				return "zones overlap";
		}
	}
	return NULL;
}

/* Upstream's lists name a page by its index in the zone; two values are no page (vanilla.c). */
static const char *check_list_links(const struct model_config *c, const struct variant *v)
{
	for (u32 z = 0; z < c->nr_zones && v->allocator == ALLOCATOR_VANILLA; z++) {
		const u64 before = c->zones[z].start_pfn & ((1ULL << c->spb_order) - 1);

		if (before + c->zones[z].spanned > (1ULL << 32) - 2)
			return "a zone of the vanilla allocator has 2^32 pages or more";
	}
	return NULL;
}

static const char *check_ranges(const struct model_config *c)
{
	for (u32 r = 0; r < c->nr_ranges; r++) {
		if (c->ranges[r].start >= c->ranges[r].end ||
		    (r && c->ranges[r].start < c->ranges[r - 1].end))
			return "ranges are not sorted or overlap";
	}
	return NULL;
}

static const char *check_config(const struct model_config *c, const struct variant *v)
{
	const char *why = check_geometry(c);

	if (!why)
		why = check_zones(c);
	if (!why)
		why = check_list_links(c, v);
	if (!why)
		why = check_ranges(c);
	if (!why)
		why = cma_check(c);
	if (!why)
		why = variant_check(v);
	return why;
}

static struct node *find_node(struct model *m, u32 id)
{
	for (u32 n = 0; n < m->nr_nodes; n++) {
		if (m->nodes[n].id == id)
			return &m->nodes[n];
	}
	m->nodes[m->nr_nodes].id = id;
	if (!workers_init(m, &m->nodes[m->nr_nodes]))
		return NULL;
	return &m->nodes[m->nr_nodes++];
}

/* zone_idx() of the kernel: the position inside the node, by name where the name is known */
static u32 zone_idx_of(const struct model *m, const struct zone *zone)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "Movable", "Device" };
	u32 before = 0;

	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(zone->config.name, names[i]))
			return i;
	}
	for (u32 z = 0; z < zone->index; z++)
		before += m->zones[z].config.node == zone->config.node;
	return (u32)ARRAY_SIZE(names) + before;
}

static bool boot_zones(struct model *m)
{
	for (u32 z = 0; z < m->nr_zones; z++) {
		struct zone *zone = &m->zones[z];
		u32 idx;

		zone->m = m;
		zone->index = z;
		zone->config = m->config.zones[z];
		zone->node = find_node(m, zone->config.node);
		if (!zone->node)
			return false;
		idx = zone_idx_of(m, zone);
		zone->zone_idx = idx;
		if (idx + 1 > m->nr_zone_idx)
			m->nr_zone_idx = idx + 1;
		if (!zone_boot(zone))
			return false;
	}
	return true;
}

static bool boot_hints(struct model *m)
{
	const size_t nr = (size_t)m->config.nr_cpus * m->nr_zone_idx * HINTS_PER_ZONE;

	m->cpu_hints = malloc(nr * sizeof(*m->cpu_hints));
	if (!m->cpu_hints)
		return false;
	for (size_t i = 0; i < nr; i++)
		m->cpu_hints[i] = (struct spb_hint){ SPB_NONE, SPB_NONE };
	m->bytes += nr * sizeof(*m->cpu_hints);
	return true;
}

static bool boot(struct model *m)
{
	const struct model_config *c = &m->config;

	m->ranges = cma_ranges(c);
	m->zones = calloc(c->nr_zones, sizeof(*m->zones));
	m->nodes = calloc(c->nr_zones, sizeof(*m->nodes));
	if (!m->ranges || !m->zones || !m->nodes)
		return false;
	m->config.nr_ranges += c->nr_cma;
	m->nr_zones = c->nr_zones;
	m->booting = true;
	evac_init(m);
	if (!boot_zones(m) || !boot_hints(m) || !pcp_init(m))
		return false;
	m->booting = false;
	m->traced = m->obs && m->obs->event;
	m->config.zones = NULL;
	m->config.ranges = NULL;
	m->config.cma = NULL;
	return true;
}

struct model *model_new(const struct model_config *config, const struct variant *variant,
			const struct model_observer *observer, void *ctx, const char **why)
{
	struct model *m;

	*why = check_config(config, variant);
	if (*why)
		return NULL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->v = *variant;
	m->config = *config;
	m->obs = observer;
	m->ctx = ctx;
	m->due = TIME_NEVER;
	m->pcp_tick = TIME_NEVER;
	m->pageblock_order = config->pageblock_order;
	m->pageblock_nr_pages = 1U << config->pageblock_order;
	m->max_order = config->max_order;
	m->spb_order = config->spb_order;
	m->cooldown_jiffies = (u64)variant->defrag_cooldown_ms * variant->hz / 1000;
	m->vanilla = variant->allocator == ALLOCATOR_VANILLA;
	m->bytes = sizeof(*m);
	if (!boot(m)) {
		model_free(m);
		return NULL;
	}
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	for (u32 z = 0; m->zones && z < m->nr_zones; z++)
		zone_fini(&m->zones[z]);
	for (u32 n = 0; n < m->nr_nodes; n++) {
		workers_fini(m, &m->nodes[n]);
		shrinkable_fini(&m->nodes[n]);
	}
	pcp_fini(m);
	free(m->zones);
	free(m->nodes);
	free(m->ranges);
	free(m->cpu_hints);
	free(m);
}

/* ---- operations ---- */

u64 unit_flags(const struct model *m, const struct model_req *req)
{
	u64 flags = 0, h;

	if ((req->migratetype != MIGRATE_MOVABLE && req->migratetype != MIGRATE_CMA) ||
	    !(m->v.migrate_fail_ppm | m->v.clean_drop_ppm))
		return 0;
	h = mix64(m->config.seed ^ mix64(req->ident));
	if ((h & 0xffffffff) % 1000000 < m->v.migrate_fail_ppm)
		flags |= PAGE_PINNED;
	else if ((h >> 32) % 1000000 < m->v.clean_drop_ppm)
		flags |= PAGE_CLEAN_CACHE;
	return flags;
}

static inline void advance_time(struct model *m, u64 now)
{
	if (unlikely(m->due <= now))
		worker_run(m, now);
	else if (now > m->now)
		m->now = now;
}

u64 model_now(const struct model *m)
{
	return m->now;
}

void model_run(struct model *m, u64 now)
{
	advance_time(m, now);
}

bool model_no_memory(const struct model *m)
{
	return m->no_memory;
}

static bool req_is_valid(const struct model *m, const struct model_req *req)
{
	return req->zone < m->nr_zones && req->order <= m->max_order &&
	       req->migratetype < MIGRATE_ISOLATE;
}

static void fill_result(const struct model *m, const struct search *s, const struct found *at,
			struct model_result *res)
{
	const struct superpageblock *sb = at->sb;

	*res = (struct model_result){
		.pfn = sb_frame_pfn(sb, at->frame),
		.spb = sb->index,
		.visits = s->visits,
		.zone = (u16)sb->zone->index,
		.outcome = at->outcome,
		.category =
			(u8)(sb->tainted_by == m->nr_requests ? SB_CLEAN : spb_get_category(sb)),
		.fallback_order = at->fallback_order,
		.fallback_mt = at->fallback_mt,
	};
}

int model_alloc(struct model *m, u64 now, const struct model_req *req, struct model_result *res)
{
	struct search s = { .m = m, .order = req->order, .mt = req->migratetype,
			    .gfp = req->gfp, .cpu = req->cpu };
	struct zone *zone;
	struct found at = { 0 };

	if (!req_is_valid(m, req))
		return -EINVAL;
	advance_time(m, now);
	zone = &m->zones[req->zone];
	m->nr_requests++;
	m->op = (struct op_context){ .cpu = req->cpu, .cause = CAUSE_OUTCOME,
				     .order = req->order, .migratetype = req->migratetype };
	if (!alloc_from_node(&s, zone, &at)) {
		*res = (struct model_result){ .zone = req->zone, .visits = s.visits };
		zone->counters.outcomes[OUTCOME_NO_PAGE]++;
		return m->no_memory ? -ENOMEM : -ENOSPC;
	}
	at.sb->page[at.frame] = page_make_used(req->order, req->migratetype, req->owner,
					       unit_flags(m, req) |
					       (at.from_reserve ? PAGE_FROM_RESERVE : 0));
	shrinkable_note(at.sb, at.frame, req->ident);
	/* Upstream has no bits: they are ours, and say what is there, also from per-CPU lists. */
	if (m->vanilla && at.outcome == OUTCOME_PCP) {
		spb_set_has_type(at.sb, at.frame, req->migratetype);
		spb_update_list(at.sb);
	}
	zone->counters.outcomes[at.outcome]++;
	zone->counters.other_zone += at.sb->zone != zone;
	fill_result(m, &s, &at, res);
	return m->no_memory ? -ENOMEM : 0;
}

/* The used head at @pfn of exactly @order, or NULL */
static struct superpageblock *find_unit(const struct model *m, u64 pfn, u32 order, u32 *frame)
{
	struct zone *zone = pfn_to_zone(m, pfn);
	struct superpageblock *sb;
	u64 w;

	if (!zone)
		return NULL;
	sb = pfn_to_superpageblock(zone, pfn);
	if (!sb->page)
		return NULL;
	*frame = (u32)(pfn - sb->start_pfn);
	w = sb->page[*frame];
	return page_state(w) == PAGE_USED && !(w & PAGE_ON_PCP) && page_order(w) == order ? sb :
											     NULL;
}

int model_free_pages(struct model *m, u64 now, u32 cpu, u64 pfn, u32 order)
{
	struct superpageblock *sb;
	u32 frame, label;

	advance_time(m, now);
	sb = find_unit(m, pfn, order, &frame);
	if (!sb)
		return -EINVAL;
	m->op = (struct op_context){ .cpu = (u16)cpu, .cause = CAUSE_FREE, .order = (u8)order,
				     .migratetype = (u8)page_mt(sb->page[frame]) };
	label = pageblock_migratetype(sb, frame);
	if (!pcp_free(sb, frame, order, label))
		free_unit(sb, frame, order);
	worker_interrupt(m);
	return 0;
}

#define CACHE_LINE 64

void model_prefetch_spb(const struct model *m, u64 pfn)
{
	const struct zone *zone = pfn_to_zone(m, pfn);
	const struct superpageblock *sb;

	if (!zone)
		return;
	sb = pfn_to_superpageblock(zone, pfn);
	for (size_t at = 0; at < offsetof(struct superpageblock, defrag_work); at += CACHE_LINE)
		__builtin_prefetch((const char *)sb + at, 1);
}

void model_prefetch(const struct model *m, u64 pfn, u32 order)
{
	const struct zone *zone = pfn_to_zone(m, pfn);
	const struct superpageblock *sb = zone ? pfn_to_superpageblock(zone, pfn) : NULL;
	u32 frame;

	if (!sb || !sb->page)
		return;
	frame = (u32)(pfn - sb->start_pfn);
	__builtin_prefetch(&sb->page[frame], 1);
	__builtin_prefetch(&sb->pb[frame_block(sb, frame)], 1);
	if (m->vanilla)
		__builtin_prefetch(&sb->list_prev[frame], 1);
	else
		__builtin_prefetch(&sb->free_area[order], 1);
}

int model_split(struct model *m, u64 pfn, u32 order, u32 upper_owner, u64 upper_ident)
{
	struct superpageblock *sb;
	struct model_req upper = { .ident = upper_ident };
	u32 frame;
	u64 w;

	if (!order)
		return -EINVAL;
	sb = find_unit(m, pfn, order, &frame);
	if (!sb)
		return -EINVAL;
	w = sb->page[frame];
	upper.migratetype = (u8)page_mt(w);
	sb->page[frame] = page_make_used(order - 1, page_mt(w), page_owner(w),
					 w & (PAGE_PINNED | PAGE_CLEAN_CACHE |
					      PAGE_FROM_RESERVE));
	sb->page[frame + (1U << (order - 1))] = page_make_used(order - 1, page_mt(w), upper_owner,
							       unit_flags(m, &upper) |
							       (w & PAGE_FROM_RESERVE));
	/* The upper half may be a block whose bit the worker cleared: it held no head then. */
	if (order > m->pageblock_order)
		spb_set_has_type(sb, frame + (1U << (order - 1)), page_mt(w));
	shrinkable_note(sb, frame + (1U << (order - 1)), upper_ident);
	sb->touched = true;
	return 0;
}

void model_start(struct model *m, u64 now)
{
	advance_time(m, now);
	workers_start(m);
	for (u32 z = 0; z < m->nr_zones; z++) {
		struct zone *zone = &m->zones[z];

		memset(&zone->counters, 0, sizeof(zone->counters));
		for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
			struct superpageblock *sb = &zone->superpageblocks[i];

			sb->taints = 0;
			sb->defrag_passes = 0;
			sb->no_progress_jiffies = 0;
			spb_stuck_reset(sb);
		}
	}
}

/* ---- state ---- */

u32 model_nr_spbs(const struct model *m, u32 zone)
{
	return m->zones[zone].nr_superpageblocks;
}

const struct model_counters *model_counters(const struct model *m, u32 zone)
{
	return &m->zones[zone].counters;
}

u64 model_bytes(const struct model *m)
{
	return m->bytes;
}

void model_zone_state(const struct model *m, u32 zone, u64 now, struct model_zone_state *st)
{
	const struct zone *z = &m->zones[zone];

	*st = (struct model_zone_state){ .spb_total = z->nr_superpageblocks,
					 .free_pages = z->nr_free_pages };
	for (u32 i = 0; i < z->nr_superpageblocks; i++) {
		const struct superpageblock *sb = &z->superpageblocks[i];

		st->nr_free_blocks += sb->nr_free;
		st->stuck_spbs += spb_stuck_at(sb, now);
		if (sb->contig_allocated) {
			st->spb_isolated++;
		} else if (spb_get_category(sb) == SB_TAINTED) {
			st->spb_tainted++;
			st->free_pages_tainted += sb->nr_free_pages;
		} else if (sb->nr_free == sb->total_pageblocks) {
			st->spb_empty++;
		} else {
			st->spb_clean++;
		}
	}
}

void model_spb_state(const struct model *m, u32 zone, u32 spb, u64 now,
		     struct model_spb_state *st)
{
	const struct superpageblock *sb = &m->zones[zone].superpageblocks[spb];
	const enum sb_category cat = spb_get_category(sb);
	const u64 open = spb_stuck_at(sb, now) ? now - sb->stuck_from : 0;

	*st = (struct model_spb_state){
		.start_pfn = sb->start_pfn,
		.free_pages = sb->nr_free_pages,
		.stuck_ns = sb->stuck_ns + open,
		.stuck_longest = max_u64(sb->stuck_longest, open),
		.taints = sb->taints,
		.defrag_passes = sb->defrag_passes,
		.nr_free = sb->nr_free,
		.nr_unmovable = sb->nr_unmovable,
		.nr_reclaimable = sb->nr_reclaimable,
		.nr_movable = sb->nr_movable,
		.nr_reserved = sb->nr_reserved,
		.total_pageblocks = sb->total_pageblocks,
		.category = (u8)cat,
		.fullness = (u8)sb_get_fullness(sb, cat),
		.empty = sb->nr_free == sb->total_pageblocks,
		.stuck = spb_stuck_at(sb, now),
	};
}
