// SPDX-License-Identifier: GPL-2.0
#include "replay/metrics/divergence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *divergence_kind_name(u32 kind)
{
	static const char *const names[NR_DIVERGENCE_KINDS] = {
		[DIVERGE_CATEGORY] = "placement_category",
		[DIVERGE_SPB] = "placement_spb",
		[DIVERGE_FAILED] = "failed",
		[DIVERGE_TAINT_VARIANT] = "taint_only_variant",
		[DIVERGE_TAINT_BASELINE] = "taint_only_baseline",
	};

	return kind < NR_DIVERGENCE_KINDS ? names[kind] : "unknown";
}

int divergence_init(struct divergence *d, u32 nr_zones)
{
	u32 nr = nr_zones ? nr_zones : 1;

	*d = (struct divergence){ .nr_zones = nr_zones };
	d->of_variant = calloc(nr, sizeof(*d->of_variant));
	d->of_baseline = calloc(nr, sizeof(*d->of_baseline));
	if (d->of_variant && d->of_baseline)
		return 0;
	divergence_fini(d);
	return -ENOMEM;
}

static void lists_fini(struct placement_list *lists, u32 nr)
{
	for (u32 i = 0; lists && i < nr; i++)
		free(lists[i].list);
	free(lists);
}

void divergence_fini(struct divergence *d)
{
	lists_fini(d->of_variant, d->nr_zones);
	lists_fini(d->of_baseline, d->nr_zones);
	free(d->rows);
	*d = (struct divergence){ 0 };
}

static int add_row(struct divergence *d, const struct divergence_row *row)
{
	if (d->nr_rows == d->max_rows) {
		u32 max = d->max_rows ? d->max_rows * 2 : 16;
		struct divergence_row *p = max > d->max_rows ? realloc(d->rows, max * sizeof(*p)) :
							       NULL;

		if (!p)
			return -ENOMEM;
		d->rows = p;
		d->max_rows = max;
	}
	d->rows[d->nr_rows++] = *row;
	return 0;
}

/* ---- placements, block by block ---- */

/* The kind of difference between two placements of one allocation, or -1. */
static int placement_difference(const struct placement *a, const struct placement *b)
{
	if ((a->outcome == PLACED_FAILED) != (b->outcome == PLACED_FAILED))
		return DIVERGE_FAILED;
	if (a->outcome >= PLACED_NONE)
		return -1;
	if (a->category != b->category)
		return DIVERGE_CATEGORY;
	if (a->spb != b->spb || a->zone != b->zone)
		return DIVERGE_SPB;
	return -1;
}

static int note_difference(struct divergence *d, u32 kind, const struct op *op,
			   const struct placement *baseline, const struct placement *variant)
{
	const struct placement *where = variant->outcome == PLACED_FAILED ? baseline : variant;
	struct divergence_row row = {
		.at = { .time = op->time, .event = op->event, .task = op->task, .gfp = op->gfp,
			.cpu = op->cpu, .actor = ACTOR_OP },
		.spb = where->spb,
		.zone = where->zone,
		.kind = (u8)kind,
		.order = op->order,
		.migratetype = op->migratetype,
		.baseline = *baseline,
		.variant = *variant,
	};

	d->found[kind] = true;
	return add_row(d, &row);
}

static bool all_found(const struct divergence *d)
{
	return d->found[DIVERGE_CATEGORY] && d->found[DIVERGE_SPB] && d->found[DIVERGE_FAILED];
}

static int compare_placements(struct divergence *d, const struct op_block *ops,
			      const struct placement *baseline, const struct placement *variant)
{
	/* Most blocks are alike, or differ only in ways already seen: look closer only then. */
	if (!ops->nr || all_found(d) ||
	    !memcmp(baseline, variant, ops->nr * sizeof(*baseline)))
		return 0;
	for (u32 i = 0; i < ops->nr; i++) {
		int kind = placement_difference(&baseline[i], &variant[i]);

		if (kind < 0 || d->found[kind])
			continue;
		if (note_difference(d, (u32)kind, &ops->ops[i], &baseline[i], &variant[i]))
			return -ENOMEM;
		if (all_found(d))
			break;
	}
	return 0;
}

/* Remember what the other side did with the operations behind new taint rows of @z. */
static int remember_others(struct placement_list *l, const struct metrics_zone *z,
			   const struct placement *other)
{
	if (z->nr_taints > l->max) {
		struct placement *p = realloc(l->list, z->max_taints * sizeof(*p));

		if (!p)
			return -ENOMEM;
		l->list = p;
		l->max = z->max_taints;
	}
	for (; l->nr < z->nr_taints; l->nr++) {
		const struct metrics_taint *t = &z->taints[l->nr];
		bool has_op = other && t->at.actor == ACTOR_OP;

		l->list[l->nr] = has_op ? other[t->at.op_index] :
					  (struct placement){ .outcome = PLACED_NONE };
	}
	return 0;
}

