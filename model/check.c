// SPDX-License-Identifier: GPL-2.0
/*
 * Invariants (end of S10): everything that is kept as a counter, a bit or a list is recounted from
 * page words.
 */
#include <errno.h>
#include <string.h>

#include "model/candidates.h"
#include "model/check.h"
#include "model/defrag.h"
#include "model/pageblock.h"
#include "model/superpageblock.h"
#include "model/zone.h"

/* ---- free lists ---- */

static bool check_list(const struct check *c, u32 order, u32 mt, u32 *nr)
{
	const struct superpageblock *sb = c->sb;
	const struct free_list *list = &sb->free_area[order].free_list[mt];
	u32 prev = FRAME_NIL;

	for (u32 f = list->head; f != FRAME_NIL; f = page_next(sb->page[f])) {
		const u64 w = sb->page[f];

		if (!page_is_buddy(w, order) || page_mt(w) != mt || page_prev(w) != prev)
			return check_broken(c, "frame %u on the list of order %u type %u is not", f,
				      order, mt);
		if (++*nr > sb->free_area[order].nr_free)
			return check_broken(c, "list of order %u type %u is longer than nr_free",
					    order, mt);
		prev = f;
	}
	return list->tail == prev ||
	       check_broken(c, "tail of the list of order %u type %u is %u, not %u", order, mt,
		      list->tail, prev);
}

static bool check_lists(const struct check *c)
{
	const struct model *m = c->sb->zone->m;
	u64 pages = 0;

	for (u32 o = 0; o <= m->max_order; o++) {
		u32 nr = 0;

		for (u32 mt = 0; mt < MIGRATE_TYPES && !m->vanilla; mt++) {
			if (!check_list(c, o, mt, &nr))
				return false;
		}
		if (m->vanilla)		/* the lists are the zone's: check_zone() */
			nr = c->sb->free_area[o].nr_free;
		if (nr != c->sb->free_area[o].nr_free)
			return check_broken(c, "order %u: %u on lists, nr_free %u", o, nr,
				      c->sb->free_area[o].nr_free);
		pages += (u64)nr << o;
	}
	return pages == c->sb->nr_free_pages ||
	       check_broken(c, "%llu pages on lists, nr_free_pages %llu", (unsigned long long)pages,
		      (unsigned long long)c->sb->nr_free_pages);
}

/* ---- page words ---- */

static bool buddies_may_merge(const struct superpageblock *sb, u32 f, u32 order)
{
	const u32 a = pageblock_migratetype(sb, f);
	const u32 b = pageblock_migratetype(sb, f ^ (1U << order));

	if (order < sb->zone->m->pageblock_order)
		return true;
	return !sb->zone->unmerged_blocks &&
	       (a == b || (a < MIGRATE_PCPTYPES && b < MIGRATE_PCPTYPES));
}

static bool check_free_head(const struct check *c, u32 f, u64 w)
{
	const struct superpageblock *sb = c->sb;
	const u32 order = page_order(w);

	if (page_mt(w) != pageblock_migratetype(sb, f))
		return check_broken(c, "free frame %u is on list %u, its block is labelled %u", f,
			      page_mt(w), pageblock_migratetype(sb, f));
	if (order < sb->zone->m->max_order && page_is_buddy(sb->page[f ^ (1U << order)], order) &&
	    buddies_may_merge(sb, f, order))
		return check_broken(c, "free frame %u of order %u was not merged", f, order);
	return true;
}

/* What a used unit holds must show in the has-bit of its block; the bits may be sticky. */
static bool check_used_head(const struct check *c, u32 f, u64 w)
{
	static const u16 bits[MIGRATE_TYPES] = {
		[MIGRATE_UNMOVABLE] = PB_HAS_UNMOVABLE,
		[MIGRATE_MOVABLE] = PB_HAS_MOVABLE,
		[MIGRATE_RECLAIMABLE] = PB_HAS_RECLAIMABLE,
		[MIGRATE_HIGHATOMIC] = PB_HAS_UNMOVABLE,
		[MIGRATE_CMA] = PB_HAS_MOVABLE,
	};

	const struct model *m = c->sb->zone->m;

	/*
	 * Per-CPU lists hand pages out without touching bits, and has_movable may be cleared while
	 * a page waits there; the THP list even mixes unmovable and reclaimable (S7.3).
	 */
	if ((w & PAGE_ON_PCP) || (has_pcps(m) && !m->vanilla))
		return true;
	/* A page of the reserve set the bit of HIGHATOMIC (S2.7). */
	if (w & PAGE_FROM_RESERVE)
		return pageblock_test(c->sb, f, PB_HAS_UNMOVABLE) ||
		       check_broken(c, "frame %u is of the reserve, its block has no unmovable bit",
				    f);
	return pageblock_test(c->sb, f, bits[page_mt(w)]) ||
	       check_broken(c, "frame %u holds type %u, its block has no such bit", f, page_mt(w));
}

