// SPDX-License-Identifier: GPL-2.0
#include "model/passes.h"

#include "model/buddy.h"
#include "model/candidates.h"
#include "model/defrag.h"
#include "model/evac.h"
#include "model/event.h"
#include "model/fallback.h"
#include "model/pageblock.h"
#include "model/shrink.h"
#include "model/superpageblock.h"

void spb_react_to_tainted_alloc(struct superpageblock *sb)
{
	if (spb_get_category(sb) != SB_TAINTED || !spb_below_shrink_high_water(sb))
		return;
	queue_spb_slab_shrink(sb->zone);
	if (sb->zone->m->v.trigger_alloc)
		spb_maybe_start_defrag(sb, TRIGGER_ALLOC);
}

static bool is_movable(const struct search *s)
{
	return s->mt == MIGRATE_MOVABLE;
}

/* Types that may take over free space of tainted SPBs: all but movable and CMA (S2.2) */
static bool is_non_movable(const struct search *s)
{
	return s->mt != MIGRATE_MOVABLE && s->mt != MIGRATE_CMA;
}

/* PASS_1 reacts when it walked the TAINTED lists, as all but movable requests do (S6.1) */
static bool walks_tainted(const struct search *s)
{
	return s->mt != MIGRATE_MOVABLE;
}

static bool has_hints(const struct search *s)
{
	return s->m->v.hints && s->mt < MIGRATE_PCPTYPES;
}

static bool always(const struct search *s __unused)
{
	return true;
}

static bool never(const struct search *s __unused)
{
	return false;
}

static bool unmovable_or_reclaimable(const struct search *s)
{
	return s->mt == MIGRATE_UNMOVABLE || s->mt == MIGRATE_RECLAIMABLE;
}

/* ---- taking a page from one SPB ---- */

/* Orders [from, to) ascending on the list of @s->mt. */
static bool take_ascending(struct search *s, struct superpageblock *sb, u32 from, u32 to,
			   struct found *at)
{
	u32 order;

	for_each_order(order, sb->free_orders[s->mt] & orders_between(from, to - 1)) {
		const u32 frame = get_page_from_free_area(sb, order, s->mt);

		if (frame == FRAME_NIL)
			continue;
		page_del_and_expand(sb, frame, s->order, order, s->mt);
		at->sb = sb;
		at->frame = frame;
		return true;
	}
	return false;
}

static u32 whole_block_order(const struct search *s)
{
	return s->order > s->m->pageblock_order ? s->order : s->m->pageblock_order;
}

/* try_alloc_from_sb_pass1(): whole blocks first, then fragments of the same SPB (S2.3 item 2) */
static bool take_pass1(struct search *s, struct superpageblock *sb, struct found *at)
{
	const u32 top = s->m->max_order + 1;

	if (!sb->nr_free_pages)
		return false;
	if (!s->m->v.pass1_whole_first)
		return take_ascending(s, sb, s->order, top, at);
	return take_ascending(s, sb, whole_block_order(s), top, at) ||
	       take_ascending(s, sb, s->order, s->m->pageblock_order, at);
}

static bool is_cma_block(const struct superpageblock *sb, u32 frame)
{
	return pageblock_migratetype(sb, frame) == MIGRATE_CMA;
}

/* PASS_2: a wholly free block of a tainted SPB changes its type */
static bool take_pass2(struct search *s, struct superpageblock *sb, struct found *at)
{
	const u32 orders = orders_between(whole_block_order(s), s->m->max_order);
	u32 order;

	if (!sb->nr_free)
		return false;
	for_each_order(order, sb->free_orders[MIGRATE_MOVABLE] & orders) {
		const u32 frame = get_page_from_free_area(sb, order, MIGRATE_MOVABLE);

		if (frame == FRAME_NIL || is_cma_block(sb, frame))
			continue;
		claim_whole_block(sb, frame, s->order, order, s->mt);
		at->sb = sb;
		at->frame = frame;
		return true;
	}
	return false;
}

/* Orders of the request that are less than a pageblock; none for whole blocks */
static u32 part_orders(const struct search *s)
{
	return orders_between(s->order, s->m->pageblock_order - 1);
}

