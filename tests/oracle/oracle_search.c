// SPDX-License-Identifier: GPL-2.0
/* __rmqueue_smallest(), pass by pass (S2.2). */
#include "tests/oracle/oracle.h"

#include <stdlib.h>

#define NOTHING ((struct opage){ .sb = NULL })

static struct opage found(struct ospb *sb, u32 frame, u32 outcome)
{
	return (struct opage){ .sb = sb, .frame = frame, .outcome = (u8)outcome };
}

static u32 block_order(const struct ozone *z)
{
	return z->o->config.pageblock_order;
}

static u32 max_order(const struct ozone *z)
{
	return z->o->config.max_order;
}

static u32 at_least(u32 order, u32 floor)
{
	return order > floor ? order : floor;
}

/* Take from own type, orders lo .. hi upwards. */
static struct opage take_up(struct ospb *sb, const struct oreq *r, u32 lo, u32 hi, u32 outcome)
{
	for (u32 cur = lo; cur <= hi; cur++) {
		const u32 frame = o_head(sb, cur, r->mt);

		if (frame == O_NONE)
			continue;
		o_del_and_expand(sb, frame, r->order, cur, r->mt);
		return found(sb, frame, outcome);
	}
	return NOTHING;
}

/* One SPB as PASS_1 and the hints try it: whole blocks first, then fragments. */
static struct opage try_pass_1(struct ospb *sb, const struct oreq *r)
{
	const u32 block = block_order(sb->zone), max = max_order(sb->zone);
	struct opage p;

	if (!sb->free_pages)
		return NOTHING;
	if (!sb->zone->o->v.pass1_whole_first)
		return take_up(sb, r, r->order, max, OUTCOME_PASS_1);
	p = take_up(sb, r, at_least(r->order, block), max, OUTCOME_PASS_1);
	if (!p.sb && r->order < block)
		p = take_up(sb, r, r->order, block - 1, OUTCOME_PASS_1);
	return p;
}

static struct ohint *cpu_slot(struct ozone *z, const struct oreq *r)
{
	struct oracle *o = z->o;
	const u32 cpu = r->cpu % o->config.nr_cpus;

	return &o->cpu_hint[((cpu * o->nr_zones + z->zone_idx) * O_ORDERS + r->order) *
			    MIGRATE_PCPTYPES + r->mt];
}

/* H1, H2 */
static struct opage hints(struct ozone *z, struct oreq *r)
{
	u32 cpu_hint = O_NONE, zone_hint;
	struct ohint *slot;
	struct opage p;

	if (r->mt >= MIGRATE_PCPTYPES)
		return NOTHING;
	slot = cpu_slot(z, r);
	if (slot->zone == z->index)
		cpu_hint = slot->spb;
	if (cpu_hint != O_NONE) {
		p = try_pass_1(&z->spb[cpu_hint], r);
		if (p.sb) {
			o_react(p.sb);
			return p;
		}
	}
	zone_hint = z->hint[r->order][r->mt];
	if (zone_hint == O_NONE || zone_hint == cpu_hint)
		return NOTHING;
	p = try_pass_1(&z->spb[zone_hint], r);
	if (p.sb) {
		o_react(p.sb);
		*slot = (struct ohint){ z->index, zone_hint };
	}
	return p;
}

/* One SPB of a walk: a page, or nothing. */
typedef struct opage visit_fn(struct ospb *sb, struct oreq *r);

static struct opage walk_list(struct ozone *z, struct oreq *r, u32 list, visit_fn *visit,
			      const struct owant *want)
{
	struct oseq spbs = o_to_visit(z, list, want);
	struct opage p = NOTHING;

	for (u32 i = 0; i < spbs.n && !p.sb; i++) {
		r->own_visits++;
		p = visit(&z->spb[spbs.v[i]], r);
	}
	free(spbs.v);
	return p;
}

static struct opage walk(struct ozone *z, struct oreq *r, u32 cat, visit_fn *visit,
			 struct owant want)
{
	struct opage p = NOTHING;

	for (u32 full = 0; full < __NR_SB_FULLNESS && !p.sb; full++)
		p = walk_list(z, r, cat * __NR_SB_FULLNESS + full, visit, &want);
	return p;
}

/* What a pass looks for: any page of a type, whole blocks, parts of blocks. */
static struct owant any(const struct ozone *z, const struct oreq *r, u32 mt)
{
	return (struct owant){ r->order, max_order(z), 1U << mt };
}

