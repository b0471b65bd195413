// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKER_AHEAD 64u	/* worker events to look ahead for the answer */
#define NO_INDEX UINT64_MAX

/* ---- lists ---- */

static void list_add(struct matcher *m, struct event_list *l, const struct event *e, u64 index)
{
	if (l->nr == l->max) {
		const u32 max = l->max ? 2 * l->max : 32;
		struct event *ev = realloc(l->ev, max * sizeof(*ev));
		u64 *at = ev ? realloc(l->index, max * sizeof(*at)) : NULL;

		l->ev = ev ? ev : l->ev;
		l->index = at ? at : l->index;
		if (!at) {
			m->no_memory = true;
			return;
		}
		l->max = max;
	}
	l->ev[l->nr] = *e;
	l->index[l->nr++] = index;
}

static void list_remove(struct event_list *l, u32 first, u32 nr)
{
	l->nr -= nr;
	memmove(&l->ev[first], &l->ev[first + nr], (l->nr - first) * sizeof(*l->ev));
	memmove(&l->index[first], &l->index[first + nr], (l->nr - first) * sizeof(*l->index));
}

static void list_fini(struct event_list *l)
{
	free(l->ev);
	free(l->index);
}

bool matcher_init(struct matcher *m, const struct check_names *names,
		  struct check_report *report, enum check_side side, u32 nr_cpus)
{
	*m = (struct matcher){ .names = names, .report = report, .side = side,
			       .nr_cpus = nr_cpus };
	m->cpus = calloc(nr_cpus, sizeof(*m->cpus));
	return m->cpus;
}

void matcher_fini(struct matcher *m)
{
	for (u32 i = 0; m->cpus && i < m->nr_cpus; i++) {
		list_fini(&m->cpus[i].recorded);
		list_fini(&m->cpus[i].model);
	}
	free(m->cpus);
	list_fini(&m->worker.recorded);
	list_fini(&m->worker.model);
	list_fini(&m->told);
}

static struct cpu_stream *stream_of(struct matcher *m, u32 cpu)
{
	return &m->cpus[cpu % m->nr_cpus];
}

/* ---- verdicts ---- */

static struct check_figures *figures(struct matcher *m)
{
	return &m->report->side[m->side];
}

static void keep_miss(struct matcher *m, const struct event *recorded, const struct event *model,
		      u64 index)
{
	struct check_report *r = m->report;
	const struct event *e = recorded ? recorded : model;
	struct check_miss *miss;
	const char *comm = "";

	if (r->nr_misses[m->side] == r->max_misses)
		return;
	miss = &r->misses[m->side][r->nr_misses[m->side]++];
	*miss = (struct check_miss){ .side = m->side, .event = index, .time = e->time,
				     .cpu = e->cpu };
	if (recorded) {
		log_reader_task(m->names->reader, recorded->task, &miss->pid, &comm);
		snprintf(miss->comm, sizeof(miss->comm), "%s", comm ? comm : "");
		check_event_text(m->names, recorded, miss->recorded);
	}
	if (model)
		check_event_text(m->names, model, miss->model);
}

static void count_walk(struct matcher *m, const struct event *recorded, const struct event *model)
{
	if (recorded->kind == EVENT_SPB_ALLOC_WALK)
		figures(m)->walks[check_walk_outcome(recorded)][check_walk_outcome(model)]++;
}

void matcher_count(struct matcher *m, const struct event *e, u64 index, const struct event *model,
		   bool same)
{
	struct check_agreement *k = &figures(m)->kinds[e->kind];

	k->recorded++;
	k->model++;
	k->agree += same;
	k->differ += !same;
	if (!same)
		keep_miss(m, e, model, index);
	count_walk(m, e, model);
}

static void count_alone(struct matcher *m, const struct event *recorded,
			const struct event *model, u64 index)
{
	struct check_agreement *k =
		&figures(m)->kinds[recorded ? recorded->kind : model->kind];

	k->recorded += !!recorded;
	k->model += !!model;
	keep_miss(m, recorded, model, index);
}

static bool same(struct matcher *m, const struct event *a, const struct event *b)
{
	bool flags;
	const bool yes = check_same_event(m->names, a, b, &flags);

	figures(m)->flags_differ += yes && flags;
	return yes;
}

/* First event of @l from @from on that is the same as @e, or l->nr. */
static u32 find_same(struct matcher *m, const struct event_list *l, u32 from,
		     const struct event *e)
{
	while (from < l->nr && !same(m, e, &l->ev[from]))
		from++;
	return from;
}

static u32 find_kind(const struct event_list *l, const struct event *e)
{
	u32 i = 0;

	while (i < l->nr && l->ev[i].kind != e->kind)
		i++;
	return i;
}

static bool is_failed_walk(const struct event *e)
{
	return e->kind == EVENT_SPB_ALLOC_WALK && check_walk_outcome(e) == OUTCOME_NO_PAGE;
}

static bool is_of_failure(const struct event *e)
{
	return is_failed_walk(e) || e->kind == EVENT_SPB_ALLOC_ATOMIC_RELAX ||
	       e->kind == EVENT_SPB_ALLOC_FALL_THROUGH ||
	       e->kind == EVENT_SPB_CLAIM_BLOCK_REFUSED;
}

/*
 * Requests that the recorded kernel could not serve are no operations, since no removal shows them;
 * their walks remain where the model answered everything else. Such a request ends with a walk that
 * found nothing and is not retried.
 */
