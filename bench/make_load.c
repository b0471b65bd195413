// SPDX-License-Identifier: GPL-2.0
/*
 * An event log of any length on a machine of any size, for measuring: a host is filled, then units
 * come and go. Placement is that of the model's vanilla arm, so pfns are what a kernel would hand
 * out; 7 frees of 10 take one of the last units allocated, the others any unit, as real captures
 * mix short and long lives. The same arguments give the same bytes.
 *
 * usage: make_load OUT.spblog GIB EVENTS FILL_PERCENT SEED
 *	FILL_PERCENT: memory in use once the host is full, most of it in huge pages above 64 GiB
 *	Prints the number of events after which the host is full.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/model.h"
#include "replay/log/log.h"

#define ZONE_START 0x100000ULL
#define T0 (1000 * NSEC_PER_SEC)
#define STEP_NS 1500
#define RECENT 4096
#define NR_TASKS 64
#define NR_CPUS 16

/** struct unit - what is in use; @pfn: where the recorded host has it */
struct unit {
	u32 pfn;
	u8 order;
	u8 mt;
};

/** struct load - the recorded host; @units, @nr: in use; @target, @used: pages */
struct load {
	struct model *m;
	struct log_writer *w;
	struct unit *units;
	u32 nr;
	u32 max;
	u64 used;
	u64 target;
	u64 random;
	u64 now;
	u64 left;
	u64 filled_at;
	u32 task[NR_TASKS];
	bool large;
	struct error err;
};

