// SPDX-License-Identifier: GPL-2.0
#include "model/fallback.h"

#include "model/buddy.h"
#include "model/candidates.h"
#include "model/cma.h"
#include "model/evac.h"
#include "model/event.h"
#include "model/pageblock.h"
#include "model/passes.h"
#include "model/shrink.h"
#include "model/superpageblock.h"
#include "model/vanilla.h"

/* enum sb_search of the kernel (S1.2) */
#define SB_SEARCH_PREFERRED 1U
#define SB_SEARCH_EMPTY 2U
#define SB_SEARCH_FALLBACK 4U
#define SB_SKIP_CROSS_TYPE 8U

static const u8 fallbacks[MIGRATE_PCPTYPES][MIGRATE_PCPTYPES - 1] = {
	[MIGRATE_UNMOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE },
	[MIGRATE_MOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE },
	[MIGRATE_RECLAIMABLE] = { MIGRATE_UNMOVABLE, MIGRATE_MOVABLE },
};

u32 fallback_type(u32 mt, u32 i)
{
	return fallbacks[mt][i];
}

static bool noncompatible_cross_type(u32 a, u32 b)
{
	return (a == MIGRATE_UNMOVABLE && b == MIGRATE_RECLAIMABLE) ||
	       (a == MIGRATE_RECLAIMABLE && b == MIGRATE_UNMOVABLE);
}

/* ---- claim of one block ---- */

void count_block(const struct superpageblock *sb, u32 frame, u32 *free, u32 *movable)
{
	const struct model *m = sb->zone->m;
	u32 f = frame & ~(m->pageblock_nr_pages - 1);
	const u32 end = f + m->pageblock_nr_pages;

	*free = 0;
	*movable = 0;
	while (f < end) {
		const u64 w = sb->page[f];
		const u32 size = page_frames(w);

		if (page_state(w) == PAGE_FREE)
			*free += size;
		else if (page_is_movable(w))
			*movable += size;
		f += size;
	}
}

bool block_inside_zone(const struct superpageblock *sb, u32 frame)
{
	const struct model *m = sb->zone->m;
	const u64 start = sb->start_pfn + (frame & ~(m->pageblock_nr_pages - 1));

	return start >= sb->zone->config.start_pfn &&
	       start + m->pageblock_nr_pages <= sb->zone->end_pfn;
}

/*
 * Half of the block must be free or of a compatible kind (S2.1); waived in tainted SPBs (2B).
 * Return: NR_CLAIM_REFUSALS when nothing speaks against the claim.
 */
static enum claim_refusal judge_contents(const struct search *s, const struct superpageblock *sb,
					 u32 frame, const struct claim *c)
{
	const u32 block = s->m->pageblock_nr_pages;
	u32 free, movable, alike = 0;

	count_block(sb, frame, &free, &movable);
	if (s->mt == MIGRATE_MOVABLE)
		alike = movable;
	else if (c->block_type == MIGRATE_MOVABLE)
		alike = block - (free + movable);
	if (noncompatible_cross_type(s->mt, c->block_type))
		return free == block ? NR_CLAIM_REFUSALS : CLAIM_REFUSED_CROSS_TYPE_NOT_FREE;
	return c->from_tainted_spb || free + alike >= block / 2 ?
		       NR_CLAIM_REFUSALS : CLAIM_REFUSED_INSUFFICIENT_COMPAT;
}

/* The reasons of S1.8, in the order of the tests (S2.1) */
static enum claim_refusal judge_claim(const struct search *s, const struct superpageblock *sb,
				      u32 frame, const struct claim *c)
{
	const u32 label = pageblock_migratetype(sb, frame);

	if (label == MIGRATE_ISOLATE)
		return CLAIM_REFUSED_ISOLATE;
	if (label == MIGRATE_CMA)
		return CLAIM_REFUSED_CMA;
	if (c->order >= s->m->pageblock_order)
		return NR_CLAIM_REFUSALS;
	if (!block_inside_zone(sb, frame))
		return CLAIM_REFUSED_ZONE_BOUNDARY;
	return judge_contents(s, sb, frame, c);
}

