// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_pipe.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS_MAX 32u
/* Blocks besides those that threads work on: one that is filled, one that waits. */
#define SPARE_BLOCKS 2u
/* So many more may wait for who watches: its work on a block varies more than encoding does. */
#define WATCH_BLOCKS 4u

/*
 * Blocks are numbered in order of the log: those below @done are in the image, those below @seen
 * were watched, those below @next have a thread, those below @head are full. Number n lies in
 * block[n % nr_blocks].
 */
struct frame_pipe {
	struct log_image *img;
	struct frame_names names;
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_cond_t moved;
	u32 nr_threads;
	pthread_t thread[THREADS_MAX];
	struct frame_encoder *enc[THREADS_MAX];
	struct block_watch watch;
	pthread_t watcher;
	bool watching;
	u32 nr_blocks;
	struct event_block block[THREADS_MAX + SPARE_BLOCKS + WATCH_BLOCKS];
	u64 head;
	u64 next;
	u64 done;
	u64 seen;
	u64 first;
	bool quit;
	struct error error;
};

/* Append a frame to the image. Return: 0 or negative enum err_code */
static int append(struct log_image *img, const struct frame_info *info, const u8 *data,
		  struct error *err)
{
	struct frame_pos pos = { img->body.size, (u32)frame_info_size(info), info->csize,
				 info->usize };
	u8 head[WIRE_INFO_MAX];
	int ret;

	wire_put_info(head, info);
	ret = spool_append(&img->body, head, pos.info_size, err);
	if (!ret)
		ret = spool_append(&img->body, data, info->csize, err);
	if (!ret && frame_index_add(&img->index, &pos))
		ret = err_nomem(err, "the index of an event log");
	return ret;
}

static struct event_block *block_at(struct frame_pipe *p, u64 number)
{
	return &p->block[number % p->nr_blocks];
}

/* Encode block @number with @enc; waits for its turn to append. The lock is not held. */
static void encode(struct frame_pipe *p, struct frame_encoder *enc, u64 number)
{
	const struct event_block *b = block_at(p, number);
	struct frame_info info = { .seq = (u32)number, .first_event = b->first };
	struct error err = { ERR_NONE, "" };
	const u8 *data = NULL;
	int ret = frame_encode(enc, b, &p->names, &info, &data, &err);

	pthread_mutex_lock(&p->lock);
	while (p->done != number)
		pthread_cond_wait(&p->moved, &p->lock);
	if (!ret && !p->error.code)
		ret = append(p->img, &info, data, &err);
	if (ret)
		err_set(&p->error, err.code, "%s", err.text);
	p->done++;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
}

/* Wait, with the lock held, until block @number is full. Return: false: it never will be. */
static bool await_full(struct frame_pipe *p, const u64 *number)
{
	while (*number >= p->head && !p->quit)
		pthread_cond_wait(&p->work, &p->lock);
	return *number < p->head;
}

/* What a thread is started with: its encoder is enc[@index]. */
struct worker {
	struct frame_pipe *p;
	u32 index;
};

