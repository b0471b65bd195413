// SPDX-License-Identifier: GPL-2.0
/*
 * Properties of demand on random recorded kernels: a small simulation allocates and frees, writes
 * the events a kernel would, and keeps the truth; the operations must tell the same story.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/event_stream.h"

#define FRAMES 4096
#define STEPS 3000
#define NONE 0xffffffffU

/** enum fault - what the recording loses */
enum fault {
	LOSE_NOTHING,
	LOSE_FREES,	/* neither page_free nor drain of some frees */
	LOSE_DRAINS,	/* frees that bypass the PCP: page_free without a drain */
};

/**
 * struct host - the simulated host
 * @unit: head of the unit that covers a frame, NONE when free
 * @order: of the unit at a head
 * @shadow: frames free in truth, whose free was lost, not yet allocated again
 * @nr_lost: frees that the recording lost
 * @truth: one byte a frame after each event: 1 when demand must hold it live
 */
struct host {
	u32 rng;
	enum fault fault;
	u32 nr_lost;
	u32 unit[FRAMES];
	u8 order[FRAMES];
	bool shadow[FRAMES];
	struct event_stream ev;
	u8 (*truth)[FRAMES];	/* by event */
};

static u32 rnd(struct host *h, u32 below)
{
	h->rng ^= h->rng << 13;
	h->rng ^= h->rng >> 17;
	h->rng ^= h->rng << 5;
	return h->rng % below;
}

static void emit(struct host *h, enum event_kind kind, u32 pfn, u32 order, int mt)
{
	stream_add(&h->ev, kind, rnd(h, 4), NORMAL + pfn, order, mt);
	for (u32 i = 0; i < FRAMES; i++)
		h->truth[h->ev.nr - 1][i] = h->unit[i] != NONE || h->shadow[i];
}

static bool range_free(const struct host *h, u32 pfn, u32 order)
{
	for (u32 i = pfn; i < pfn + (1U << order); i++) {
		if (h->unit[i] != NONE)
			return false;
	}
	return true;
}

static void set_range(struct host *h, u32 pfn, u32 order, u32 head)
{
	for (u32 i = pfn; i < pfn + (1U << order); i++) {
		h->unit[i] = head;
		h->shadow[i] = false;
	}
	h->order[pfn] = (u8)order;
}

static void host_alloc(struct host *h)
{
	const u32 order = rnd(h, 3) ? rnd(h, 4) : rnd(h, 11);
	const u32 pfn = rnd(h, FRAMES >> order) << order;

	if (!range_free(h, pfn, order))
		return;
	set_range(h, pfn, order, pfn);
	emit(h, rnd(h, 8) ? EVENT_ZONE_LOCKED : EVENT_EXTFRAG, pfn, order, (int)rnd(h, 3));
}

static bool through_pcp(u32 order)
{
	return order <= 3 || order == 9;
}

static void host_free(struct host *h)
{
	const u32 pfn = h->unit[rnd(h, FRAMES)];
	u32 order;

	if (pfn == NONE)
		return;
	order = h->order[pfn];
	if (h->fault == LOSE_FREES && !rnd(h, 4)) {
		set_range(h, pfn, order, NONE);
		memset(h->shadow + pfn, true, 1U << order);
		h->nr_lost++;
		return;
	}
	if (!through_pcp(order) || (h->fault == LOSE_DRAINS && !rnd(h, 4))) {
		set_range(h, pfn, order, NONE);
		h->nr_lost += through_pcp(order);
		emit(h, EVENT_PAGE_FREE, pfn, order, EVENT_NO_MT);
		return;
	}
	if (rnd(h, 2))
		emit(h, EVENT_PAGE_FREE, pfn, order, EVENT_NO_MT);
	set_range(h, pfn, order, NONE);
	emit(h, EVENT_PCPU_DRAIN, pfn, order, (int)rnd(h, 3));
}

static struct host *host_run(u32 seed, enum fault fault, bool residents)
{
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->rng = seed * 2654435761U + 1;
	h->fault = fault;
	h->truth = calloc(2 * STEPS, FRAMES);
	assert_non_null(h->truth);
	for (u32 i = 0; i < FRAMES; i++)
		h->unit[i] = NONE;
	for (u32 i = 0; residents && i < 200; i++) {
		u32 order = rnd(h, 5), pfn = rnd(h, FRAMES >> order) << order;

		if (range_free(h, pfn, order))
			set_range(h, pfn, order, pfn);
	}
	for (u32 i = 0; i < STEPS; i++) {
		if (rnd(h, 2))
			host_alloc(h);
		else
			host_free(h);
	}
	return h;
}

