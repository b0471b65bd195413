// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/host_moves.h"

#include <stdlib.h>
#include <string.h>

#include "replay/demand/recorded_kernel.h"

#define CHUNK_WORDS (FRAMES_NR / 64)
/* No range is larger than a pageblock; what a damaged log says beyond that is not believed. */
#define RANGE_MAX FRAMES_NR
#define REASON_COMPACTION 0	/* MR_COMPACTION */
#define REASON_CONTIG_RANGE 6	/* MR_CONTIG_RANGE */

/* Extra words, as event_kinds[] orders them. */
enum { ISOLATE_END, ISOLATE_SCANNED, ISOLATE_TAKEN };
enum { START_MODE, START_REASON };

bool host_moves_in(const struct log_meta *meta)
{
	u64 nr = 0;

	for (u32 k = EVENT_COMPACTION_BEGIN; k <= EVENT_MIGRATE_PAGES; k++)
		nr += meta->count[k];
	return nr > 0;
}

bool host_moves_evacuate(const struct log_meta *meta)
{
	return is_spb_kernel(meta) && (meta->count[EVENT_COMPACTION_BEGIN] ||
				       (!meta->count[EVENT_COMPACTION_ISOLATE_FREEPAGES] &&
					!meta->count[EVENT_COMPACTION_FAST_ISOLATE_FREEPAGES]));
}

/* ---- bits ---- */

static void bits_fini(struct frame_bits *bits)
{
	for (u64 i = 0; i < bits->nr_dir; i++)
		free(bits->dir[i]);
	free(bits->dir);
	*bits = (struct frame_bits){ 0 };
}

void host_moves_fini(struct host_moves *m)
{
	bits_fini(&m->isolated);
	bits_fini(&m->apart);
}

static u64 *bits_get(const struct frame_bits *bits, u64 pfn)
{
	const u64 i = pfn >> FRAMES_SHIFT;

	return i < bits->nr_dir ? bits->dir[i] : NULL;
}

static int bits_touch(struct frame_bits *bits, u64 pfn, u64 **chunk, struct error *err)
{
	const u64 i = pfn >> FRAMES_SHIFT;
	u64 nr = bits->nr_dir ? bits->nr_dir : 256;
	u64 **dir;

	*chunk = bits_get(bits, pfn);
	if (*chunk || bits->nr_chunks == FRAME_MAX_CHUNKS)
		return 0;
	if (i >= bits->nr_dir) {
		while (nr <= i)
			nr *= 2;
		dir = realloc(bits->dir, nr * sizeof(u64 *));
		if (!dir)
			return err_nomem(err, "page state");
		memset(dir + bits->nr_dir, 0, (nr - bits->nr_dir) * sizeof(u64 *));
		bits->dir = dir;
		bits->nr_dir = nr;
	}
	*chunk = bits->dir[i] = calloc(CHUNK_WORDS, sizeof(**chunk));
	bits->nr_chunks++;
	return *chunk ? 0 : err_nomem(err, "page state");
}

static bool bits_any(const struct frame_bits *bits, const struct touch *t)
{
	const u64 *chunk = bits_get(bits, t->pfn);

	return chunk && frame_bits_any(chunk, frame_off(t->pfn), t->order);
}

static void bits_clear(struct frame_bits *bits, const struct touch *t)
{
	u64 *chunk = bits_get(bits, t->pfn);

	if (chunk)
		frame_bits_clear(chunk, frame_off(t->pfn), t->order);
}

static int bits_set(struct frame_bits *bits, u64 pfn, u64 end, struct error *err)
{
	while (pfn < end) {
		const u32 order = frame_fit_order(pfn, end, FRAME_MAX_ORDER);
		u64 *chunk;
		const int rc = bits_touch(bits, pfn, &chunk, err);

		if (rc)
			return rc;
		if (chunk)
			frame_bits_set(chunk, frame_off(pfn), order);
		pfn += 1ULL << order;
	}
	return 0;
}

/* ---- who moves pages ---- */

