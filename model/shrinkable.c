// SPDX-License-Identifier: GPL-2.0
#include "model/shrinkable.h"

#include <stdlib.h>

#include "model/reclaim.h"

/*
 * A heap of keys, the least on top: the rank of the unit, then its pfn. Units that are gone leave
 * their keys behind; sb->rank tells the live ones.
 */
#define PFN_BITS 40
#define RANK_SALT 0x5bd1e9955bd1e995ULL

static u32 rank_of(const struct model *m, u64 ident)
{
	/* 0 means no rank. */
	return (u32)(mix64(m->config.seed ^ mix64(ident ^ RANK_SALT)) >> PFN_BITS) | 1;
}

static u64 key_of(u32 rank, u64 pfn)
{
	return (u64)rank << PFN_BITS | pfn;
}

static struct superpageblock *live_unit(const struct model *m, u64 key, u32 *frame)
{
	const u64 pfn = key & ((1ULL << PFN_BITS) - 1);
	struct superpageblock *sb = pfn_to_superpageblock(pfn_to_zone(m, pfn), pfn);
	u64 w;

	*frame = (u32)(pfn - sb->start_pfn);
	w = sb->page[*frame];
	if (page_state(w) != PAGE_USED || (w & PAGE_ON_PCP) ||
	    page_mt(w) != MIGRATE_RECLAIMABLE || sb->rank[*frame] != key >> PFN_BITS)
		return NULL;
	return sb;
}

static void sift_up(u64 *heap, size_t i)
{
	const u64 key = heap[i];

	for (; i && heap[(i - 1) / 2] > key; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = key;
}

static void sift_down(u64 *heap, size_t nr, size_t i)
{
	const u64 key = heap[i];

	for (size_t child = 2 * i + 1; child < nr; child = 2 * i + 1) {
		child += child + 1 < nr && heap[child + 1] < heap[child];
		if (heap[child] >= key)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = key;
}

static void forget_dead(const struct model *m, struct shrinkable *s)
{
	size_t live = 0;
	u32 frame;

	for (size_t i = 0; i < s->nr; i++) {
		if (live_unit(m, s->heap[i], &frame))
			s->heap[live++] = s->heap[i];
	}
	s->nr = live;
	for (size_t i = live / 2; i-- > 0;)
		sift_down(s->heap, live, i);
}

static bool make_room(struct model *m, struct shrinkable *s)
{
	const size_t size = s->size ? 2 * s->size : 1024;
	u64 *heap;

	forget_dead(m, s);
	if (s->nr < s->size / 2)
		return true;
	heap = realloc(s->heap, size * sizeof(*heap));
	if (!heap) {
		m->no_memory = true;
		return false;
	}
	m->bytes += (size - s->size) * sizeof(*heap);
	s->heap = heap;
	s->size = size;
	return true;
}

static bool need_ranks(struct superpageblock *sb)
{
	struct model *m = sb->zone->m;
	const size_t nr = (size_t)1 << m->spb_order;

	if (sb->rank)
		return true;
	sb->rank = calloc(nr, sizeof(*sb->rank));
	if (!sb->rank) {
		m->no_memory = true;
		return false;
	}
	m->bytes += nr * sizeof(*sb->rank);
	return true;
}

void shrinkable_add(struct superpageblock *sb, u32 frame, u64 ident)
{
	struct model *m = sb->zone->m;
	struct shrinkable *s = &sb->zone->node->shrinkable;
	const u32 rank = rank_of(m, ident);

	if (!need_ranks(sb) || (s->nr == s->size && !make_room(m, s)))
		return;
	sb->rank[frame] = rank;
	s->heap[s->nr] = key_of(rank, sb_frame_pfn(sb, frame));
	sift_up(s->heap, s->nr++);
}

static u64 pop(struct shrinkable *s)
{
	const u64 key = s->heap[0];

	s->heap[0] = s->heap[--s->nr];
	sift_down(s->heap, s->nr, 0);
	return key;
}

u64 shrinkable_drop(struct model *m, struct node *node, u64 pages, u16 cpu)
{
	u64 dropped = 0;

	while (dropped < pages && node->shrinkable.nr) {
		u32 frame;
		struct superpageblock *sb = live_unit(m, pop(&node->shrinkable), &frame);

		if (!sb)
			continue;
		dropped += 1ULL << page_order(sb->page[frame]);
		sb->zone->counters.pages_shrunk += 1ULL << page_order(sb->page[frame]);
		drop_unit(sb, frame, cpu);
	}
	return dropped;
}

void shrinkable_fini(struct node *node)
{
	free(node->shrinkable.heap);
}
