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

int merge_init(struct merge *m, struct cpustream *const *streams, u32 nr, struct error *err)
{
	m->nr = 0;
	m->item = calloc(nr ? nr : 1, sizeof(*m->item));
	if (!m->item)
		return err_nomem(err, "the merge of CPUs");
	for (u32 i = 0; i < nr; i++) {
		int ret = cpustream_next(streams[i], err);

		if (ret < 0)
			return ret;
		if (ret)
			m->item[m->nr++] = (struct merge_item){ streams[i]->time, i, streams[i] };
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

int merge_advance(struct merge *m, struct error *err)
{
	struct merge_item *top = &m->item[0];
	int ret = cpustream_next(top->stream, err);

	if (ret < 0)
		return ret;
	if (ret) {
		top->time = top->stream->time;
		/* CPUs write in bursts: mostly the same one is next again. */
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