static struct owant whole(const struct ozone *z, const struct oreq *r, u32 mt)
{
	return (struct owant){ at_least(r->order, block_order(z)), max_order(z), 1U << mt };
}

static struct owant part(const struct ozone *z, const struct oreq *r, u32 mt)
{
	return (struct owant){ r->order, block_order(z) - 1, 1U << mt };
}

static struct opage visit_1(struct ospb *sb, struct oreq *r)
{
	return try_pass_1(sb, r);
}

/* What the tainted SPBs have, for callers with something cheaper (S2.5) */
static void note_tainted(struct ozone *z, struct owalk *seen)
{
	for (u32 full = 0; full < __NR_SB_FULLNESS; full++) {
		const struct oseq *list = &z->list[SB_TAINTED * __NR_SB_FULLNESS + full];

		for (u32 i = 0; i < list->n; i++) {
			const struct ospb *sb = &z->spb[list->v[i]];

			seen->free_pages |= sb->free_pages != 0;
			seen->free_pb |= o_nr_free(sb) != 0;
			seen->below_reserve |= o_nr_free(sb) <= o_reserve(sb);
		}
	}
}

static struct opage pass_1(struct ozone *z, struct oreq *r)
{
	const u32 cat = r->mt == MIGRATE_MOVABLE ? SB_CLEAN : SB_TAINTED;
	const struct opage p = walk(z, r, cat, visit_1, any(z, r, r->mt));

	if (!p.sb && r->walk)
		note_tainted(z, r->walk);
	if (!p.sb)
		return p;
	if (cat == SB_TAINTED)
		o_react(p.sb);
	if (r->mt < MIGRATE_PCPTYPES) {
		z->hint[r->order][r->mt] = p.sb->index;
		*cpu_slot(z, r) = (struct ohint){ z->index, p.sb->index };
	}
	return p;
}

static bool claimable(const struct ospb *sb, u32 frame)
{
	return frame != O_NONE && o_blk(sb, frame)->label != MIGRATE_CMA &&
	       o_blk(sb, frame)->label != MIGRATE_ISOLATE;
}

static struct opage claim_up(struct ospb *sb, struct oreq *r, u32 outcome)
{
	for (u32 cur = at_least(r->order, block_order(sb->zone)); cur <= max_order(sb->zone);
	     cur++) {
		const u32 frame = o_head(sb, cur, MIGRATE_MOVABLE);

		if (!claimable(sb, frame))
			continue;
		o_claim_whole_block(sb, frame, cur, r->order, r->mt, MIGRATE_MOVABLE);
		return found(sb, frame, outcome);
	}
	return NOTHING;
}

static struct opage visit_2(struct ospb *sb, struct oreq *r)
{
	struct opage p = NOTHING;

	if (o_nr_free(sb))
		p = claim_up(sb, r, OUTCOME_PASS_2);
	if (p.sb)
		o_react(sb);
	return p;
}

static struct opage visit_2b(struct ospb *sb, struct oreq *r)
{
	if (!sb->free_pages)
		return NOTHING;
	for (u32 cur = block_order(sb->zone); cur-- > r->order; ) {
		const u32 frame = o_head(sb, cur, MIGRATE_MOVABLE);
		struct opage p;

		if (!claimable(sb, frame))
			continue;
		p = o_try_to_claim(sb, frame, cur, r, MIGRATE_MOVABLE, true);
		if (!p.sb)
			continue;
		o_react(sb);
		p.outcome = OUTCOME_PASS_2B;
		return p;
	}
	return NOTHING;
}

/* Take from another type's list and leave the label alone. */
static struct opage borrow(struct ospb *sb, struct oreq *r, u32 from, u32 outcome)
{
	if (!sb->free_pages)
		return NOTHING;
	for (u32 cur = block_order(sb->zone); cur-- > r->order; ) {
		const u32 frame = o_head(sb, cur, from);

		if (!claimable(sb, frame))
			continue;
		o_del_and_expand(sb, frame, r->order, cur, from);
		o_set_has(sb, frame, r->mt);
		o_react(sb);
		return found(sb, frame, outcome);
	}
	return NOTHING;
}

static u32 opposite(const struct oreq *r)
{
	return r->mt == MIGRATE_UNMOVABLE ? MIGRATE_RECLAIMABLE : MIGRATE_UNMOVABLE;
}

