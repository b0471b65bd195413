// SPDX-License-Identifier: GPL-2.0
#include "model/defrag.h"

#include "model/buddy.h"
#include "model/pageblock.h"
#include "model/slowpath.h"
#include "model/stuck.h"
#include "model/superpageblock.h"
#include "model/worker.h"

/* Largest isolation batch, in units; migrate_batch is validated against it. */
#define BATCH_MAX 256

bool spb_wants_defrag(const struct superpageblock *sb)
{
	return spb_get_category(sb) == SB_TAINTED && sb->nr_movable > 0 &&
	       sb->nr_free < spb_tainted_reserve(sb);
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
static enum defrag_verdict judge(const struct superpageblock *sb)
{
	if (in_cooldown(sb))
		return VERDICT_COOLDOWN;
	if (spb_get_category(sb) != SB_TAINTED)
		return VERDICT_CLEAN;
	if (!sb->nr_movable)
		return VERDICT_NOTHING_MOVABLE;
	if (sb->nr_free >= spb_tainted_reserve(sb))
		return VERDICT_ABOVE_RESERVE;
	return sb->defrag_active ? VERDICT_ACTIVE : VERDICT_QUEUED;
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

	/* The kernel sets the work up in a late initcall, after memory is in place (S4.1) */
	if (m->booting)
		return;
	verdict = judge(sb);
	sb->zone->counters.chances[trigger][verdict]++;
	if (unlikely(m->obs && m->obs->chance))
		report_chance(sb, trigger, verdict);
	if (verdict != VERDICT_QUEUED)
		return;
	sb->defrag_active = true;
	sb->defrag_queued_at = m->now;
	sb->defrag_trigger = (u8)trigger;
	sb->defrag_cpu = m->op.cpu;
	spb_stuck_update(sb);
	worker_queue_defrag(sb);
}

void defrag_begin(struct node *node, struct superpageblock *sb)
{
	const struct model *m = sb->zone->m;
	const u64 end = sb->start_pfn + (1ULL << m->spb_order);
	struct defrag_run *run = &node->run;
	u64 cursor = sb->defrag_cursor;

	if (cursor < sb->start_pfn || cursor >= end)
		cursor = sb->start_pfn;
	*run = (struct defrag_run){
		.sb = sb,
		.start = m->now,
		.pfn = cursor,
		.cursor = cursor,
		.nr_free_before = sb->nr_free,
		.cpu = sb->defrag_cpu,
		.over = spb_get_category(sb) != SB_TAINTED || !sb->nr_movable,
	};
	if (run->over)
		run->pfn = sb->defrag_cursor;
}

static void advance(struct defrag_run *run)
{
	const struct superpageblock *sb = run->sb;
	const struct model *m = sb->zone->m;
	const u64 end = sb->start_pfn + (1ULL << m->spb_order);

	run->pfn += m->pageblock_nr_pages;
	if (run->pfn >= end && !run->wrapped) {
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

static bool find_block(struct defrag_run *run)
{
	const struct superpageblock *sb = run->sb;

	for (; !run->over; advance(run)) {
		const u32 frame = (u32)(run->pfn - sb->start_pfn);

		if (defrag_done(sb))
			return false;
		if (pageblock_test(sb, frame, PB_OUTSIDE | PB_RESERVED | PB_ALL_FREE) ||
		    !pageblock_test(sb, frame, PB_HAS_MOVABLE))
			continue;
		run->frame = frame;
		run->in_block = true;
		return true;
	}
	return false;
}

static bool is_movable_unit(u64 w)
{
	return page_state(w) == PAGE_USED &&
	       (page_mt(w) == MIGRATE_MOVABLE || page_mt(w) == MIGRATE_CMA);
}

static u32 block_end(const struct model *m, u32 frame)
{
	return (frame | (m->pageblock_nr_pages - 1)) + 1;
}

static u32 next_unit(u64 w, u32 frame)
{
	const bool head = page_state(w) == PAGE_USED || page_state(w) == PAGE_FREE;

	return frame + (head ? 1U << page_order(w) : 1);
}

/* Isolate the next movable units of the block, up to migrate_batch pages. */
static u32 isolate_batch(struct defrag_run *run, u32 *units)
{
	const struct superpageblock *sb = run->sb;
	const struct model *m = sb->zone->m;
	const u32 end = block_end(m, (u32)(run->pfn - sb->start_pfn));
	u32 nr = 0, pages = 0;

	while (run->frame < end && pages < m->v.migrate_batch) {
		const u64 w = sb->page[run->frame];

		if (is_movable_unit(w)) {
			units[nr++] = run->frame;
			pages += 1U << page_order(w);
		}
		run->frame = next_unit(w, run->frame);
	}
	return nr;
}

static void release_unit(struct superpageblock *sb, u32 frame)
{
	const u32 order = page_order(sb->page[frame]);

	sb->page[frame] = PAGE_INSIDE;
	free_one_page(sb, frame, order, pageblock_migratetype(sb, frame), false);
}

static bool migrate_unit(struct defrag_run *run, u32 frame)
{
	struct superpageblock *sb = run->sb;
	struct model *m = sb->zone->m;
	const u64 w = sb->page[frame];
	const u32 order = page_order(w);
	struct found to;

	if (w & PAGE_PINNED)
		return false;
	m->op = (struct op_context){ .cpu = run->cpu, .cause = CAUSE_MIGRATE, .order = (u8)order,
				     .migratetype = MIGRATE_MOVABLE };
	if (!alloc_migration_target(sb->zone, order, run->cpu, &to))
		return false;
	to.sb->page[to.frame] = page_make_used(order, page_mt(w), page_owner(w), 0);
	if (m->obs && m->obs->moved)
		m->obs->moved(m->ctx, page_owner(w), sb_frame_pfn(to.sb, to.frame));
	m->op.cause = CAUSE_FREE;
	release_unit(sb, frame);
	return true;
}

/* reclaim_clean_pages_from_list(): clean page cache is dropped, not moved (S4.2) */
static bool drop_unit(struct defrag_run *run, u32 frame)
{
	struct superpageblock *sb = run->sb;
	struct model *m = sb->zone->m;
	const u64 w = sb->page[frame];

	if (!(w & PAGE_CLEAN_CACHE))
		return false;
	if (m->obs && m->obs->dropped)
		m->obs->dropped(m->ctx, page_owner(w));
	m->op = (struct op_context){ .cpu = run->cpu, .cause = CAUSE_FREE,
				     .order = (u8)page_order(w), .migratetype = MIGRATE_MOVABLE };
	release_unit(sb, frame);
	return true;
}

/* Migrate one batch. Return: pages worked on; *failed when any page stayed. */
static u64 evacuate_batch(struct defrag_run *run, bool *failed)
{
	struct superpageblock *sb = run->sb;
	u32 units[BATCH_MAX];
	const u32 nr = isolate_batch(run, units);
	u64 pages = 0;

	*failed = false;
	for (u32 i = 0; i < nr; i++) {
		const u64 size = 1ULL << page_order(sb->page[units[i]]);

		pages += size;
		if (drop_unit(run, units[i])) {
			run->pages_dropped += size;
		} else if (migrate_unit(run, units[i])) {
			run->pages_migrated += size;
		} else {
			run->pages_failed += size;
			*failed = true;
		}
	}
	return pages;
}

/* The rescan: nothing movable in use any more clears has_movable, unless fragments stay (S3) */
static void finish_block(struct defrag_run *run)
{
	struct superpageblock *sb = run->sb;
	const struct model *m = sb->zone->m;
	u32 f = (u32)(run->pfn - sb->start_pfn);
	const u32 start = f;
	const u32 end = block_end(m, f);
	bool movable = false;

	for (; f < end && !movable; f = next_unit(sb->page[f], f))
		movable = is_movable_unit(sb->page[f]);
	if (!movable && !pageblock_has_free_movable_fragments(sb, start))
		spb_clear_has_type(sb, start, MIGRATE_MOVABLE);
	run->in_block = false;
	advance(run);
}

static void report_pass(const struct defrag_run *run, bool progress)
{
	const struct superpageblock *sb = run->sb;
	const struct model *m = sb->zone->m;
	const struct model_defrag_pass p = {
		.queued = sb->defrag_queued_at,
		.start = run->start,
		.end = m->now,
		.pages_migrated = run->pages_migrated,
		.pages_dropped = run->pages_dropped,
		.pages_failed = run->pages_failed,
		.spb = sb->index,
		.zone = (u16)sb->zone->index,
		.nr_free_before = run->nr_free_before,
		.nr_free_after = sb->nr_free,
		.trigger = sb->defrag_trigger,
		.progress = progress,
	};

	if (m->obs && m->obs->defrag_pass)
		m->obs->defrag_pass(m->ctx, &p);
}

/* spb_defrag_work_fn() after the pass: the stamp (S4.3); |1 keeps it from being zero */
static void finish_pass(struct node *node)
{
	struct defrag_run *run = &node->run;
	struct superpageblock *sb = run->sb;
	struct model *m = sb->zone->m;
	struct model_counters *c = &sb->zone->counters;
	const bool progress = sb->nr_free != run->nr_free_before;

	sb->defrag_cursor = run->pfn;
	sb->no_progress_jiffies = progress ? 0 : (model_jiffies(m) | 1);
	if (!progress)
		sb->no_progress_pages = sb->nr_free_pages;
	sb->defrag_active = false;
	sb->defrag_passes++;
	c->defrag_passes++;
	c->defrag_no_progress += !progress;
	c->pages_migrated += run->pages_migrated;
	c->pages_dropped += run->pages_dropped;
	c->pages_failed += run->pages_failed;
	spb_stuck_update(sb);
	report_pass(run, progress);
	run->sb = NULL;
}

u64 defrag_step(struct node *node)
{
	struct defrag_run *run = &node->run;
	const struct model *m = run->sb->zone->m;

	for (;;) {
		bool failed;
		u64 pages;

		if (!run->in_block && !find_block(run)) {
			finish_pass(node);
			return TIME_NEVER;
		}
		pages = evacuate_batch(run, &failed);
		if (!pages || failed)
			finish_block(run);
		if (pages)
			return pages * m->v.migrate_us_per_page * NSEC_PER_USEC;
	}
}