static struct mover *find_mover(struct host_moves *m, u32 task)
{
	for (u32 i = 0; i < m->nr; i++)
		if (m->mover[i].task == task)
			return &m->mover[i];
	return NULL;
}

/* The task's entry; where there is no room, the oldest goes. */
static struct mover *get_mover(struct host_moves *m, u32 task)
{
	struct mover *mover = find_mover(m, task);

	if (mover)
		return mover;
	if (m->nr == MOVERS_MAX) {
		m->nr--;
		memmove(&m->mover[0], &m->mover[1], m->nr * sizeof(*mover));
	}
	mover = &m->mover[m->nr++];
	*mover = (struct mover){ .task = task };
	return mover;
}

static void drop_idle(struct host_moves *m, struct mover *mover)
{
	const u32 i = (u32)(mover - m->mover);

	if (mover->compacts || mover->migrates)
		return;
	m->nr--;
	memmove(mover, mover + 1, (m->nr - i) * sizeof(*mover));
}

static void add_source(struct mover *mover, u64 start, u64 end)
{
	if (mover->nr_sources == MOVER_RANGES) {
		mover->nr_sources--;
		memmove(&mover->source[0], &mover->source[1],
			mover->nr_sources * sizeof(*mover->source));
	}
	mover->source[mover->nr_sources++] = (struct pfn_range){ start, end };
}

/* They isolate like compaction, and end without a word of it. */
static bool allocates_targets(const struct host_moves *m, const struct mover *mover)
{
	return mover->reason == REASON_CONTIG_RANGE || (m->evacuates && !mover->whole);
}

/* A migration is over; without begin and end of the compaction around it, that is, too. */
static void end_migration(struct host_moves *m, u32 task, bool compaction_told)
{
	struct mover *mover = find_mover(m, task);

	if (!mover)
		return;
	mover->migrates = false;
	if (compaction_told || allocates_targets(m, mover)) {
		mover->nr_sources = 0;
		mover->compacts &= mover->whole;
	}
	drop_idle(m, mover);
}

static void end_compaction(struct host_moves *m, u32 task)
{
	struct mover *mover = find_mover(m, task);

	if (!mover)
		return;
	mover->compacts = mover->migrates = false;
	drop_idle(m, mover);
}

static bool good_range(u64 start, u64 end)
{
	return start < end && end - start <= RANGE_MAX && end <= FRAME_MAX_PFN;
}

int host_moves_follow(struct host_moves *m, const struct event_block *b, u32 i, const u64 *extra,
		      struct error *err)
{
	const u32 task = b->task[i];
	struct mover *mover;

	switch (b->kind[i]) {
	case EVENT_COMPACTION_BEGIN:
		mover = get_mover(m, task);
		*mover = (struct mover){ .task = task, .whole = true, .compacts = true };
		break;
	case EVENT_COMPACTION_ISOLATE_MIGRATEPAGES:
		if (!extra[ISOLATE_TAKEN] || !good_range(b->pfn[i], extra[ISOLATE_END]))
			break;
		mover = get_mover(m, task);
		mover->compacts = true;
		add_source(mover, b->pfn[i], extra[ISOLATE_END]);
		break;
	case EVENT_COMPACTION_ISOLATE_FREEPAGES:
	case EVENT_COMPACTION_FAST_ISOLATE_FREEPAGES:
		if (extra[ISOLATE_TAKEN] && good_range(b->pfn[i], extra[ISOLATE_END]))
			return bits_set(&m->isolated, b->pfn[i], extra[ISOLATE_END], err);
		break;
	case EVENT_MIGRATE_PAGES_START:
		mover = get_mover(m, task);
		mover->migrates = true;
		mover->reason = extra[START_REASON];
		break;
	case EVENT_MIGRATE_PAGES:
		end_migration(m, task, false);
		break;
	case EVENT_COMPACTION_MIGRATEPAGES:
		end_migration(m, task, true);
		break;
	case EVENT_COMPACTION_END:
		end_compaction(m, task);
		break;
	case EVENT_LOST:
		/* Whose end was lost is not known. */
		m->nr = 0;
		break;
	default:
		break;
	}
	return 0;
}