static struct opage visit_2c(struct ospb *sb, struct oreq *r)
{
	return borrow(sb, r, opposite(r), OUTCOME_PASS_2C);
}

static struct opage visit_2d(struct ospb *sb, struct oreq *r)
{
	return borrow(sb, r, MIGRATE_MOVABLE, OUTCOME_PASS_2D);
}

/* Trigger 2 (S6.3) */
static void trigger_2(struct ozone *z)
{
	for (u32 full = 0; full < __NR_SB_FULLNESS; full++) {
		const struct oseq *list = &z->list[SB_TAINTED * __NR_SB_FULLNESS + full];

		for (u32 i = 0; i < list->n; i++)
			o_maybe_start_defrag(&z->spb[list->v[i]], TRIGGER_FALLTHROUGH);
	}
}

/* S10 item 11: as the messages tell it, PASS_3 relabels a block for non-movable requests */
static bool pass_3_claims(const struct ozone *z, const struct oreq *r)
{
	return !z->o->v.pass3_literal && r->mt != MIGRATE_MOVABLE && r->mt != MIGRATE_CMA;
}

static struct opage visit_3(struct ospb *sb, struct oreq *r)
{
	if (pass_3_claims(sb->zone, r))
		return claim_up(sb, r, OUTCOME_PASS_3);
	return take_up(sb, r, at_least(r->order, block_order(sb->zone)), max_order(sb->zone),
		       OUTCOME_PASS_3);
}

static struct opage pass_3(struct ozone *z, struct oreq *r)
{
	const struct owant want = whole(z, r, pass_3_claims(z, r) ? MIGRATE_MOVABLE : r->mt);

	return walk_list(z, r, OL_EMPTY, visit_3, &want);
}

static struct opage visit_4(struct ospb *sb, struct oreq *r)
{
	if (!sb->free_pages || o_nr_free(sb) <= o_reserve(sb))
		return NOTHING;
	return take_up(sb, r, r->order, max_order(sb->zone), OUTCOME_PASS_4);
}

/* PASS_2 to PASS_2D: non-movable requests in tainted SPBs */
static struct opage passes_2(struct ozone *z, struct oreq *r)
{
	const struct variant *v = &z->o->v;
	struct opage p = NOTHING;

	if (v->pass_2)
		p = walk(z, r, SB_TAINTED, visit_2, whole(z, r, MIGRATE_MOVABLE));
	if (!p.sb && v->pass_2b)
		p = walk(z, r, SB_TAINTED, visit_2b, part(z, r, MIGRATE_MOVABLE));
	if (!p.sb && v->pass_2c && r->mt != MIGRATE_HIGHATOMIC)
		p = walk(z, r, SB_TAINTED, visit_2c, part(z, r, opposite(r)));
	if (!p.sb && v->pass_2d)
		p = walk(z, r, SB_TAINTED, visit_2d, part(z, r, MIGRATE_MOVABLE));
	return p;
}

static struct opage search(struct ozone *z, struct oreq *r)
{
	const struct variant *v = &z->o->v;
	struct opage p = NOTHING;

	if (v->hints)
		p = hints(z, r);
	if (!p.sb && v->pass_1)
		p = pass_1(z, r);
	if (!p.sb && r->mt != MIGRATE_MOVABLE && r->mt != MIGRATE_CMA)
		p = passes_2(z, r);
	if (p.sb)
		return p;
	if (r->walk && r->walk->below_reserve && v->trigger_reserve) {
		o_queue_evacuate(z, r->order, r->mt);
		o_queue_shrink(z);
	}
	if (v->trigger_fallthrough)
		trigger_2(z);
	if (r->walk)
		o_trace_fall_through(z, r);
	if (v->pass_3)
		p = pass_3(z, r);
	if (!p.sb && v->pass_4 && r->mt == MIGRATE_MOVABLE)
		p = walk(z, r, SB_TAINTED, visit_4, any(z, r, r->mt));
	return p;
}

/* Every search ends in a walk event; one that found a page says that first (S2.4). */
struct opage o_smallest(struct ozone *z, struct oreq *r)
{
	const u32 outer = r->own_visits;
	struct opage p;

	r->own_visits = 0;
	p = search(z, r);
	if (p.sb)
		o_trace_zone_locked(z, r, &p);
	o_trace_walk(z, r, p.sb ? p.outcome : OUTCOME_NO_PAGE);
	r->visits += r->own_visits;
	r->own_visits = outer;
	return p;
}
