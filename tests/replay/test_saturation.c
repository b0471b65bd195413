// SPDX-License-Identifier: GPL-2.0
/*
 * The failure that the seed patch describes, on examples/saturation/trace.dat, the whole way:
 * parser, log, demand, model. Not only what came out is asserted but why: who asked for defrag,
 * when, and what it met (S4.3, S6.3).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"
#include "parsers/capture.h"
#include "replay/demand/demand.h"

#define CAPTURE "examples/saturation/trace.dat"
#define BOOT (600 * NSEC_PER_SEC)
#define T0 (1000 * NSEC_PER_SEC)
#define MAX_UNITS (1U << 18)
#define MAX_ROWS 64

/** struct story - one arm: what the observer saw about the zone, in capture time */
struct story {
	u64 pfn[MAX_UNITS];
	u32 nr_taints;
	struct model_taint taints[MAX_ROWS];
	u32 nr_passes;
	struct model_defrag_pass passes[MAX_ROWS];
	/* SPB 0, by trigger: first and last time of each verdict, and how often */
	u64 first[NR_DEFRAG_TRIGGERS][NR_DEFRAG_VERDICTS];
	u64 last[NR_DEFRAG_TRIGGERS][NR_DEFRAG_VERDICTS];
	u32 count[NR_DEFRAG_TRIGGERS][NR_DEFRAG_VERDICTS];
	struct model_spb_state spb0;
	u32 failed;
};

static u64 capture_time(u64 model_time)
{
	return model_time - BOOT + T0;
}

static void on_moved(void *ctx, u32 owner, u64 to)
{
	((struct story *)ctx)->pfn[owner] = to;
}

static void on_taint(void *ctx, const struct model_taint *t)
{
	struct story *s = ctx;

	if (s->nr_taints < MAX_ROWS)
		s->taints[s->nr_taints++] = *t;
}

static void on_pass(void *ctx, const struct model_defrag_pass *p)
{
	struct story *s = ctx;

	if (s->nr_passes < MAX_ROWS)
		s->passes[s->nr_passes++] = *p;
}

static void on_chance(void *ctx, const struct model_chance *c)
{
	struct story *s = ctx;
	const u64 t = capture_time(c->time);

	if (c->spb)
		return;
	if (!s->count[c->trigger][c->verdict]++)
		s->first[c->trigger][c->verdict] = t;
	s->last[c->trigger][c->verdict] = t;
}

static const struct model_observer observer = {
	.moved = on_moved, .taint = on_taint, .chance = on_chance, .defrag_pass = on_pass,
};

static struct log_image *read_capture_file(void)
{
	struct error err = { 0 };
	struct log_writer *w = log_writer_new(&err);
	struct log_image *img;

	if (capture_parse(CAPTURE, NULL, w, &err))
		fail_msg("%s", err.text);
	img = log_writer_image(w, &err);
	assert_non_null(img);
	log_writer_free(w);
	return img;
}

static struct model *boot(const struct demand_plan *plan, const struct variant *v,
			  struct story *s)
{
	const struct model_zone_config zone = {
		.name = "Normal", .start_pfn = plan->zones[0].start_pfn,
		.spanned = plan->zones[0].spanned,
	};
	const struct model_config config = {
		.zones = &zone, .nr_zones = 1, .pageblock_order = 9, .spb_order = 18,
		.max_order = 10, .nr_cpus = plan->max_cpu + 1,
	};
	const char *why = NULL;
	struct model *m = model_new(&config, v, &observer, s, &why);

	assert_non_null(m);
	model_start(m, BOOT);
	return m;
}

