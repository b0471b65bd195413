// SPDX-License-Identifier: GPL-2.0
#include "model/candidates.h"

#include <stdlib.h>
#include <string.h>

#define NR_ZONE_LISTS (__NR_SB_CATEGORIES * __NR_SB_FULLNESS + 2)
#define NR_ROWS (MIGRATE_TYPES * MODEL_MAX_ORDERS)

/*
 * A row: a bit for each superpageblock, then a bit for each of those words that is not 0: so that
 * a search on a large machine goes straight to the first word that has something.
 */
static u64 words_for(u64 bits)
{
	return (bits + 63) / 64;
}

static u32 words_of(const struct zone *zone)
{
	return (u32)words_for(zone->nr_superpageblocks);
}

static u64 row_words(u64 nr_spbs)
{
	return words_for(nr_spbs) + words_for(words_for(nr_spbs));
}

static u64 *row(const struct zone *zone, const struct spb_list *list, u32 order, u32 mt)
{
	return &list->bits[(mt * MODEL_MAX_ORDERS + order) * row_words(zone->nr_superpageblocks)];
}

static void put_bit(u64 *bits, u32 i, bool on)
{
	if (on)
		bits[i / 64] |= 1ULL << (i % 64);
	else
		bits[i / 64] &= ~(1ULL << (i % 64));
}

static void put_row_bit(const struct zone *zone, u64 *bits, u32 i, bool on)
{
	put_bit(bits, i, on);
	put_bit(bits + words_of(zone), i / 64, bits[i / 64]);
}

static bool get_bit(const u64 *bits, u32 i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

/* Every list of SPBs the zone has. */
static struct spb_list *zone_list(struct zone *zone, u32 i)
{
	if (i < __NR_SB_CATEGORIES * __NR_SB_FULLNESS)
		return &zone->spb_lists[i / __NR_SB_FULLNESS][i % __NR_SB_FULLNESS];
	return i == __NR_SB_CATEGORIES * __NR_SB_FULLNESS ? &zone->spb_empty : &zone->spb_isolated;
}

u64 candidates_bytes(u64 nr_spbs)
{
	return row_words(nr_spbs) * NR_ROWS * NR_ZONE_LISTS * sizeof(u64);
}

bool candidates_init(struct zone *zone)
{
	struct model *m = zone->m;
	const size_t per_list = row_words(zone->nr_superpageblocks) * NR_ROWS;

	if (m->v.search != SEARCH_BITMAP)
		return true;
	zone->free_bits = calloc(per_list * NR_ZONE_LISTS, sizeof(*zone->free_bits));
	if (!zone->free_bits)
		return false;
	m->bytes += candidates_bytes(zone->nr_superpageblocks);
	for (u32 i = 0; i < NR_ZONE_LISTS; i++)
		zone_list(zone, i)->bits = zone->free_bits + per_list * i;
	return true;
}

void candidates_fini(struct zone *zone)
{
	free(zone->free_bits);
}

/* A member of @list has, or has no more, free pages of (@order, @mt). */
static void note(const struct superpageblock *sb, struct spb_list *list, u32 order, u32 mt,
		 bool has)
{
	list->nr_with[mt][order] += has ? 1 : ~0U;
	if (list->nr_with[mt][order])
		list->orders[mt] |= (u16)(1U << order);
	else
		list->orders[mt] &= (u16)~(1U << order);
	if (list->bits)
		put_row_bit(sb->zone, row(sb->zone, list, order, mt), sb->index, has);
}

void candidates_free_list(struct superpageblock *sb, u32 order, u32 mt)
{
	const bool has = sb->free_area[order].free_list[mt].head != FRAME_NIL;

	if ((sb->free_orders[mt] >> order & 1) == has)
		return;
	sb->free_orders[mt] ^= (u16)(1U << order);
	if (sb->on)
		note(sb, sb->on, order, mt, has);
}

void candidates_member(struct superpageblock *sb, struct spb_list *list, bool in)
{
	u32 order;

	list->nr += in ? 1 : ~0U;
	for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
		for_each_order(order, sb->free_orders[mt])
			note(sb, list, order, mt, in);
	}
}

/* ---- walks ---- */

void candidates_begin(struct candidates *c, const struct zone *zone, const struct spb_list *list,
		      struct want want)
{
	u32 types = 0, mt;

	*c = (struct candidates){ .zone = zone, .list = list,
				  .orders = orders_between(want.lo, want.hi) };
	/* A bit a type, like orders. */
	for_each_order(mt, want.types)
		types |= (list->orders[mt] & c->orders ? 1U : 0) << mt;
	c->types = types;
	if (!types && !zone->free_bits)
		c->passed = list->nr;
}

