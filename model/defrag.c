// SPDX-License-Identifier: GPL-2.0
#include "model/defrag.h"

#include "model/evacuate.h"
#include "model/pageblock.h"
#include "model/stuck.h"
#include "model/superpageblock.h"
#include "model/worker.h"

/* Needs defrag (VERDICT_QUEUED), or the first test of spb_needs_defrag() that says no. */
static enum defrag_verdict need_of(const struct superpageblock *sb)
{
	if (spb_get_category(sb) != SB_TAINTED)
		return VERDICT_CLEAN;
	if (!sb->nr_movable)
		return VERDICT_NOTHING_MOVABLE;
	return sb->nr_free < spb_tainted_reserve(sb) ? VERDICT_QUEUED : VERDICT_ABOVE_RESERVE;
}

bool spb_wants_defrag(const struct superpageblock *sb)
{
	return !sb->zone->m->vanilla && need_of(sb) == VERDICT_QUEUED;
}

static bool cooldown_bypassed(const struct superpageblock *sb)
{
	return sb->nr_free_pages >= sb->no_progress_pages + sb->zone->m->v.cooldown_bypass_pages;
}

static bool in_cooldown(const struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;

	return sb->no_progress_jiffies &&
	       model_jiffies(m) < sb->no_progress_jiffies + m->cooldown_jiffies &&
	       !cooldown_bypassed(sb);
}

u64 spb_cooldown_end(const struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	const unsigned __int128 end = (unsigned __int128)(sb->no_progress_jiffies +
							  m->cooldown_jiffies) * NSEC_PER_SEC;

	if (!sb->no_progress_jiffies || cooldown_bypassed(sb))
		return 0;
	return (u64)((end + m->v.hz - 1) / m->v.hz);
}

/* The tests of spb_maybe_start_defrag(), in its order; the first that says no names the verdict. */
static enum defrag_verdict judge(const struct superpageblock *sb, enum defrag_trigger trigger)
{
	enum defrag_verdict verdict;

	if (in_cooldown(sb))
		return VERDICT_COOLDOWN;
	verdict = need_of(sb);
	if (verdict == VERDICT_CLEAN && trigger == TRIGGER_UPDATE && sb->zone->m->v.defrag_clean)
		verdict = VERDICT_QUEUED;
	return verdict == VERDICT_QUEUED && sb->defrag_active ? VERDICT_ACTIVE : verdict;
}

static void report_chance(const struct superpageblock *sb, enum defrag_trigger trigger,
			  enum defrag_verdict verdict)
{
	const struct model *m = sb->zone->m;
	const struct model_chance c = {
		.time = m->now,
		.cooldown_left = verdict == VERDICT_COOLDOWN ? spb_cooldown_end(sb) - m->now : 0,
		.spb = sb->index,
		.zone = (u16)sb->zone->index,
		.trigger = (u8)trigger,
		.verdict = (u8)verdict,
	};

	m->obs->chance(m->ctx, &c);
}

void spb_maybe_start_defrag(struct superpageblock *sb, enum defrag_trigger trigger)
{
	struct model *m = sb->zone->m;
	enum defrag_verdict verdict;

	/*
	 * The kernel sets the work up in a late initcall, after memory is in place (S4.1).
	 * Upstream has none.
	 */
	if (m->booting || m->vanilla)
		return;
	verdict = judge(sb, trigger);
	sb->zone->counters.chances[trigger][verdict]++;
	if (unlikely(m->obs && m->obs->chance))
		report_chance(sb, trigger, verdict);
	if (verdict != VERDICT_QUEUED)
		return;
	sb->defrag_active = true;
	sb->defrag_trigger = (u8)trigger;
	sb->defrag_work = (struct work){ .kind = WORK_DEFRAG, .sb = sb };
	spb_stuck_update(sb);
	worker_raise(m, &sb->defrag_work);
}

/* spb_clear_skip_bits() */
static void clear_skip_hints(struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;

	for (u32 b = 0; sb->pb && b < 1U << (m->spb_order - m->pageblock_order); b++)
		sb->pb[b] &= (u16)~PB_COMPACT_SKIP;
}

void defrag_begin(struct worker *w)
{
	struct superpageblock *sb = w->work->sb;
	const struct model *m = sb->zone->m;
	const u64 end = sb->start_pfn + (1ULL << m->spb_order);
	u64 cursor = sb->defrag_cursor;

	w->defrag = (struct defrag_run){
		.start = m->now,
		.pfn = cursor,
		.nr_free_before = sb->nr_free,
		.over = spb_get_category(sb) != SB_TAINTED || !sb->nr_movable,
	};
	if (w->defrag.over)
		return;
	if (cursor < sb->start_pfn || cursor >= end) {
		w->defrag.pfn = sb->start_pfn;
		clear_skip_hints(sb);
	}
	w->defrag.cursor = w->defrag.pfn;
}