static void relabel_block(struct superpageblock *sb, u32 frame, u32 to, u32 from)
{
	frame &= ~(sb->zone->m->pageblock_nr_pages - 1);
	move_freepages_block(sb, frame, to);
	set_pageblock_migratetype(sb, frame, to);
	spb_set_has_type(sb, frame, to);
	if (from != to) {
		if (noncompatible_cross_type(to, from))
			spb_clear_has_type(sb, frame, from);
		else
			spb_set_has_type(sb, frame, from);
	}
	spb_update_list(sb);
}

bool try_to_claim_block(struct search *s, struct superpageblock *sb, u32 frame,
			const struct claim *c, struct found *at)
{
	const enum claim_refusal refusal = judge_claim(s, sb, frame, c);
	const u8 outcome = s->m->op.outcome;
	/* The kernel searches again from the top, without flags or a walk record (S2.1, S2.4). */
	struct search inner = { .m = s->m, .zone = s->zone, .order = s->order, .mt = s->mt,
				.cpu = s->cpu };
	bool found;

	if (refusal != NR_CLAIM_REFUSALS) {
		s->zone->counters.claims_refused++;
		if (traced(s->m))
			event_claim_refused(s, sb, frame, c->block_type, refusal);
		return false;
	}
	if (c->order >= s->m->pageblock_order) {
		claim_whole_block(sb, frame, s->order, c->order, s->mt);
		at->sb = sb;
		at->frame = frame;
		return true;
	}
	relabel_block(sb, frame, s->mt, c->block_type);
	found = rmqueue_smallest(&inner, at);
	s->visits += inner.visits;
	s->inner_visits += inner.visits;
	s->m->op.outcome = outcome;
	return found;
}

/* ---- finding a page of another type ---- */

struct fallback_page {
	struct superpageblock *sb;
	u32 frame;
	u32 mt;
};

static bool fallback_from_sb(const struct search *s, struct superpageblock *sb, u32 order,
			     u32 cats, struct fallback_page *fp)
{
	for (u32 i = 0; i < MIGRATE_PCPTYPES - 1; i++) {
		const u32 mt = fallbacks[s->mt][i];
		u32 frame;

		if ((cats & SB_SKIP_CROSS_TYPE) && noncompatible_cross_type(s->mt, mt))
			continue;
		frame = get_page_from_free_area(sb, order, mt);
		if (frame == FRAME_NIL)
			continue;
		*fp = (struct fallback_page){ .sb = sb, .frame = frame, .mt = mt };
		return true;
	}
	return false;
}

/* The category of the list that is walked, which may lag behind the counters. */
static bool is_on_tainted_list(const struct superpageblock *sb)
{
	const struct spb_list *lists = sb->zone->spb_lists[SB_TAINTED];

	return sb->on >= lists && sb->on < lists + __NR_SB_FULLNESS;
}

/* Movable requests leave the reserve of tainted SPBs alone (S2.5) */
static bool below_movable_reserve(const struct search *s, const struct superpageblock *sb)
{
	return s->mt == MIGRATE_MOVABLE && is_on_tainted_list(sb) &&
	       sb->nr_free <= spb_tainted_reserve(sb);
}

static struct want want_fallback(const struct search *s, u32 order)
{
	return (struct want){ order, order,
			      1U << fallbacks[s->mt][0] | 1U << fallbacks[s->mt][1] };
}

static bool fallback_in_list(const struct search *s, const struct spb_list *list, u32 order,
			     u32 cats, struct fallback_page *fp)
{
	struct candidates c;
	struct superpageblock *sb;

	candidates_begin(&c, s->zone, list, want_fallback(s, order));
	while ((sb = candidates_next(&c))) {
		if (!below_movable_reserve(s, sb) && fallback_from_sb(s, sb, order, cats, fp))
			return true;
	}
	return false;
}

static bool fallback_in_category(const struct search *s, enum sb_category cat, u32 order,
				 u32 cats, struct fallback_page *fp)
{
	for (u32 full = 0; full < __NR_SB_FULLNESS; full++) {
		if (fallback_in_list(s, &s->zone->spb_lists[cat][full], order, cats, fp))
			return true;
	}
	return false;
}

