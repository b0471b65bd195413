// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/pagetypeinfo.h"

#include <stdlib.h>
#include <string.h>

#define PAGEBLOCK_MAX_ORDER 18

/** struct block_table - columns of "Number of blocks type", by migratetype */
struct block_table {
	u32 nr;
	u32 mt[MIGRATE_TYPES];
};

static const char *skip_blanks(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

/* The migratetype that a word names, or MIGRATE_TYPES; *@p moves behind the word. */
static u32 take_type(const char **p)
{
	const char *word = skip_blanks(*p);
	const size_t len = strcspn(word, " ");

	*p = word + len;
	for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
		const char *name = migratetype_name(mt);

		if (strlen(name) == len && !strncmp(name, word, len))
			return mt;
	}
	return MIGRATE_TYPES;
}

/* "Node    0, zone      DMA": index of the zone, or -1; *@p moves behind its name. */
static int take_zone(const struct snapshot *s, const char **p)
{
	const char *at = *p + strlen("Node");
	size_t len;
	u64 node;

	if (strncmp(*p, "Node", 4) != 0 || !text_u64(&at, 10, &node) ||
	    strncmp(at, ", zone ", 7) != 0)
		return -1;
	at = skip_blanks(at + 7);
	len = strcspn(at, " ,");
	*p = at + len;
	for (u32 z = 0; z < s->nr_zones; z++) {
		const struct log_zone *zone = &s->zones[z];

		if (zone->node == node && strlen(zone->name) == len &&
		    !strncmp(zone->name, at, len))
			return (int)z;
	}
	return -1;
}

/* ", type    Unmovable    0    11 ...": the kernel stops counting at ">100000". */
static void free_row(struct snapshot_types *types, const char *p)
{
	u32 mt;

	p += strlen(", type");
	mt = take_type(&p);
	for (u32 o = 0; mt < MIGRATE_TYPES && o < MODEL_MAX_ORDERS; o++) {
		p = skip_blanks(p);
		p += *p == '>';
		if (!text_u64(&p, 10, &types->nr_free[mt][o]))
			return;
	}
}

static void block_row(struct snapshot_types *types, const struct block_table *table, const char *p)
{
	for (u32 i = 0; i < table->nr; i++) {
		u64 nr;

		if (!text_u64(&p, 10, &nr))
			return;
		if (table->mt[i] < MIGRATE_TYPES)
			types->blocks[table->mt[i]] = nr;
	}
}

static void block_header(struct block_table *table, const char *p)
{
	p += strlen("Number of blocks type");
	table->nr = 0;
	while (*(p = skip_blanks(p)) && table->nr < MIGRATE_TYPES)
		table->mt[table->nr++] = take_type(&p);
}

static void zone_row(struct snapshot *s, const struct block_table *table, const char *line)
{
	const int z = take_zone(s, &line);

	if (z < 0)
		return;
	if (!strncmp(line, ", type", 6))
		free_row(&s->types[z], line);
	else if (*line == ' ')
		block_row(&s->types[z], table, line);
}

/*
 * "Free pages count per migrate type at order 0 1 ... 10": the last one; 0: none is there
 */
static u32 last_order(const char *line)
{
	const char *p = strstr(line, "order");
	u64 order, last = 0;

	for (p = p ? p + strlen("order") : line; text_u64(&p, 10, &order); last = order)
		;
	return last > PAGEBLOCK_MAX_ORDER ? 0 : (u32)last;
}

int pagetypeinfo_load(struct snapshot *s, struct text *t, struct error *err)
{
	struct block_table table = { 0 };
	char *line;
	u64 order;

	s->types = calloc(s->nr_zones, sizeof(*s->types));
	if (!s->types)
		return err_nomem(err, "counts of pageblocks");
	while ((line = text_line(t))) {
		if (text_key_value(line, "Page block order", &order)) {
			if (!order || order > PAGEBLOCK_MAX_ORDER)
				return text_damaged(t, "impossible page block order", err);
			s->pageblock_order = (u32)order;
		} else if (!strncmp(line, "Free pages count", 16)) {
			s->max_order = last_order(line);
		} else if (!strncmp(line, "Number of blocks type", 21)) {
			block_header(&table, line);
		} else {
			zone_row(s, &table, line);
		}
	}
	return s->pageblock_order ? 0 : text_damaged(t, "no page block order", err);
}