static bool check_head(const struct check *c, u32 f, u64 w)
{
	const u32 size = 1U << page_order(w);

	if (f & (size - 1))
		return check_broken(c, "frame %u of order %u is not aligned", f, page_order(w));
	for (u32 i = 1; i < size; i++) {
		if (c->sb->page[f + i] != PAGE_INSIDE)
			return check_broken(c, "frame %u lies inside frame %u but has a state",
					    f + i, f);
	}
	return page_state(w) == PAGE_FREE ? check_free_head(c, f, w) : check_used_head(c, f, w);
}

/** struct block_count - what the page words say of one pageblock */
struct block_count {
	u16 free_pages;
	u16 fixed_pages;
	bool inside_unit;	/* a used unit that begins in the block before covers it */
};

static void count_unit(const struct model *m, struct block_count *blocks, u32 f, u64 w)
{
	const u32 size = 1U << page_order(w);
	const u32 piece = size < m->pageblock_nr_pages ? size : m->pageblock_nr_pages;

	for (u32 i = 0; i < size; i += m->pageblock_nr_pages) {
		struct block_count *b = &blocks[(f + i) >> m->pageblock_order];

		if (page_state(w) == PAGE_FREE)
			b->free_pages = (u16)(b->free_pages + piece);
		else if (i)
			b->inside_unit = true;
	}
}

static bool check_pages(const struct check *c, struct block_count *blocks)
{
	const struct model *m = c->sb->zone->m;
	const u32 end = 1U << m->spb_order;
	u32 f = 0;

	while (f < end) {
		const u64 w = c->sb->page[f];
		u32 size = 1;

		if (page_state(w) == PAGE_INSIDE)
			return check_broken(c, "frame %u belongs to nothing", f);
		if (page_state(w) != PAGE_FIXED) {
			if (!check_head(c, f, w))
				return false;
			size = 1U << page_order(w);
			count_unit(m, blocks, f, w);
		} else {
			blocks[f >> m->pageblock_order].fixed_pages++;
		}
		f += size;
	}
	return true;
}

/* ---- pageblocks and counters ---- */

/** struct spb_count - SPB counters, recounted */
struct spb_count {
	u32 nr_free;
	u32 nr_unmovable;
	u32 nr_reclaimable;
	u32 nr_movable;
	u32 initialised;
};

/*
 * unmov + recl + mov + free >= total - rsv (S1.3), block by block, which is stricter: every block
 * that is not a hole is PB_all_free or holds something. Two kinds may hold nothing: the free half
 * of a split order-10 buddy and the second half of an order-10 unit, once the worker has found
 * nothing movable there and cleared has_movable (S2.3 item 4, S3).
 */
static bool is_covered(const struct check *c, u16 pb, const struct block_count *n)
{
	if (pb & (PB_ALL_FREE | PB_HAS_MASK | PB_RESERVED | PB_OUTSIDE))
		return true;
	/* All its pages may wait on per-CPU lists when the worker looks (see check_used_head). */
	if (has_pcps(c->sb->zone->m))
		return true;
	/* Memblock memory looks movable until the worker has looked (S1.6). */
	if (n->fixed_pages == c->sb->zone->m->pageblock_nr_pages)
		return true;
	return n->inside_unit || n->free_pages == c->sb->zone->m->pageblock_nr_pages;
}

static bool check_block(const struct check *c, u32 b, const struct block_count *n)
{
	const u16 pb = c->sb->pb[b];

	if ((pb & PB_MIGRATE_MASK) >= MIGRATE_TYPES)
		return check_broken(c, "block %u is labelled %u", b, pb & PB_MIGRATE_MASK);
	if ((pb & PB_OUTSIDE) && (pb & ~PB_OUTSIDE))
		return check_broken(c, "block %u is not the zone's and has bits 0x%x", b, pb);
	if (!is_covered(c, pb, n))
		return check_broken(c, "block %u is in use and holds nothing", b);
	if (!(pb & PB_ALL_FREE))
		return true;
	if (n->free_pages != c->sb->zone->m->pageblock_nr_pages)
		return check_broken(c, "block %u is PB_all_free with %u free pages", b,
				    n->free_pages);
	if (pb & PB_HAS_MASK)
		return check_broken(c, "block %u is PB_all_free and has content bits 0x%x", b, pb);
	return true;
}

static bool check_blocks(const struct check *c, const struct block_count *blocks,
			 struct spb_count *n)
{
	const struct model *m = c->sb->zone->m;
	const u32 nr = 1U << (m->spb_order - m->pageblock_order);

