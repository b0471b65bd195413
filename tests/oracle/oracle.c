// SPDX-License-Identifier: GPL-2.0
/* Boot (S1.6) and the calls from outside. */
#include "tests/oracle/oracle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void *zeroed(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		abort();
	return p;
}

static bool in_range(const struct oracle *o, u64 pfn, bool absent_only)
{
	for (u32 i = 0; i < o->config.nr_ranges; i++) {
		const struct model_range *g = &o->ranges[i];

		if (pfn >= g->start && pfn < g->end && (g->absent || !absent_only))
			return true;
	}
	return false;
}

static bool in_cma(const struct oracle *o, u64 pfn)
{
	for (u32 i = 0; i < o->config.nr_cma; i++) {
		if (pfn >= o->cma[i].start && pfn < o->cma[i].end)
			return true;
	}
	return false;
}

static bool in_zone(const struct ozone *z, u64 pfn)
{
	return pfn >= z->start_pfn && pfn < z->end_pfn;
}

/* A block with no frame in the zone is outside; any other is reserved until initialised. */
static void classify_block(struct ospb *sb, u32 b)
{
	const struct oracle *o = sb->zone->o;
	const u64 start = sb->start_pfn + (u64)b * o->block_pages;
	bool any_here = false;

	for (u64 pfn = start; pfn < start + o->block_pages; pfn++)
		any_here |= in_zone(sb->zone, pfn);
	sb->blk[b].label = MIGRATE_UNMOVABLE;
	sb->blk[b].outside = !any_here;
	sb->blk[b].reserved = any_here;
}

/* memmap_init_range() initialises a block when it comes to its first frame. */
static bool block_begins_with_ram(const struct ospb *sb, u32 b)
{
	const struct oracle *o = sb->zone->o;
	const u64 start = sb->start_pfn + (u64)b * o->block_pages;

	return in_zone(sb->zone, start) && !in_range(o, start, true);
}

/* init_one_superpageblock(): what lies in the zone, in whole blocks, rounded up */
static u32 count_pageblocks(const struct ospb *sb)
{
	const struct oracle *o = sb->zone->o;
	u32 pages = 0;

	for (u64 pfn = sb->start_pfn; pfn < sb->start_pfn + o->spb_pages; pfn++)
		pages += in_zone(sb->zone, pfn);
	return (pages + o->block_pages - 1) / o->block_pages;
}

static void init_spb(struct ozone *z, u32 index)
{
	struct oracle *o = z->o;
	struct ospb *sb = &z->spb[index];

	sb->zone = z;
	sb->index = index;
	sb->start_pfn = z->base_pfn + (u64)index * o->spb_pages;
	sb->blk = zeroed(o->spb_blocks, sizeof(*sb->blk));
	sb->frm = zeroed(o->spb_pages, sizeof(*sb->frm));
	for (u32 b = 0; b < o->spb_blocks; b++)
		classify_block(sb, b);
	sb->total_pageblocks = count_pageblocks(sb);
	for (u32 f = 0; f < o->spb_pages; f++)
		sb->frm[f].state = OF_FIXED;
	sb->on = SB_TAINTED * __NR_SB_FULLNESS + SB_FULL;
	oseq_push_tail(&z->list[sb->on], index);
}

static struct onode *node_of(struct oracle *o, u32 id)
{
	for (u32 i = 0; i < o->nr_nodes; i++) {
		if (o->node[i].id == id)
			return &o->node[i];
	}
	o_init_node(&o->node[o->nr_nodes], id);
	return &o->node[o->nr_nodes++];
}

/* The same kind of zone has the same index on every node (S1.4). */
static u32 zone_idx(const struct oracle *o, u32 index)
{
	u32 i = 0;

	while (strcmp(o->zones[i].name, o->zones[index].name))
		i++;
	return i;
}