/* __rmqueue_sb_find_fallback(): PREFERRED, EMPTY, FALLBACK in this order (S2.5) */
static bool find_fallback(const struct search *s, u32 order, u32 cats, struct fallback_page *fp)
{
	const bool movable = s->mt == MIGRATE_MOVABLE;

	if ((cats & SB_SEARCH_PREFERRED) &&
	    fallback_in_category(s, movable ? SB_CLEAN : SB_TAINTED, order, cats, fp))
		return true;
	if ((cats & SB_SEARCH_EMPTY) &&
	    fallback_in_list(s, &s->zone->spb_empty, order, cats, fp))
		return true;
	return (cats & SB_SEARCH_FALLBACK) &&
	       fallback_in_category(s, movable ? SB_TAINTED : SB_CLEAN, order, cats, fp);
}

/* ---- __rmqueue_claim ---- */

bool should_try_claim_block(const struct model *m, u32 order, u32 mt)
{
	return order >= m->pageblock_order / 2 || mt == MIGRATE_UNMOVABLE ||
	       mt == MIGRATE_RECLAIMABLE;
}

static u32 claim_min_order(const struct search *s, u32 flags, u32 cat)
{
	const struct model *m = s->m;

	if (cat == SB_SEARCH_PREFERRED &&
	    s->zone->nr_superpageblocks > m->v.aggressive_threshold)
		return s->order;
	if ((flags & ALLOC_NOFRAGMENT) && s->order < m->pageblock_order)
		return m->pageblock_order;
	return s->order;
}

static bool claim_in_category(struct search *s, u32 flags, u32 cat, struct found *at)
{
	const u32 min_order = claim_min_order(s, flags, cat);

	for (u32 o = s->m->max_order + 1; o-- > min_order;) {
		struct fallback_page fp;
		struct claim c;

		if (!should_try_claim_block(s->m, o, s->mt))
			return false;
		if (!find_fallback(s, o, cat, &fp))
			continue;
		/* About to taint a fresh SPB (S2.5) */
		if (cat != SB_SEARCH_PREFERRED && s->mt != MIGRATE_MOVABLE) {
			queue_spb_evacuate(s->zone, s->order, s->mt);
			queue_spb_slab_shrink(s->zone);
		}
		c = (struct claim){ .order = o, .block_type = fp.mt };
		if (try_to_claim_block(s, fp.sb, fp.frame, &c, at)) {
			at->fallback_order = (u8)o;
			at->fallback_mt = (u8)fp.mt;
			if (traced(s->m))
				event_extfrag(s, at);
			return true;
		}
	}
	return false;
}

static bool rmqueue_claim(struct search *s, u32 flags, struct found *at)
{
	static const u32 cats[] = { SB_SEARCH_PREFERRED, SB_SEARCH_EMPTY, SB_SEARCH_FALLBACK };

	for (size_t i = 0; i < ARRAY_SIZE(cats); i++) {
		if ((flags & ALLOC_NOFRAGMENT) && cats[i] != SB_SEARCH_PREFERRED)
			continue;
		if (claim_in_category(s, flags, cats[i], at)) {
			s->zone->counters.claims++;
			return true;
		}
	}
	return false;
}

/* ---- __rmqueue_steal ---- */

static bool rmqueue_steal(struct search *s, u32 flags, struct found *at)
{
	u32 cats = SB_SEARCH_PREFERRED | SB_SKIP_CROSS_TYPE;
	struct fallback_page fp;

	if ((flags & ALLOC_NOFRAGMENT) && !(flags & ALLOC_NOFRAG_TAINTED_OK))
		return false;
	if (!(flags & ALLOC_NOFRAG_TAINTED_OK))
		cats |= SB_SEARCH_FALLBACK;
	for (u32 o = s->order; o <= s->m->max_order; o++) {
		if (!find_fallback(s, o, cats, &fp))
			continue;
		page_del_and_expand(fp.sb, fp.frame, s->order, o, fp.mt);
		spb_set_has_type(fp.sb, fp.frame, s->mt);
		spb_update_list(fp.sb);
		at->sb = fp.sb;
		at->frame = fp.frame;
		at->fallback_order = (u8)o;
		at->fallback_mt = (u8)fp.mt;
		if (traced(s->m))
			event_extfrag(s, at);
		s->zone->counters.steals++;
		return true;
	}
	return false;
}

