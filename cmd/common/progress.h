/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Progress: one line on a terminal's stderr for work that takes over a second, with the time it
 * will still take; nothing in a pipe or with -q. Also the clocks, which only cmd/ may read.
 */
#ifndef SPB_CMD_PROGRESS_H
#define SPB_CMD_PROGRESS_H

#include "model/types.h"

/** wall_ns, cpu_ns - time since some moment, CPU time of this process; ns */
u64 wall_ns(void);
u64 cpu_ns(void);

/**
 * struct progress - one stretch of work
 * @what: verb shown; @start, @shown: wall times; @on: stderr is a terminal and -q is not given
 * @drawn: a line is on the screen
 */
struct progress {
	const char *what;
	u64 start;
	u64 shown;
	bool on;
	bool drawn;
};

/**
 * progress_begin - the clock starts; drawn on a terminal only, from a second on, never with @quiet
 */
void progress_begin(struct progress *p, const char *what, bool quiet);
/** progress_tick - callback for capture_opts and engine_opts; @ctx is the struct progress */
void progress_tick(void *ctx, u64 done, u64 total);
/** progress_keep - the same; from the first one on there is something to keep: stop_asks() */
void progress_keep(void *ctx, u64 done, u64 total);
/** progress_end - wipe the line */
void progress_end(struct progress *p);

#endif /* SPB_CMD_PROGRESS_H */