static void *work(void *ctx)
{
	struct worker *own = ctx;
	struct frame_pipe *p = own->p;
	struct frame_encoder *enc = p->enc[own->index];

	free(own);
	pthread_mutex_lock(&p->lock);
	while (await_full(p, &p->next)) {
		const u64 number = p->next++;

		pthread_mutex_unlock(&p->lock);
		encode(p, enc, number);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* The watcher sees blocks one by one, in order. */
static void *look(void *ctx)
{
	struct frame_pipe *p = ctx;

	pthread_mutex_lock(&p->lock);
	while (await_full(p, &p->seen)) {
		const struct event_block *b = block_at(p, p->seen);

		pthread_mutex_unlock(&p->lock);
		p->watch.block(p->watch.ctx, b);
		pthread_mutex_lock(&p->lock);
		p->seen++;
		pthread_cond_broadcast(&p->moved);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct frame_pipe *frame_pipe_new(struct log_image *img, const struct frame_names *names)
{
	struct frame_pipe *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->moved, NULL);
	p->img = img;
	p->names = *names;
	p->nr_blocks = 1;
	p->enc[0] = frame_encoder_new();
	if (p->enc[0] && !event_block_init(&p->block[0]))
		return p;
	frame_pipe_free(p);
	return NULL;
}

static void join(struct frame_pipe *p)
{
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (u32 t = 0; t < p->nr_threads; t++)
		pthread_join(p->thread[t], NULL);
	if (p->watching)
		pthread_join(p->watcher, NULL);
	p->nr_threads = 0;
	p->watching = false;
}

void frame_pipe_free(struct frame_pipe *p)
{
	if (!p)
		return;
	join(p);
	for (u32 t = 0; t < THREADS_MAX; t++)
		frame_encoder_free(p->enc[t]);
	for (u32 i = 0; i < p->nr_blocks; i++)
		event_block_fini(&p->block[i]);
	pthread_cond_destroy(&p->moved);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static bool start(struct frame_pipe *p, u32 t)
{
	struct worker *own = malloc(sizeof(*own));

	if (!own)
		return false;
	*own = (struct worker){ p, t };
	if (!p->enc[t])
		p->enc[t] = frame_encoder_new();
	if (p->enc[t] && !pthread_create(&p->thread[t], NULL, work, own))
		return true;
	free(own);
	return false;
}

void frame_pipe_watch(struct frame_pipe *p, const struct block_watch *watch)
{
	p->watch = *watch;
}

int frame_pipe_threads(struct frame_pipe *p, u32 nr, struct error *err)
{
	const u32 spare = SPARE_BLOCKS + (p->watch.block ? WATCH_BLOCKS : 0);

	nr = nr < THREADS_MAX ? nr : THREADS_MAX;
	while (nr && p->nr_blocks < nr + spare) {
		if (event_block_init(&p->block[p->nr_blocks]))
			return err_nomem(err, "an event log");
		p->nr_blocks++;
	}
	while (p->nr_threads < nr && start(p, p->nr_threads))
		p->nr_threads++;
	if (p->nr_threads && p->watch.block)
		p->watching = !pthread_create(&p->watcher, NULL, look, p);
	return 0;
}

struct event_block *frame_pipe_block(struct frame_pipe *p)
{
	return block_at(p, p->head);
}

/* The error so far as a result; the lock is held, or there are no threads. */
static int result(const struct frame_pipe *p, struct error *err)
{
	return p->error.code ? err_set(err, p->error.code, "%s", p->error.text) : 0;
}

/* Blocks below are nobody's. */
static u64 settled(const struct frame_pipe *p)
{
	return p->watching ? min_u64(p->done, p->seen) : p->done;
}

/* Give the full block to the threads and wait until the next one is free. */
static void hand_over(struct frame_pipe *p)
{
	p->head++;
	pthread_cond_broadcast(&p->work);
	while (p->head - settled(p) >= p->nr_blocks)
		pthread_cond_wait(&p->moved, &p->lock);
}

int frame_pipe_push(struct frame_pipe *p, struct error *err)
{
	struct event_block *b = frame_pipe_block(p);
	int ret;

	if (!b->nr)
		return result(p, err);
	p->first += b->nr;
	if (p->watch.block && !p->watching)
		p->watch.block(p->watch.ctx, b);
	if (!p->nr_threads) {
		encode(p, p->enc[0], p->head++);
		p->next = p->head;
	}
	pthread_mutex_lock(&p->lock);
	if (p->nr_threads)
		hand_over(p);
	ret = result(p, err);
	pthread_mutex_unlock(&p->lock);
	b = frame_pipe_block(p);
	b->first = p->first;
	b->nr = 0;
	b->nr_extra = 0;
	return ret;
}

void frame_pipe_reset(struct frame_pipe *p)
{
	struct event_block *b;

	pthread_mutex_lock(&p->lock);
	while (settled(p) != p->head)
		pthread_cond_wait(&p->moved, &p->lock);
	p->head = p->next = p->done = p->seen = p->first = 0;
	if (p->watch.block)
		p->watch.restart(p->watch.ctx);
	pthread_mutex_unlock(&p->lock);
	spool_clear(&p->img->body);
	p->img->index.nr = 0;
	b = frame_pipe_block(p);
	b->first = 0;
	b->nr = b->nr_extra = 0;
}

int frame_pipe_drain(struct frame_pipe *p, struct error *err)
{
	int ret = frame_pipe_push(p, err);

	join(p);
	return ret ? ret : result(p, err);
}
