// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cmd/common/stop.h"

#define REDRAW_NS (200 * NSEC_PER_MSEC)

static u64 clock_ns(clockid_t id)
{
	struct timespec ts = { 0 };

	clock_gettime(id, &ts);
	return (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
}

u64 wall_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

u64 cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void progress_begin(struct progress *p, const char *what, bool quiet)
{
	*p = (struct progress){ .what = what, .start = wall_ns(),
				.on = !quiet && isatty(STDERR_FILENO) };
}

void progress_tick(void *ctx, u64 done, u64 total)
{
	struct progress *p = ctx;
	u64 now, taken, left;

	if (!p->on || !done || !total)
		return;
	now = wall_ns();
	taken = now - p->start;
	if (taken < NSEC_PER_SEC || now - p->shown < REDRAW_NS)
		return;
	p->shown = now;
	p->drawn = true;
	left = done < total ? (u64)((double)taken / (double)done * (double)(total - done)) : 0;
	fprintf(stderr, "\r%s: %3" PRIu64 " %%, %" PRIu64 " s left \033[K", p->what,
		done < total ? (u64)(100.0 * (double)done / (double)total) : 100,
		(u64)((left + NSEC_PER_SEC - 1) / NSEC_PER_SEC));
}

void progress_keep(void *ctx, u64 done, u64 total)
{
	stop_asks();
	progress_tick(ctx, done, total);
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fprintf(stderr, "\r\033[K");
	p->drawn = false;
}