	for (u32 b = 0; b < nr; b++) {
		const u16 pb = c->sb->pb[b];

		if (!check_block(c, b, &blocks[b]))
			return false;
		n->nr_free += !!(pb & PB_ALL_FREE);
		n->nr_unmovable += !!(pb & PB_HAS_UNMOVABLE);
		n->nr_reclaimable += !!(pb & PB_HAS_RECLAIMABLE);
		n->nr_movable += !!(pb & PB_HAS_MOVABLE);
		n->initialised += !(pb & (PB_RESERVED | PB_OUTSIDE));
		n->initialised += !!(pb & PB_CMA_AREA);
	}
	return true;
}

static bool check_counters(const struct check *c, const struct spb_count *n)
{
	const struct superpageblock *sb = c->sb;
	/* Where a zone begins inside a block, more blocks may be initialised than are counted. */
	const u32 total = spb_count_pageblocks(sb);
	const u32 reserved = n->initialised < total ? total - n->initialised : 0;
	const struct {
		const char *name;
		u32 kept;
		u32 counted;
	} rows[] = {
		{ "nr_free", sb->nr_free, n->nr_free },
		{ "nr_unmovable", sb->nr_unmovable, n->nr_unmovable },
		{ "nr_reclaimable", sb->nr_reclaimable, n->nr_reclaimable },
		{ "nr_movable", sb->nr_movable, n->nr_movable },
		{ "nr_reserved", sb->nr_reserved, reserved },
		{ "total_pageblocks", sb->total_pageblocks, total },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kept != rows[i].counted)
			return check_broken(c, "%s is %u, counted %u", rows[i].name, rows[i].kept,
				      rows[i].counted);
	}
	return true;
}

/* A hole was never updated and stays on the list of boot (S1.6). */
static bool check_membership(const struct check *c)
{
	struct superpageblock *sb = (struct superpageblock *)c->sb;

	if (sb->list_stale || sb->nr_reserved == sb->total_pageblocks)
		return true;
	if (sb->on != spb_target_list(sb))
		return check_broken(c, "is on the wrong list");
	return !sb->contig_allocated || !sb->nr_free_pages ||
	       check_broken(c, "is held whole and has free pages");
}

/* Time stuck is kept lazily: open exactly while defrag is wanted and nobody has queued it. */
static bool check_stuck(const struct check *c)
{
	const bool waits = spb_wants_defrag(c->sb) && !c->sb->defrag_active;

	return (c->sb->stuck_from != TIME_NEVER) == waits ||
	       check_broken(c, "its stuck time %s", waits ? "stands still" : "runs");
}

/* Never touched: wholly free, one list of the largest order, no word yet to say so. */
static bool check_untouched(const struct check *c)
{
	const struct superpageblock *sb = c->sb;
	const u64 pages = 1ULL << sb->zone->m->spb_order;

	return (sb->nr_free_pages == pages && sb->nr_free == sb->total_pageblocks &&
		!(sb->nr_unmovable | sb->nr_reclaimable | sb->nr_movable | sb->nr_reserved)) ||
	       check_broken(c, "untouched, but not wholly free");
}

static bool check_candidates(const struct check *c)
{
	return candidates_check(c->sb) ||
	       check_broken(c, "the bits of free lists do not say what the lists say");
}

static bool check_spb(const struct check *c)
{
	const struct model *m = c->sb->zone->m;
	struct block_count blocks[1U << 15];
	struct spb_count n = { 0 };

	if (!check_membership(c) || !check_stuck(c))
		return false;
	if (!c->sb->page)
		return check_untouched(c) && check_candidates(c);
	memset(blocks, 0, sizeof(*blocks) << (m->spb_order - m->pageblock_order));
	return check_lists(c) && check_pages(c, blocks) && check_blocks(c, blocks, &n) &&
	       check_counters(c, &n) && check_candidates(c);
}

/* ---- the model ---- */

static bool check_spbs(const struct zone *zone, bool all, char *why, size_t len)
{
	for (u32 i = 0; i < zone->nr_superpageblocks; i++) {
		struct superpageblock *sb = &zone->superpageblocks[i];
		const struct check c = { zone, sb, why, len };

		if (!all && !sb->touched)
			continue;
		if (!check_spb(&c))
			return false;
		if (!all)
			sb->touched = false;
	}
	return true;
}

static int check_model(const struct model *m, bool all, char *why, size_t len)
{
	const struct check whole = { NULL, NULL, why, len };

	for (u32 z = 0; z < m->nr_zones; z++) {
		const struct check c = { &m->zones[z], NULL, why, len };

		if (!check_zone(&c) || !check_spbs(&m->zones[z], all, why, len))
			return -EINVAL;
		if (!candidates_check_lists(&m->zones[z])) {
			check_broken(&c, "the counts of a list are not those of its members");
			return -EINVAL;
		}
	}
	if (!check_workers(&whole, m) || (all && !check_pcps(&whole, m)))
		return -EINVAL;
	return 0;
}

int model_check(const struct model *m, char *why, size_t len)
{
	return check_model(m, true, why, len);
}

int model_check_touched(struct model *m, char *why, size_t len)
{
	return check_model(m, false, why, len);
}
