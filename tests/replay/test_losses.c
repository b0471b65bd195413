// SPDX-License-Identifier: GPL-2.0
/*
 * How far lost events reach: operations of other CPUs in a gap, of the CPU itself beside it, those
 * that a lost one would explain, and the superpageblocks that they touched. And what the recorded
 * kernel's worker moved, which is no operation at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/demand/demand_worker.h"
#include "tests/lib/event_stream.h"

#define MOV 1
#define SPB(n) (NORMAL + (n) * 0x40000ULL)

static struct event_stream s;
static struct stream_run r;

static int teardown(void **state __unused)
{
	stream_run_fini(&r);
	stream_fini(&s);
	return 0;
}

static void run(u64 t0)
{
	const struct log_meta meta = { .count[EVENT_LOST] = 1 };
	struct demand_opts opts = stream_opts();

	opts.t0 = t0;
	r = stream_run(&s, &meta, &opts, 3);
}

static bool reached(u64 pfn)
{
	return loss_reaches(&r.plan->losses, pfn >> 18);
}

static void others_work_in_the_gap(void **state __unused)
{
	stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(0), 0, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 1, SPB(1), 0, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(2), 0, MOV);	/* last before the gap */
	stream_add(&s, EVENT_ZONE_LOCKED, 1, SPB(3), 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 1, SPB(1), 0, MOV);
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(4), 0, MOV);
	run(0);
	assert_int_equal(r.plan->losses.gaps, 1);
	assert_int_equal(r.plan->losses.operations, 2);
	assert_int_equal(r.plan->losses.beside, 3);
	assert_int_equal(r.plan->losses.unexplained, 0);
	assert_int_equal(r.plan->losses.reached, 5);
	for (u64 i = 0; i < 5; i++)
		assert_true(reached(SPB(i)));
}

/* Two CPUs lose events at once: what a third does is counted once. */
static void overlapping_gaps_count_once(void **state __unused)
{
	stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(0), 0, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 1, SPB(1), 0, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 2, SPB(2), 0, MOV);
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	stream_add(&s, EVENT_ZONE_LOCKED, 2, SPB(3), 0, MOV);
	stream_add(&s, EVENT_LOST, 1, EVENT_NO_PFN, 0, EVENT_NO_MT);
	run(0);
	assert_int_equal(r.plan->losses.gaps, 2);
	assert_int_equal(r.plan->losses.unknown_gaps, 2);
	assert_int_equal(r.plan->losses.operations, 3);
	assert_int_equal(r.plan->losses.beside, 2);
	assert_int_equal(r.plan->losses.reached, 4);
}

static void a_lone_cpu_has_operations_beside_its_gap(void **state __unused)
{
	for (u64 i = 0; i < LOSSES_BESIDE + 6; i++)
		stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(i / 6) + i, 0, MOV);
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	s.ev[s.nr - 1].extra[0] = 17;
	for (u64 i = 0; i < LOSSES_BESIDE + 1; i++)
		stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(i < LOSSES_BESIDE ? 20 : 21) + i, 0, MOV);
	run(0);
	assert_int_equal(r.plan->losses.gaps, 1);
	assert_int_equal(r.plan->losses.events, 17);
	assert_int_equal(r.plan->losses.unknown_gaps, 0);
	assert_int_equal(r.plan->losses.operations, 0);
	assert_int_equal(r.plan->losses.beside, 2 * LOSSES_BESIDE);
	assert_false(reached(SPB(0)) || reached(SPB(21)));
	assert_true(reached(SPB(1)) && reached(SPB(11)) && reached(SPB(20)));
	assert_int_equal(r.plan->losses.reached, 12);
}

/* Two gaps close by: what lies between is beside both, and counts once. */
static void what_lies_between_two_gaps_counts_once(void **state __unused)
{
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(0), 0, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(1), 0, MOV);
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	run(0);
	assert_int_equal(r.plan->losses.beside, 2);
	assert_int_equal(r.plan->losses.reached, 2);
}

static void what_a_lost_event_would_explain(void **state __unused)
{
	stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(0), 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 1, SPB(9), 0, MOV);	/* an orphan before the gap */
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	for (u64 i = 0; i < LOSSES_BESIDE; i++)			/* no longer beside it */
		stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(1) + i, 0, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 0, SPB(2), 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 0, SPB(2), 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 1, SPB(2), 0, MOV);	/* freed twice */
	stream_add(&s, EVENT_ZONE_LOCKED, 1, SPB(3), 0, MOV);
	stream_add(&s, EVENT_ZONE_LOCKED, 2, SPB(3), 0, MOV);	/* allocated twice */
	stream_add(&s, EVENT_PCPU_DRAIN, 1, SPB(4), 0, MOV);	/* allocated by nobody */
	run(0);
	assert_int_equal(r.plan->losses.unexplained, 3);
	assert_int_equal(r.plan->losses.operations, 1);
	for (u64 i = 0; i < 5; i++)
		assert_true(reached(SPB(i)));
	assert_int_equal(r.plan->losses.reached, 6);
}