int divergence_block(struct divergence *d, const struct op_block *ops,
		     const struct divergence_side *baseline, const struct divergence_side *variant)
{
	for (u32 i = 0; i < d->nr_zones; i++) {
		if (remember_others(&d->of_variant[i], &variant->metrics->zones[i],
				    baseline->placed) ||
		    remember_others(&d->of_baseline[i], &baseline->metrics->zones[i],
				    variant->placed))
			return -ENOMEM;
	}
	return compare_placements(d, ops, baseline->placed, variant->placed);
}

/* ---- taints, at the end ---- */

/**
 * struct spb_history - one SPB on both sides
 * @until: time and row number of the last moment at which the other side had it tainted:
 *	UINT64_MAX when it still is, 0 when it never was
 * @reported: a row exists
 */
struct spb_history {
	u64 until_time;
	u64 until_event;
	bool ever;
	bool at_end;
	bool reported;
};

/* When the SPBs of @other were last tainted. */
static void fill_history(struct spb_history *h, const struct metrics_zone *other)
{
	memset(h, 0, other->nr_spbs * sizeof(*h));
	for (u32 i = 0; i < other->nr_taints; i++) {
		const struct metrics_taint *t = &other->taints[i];

		h[t->spb].ever = true;
		h[t->spb].until_time = t->at.time;
		h[t->spb].until_event = t->at.event;
	}
	for (u32 spb = 0; spb < other->nr_spbs; spb++)
		h[spb].at_end = other->spbs[spb].category == SB_TAINTED;
}

/* Was the other side's SPB tainted at or after the moment @at? */
static bool tainted_from(const struct spb_history *h, const struct metrics_moment *at)
{
	if (h->at_end)
		return true;
	if (!h->ever || h->until_time < at->time)
		return false;
	return h->until_time > at->time || h->until_event > at->event;
}

static int match_zone(struct divergence *d, u32 zone, u32 kind, const struct metrics_zone *own,
		      const struct placement_list *others, struct spb_history *h)
{
	for (u32 i = 0; i < own->nr_taints; i++) {
		const struct metrics_taint *t = &own->taints[i];
		struct placement did = { .spb = t->spb, .zone = (u16)zone, .category = t->from,
					 .outcome = t->cause == CAUSE_OUTCOME ? t->outcome :
										PLACED_NONE };
		struct placement other = i < others->nr ? others->list[i] :
				(struct placement){ .outcome = PLACED_NONE };
		struct divergence_row row = {
			.at = t->at, .seq = t->seq + 1, .spb = t->spb, .zone = (u16)zone,
			.kind = (u8)kind, .order = t->order, .migratetype = t->migratetype,
		};

		if (t->to != SB_TAINTED || h[t->spb].reported || tainted_from(&h[t->spb], &t->at))
			continue;
		h[t->spb].reported = true;
		row.variant = kind == DIVERGE_TAINT_VARIANT ? did : other;
		row.baseline = kind == DIVERGE_TAINT_VARIANT ? other : did;
		if (add_row(d, &row))
			return -ENOMEM;
	}
	return 0;
}

static int by_operation(const void *a, const void *b)
{
	const struct divergence_row *x = a, *y = b;

	if (x->at.time != y->at.time)
		return x->at.time < y->at.time ? -1 : 1;
	if (x->at.event != y->at.event)
		return x->at.event < y->at.event ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

int divergence_finish(struct divergence *d, const struct metrics *baseline,
		      const struct metrics *variant)
{
	int ret = 0;

	for (u32 i = 0; i < d->nr_zones && !ret; i++) {
		const struct metrics_zone *b = &baseline->zones[i];
		const struct metrics_zone *v = &variant->zones[i];
		struct spb_history *h = calloc(b->nr_spbs + 1ULL, sizeof(*h));

		if (!h)
			return -ENOMEM;
		fill_history(h, b);
		ret = match_zone(d, i, DIVERGE_TAINT_VARIANT, v, &d->of_variant[i], h);
		fill_history(h, v);
		if (!ret)
			ret = match_zone(d, i, DIVERGE_TAINT_BASELINE, b, &d->of_baseline[i], h);
		free(h);
	}
	if (d->nr_rows)
		qsort(d->rows, d->nr_rows, sizeof(*d->rows), by_operation);
	return ret;
}