static void init_zone(struct oracle *o, u32 index)
{
	const struct model_zone_config *c = &o->zones[index];
	struct ozone *z = &o->zone[index];

	z->o = o;
	z->index = index;
	z->node = node_of(o, c->node);
	z->start_pfn = c->start_pfn;
	z->end_pfn = c->start_pfn + c->spanned;
	z->base_pfn = c->start_pfn / o->spb_pages * o->spb_pages;
	z->nr_spbs = (u32)((z->end_pfn - z->base_pfn + o->spb_pages - 1) / o->spb_pages);
	z->spb = zeroed(z->nr_spbs, sizeof(*z->spb));
	z->zone_idx = zone_idx(o, index);
	for (u32 i = 0; i < z->nr_spbs; i++)
		init_spb(z, i);
	memset(z->hint, 0xff, sizeof(z->hint));
}

/* init_pageblock_migratetype(): reserved no more, movable */
static void init_blocks(struct ospb *sb)
{
	for (u32 b = 0; b < sb->zone->o->spb_blocks; b++) {
		if (sb->blk[b].outside || !block_begins_with_ram(sb, b))
			continue;
		sb->blk[b].reserved = false;
		sb->blk[b].label = MIGRATE_MOVABLE;
		sb->blk[b].has_movable = true;
		o_update_list(sb);
	}
}

static bool boots_free(const struct ospb *sb, u64 pfn)
{
	return in_zone(sb->zone, pfn) && !in_range(sb->zone->o, pfn, false) &&
	       !in_cma(sb->zone->o, pfn);
}

/* Memory goes to the buddy in aligned pieces as large as can be, upwards, each to the tail. */
static void free_at_boot(struct ospb *sb)
{
	const struct oracle *o = sb->zone->o;
	u32 f = 0;

	while (f < o->spb_pages) {
		u32 order = 0, len = 0;

		while (f + len < o->spb_pages && boots_free(sb, sb->start_pfn + f + len))
			len++;
		if (!len) {
			f++;
			continue;
		}
		while (order < o->config.max_order && !(f & ((2U << order) - 1)) &&
		       (2U << order) <= len)
			order++;
		for (u32 i = f; i < f + (1U << order); i++)
			sb->frm[i].state = OF_INSIDE;
		o_free_one(sb, f, order, true);
		f += 1U << order;
	}
}

/* init_cma_reserved_pageblock() */
static void init_cma_block(struct ospb *sb, u32 b)
{
	const struct oracle *o = sb->zone->o;
	const u32 frame = b * o->block_pages;

	sb->blk[b].cma = true;
	sb->blk[b].label = MIGRATE_CMA;
	sb->blk[b].has_movable = true;
	o_update_list(sb);
	for (u32 f = frame; f < frame + o->block_pages; f++)
		sb->frm[f].state = OF_INSIDE;
	o_free_one(sb, frame, o->config.pageblock_order, false);
	sb->zone->cma_pages += o->block_pages;
}

static void init_cma(struct ozone *z)
{
	const struct oracle *o = z->o;

	for (u32 i = 0; i < z->nr_spbs; i++) {
		for (u32 b = 0; b < o->spb_blocks; b++) {
			const u64 pfn = z->spb[i].start_pfn + (u64)b * o->block_pages;

			if (in_cma(o, pfn) && in_zone(z, pfn))
				init_cma_block(&z->spb[i], b);
		}
	}
}

/* Every block is initialised before the first page is freed. */
static void boot(struct oracle *o)
{
	o->booting = true;
	for (u32 z = 0; z < o->nr_zones; z++) {
		for (u32 i = 0; i < o->zone[z].nr_spbs; i++)
			init_blocks(&o->zone[z].spb[i]);
	}
	for (u32 z = 0; z < o->nr_zones; z++) {
		for (u32 i = 0; i < o->zone[z].nr_spbs; i++)
			free_at_boot(&o->zone[z].spb[i]);
		init_cma(&o->zone[z]);
		for (u32 i = 0; i < o->zone[z].nr_spbs; i++)
			o->zone[z].managed += o->zone[z].spb[i].free_pages;
	}
	o_remember_categories(o);
	o->booting = false;
}

