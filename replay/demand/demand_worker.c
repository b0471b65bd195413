// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/demand_worker.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TASKS (1u << 24)

bool is_worker_comm(const char *comm)
{
	const size_t len = strlen(WORKER_COMM);

	return (!strncmp(comm, WORKER_COMM, len) && (!comm[len] || comm[len] == '/')) ||
	       !strcmp(comm, WORKER_RESCUER);
}

static int grow_tasks(struct worker_tasks *t, u32 task, struct error *err)
{
	const u32 nr = (task | 1023) + 1;
	u8 *is = realloc(t->is, nr);

	if (!is)
		return err_nomem(err, "tasks");
	memset(is + t->nr, TASK_UNKNOWN, nr - t->nr);
	t->is = is;
	t->nr = nr;
	return 0;
}

int worker_tasks_learn(struct worker_tasks *t, const struct log_reader *r,
		       const struct event_block *b, struct error *err)
{
	for (u32 i = 0; i < b->nr; i++) {
		const u32 task = b->task[i];
		const char *comm = "";
		u32 pid;

		if (task < t->nr && t->is[task] != TASK_UNKNOWN)
			continue;
		if (task >= MAX_TASKS)
			continue;
		if (task >= t->nr && grow_tasks(t, task, err))
			return -ERR_IO;
		log_reader_task(r, task, &pid, &comm);
		t->is[task] = comm && is_worker_comm(comm) ? TASK_WORKER : TASK_OTHER;
	}
	return 0;
}

void worker_tasks_fini(struct worker_tasks *t)
{
	free(t->is);
	*t = (struct worker_tasks){ 0 };
}

bool worker_tasks_any(const struct worker_tasks *t)
{
	for (u32 task = 0; task < t->nr; task++)
		if (is_worker_task(t, task))
			return true;
	return false;
}

static void drop_target(struct demand_worker *w, u32 i)
{
	w->nr--;
	memmove(&w->target[i], &w->target[i + 1], (w->nr - i) * sizeof(*w->target));
}

/* The page left the buddy: a target. */
static void took(struct demand_worker *w, u32 task, const struct touch *t)
{
	/* Two events of one page: a removal, and the allocation that it served. */
	for (u32 i = 0; i < w->nr; i++) {
		if (w->target[i].pfn == t->pfn)
			drop_target(w, i);
	}
	if (w->nr == WORKER_MAX_TARGETS)
		drop_target(w, 0);
	w->target[w->nr++] = (struct worker_target){ .pfn = t->pfn, .task = task,
						     .order = t->order };
}

static bool give_back_target(struct demand_worker *w, u64 pfn)
{
	for (u32 i = 0; i < w->nr; i++) {
		if (w->target[i].pfn != pfn)
			continue;
		drop_target(w, i);
		return true;
	}
	return false;
}

static bool take_target(struct demand_worker *w, u32 task, u32 order, u64 *pfn)
{
	for (u32 i = 0; i < w->nr; i++) {
		if (w->target[i].task != task || w->target[i].order != order)
			continue;
		*pfn = w->target[i].pfn;
		drop_target(w, i);
		return true;
	}
	return false;
}

int worker_judge(struct demand_worker *w, struct demand_core *core, u32 task,
		 const struct touch *t, enum verdict *verdict, struct error *err)
{
	struct frame_chunk *c = framemap_get(&core->live, t->pfn);
	const u32 off = frame_off(t->pfn);
	u64 to;

	if (*verdict == VERDICT_ALLOC || *verdict == VERDICT_REUSED) {
		took(w, task, t);
		*verdict = VERDICT_NONE;
		return 0;
	}
	/* A target that was not used after all: migration failed. */
	if (give_back_target(w, t->pfn)) {
		*verdict = VERDICT_NONE;
		return 0;
	}
	/* Nothing lives there: the drain of a page whose unit moved when it was freed. */
	if (!c || !frame_bits_any(c->live, off, t->order)) {
		*verdict = VERDICT_NONE;
		return 0;
	}
	if (!c->unit[off] || unit_order(c->unit[off]) != t->order ||
	    !take_target(w, task, t->order, &to)) {
		*verdict = VERDICT_FREE;
		return 0;
	}
	*verdict = VERDICT_NONE;
	return demand_core_move(core, t, to, err);
}