/* PASS_2B: relabel a partly free movable block of a tainted SPB, no 50 % rule */
static bool take_pass2b(struct search *s, struct superpageblock *sb, struct found *at)
{
	u32 o;

	if (!sb->nr_free_pages)
		return false;
	for_each_order_down(o, sb->free_orders[MIGRATE_MOVABLE] & part_orders(s)) {
		const u32 frame = get_page_from_free_area(sb, o, MIGRATE_MOVABLE);
		const struct claim c = { .order = o, .block_type = MIGRATE_MOVABLE,
					 .from_tainted_spb = true };

		if (frame == FRAME_NIL || is_cma_block(sb, frame))
			continue;
		if (try_to_claim_block(s, sb, frame, &c, at))
			return true;
	}
	return false;
}

/* Borrow: take from the list of @mt without relabelling; the rest stays there (S2.1) */
static bool borrow(struct search *s, struct superpageblock *sb, u32 mt, struct found *at)
{
	u32 o;

	if (!sb->nr_free_pages)
		return false;
	for_each_order_down(o, sb->free_orders[mt] & part_orders(s)) {
		const u32 frame = get_page_from_free_area(sb, o, mt);

		if (frame == FRAME_NIL || is_cma_block(sb, frame))
			continue;
		page_del_and_expand(sb, frame, s->order, o, mt);
		spb_set_has_type(sb, frame, s->mt);
		at->sb = sb;
		at->frame = frame;
		return true;
	}
	return false;
}

static u32 opposite_type(const struct search *s)
{
	return s->mt == MIGRATE_UNMOVABLE ? MIGRATE_RECLAIMABLE : MIGRATE_UNMOVABLE;
}

static bool take_pass2c(struct search *s, struct superpageblock *sb, struct found *at)
{
	return borrow(s, sb, opposite_type(s), at);
}

static bool take_pass2d(struct search *s, struct superpageblock *sb, struct found *at)
{
	return borrow(s, sb, MIGRATE_MOVABLE, at);
}

/*
 * PASS_3: the code looks at the own list only, so it never taints (S2.3 item 1); as the messages
 * tell it, it takes what is there (S10 item 11).
 */
static bool take_pass3(struct search *s, struct superpageblock *sb, struct found *at)
{
	if (!s->m->v.pass3_literal && is_non_movable(s))
		return take_pass2(s, sb, at);
	if (!sb->nr_free_pages)
		return false;
	return take_ascending(s, sb, whole_block_order(s), s->m->max_order + 1, at);
}

static bool take_pass4(struct search *s, struct superpageblock *sb, struct found *at)
{
	if (!sb->nr_free_pages || sb->nr_free <= spb_tainted_reserve(sb))
		return false;
	return take_ascending(s, sb, s->order, s->m->max_order + 1, at);
}

/* ---- what a pass looks for ---- */

static struct want want_own(const struct search *s)
{
	return (struct want){ s->order, s->m->max_order, 1U << s->mt };
}

static struct want want_pass3(const struct search *s)
{
	const u32 mt = !s->m->v.pass3_literal && is_non_movable(s) ? MIGRATE_MOVABLE : s->mt;

	return (struct want){ whole_block_order(s), s->m->max_order, 1U << mt };
}

static struct want want_movable_whole(const struct search *s)
{
	return (struct want){ whole_block_order(s), s->m->max_order, 1U << MIGRATE_MOVABLE };
}

static struct want want_movable_part(const struct search *s)
{
	return (struct want){ s->order, s->m->pageblock_order - 1, 1U << MIGRATE_MOVABLE };
}

static struct want want_opposite_part(const struct search *s)
{
	return (struct want){ s->order, s->m->pageblock_order - 1, 1U << opposite_type(s) };
}

/* ---- rows, and walking SPBs ---- */

typedef bool (*take_fn)(struct search *s, struct superpageblock *sb, struct found *at);

/**
 * struct spb_pass - one row of S2.2
 * @name: as in S2.2
 * @knob: offset of the u32 in struct variant that switches the row, or NO_KNOB
 * @outcome: reported on success
 * @applies: is the row for this request?
 * @walk: which SPBs, in which order; calls @take on each. Trigger rows act here and return false
 * @want: the free pages that @take looks for
 * @take: try to take a page from one SPB
 * @reacts: call the helper of the seed patch on success (the eight sites of S6.1)
 * @store_hint: what to remember
 */