struct oracle *oracle_new(const struct model_config *config, const struct variant *v,
			  const struct model_observer *obs, void *ctx)
{
	struct oracle *o = zeroed(1, sizeof(*o));
	u32 slots;

	o->v = *v;
	o->config = *config;
	o->obs = obs;
	o->ctx = ctx;
	memcpy(o->zones, config->zones, config->nr_zones * sizeof(*config->zones));
	memcpy(o->ranges, config->ranges, config->nr_ranges * sizeof(*config->ranges));
	memcpy(o->cma, config->cma, config->nr_cma * sizeof(*config->cma));
	o->block_pages = 1U << config->pageblock_order;
	o->spb_pages = 1U << config->spb_order;
	o->spb_blocks = o->spb_pages / o->block_pages;
	o->nr_zones = config->nr_zones;
	o->zone = zeroed(o->nr_zones, sizeof(*o->zone));
	slots = config->nr_cpus * o->nr_zones * O_ORDERS * MIGRATE_PCPTYPES;
	o->cpu_hint = zeroed(slots, sizeof(*o->cpu_hint));
	memset(o->cpu_hint, 0xff, slots * sizeof(*o->cpu_hint));
	for (u32 z = 0; z < o->nr_zones; z++)
		init_zone(o, z);
	boot(o);
	o->tick = TIME_NEVER;
	o_pcp_init(o);
	return o;
}

static void free_zone(struct ozone *z)
{
	for (u32 i = 0; i < z->nr_spbs; i++) {
		for (u32 order = 0; order < O_ORDERS; order++) {
			for (u32 mt = 0; mt < MIGRATE_TYPES; mt++)
				free(z->spb[i].free_list[order][mt].v);
		}
		free(z->spb[i].blk);
		free(z->spb[i].frm);
	}
	for (u32 l = 0; l < OL_NR; l++)
		free(z->list[l].v);
	for (u32 order = 0; order < O_ORDERS; order++) {
		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++)
			free(z->free_list[order][mt].v);
	}
	for (u32 cpu = 0; cpu < z->o->config.nr_cpus && z->pcp; cpu++) {
		for (u32 l = 0; l < O_PCP_LISTS; l++)
			free(z->pcp[cpu].list[l].v);
		free(z->pcp[cpu].owned_blocks.v);
		free(z->pcp[cpu].free_llist.v);
	}
	free(z->pcp);
	free(z->spb);
}

void oracle_free(struct oracle *o)
{
	for (u32 z = 0; z < o->nr_zones; z++)
		free_zone(&o->zone[z]);
	for (u32 n = 0; n < o->nr_nodes; n++) {
		for (u32 t = 0; t < O_THREADS; t++)
			free(o->node[n].worker[t].queue.v);
	}
	free(o->raised.v);
	free(o->zone);
	free(o->cpu_hint);
	free(o);
}

void oracle_start(struct oracle *o, u64 now)
{
	oracle_run(o, now);
	for (u32 z = 0; z < o->nr_zones; z++) {
		memset(&o->zone[z].cnt, 0, sizeof(o->zone[z].cnt));
		for (u32 i = 0; i < o->zone[z].nr_spbs; i++) {
			o->zone[z].spb[i].taints = o->zone[z].spb[i].passes = 0;
			o->zone[z].spb[i].stamp = 0;
		}
	}
}

void oracle_run(struct oracle *o, u64 now)
{
	o_run_worker(o, now);
}

/* The page belongs to @owner from now on. */
struct ospb *o_use(const struct opage *p, u32 order, u32 mt, u32 owner)
{
	p->sb->frm[p->frame] = (struct ofrm){ .state = OF_USED, .order = (u8)order, .mt = (u8)mt,
					      .owner = owner };
	return p->sb;
}

