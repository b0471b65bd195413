// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/model.h"

#define RECORDED_START 1000000000ULL

static void set_zone(struct log_zone *z, const char *name, u64 start, u64 spanned)
{
	*z = (struct log_zone){ .start_pfn = start, .spanned = spanned };
	snprintf(z->name, sizeof(z->name), "%s", name);
}

void fake_host_init(struct fake_host *h, u32 normal_spbs, u64 seed)
{
	struct log_meta *meta;

	*h = (struct fake_host){ .now = RECORDED_START, .step = 1000, .random = seed };
	h->nr_pfns = FAKE_NORMAL_START + (normal_spbs << FAKE_SPB_ORDER);
	h->used = calloc(h->nr_pfns, 1);
	h->w = log_writer_new(NULL);
	assert_non_null(h->used);
	assert_non_null(h->w);
	meta = log_writer_meta(h->w);
	meta->pageblock_order = 9;
	meta->page_size = 4096;
	meta->nr_cpus = 4;
	meta->nr_zones = 2;
	meta->zones = calloc(2, sizeof(*meta->zones));
	assert_non_null(meta->zones);
	set_zone(&meta->zones[0], "DMA32", 0, FAKE_NORMAL_START);
	set_zone(&meta->zones[1], "Normal", FAKE_NORMAL_START, h->nr_pfns - FAKE_NORMAL_START);
	assert_int_equal(log_meta_set(&meta->source, "fake, \"host\".dat"), 0);
	assert_int_equal(log_meta_set(&meta->source_hash, "0123456789abcdef"), 0);
}

u32 fake_host_random(struct fake_host *h, u32 below)
{
	h->random = h->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)((h->random >> 33) % below);
}

static void record(struct fake_host *h, enum event_kind kind, u64 pfn, u32 order, u32 mt, u32 pid)
{
	struct event ev = { .time = h->now, .pfn = pfn, .cpu = (u16)(pid % 4), .kind = (u8)kind,
			    .order = (u8)order, .migratetype = (s8)mt };
	struct error err = { ERR_NONE, "" };
	char comm[16];

	snprintf(comm, sizeof(comm), "task,%u", pid);
	ev.task = log_writer_task(h->w, pid, comm);
	assert_int_equal(log_writer_add(h->w, &ev, &err), 0);
	h->now += h->step;
}

static bool is_free(const struct fake_host *h, u64 pfn, u32 nr)
{
	return pfn + nr <= h->nr_pfns && !memchr(h->used + pfn, 1, nr);
}

u64 fake_host_alloc(struct fake_host *h, u32 order, u32 mt, u32 pid, bool recorded)
{
	const u32 nr = 1U << order;
	u64 pfn = h->cursor & ~(u64)(nr - 1);

	for (u32 tries = 0; tries < h->nr_pfns / nr + 1; tries++, pfn += nr) {
		if (pfn + nr > h->nr_pfns)
			pfn = 0;
		if (!is_free(h, pfn, nr))
			continue;
		memset(h->used + pfn, 1, nr);
		h->cursor = pfn + nr;
		if (recorded)
			record(h, EVENT_ZONE_LOCKED, pfn, order, mt, pid);
		return pfn;
	}
	return FAKE_NO_PFN;
}

void fake_host_free(struct fake_host *h, u64 pfn, u32 order, u32 mt, u32 pid)
{
	memset(h->used + pfn, 0, 1U << order);
	record(h, EVENT_PCPU_DRAIN, pfn, order, mt, pid);
}

struct fake_unit {
	u64 pfn;
	u8 order;
	u8 mt;
};

void fake_host_churn(struct fake_host *h, u32 nr, u32 percent)
{
	static const u8 orders[] = { 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 9 };
	static const u8 types[] = { MIGRATE_MOVABLE, MIGRATE_MOVABLE, MIGRATE_MOVABLE,
				    MIGRATE_UNMOVABLE, MIGRATE_RECLAIMABLE };
	struct fake_unit *units = calloc(h->nr_pfns, sizeof(*units));
	u32 live = 0, pages = 0;

	assert_non_null(units);
	for (u32 i = 0; i < nr; i++) {
		/* Load swings, so that superpageblocks fill up and drain. */
		u32 target = h->nr_pfns / 100 * (i / (nr / 8 + 1) % 2 ? percent / 2 : percent);
		struct fake_unit u = { .order = orders[fake_host_random(h, sizeof(orders))],
				       .mt = types[fake_host_random(h, sizeof(types))] };
		u32 pid = 1 + fake_host_random(h, 20);

		if (pages < target && fake_host_random(h, 4)) {
			u.pfn = fake_host_alloc(h, u.order, u.mt, pid, i > nr / 20);
			if (u.pfn == FAKE_NO_PFN)
				continue;
			units[live++] = u;
			pages += 1U << u.order;
		} else if (live && i > nr / 20) {
			u32 victim = fake_host_random(h, live);

			u = units[victim];
			units[victim] = units[--live];
			pages -= 1U << u.order;
			fake_host_free(h, u.pfn, u.order, u.mt, pid);
		}
		if (!fake_host_random(h, 50))
			h->cursor = fake_host_random(h, h->nr_pfns);
	}
	free(units);
}

struct log_image *fake_host_finish(struct fake_host *h)
{
	struct error err = { ERR_NONE, "" };
	struct log_image *img = log_writer_image(h->w, &err);

	assert_non_null(img);
	log_writer_free(h->w);
	free(h->used);
	*h = (struct fake_host){ 0 };
	return img;
}

struct demand_plan *fake_plan(const struct log_image *img)
{
	struct demand_opts opts = { .t1 = UINT64_MAX, .spb_order = FAKE_SPB_ORDER };
	struct error err = { ERR_NONE, "" };
	struct log_reader *r = log_reader_open_image(img, &err);
	struct demand_plan *plan;

	assert_non_null(r);
	plan = demand_scan(r, &opts, &err);
	if (!plan)
		print_error("%s\n", err.text);
	assert_non_null(plan);
	log_reader_free(r);
	return plan;
}
