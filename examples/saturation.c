// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the capture of the failure that the seed patch describes (S4.4, S6): a tainted
 * superpageblock without a free pageblock, its movable pages in mixed blocks, a defrag pass without
 * progress, the cooldown over, and no allocation that touches it; later a non-movable load.
 *
 * The "recorded kernel" is the model itself under spb-v1-none, so the capture is consistent: its
 * placements become trace events as a kernel would emit them, in a real trace.dat.
 *
 * usage: saturation OUTPUT_FOLDER	(writes trace.dat and before/zoneinfo there)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/model.h"
#include "parsers/writer/trace_writer.h"

#define SPB_ORDER 18
#define BLOCK_ORDER 9
#define NR_SPBS 12
#define NR_BLOCKS (1U << (SPB_ORDER - BLOCK_ORDER))
#define ZONE_START 0x100000ULL
#define T0 (1000 * NSEC_PER_SEC)

/* Page cache and slab come in 64 KiB pieces: few enough events, small enough to mix in a block. */
#define SMALL_ORDER 4
#define SMALL_PER_BLOCK (1U << (BLOCK_ORDER - SMALL_ORDER))
#define SMALL_PER_SPB (SMALL_PER_BLOCK * NR_BLOCKS)
/* Of each block, this many pieces change from page cache to unmovable memory. */
#define MIXED_PER_BLOCK (SMALL_PER_BLOCK * 5 / 8)

#define THP_SPBS (NR_SPBS - 1)
#define EXIT_FIRST 4	/* the process that exits holds these SPBs' worth of huge pages */
#define EXIT_SPBS 4
#define LATE_SLABS (60000U >> SMALL_ORDER)
#define MAX_UNITS (1U << 18)

/** struct task - who does it */
struct task {
	u32 pid;
	const char *comm;
	u16 cpu;
};

static const struct task cache_fill = { 2101, "cache-fill", 0 };
static const struct task batch_job = { 2102, "batch-job", 0 };
static const struct task net_slab = { 2103, "net-slab", 1 };
static const struct task thp_app = { 2104, "thp-app", 0 };
static const struct task dentry_load = { 2105, "dentry-load", 1 };
static const struct task kevacuate = { 61, "kevacuate/0", 1 };

/** struct scene - the recorded machine: model, clock, writer, and where each unit lies */
struct scene {
	struct model *m;
	struct trace_writer *w;
	struct error err;
	u64 now;
	u32 nr_units;
	u64 *pfn;
	u8 *order;
	u32 small[SMALL_PER_SPB];
	u32 thp[THP_SPBS * NR_BLOCKS];
};

static void emit(struct scene *s, const struct task *t, const struct event *ev)
{
	if (s->err.code == ERR_NONE &&
	    trace_writer_event(s->w, ev, t->pid, t->comm, NULL, &s->err))
		return;
}

static struct event event_at(const struct scene *s, const struct task *t, enum event_kind kind,
			     u64 pfn, u32 order, u32 mt)
{
	return (struct event){ .time = T0 + s->now, .pfn = pfn, .cpu = t->cpu, .kind = (u8)kind,
			       .order = (u8)order, .migratetype = (s8)mt };
}

/* A whole-block claim or a steal is seen in extfrag only; a sub-block claim in both (S2.4). */
static void emit_alloc(struct scene *s, const struct task *t, u32 order, u32 mt,
		       const struct model_result *r)
{
	struct event ev = event_at(s, t, EVENT_ZONE_LOCKED, r->pfn, order, mt);
	const bool fallback = r->outcome == OUTCOME_CLAIM || r->outcome == OUTCOME_STEAL;

	ev.extra[0] = 1;
	if (!fallback || (r->outcome == OUTCOME_CLAIM && r->fallback_order < BLOCK_ORDER))
		emit(s, t, &ev);
	if (!fallback)
		return;
	ev.kind = EVENT_EXTFRAG;
	ev.extra[0] = r->fallback_order;
	ev.extra[1] = r->fallback_mt;
	ev.extra[2] = r->outcome == OUTCOME_CLAIM;
	emit(s, t, &ev);
}

