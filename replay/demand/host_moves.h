/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What compaction and migration of the recorded kernel did, where its tracepoints are in the log.
 * Migration takes its targets without an allocation event and frees its sources like any page, so:
 *
 * - A mm_page_free by a task that migrates, of a page out of a range that it isolated to migrate, is a
 *   page that moved. It stays a free, since no event names the target; it is counted.
 * - A mm_page_free by such a task of a page out of a range of which it isolated free pages is a
 *   target given back. It was free all the time: no operation, nor is the drain that follows one.
 * - A free of a page that nobody allocated, out of such a range, may be a target that was used. It is
 *   taken as resident since before the capture, like all of them; it is counted.
 *
 * A task compacts from mm_compaction_begin to _end, and migrates from mm_migrate_pages_start to
 * mm_migrate_pages; without the first pair mm_compaction_isolate_migratepages begins and
 * mm_compaction_migratepages ends. Both passes over a log drive this with every event, so they
 * cannot disagree.
 */
#ifndef SPB_REPLAY_HOST_MOVES_H
#define SPB_REPLAY_HOST_MOVES_H

#include "replay/demand/demand.h"
#include "replay/demand/demand_rules.h"

#define MOVERS_MAX 64u
#define MOVER_RANGES 8u

/** struct frame_bits - a bit a frame, 2^FRAMES_SHIFT of them at a time; all zero: none set */
struct frame_bits {
	u64 **dir;
	u64 nr_dir;
	u32 nr_chunks;
};

/**
 * struct mover - a task that compacts or migrates
 * @whole: mm_compaction_begin was seen, so mm_compaction_end will end it
 * @compacts, @migrates: what it does now; @reason: of the migration, as the kernel numbers them
 * @source, @nr_sources: ranges isolated to migrate since the last migration, newest last
 */
struct mover {
	u32 task;
	bool whole;
	bool compacts;
	bool migrates;
	u64 reason;
	u32 nr_sources;
	struct pfn_range source[MOVER_RANGES];
};

/**
 * struct host_moves - all zero: the log has no such events, and nothing is ever judged
 * @on: it has
 * @isolated: frames of ranges of which free pages were isolated, less those given back
 * @apart: frames given back through a per-CPU list: their drain is still to come
 */
struct host_moves {
	bool on;
	u32 nr;
	struct mover mover[MOVERS_MAX];
	struct frame_bits isolated;
	struct frame_bits apart;
};

/** host_moves_in - does a log with these counts have events of compaction or migration? */
bool host_moves_in(const struct log_meta *meta);
void host_moves_fini(struct host_moves *m);

/**
 * host_moves_follow - event @i, in the window or not, before it is judged
 * @extra: its extra words
 *
 * Return: 0 or negative with @err set: no memory.
 */
int host_moves_follow(struct host_moves *m, const struct event_block *b, u32 i, const u64 *extra,
		      struct error *err) __must_check;

/**
 * host_moves_judge - the last word on event @i
 * @verdict: of the rules, not NONE; @t: the block it is about
 * @odd: moves and pages given back are counted here
 *
 * Return: @verdict, or VERDICT_NONE: no operation.
 */
enum verdict host_moves_judge(struct host_moves *m, const struct event_block *b, u32 i,
			      enum verdict verdict, const struct touch *t,
			      struct demand_oddities *odd);

/** host_moves_isolated - is any frame of the block one that compaction had isolated as free? */
bool host_moves_isolated(const struct host_moves *m, const struct touch *t);

#endif /* SPB_REPLAY_HOST_MOVES_H */
