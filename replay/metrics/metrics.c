// SPDX-License-Identifier: GPL-2.0
#include "replay/metrics/metrics.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_ROWS 16

int metrics_init(struct metrics *m, u32 nr_zones, u32 nr_samples)
{
	*m = (struct metrics){ .nr_zones = nr_zones, .nr_samples = nr_samples };
	m->zones = calloc(nr_zones ? nr_zones : 1, sizeof(*m->zones));
	if (!m->zones)
		goto nomem;
	for (u32 i = 0; i < nr_zones; i++) {
		struct metrics_zone *z = &m->zones[i];

		z->samples = calloc(nr_samples ? nr_samples : 1, sizeof(*z->samples));
		z->migrated = calloc(nr_samples ? nr_samples : 1, sizeof(*z->migrated));
		if (!z->samples || !z->migrated)
			goto nomem;
	}
	return 0;
nomem:
	metrics_fini(m);
	return -ENOMEM;
}

static void zone_fini(struct metrics_zone *z)
{
	struct visits *v = &z->visits[0][0][0];

	for (size_t i = 0; i < sizeof(z->visits) / sizeof(*v); i++)
		visits_fini(&v[i]);
	free(z->taints);
	free(z->passes);
	chances_fini(&z->chances);
	list_moves_fini(&z->lists);
	free(z->samples);
	free(z->migrated);
	spbmap_fini(&z->map);
	free(z->spbs);
}

void metrics_fini(struct metrics *m)
{
	for (u32 i = 0; m->zones && i < m->nr_zones; i++)
		zone_fini(&m->zones[i]);
	free(m->zones);
	*m = (struct metrics){ 0 };
}

/* Room for one more row in an array of @nr rows. Return: the array, or NULL */
static void *room_for_row(void *rows, u32 nr, u32 *max, size_t size)
{
	u32 bigger = *max ? *max * 2 : FIRST_ROWS;
	void *p;

	if (nr < *max)
		return rows;
	if (bigger < *max)
		return NULL;
	p = realloc(rows, bigger * size);
	if (p)
		*max = bigger;
	return p;
}

static void count_taint(struct metrics *m, struct metrics_zone *z, const struct model_taint *t)
{
	if (t->to == SB_TAINTED) {
		z->tainted++;
		m->tainted++;
		z->fresh_taints += m->started;
	} else {
		z->tainted--;
		m->tainted--;
		z->untaints += m->started;
	}
	if (z->tainted > z->tainted_max)
		z->tainted_max = z->tainted;
	if (m->tainted > m->tainted_max)
		m->tainted_max = m->tainted;
}

void metrics_taint(struct metrics *m, const struct model_taint *t, const struct metrics_moment *at)
{
	struct metrics_zone *z = &m->zones[t->zone];
	struct metrics_taint *rows;

	count_taint(m, z, t);
	rows = room_for_row(z->taints, z->nr_taints, &z->max_taints, sizeof(*rows));
	if (!rows) {
		m->error = -ENOMEM;
		return;
	}
	z->taints = rows;
	rows[z->nr_taints++] = (struct metrics_taint){
		.at = *at,
		.seq = m->taint_seq++,
		.start_pfn = t->start_pfn,
		.spb = t->spb,
		.from = t->from,
		.to = t->to,
		.cause = t->cause,
		.outcome = t->outcome,
		.order = t->order,
		.migratetype = t->migratetype,
	};
}

void metrics_defrag_pass(struct metrics *m, const struct model_defrag_pass *p)
{
	struct metrics_zone *z = &m->zones[p->zone];
	struct model_defrag_pass *rows;

	if (!m->started)
		return;
	rows = room_for_row(z->passes, z->nr_passes, &z->max_passes, sizeof(*rows));
	if (!rows) {
		m->error = -ENOMEM;
		return;
	}
	z->passes = rows;
	rows[z->nr_passes++] = *p;
}

void metrics_chance(struct metrics *m, const struct model_chance *c, u64 time)
{
	if (m->started && chances_add(&m->zones[c->zone].chances, c, time))
		m->error = -ENOMEM;
}

void metrics_list_moved(struct metrics *m, const struct model_list_move *mv, u64 time)
{
	if (m->started && list_moves_add(&m->zones[mv->zone].lists, mv, time))
		m->error = -ENOMEM;
}

void metrics_start(struct metrics *m, const struct model *model, u64 now)
{
	m->tainted = 0;
	for (u32 i = 0; i < m->nr_zones; i++) {
		struct metrics_zone *z = &m->zones[i];
		struct model_zone_state st;

		model_zone_state(model, i, now, &st);
		z->tainted = st.spb_tainted;
		z->tainted_start = st.spb_tainted;
		z->tainted_max = st.spb_tainted;
		m->tainted += st.spb_tainted;
	}
	m->tainted_max = m->tainted;
	m->started = true;
}

void metrics_sample(struct metrics *m, const struct model *model, u64 now)
{
	for (u32 i = 0; i < m->nr_zones; i++) {
		struct metrics_zone *z = &m->zones[i];

		model_zone_state(model, i, now, &z->samples[m->next_sample]);
		z->migrated[m->next_sample] = model_counters(model, i)->pages_migrated;
		if (spbmap_sample(&z->map, model, i, m->next_sample, now))
			m->error = -ENOMEM;
	}
	m->next_sample++;
}

int metrics_finish(struct metrics *m, const struct model *model, u64 now)
{
	for (u32 i = 0; i < m->nr_zones; i++) {
		struct metrics_zone *z = &m->zones[i];

		z->nr_spbs = model_nr_spbs(model, i);
		z->spbs = calloc(z->nr_spbs ? z->nr_spbs : 1, sizeof(*z->spbs));
		if (!z->spbs)
			return -ENOMEM;
		for (u32 spb = 0; spb < z->nr_spbs; spb++)
			model_spb_state(model, i, spb, now, &z->spbs[spb]);
		z->counters = *model_counters(model, i);
		model_zone_state(model, i, now, &z->end);
	}
	m->model_bytes = max_u64(m->model_bytes, model_bytes(model));
	return m->error;
}

u64 metrics_allocs(const struct metrics_zone *z, u32 outcome)
{
	u32 first = outcome < NR_SPB_OUTCOMES ? outcome : 0;
	u32 end = outcome < NR_SPB_OUTCOMES ? outcome + 1 : NR_SPB_OUTCOMES;
	u64 total = 0;

	for (u32 o = first; o < end; o++)
		for (u32 order = 0; order < MODEL_MAX_ORDERS; order++)
			for (u32 mt = 0; mt < MIGRATE_TYPES; mt++)
				total += visits_total(&z->visits[o][order][mt]);
	return total;
}