/* The capture ends with every unit freed, so that all residents become known. */
static void host_free_all(struct host *h)
{
	for (u32 i = 0; i < FRAMES; i++) {
		u32 order = h->order[i];

		if (h->unit[i] != i || h->ev.nr == 2 * STEPS)
			continue;
		set_range(h, i, order, NONE);
		emit(h, through_pcp(order) ? EVENT_PCPU_DRAIN : EVENT_PAGE_FREE, i, order,
		     through_pcp(order) ? 1 : EVENT_NO_MT);
	}
}

static void host_free_host(struct host *h)
{
	stream_fini(&h->ev);
	free(h->truth);
	free(h);
}

/** struct mirror - what the operations say is live: unit by handle, and by frame */
struct mirror {
	u32 pfn[4 * FRAMES];
	u8 order[4 * FRAMES];
	u8 live[FRAMES];
};

static void mirror_set(struct mirror *m, u32 handle, u32 pfn, u32 order, u8 live)
{
	assert_in_range(handle, 0, 4 * FRAMES - 1);
	m->pfn[handle] = pfn;
	m->order[handle] = (u8)order;
	for (u32 i = pfn; i < pfn + (1U << order); i++) {
		assert_int_equal(m->live[i], !live);
		m->live[i] = live;
	}
}

static void mirror_op(struct mirror *m, const struct op *op, const struct event_stream *ev)
{
	switch (op->kind) {
	case OP_ALLOC:
		mirror_set(m, op->handle, (u32)(ev->ev[op->event].pfn - NORMAL), op->order, 1);
		break;
	case OP_FREE:
		assert_int_equal(m->order[op->handle], op->order);
		mirror_set(m, op->handle, m->pfn[op->handle], op->order, 0);
		break;
	default:
		assert_int_equal(m->order[op->handle], op->order);
		m->order[op->handle]--;
		m->order[op->upper] = m->order[op->handle];
		m->pfn[op->upper] = m->pfn[op->handle] + (1U << m->order[op->upper]);
		break;
	}
}

/* Follow the operations; after each event of [first, last) the live sets must be the same. */
static void check_story(const struct host *h, const struct stream_run *r, u32 first, u32 last)
{
	struct mirror *m = calloc(1, sizeof(*m));
	u32 next = 0;

	assert_non_null(m);
	for (u64 i = 0; i < r->plan->nr_residents; i++) {
		const struct resident *res = &r->plan->residents[i];

		assert_int_equal(res->handle, i);
		mirror_set(m, res->handle, (u32)(res->pfn - NORMAL), res->order, 1);
	}
	for (u32 e = first; e < last; e++) {
		for (; next < r->nr_ops && r->ops[next].event == e; next++)
			mirror_op(m, &r->ops[next], &h->ev);
		assert_memory_equal(m->live, h->truth[e], FRAMES);
	}
	assert_int_equal(next, r->nr_ops);
	free(m);
}

static void expect_only(const struct stream_run *r, u64 extra)
{
	const struct demand_oddities *o = &r->odd;

	assert_int_equal(o->duplicate_pass2b + o->duplicate_claim + o->partial_free +
			 o->spanning_free + o->double_free + o->outside_zone + o->bad_event +
			 extra, 0);
}

static const struct log_meta no_meta = { .machine = NULL };

static void the_same_live_set_at_every_event(void **state __unused)
{
	for (u32 seed = 1; seed <= 8; seed++) {
		struct host *h = host_run(seed, LOSE_NOTHING, true);
		const struct demand_opts opts = stream_opts();
		struct stream_run r;

		print_message("# seed %u\n", seed);
		host_free_all(h);
		r = stream_run(&h->ev, &no_meta, &opts, 500 + seed);
		check_story(h, &r, 0, h->ev.nr);
		expect_only(&r, r.odd.promoted_free + r.odd.lost_free + r.odd.overlap_alloc +
			    r.odd.filtered);
		assert_int_equal(r.plan->nr_residents, r.plan->nr_residents_orphan);
		assert_true(r.plan->nr_residents > 20);
		stream_run_fini(&r);
		host_free_host(h);
	}
}