struct spb_pass {
	const char *name;
	size_t knob;
	enum spb_outcome outcome;
	bool (*applies)(const struct search *s);
	bool (*walk)(struct search *s, const struct spb_pass *pass, struct found *at);
	struct want (*want)(const struct search *s);
	take_fn take;
	bool (*reacts)(const struct search *s);
	void (*store_hint)(const struct search *s, const struct superpageblock *sb);
};

static bool take_from(struct search *s, struct superpageblock *sb, take_fn take,
		      struct found *at)
{
	if (!take(s, sb, at))
		return false;
	at->from = sb;
	return true;
}

static bool walk_list(struct search *s, const struct spb_list *list, const struct spb_pass *pass,
		      struct found *at)
{
	struct candidates c;
	struct superpageblock *sb;

	candidates_begin(&c, s->zone, list, pass->want(s));
	while ((sb = candidates_next(&c))) {
		s->visits += c.passed + 1;
		if (take_from(s, sb, pass->take, at))
			return true;
	}
	s->visits += c.passed;
	return false;
}

static bool walk_category(struct search *s, enum sb_category cat, const struct spb_pass *pass,
			  struct found *at)
{
	for (u32 full = 0; full < __NR_SB_FULLNESS; full++) {
		if (walk_list(s, &s->zone->spb_lists[cat][full], pass, at))
			return true;
	}
	return false;
}

static bool walk_preferred(struct search *s, const struct spb_pass *pass, struct found *at)
{
	return walk_category(s, is_movable(s) ? SB_CLEAN : SB_TAINTED, pass, at);
}

static bool walk_tainted(struct search *s, const struct spb_pass *pass, struct found *at)
{
	return walk_category(s, SB_TAINTED, pass, at);
}

static bool walk_empty(struct search *s, const struct spb_pass *pass, struct found *at)
{
	return walk_list(s, &s->zone->spb_empty, pass, at);
}

/* ---- hints (S2.2 H1, H2) ---- */

static u32 hint_index(const struct search *s)
{
	return s->order * MIGRATE_PCPTYPES + s->mt;
}

static struct spb_hint *cpu_hint(const struct search *s)
{
	const struct model *m = s->m;
	const u32 row = (s->cpu % m->config.nr_cpus) * m->nr_zone_idx + s->zone->zone_idx;

	return &m->cpu_hints[row * HINTS_PER_ZONE + hint_index(s)];
}

/* The slot is shared by zones of the same index on other nodes: it must name this zone. */
static u32 cpu_hint_spb(const struct search *s)
{
	const struct spb_hint *slot = cpu_hint(s);

	return slot->zone == s->zone->index ? slot->spb : SPB_NONE;
}

static bool walk_cpu_hint(struct search *s, const struct spb_pass *pass, struct found *at)
{
	const u32 spb = cpu_hint_spb(s);

	return spb != SPB_NONE && take_from(s, &s->zone->superpageblocks[spb], pass->take, at);
}

static bool walk_zone_hint(struct search *s, const struct spb_pass *pass, struct found *at)
{
	const u32 spb = s->zone->sb_hint[hint_index(s)];

	if (spb == SPB_NONE || spb == cpu_hint_spb(s))
		return false;
	return take_from(s, &s->zone->superpageblocks[spb], pass->take, at);
}

static void store_cpu_hint(const struct search *s, const struct superpageblock *sb)
{
	*cpu_hint(s) = (struct spb_hint){ .zone = s->zone->index, .spb = sb->index };
}

static void store_both_hints(const struct search *s, const struct superpageblock *sb)
{
	if (!has_hints(s))
		return;
	s->zone->sb_hint[hint_index(s)] = sb->index;
	store_cpu_hint(s, sb);
}

static void store_nothing(const struct search *s __unused,
			  const struct superpageblock *sb __unused)
{
}

/* ---- rows that take no page (S2.2 T1, T2, D) ---- */

static bool has_walk(const struct search *s)
{
	return s->walk;
}

static bool saw_below_reserve(const struct search *s)
{
	return s->walk && s->walk->saw_below_reserve;
}

static bool is_traced_walk(const struct search *s)
{
	return s->walk && traced(s->m);
}

/* What PASS_1 notes as it walks; it has found nothing, so nothing has changed since (S2.5) */
static bool note_tainted(struct search *s, const struct spb_pass *pass __unused,
			 struct found *at __unused)
{
	struct superpageblock *sb;
	u32 full;