static void take_failed(struct matcher *m, struct event_list *rec)
{
	u32 nr = 0;

	for (u32 i = 0; i < rec->nr && is_of_failure(&rec->ev[i]); i++) {
		if (is_failed_walk(&rec->ev[i]) &&
		    (i + 1 == rec->nr || rec->ev[i + 1].kind != EVENT_SPB_ALLOC_ATOMIC_RELAX))
			nr = i + 1;
	}
	figures(m)->failed_requests += nr;
	list_remove(rec, 0, nr);
}

/*
 * Two segments: first what is the same, in any order, since a segment is short; then what is left
 * of the same kind, in order; what then is left stands alone. @alone: judge the model's rest, too.
 */
static void compare(struct matcher *m, struct event_list *rec, struct event_list *model,
		    bool alone, u64 index)
{
	for (u32 i = 0; i < rec->nr;) {
		const u32 j = find_same(m, model, 0, &rec->ev[i]);

		if (j == model->nr) {
			i++;
			continue;
		}
		matcher_count(m, &rec->ev[i], rec->index[i], &model->ev[j], true);
		list_remove(rec, i, 1);
		list_remove(model, j, 1);
	}
	if (rec->nr && !model->nr)
		take_failed(m, rec);
	for (u32 i = 0; i < rec->nr; i++) {
		const u32 j = find_kind(model, &rec->ev[i]);

		if (j == model->nr) {
			count_alone(m, &rec->ev[i], NULL, rec->index[i]);
			continue;
		}
		matcher_count(m, &rec->ev[i], rec->index[i], &model->ev[j], false);
		list_remove(model, j, 1);
	}
	rec->nr = 0;
	for (u32 j = 0; alone && j < model->nr; j++)
		count_alone(m, NULL, &model->ev[j], index);
	if (alone)
		model->nr = 0;
}

/* ---- the streams ---- */

static void judge_worker(struct matcher *m, bool last)
{
	struct event_list *rec = &m->worker.recorded, *model = &m->worker.model;
	struct check_agreement *k = &figures(m)->worker;

	while (rec->nr && (last || (rec->nr > WORKER_AHEAD && model->nr > WORKER_AHEAD))) {
		const u32 j = find_same(m, model, 0, &rec->ev[0]);

		k->recorded++;
		if (j < model->nr && j < WORKER_AHEAD) {
			k->agree++;
			k->model += j + 1;
			list_remove(model, 0, j + 1);
		} else {
			keep_miss(m, &rec->ev[0], NULL, rec->index[0]);
		}
		list_remove(rec, 0, 1);
	}
	if (last)
		k->model += model->nr;
}

void matcher_told(struct matcher *m, const struct model_event *e)
{
	const struct event ev = check_event_modelled(m->names, e);

	list_add(m, e->worker ? &m->worker.model : &m->told, &ev, NO_INDEX);
}

void matcher_recorded(struct matcher *m, const struct event *e, u64 index, bool worker)
{
	if (worker) {
		list_add(m, &m->worker.recorded, e, index);
		judge_worker(m, false);
	} else {
		list_add(m, &stream_of(m, e->cpu)->recorded, e, index);
	}
}

static bool is_removal(const struct event *e)
{
	return e->kind == EVENT_ZONE_LOCKED || e->kind == EVENT_EXTFRAG;
}

/* At page level an allocation is no removal: all that the model told came before it. */
static void split_told(struct matcher *m, const struct event *e, u32 *anchor)
{
	*anchor = 0;
	if (!is_removal(e))
		*anchor = m->told.nr;
	while (*anchor < m->told.nr && !is_removal(&m->told.ev[*anchor]))
		++*anchor;
}

void matcher_alloc(struct matcher *m, const struct event *e, u64 index)
{
	struct cpu_stream *s = stream_of(m, e->cpu);
	u32 anchor;

	split_told(m, e, &anchor);
	for (u32 i = 0; i < anchor; i++)
		list_add(m, &s->model, &m->told.ev[i], NO_INDEX);
	compare(m, &s->recorded, &s->model, true, index);
	if (is_removal(e)) {
		struct event_list one = { .nr = 1, .max = 1, .ev = (struct event *)e,
					  .index = &index };
		struct event_list main = { .nr = anchor < m->told.nr, .max = 1,
					   .ev = &m->told.ev[anchor],
					   .index = &m->told.index[anchor] };

		if (main.nr)
			compare(m, &one, &main, true, index);
		else
			count_alone(m, e, NULL, index);
	}
	for (u32 i = anchor + 1; i < m->told.nr; i++)
		list_add(m, &s->model, &m->told.ev[i], NO_INDEX);
	m->told.nr = 0;
}

void matcher_free(struct matcher *m, const struct event *e, u64 index)
{
	struct cpu_stream *s = stream_of(m, e->cpu);
	struct event_list before = s->model;

	/* Settle what was waiting; the free's own events may be answered on either side. */
	for (u32 i = 0; i < m->told.nr; i++)
		list_add(m, &s->model, &m->told.ev[i], index);
	m->told.nr = 0;
	if (!before.nr && !s->recorded.nr)
		return;
	compare(m, &s->recorded, &s->model, false, index);
	for (u32 j = 0; j < s->model.nr;) {
		if (s->model.index[j] == index) {
			j++;
			continue;
		}
		count_alone(m, NULL, &s->model.ev[j], index);
		list_remove(&s->model, j, 1);
	}
}

void matcher_end(struct matcher *m)
{
	for (u32 i = 0; i < m->nr_cpus; i++)
		compare(m, &m->cpus[i].recorded, &m->cpus[i].model, true, NO_INDEX);
	judge_worker(m, true);
}
