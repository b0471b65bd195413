// SPDX-License-Identifier: GPL-2.0
/*
 * The model driven by bytes: the first ones choose the variant, then five bytes an operation,
 * senseless ones included. All invariants must hold after each.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/model.h"

#define HEAD 6
#define STEP 5
#define NR_SLOTS 256
#define STEPS_MAX 120

struct unit {
	u64 pfn;
	u8 order;
	bool used;
};

struct world {
	struct model *m;
	u64 now;
	struct unit unit[NR_SLOTS];
};

static void on_moved(void *ctx, u32 owner, u64 to)
{
	struct world *w = ctx;

	FUZZ_CHECK(owner < NR_SLOTS && w->unit[owner].used);
	w->unit[owner].pfn = to;
}

static void on_dropped(void *ctx, u32 owner)
{
	struct world *w = ctx;

	FUZZ_CHECK(owner < NR_SLOTS && w->unit[owner].used);
	w->unit[owner].used = false;
}

static const struct model_observer observer = { .moved = on_moved, .dropped = on_dropped };

/* Superpageblocks of 8 pageblocks of 16 pages: small, so that a few operations fill them. */
#define MAX_ORDER 5
#define BLOCK_ORDER 4
#define SPB_ORDER 7

static const struct model_zone_config zones[] = {
	{ 0, "DMA32", 70, 90 },
	{ 0, "Normal", 4096, 5 * 128 + 37 },
	{ 1, "Normal", 8192, 128 },
};
static const struct model_range ranges[] = {
	{ 80, 83, false }, { 4096 + 128, 4096 + 160, true },
};

static struct variant choose_variant(const u8 *head)
{
	struct variant v;

	variant_init(&v);
	v.allocator = head[0] & 1 ? ALLOCATOR_VANILLA : ALLOCATOR_SPB;
	v.update_list_mode = head[0] & 2 ? UPDATE_LIST_ALWAYS : UPDATE_LIST_BUCKET;
	v.update_list_rotate = head[0] >> 2 & 1;
	v.trigger_update = !(head[0] & 1);
	v.trigger_alloc = head[0] >> 3 & 1;
	v.trigger_fallthrough = head[0] >> 4 & 1;
	v.order10_quirk = head[0] >> 5 & 1;
	v.hints = head[0] >> 6 & 1;
	v.search = head[0] & 128 ? SEARCH_BITMAP : SEARCH_LIST;
	v.evac_deferred = head[1] & 1;
	v.pcp_mode = head[1] & 2 ? PCP_VANILLA : PCP_NONE;
	v.migrate_fail_ppm = (head[1] >> 2) * 20000u % 1000000;
	/* Any knob may take any value that its table allows. */
	for (u32 i = 2; i + 1 < HEAD; i += 2) {
		const struct knob *k = &knob_table[head[i] % nr_knobs];
		u64 span = k->type == KNOB_UINT ? (u64)k->max - k->min : 1;

		if (k->type == KNOB_UINT && head[i + 1] != 0xff)
			(void)!knob_set(&v, k, (u32)(k->min + span * head[i + 1] / 254));
	}
	return v;
}

static void do_alloc(struct world *w, const u8 *op)
{
	struct unit *u = &w->unit[op[1]];
	const struct model_req req = {
		.owner = op[1], .ident = op[1] * 31u + op[2], .zone = op[3] & 3, .cpu = op[3] >> 2,
		.order = op[2] & 7, .migratetype = op[2] >> 4 & 7,
	};
	struct model_result res;
	int ret;

	if (u->used)
		return;
	ret = model_alloc(w->m, w->now, &req, &res);
	FUZZ_CHECK(ret == 0 || ret == -ENOSPC || ret == -EINVAL);
	if (!ret)
		*u = (struct unit){ .pfn = res.pfn, .order = req.order, .used = true };
}

/* Whatever lies there, the model must not break: only a unit of ours can be freed. */
static void free_anything(struct world *w, const u8 *op)
{
	const u64 pfn = 4096 + op[2] * 4u;
	const u8 order = op[4] & 7;
	const int ret = model_free_pages(w->m, w->now, op[3], pfn, order);
	bool ours = false;

	for (u32 i = 0; i < NR_SLOTS; i++) {
		struct unit *u = &w->unit[i];

		if (u->used && u->pfn == pfn && u->order == order) {
			ours = true;
			u->used = false;
		}
	}
	FUZZ_CHECK(ret == (ours ? 0 : -EINVAL));
}

static void do_free(struct world *w, const u8 *op)
{
	struct unit *u = &w->unit[op[1]];
	int ret;

	model_run(w->m, w->now);	/* which may move or drop it */
	if (!u->used) {
		free_anything(w, op);
		return;
	}
	ret = model_free_pages(w->m, w->now, op[3], u->pfn, u->order);
	FUZZ_CHECK(!ret);
	u->used = false;
}

static void do_split(struct world *w, const u8 *op)
{
	struct unit *u = &w->unit[op[1]], *upper = &w->unit[op[2]];

	model_run(w->m, w->now);
	if (!u->used || upper->used || u == upper)
		return;
	if (!u->order) {
		FUZZ_CHECK(model_split(w->m, u->pfn, 0, op[2], 0) == -EINVAL);
		return;
	}
	FUZZ_CHECK(!model_split(w->m, u->pfn, u->order, op[2], op[3]));
	u->order--;
	*upper = *u;
	upper->pfn += 1ULL << u->order;
}

static void step(struct world *w, const u8 *op)
{
	switch (op[0] & 7) {
	case 0 ... 2:
		do_alloc(w, op);
		break;
	case 3 ... 4:
		do_free(w, op);
		break;
	case 5:
		do_split(w, op);
		break;
	case 6:
		w->now += op[1] * 10000000ULL;
		model_run(w->m, w->now);
		break;
	default:
		w->now += op[1] * 1000ULL + op[2];
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct model_config config = {
		.zones = zones, .nr_zones = ARRAY_SIZE(zones), .ranges = ranges,
		.nr_ranges = ARRAY_SIZE(ranges), .pageblock_order = BLOCK_ORDER,
		.spb_order = SPB_ORDER, .max_order = MAX_ORDER, .nr_cpus = 2, .seed = 7,
	};
	static struct world w;
	struct variant v;
	const char *why = NULL;
	char text[256] = "";

	if (len < HEAD)
		return 0;
	v = choose_variant(data);
	config.page_level = v.pcp_mode != PCP_NONE;
	if (variant_check(&v))
		return 0;
	memset(&w, 0, sizeof(w));
	w.m = model_new(&config, &v, &observer, &w, &why);
	if (!w.m) {
		FUZZ_CHECK(why);
		return 0;
	}
	model_start(w.m, 0);
	for (u32 i = 0; i < STEPS_MAX && HEAD + (i + 1) * STEP <= len; i++) {
		step(&w, data + HEAD + (size_t)i * STEP);
		if (model_check_touched(w.m, text, sizeof(text)))
			fuzz_fail(text, "operation", (int)i);
	}
	model_run(w.m, w.now + 100 * NSEC_PER_SEC);
	if (model_check(w.m, text, sizeof(text)))
		fuzz_fail(text, "the end", 0);
	model_free(w.m);
	fuzz_taken(0);
	return 0;
}
