// SPDX-License-Identifier: GPL-2.0
#include "model/pcp_buddy.h"

#include "model/buddy.h"
#include "model/event.h"
#include "model/fallback.h"
#include "model/highatomic.h"
#include "model/pageblock.h"
#include "model/pcp_lists.h"
#include "model/superpageblock.h"
#include "model/worker.h"

/* ---- allocation ---- */

/* pcp_rmqueue_smallest(): the smallest page that is large enough; its rest stays on the lists */
static bool take_smallest(struct search *s, struct pcp_cpu *pcp, struct found *at)
{
	const struct model *m = s->m;

	absorb_remote_frees(s->zone, pcp);
	for (u32 high = s->order; high <= m->pageblock_order; high++) {
		const u32 n = pcp->lists[order_to_pindex(high, s->mt)].head;
		u64 pfn;
		bool owned;

		if (n == PCP_NIL)
			continue;
		pfn = m->pcp_buddy->node[n].pfn;
		owned = pcp_dequeue(s->zone, pcp, n);
		while (high > s->order) {
			high--;
			pcp_enqueue(s->zone, pcp, pfn + (1ULL << high), high, s->mt, false, owned);
		}
		*at = pcp_spot(s->zone, pfn);
		return true;
	}
	return false;
}

/**
 * struct refill - rmqueue_bulk() under way
 * @flags: alloc_flags; @needed, @got: pages
 * @first: how its first page was found
 */
struct refill {
	struct search *s;
	struct pcp_cpu *pcp;
	u32 flags;
	u32 cpu;
	s64 needed;
	s64 got;
	struct found first;
};

static void put(struct refill *r, const struct found *at, u32 order, bool owned)
{
	if (!r->got)
		r->first = *at;
	pcp_enqueue(r->s->zone, r->pcp, sb_frame_pfn(at->sb, at->frame), order, r->s->mt, true,
		    owned);
	r->got += 1LL << order;
}

/* Every free page of the block comes home. */
static void fetch_fragments(struct refill *r, struct superpageblock *sb, u32 start)
{
	const u32 end = start + r->s->m->pageblock_nr_pages;
	u32 f = start;

	while (f < end) {
		const u64 w = sb->page[f];
		const struct found at = { .sb = sb, .frame = f, .outcome = OUTCOME_PCP };

		f += page_frames(w);
		if (page_state(w) != PAGE_FREE)
			continue;
		del_from_free_list(sb, at.frame);
		put(r, &at, page_order(w), true);
	}
}

/* Phase 0: fragments of blocks that this CPU owns, of the requested type */
static void fetch_owned_blocks(struct refill *r)
{
	const struct model *m = r->s->m;
	u32 n = r->pcp->owned_blocks.head;

	while (n != PCP_NIL && r->got < r->needed) {
		const struct pcp_node node = m->pcp_buddy->node[n];
		const struct found at = pcp_spot(r->s->zone, node.pfn);

		n = node.next;
		if (pageblock_migratetype(at.sb, at.frame) != r->s->mt)
			continue;
		fetch_fragments(r, at.sb, at.frame);
		pcpblock_forget_fragments(at.sb, at.frame);
	}
}

/* sb_preferred_for_movable(): the fullest clean SPB that has a free block */
static struct superpageblock *preferred_for_movable(const struct zone *zone)
{
	for (u32 full = SB_FULL_75; full < __NR_SB_FULLNESS; full++) {
		struct superpageblock *sb = zone->spb_lists[SB_CLEAN][full].head;

		for (; sb; sb = sb->next) {
			if (sb->nr_free)
				return sb;
		}
	}
	return NULL;
}

/* __rmqueue_from_sb() for a whole block; no trace of its own */
static bool rmqueue_from_sb(const struct search *s, struct superpageblock *sb, struct found *at)
{
	for (u32 o = s->order; sb && o <= s->m->max_order; o++) {
		const u32 frame = get_page_from_free_area(sb, o, s->mt);

		if (frame == FRAME_NIL)
			continue;
		page_del_and_expand(sb, frame, s->order, o, s->mt);
		*at = (struct found){ .sb = sb, .from = sb, .frame = frame, .outcome = OUTCOME_PCP };
		return true;
	}
	return false;
}

static bool whole_block(struct refill *r, struct found *at)
{
	struct search block = *r->s;
	u32 flags = r->flags;
	bool found;

	block.order = r->s->m->pageblock_order;
	if (block.mt == MIGRATE_MOVABLE) {
		if (rmqueue_from_sb(&block, preferred_for_movable(block.zone), at))
			return true;
	} else {
		flags = (flags | ALLOC_NOFRAGMENT) & ~ALLOC_NOFRAG_TAINTED_OK;
	}
	found = rmqueue(&block, flags, at);
	r->s->visits = block.visits;
	r->s->inner_visits = block.inner_visits;
	r->s->mode = block.mode;
	return found;
}