static void apply(struct model *m, struct story *s, const struct op *op)
{
	const u64 now = op->time - T0 + BOOT;
	const struct model_req req = { .owner = op->handle, .ident = op->ident, .cpu = op->cpu,
				       .order = op->order, .migratetype = op->migratetype };
	struct model_result r;

	assert_true(op->handle < MAX_UNITS);
	model_run(m, now);
	if (op->kind == OP_FREE) {
		assert_int_equal(model_free_pages(m, now, op->cpu, s->pfn[op->handle], op->order),
				 0);
		return;
	}
	assert_int_equal(op->kind, OP_ALLOC);
	if (model_alloc(m, now, &req, &r))
		s->failed++;
	s->pfn[op->handle] = r.pfn;
}

static struct story *tell(const struct log_image *img, u32 alloc, u32 fallthrough)
{
	struct story *s = calloc(1, sizeof(*s));
	const struct demand_opts opts = { .t1 = UINT64_MAX, .spb_order = 18 };
	struct error err = { 0 };
	struct log_reader *r = log_reader_open_image(img, &err);
	struct demand_plan *plan = demand_scan(r, &opts, &err);
	struct demand *d = demand_new(plan, &err);
	struct op_block ops = { 0 };
	struct event_block b;
	struct variant v;
	struct model *m;
	u64 end = 0;
	char why[256];

	variant_init(&v);
	v.trigger_alloc = alloc;
	v.trigger_fallthrough = fallthrough;
	assert_int_equal(event_block_init(&b), 0);
	m = boot(plan, &v, s);
	assert_int_equal(log_reader_rewind(r, &err), 0);
	while (log_reader_next(r, &b, &err) > 0) {
		assert_int_equal(demand_next(d, &b, &ops, &err), 0);
		for (u32 i = 0; i < ops.nr; i++) {
			apply(m, s, &ops.ops[i]);
			end = ops.ops[i].time - T0 + BOOT;
		}
	}
	model_spb_state(m, 0, 0, end, &s->spb0);
	if (model_check(m, why, sizeof(why)))
		fail_msg("%s", why);
	model_free(m);
	op_block_fini(&ops);
	event_block_fini(&b);
	demand_free(d);
	demand_plan_free(plan);
	log_reader_free(r);
	return s;
}

static u64 seconds(double s)
{
	return T0 + (u64)(s * 1e9);
}

/* What every arm shares: the taint at 2 s, the pass it queues, and that it moves nothing. */
static void assert_common_part(const struct story *s)
{
	const struct model_defrag_pass *p = &s->passes[0];

	assert_int_equal(s->failed, 0);
	assert_true(s->nr_taints >= 1 && s->nr_passes >= 1);
	assert_int_equal(s->taints[0].spb, 0);
	assert_int_equal(s->taints[0].migratetype, MIGRATE_UNMOVABLE);
	assert_in_range(capture_time(s->taints[0].time), seconds(2), seconds(2.001));
	assert_int_equal(p->spb, 0);
	assert_int_equal(p->trigger, TRIGGER_UPDATE);
	assert_int_equal(p->queued, s->taints[0].time);
	assert_int_equal(p->pages_migrated, 0);
	assert_true(p->pages_failed > 0);
	assert_false(p->progress);
	/* The list changes that follow all lie inside the cooldown; after it there is none. */
	assert_int_equal(s->count[TRIGGER_UPDATE][VERDICT_QUEUED], 1);
	assert_true(s->count[TRIGGER_UPDATE][VERDICT_COOLDOWN] > 0);
	assert_true(s->last[TRIGGER_UPDATE][VERDICT_COOLDOWN] < capture_time(p->end) +
							       5 * NSEC_PER_SEC);
	for (u32 v = 0; v < NR_DEFRAG_VERDICTS; v++)
		assert_true(s->last[TRIGGER_UPDATE][v] < seconds(7));
}

