// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/losses.h"

#include <stdlib.h>
#include <string.h>

#define NR_CPU_IDS 65536	/* event.cpu is 16 bits wide */

int loss_scan_init(struct loss_scan *s, u32 spb_order, struct error *err)
{
	*s = (struct loss_scan){ .spb_order = spb_order };
	s->at_last = calloc(NR_CPU_IDS, sizeof(*s->at_last));
	return s->at_last ? 0 : err_nomem(err, "CPU state");
}

void loss_scan_fini(struct loss_scan *s)
{
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

int loss_scan_ops(struct loss_scan *s, u32 cpu, u64 pfn, u64 nr, struct error *err)
{
	const u64 index = pfn >> s->spb_order;

	if (nr && index < LOSSES_MAX_SPBS) {
		if (reach(s, (u32)index, err))
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

static int set_bits(struct loss_scan *s, u64 since, struct error *err)
{
	struct losses *l = &s->sum;

	if (l->nr_spbs < s->nr_touched) {
		const u32 words = (s->nr_touched + 63) / 64, old = (l->nr_spbs + 63) / 64;
		u64 *spbs = realloc(l->spbs, words * sizeof(*spbs));

		if (!spbs)
			return err_nomem(err, "superpageblocks");
		memset(spbs + old, 0, (words - old) * sizeof(*spbs));
		l->spbs = spbs;
		l->nr_spbs = s->nr_touched;
	}
	for (u32 i = 0; i < s->nr_touched; i++) {
		if (s->touched[i] <= since || loss_reaches(l, i))
			continue;
		l->spbs[i / 64] |= 1ULL << (i % 64);
		l->reached++;
	}
	return 0;
}

int loss_scan_gap(struct loss_scan *s, u32 cpu, struct error *err)
{
	const u64 since = s->at_last[cpu];
	const int rc = s->done > since ? set_bits(s, since, err) : 0;

	s->sum.gaps++;
	s->sum.operations += s->done - min_u64(max_u64(since, s->counted), s->done);
	s->counted = s->done;
	s->at_last[cpu] = s->done;
	return rc;
}

bool loss_reaches(const struct losses *l, u64 index)
{
	return index < l->nr_spbs && l->spbs[index / 64] >> (index % 64) & 1;
}
