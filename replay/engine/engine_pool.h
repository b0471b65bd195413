/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that share the tasks of one round after another. A round ends when all its tasks have;
 * which thread runs a task is not defined, so tasks of a round must not share anything they write.
 */
#ifndef SPB_REPLAY_ENGINE_POOL_H
#define SPB_REPLAY_ENGINE_POOL_H

#include <pthread.h>

#include "model/types.h"

#define POOL_MAX_THREADS 256

/**
 * struct pool - the threads and the current round
 * @nr_tasks, @next, @left: of the round: how many, the next to take, not yet finished
 */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_cond_t done;
	pthread_t threads[POOL_MAX_THREADS];
	u32 nr_threads;
	u32 nr_tasks;
	u32 next;
	u32 left;
	bool quit;
	void (*run)(void *ctx, u32 task);
	void *ctx;
};

/**
 * pool_init - start @jobs - 1 threads; the caller of pool_run() is one more
 *
 * Fewer threads than asked for (the system refuses) only make the work slower.
 */
void pool_init(struct pool *p, u32 jobs);
/** pool_run - run tasks 0 .. @nr_tasks - 1 and wait for all of them; lower numbers start first */
void pool_run(struct pool *p, u32 nr_tasks, void (*run)(void *ctx, u32 task), void *ctx);
/** pool_fini - end the threads */
void pool_fini(struct pool *p);

#endif /* SPB_REPLAY_ENGINE_POOL_H */