static u64 draw(u64 *state)
{
	u64 x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static u32 below(struct load *l, u32 n)
{
	return (u32)((draw(&l->random) >> 32) * n >> 32);
}

static int emit(struct load *l, enum event_kind kind, u64 pfn, u32 order, u32 mt)
{
	const u32 who = below(l, NR_TASKS);
	struct event ev = { .time = T0 + l->now, .pfn = pfn, .task = l->task[who],
			    .cpu = (u16)(who % NR_CPUS), .kind = (u8)kind, .order = (u8)order,
			    .migratetype = (s8)mt };

	l->left--;
	return log_writer_add(l->w, &ev, &l->err);
}

static int grow(struct load *l)
{
	const u32 max = l->max ? l->max * 2 : 65536;
	struct unit *p;

	if (l->nr < l->max)
		return 0;
	p = realloc(l->units, max * sizeof(*p));
	if (!p)
		return err_nomem(&l->err, "units");
	l->units = p;
	l->max = max;
	return 0;
}

/* Orders and types by how often kernels ask for them; huge pages while a large host fills. */
static u32 pick_order(struct load *l, bool filling)
{
	const u32 chance = below(l, 1000);

	if (filling && l->large && chance >= 30)
		return 9;
	if (chance < 750)
		return 0;
	if (chance < 990)
		return chance < 870 ? 1 : chance < 930 ? 2 : 3;
	return chance < 998 ? 4 : 9;
}

static u32 pick_type(struct load *l, u32 order)
{
	const u32 chance = below(l, 100);

	if (order == 9 || chance < 75)
		return MIGRATE_MOVABLE;
	return chance < 88 ? MIGRATE_RECLAIMABLE : MIGRATE_UNMOVABLE;
}

static int alloc_unit(struct load *l, bool filling)
{
	const u32 order = pick_order(l, filling), mt = pick_type(l, order);
	const struct model_req req = { .owner = l->nr, .ident = draw(&l->random),
				       .order = (u8)order, .migratetype = (u8)mt };
	struct model_result res;

	l->now += STEP_NS;
	if (grow(l))
		return -ERR_IO;
	if (model_alloc(l->m, l->now, &req, &res))
		return err_set(&l->err, ERR_USAGE, "the machine is full: lower FILL_PERCENT");
	l->units[l->nr++] = (struct unit){ (u32)res.pfn, (u8)order, (u8)mt };
	l->used += 1ULL << order;
	return emit(l, EVENT_ZONE_LOCKED, res.pfn, order, mt);
}

static int free_unit(struct load *l)
{
	const bool recent = below(l, 10) < 7 && l->nr > RECENT;
	const u32 i = recent ? l->nr - 1 - below(l, RECENT) : below(l, l->nr);
	const struct unit u = l->units[i];

	l->now += STEP_NS;
	l->units[i] = l->units[--l->nr];
	l->used -= 1ULL << u.order;
	if (model_free_pages(l->m, l->now, 0, u.pfn, u.order))
		return err_set(&l->err, ERR_BUG, "a unit is not where it was");
	return emit(l, EVENT_PCPU_DRAIN, u.pfn, u.order, u.mt);
}

static int run(struct load *l)
{
	const u64 wave = l->target / 50 + 1;
	bool rising = true, filled = false;

	while (l->left) {
		int ret;

		if (l->used >= l->target)
			rising = false;
		else if (l->used + wave < l->target)
			rising = true;
		if (!rising && !filled) {
			filled = true;
			l->filled_at = log_writer_meta(l->w)->nr_events;
		}
		/* Two steps one way, one the other: the load goes up and down within 2 %. */
		if (!filled || (below(l, 3) ? rising : !rising))
			ret = alloc_unit(l, !filled);
		else
			ret = free_unit(l);
		if (ret)
			return ret;
	}
	return 0;
}

static int set_up(struct load *l, struct model_zone_config *zone)
{
	const struct model_config config = { .zones = zone, .nr_zones = 1, .pageblock_order = 9,
					     .spb_order = 18, .max_order = 10, .nr_cpus = NR_CPUS,
					     .seed = 1 };
	struct log_meta *meta;
	struct variant v;
	const char *why;

	variant_init(&v);
	v.allocator = ALLOCATOR_VANILLA;
	v.slowpath_mode = SLOWPATH_NOFRAGMENT;
	v.trigger_update = 0;
	v.shrink_enable = 0;
	l->m = model_new(&config, &v, NULL, NULL, &why);
	l->w = log_writer_new(&l->err);
	if (!l->m || !l->w)
		return err_nomem(&l->err, "the recorded host");
	meta = log_writer_meta(l->w);
	meta->page_size = 4096;
	meta->pageblock_order = 9;
	meta->nr_cpus = NR_CPUS;
	meta->zones = calloc(1, sizeof(*meta->zones));
	if (!meta->zones || log_meta_set(&meta->machine, "x86_64") ||
	    log_meta_set(&meta->source, "made load"))
		return err_nomem(&l->err, "the header");
	meta->nr_zones = 1;
	meta->zones[0] = (struct log_zone){ .name = "Normal", .start_pfn = zone->start_pfn,
					    .spanned = zone->spanned };
	for (u32 i = 0; i < NR_TASKS; i++) {
		char comm[16];

		snprintf(comm, sizeof(comm), "load-%u", i);
		l->task[i] = log_writer_task(l->w, 1000 + i, comm);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct model_zone_config zone = { .name = "Normal", .start_pfn = ZONE_START };
	struct load l = { 0 };
	u64 gib;
	int ret;

	if (argc != 6) {
		fputs("usage: make_load OUT.spblog GIB EVENTS FILL_PERCENT SEED\n", stderr);
		return ERR_USAGE;
	}
	gib = strtoull(argv[2], NULL, 10);
	zone.spanned = gib << 18;
	l.left = strtoull(argv[3], NULL, 10);
	l.target = zone.spanned * strtoull(argv[4], NULL, 10) / 100;
	l.random = strtoull(argv[5], NULL, 10);
	l.large = gib > 64;
	ret = set_up(&l, &zone);
	if (!ret)
		ret = run(&l);
	if (!ret)
		ret = log_writer_save(l.w, argv[1], &l.err);
	if (!ret)
		printf("%llu\n", (unsigned long long)l.filled_at);
	if (ret)
		fprintf(stderr, "make_load: %s\n", l.err.text);
	model_free(l.m);
	log_writer_free(l.w);
	free(l.units);
	return ret ? -ret : 0;
}