/* ---- what it means ---- */

static bool is_source(const struct mover *mover, u64 pfn)
{
	for (u32 i = 0; i < mover->nr_sources; i++)
		if (pfn >= mover->source[i].start && pfn < mover->source[i].end)
			return true;
	return false;
}

/* Other migrations than compaction's and contig's name no ranges. */
static bool names_ranges(const struct mover *mover)
{
	return mover->compacts || mover->reason == REASON_COMPACTION ||
	       mover->reason == REASON_CONTIG_RANGE;
}

bool host_moves_is_source(struct host_moves *m, const struct event_block *b, u32 i,
			  const struct touch *t)
{
	const struct mover *mover =
		b->kind[i] == EVENT_PAGE_FREE ? find_mover(m, b->task[i]) : NULL;

	return mover && mover->compacts && !allocates_targets(m, mover) &&
	       is_source(mover, t->pfn);
}

/* No operation. What went towards a per-CPU list will be drained, which is none either. */
static int set_apart(struct host_moves *m, enum verdict *verdict, const struct touch *t,
		     struct error *err)
{
	const bool parked = *verdict == VERDICT_PARKED;

	*verdict = VERDICT_NONE;
	return parked ? bits_set(&m->apart, t->pfn, t->pfn + (1ULL << t->order), err) : 0;
}

static int apply_source(struct host_moves *m, struct demand_core *core, enum verdict *verdict,
			const struct touch *t, struct error *err)
{
	const int moved = demand_core_leave(core, t, err);

	if (moved <= 0)
		return moved;
	core->odd.compaction_move++;
	return set_apart(m, verdict, t, err);
}

static int apply_free(struct host_moves *m, struct demand_core *core, const struct mover *mover,
		      enum verdict *verdict, const struct touch *t, struct error *err)
{
	if (is_source(mover, t->pfn) || !names_ranges(mover)) {
		core->odd.migration_move++;
		return 0;
	}
	if (!bits_any(&m->isolated, t))
		return 0;
	core->odd.compaction_return++;
	/* While it migrates, compaction keeps the page for the next one. */
	if (mover->migrates) {
		*verdict = VERDICT_NONE;
		return 0;
	}
	bits_clear(&m->isolated, t);
	return set_apart(m, verdict, t, err);
}

int host_moves_apply(struct host_moves *m, struct demand_core *core, const struct event_block *b,
		     u32 i, enum verdict *verdict, const struct touch *t, struct error *err)
{
	const struct mover *mover;

	if (host_moves_is_source(m, b, i, t))
		return apply_source(m, core, verdict, t, err);
	if (b->kind[i] == EVENT_PAGE_FREE) {
		mover = find_mover(m, b->task[i]);
		return mover ? apply_free(m, core, mover, verdict, t, err) : 0;
	}
	if (*verdict == VERDICT_ALLOC)
		bits_clear(&m->isolated, t);
	if (!bits_any(&m->apart, t))
		return 0;
	bits_clear(&m->apart, t);
	if (b->kind[i] == EVENT_PCPU_DRAIN)
		*verdict = VERDICT_NONE;
	return 0;
}

bool host_moves_free(struct host_moves *m, struct demand_core *core, const struct touch *t)
{
	const struct frame_chunk *c = framemap_get(&core->live, t->pfn);

	if (!bits_any(&m->isolated, t) ||
	    (c && frame_bits_any(c->live, frame_off(t->pfn), t->order)) ||
	    !demand_core_free_moved(core, t->order))
		return false;
	bits_clear(&m->isolated, t);
	core->odd.moved_free++;
	return true;
}

bool host_moves_isolated(const struct host_moves *m, const struct touch *t)
{
	return bits_any(&m->isolated, t);
}

void host_moves_enter(struct host_moves *m)
{
	host_moves_fini(m);
}
