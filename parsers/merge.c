// SPDX-License-Identifier: GPL-2.0
#include "parsers/merge.h"

#include <stdlib.h>

static bool before(const struct merge_item *a, const struct merge_item *b)
{
	return a->time < b->time || (a->time == b->time && a->rank < b->rank);
}

static void sift_down(struct merge *m, u32 i)
{
	struct merge_item moved = m->item[i];

	for (;;) {
		u32 child = 2 * i + 1;

		if (child >= m->nr)
			break;
		if (child + 1 < m->nr && before(&m->item[child + 1], &m->item[child]))
			child++;
		if (!before(&m->item[child], &moved))
			break;
		m->item[i] = m->item[child];
		i = child;
	}
	m->item[i] = moved;
}

static void find_runner_up(struct merge *m)
{
	m->runner_up = m->nr > 2 && before(&m->item[2], &m->item[1]) ? 2 : 1;
}

/* Take the next batch of the CPU @rank: 1, 0 when it has ended, or negative. */
static int next_batch(struct merge *m, struct feed *f, u32 rank, struct error *err)
{
	int ret = ahead_next(m->ahead, f, err);

	if (ret >= 0 && f->now->damage.code)
		m->note(m->ctx, rank, &f->now->damage);
	return ret;
}

int merge_init(struct merge *m, struct ahead *ahead, u32 nr,
	       void (*note)(void *ctx, u32 rank, const struct error *damage), void *ctx,
	       struct error *err)
{
	*m = (struct merge){ .ahead = ahead, .note = note, .ctx = ctx };
	m->item = calloc(nr ? nr : 1, sizeof(*m->item));
	if (!m->item)
		return err_nomem(err, "the merge of CPUs");
	for (u32 i = 0; i < nr; i++) {
		struct feed *f = ahead_feed(ahead, i);
		int ret = next_batch(m, f, i, err);

		if (ret < 0)
			return ret;
		if (ret)
			m->item[m->nr++] = (struct merge_item){ f->now->time[0], i, f };
	}
	for (u32 i = m->nr / 2; i-- > 0;)
		sift_down(m, i);
	find_runner_up(m);
	return 0;
}

void merge_fini(struct merge *m)
{
	free(m->item);
	m->item = NULL;
	m->nr = 0;
}

u32 merge_run(const struct merge *m, u32 max)
{
	const struct merge_item *top = &m->item[0], *other = &m->item[m->runner_up];
	const struct batch *b = top->feed->now;
	u32 to = b->at + 1, end = b->nr;

	if (end - b->at > max)
		end = b->at + max;
	if (m->nr == 1)
		return end;
	/* At equal times the CPU with the smaller rank goes first. */
	if (top->rank < other->rank) {
		while (to < end && b->time[to] <= other->time)
			to++;
	} else {
		while (to < end && b->time[to] < other->time)
			to++;
	}
	return to;
}

int merge_advance(struct merge *m, u32 to, struct error *err)
{
	struct merge_item *top = &m->item[0];
	struct feed *f = top->feed;
	int ret = 1;

	f->now->at = to;
	if (to == f->now->nr)
		ret = next_batch(m, f, top->rank, err);
	if (ret < 0)
		return ret;
	if (ret) {
		top->time = f->now->time[f->now->at];
		/* A run also ends where a batch or a block is full: the CPU may be next again. */
		if (m->nr == 1 || before(top, &m->item[m->runner_up]))
			return 0;
	} else {
		m->item[0] = m->item[--m->nr];
	}
	if (m->nr)
		sift_down(m, 0);
	find_runner_up(m);
	return 0;
}
