// SPDX-License-Identifier: GPL-2.0
#include "model/pcp_lists.h"

#include <stdlib.h>

#include "model/pageblock.h"
#include "model/pcp_buddy.h"

/* ---- nodes and lists ---- */

static bool pool_grow(struct model *m)
{
	struct pcp_buddy *b = m->pcp_buddy;
	const u32 nr = b->nr ? 2 * b->nr : 1024;
	struct pcp_node *node = realloc(b->node, nr * sizeof(*node));

	if (!node) {
		m->no_memory = true;
		return false;
	}
	for (u32 i = b->nr; i < nr; i++) {
		node[i].next = b->spare;
		b->spare = i;
	}
	m->bytes += (nr - b->nr) * sizeof(*node);
	b->node = node;
	b->nr = nr;
	return true;
}

static u32 pcp_node_new(struct model *m, u64 pfn, u32 order, u32 mt)
{
	struct pcp_buddy *b = m->pcp_buddy;
	u32 n;

	if (b->spare == PCP_NIL && !pool_grow(m))
		return PCP_NIL;
	n = b->spare;
	b->spare = b->node[n].next;
	b->node[n] = (struct pcp_node){ .pfn = pfn, .order = (u8)order, .mt = (u8)mt };
	return n;
}

static void pcp_node_free(struct model *m, u32 n)
{
	m->pcp_buddy->node[n].next = m->pcp_buddy->spare;
	m->pcp_buddy->spare = n;
}

static void pcp_list_add(const struct model *m, struct node_list *list, u32 n, bool tail)
{
	struct pcp_node *node = m->pcp_buddy->node;

	node[n].prev = tail ? list->tail : PCP_NIL;
	node[n].next = tail ? PCP_NIL : list->head;
	if (node[n].prev != PCP_NIL)
		node[node[n].prev].next = n;
	else
		list->head = n;
	if (node[n].next != PCP_NIL)
		node[node[n].next].prev = n;
	else
		list->tail = n;
}

static void pcp_list_del(const struct model *m, struct node_list *list, u32 n)
{
	struct pcp_node *node = m->pcp_buddy->node;

	if (node[n].prev != PCP_NIL)
		node[node[n].prev].next = node[n].next;
	else
		list->head = node[n].next;
	if (node[n].next != PCP_NIL)
		node[node[n].next].prev = node[n].prev;
	else
		list->tail = node[n].prev;
}

void pcp_enqueue(struct zone *zone, struct pcp_cpu *pcp, u64 pfn, u32 order, u32 mt, bool tail,
		 bool owned)
{
	const u32 n = pcp_node_new(zone->m, pfn, order, mt);

	if (n == PCP_NIL)
		return;
	*word_of(zone, pfn) =
		page_make_used(order, mt, n, PAGE_ON_PCP | (owned ? PAGE_PCP_BUDDY : 0));
	pcp_list_add(zone->m, &pcp->lists[order_to_pindex(order, mt)], n, tail);
	pcp->size.count += 1LL << order;
}

bool pcp_dequeue(struct zone *zone, struct pcp_cpu *pcp, u32 n)
{
	const struct pcp_node node = zone->m->pcp_buddy->node[n];
	u64 *word = word_of(zone, node.pfn);
	const bool owned = *word & PAGE_PCP_BUDDY;

	pcp_list_del(zone->m, &pcp->lists[order_to_pindex(node.order, node.mt)], n);
	pcp_node_free(zone->m, n);
	*word = PAGE_INSIDE;
	pcp->size.count -= 1LL << node.order;
	return owned;
}

/* ---- ownership ---- */

static struct block_owner *owner_of(const struct superpageblock *sb, u32 frame)
{
	return sb->owners ? &sb->owners[frame_block(sb, frame)] : NULL;
}

bool pcpblock_is_owned(const struct superpageblock *sb, u32 frame)
{
	return sb->owners && owner_of(sb, frame)->cpu;
}

void set_pcpblock_owner(struct superpageblock *sb, u32 frame, u32 cpu)
{
	struct model *m = sb->zone->m;
	const u32 nr_blocks = 1U << (m->spb_order - m->pageblock_order);

	if (!sb->owners) {
		sb->owners = calloc(nr_blocks, sizeof(*sb->owners));
		if (!sb->owners) {
			m->no_memory = true;
			return;
		}
		m->bytes += nr_blocks * sizeof(*sb->owners);
	}
	owner_of(sb, frame)->cpu = (u16)(cpu + 1);
}

u32 pcpblock_owner(const struct superpageblock *sb, u32 frame)
{
	return owner_of(sb, frame)->cpu - 1U;
}

void pcpblock_forget_fragments(struct superpageblock *sb, u32 frame)
{
	struct block_owner *o = owner_of(sb, frame);
	struct model *m = sb->zone->m;

	if (!o->node)
		return;
	pcp_list_del(m, &pcp_of(m, sb->zone, o->cpu - 1U)->owned_blocks, o->node - 1);
	pcp_node_free(m, o->node - 1);
	o->node = 0;
}

