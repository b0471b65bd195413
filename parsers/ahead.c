// SPDX-License-Identifier: GPL-2.0
#include "parsers/ahead.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS_MAX 64u

/* What happens to feed->next. */
enum feed_state {
	FEED_IDLE,		/* nothing: no thread is asked to fill it */
	FEED_QUEUED,
	FEED_RUNNING,
	FEED_READY,
};

/*
 * @queue: feeds that wait for a thread, a ring of @nr places, each feed in it once; one that the
 * merge filled itself stays in it and is passed over.
 */
struct ahead {
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_cond_t ready;
	pthread_t thread[THREADS_MAX];
	u32 nr_threads;
	bool quit;
	u32 nr;
	struct feed *feed;
	struct feed **queue;
	u32 head;
	u32 queued;
	struct unpack_room room;
};

static void fill(struct feed *f, struct unpack_room *room)
{
	f->ret = cpustream_fill(f->stream, room, f->next, &f->err);
}

/* Next feed that waits, NULL when none does; the lock is held. */
static struct feed *dequeue(struct ahead *a)
{
	while (a->queued) {
		struct feed *f = a->queue[a->head];

		a->head = (a->head + 1) % a->nr;
		a->queued--;
		f->queued = false;
		if (f->state == FEED_QUEUED)
			return f;
	}
	return NULL;
}

static void *work(void *ctx)
{
	struct unpack_room room = { 0 };
	struct ahead *a = ctx;

	pthread_mutex_lock(&a->lock);
	while (!a->quit) {
		struct feed *f = dequeue(a);

		if (!f) {
			pthread_cond_wait(&a->work, &a->lock);
			continue;
		}
		f->state = FEED_RUNNING;
		pthread_mutex_unlock(&a->lock);
		fill(f, &room);
		pthread_mutex_lock(&a->lock);
		f->state = FEED_READY;
		pthread_cond_signal(&a->ready);
	}
	pthread_mutex_unlock(&a->lock);
	unpack_room_fini(&room);
	return NULL;
}

/* Ask for the next batch of @f; without threads it is filled when it is needed. */
static void request(struct ahead *a, struct feed *f)
{
	if (!a->nr_threads)
		return;
	pthread_mutex_lock(&a->lock);
	f->state = FEED_QUEUED;
	if (!f->queued) {
		a->queue[(a->head + a->queued) % a->nr] = f;
		a->queued++;
		f->queued = true;
	}
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
}

static struct ahead *alloc(struct cpustream *const *streams, u32 nr, bool two)
{
	struct ahead *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	pthread_cond_init(&a->ready, NULL);
	a->feed = calloc(nr ? nr : 1, sizeof(*a->feed));
	a->queue = calloc(nr ? nr : 1, sizeof(*a->queue));
	a->nr = a->feed && a->queue ? nr : 0;
	for (u32 i = 0; i < a->nr; i++) {
		struct feed *f = &a->feed[i];

		f->stream = streams[i];
		f->next = calloc(1, sizeof(*f->next));
		f->now = two ? calloc(1, sizeof(*f->now)) : f->next;
		if (!f->next || !f->now) {
			ahead_free(a);
			return NULL;
		}
	}
	if (a->feed && a->queue)
		return a;
	ahead_free(a);
	return NULL;
}

struct ahead *ahead_new(struct cpustream *const *streams, u32 nr, u32 threads)
{
	struct ahead *a;

	threads = threads < THREADS_MAX ? threads : THREADS_MAX;
	/* More than one a CPU would have nothing to do. */
	threads = threads < nr ? threads : nr;
	a = alloc(streams, nr, threads > 0);
	for (u32 t = 0; a && t < threads; t++) {
		if (pthread_create(&a->thread[t], NULL, work, a))
			break;
		a->nr_threads++;
	}
	for (u32 i = 0; a && i < nr; i++)
		request(a, &a->feed[i]);
	return a;
}

void ahead_free(struct ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->quit = true;
	pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	for (u32 t = 0; t < a->nr_threads; t++)
		pthread_join(a->thread[t], NULL);
	for (u32 i = 0; i < a->nr; i++) {
		if (a->feed[i].now != a->feed[i].next)
			free(a->feed[i].now);
		free(a->feed[i].next);
	}
	free(a->feed);
	free(a->queue);
	unpack_room_fini(&a->room);
	pthread_cond_destroy(&a->ready);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

struct feed *ahead_feed(struct ahead *a, u32 i)
{
	return &a->feed[i];
}

/* Have f->next filled: by a thread that began, or else here. */
static void settle(struct ahead *a, struct feed *f)
{
	bool mine;

	pthread_mutex_lock(&a->lock);
	while (f->state == FEED_RUNNING)
		pthread_cond_wait(&a->ready, &a->lock);
	mine = f->state != FEED_READY;
	f->state = FEED_IDLE;
	pthread_mutex_unlock(&a->lock);
	if (mine)
		fill(f, &a->room);
}

int ahead_next(struct ahead *a, struct feed *f, struct error *err)
{
	struct batch *filled;
	int ret;

	if (a->nr_threads)
		settle(a, f);
	else
		fill(f, &a->room);
	filled = f->next;
	f->next = f->now;
	f->now = filled;
	ret = f->ret;
	if (ret < 0)
		return err_set(err, f->err.code, "%s", f->err.text);
	/* From here on @f belongs to a thread, but for f->now. */
	if (ret)
		request(a, f);
	return ret;
}
