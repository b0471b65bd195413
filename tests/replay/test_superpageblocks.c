// SPDX-License-Identifier: GPL-2.0
/*
 * The debugfs file superpageblocks in a snapshot (S1.9): read, refused, and what it tells of the
 * memory at the start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/initial/superpageblocks.h"
#include "tests/lib/event_stream.h"

#define MOV 1
#define SPB 0x40000ULL

static struct log_zone zones[] = {
	{ .name = "DMA", .start_pfn = 1, .spanned = 0xfff },
	{ .name = "DMA32", .start_pfn = 0x1000, .spanned = 0x7f000 },
	{ .name = "Normal", .start_pfn = NORMAL, .spanned = 2 * SPB },
	{ .node = 1, .name = "Normal", .start_pfn = 0x400000, .spanned = SPB },
};

static const char good[] =
	"Node 0, zone      DMA: 1 superpageblocks, base_pfn=0x0\n"
	"  empty: 0\n"
	"  contig_alloc: 0\n"
	"  tainted/almost_empty: 1\n"
	"  sb[0] pfn=0x0: unmov=1 recl=0 mov=2 rsv=5 free=0 total=8 free_pages=10\n"
	"Node 0, zone    DMA32: 2 superpageblocks, base_pfn=0x0\n"
	"  empty: 1\n"
	"  contig_alloc: 0\n"
	"  sb[0] pfn=0x0: unmov=0 recl=0 mov=9 rsv=0 free=400 total=504 free_pages=210000\n"
	"  sb[1] pfn=0x40000: unmov=0 recl=0 mov=0 rsv=0 free=512 total=512 free_pages=262144\n"
	"Node 0, zone   Normal: 2 superpageblocks, base_pfn=0x100000\n"
	"  sb[0] pfn=0x100000: unmov=0 recl=3 mov=40 rsv=0 free=0 total=512 free_pages=1\n"
	"  sb[1] pfn=0x140000: contig_allocated total=512\n"
	"Node 7, zone   Normal: 1 superpageblocks, base_pfn=0x9000000\n"
	"  sb[0] pfn=0x9000000: unmov=1 recl=1 mov=1 rsv=0 free=0 total=1 free_pages=1\n";

static struct snapshot snap;
static u8 class[0x140000];

static int setup(void **state __unused)
{
	memset(class, PAGE_CLASS_FREE, sizeof(class));
	snap = (struct snapshot){ .nr_zones = ARRAY_SIZE(zones), .zones = zones,
				  .pageblock_order = 9, .page_class = class,
				  .nr_pfns = ARRAY_SIZE(class) };
	return 0;
}

static void forget(void)
{
	for (u32 z = 0; snap.spbs && z < ARRAY_SIZE(zones); z++)
		free(snap.spbs[z].spb);
	free(snap.spbs);
	snap.spbs = NULL;
	snap.spb_order = 0;
}

static int teardown(void **state __unused)
{
	forget();
	return 0;
}

static int load(const char *text, struct error *err)
{
	struct text t = { .name = "spbs", .bytes = strdup(text) };
	int rc;

	assert_non_null(t.bytes);
	t.next = t.bytes;
	rc = superpageblocks_load(&snap, &t, err);
	free(t.bytes);
	return rc;
}

static void load_good(void)
{
	struct error err = { 0 };

	assert_int_equal(load(good, &err), 0);
	assert_string_equal(err.text, "");
}

static void counts_by_zone(void **state __unused)
{
	const struct snapshot_spb *spb;

	load_good();
	assert_int_equal(snap.spb_order, 18);
	assert_int_equal(snap.spbs[1].nr, 2);
	assert_int_equal(snap.spbs[3].nr, 0);
	/* Two zones share the frames of the first gigabyte. */
	spb = superpageblock_at(&snap, 0, 0x20);
	assert_int_equal(spb->blocks[MIGRATE_UNMOVABLE], 1);
	assert_int_equal(spb->blocks[MIGRATE_MOVABLE], 2);
	assert_int_equal(spb->nr_reserved, 5);
	assert_int_equal(spb->total, 8);
	spb = superpageblock_at(&snap, 1, 0x2000);
	assert_int_equal(spb->blocks[MIGRATE_MOVABLE], 9);
	assert_int_equal(spb->nr_free, 400);
	spb = superpageblock_at(&snap, 2, NORMAL + 7);
	assert_int_equal(spb->blocks[MIGRATE_RECLAIMABLE], 3);
	/* Held by a contig allocation, behind the last one, before the first, of no zone. */
	assert_null(superpageblock_at(&snap, 2, NORMAL + SPB));
	assert_null(superpageblock_at(&snap, 2, NORMAL + 2 * SPB));
	assert_null(superpageblock_at(&snap, 2, NORMAL - 1));
	assert_null(superpageblock_at(&snap, 3, 0x400000));
	assert_null(superpageblock_at(&snap, 9, NORMAL));
}

static void types_that_are_not_there(void **state __unused)
{
	load_good();
	/* No unmovable block in it: what looks so is reclaimable. */
	assert_int_equal(superpageblock_type(&snap, 2, NORMAL, MIGRATE_UNMOVABLE),
			 MIGRATE_RECLAIMABLE);
	assert_int_equal(superpageblock_type(&snap, 2, NORMAL, MIGRATE_MOVABLE), MIGRATE_MOVABLE);
	/* A clean one: movable, or on a per-CPU list. */
	assert_int_equal(superpageblock_type(&snap, 1, 0x2000, MIGRATE_UNMOVABLE), MIGRATE_MOVABLE);
	/* An empty one says nothing of the page that is there after all. */
	assert_int_equal(superpageblock_type(&snap, 1, SPB, MIGRATE_UNMOVABLE), MIGRATE_UNMOVABLE);
	assert_int_equal(superpageblock_type(&snap, 2, NORMAL + SPB, MIGRATE_UNMOVABLE),
			 MIGRATE_UNMOVABLE);
}

