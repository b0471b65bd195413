// SPDX-License-Identifier: GPL-2.0
/*
 * Makes captures of a small fleet: hosts of different sizes under different loads, and a manifest.
 * As in spbreplay synth, the "recorded kernel" is the model itself under spb-v1-none, so each
 * capture is consistent; what a patch does to it is for the replay to find out. A host's story
 * follows from its number alone: the same number gives the same bytes.
 *
 * usage: make-hosts OUTPUT_FOLDER NR_HOSTS	(writes manifest.csv and host-NNNN/ there)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/model.h"
#include "parsers/writer/trace_writer.h"

#define SPB_ORDER 18
#define BLOCK_ORDER 9
#define SMALL_ORDER 6
#define NR_BLOCKS (1U << (SPB_ORDER - BLOCK_ORDER))
#define SMALL_PER_BLOCK (1U << (BLOCK_ORDER - SMALL_ORDER))
#define ZONE_START 0x100000ULL
#define T0 (1000 * NSEC_PER_SEC)
#define MAX_UNITS (1U << 16)
#define MAX_HOSTS 10000

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

/**
 * struct story - what a host lives through, in pieces of SMALL_ORDER or blocks
 * @nr_spbs: size of the host; @cache: page cache, pieces; @huge: huge pages at the start
 * @mixed: blocks of page cache in which @mix pieces each become unmovable
 * @exit_at, @exit: when a job frees how many of the huge pages; @open: huge pages right after
 * @slab_at, @slab, @slab_mt: the late load; @again: huge pages at the end
 */
struct story {
	const char *workload;
	u32 nr_spbs;
	u32 cache;
	u32 huge;
	u32 mixed;
	u32 mix;
	u64 exit_at;
	u32 exit;
	u32 open;
	u64 slab_at;
	u32 slab;
	u8 slab_mt;
	u32 again;
};

/** struct host - the recorded machine: model, clock, writer, and where each unit lies */
struct host {
	struct story story;
	struct model *m;
	struct trace_writer *w;
	struct error err;
	u64 random;
	u64 now;
	u64 used;
	u32 nr_units;
	u64 pfn[MAX_UNITS];
	u8 order[MAX_UNITS];
	u32 by_place[MAX_UNITS];
	u32 huge[MAX_UNITS];
};

/* ---- chance: splitmix64 ---- */

