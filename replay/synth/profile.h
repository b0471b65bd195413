/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Load profiles as data: who allocates what, how much of it is live, and how that changes from
 * phase to phase. None is a measurement of a real service; they are made to bring the allocator
 * into the state that their name says.
 */
#ifndef SPB_REPLAY_SYNTH_PROFILE_H
#define SPB_REPLAY_SYNTH_PROFILE_H

#include "replay/synth/units.h"

#define CPU_ANY (-1)

/**
 * struct synth_stream - one kind of allocation by one kind of task
 * @comm, @pid: the task; @nr_pids: processes that take turns, pids from @pid on (0: one)
 * @cpu: where it runs, modulo the machine's CPUs, or CPU_ANY
 * @burst: units allocated or freed in a row: refills and drains of per-CPU lists come in batches
 * @gfp: of its requests, as Linux 6.18 numbers the bits
 */
struct synth_stream {
	const char *comm;
	u32 pid;
	u32 nr_pids;
	int cpu;
	u8 order;
	u8 migratetype;
	u8 burst;
	u8 victim;
	u32 gfp;
};

/**
 * struct synth_goal - what a phase wants of a stream
 * @stream: its index
 * @weight: share of the phase's bursts; 0 ends the list
 * @ppm, @pages: live pages wanted: parts a million of the machine, and @pages more or fewer
 */
struct synth_goal {
	u8 stream;
	u32 weight;
	u32 ppm;
	s32 pages;
};

/** enum synth_mode - what a phase does about its goals */
enum synth_mode {
	PHASE_CHURN,	/* allocates and frees around them until its share is over */
	PHASE_FILL,	/* goes straight to them, all at once, and ends; weights do not count */
	PHASE_TURNS,	/* the same, one burst of each goal after the other */
};

/**
 * struct synth_phase - a stretch of the load
 * @name: for people
 * @mode: enum synth_mode
 * @share: part of the whole length, in hundredths: at most, for a fill. 0: of a scripted profile,
 *	whose goals are taken as they are
 * @not_before_ms: time since the start at which it begins at the earliest
 * @gap_ns: mean time between two bursts of one CPU
 */
struct synth_phase {
	const char *name;
	u8 mode;
	u32 share;
	u32 not_before_ms;
	u32 gap_ns;
	struct synth_goal goals[SYNTH_MAX_STREAMS];
};

/**
 * struct synth_profile - one row of the table
 * @scripted: it has its own length; a length asked for only cuts it short
 * @memory_spbs, @cpus: its machine when none is asked for, in superpageblocks; @least_spbs: the
 *	smallest one that it makes sense on
 */
struct synth_profile {
	const char *name;
	const char *doc;
	bool scripted;
	u32 memory_spbs;
	u32 cpus;
	u32 least_spbs;
	u32 nr_streams;
	u32 nr_phases;
	const struct synth_stream *streams;
	const struct synth_phase *phases;
};

extern const struct synth_profile synth_profiles[];
extern const size_t nr_synth_profiles;

/** synth_profile_find - row of profile @name, or NULL */
const struct synth_profile *synth_profile_find(const char *name);

#endif /* SPB_REPLAY_SYNTH_PROFILE_H */