	for_each_spb_in(s->zone, SB_TAINTED, full, sb) {
		s->walk->saw_free_pages |= sb->nr_free_pages > 0;
		s->walk->saw_free_pb |= sb->nr_free > 0;
		s->walk->saw_below_reserve |= sb->nr_free <= spb_tainted_reserve(sb);
	}
	return false;
}

static bool trigger_reserve(struct search *s, const struct spb_pass *pass __unused,
			    struct found *at __unused)
{
	queue_spb_evacuate(s->zone, s->order, s->mt);
	queue_spb_slab_shrink(s->zone);
	return false;
}

static bool report_fall_through(struct search *s, const struct spb_pass *pass __unused,
				struct found *at __unused)
{
	event_fall_through(s);
	return false;
}

static bool trigger_fallthrough(struct search *s, const struct spb_pass *pass __unused,
				struct found *at __unused)
{
	struct superpageblock *sb;
	u32 full;

	for_each_spb_in(s->zone, SB_TAINTED, full, sb)
		spb_maybe_start_defrag(sb, TRIGGER_FALLTHROUGH);
	return false;
}

static const struct spb_pass passes[] = {
	{ "H1", KNOB(hints), OUTCOME_PASS_1, has_hints, walk_cpu_hint, want_own, take_pass1,
	  always, store_nothing },
	{ "H2", KNOB(hints), OUTCOME_PASS_1, has_hints, walk_zone_hint, want_own, take_pass1,
	  always, store_cpu_hint },
	{ "1", KNOB(pass_1), OUTCOME_PASS_1, always, walk_preferred, want_own, take_pass1,
	  walks_tainted, store_both_hints },
	{ "1: note", KNOB(pass_1), OUTCOME_NO_PAGE, has_walk, note_tainted, NULL, NULL, never,
	  store_nothing },
	{ "2", KNOB(pass_2), OUTCOME_PASS_2, is_non_movable, walk_tainted, want_movable_whole,
	  take_pass2, always, store_nothing },
	{ "2B", KNOB(pass_2b), OUTCOME_PASS_2B, is_non_movable, walk_tainted, want_movable_part,
	  take_pass2b, always, store_nothing },
	{ "2C", KNOB(pass_2c), OUTCOME_PASS_2C, unmovable_or_reclaimable, walk_tainted,
	  want_opposite_part, take_pass2c, always, store_nothing },
	{ "2D", KNOB(pass_2d), OUTCOME_PASS_2D, is_non_movable, walk_tainted, want_movable_part,
	  take_pass2d, always, store_nothing },
	{ "T1", KNOB(trigger_reserve), OUTCOME_NO_PAGE, saw_below_reserve, trigger_reserve, NULL,
	  NULL, never, store_nothing },
	{ "T2", KNOB(trigger_fallthrough), OUTCOME_NO_PAGE, always, trigger_fallthrough, NULL,
	  NULL, never, store_nothing },
	{ "D", NO_KNOB, OUTCOME_NO_PAGE, is_traced_walk, report_fall_through, NULL, NULL, never,
	  store_nothing },
	{ "3", KNOB(pass_3), OUTCOME_PASS_3, always, walk_empty, want_pass3, take_pass3,
	  never, store_nothing },
	{ "4", KNOB(pass_4), OUTCOME_PASS_4, is_movable, walk_tainted, want_own, take_pass4,
	  never, store_nothing },
};

/* Visits outside searches that ran inside another: n_spbs_visited is local to each (S1.8) */
static u32 own_visits(const struct search *s)
{
	return s->visits - s->inner_visits;
}

bool rmqueue_smallest(struct search *s, struct found *at)
{
	struct model *m = s->m;
	const u32 visits = own_visits(s);

	for (size_t i = 0; i < ARRAY_SIZE(passes); i++) {
		const struct spb_pass *pass = &passes[i];

		if (!knob_is_on(m, pass->knob) || !pass->applies(s))
			continue;
		m->op.outcome = (u8)pass->outcome;
		if (!pass->walk(s, pass, at))
			continue;
		at->outcome = (u8)pass->outcome;
		pass->store_hint(s, at->from);
		if (pass->reacts(s))
			spb_react_to_tainted_alloc(at->from);
		if (traced(m)) {
			event_zone_locked(s, at);
			event_alloc_walk(s, pass->outcome, own_visits(s) - visits);
		}
		return true;
	}
	if (traced(m))
		event_alloc_walk(s, OUTCOME_NO_PAGE, own_visits(s) - visits);
	return false;
}