/* Once round the SPB, from the cursor to the block behind it (S4.2) */
static void advance(struct defrag_run *run, struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	const u64 end = sb->start_pfn + (1ULL << m->spb_order);

	run->pfn += m->pageblock_nr_pages;
	if (run->pfn >= end && !run->wrapped) {
		clear_skip_hints(sb);
		run->pfn = sb->start_pfn;
		run->wrapped = true;
	}
	run->over = run->pfn >= end || (run->wrapped && run->pfn > run->cursor);
}

/* spb_defrag_done(): the reserve is back, or nothing is left to move (S4.1) */
static bool defrag_done(const struct superpageblock *sb)
{
	return !spb_wants_defrag(sb);
}

static bool worth_a_visit(const struct superpageblock *sb, u32 frame)
{
	return pageblock_begins_in_zone(sb, frame) && pageblock_test(sb, frame, PB_HAS_MOVABLE) &&
	       !pageblock_test(sb, frame, PB_ALL_FREE | PB_COMPACT_SKIP);
}

bool defrag_next(struct worker *w)
{
	struct superpageblock *sb = w->work->sb;
	struct defrag_run *run = &w->defrag;

	if (run->in_block)
		advance(run, sb);
	for (; !run->over && !defrag_done(sb); advance(run, sb)) {
		const u32 frame = (u32)(run->pfn - sb->start_pfn);

		if (!worth_a_visit(sb, frame))
			continue;
		evacuate_begin(&w->ev, sb, run->pfn);
		run->in_block = true;
		return true;
	}
	return false;
}

static void report_pass(const struct worker *w, bool progress)
{
	const struct superpageblock *sb = w->work->sb;
	const struct model *m = sb->zone->m;
	const struct model_defrag_pass p = {
		.queued = w->work->queued_at,
		.start = w->defrag.start,
		.end = m->now,
		.pages_migrated = w->ev.pages_migrated,
		.pages_dropped = w->ev.pages_dropped,
		.pages_failed = w->ev.pages_failed,
		.spb = sb->index,
		.zone = (u16)sb->zone->index,
		.nr_free_before = w->defrag.nr_free_before,
		.nr_free_after = sb->nr_free,
		.trigger = sb->defrag_trigger,
		.progress = progress,
	};

	if (m->obs && m->obs->defrag_pass)
		m->obs->defrag_pass(m->ctx, &p);
}

bool model_open_defrag(const struct model *m, u32 zone, u32 spb, struct model_defrag_pass *p)
{
	const struct superpageblock *sb = &m->zones[zone].superpageblocks[spb];

	if (!sb->defrag_active)
		return false;
	*p = (struct model_defrag_pass){
		.queued = sb->defrag_work.queued_at,
		.spb = spb,
		.zone = (u16)zone,
		.trigger = sb->defrag_trigger,
		.state = DEFRAG_QUEUED,
	};
	for (const struct worker *w = m->busy; w; w = w->busy_next) {
		if (w->work != &sb->defrag_work)
			continue;
		p->start = w->defrag.start;
		p->nr_free_before = w->defrag.nr_free_before;
		p->pages_migrated = w->ev.pages_migrated;
		p->pages_dropped = w->ev.pages_dropped;
		p->pages_failed = w->ev.pages_failed;
		p->state = DEFRAG_RUNNING;
	}
	return true;
}

/* spb_defrag_work_fn() after the pass: the stamp (S4.3); |1 keeps it from being zero */
void defrag_end(struct worker *w)
{
	struct superpageblock *sb = w->work->sb;
	struct model *m = sb->zone->m;
	struct model_counters *c = &sb->zone->counters;
	const bool progress = sb->nr_free != w->defrag.nr_free_before;

	sb->defrag_cursor = w->defrag.pfn;
	sb->no_progress_jiffies = progress ? 0 : (model_jiffies(m) | 1);
	if (!progress)
		sb->no_progress_pages = sb->nr_free_pages;
	sb->defrag_active = false;
	sb->defrag_passes++;
	c->defrag_passes++;
	c->defrag_no_progress += !progress;
	spb_stuck_update(sb);
	report_pass(w, progress);
}
