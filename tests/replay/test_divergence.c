// SPDX-License-Identifier: GPL-2.0
/*
 * Which differences between two variants become rows, on hand-made placements and taints.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/metrics/divergence.h"

#define NR_SPBS 8

/** struct side - one variant: one zone, a block of placements */
struct side {
	struct metrics metrics;
	struct placement placed[8];
};

struct pair {
	struct side baseline, variant;
	struct divergence d;
	struct op ops[8];
	struct op_block block;
};

static void side_init(struct side *s)
{
	assert_int_equal(metrics_init(&s->metrics, 1, 1), 0);
	s->metrics.started = true;
	s->metrics.zones[0].nr_spbs = NR_SPBS;
	s->metrics.zones[0].spbs = calloc(NR_SPBS, sizeof(struct model_spb_state));
	assert_non_null(s->metrics.zones[0].spbs);
	for (u32 i = 0; i < 8; i++)
		s->placed[i] = (struct placement){ .spb = i, .outcome = OUTCOME_PASS_1 };
}

static void pair_init(struct pair *p)
{
	memset(p, 0, sizeof(*p));
	side_init(&p->baseline);
	side_init(&p->variant);
	assert_int_equal(divergence_init(&p->d, 1), 0);
	p->block = (struct op_block){ .nr = 8, .max = 8, .ops = p->ops };
	for (u32 i = 0; i < 8; i++)
		p->ops[i] = (struct op){ .time = 100 + i, .event = i, .task = i, .order = (u8)i };
}

static void pair_fini(struct pair *p)
{
	divergence_fini(&p->d);
	metrics_fini(&p->baseline.metrics);
	metrics_fini(&p->variant.metrics);
}

static void compare(struct pair *p)
{
	struct divergence_side b = { &p->baseline.metrics, p->baseline.placed };
	struct divergence_side v = { &p->variant.metrics, p->variant.placed };

	assert_int_equal(divergence_block(&p->d, &p->block, &b, &v), 0);
}

static void finish(struct pair *p)
{
	assert_int_equal(divergence_finish(&p->d, &p->baseline.metrics, &p->variant.metrics), 0);
}

/* @s: its SPB changes to @to, by the operation @op of the block */
static void taint(struct side *s, u32 spb, u8 to, u32 op)
{
	struct model_taint t = { .spb = spb, .from = !to, .to = to, .cause = CAUSE_OUTCOME,
				 .outcome = OUTCOME_PASS_3 };
	struct metrics_moment at = { .time = 100 + op, .event = op, .op_index = op, .task = op,
				     .actor = ACTOR_OP };

	metrics_taint(&s->metrics, &t, &at);
	s->metrics.zones[0].spbs[spb].category = to;
}

static void test_same(void **state __unused)
{
	struct pair p;

	pair_init(&p);
	taint(&p.baseline, 3, SB_TAINTED, 2);
	taint(&p.variant, 3, SB_TAINTED, 2);
	compare(&p);
	finish(&p);
	assert_int_equal(p.d.nr_rows, 0);
	pair_fini(&p);
}

static void test_first_placements(void **state __unused)
{
	struct pair p;

	pair_init(&p);
	p.variant.placed[5].category = SB_TAINTED;
	p.variant.placed[6].category = SB_TAINTED;
	p.variant.placed[2].spb = 7;
	p.variant.placed[3].spb = 6;
	p.variant.placed[4].outcome = OUTCOME_PASS_2;	/* same place, another pass: no row */
	p.baseline.placed[7] = (struct placement){ .outcome = PLACED_FAILED };
	compare(&p);
	compare(&p);
	finish(&p);
	assert_int_equal(p.d.nr_rows, 3);
	assert_int_equal(p.d.rows[0].kind, DIVERGE_SPB);
	assert_int_equal(p.d.rows[0].at.event, 2);
	assert_int_equal(p.d.rows[0].at.task, 2);
	assert_int_equal(p.d.rows[0].spb, 7);
	assert_int_equal(p.d.rows[0].baseline.spb, 2);
	assert_int_equal(p.d.rows[1].kind, DIVERGE_CATEGORY);
	assert_int_equal(p.d.rows[1].at.event, 5);
	assert_int_equal(p.d.rows[1].order, 5);
	assert_int_equal(p.d.rows[2].kind, DIVERGE_FAILED);
	assert_int_equal(p.d.rows[2].at.event, 7);
	assert_int_equal(p.d.rows[2].spb, 7);
	pair_fini(&p);
}

