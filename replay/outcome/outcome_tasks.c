// SPDX-License-Identifier: GPL-2.0
#include "replay/outcome/outcome_tasks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int outcome_tasks_want(struct outcome_tasks *t, u32 id)
{
	/* Rows of one task come in bursts. */
	if (t->nr && t->tasks[t->nr - 1].id == id)
		return 0;
	if (t->nr == t->max) {
		u32 max = t->max ? t->max * 2 : 64;
		struct outcome_task *p = max > t->max ? realloc(t->tasks, max * sizeof(*p)) : NULL;

		if (!p)
			return -ENOMEM;
		t->tasks = p;
		t->max = max;
	}
	t->tasks[t->nr++] = (struct outcome_task){ .id = id };
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct outcome_task *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

int outcome_tasks_load(struct outcome_tasks *t, const struct log_reader *r)
{
	u32 nr = 0;

	if (!t->nr)
		return 0;
	qsort(t->tasks, t->nr, sizeof(*t->tasks), by_id);
	for (u32 i = 0; i < t->nr; i++)
		if (!nr || t->tasks[nr - 1].id != t->tasks[i].id)
			t->tasks[nr++] = t->tasks[i];
	t->nr = nr;
	for (u32 i = 0; i < nr; i++) {
		const char *comm = NULL;

		log_reader_task(r, t->tasks[i].id, &t->tasks[i].pid, &comm);
		t->tasks[i].comm = strdup(comm ? comm : "");
		if (!t->tasks[i].comm)
			return -ENOMEM;
	}
	return 0;
}

const struct outcome_task *outcome_tasks_find(const struct outcome_tasks *t, u32 id)
{
	struct outcome_task key = { .id = id };

	if (!t->nr)
		return NULL;
	return bsearch(&key, t->tasks, t->nr, sizeof(key), by_id);
}

void outcome_tasks_fini(struct outcome_tasks *t)
{
	for (u32 i = 0; i < t->nr; i++)
		free(t->tasks[i].comm);
	free(t->tasks);
	*t = (struct outcome_tasks){ 0 };
}