/* ---- __rmqueue ---- */

static bool smallest(struct search *s, u32 flags __unused, struct found *at)
{
	return rmqueue_smallest(s, at);
}

/*
 * A caller with a cheap fallback does without, rather than taint, while tainted SPBs have something
 * that an evacuation could turn into its page (S2.5)
 */
static bool tainted_has_room(const struct search *s)
{
	return s->walk && (s->walk->saw_free_pages || s->walk->saw_free_pb);
}

static bool goes_on(const struct search *s __unused)
{
	return false;
}

/* __rmqueue_cma_fallback(): a walk of its own, without flags */
static bool rmqueue_cma(struct search *s, u32 flags, struct found *at)
{
	struct search own = *s;
	bool found;

	if (!may_use_cma(s, flags))
		return false;
	own.mt = MIGRATE_CMA;
	own.walk = NULL;
	own.alloc_flags = 0;
	found = rmqueue_smallest(&own, at);
	s->visits = own.visits;
	s->inner_visits = own.inner_visits;
	return found;
}

/**
 * struct rmqueue_step - one mode of __rmqueue() (S2.5)
 * @outcome: reported on success; NO_PAGE: the step names its own
 * @fallback: only for types that have a fallback table
 * @stays: a refill goes on with this step; else it begins anew (S7.2)
 * @refuses: asked when the step found nothing: shall the request fail here? (SPB_HIGHORDER_REFUSED)
 */
struct rmqueue_step {
	const char *name;
	size_t knob;
	enum spb_outcome outcome;
	bool fallback;
	bool stays;
	bool (*take)(struct search *s, u32 flags, struct found *at);
	bool (*refuses)(const struct search *s);
};

static const struct rmqueue_step rmqueue_steps[] = {
	{ "NORMAL", NO_KNOB, OUTCOME_NO_PAGE, false, false, smallest, tainted_has_room },
	{ "CMA", NO_KNOB, OUTCOME_NO_PAGE, false, true, rmqueue_cma, goes_on },
	{ "CLAIM", KNOB(fallback_claim), OUTCOME_CLAIM, true, false, rmqueue_claim, goes_on },
	{ "STEAL", KNOB(fallback_steal), OUTCOME_STEAL, true, true, rmqueue_steal, goes_on },
};

static bool step_enabled(const struct search *s, const struct rmqueue_step *step)
{
	if (step->fallback && s->mt >= MIGRATE_PCPTYPES)
		return false;
	return knob_is_on(s->m, step->knob);
}

static bool run_steps(struct search *s, u32 alloc_flags, struct found *at)
{
	for (u32 i = s->walk ? 0 : s->mode; i < ARRAY_SIZE(rmqueue_steps); i++) {
		const struct rmqueue_step *step = &rmqueue_steps[i];

		if (!step_enabled(s, step))
			continue;
		s->m->op.outcome = (u8)step->outcome;
		if (!step->take(s, alloc_flags, at)) {
			if (!step->refuses(s))
				continue;
			s->zone->counters.highorder_refused++;
			return false;
		}
		s->mode = step->stays ? (u8)i : 0;
		if (step->outcome != OUTCOME_NO_PAGE)
			at->outcome = (u8)step->outcome;
		return true;
	}
	return false;
}

/* Who gets a record of what the tainted lists hold (S2.5) */
static bool wants_walk(const struct search *s)
{
	return (s->alloc_flags & ALLOC_HIGHORDER_OPTIONAL) && s->mt != MIGRATE_MOVABLE &&
	       s->mt < MIGRATE_PCPTYPES;
}

bool rmqueue(struct search *s, u32 alloc_flags, struct found *at)
{
	struct spb_tainted_walk walk = { 0 };
	bool found;

	s->alloc_flags = alloc_flags;
	if (s->m->vanilla)
		return vanilla_rmqueue(s, alloc_flags, at);
	s->walk = wants_walk(s) ? &walk : NULL;
	found = (cma_takes_over_half(s, alloc_flags) && rmqueue_cma(s, alloc_flags, at)) ||
		run_steps(s, alloc_flags, at);
	s->walk = NULL;
	return found;
}