/* Phase 1: whole blocks, as many as fit; they belong to this CPU from now on */
static void take_whole_blocks(struct refill *r)
{
	const struct model *m = r->s->m;

	while (r->got + m->pageblock_nr_pages <= r->needed) {
		struct found at = {0};

		if (!whole_block(r, &at))
			return;
		set_pcpblock_owner(at.sb, at.frame, r->cpu);
		put(r, &at, m->pageblock_order, true);
	}
}

/* The largest own chunk below pageblock order, unsplit; its block becomes owned if it is not. */
static void adopt_chunk(struct refill *r, struct superpageblock *sb)
{
	struct found at = { .sb = sb, .frame = FRAME_NIL, .outcome = OUTCOME_PCP };
	u32 o = r->s->m->pageblock_order;
	bool claim;

	while (at.frame == FRAME_NIL && o-- > r->s->order)
		at.frame = get_page_from_free_area(sb, o, r->s->mt);
	if (at.frame == FRAME_NIL)
		return;
	claim = !pcpblock_is_owned(sb, at.frame);
	del_from_free_list(sb, at.frame);
	spb_set_has_type(sb, at.frame, r->s->mt);
	if (claim)
		set_pcpblock_owner(sb, at.frame, r->cpu);
	put(r, &at, o, claim);
	if (claim)
		pcpblock_note_fragments(sb, at.frame);
}

/* Phase 2: chunks of tainted SPBs, one from each; no trace, no reaction, no list update */
static void adopt_chunks(struct refill *r)
{
	struct superpageblock *sb;
	u32 full;

	if (r->s->mt == MIGRATE_MOVABLE)
		return;
	for_each_spb_in(r->s->zone, SB_TAINTED, full, sb) {
		if (r->got >= r->needed)
			return;
		if (sb->nr_free_pages >= r->s->m->pageblock_nr_pages / 4)
			adopt_chunk(r, sb);
	}
}

/* Phase 3: one by one, with all fallbacks; nobody owns them */
static void take_singles(struct refill *r)
{
	while (r->got < r->needed) {
		struct found at = {0};

		if (!rmqueue(r->s, r->flags, &at))
			return;
		put(r, &at, r->s->order, false);
	}
}

/** struct refill_phase - one phase of rmqueue_bulk() (S2.8); @bulk: not for a refill of one unit */
struct refill_phase {
	const char *name;
	bool bulk;
	void (*run)(struct refill *r);
};

static const struct refill_phase refill_phases[] = {
	{"0: own fragments", true, fetch_owned_blocks},
	{"1: whole blocks", true, take_whole_blocks},
	{"2: tainted chunks", true, adopt_chunks},
	{"3: singles", false, take_singles},
};

/* rmqueue_bulk(). Return: got anything */
static bool refill(struct search *s, u32 flags, struct pcp_cpu *pcp, struct found *first)
{
	const s64 units = pcp_refill_size(&pcp->size, s->order);
	struct refill r = { .s = s, .pcp = pcp, .flags = flags, .cpu = this_cpu(s->m),
			    .needed = units << s->order };

	/* A refill would not build up a reserve (S2.7). */
	if (flags & ALLOC_HIGHATOMIC)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(refill_phases) && r.got < r.needed; i++) {
		if (units > 1 || !refill_phases[i].bulk)
			refill_phases[i].run(&r);
	}
	*first = r.first;
	return r.got > 0;
}

bool pcp_buddy_rmqueue(struct search *s, u32 alloc_flags, struct found *at)
{
	struct pcp_cpu *pcp = pcp_of(s->m, s->zone, this_cpu(s->m));
	struct found first = { .outcome = OUTCOME_PCP };

	pcp->size.free_count >>= 1;
	if (!take_smallest(s, pcp, at) &&
	    (!refill(s, alloc_flags, pcp, &first) || !take_smallest(s, pcp, at)))
		return false;
	at->outcome = first.outcome;
	at->fallback_order = first.fallback_order;
	at->fallback_mt = first.fallback_mt;
	return true;
}

/* ---- free ---- */

