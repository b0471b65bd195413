// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/losses.h"

#include <stdlib.h>
#include <string.h>

#define NR_CPU_IDS 65536	/* event.cpu is 16 bits wide */

#define FIGURE(n, field, text) { n, offsetof(struct losses, field), text }

const struct loss_figure loss_figure_table[] = {
	FIGURE("gaps", gaps, "gaps with lost events in the window"),
	FIGURE("lost_events", events, "events lost in them, as far as the kernel counted: at "
	       "most this many operations are missing"),
	FIGURE("gaps_of_unknown_size", unknown_gaps, "gaps without a count: no bound is known"),
	FIGURE("operations_in_gaps", operations, "operations of other CPUs while one CPU lost "
	       "events: their order relative to the lost ones may be wrong"),
	FIGURE("operations_beside_gaps", beside, "the last 64 operations of the CPU before each "
	       "gap and the first 64 after it: bursts of the per-CPU lists may be cut in two"),
	FIGURE("operations_unexplained", unexplained, "after the first gap: allocations of pages "
	       "in use, frees of free pages, frees of pages that neither an event nor the "
	       "snapshot shows in use"),
};

const size_t nr_loss_figures = ARRAY_SIZE(loss_figure_table);

u64 loss_figure(const struct losses *l, size_t i)
{
	u64 value;

	memcpy(&value, (const char *)l + loss_figure_table[i].offset, sizeof(value));
	return value;
}

int loss_scan_init(struct loss_scan *s, u32 spb_order, struct error *err)
{
	*s = (struct loss_scan){ .spb_order = spb_order };
	s->at_last = calloc(NR_CPU_IDS, sizeof(*s->at_last));
	s->cpu = calloc(NR_CPU_IDS, sizeof(struct loss_cpu *));
	return s->at_last && s->cpu ? 0 : err_nomem(err, "CPU state");
}

void loss_scan_fini(struct loss_scan *s)
{
	for (u32 i = 0; s->cpu && i < NR_CPU_IDS; i++)
		free(s->cpu[i]);
	free(s->cpu);
	free(s->at_last);
	free(s->touched);
	losses_fini(&s->sum);
	*s = (struct loss_scan){ 0 };
}

void losses_fini(struct losses *l)
{
	free(l->spbs);
	*l = (struct losses){ 0 };
}

void loss_scan_reset(struct loss_scan *s)
{
	losses_fini(&s->sum);
	s->done = 0;
	s->counted = 0;
	memset(s->at_last, 0, NR_CPU_IDS * sizeof(*s->at_last));
	for (u32 i = 0; i < NR_CPU_IDS; i++)
		if (s->cpu[i])
			s->cpu[i]->nr = s->cpu[i]->behind = 0;
	if (s->touched)
		memset(s->touched, 0, s->nr_touched * sizeof(*s->touched));
}

static int reach(struct loss_scan *s, u32 index, struct error *err)
{
	u32 nr = s->nr_touched ? s->nr_touched : 64;
	u64 *touched;

	if (index < s->nr_touched)
		return 0;
	while (nr <= index)
		nr *= 2;
	touched = realloc(s->touched, nr * sizeof(*touched));
	if (!touched)
		return err_nomem(err, "superpageblocks");
	memset(touched + s->nr_touched, 0, (nr - s->nr_touched) * sizeof(*touched));
	s->touched = touched;
	s->nr_touched = nr;
	return 0;
}

/* Superpageblock @index is uncertain. */
static int mark(struct losses *l, u32 index, struct error *err)
{
	if (index >= l->nr_spbs) {
		const u32 old = l->nr_spbs / 64, words = (index | 63) / 64 + 1;
		u64 *spbs = realloc(l->spbs, words * sizeof(*spbs));

		if (!spbs)
			return err_nomem(err, "superpageblocks");
		memset(spbs + old, 0, (words - old) * sizeof(*spbs));
		l->spbs = spbs;
		l->nr_spbs = words * 64;
	}
	l->reached += !loss_reaches(l, index);
	l->spbs[index / 64] |= 1ULL << (index % 64);
	return 0;
}

/* The CPU's own operation: beside the gap that was, or kept for the next one. */
static int own_op(struct loss_scan *s, u32 cpu, u32 index, u64 nr, struct error *err)
{
	struct loss_cpu *c = s->cpu[cpu];

	if (!c)
		c = s->cpu[cpu] = calloc(1, sizeof(*c));
	if (!c)
		return err_nomem(err, "CPU state");
	if (c->behind) {
		c->behind--;
		s->sum.beside += nr;
		return mark(&s->sum, index, err);
	}
	c->last[c->next] = (struct loss_op){ index, (u32)nr };
	c->next = (c->next + 1) % LOSSES_BESIDE;
	c->nr += c->nr < LOSSES_BESIDE;
	return 0;
}

int loss_scan_ops(struct loss_scan *s, u32 cpu, u64 pfn, u64 nr, struct error *err)
{
	const u64 index = pfn >> s->spb_order;

	if (nr && index < LOSSES_MAX_SPBS) {
		if (reach(s, (u32)index, err) || own_op(s, cpu, (u32)index, nr, err))
			return -ERR_IO;
		s->touched[index] = s->done + nr;
	}
	s->done += nr;
	s->at_last[cpu] = s->done;
	return 0;
}

void loss_scan_seen(struct loss_scan *s, u32 cpu)
{
	s->at_last[cpu] = s->done;
}

int loss_scan_unexplained(struct loss_scan *s, u64 pfn, u64 nr, struct error *err)
{
	const u64 index = pfn >> s->spb_order;

	if (!s->sum.gaps || index >= LOSSES_MAX_SPBS)
		return 0;
	s->sum.unexplained += nr;
	return mark(&s->sum, (u32)index, err);
}

/* What the CPU did last stands beside the gap, and so does what it does next. */
static int mark_own(struct loss_scan *s, u32 cpu, struct error *err)
{
	struct loss_cpu *c = s->cpu[cpu];
	int rc = 0;

	if (!c)
		c = s->cpu[cpu] = calloc(1, sizeof(*c));
	if (!c)
		return err_nomem(err, "CPU state");
	for (u32 i = 0; i < c->nr && !rc; i++) {
		s->sum.beside += c->last[i].nr;
		rc = mark(&s->sum, c->last[i].index, err);
	}
	*c = (struct loss_cpu){ .behind = LOSSES_BESIDE };
	return rc;
}

int loss_scan_gap(struct loss_scan *s, u32 cpu, u64 events, struct error *err)
{
	const u64 since = s->at_last[cpu];
	int rc = mark_own(s, cpu, err);

	for (u32 i = 0; s->done > since && i < s->nr_touched && !rc; i++)
		if (s->touched[i] > since)
			rc = mark(&s->sum, i, err);
	s->sum.gaps++;
	s->sum.events += events;
	s->sum.unknown_gaps += !events;
	s->sum.operations += s->done - min_u64(max_u64(since, s->counted), s->done);
	s->counted = s->done;
	s->at_last[cpu] = s->done;
	return rc;
}

bool loss_reaches(const struct losses *l, u64 index)
{
	return index < l->nr_spbs && l->spbs[index / 64] >> (index % 64) & 1;
}