static u32 alloc_unit(struct scene *s, const struct task *t, u32 order, u32 mt)
{
	const u32 unit = s->nr_units++ % MAX_UNITS;
	const struct model_req req = { .owner = unit, .ident = unit, .cpu = t->cpu,
				       .order = (u8)order, .migratetype = (u8)mt };
	struct model_result r;

	if (model_alloc(s->m, s->now, &req, &r)) {
		err_set(&s->err, ERR_BUG, "the recorded machine ran out of memory");
		return unit;
	}
	s->pfn[unit] = r.pfn;
	s->order[unit] = (u8)order;
	emit_alloc(s, t, order, mt, &r);
	s->now += 20 * NSEC_PER_USEC;
	return unit;
}

/* Through the PCP: mm_page_free, and the drain that brings it back to the buddy (S7.5). */
static void emit_free(struct scene *s, const struct task *t, u64 pfn, u32 order)
{
	struct event ev = event_at(s, t, EVENT_PAGE_FREE, pfn, order, MIGRATE_MOVABLE);

	emit(s, t, &ev);
	ev.kind = EVENT_PCPU_DRAIN;
	emit(s, t, &ev);
}

/* Everything that this story frees is movable, and so are the blocks it lies in. */
static void free_unit(struct scene *s, const struct task *t, u32 unit)
{
	const u32 order = s->order[unit];

	model_run(s->m, s->now);
	emit_free(s, t, s->pfn[unit], order);
	if (model_free_pages(s->m, s->now, t->cpu, s->pfn[unit], order))
		err_set(&s->err, ERR_BUG, "unit %u is not where the scene left it", unit);
	s->now += 20 * NSEC_PER_USEC;
}

/* The worker takes a page for the copy and frees the source: both are seen (S7.5). */
static void on_moved(void *ctx, u32 owner, u64 to)
{
	struct scene *s = ctx;
	const u32 order = s->order[owner];
	struct event ev = event_at(s, &kevacuate, EVENT_ZONE_LOCKED, to, order, MIGRATE_MOVABLE);

	ev.extra[0] = 1;
	emit(s, &kevacuate, &ev);
	emit_free(s, &kevacuate, s->pfn[owner], order);
	s->pfn[owner] = to;
}

/*
 * The host fills up: page cache in the first SPB, huge pages in all others. PASS_1 opens whole
 * blocks first (S2.3 item 2), so neighbours in time are not neighbours in memory: small[] is by
 * place.
 */
static void act_fill(struct scene *s)
{
	for (u32 i = 0; i < SMALL_PER_SPB; i++) {
		const u32 unit = alloc_unit(s, &cache_fill, SMALL_ORDER, MIGRATE_MOVABLE);

		s->small[(s->pfn[unit] - ZONE_START) / (1U << SMALL_ORDER) % SMALL_PER_SPB] = unit;
	}
	for (u32 i = 0; i < THP_SPBS * NR_BLOCKS; i++)
		s->thp[i] = alloc_unit(s, &batch_job, BLOCK_ORDER, MIGRATE_MOVABLE);
}

/*
 * Every other piece of a block is freed and becomes unmovable memory, block by block. The first
 * one taints the SPB; the pass it starts finds no room anywhere. The rest follows inside the
 * cooldown, so at its end every block is mixed and full.
 */
static void act_mix(struct scene *s)
{
	s->now = 2 * NSEC_PER_SEC;
	for (u32 b = 0; b < NR_BLOCKS; b++) {
		for (u32 k = 0; k < MIXED_PER_BLOCK; k++) {
			const u32 piece = k * 2 % SMALL_PER_BLOCK + k * 2 / SMALL_PER_BLOCK;

			free_unit(s, &cache_fill, s->small[b * SMALL_PER_BLOCK + piece]);
		}
		for (u32 k = 0; k < MIXED_PER_BLOCK; k++)
			alloc_unit(s, &net_slab, SMALL_ORDER, MIGRATE_UNMOVABLE);
		if (b == 0)
			s->now += NSEC_PER_SEC;
	}
}

