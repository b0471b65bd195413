// SPDX-License-Identifier: GPL-2.0
#include "cmd/explain/pairs.h"

#include <string.h>

static void add(struct pairs *p, const struct results *a, u32 i, const struct results *b, u32 j)
{
	if (p->nr < RESULTS_MAX_VARIANTS)
		p->list[p->nr++] = (struct pair){ { a, a->variants[i] }, { b, b->variants[j] } };
}

void pairs_inside(struct pairs *p, const struct results *r)
{
	p->nr = 0;
	for (u32 i = 1; i < r->nr_variants; i++)
		add(p, r, 0, r, i);
}

void pairs_between(struct pairs *p, const struct results *a, const struct results *b)
{
	p->nr = 0;
	for (u32 i = 0; i < a->nr_variants; i++) {
		for (u32 j = 0; j < b->nr_variants; j++) {
			if (!strcmp(a->variants[i], b->variants[j]))
				add(p, a, i, b, j);
		}
	}
	for (u32 j = 0; !p->nr && j < b->nr_variants; j++)
		add(p, a, 0, b, j);
}
