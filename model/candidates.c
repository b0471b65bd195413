// SPDX-License-Identifier: GPL-2.0
#include "model/candidates.h"

#include <stdlib.h>

#define NR_ZONE_LISTS (__NR_SB_CATEGORIES * __NR_SB_FULLNESS + 2)

static u32 words_of(const struct zone *zone)
{
	return (zone->nr_superpageblocks + 63) / 64;
}

static u64 *free_bits(const struct zone *zone, u32 order, u32 mt)
{
	return &zone->free_bits[(order * MIGRATE_TYPES + mt) * words_of(zone)];
}

static void put_bit(u64 *bits, u32 i, bool on)
{
	if (on)
		bits[i / 64] |= 1ULL << (i % 64);
	else
		bits[i / 64] &= ~(1ULL << (i % 64));
}

static bool get_bit(const u64 *bits, u32 i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

/* Every list of SPBs the zone has, for the bitmaps of members. */
static struct spb_list *zone_list(struct zone *zone, u32 i)
{
	if (i < __NR_SB_CATEGORIES * __NR_SB_FULLNESS)
		return &zone->spb_lists[i / __NR_SB_FULLNESS][i % __NR_SB_FULLNESS];
	return i == __NR_SB_CATEGORIES * __NR_SB_FULLNESS ? &zone->spb_empty : &zone->spb_isolated;
}

bool candidates_init(struct zone *zone)
{
	struct model *m = zone->m;
	const size_t words = words_of(zone);
	const size_t nr = words * (MODEL_MAX_ORDERS * MIGRATE_TYPES + NR_ZONE_LISTS);

	if (m->v.search != SEARCH_BITMAP)
		return true;
	zone->free_bits = calloc(nr, sizeof(*zone->free_bits));
	if (!zone->free_bits)
		return false;
	m->bytes += nr * sizeof(*zone->free_bits);
	for (u32 i = 0; i < NR_ZONE_LISTS; i++)
		zone_list(zone, i)->members =
			zone->free_bits + words * (MODEL_MAX_ORDERS * MIGRATE_TYPES + i);
	return true;
}

void candidates_fini(struct zone *zone)
{
	free(zone->free_bits);
}

void candidates_free_list(struct superpageblock *sb, u32 order, u32 mt)
{
	const struct zone *zone = sb->zone;

	if (zone->free_bits)
		put_bit(free_bits(zone, order, mt), sb->index,
			sb->free_area[order].free_list[mt].head != FRAME_NIL);
}

void candidates_member(struct superpageblock *sb, struct spb_list *list, bool in)
{
	if (list->members)
		put_bit(list->members, sb->index, in);
}

bool candidates_check(const struct superpageblock *sb)
{
	struct zone *zone = sb->zone;

	if (!zone->free_bits)
		return true;
	for (u32 o = 0; o <= zone->m->max_order; o++) {
		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
			if (get_bit(free_bits(zone, o, mt), sb->index) !=
			    (sb->free_area[o].free_list[mt].head != FRAME_NIL))
				return false;
		}
	}
	for (u32 i = 0; i < NR_ZONE_LISTS; i++) {
		if (get_bit(zone_list(zone, i)->members, sb->index) !=
		    (sb->on == zone_list(zone, i)))
			return false;
	}
	return true;
}

void candidates_begin(struct candidates *c, const struct zone *zone, const struct spb_list *list,
		      struct want want)
{
	*c = (struct candidates){ .zone = zone, .list = list, .want = want };
}

/* Members of the list that have a wanted page, 64 SPBs at a time. */
static u64 load_word(const struct candidates *c, u32 word)
{
	const u64 members = c->list->members[word];
	u64 any = 0;

	for (u32 mt = 0; members && mt < MIGRATE_TYPES; mt++) {
		if (!(c->want.types >> mt & 1))
			continue;
		for (u32 o = c->want.lo; o <= c->want.hi; o++)
			any |= free_bits(c->zone, o, mt)[word];
	}
	return members & any;
}

static struct superpageblock *next_by_bitmap(struct candidates *c)
{
	u32 bit;

	while (!c->bits) {
		if (c->word == words_of(c->zone))
			return NULL;
		c->bits = load_word(c, c->word++);
	}
	bit = (u32)__builtin_ctzll(c->bits);
	c->bits &= c->bits - 1;
	return &c->zone->superpageblocks[(c->word - 1) * 64 + bit];
}

struct superpageblock *candidates_next(struct candidates *c)
{
	if (c->zone->free_bits)
		return next_by_bitmap(c);
	c->sb = c->sb ? c->sb->next : c->list->head;
	return c->sb;
}