/* Nobody woke the worker: a second SPB is tainted by the late load, SPB 0 stays stuck. */
static void assert_fresh_taint(const struct story *s)
{
	const u64 cooldown_end = s->passes[0].end + 5 * NSEC_PER_SEC;

	assert_int_equal(s->nr_passes, 1);
	assert_int_equal(s->nr_taints, 2);
	assert_int_not_equal(s->taints[1].spb, 0);
	assert_int_equal(s->taints[1].outcome, OUTCOME_CLAIM);
	assert_int_equal(s->taints[1].migratetype, MIGRATE_RECLAIMABLE);
	assert_in_range(capture_time(s->taints[1].time), seconds(15), seconds(15.001));
	/* Full, mixed, and stuck from the end of the cooldown to the end of the capture. */
	assert_int_equal(s->spb0.free_pages, 0);
	assert_int_equal(s->spb0.nr_free, 0);
	assert_int_equal(s->spb0.nr_unmovable, 512);
	assert_int_equal(s->spb0.nr_movable, 512);
	assert_true(s->spb0.stuck);
	assert_in_range(s->spb0.stuck_ns, seconds(15.07) - capture_time(cooldown_end),
			seconds(15.08) - capture_time(cooldown_end));
}

/* Trigger 2 woke it when a huge page opened an empty SPB: the late load finds room in SPB 0. */
static void assert_rescued(const struct story *s)
{
	const struct model_defrag_pass *p = &s->passes[1];

	assert_int_equal(s->nr_passes, 2);
	assert_int_equal(p->spb, 0);
	assert_int_equal(p->trigger, TRIGGER_FALLTHROUGH);
	assert_int_equal(capture_time(p->queued), seconds(13));
	assert_int_equal(p->pages_migrated, 512 * 12 * 16);
	/* S4.4: all blocks are mixed, none becomes free: no progress, and yet room. */
	assert_false(p->progress);
	assert_int_equal(p->nr_free_before, 0);
	assert_int_equal(p->nr_free_after, 0);
	assert_int_equal(s->count[TRIGGER_FALLTHROUGH][VERDICT_QUEUED], 1);
	assert_int_equal(s->first[TRIGGER_FALLTHROUGH][VERDICT_QUEUED], seconds(13));
	assert_int_equal(s->nr_taints, 1);
	/* Their bits stay until the next pass (skip hints), but for the one it came to twice. */
	assert_int_equal(s->spb0.nr_movable, 511);
	assert_int_equal(s->spb0.free_pages, 512 * 12 * 16 - 60000 / 16 * 16);
	/* Stuck between the end of the cooldown (7.03 s) and the wake-up (13 s). */
	assert_in_range(s->spb0.stuck_ns, 5960 * NSEC_PER_MSEC, 5970 * NSEC_PER_MSEC);
}

static struct log_image *image;

static int setup(void **state)
{
	(void)state;
	image = read_capture_file();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_image_free(image);
	return 0;
}

static void test_without_the_patch(void **state)
{
	struct story *s = tell(image, 0, 0);

	(void)state;
	assert_common_part(s);
	assert_fresh_taint(s);
	free(s);
}

/* Trigger 1 asks on allocations from the SPB: all of them came before the cooldown was over. */
static void test_trigger_1_alone(void **state)
{
	struct story *s = tell(image, 1, 0);

	(void)state;
	assert_common_part(s);
	assert_fresh_taint(s);
	assert_int_equal(s->count[TRIGGER_ALLOC][VERDICT_QUEUED], 0);
	assert_true(s->count[TRIGGER_ALLOC][VERDICT_COOLDOWN] > 1000);
	assert_true(s->last[TRIGGER_ALLOC][VERDICT_COOLDOWN] < seconds(4));
	free(s);
}

static void test_trigger_2_alone(void **state)
{
	struct story *s = tell(image, 0, 1);

	(void)state;
	assert_common_part(s);
	assert_rescued(s);
	free(s);
}

static void test_the_patch(void **state)
{
	struct story *s = tell(image, 1, 1);

	(void)state;
	assert_common_part(s);
	assert_rescued(s);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_the_patch),
		cmocka_unit_test(test_trigger_1_alone),
		cmocka_unit_test(test_trigger_2_alone),
		cmocka_unit_test(test_the_patch),
	};

	return cmocka_run_group_tests_name("replay: the seed patch's failure", tests, setup,
					   teardown);
}