void pcp_buddy_disown(struct superpageblock *sb, u32 frame)
{
	pcpblock_forget_fragments(sb, frame);
	owner_of(sb, frame)->cpu = 0;
}

void pcpblock_note_fragments(struct superpageblock *sb, u32 frame)
{
	struct block_owner *o = owner_of(sb, frame);
	struct model *m = sb->zone->m;
	u32 n;

	if (!o || !o->cpu || o->node)
		return;
	n = pcp_node_new(m, sb_frame_pfn(sb, frame & ~(m->pageblock_nr_pages - 1)), 0, 0);
	if (n == PCP_NIL)
		return;
	pcp_list_add(m, &pcp_of(m, sb->zone, o->cpu - 1U)->owned_blocks, n, false);
	o->node = n + 1;
}

/* ---- pages that other CPUs freed ---- */

void absorb_remote_frees(struct zone *zone, struct pcp_cpu *pcp)
{
	struct model *m = zone->m;

	while (pcp->free_llist.head != PCP_NIL) {
		const u32 n = pcp->free_llist.head;
		const struct pcp_node node = m->pcp_buddy->node[n];
		const struct found at = pcp_spot(zone, node.pfn);
		u32 mt = pageblock_migratetype(at.sb, at.frame);

		if (mt >= MIGRATE_PCPTYPES)
			mt = MIGRATE_MOVABLE;
		pcp_list_del(m, &pcp->free_llist, n);
		pcp_node_free(m, n);
		pcp_enqueue(zone, pcp, node.pfn, node.order, mt, false, true);
	}
}

void free_to_remote(struct superpageblock *sb, u32 frame, u32 order, struct pcp_cpu *pcp)
{
	const u32 n = pcp_node_new(sb->zone->m, sb_frame_pfn(sb, frame), order, 0);

	if (n == PCP_NIL)
		return;
	sb->page[frame] = page_make_used(order, MIGRATE_MOVABLE, n, PAGE_ON_PCP);
	pcp_list_add(sb->zone->m, &pcp->free_llist, n, false);
}

/* ---- life ---- */

bool pcp_buddy_init(struct model *m)
{
	const size_t nr = (size_t)m->config.nr_cpus * m->nr_zones;
	struct pcp_buddy *b = calloc(1, sizeof(*b));

	m->pcp_buddy = b;
	if (!b)
		return false;
	b->spare = PCP_NIL;
	b->cpu = calloc(nr, sizeof(*b->cpu));
	if (!b->cpu)
		return false;
	m->bytes += sizeof(*b) + nr * sizeof(*b->cpu);
	for (size_t i = 0; i < nr; i++) {
		for (u32 l = 0; l < NR_LISTS; l++)
			b->cpu[i].lists[l] = (struct node_list){PCP_NIL, PCP_NIL};
		b->cpu[i].owned_blocks = (struct node_list){PCP_NIL, PCP_NIL};
		b->cpu[i].free_llist = (struct node_list){PCP_NIL, PCP_NIL};
		pcp_size_init(&b->cpu[i].size, &m->zones[i % m->nr_zones]);
	}
	return true;
}

void pcp_buddy_fini(struct model *m)
{
	if (!m->pcp_buddy)
		return;
	free(m->pcp_buddy->cpu);
	free(m->pcp_buddy->node);
	free(m->pcp_buddy);
}

/* ---- check ---- */

/* Pages of @list that say they are on it. Return: false: one does not (@pfn) */
static bool check_list(const struct zone *zone, const struct node_list *list, s64 *pages, u64 *pfn)
{
	const struct model *m = zone->m;

	for (u32 n = list->head; n != PCP_NIL; n = m->pcp_buddy->node[n].next) {
		const struct pcp_node *node = &m->pcp_buddy->node[n];
		u64 w;

		*pfn = node->pfn;
		if (pfn_to_zone(m, node->pfn) != zone)
			return false;
		w = *word_of(zone, node->pfn);
		if (page_state(w) != PAGE_USED || !(w & PAGE_ON_PCP) || page_owner(w) != n ||
		    page_order(w) != node->order)
			return false;
		*pages += 1LL << node->order;
	}
	*pfn = 0;
	return true;
}

static bool check_cpu(const struct zone *zone, const struct pcp_cpu *pcp, u64 *pages, u64 *pfn)
{
	s64 counted = 0, remote = 0;

	for (u32 l = 0; l < NR_LISTS; l++) {
		if (!check_list(zone, &pcp->lists[l], &counted, pfn))
			return false;
	}
	if (!check_list(zone, &pcp->free_llist, &remote, pfn))
		return false;
	*pages += (u64)(counted + remote);
	return counted == pcp->size.count;
}

bool pcp_buddy_check(const struct model *m, u64 *pages, u64 *pfn)
{
	for (u32 i = 0; i < m->config.nr_cpus * m->nr_zones; i++) {
		if (!check_cpu(&m->zones[i % m->nr_zones], &m->pcp_buddy->cpu[i], pages, pfn))
			return false;
	}
	return true;
}
