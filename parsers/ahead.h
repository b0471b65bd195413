/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPUs decoded ahead of the merge: threads fill the next batch of each CPU while the current one
 * is merged. What is in a batch does not depend on the thread, so the result is the same with any
 * number of them, none included.
 */
#ifndef SPB_PARSERS_AHEAD_H
#define SPB_PARSERS_AHEAD_H

#include "parsers/cpustream.h"

/**
 * struct feed - batches of one CPU
 * @now: the batch being merged; @next: the one after it, being filled or not
 * @ret, @err: what cpustream_fill() of @next returned
 * @state: how far @next is; @queued: the queue of the threads holds this feed
 */
struct feed {
	struct cpustream *stream;
	struct batch *now;
	struct batch *next;
	struct error err;
	int ret;
	u8 state;
	bool queued;
};

struct ahead;

/**
 * ahead_new - feeds over @streams, @nr of them
 * @threads: threads besides the caller's
 *
 * Fewer threads than asked for (the system refuses) only make the work slower. The streams must
 * stay until ahead_free(), and no one else may use them. Return: NULL when out of memory.
 */
struct ahead *ahead_new(struct cpustream *const *streams, u32 nr, u32 threads);
void ahead_free(struct ahead *a);

/** ahead_feed - the feed of the @i-th stream */
struct feed *ahead_feed(struct ahead *a, u32 i);

/**
 * ahead_next - put the next batch of @f into f->now; the one before it is gone
 *
 * Return: 1; 0 at the end, f->now may still tell of damage then; negative enum err_code.
 */
int ahead_next(struct ahead *a, struct feed *f, struct error *err) __must_check;

#endif /* SPB_PARSERS_AHEAD_H */
