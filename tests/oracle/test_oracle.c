// SPDX-License-Identifier: GPL-2.0
/*
 * Random operation streams through the model and the oracle must agree on everything.
 *
 *   test_oracle [SEED [OPERATIONS]]   or SPB_ORACLE_SEED, SPB_ORACLE_OPS in the environment
 *
 * A failure prints its round and seed, then replays the round with all state compared after each
 * operation: the last one it names ends the shortest failing prefix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/oracle/duel.h"
#include "tests/oracle/round.h"

#define ROUND_OPS 20000ULL
#define FULL_EVERY 2000ULL
#define DEFAULT_OPS 10000000ULL
#define DEFAULT_SEED 1ULL

/** struct request - what to do and what came of it; cmocka hands it to each test */
struct request {
	u64 seed;
	u64 ops;
	u64 done;
	struct duel_result sum;
};

#define SITE_TEXT(name, text) text,
static const char *const site_text[] = { ORACLE_SITES(SITE_TEXT) };

static u64 number(const char *text, u64 fallback)
{
	return text && *text ? strtoull(text, NULL, 0) : fallback;
}

static void shrink_and_say(u64 seed, u32 arm)
{
	struct duel_result r;

	duel(seed, arm, ROUND_OPS, 1, &r);
	if (!r.failed)
		fail_msg("seed %llu arm %u: failed once, but not when replayed",
			 (unsigned long long)seed, arm);
	fail_msg("SPB_ORACLE_SEED=%llu SPB_ORACLE_ARM=%u\n  %s\n"
		 "  shortest failing prefix: %llu operations, the last is\n  %s\n  %s",
		 (unsigned long long)seed, arm, r.round, (unsigned long long)r.ops, r.op, r.why);
}

static void add_up(struct duel_result *sum, const struct duel_result *r)
{
	sum->passes += r->passes;
	sum->moves += r->moves;
	sum->drops += r->drops;
	sum->evacuations += r->evacuations;
	sum->direct_evacuations += r->direct_evacuations;
	sum->refused += r->refused;
	for (u32 i = 0; i < NR_MODEL_EVENT_KINDS; i++)
		sum->events[i] += r->events[i];
	for (u32 i = 0; i < NR_RELAX_STEPS; i++)
		sum->relaxed[i] += r->relaxed[i];
	sum->taints += r->taints;
	sum->failed_allocs += r->failed_allocs;
	for (u32 i = 0; i < NR_SPB_OUTCOMES; i++)
		sum->outcomes[i] += r->outcomes[i];
	for (u32 i = 0; i < NR_ORACLE_SITES; i++)
		sum->sites[i] += r->sites[i];
}

static void one_round(struct request *q, u64 seed, u32 arm)
{
	struct duel_result r;

	duel(seed, arm, ROUND_OPS, FULL_EVERY, &r);
	if (r.failed)
		shrink_and_say(seed, arm);
	add_up(&q->sum, &r);
	q->done += r.ops;
}

static void test_model_and_oracle_agree(void **state)
{
	struct request *q = *state;
	const char *arm = getenv("SPB_ORACLE_ARM");

	if (arm) {
		one_round(q, q->seed, (u32)number(arm, 0));
		return;
	}
	for (u64 i = 0; q->done < q->ops; i++)
		one_round(q, q->seed * 1000000 + i, (u32)(i % round_arms()));
}

/* A stream that never gets there proves nothing. */
static void test_streams_reach_everything(void **state)
{
	const struct request *q = *state;

	/* Not skip(): cmocka's TAP calls that "not ok", which prove takes for a failure. */
	if (q->done < 5000000) {
		print_message("# skipped: fewer than five million operations\n");
		return;
	}
	assert_true(q->sum.passes && q->sum.moves && q->sum.drops && q->sum.taints &&
		    q->sum.evacuations && q->sum.direct_evacuations);
	assert_true(q->sum.failed_allocs && q->sum.refused);
	for (u32 i = 0; i < NR_MODEL_EVENT_KINDS; i++) {
		if (!q->sum.events[i])
			fail_msg("nobody traced %s", model_event_name(i));
	}
	for (u32 i = 0; i < NR_RELAX_STEPS; i++) {
		if (!q->sum.relaxed[i])
			fail_msg("nobody relaxed by %s", relax_step_name(i));
	}
	for (u32 i = 0; i < NR_ORACLE_SITES; i++) {
		if (!q->sum.sites[i])
			fail_msg("it never happened that %s", site_text[i]);
	}
	for (u32 i = 0; i < NR_SPB_OUTCOMES; i++) {
		if (i != OUTCOME_ZONE_FB && !q->sum.outcomes[i])
			fail_msg("no request ended in %s", spb_outcome_name(i));
	}
}

int main(int argc, char **argv)
{
	struct request q = {
		.seed = number(argc > 1 ? argv[1] : getenv("SPB_ORACLE_SEED"), DEFAULT_SEED),
		.ops = number(argc > 2 ? argv[2] : getenv("SPB_ORACLE_OPS"), DEFAULT_OPS),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_model_and_oracle_agree, &q),
		cmocka_unit_test_prestate(test_streams_reach_everything, &q),
	};

	return cmocka_run_group_tests_name("oracle", tests, NULL, NULL);
}