static u64 draw(u64 *state)
{
	u64 x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static u32 between(u64 *state, u32 low, u32 high)
{
	return low + (u32)(draw(state) % (high - low + 1));
}

/* ---- what the recorded kernel does, and the events of it ---- */

static void emit(struct host *h, const struct task *t, const struct event *ev)
{
	if (h->err.code == ERR_NONE &&
	    trace_writer_event(h->w, ev, t->pid, t->comm, NULL, &h->err))
		return;
}

static struct event event_at(const struct host *h, const struct task *t, enum event_kind kind,
			     u64 pfn, u32 order, u32 mt)
{
	return (struct event){ .time = T0 + h->now, .pfn = pfn, .cpu = t->cpu, .kind = (u8)kind,
			       .order = (u8)order, .migratetype = (s8)mt };
}

/* A whole-block claim or a steal is seen in extfrag only; a sub-block claim in both (S2.4). */
static void emit_alloc(struct host *h, const struct task *t, u32 order, u32 mt,
		       const struct model_result *r)
{
	struct event ev = event_at(h, t, EVENT_ZONE_LOCKED, r->pfn, order, mt);
	const bool fallback = r->outcome == OUTCOME_CLAIM || r->outcome == OUTCOME_STEAL;

	ev.extra[0] = 1;
	if (!fallback || (r->outcome == OUTCOME_CLAIM && r->fallback_order < BLOCK_ORDER))
		emit(h, t, &ev);
	if (!fallback)
		return;
	ev.kind = EVENT_EXTFRAG;
	ev.extra[0] = r->fallback_order;
	ev.extra[1] = r->fallback_mt;
	ev.extra[2] = r->outcome == OUTCOME_CLAIM;
	emit(h, t, &ev);
}

/* Return: the unit, or MAX_UNITS: the host is full and does without. */
static u32 alloc_unit(struct host *h, const struct task *t, u32 order, u32 mt)
{
	const u64 total = (u64)h->story.nr_spbs << SPB_ORDER;
	const u32 unit = h->nr_units;
	const struct model_req req = { .owner = unit, .ident = unit, .cpu = t->cpu,
				       .order = (u8)order, .migratetype = (u8)mt };
	struct model_result r;

	if (unit == MAX_UNITS || h->used + (1ULL << order) > total ||
	    model_alloc(h->m, h->now, &req, &r))
		return MAX_UNITS;
	h->nr_units++;
	h->used += 1ULL << order;
	h->pfn[unit] = r.pfn;
	h->order[unit] = (u8)order;
	emit_alloc(h, t, order, mt, &r);
	h->now += 40 * NSEC_PER_USEC;
	return unit;
}

/* Through the PCP: mm_page_free, and the drain that brings it back to the buddy (S7.5). */
static void emit_free(struct host *h, const struct task *t, u64 pfn, u32 order)
{
	struct event ev = event_at(h, t, EVENT_PAGE_FREE, pfn, order, MIGRATE_MOVABLE);

	emit(h, t, &ev);
	ev.kind = EVENT_PCPU_DRAIN;
	emit(h, t, &ev);
}

/* Only movable units are freed in these stories. */
static void free_unit(struct host *h, const struct task *t, u32 unit)
{
	const u32 order = h->order[unit];

	model_run(h->m, h->now);
	emit_free(h, t, h->pfn[unit], order);
	if (model_free_pages(h->m, h->now, t->cpu, h->pfn[unit], order))
		err_set(&h->err, ERR_BUG, "unit %u is not where the story left it", unit);
	h->used -= 1ULL << order;
	h->now += 40 * NSEC_PER_USEC;
}

/* The worker takes a page for the copy and frees the source: both are seen (S7.5). */
static void on_moved(void *ctx, u32 owner, u64 to)
{
	struct host *h = ctx;
	const u32 order = h->order[owner];
	struct event ev = event_at(h, &kevacuate, EVENT_ZONE_LOCKED, to, order, MIGRATE_MOVABLE);

	ev.extra[0] = 1;
	emit(h, &kevacuate, &ev);
	emit_free(h, &kevacuate, h->pfn[owner], order);
	h->pfn[owner] = to;
}

/* ---- the acts ---- */

/* Page cache, then huge pages; by_place[] has the page cache by where it lies. */
static void act_fill(struct host *h)
{
	for (u32 i = 0; i < MAX_UNITS; i++)
		h->by_place[i] = MAX_UNITS;
	for (u32 i = 0; i < h->story.cache; i++) {
		const u32 unit = alloc_unit(h, &cache_fill, SMALL_ORDER, MIGRATE_MOVABLE);

		if (unit < MAX_UNITS)
			h->by_place[(h->pfn[unit] - ZONE_START) >> SMALL_ORDER] = unit;
	}
	for (u32 i = 0; i < h->story.huge; i++)
		h->huge[i] = alloc_unit(h, &batch_job, BLOCK_ORDER, MIGRATE_MOVABLE);
}

/* In some blocks, pieces of page cache are freed and become unmovable memory. */
static void act_mix(struct host *h)
{
	h->now = 2 * NSEC_PER_SEC;
	for (u32 b = 0; b < h->story.mixed; b++) {
		u32 freed = 0;

		for (u32 k = 0; k < h->story.mix; k++) {
			const u32 piece = k * 2 % SMALL_PER_BLOCK + k * 2 / SMALL_PER_BLOCK;
			const u32 unit = h->by_place[b * SMALL_PER_BLOCK + piece];

			if (unit == MAX_UNITS)
				continue;
			free_unit(h, &cache_fill, unit);
			freed++;
		}
		for (; freed; freed--)
			alloc_unit(h, &net_slab, SMALL_ORDER, MIGRATE_UNMOVABLE);
		if (!b)
			h->now += NSEC_PER_SEC;
	}
}

/* A job ends, huge pages take some of its memory, slab load follows, then huge pages again. */
static void act_late(struct host *h)
{
	const struct story *s = &h->story;

	h->now = max_u64(h->now, s->exit_at);
	for (u32 i = 0; i < s->exit; i++) {
		if (h->huge[i] < MAX_UNITS)
			free_unit(h, &batch_job, h->huge[i]);
	}
	h->now += NSEC_PER_SEC;
	for (u32 i = 0; i < s->open; i++)
		alloc_unit(h, &thp_app, BLOCK_ORDER, MIGRATE_MOVABLE);
	h->now = max_u64(h->now, s->slab_at);
	for (u32 i = 0; i < s->slab; i++)
		alloc_unit(h, &dentry_load, SMALL_ORDER, s->slab_mt);
	h->now += 2 * NSEC_PER_SEC;
	for (u32 i = 0; i < s->again; i++)
		alloc_unit(h, &thp_app, BLOCK_ORDER, MIGRATE_MOVABLE);
}

/* Four kinds of load; sizes and times are drawn. */
static struct story story_of(u64 *random)
{
	static const char *const workloads[] = { "files", "database", "build", "idle" };
	const u32 kind = between(random, 0, 3);
	const u32 size = between(random, 4, 8);
	struct story s = { .workload = workloads[kind], .nr_spbs = size };

	s.cache = SMALL_PER_BLOCK * (kind == 1 ? between(random, 256, 448) : NR_BLOCKS);
	s.huge = (size - 1) * NR_BLOCKS * (kind == 3 ? between(random, 20, 90) :
		 between(random, 0, 3) ? 100 : between(random, 80, 100)) / 100;
	s.mixed = kind == 3 ? between(random, 0, 8) :
		  NR_BLOCKS * between(random, kind == 0 ? 100 : 40, 100) / 100;
	s.mix = between(random, 2, 6);
	s.exit_at = between(random, kind == 2 ? 3 : 8, 14) * NSEC_PER_SEC;
	s.exit = s.huge * between(random, 0, 50) / 100;
	if (between(random, 0, 2))
		s.exit = s.exit / NR_BLOCKS * NR_BLOCKS;
	s.open = between(random, 0, 3) ? between(random, 1, 24) : 0;
	s.slab_at = s.exit_at + between(random, 2, 6) * NSEC_PER_SEC;
	s.slab = kind == 3 ? between(random, 0, 200) : between(random, 100, 1600);
	s.slab_mt = between(random, 0, 1) ? MIGRATE_RECLAIMABLE : MIGRATE_UNMOVABLE;
	s.again = between(random, 0, s.exit);
	return s;
}

/* ---- files ---- */

static bool open_host(struct host *h, const char *folder)
{
	static const struct model_observer observer = { .moved = on_moved };
	const struct model_zone_config zone = { .name = "Normal", .start_pfn = ZONE_START,
						.spanned = (u64)h->story.nr_spbs << SPB_ORDER };
	const struct model_config config = {
		.zones = &zone, .nr_zones = 1, .pageblock_order = BLOCK_ORDER,
		.spb_order = SPB_ORDER, .max_order = 10, .nr_cpus = 2,
	};
	const struct trace_writer_opts opts = { .version = 7, .zstd = true };
	struct variant v;
	const char *why = NULL;
	char path[4096];

	variant_init(&v);
	h->m = model_new(&config, &v, &observer, h, &why);
	snprintf(path, sizeof(path), "%.4000s/trace.dat", folder);
	h->w = trace_writer_open(path, &opts, &h->err);
	if (!h->m)
		err_set(&h->err, ERR_IO, "%s", why ? why : "out of memory");
	return h->err.code == ERR_NONE;
}

static void write_zoneinfo(struct host *h, const char *folder)
{
	const unsigned long long pages = (unsigned long long)h->story.nr_spbs << SPB_ORDER;
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%.4000s/before", folder);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%.4000s/before/zoneinfo", folder);
	f = fopen(path, "w");
	if (f) {
		fprintf(f, "Node 0, zone   Normal\n  pages free     %llu\n"
			"        spanned  %llu\n        present  %llu\n        managed  %llu\n"
			"  start_pfn:           %llu\n", pages, pages, pages, pages,
			(unsigned long long)ZONE_START);
	}
	if (!f || fclose(f))
		err_set(&h->err, ERR_IO, "%s: cannot write", path);
}

