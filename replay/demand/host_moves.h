/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What compaction and migration of the recorded kernel did, where its tracepoints are in the log.
 * Migration takes its targets without an allocation event and frees its sources like any page, so:
 *
 * - A task that compacts frees a page of a range that it isolated to migrate: the page moved. Its
 *   unit lives on, and the drain of the frame is no free.
 * - Such a task frees a page of a range of which it isolated free pages: a target is given back. It
 *   was free all the time, so neither this nor the drain that follows is an operation.
 * - A page of such a range is freed where, as far as events tell, nothing lives: a page had moved
 *   there. No event says which one, so the one of its order that moved first goes. Where none has
 *   moved, the page was there before the capture began.
 * - Other migrations (NUMA, contig ranges, and on an SPB kernel what empties a superpageblock,
 *   S4.2) take their targets with events: their frees stay frees.
 *
 * A task compacts from mm_compaction_begin to _end, and migrates from mm_migrate_pages_start to
 * mm_migrate_pages; without the first pair mm_compaction_isolate_migratepages begins and
 * mm_compaction_migratepages ends. A superpageblock is emptied without the first pair, so it is
 * told from compaction where the log has such pairs, or no free pages that compaction isolated.
 * Both passes over a log drive this with every event, so they cannot disagree.
 */
#ifndef SPB_REPLAY_HOST_MOVES_H
#define SPB_REPLAY_HOST_MOVES_H

#include "replay/demand/demand.h"
#include "replay/demand/demand_core.h"

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
 * @on: it has; @evacuates: a task without mm_compaction_begin empties a superpageblock
 * @isolated: frames of ranges of which free pages were isolated, less those given back
 * @apart: frames left or given back through a per-CPU list: their drain is still to come
 */
struct host_moves {
	bool on;
	bool evacuates;
	u32 nr;
	struct mover mover[MOVERS_MAX];
	struct frame_bits isolated;
	struct frame_bits apart;
};

/** host_moves_in - does a log with these counts have events of compaction or migration? */
bool host_moves_in(const struct log_meta *meta);
/** host_moves_evacuate - does a task without mm_compaction_begin empty a superpageblock there? */
bool host_moves_evacuate(const struct log_meta *meta);
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
 * host_moves_is_source - does event @i free the block @t because compaction moved what was there?
 */
bool host_moves_is_source(struct host_moves *m, const struct event_block *b, u32 i,
			  const struct touch *t);

/**
 * host_moves_apply - what the host's moves make of event @i, after the rules
 * @core: units that move leave it, and what was met is counted in it
 * @verdict: of the rules, not NONE; becomes NONE: no operation
 * @t: the block it is about
 *
 * Return: 0 or negative with @err set: no memory.
 */
int host_moves_apply(struct host_moves *m, struct demand_core *core, const struct event_block *b,
		     u32 i, enum verdict *verdict, const struct touch *t,
		     struct error *err) __must_check;

/**
 * host_moves_free - a free of @t, after demand_core_begin(): of a unit that moved there?
 *
 * Return: true: it is freed. False: the block is to be freed as any other.
 */
bool host_moves_free(struct host_moves *m, struct demand_core *core, const struct touch *t);

/** host_moves_isolated - is any frame of the block one that compaction had isolated as free? */
bool host_moves_isolated(const struct host_moves *m, const struct touch *t);

/**
 * host_moves_enter - the window begins with the next event: frames are forgotten, tasks are not
 *
 * What was freed and allocated before it only the scan knows, so both passes begin alike.
 */
void host_moves_enter(struct host_moves *m);

#endif /* SPB_REPLAY_HOST_MOVES_H */