static void a_window_starts_with_the_live_set(void **state __unused)
{
	for (u32 seed = 1; seed <= 8; seed++) {
		struct host *h = host_run(seed, LOSE_NOTHING, true);
		struct demand_opts opts = stream_opts();
		u32 first, last;
		struct stream_run r;

		print_message("# seed %u\n", seed);
		host_free_all(h);
		first = h->ev.nr / 3;
		last = h->ev.nr;
		opts.t0 = h->ev.ev[first].time;
		r = stream_run(&h->ev, &no_meta, &opts, 100 * seed);
		check_story(h, &r, first, last);
		expect_only(&r, r.odd.promoted_free + r.odd.lost_free + r.odd.overlap_alloc);
		stream_run_fini(&r);
		host_free_host(h);
	}
}

static void dropped_frees_are_lost_frees_only(void **state __unused)
{
	for (u32 seed = 1; seed <= 8; seed++) {
		struct host *h = host_run(seed, LOSE_FREES, false);
		const struct demand_opts opts = stream_opts();
		struct stream_run r = stream_run(&h->ev, &no_meta, &opts, 1000);

		print_message("# seed %u\n", seed);
		check_story(h, &r, 0, h->ev.nr);
		expect_only(&r, r.odd.promoted_free + r.odd.orphan_free + r.odd.filtered);
		assert_true(h->nr_lost > 20);
		assert_true(r.odd.lost_free > 20);
		stream_run_fini(&r);
		host_free_host(h);
	}
}

/* A bypass is known only once the page is allocated again: until then truth holds it free. */
static void bypassed_drains_are_promoted(void **state __unused)
{
	for (u32 seed = 1; seed <= 8; seed++) {
		struct host *h = host_run(seed, LOSE_DRAINS, false);
		const struct demand_opts opts = stream_opts();
		struct stream_run r;

		print_message("# seed %u\n", seed);
		/* Take every frame again, so that each bypass shows. */
		host_free_all(h);
		for (u32 i = 0; i < FRAMES; i += 512) {
			set_range(h, i, 9, i);
			emit(h, EVENT_ZONE_LOCKED, i, 9, 1);
		}
		r = stream_run(&h->ev, &no_meta, &opts, 1000);
		check_story(h, &r, 0, h->ev.nr);
		expect_only(&r, r.odd.lost_free + r.odd.overlap_alloc + r.odd.orphan_free +
			    r.odd.filtered);
		assert_int_equal(r.odd.promoted_free, h->nr_lost);
		stream_run_fini(&r);
		host_free_host(h);
	}
}

/* Any bytes at all: nothing crashes, and both passes count the same operations. */
static void garbage_is_survived(void **state __unused)
{
	for (u32 seed = 1; seed <= 30; seed++) {
		struct host h = { .rng = seed * 40503 };
		struct demand_opts opts = stream_opts();
		struct stream_run r;

		print_message("# seed %u\n", seed);
		for (u32 i = 0; i < 4000; i++) {
			u32 order = rnd(&h, 4) ? rnd(&h, 3) : rnd(&h, 13);
			u64 pfn = NORMAL + (rnd(&h, 1U << 11) >> order << order);

			if (!rnd(&h, 50))
				pfn = (u64)rnd(&h, 0xffffffff) << rnd(&h, 32);
			stream_add(&h.ev, rnd(&h, 9) ? rnd(&h, 6) : rnd(&h, 20), rnd(&h, 3), pfn,
				   order, (int)rnd(&h, 8) - 1);
		}
		opts.initial = seed & 1 ? INITIAL_EMPTY : INITIAL_REPOPULATE;
		opts.t0 = seed & 2 ? 9000 : 0;
		opts.t1 = seed & 4 ? 33000 : UINT64_MAX;
		r = stream_run(&h.ev, &no_meta, &opts, 1000);
		assert_true(r.plan->nr_allocs > 100);
		stream_run_fini(&r);
		stream_fini(&h.ev);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_live_set_at_every_event),
		cmocka_unit_test(a_window_starts_with_the_live_set),
		cmocka_unit_test(dropped_frees_are_lost_frees_only),
		cmocka_unit_test(bypassed_drains_are_promoted),
		cmocka_unit_test(garbage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