/* A page that the snapshot shows in use needs no lost allocation to be freed. */
static void residents_of_the_snapshot_are_explained(void **state __unused)
{
	static u8 class[NORMAL + 16];
	static struct log_zone zone = { .name = "Normal", .start_pfn = NORMAL, .spanned = 0x80000 };
	const struct snapshot snapshot = { .nr_zones = 1, .zones = &zone, .page_class = class,
					   .nr_pfns = ARRAY_SIZE(class) };
	const struct log_meta meta = { .count[EVENT_LOST] = 1 };
	struct demand_opts opts = stream_opts();

	memset(class, PAGE_CLASS_FREE, sizeof(class));
	class[NORMAL + 5] = PAGE_CLASS_MOVABLE;
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	stream_add(&s, EVENT_PCPU_DRAIN, 1, NORMAL + 5, 0, MOV);
	stream_add(&s, EVENT_PCPU_DRAIN, 1, NORMAL + 6, 0, MOV);
	opts.snapshot = &snapshot;
	r = stream_run(&s, &meta, &opts, 3);
	assert_int_equal(r.odd.orphan_free, 2);
	assert_int_equal(r.plan->losses.unexplained, 1);
}

static void gaps_before_the_window_do_not_count(void **state __unused)
{
	stream_add(&s, EVENT_ZONE_LOCKED, 1, SPB(0), 0, MOV);
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	stream_add(&s, EVENT_ZONE_LOCKED, 1, SPB(1), 0, MOV);
	stream_add(&s, EVENT_LOST, 0, EVENT_NO_PFN, 0, EVENT_NO_MT);
	run(15);
	assert_int_equal(r.plan->losses.gaps, 1);
	assert_int_equal(r.plan->losses.operations, 1);
	assert_false(reached(SPB(0)));
	assert_true(reached(SPB(1)));
}

/* ---- the recorded worker ---- */

static void worker_comms(void **state __unused)
{
	assert_true(is_worker_comm("kevacuate/0"));
	assert_true(is_worker_comm("kevacuate/12"));
	assert_true(is_worker_comm("kevacuate"));
	assert_true(is_worker_comm("kworker/R-kevac"));
	assert_false(is_worker_comm("kevacuated"));
	assert_false(is_worker_comm("kworker/0:1"));
	assert_false(is_worker_comm("kcompactd0"));
	assert_false(is_worker_comm(""));
}

/* A core in which the unit of handle 7 lives at @pfn. */
static void live_at(struct demand_core *core, u64 pfn)
{
	struct error err = { 0 };

	assert_int_equal(demand_core_adopt(core, pfn, 0, MOV, 7, false, &err), 0);
	core->nr_handles = 8;
}

static enum verdict judge(struct demand_worker *w, struct demand_core *core, u32 task, u64 pfn,
			  enum verdict verdict)
{
	const struct touch t = { .pfn = pfn, .mt = MOV };
	struct error err = { 0 };

	assert_int_equal(worker_judge(w, core, task, &t, &verdict, &err), 0);
	return verdict;
}

static bool lives_at(const struct demand_core *core, u64 pfn)
{
	const struct frame_chunk *c = framemap_get(&core->live, pfn);

	return c && frame_bit(c->live, frame_off(pfn)) && c->value[frame_off(pfn)] == 7;
}

static void target_and_source_are_a_move(void **state __unused)
{
	struct demand_worker w = { 0 };
	struct demand_core core = { 0 };

	live_at(&core, 1000);
	assert_int_equal(judge(&w, &core, 1, 5000, VERDICT_ALLOC), VERDICT_NONE);
	assert_true(lives_at(&core, 1000));
	assert_int_equal(judge(&w, &core, 1, 1000, VERDICT_PARKED), VERDICT_NONE);
	assert_true(lives_at(&core, 5000));
	assert_false(lives_at(&core, 1000));
	assert_int_equal(core.odd.worker_move, 1);
	/* The drain of the source: nothing lives there. */
	assert_int_equal(judge(&w, &core, 1, 1000, VERDICT_FREE), VERDICT_NONE);
	demand_core_fini(&core);
}

static void pairs_go_by_task_and_order(void **state __unused)
{
	struct demand_worker w = { 0 };
	struct demand_core core = { 0 };

	live_at(&core, 1000);
	judge(&w, &core, 1, 5000, VERDICT_ALLOC);
	judge(&w, &core, 1, 6000, VERDICT_ALLOC);
	/* Another node's worker has no target. */
	assert_int_equal(judge(&w, &core, 2, 1000, VERDICT_FREE), VERDICT_FREE);
	assert_true(lives_at(&core, 1000));
	/* The oldest target of its own is the pair. */
	assert_int_equal(judge(&w, &core, 1, 1000, VERDICT_FREE), VERDICT_NONE);
	assert_true(lives_at(&core, 5000));
	demand_core_fini(&core);
}

static void a_source_without_target_is_a_free(void **state __unused)
{
	struct demand_worker w = { 0 };
	struct demand_core core = { 0 };

	live_at(&core, 1000);
	assert_int_equal(judge(&w, &core, 1, 1000, VERDICT_PARKED), VERDICT_FREE);
	demand_core_fini(&core);
}

#define T(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(others_work_in_the_gap),
		T(overlapping_gaps_count_once),
		T(a_lone_cpu_has_operations_beside_its_gap),
		T(what_lies_between_two_gaps_counts_once),
		T(what_a_lost_event_would_explain),
		T(residents_of_the_snapshot_are_explained),
		T(gaps_before_the_window_do_not_count),
		T(worker_comms),
		T(target_and_source_are_a_move),
		T(pairs_go_by_task_and_order),
		T(a_source_without_target_is_a_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
