// SPDX-License-Identifier: GPL-2.0
#include "tests/oracle/oracle.h"

#include <stdlib.h>
#include <string.h>

static void grow(struct oseq *s)
{
	if (s->n < s->cap)
		return;
	s->cap = s->cap ? s->cap * 2 : 8;
	s->v = realloc(s->v, s->cap * sizeof(*s->v));
	if (!s->v)
		abort();
}

void oseq_push_head(struct oseq *s, u32 x)
{
	grow(s);
	memmove(s->v + 1, s->v, s->n * sizeof(*s->v));
	s->v[0] = x;
	s->n++;
}

void oseq_push_tail(struct oseq *s, u32 x)
{
	grow(s);
	s->v[s->n++] = x;
}

void oseq_remove(struct oseq *s, u32 x)
{
	u32 i = 0;

	while (i < s->n && s->v[i] != x)
		i++;
	if (i == s->n)
		abort();
	s->n--;
	memmove(s->v + i, s->v + i + 1, (s->n - i) * sizeof(*s->v));
}

static bool has_wanted(const struct ospb *sb, const struct owant *want)
{
	for (u32 order = want->lo; order <= want->hi; order++) {
		for (u32 mt = 0; mt < MIGRATE_TYPES; mt++) {
			if ((want->types >> mt & 1) && sb->free_list[order][mt].n)
				return true;
		}
	}
	return false;
}

struct oseq o_to_visit(const struct ozone *z, u32 list, const struct owant *want)
{
	struct oseq out = { 0 };

	if (z->o->v.search == SEARCH_LIST) {
		for (u32 i = 0; i < z->list[list].n; i++)
			oseq_push_tail(&out, z->list[list].v[i]);
		return out;
	}
	for (u32 i = 0; i < z->nr_spbs; i++) {
		if (z->spb[i].on == list && has_wanted(&z->spb[i], want))
			oseq_push_tail(&out, i);
	}
	return out;
}
