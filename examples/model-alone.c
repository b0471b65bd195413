// SPDX-License-Identifier: GPL-2.0
/*
 * The model without any capture: one zone of four superpageblocks, movable memory everywhere, then
 * slab allocations until a fresh one is tainted. Build: make tools.
 */
#include <stdio.h>

#include "model/model.h"

static void on_taint(void *ctx, const struct model_taint *t)
{
	(void)ctx;
	printf("%8.3f ms: spb %u is %s, by %s, order %u, %s\n", (double)t->time / 1e6, t->spb,
	       sb_category_name(t->to), spb_outcome_name(t->outcome), t->order,
	       migratetype_name(t->migratetype));
}

static void on_pass(void *ctx, const struct model_defrag_pass *p)
{
	(void)ctx;
	printf("%8.3f ms: defrag of spb %u, asked by %s: %llu pages moved, %s\n",
	       (double)p->end / 1e6, p->spb, defrag_trigger_name(p->trigger),
	       (unsigned long long)p->pages_migrated, p->progress ? "progress" : "no progress");
}

int main(void)
{
	static const struct model_zone_config zone = {
		.name = "Normal", .start_pfn = 1 << 20, .spanned = 4ULL << 18,
	};
	static const struct model_observer observer = { .taint = on_taint, .defrag_pass = on_pass };
	const struct model_config config = { .zones = &zone, .nr_zones = 1, .pageblock_order = 9,
					     .spb_order = 18, .max_order = 10, .nr_cpus = 1 };
	struct model_result where;
	struct model_req req = { 0 };
	struct variant patch;
	const char *why = NULL;
	struct model *m;
	char text[256];
	u64 now = 0;

	variant_init(&patch);
	patch.trigger_alloc = 1;
	patch.trigger_fallthrough = 1;
	m = model_new(&config, &patch, &observer, NULL, &why);
	if (!m) {
		fprintf(stderr, "%s\n", why ? why : "out of memory");
		return 1;
	}
	for (; req.owner < 100000; req.owner++, now += 1000) {
		const bool slab = req.owner % 3 == 0;

		req.order = slab ? 3 : 0;
		req.ident = req.owner;
		req.migratetype = slab ? MIGRATE_RECLAIMABLE : MIGRATE_MOVABLE;
		if (model_alloc(m, now, &req, &where))
			break;
	}
	printf("%u requests, the last one at pfn %llu by %s\n", req.owner,
	       (unsigned long long)where.pfn, spb_outcome_name(where.outcome));
	printf("check: %s\n", model_check(m, text, sizeof(text)) ? text : "fine");
	model_free(m);
	return 0;
}