/* Word @word of all wanted rows together */
static u64 load_word(const struct candidates *c, u32 word)
{
	u32 mt, order;
	u64 any = 0;

	for (u32 types = c->types; types; types &= types - 1) {
		mt = (u32)__builtin_ctz(types);
		for_each_order(order, c->list->orders[mt] & c->orders)
			any |= row(c->zone, c->list, order, mt)[word];
	}
	return any;
}

/* The next word from @c->word on that is not 0. Return: false: there is none */
static bool next_word(struct candidates *c)
{
	const u32 words = words_of(c->zone);
	u64 mask = ~0ULL << (c->word % 64);

	for (u32 i = c->word / 64; i < words_for(words); i++, mask = ~0ULL) {
		const u64 some = load_word(c, words + i) & mask;

		if (!some)
			continue;
		c->word = i * 64 + (u32)__builtin_ctzll(some);
		return true;
	}
	return false;
}

static struct superpageblock *next_by_bitmap(struct candidates *c)
{
	u32 bit;

	while (!c->bits) {
		if (!next_word(c))
			return NULL;
		c->bits = load_word(c, c->word++);
	}
	bit = (u32)__builtin_ctzll(c->bits);
	c->bits &= c->bits - 1;
	return &c->zone->superpageblocks[(c->word - 1) * 64 + bit];
}

static bool has_wanted(const struct candidates *c, const struct superpageblock *sb)
{
	u32 mt;

	for_each_order(mt, c->types) {
		if (sb->free_orders[mt] & c->orders)
			return true;
	}
	return false;
}

struct superpageblock *candidates_next(struct candidates *c)
{
	struct superpageblock *sb;

	if (!c->types)
		return NULL;
	if (c->zone->free_bits)
		return next_by_bitmap(c);
	c->passed = 0;
	for (sb = c->sb ? c->sb->next : c->list->head; sb && !has_wanted(c, sb); sb = sb->next)
		c->passed++;
	c->sb = sb;
	return sb;
}

/* ---- checks ---- */

bool candidates_check(const struct superpageblock *sb)
{
	struct zone *zone = sb->zone;

	for (u32 o = 0; o <= zone->m->max_order; o++) {
		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
			const bool has = sb->free_area[o].free_list[mt].head != FRAME_NIL;

			if ((sb->free_orders[mt] >> o & 1) != has)
				return false;
			for (u32 i = 0; zone->free_bits && i < NR_ZONE_LISTS; i++) {
				const struct spb_list *list = zone_list(zone, i);

				if (get_bit(row(zone, list, o, mt), sb->index) !=
				    (has && sb->on == list))
					return false;
			}
		}
	}
	return true;
}

static bool list_counts_right(const struct spb_list *list)
{
	u32 nr_with[MIGRATE_TYPES][MODEL_MAX_ORDERS] = { 0 };
	u32 orders[MIGRATE_TYPES] = { 0 };
	u32 nr = 0, order;

	for (const struct superpageblock *sb = list->head; sb; sb = sb->next) {
		nr++;
		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
			orders[mt] |= sb->free_orders[mt];
			for_each_order(order, sb->free_orders[mt])
				nr_with[mt][order]++;
		}
	}
	for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
		if (list->orders[mt] != orders[mt])
			return false;
	}
	return list->nr == nr && !memcmp(list->nr_with, nr_with, sizeof(nr_with));
}

static bool row_summary_right(const struct zone *zone, const u64 *bits)
{
	for (u32 w = 0; w < words_of(zone); w++) {
		if (get_bit(bits + words_of(zone), w) != !!bits[w])
			return false;
	}
	return true;
}

/* Most lists are empty most of the time: their rows are compared in one go. */
static bool rows_right(const struct zone *zone, const struct spb_list *list)
{
	const u64 words = row_words(zone->nr_superpageblocks);
	const u64 *bits = list->bits;

	if (!bits)
		return true;
	if (!list->nr)
		return !bits[0] && !memcmp(bits, bits + 1, (words * NR_ROWS - 1) * sizeof(*bits));
	for (u32 r = 0; r < NR_ROWS; r++, bits += words) {
		if (!row_summary_right(zone, bits))
			return false;
	}
	return true;
}

bool candidates_check_lists(const struct zone *zone)
{
	for (u32 i = 0; i < NR_ZONE_LISTS; i++) {
		const struct spb_list *list = zone_list((struct zone *)zone, i);

		if (!list_counts_right(list) || !rows_right(zone, list))
			return false;
	}
	return true;
}
