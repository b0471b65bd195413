// SPDX-License-Identifier: GPL-2.0
#include "replay/engine/engine_pool.h"

/* Run tasks of the round while there are any; called and returns with the lock held. */
static void take_tasks(struct pool *p)
{
	while (p->next < p->nr_tasks) {
		u32 task = p->next++;

		pthread_mutex_unlock(&p->lock);
		p->run(p->ctx, task);
		pthread_mutex_lock(&p->lock);
		if (!--p->left)
			pthread_cond_signal(&p->done);
	}
}

static void *thread_main(void *arg)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->quit) {
		take_tasks(p);
		if (!p->quit)
			pthread_cond_wait(&p->work, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

void pool_init(struct pool *p, u32 jobs)
{
	*p = (struct pool){ 0 };
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	while (p->nr_threads + 1 < jobs && p->nr_threads < POOL_MAX_THREADS) {
		if (pthread_create(&p->threads[p->nr_threads], NULL, thread_main, p))
			break;
		p->nr_threads++;
	}
}

void pool_run(struct pool *p, u32 nr_tasks, void (*run)(void *ctx, u32 task), void *ctx)
{
	pthread_mutex_lock(&p->lock);
	p->run = run;
	p->ctx = ctx;
	p->nr_tasks = nr_tasks;
	p->next = 0;
	p->left = nr_tasks;
	pthread_cond_broadcast(&p->work);
	take_tasks(p);
	while (p->left)
		pthread_cond_wait(&p->done, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void pool_fini(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (u32 i = 0; i < p->nr_threads; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->done);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
}