static int make_host(const char *folder, u32 number, FILE *manifest, struct error *err)
{
	struct host *h = calloc(1, sizeof(*h));
	char path[4096];

	if (!h)
		return err_nomem(err, "a host");
	h->random = number;
	h->story = story_of(&h->random);
	snprintf(path, sizeof(path), "%.4000s/host-%04u", folder, number);
	if (mkdir(path, 0777) && errno != EEXIST)
		err_set(&h->err, ERR_IO, "%s: cannot make: %s", path, strerror(errno));
	if (!h->err.code && open_host(h, path)) {
		act_fill(h);
		act_mix(h);
		act_late(h);
		write_zoneinfo(h, path);
		if (!h->err.code)
			(void)!trace_writer_close(h->w, &h->err);
		else
			trace_writer_abort(h->w);
		fprintf(manifest, "host-%04u/trace.dat,host-%04u/before,host-%04u,6.18-spb,%s,%u\n",
			number, number, number, h->story.workload, h->story.nr_spbs);
	}
	*err = h->err;
	model_free(h->m);
	free(h);
	return -(int)err->code;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	long nr = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	char path[4096], temp[4096];
	FILE *manifest;

	if (nr < 1 || nr > MAX_HOSTS) {
		fprintf(stderr, "usage: make-hosts OUTPUT_FOLDER NR_HOSTS (1 to %d)\n", MAX_HOSTS);
		return ERR_USAGE;
	}
	mkdir(argv[1], 0777);
	snprintf(path, sizeof(path), "%.4000s/manifest.csv", argv[1]);
	snprintf(temp, sizeof(temp), "%.4000s/.manifest.tmp", argv[1]);
	manifest = fopen(temp, "w");
	if (!manifest) {
		fprintf(stderr, "make-hosts: %s: cannot write\n", path);
		return ERR_IO;
	}
	fprintf(manifest, "capture,snapshot,host,kernel,workload,gib\n");
	for (u32 i = 1; i <= (u32)nr && !err.code; i++) {
		if (make_host(argv[1], i, manifest, &err))
			fprintf(stderr, "make-hosts: host %u: %s\n", i, err.text);
	}
	if ((fclose(manifest) || (!err.code && rename(temp, path))) && !err.code) {
		fprintf(stderr, "make-hosts: %s: cannot write\n", path);
		return ERR_IO;
	}
	return (int)err.code;
}