/* Long after the cooldown: a job exits, a huge page opens an empty SPB, slab load follows. */
static void act_late(struct scene *s)
{
	const u32 first = EXIT_FIRST * NR_BLOCKS;

	s->now = 12 * NSEC_PER_SEC;
	for (u32 i = 0; i < EXIT_SPBS * NR_BLOCKS; i++)
		free_unit(s, &batch_job, s->thp[first + i]);
	s->now = 13 * NSEC_PER_SEC;
	for (u32 i = 0; i < 16; i++)
		alloc_unit(s, &thp_app, BLOCK_ORDER, MIGRATE_MOVABLE);
	s->now = 15 * NSEC_PER_SEC;
	for (u32 i = 0; i < LATE_SLABS; i++)
		alloc_unit(s, &dentry_load, SMALL_ORDER, MIGRATE_RECLAIMABLE);
}

static const struct model_zone_config zone = {
	.name = "Normal", .start_pfn = ZONE_START, .spanned = (u64)NR_SPBS << SPB_ORDER,
};

static bool open_scene(struct scene *s, const char *folder)
{
	static const struct model_observer observer = { .moved = on_moved };
	const struct model_config config = {
		.zones = &zone, .nr_zones = 1, .pageblock_order = BLOCK_ORDER,
		.spb_order = SPB_ORDER, .max_order = 10, .nr_cpus = 2,
	};
	const struct trace_writer_opts opts = { .version = 7, .zstd = true };
	struct variant v;
	const char *why = NULL;
	char path[4096];

	variant_init(&v);
	s->pfn = calloc(MAX_UNITS, sizeof(*s->pfn));
	s->order = calloc(MAX_UNITS, sizeof(*s->order));
	s->m = model_new(&config, &v, &observer, s, &why);
	snprintf(path, sizeof(path), "%s/trace.dat", folder);
	s->w = trace_writer_open(path, &opts, &s->err);
	if (!s->pfn || !s->order || !s->m)
		err_set(&s->err, ERR_IO, "%s", why ? why : "out of memory");
	return s->err.code == ERR_NONE;
}

static int write_zoneinfo(const char *folder)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/before", folder);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/before/zoneinfo", folder);
	f = fopen(path, "w");
	if (!f)
		return -1;
	fprintf(f, "Node 0, zone   %s\n  pages free     %llu\n        spanned  %llu\n", zone.name,
		(unsigned long long)zone.spanned, (unsigned long long)zone.spanned);
	fprintf(f, "        present  %llu\n        managed  %llu\n  start_pfn:           %llu\n",
		(unsigned long long)zone.spanned, (unsigned long long)zone.spanned,
		(unsigned long long)zone.start_pfn);
	return fclose(f);
}

int main(int argc, char **argv)
{
	struct scene *s = calloc(1, sizeof(*s));
	int code;

	if (argc != 2 || !s) {
		fprintf(stderr, "usage: saturation OUTPUT_FOLDER\n");
		return ERR_USAGE;
	}
	mkdir(argv[1], 0777);
	if (open_scene(s, argv[1])) {
		act_fill(s);
		act_mix(s);
		act_late(s);
		if (trace_writer_close(s->w, &s->err) == 0 && write_zoneinfo(argv[1]))
			err_set(&s->err, ERR_IO, "%s/before/zoneinfo: cannot write", argv[1]);
	}
	code = (int)s->err.code;
	if (code)
		fprintf(stderr, "saturation: %s\n", s->err.text);
	model_free(s->m);
	free(s->pfn);
	free(s->order);
	free(s);
	return code;
}