static void test_taint_of_one_side(void **state __unused)
{
	struct pair p;

	pair_init(&p);
	taint(&p.variant, 1, SB_TAINTED, 3);
	taint(&p.baseline, 2, SB_TAINTED, 4);
	p.baseline.placed[3] = (struct placement){ .spb = 5, .category = SB_TAINTED,
						   .outcome = OUTCOME_PASS_2C };
	p.variant.placed[3] = (struct placement){ .spb = 1, .outcome = OUTCOME_PASS_3 };
	compare(&p);
	finish(&p);
	/* Operation 3 differs in category too. */
	assert_int_equal(p.d.nr_rows, 3);
	assert_int_equal(p.d.rows[0].kind, DIVERGE_CATEGORY);
	assert_int_equal(p.d.rows[1].kind, DIVERGE_TAINT_VARIANT);
	assert_int_equal(p.d.rows[1].spb, 1);
	assert_int_equal(p.d.rows[1].variant.outcome, OUTCOME_PASS_3);
	assert_int_equal(p.d.rows[1].baseline.outcome, OUTCOME_PASS_2C);
	assert_int_equal(p.d.rows[1].baseline.spb, 5);
	assert_int_equal(p.d.rows[2].kind, DIVERGE_TAINT_BASELINE);
	assert_int_equal(p.d.rows[2].spb, 2);
	assert_int_equal(p.d.rows[2].variant.outcome, OUTCOME_PASS_1);
	assert_int_equal(p.d.rows[2].variant.spb, 4);
	pair_fini(&p);
}

static void test_taint_of_both_sides_at_other_times(void **state __unused)
{
	struct pair p;

	pair_init(&p);
	/* The baseline follows later: no row for either. */
	taint(&p.variant, 1, SB_TAINTED, 1);
	taint(&p.baseline, 1, SB_TAINTED, 6);
	/* The baseline was tainted before and is clean again: the variant stands alone. */
	taint(&p.baseline, 2, SB_TAINTED, 0);
	taint(&p.baseline, 2, SB_CLEAN, 2);
	taint(&p.variant, 2, SB_TAINTED, 4);
	/* The baseline was tainted at the moment, clean later: no row. */
	taint(&p.baseline, 3, SB_TAINTED, 0);
	taint(&p.variant, 3, SB_TAINTED, 4);
	taint(&p.baseline, 3, SB_CLEAN, 5);
	/* Twice alone: one row. */
	taint(&p.variant, 4, SB_TAINTED, 1);
	taint(&p.variant, 4, SB_CLEAN, 2);
	taint(&p.variant, 4, SB_TAINTED, 3);
	/* Tainted on the other side since before the start, without a row: no row here. */
	p.baseline.metrics.zones[0].spbs[5].category = SB_TAINTED;
	taint(&p.variant, 5, SB_TAINTED, 1);
	compare(&p);
	finish(&p);
	assert_int_equal(p.d.nr_rows, 2);
	assert_int_equal(p.d.rows[0].spb, 4);
	assert_int_equal(p.d.rows[0].at.event, 1);
	assert_int_equal(p.d.rows[0].kind, DIVERGE_TAINT_VARIANT);
	assert_int_equal(p.d.rows[1].spb, 2);
	assert_int_equal(p.d.rows[1].at.event, 4);
	pair_fini(&p);
}

static void test_worker_has_no_counterpart(void **state __unused)
{
	struct metrics_moment at = { .time = 105, .event = 5, .actor = ACTOR_WORKER };
	struct model_taint t = { .spb = 1, .to = SB_TAINTED, .cause = CAUSE_MIGRATE };
	struct pair p;

	pair_init(&p);
	metrics_taint(&p.variant.metrics, &t, &at);
	p.variant.metrics.zones[0].spbs[1].category = SB_TAINTED;
	compare(&p);
	finish(&p);
	assert_int_equal(p.d.nr_rows, 1);
	assert_int_equal(p.d.rows[0].variant.outcome, PLACED_NONE);
	assert_int_equal(p.d.rows[0].baseline.outcome, PLACED_NONE);
	pair_fini(&p);
}

static void test_names(void **state __unused)
{
	assert_string_equal(divergence_kind_name(DIVERGE_CATEGORY), "placement_category");
	assert_string_equal(divergence_kind_name(DIVERGE_TAINT_BASELINE), "taint_only_baseline");
	assert_string_equal(divergence_kind_name(NR_DIVERGENCE_KINDS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_first_placements),
		cmocka_unit_test(test_taint_of_one_side),
		cmocka_unit_test(test_taint_of_both_sides_at_other_times),
		cmocka_unit_test(test_worker_has_no_counterpart),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("divergence", tests, NULL, NULL);
}