static void damage(void **state __unused)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "Node x, zone Normal: 1 superpageblocks, base_pfn=0x0\n", "unreadable zone line" },
		{ "Node 0, zone Normal: 1 superpageblocks\n", "unreadable zone line" },
		{ "Node 0, zone Normal: 99999999999 superpageblocks, base_pfn=0x0\n", "unreadable zone line" },
		{ "Node 0, zone Normal: 1 superpageblocks, base_pfn=0x100000\n", "missing behind" },
		{ "Node 0, zone Normal: 1 superpageblocks, base_pfn=0x100000\nNode 0, zone DMA: 0 superpageblocks, base_pfn=0x0\n",
		  "missing before (line 2)" },
		{ "  sb[0] pfn=0x0: unmov=0 recl=0 mov=0 rsv=0 free=0 total=1 free_pages=1\n",
		  "unreadable superpageblock (line 1)" },
		{ "Node 0, zone Normal: 2 superpageblocks, base_pfn=0x100000\n  sb[1] pfn=0x140000: contig_allocated total=1\n",
		  "unreadable superpageblock" },
		{ "Node 0, zone Normal: 1 superpageblocks, base_pfn=0x100000\n  sb[0] pfn=0x100001: contig_allocated total=1\n",
		  "not where its number says" },
		{ "Node 0, zone Normal: 2 superpageblocks, base_pfn=0x100000\n  sb[0] pfn=0x100000: contig_allocated total=1\n"
		  "  sb[1] pfn=0x150000: contig_allocated total=1\n", "not where its number says" },
		{ "Node 0, zone Normal: 1 superpageblocks, base_pfn=0x100000\n  sb[0] pfn=0x100000: unmov=1 recl=0 mov=0\n",
		  "unreadable superpageblock" },
		{ "Node 0, zone Normal: 1 superpageblocks, base_pfn=0x100000\n  sb[0] pfn=0x100000: unmov=9 recl=0 mov=0 rsv=0 free=0 total=8 free_pages=1\n",
		  "unreadable superpageblock" },
		{ "Node 0, zone Normal: 1 superpageblocks, base_pfn=0x100000\n  sb[0] pfn=0x100000: unmov=70000 recl=0 mov=0 rsv=0 free=0 total=8 free_pages=1\n",
		  "unreadable superpageblock" },
		{ "Node 0, zone Normal: 1 superpageblocks, base_pfn=0x100000\n  sb[0] pfn=0x100000: contig_allocated total=1\n"
		  "Node 0, zone Normal: 1 superpageblocks, base_pfn=0x100000\n", "a zone twice" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error err = { 0 };

		forget();
		assert_int_equal(load(bad[i].text, &err), -ERR_DAMAGED);
		if (!strstr(err.text, bad[i].error))
			fail_msg("%s: error is: %s", bad[i].error, err.text);
	}
}

/* Pages whose class says "kernel", in superpageblocks where the kernel counted no such block. */
static void residents_and_bits_of_the_plan(void **state __unused)
{
	const struct log_meta meta = { .machine = NULL };
	struct demand_opts opts = stream_opts();
	struct event_stream s = { 0 };
	struct stream_run r;

	load_good();
	class[0x20] = class[0x2000] = class[NORMAL + 5] = PAGE_CLASS_KERNEL;
	stream_add(&s, EVENT_ZONE_LOCKED, 0, NORMAL + 100, 0, MOV);
	opts.snapshot = &snap;
	opts.initial = INITIAL_EXACT;
	r = stream_run(&s, &meta, &opts, 10);
	assert_int_equal(r.plan->nr_residents, 3);
	assert_int_equal(r.plan->residents[0].pfn, 0x20);
	assert_int_equal(r.plan->residents[0].migratetype, MIGRATE_UNMOVABLE);
	assert_int_equal(r.plan->residents[1].pfn, NORMAL + 5);
	assert_int_equal(r.plan->residents[1].migratetype, MIGRATE_RECLAIMABLE);
	assert_int_equal(r.plan->residents[2].pfn, 0x2000);
	assert_int_equal(r.plan->residents[2].migratetype, MIGRATE_MOVABLE);
	assert_int_equal(r.plan->nr_has_bits, 4);
	assert_int_equal(r.plan->has_bits[3].zone, 2);
	assert_int_equal(r.plan->has_bits[3].index, 0);
	assert_int_equal(r.plan->has_bits[3].blocks[MIGRATE_RECLAIMABLE], 3);
	stream_run_fini(&r);
	/* Of another size: no bits; of one zone alone: only its own. */
	opts.spb_order = 17;
	r = stream_run(&s, &meta, &opts, 10);
	assert_int_equal(r.plan->nr_has_bits, 0);
	stream_run_fini(&r);
	opts.spb_order = 18;
	opts.zone = "0/Normal";
	r = stream_run(&s, &meta, &opts, 10);
	assert_int_equal(r.plan->nr_has_bits, 1);
	stream_run_fini(&r);
	stream_fini(&s);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(counts_by_zone),
		T(types_that_are_not_there),
		T(damage),
		T(residents_and_bits_of_the_plan),
	};

	return cmocka_run_group_tests_name("superpageblocks", tests, NULL, NULL);
}