/* Two PagePCPBuddy buddies of @order become one of the next order, at the tail of its list. */
static void merge_list(struct zone *zone, struct pcp_cpu *pcp, u32 order, u32 mt)
{
	const struct model *m = zone->m;
	u32 n = pcp->lists[order_to_pindex(order, mt)].head;

	while (n != PCP_NIL) {
		const struct pcp_node node = m->pcp_buddy->node[n];
		const u64 buddy = node.pfn ^ 1ULL << order;
		const u64 word = *word_of(zone, node.pfn), other = *word_of(zone, buddy);
		u32 next = node.next;

		if ((word & PAGE_PCP_BUDDY) && page_state(other) == PAGE_USED &&
		    (other & PAGE_PCP_BUDDY) && page_order(other) == order) {
			if (next == page_owner(other))
				next = m->pcp_buddy->node[next].next;
			pcp_dequeue(zone, pcp, n);
			pcp_dequeue(zone, pcp, page_owner(other));
			pcp_enqueue(zone, pcp, node.pfn & ~(1ULL << order), order + 1, mt, true,
				    true);
		}
		n = next;
	}
}

static void drain_one(struct zone *zone, struct pcp_cpu *pcp, u32 n)
{
	const struct pcp_node node = zone->m->pcp_buddy->node[n];
	const struct found at = pcp_spot(zone, node.pfn);
	const u32 mt = pageblock_migratetype(at.sb, at.frame);
	const bool fragment = pcp_dequeue(zone, pcp, n) && node.order < zone->m->pageblock_order;

	if (fragment)
		pcpblock_note_fragments(at.sb, at.frame);
	free_one_page(at.sb, at.frame, node.order, mt, fragment);
	if (traced(zone->m))
		event_pcpu_drain(at.sb, at.frame, node.order, mt);
}

/*
 * free_pcppages_bulk(): merge, then whole blocks first, then the smaller orders in turn; of each
 * list its tail first.
 */
static void drain(struct zone *zone, struct pcp_cpu *pcp, s64 count)
{
	const u32 top = zone->m->pageblock_order;
	u32 index = order_to_pindex(top, 0);

	absorb_remote_frees(zone, pcp);
	count = count < pcp->size.count ? count : pcp->size.count;
	for (u32 order = 0; order < top; order++) {
		for (u32 mt = 0; mt < MIGRATE_PCPTYPES; mt++)
			merge_list(zone, pcp, order, mt);
	}
	while (count > 0) {
		struct node_list *list = &pcp->lists[index];

		for (; count > 0 && list->tail != PCP_NIL;
		     count -= 1LL << (index / MIGRATE_PCPTYPES))
			drain_one(zone, pcp, list->tail);
		index = (index + 1) % order_to_pindex(top + 1, 0);
	}
}

static void drain_in_batches(struct zone *zone, struct pcp_cpu *pcp, s64 left)
{
	while (left > 0 && pcp->size.count > 0) {
		const s64 portion = left < pcp->size.batch ? left : pcp->size.batch;

		drain(zone, pcp, portion);
		worker_interrupt(zone->m);	/* one hold of the zone lock */
		left -= portion;
	}
}

static void commit(struct zone *zone, struct pcp_cpu *pcp, u64 pfn, u32 order, u32 mt, bool owned)
{
	pcp_enqueue(zone, pcp, pfn, order, mt, false, owned);
	drain_in_batches(zone, pcp, pcp_drain_size(&pcp->size, order));
}

bool pcp_buddy_free(struct superpageblock *sb, u32 frame, u32 order, u32 mt)
{
	struct zone *zone = sb->zone;
	const u32 cpu = this_cpu(zone->m);
	const u32 owner = pcpblock_is_owned(sb, frame) ? pcpblock_owner(sb, frame) : cpu;

	if (owner == cpu)
		commit(zone, pcp_of(zone->m, zone, cpu), sb_frame_pfn(sb, frame), order, mt,
		       pcpblock_is_owned(sb, frame));
	else
		free_to_remote(sb, frame, order, pcp_of(zone->m, zone, owner));
	return true;
}

void pcp_buddy_drain_zone(struct zone *zone)
{
	for (u32 cpu = 0; cpu < zone->m->config.nr_cpus; cpu++) {
		struct pcp_cpu *pcp = pcp_of(zone->m, zone, cpu);

		/*
		 * A CPU that has nothing but what others freed counts nothing, and is passed over.
		 */
		while (pcp->size.count) {
			drain(zone, pcp, pcp_portion(&pcp->size));
			worker_interrupt(zone->m);
		}
	}
}

bool pcp_buddy_decay(struct zone *zone, u32 cpu)
{
	struct pcp_cpu *pcp = pcp_of(zone->m, zone, cpu);
	bool fell;
	const s64 count = pcp_decay_size(&pcp->size, &fell);

	drain_in_batches(zone, pcp, count);
	return fell || count;
}