static void count_request(struct ozone *asked, const struct opage *p)
{
	asked->cnt.outcomes[p->sb ? p->outcome : OUTCOME_NO_PAGE]++;
	asked->cnt.other_zone += p->sb && p->sb->zone != asked;
}

int oracle_alloc(struct oracle *o, u64 now, const struct model_req *req, struct model_result *res)
{
	struct oreq r = { .order = req->order, .mt = req->migratetype, .cpu = req->cpu,
			  .gfp = req->gfp };
	struct opage p;

	oracle_run(o, now);
	memset(res, 0, sizeof(*res));
	if (req->order > o->config.max_order || req->zone >= o->nr_zones ||
	    req->migratetype >= MIGRATE_ISOLATE)
		return -EINVAL;
	o->cpu = req->cpu;
	o->op = (struct oop){ .cause = CAUSE_OUTCOME, .order = req->order,
			      .mt = req->migratetype };
	o_remember_categories(o);
	p = o_slowpath(&o->zone[req->zone], &r);
	res->visits = r.visits;
	count_request(&o->zone[req->zone], &p);
	if (!p.sb) {
		o_report_taints(o, OUTCOME_NO_PAGE);
		return -ENOSPC;
	}
	o_use(&p, req->order, req->migratetype, req->owner);
	/* Ours: upstream has no bits; a block holds what its callers asked for. */
	if (o_vanilla(o) && p.outcome == OUTCOME_PCP) {
		o_set_has(p.sb, p.frame, req->migratetype);
		o_update_list(p.sb);
	}
	res->pfn = p.sb->start_pfn + p.frame;
	res->spb = p.sb->index;
	res->zone = (u16)p.sb->zone->index;
	res->outcome = p.outcome;
	res->category = p.sb->category_at_op;
	res->fallback_order = p.fallback_order;
	res->fallback_mt = p.fallback_mt;
	o_report_taints(o, p.outcome);
	return 0;
}

static struct ofrm *unit_at(struct oracle *o, u64 pfn, u32 order)
{
	struct ozone *z = o_zone_of(o, pfn);
	struct ofrm *f;

	if (!z)
		return NULL;
	f = &o_spb_of(z, pfn)->frm[pfn % o->spb_pages];
	return f->state == OF_USED && f->order == order ? f : NULL;
}

int oracle_free_pages(struct oracle *o, u64 now, u32 cpu, u64 pfn, u32 order)
{
	oracle_run(o, now);
	if (!unit_at(o, pfn, order))
		return -EINVAL;
	o->cpu = (u16)cpu;
	o_free_unit(o_spb_of(o_zone_of(o, pfn), pfn), (u32)(pfn % o->spb_pages));
	return 0;
}

/*
 * Ours: the worker looks for heads, so it takes has_movable from the second block of an order-10
 * unit (the sources do not say what a scan that begins inside a unit sees). When the unit is split,
 * that block has a head again.
 */
static void mark_upper_half(struct oracle *o, u64 pfn, u32 mt)
{
	if (pfn % o->block_pages == 0)
		o_set_has(o_spb_of(o_zone_of(o, pfn), pfn), (u32)(pfn % o->spb_pages), mt);
}

int oracle_split(struct oracle *o, u64 pfn, u32 order, u32 upper_owner)
{
	struct ofrm *f = unit_at(o, pfn, order);

	if (!f || !order)
		return -EINVAL;
	f->order--;
	f[1U << f->order] = *f;
	f[1U << f->order].owner = upper_owner;
	mark_upper_half(o, pfn + (1ULL << f->order), f->mt);
	return 0;
}

void oracle_set_luck(struct oracle *o, u64 pfn, bool pinned, bool clean_cache, u32 rank)
{
	struct ozone *z = o_zone_of(o, pfn);
	struct ofrm *f = &o_spb_of(z, pfn)->frm[pfn % o->spb_pages];

	f->pinned = pinned;
	f->clean_cache = clean_cache;
	f->rank = rank;
}
