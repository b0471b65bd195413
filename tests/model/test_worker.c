// SPDX-License-Identifier: GPL-2.0
/*
 * The workqueue of a node (S1.4, S10 item 5): which thread a work runs on, in which order works
 * that were raised together are served, what a slab shrink keeps waiting (S5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/defrag.h"
#include "model/shrink.h"
#include "model/worker.h"
#include "tests/lib/scene.h"

#define NR_SPBS 3

/* Every SPB is full, half unmovable and half movable; no pass is queued, no cooldown runs. */
static struct machine *three_in_need(const struct variant *v)
{
	struct machine *mc = machine_new(v, NR_SPBS);
	u32 units[NR_SPBS * 32];

	for (u32 i = 0; i < ARRAY_SIZE(units); i++)
		units[i] = take(mc, 8, MOV);
	for (u32 i = 0; i < ARRAY_SIZE(units); i += 2)
		give(mc, units[i], 8);
	for (u32 i = 0; i < ARRAY_SIZE(units); i += 2)
		take(mc, 8, UNMOV);
	run_for(mc, 20 * NSEC_PER_SEC);
	for (u32 i = 0; i < NR_SPBS; i++)
		assert_true(spb_wants_defrag(the_spb(mc, i)));
	forget(mc);
	return mc;
}

static void raise_by(struct machine *mc, u32 spb, u16 cpu)
{
	mc->m->op.cpu = cpu;
	spb_maybe_start_defrag(the_spb(mc, spb), TRIGGER_FALLTHROUGH);
}

static void passes_are(const struct machine *mc, u32 first, u32 second, u32 third)
{
	assert_int_equal(mc->nr_passes, NR_SPBS);
	assert_int_equal(mc->passes[0].spb, first);
	assert_int_equal(mc->passes[1].spb, second);
	assert_int_equal(mc->passes[2].spb, third);
}

/* S6.3: trigger 2 raises works list by list; irq_work_run_list() takes the last one first. */
static void test_raised_together_last_one_first(void **state)
{
	struct variant v = machine_variant();

	(void)state;
	for (u32 order = IRQ_WORK_LIFO; order <= IRQ_WORK_FIFO; order++) {
		struct machine *mc;

		v.irq_work_order = order;
		mc = three_in_need(&v);
		for (u32 i = 0; i < NR_SPBS; i++)
			raise_by(mc, i, 0);
		worker_interrupt(mc->m);
		run_for(mc, NSEC_PER_SEC);
		if (order == IRQ_WORK_LIFO)
			passes_are(mc, 2, 1, 0);
		else
			passes_are(mc, 0, 1, 2);
		machine_free(mc);
	}
}

/* Works of different holds of the lock are served in turn. */
static void test_raised_in_turn_first_one_first(void **state)
{
	const struct variant v = machine_variant();
	struct machine *mc = three_in_need(&v);

	(void)state;
	for (u32 i = 0; i < NR_SPBS; i++) {
		raise_by(mc, i, 0);
		worker_interrupt(mc->m);
	}
	run_for(mc, NSEC_PER_SEC);
	passes_are(mc, 0, 1, 2);
	machine_free(mc);
}

/*
 * S1.4: the workqueue is bound: passes raised on two CPUs run side by side; one thread serialises.
 */
static void test_a_thread_for_each_cpu(void **state)
{
	struct variant v = machine_variant();

	(void)state;
	for (u32 threads = 0; threads <= 1; threads++) {
		const struct model_defrag_pass *p;
		struct machine *mc;

		v.worker_threads = threads;
		mc = three_in_need(&v);
		p = mc->passes;
		raise_by(mc, 0, 0);
		worker_interrupt(mc->m);
		raise_by(mc, 1, 1);
		worker_interrupt(mc->m);
		run_for(mc, NSEC_PER_SEC);
		assert_int_equal(mc->nr_passes, 2);
		if (!threads)
			assert_int_equal(p[0].start, p[1].start);
		else
			assert_true(p[0].end <= p[1].start);
		machine_free(mc);
	}
}

/* S5: a shrink is work like a pass: what stands behind it waits. */
static void test_s5_a_shrink_occupies_the_worker(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;

	(void)state;
	v.shrink_run_us = 7000;
	mc = three_in_need(&v);
	mc->m->op.cpu = 0;
	queue_spb_slab_shrink(&mc->m->zones[0]);
	worker_interrupt(mc->m);
	raise_by(mc, 0, 0);
	worker_interrupt(mc->m);
	raise_by(mc, 1, 1);
	worker_interrupt(mc->m);
	run_for(mc, NSEC_PER_SEC);
	assert_int_equal(mc->nr_passes, 2);
	assert_int_equal(mc->passes[0].spb, 1);
	assert_int_equal(mc->passes[0].start - mc->passes[0].queued, 50 * NSEC_PER_USEC);
	assert_int_equal(mc->passes[1].start - mc->passes[1].queued, 7050 * NSEC_PER_USEC);
	machine_free(mc);
}

/* S5: queue_work() looks at what is pending, so a shrink that runs is followed by one more. */
static void test_s5_one_shrink_pending_one_running(void **state)
{
	struct variant v = machine_variant();
	struct machine *mc;
	struct zone *zone;

	(void)state;
	v.shrink_run_us = 1000;
	mc = machine_new(&v, 1);
	zone = &mc->m->zones[0];
	queue_spb_slab_shrink(zone);
	queue_spb_slab_shrink(zone);
	assert_int_equal(mc->nr_shrinks, 1);
	run_for(mc, 500 * NSEC_PER_USEC);
	queue_spb_slab_shrink(zone);
	queue_spb_slab_shrink(zone);
	assert_int_equal(mc->nr_shrinks, 2);
	check_machine(mc);
	run_for(mc, 10 * NSEC_PER_MSEC);
	check_machine(mc);
	queue_spb_slab_shrink(zone);
	assert_int_equal(mc->nr_shrinks, 3);
	machine_free(mc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raised_together_last_one_first),
		cmocka_unit_test(test_raised_in_turn_first_one_first),
		cmocka_unit_test(test_a_thread_for_each_cpu),
		cmocka_unit_test(test_s5_a_shrink_occupies_the_worker),
		cmocka_unit_test(test_s5_one_shrink_pending_one_running),
	};

	return cmocka_run_group_tests_name("model: workers", tests, NULL, NULL);
}
