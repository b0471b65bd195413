// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/engine_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void make_variants(struct variant *v)
{
	for (u32 i = 0; i < NR_VARIANTS; i++) {
		variant_init(&v[i]);
		v[i].defrag_cooldown_ms = 1;
		v[i].worker_latency_us = 20;
	}
	snprintf(v[0].name, sizeof(v[0].name), "base");
	snprintf(v[1].name, sizeof(v[1].name), "both, triggers");
	v[1].trigger_alloc = 1;
	v[1].trigger_fallthrough = 1;
	snprintf(v[2].name, sizeof(v[2].name), "spread");
	v[2].pass_2 = 0;
	v[2].pass_2b = 0;
	v[2].pass_2c = 0;
	v[2].pass_2d = 0;
}

struct engine_opts fixture_opts(const struct variant *v, u32 nr, u32 jobs)
{
	return (struct engine_opts){
		.variants = v, .nr_variants = nr, .seed = 7, .spb_order = FAKE_SPB_ORDER,
		.jobs = jobs, .samples = NR_SAMPLES,
	};
}

struct outcome *run_opts(const struct log_image *img, const struct demand_plan *plan,
			 const struct engine_opts *opts)
{
	struct engine_source src = { .image = img };
	struct error err = { ERR_NONE, "" };
	struct outcome *o;

	if (engine_run(&src, plan, opts, &o, &err))
		print_error("%s\n", err.text);
	assert_int_equal(err.code, ERR_NONE);
	assert_non_null(o);
	return o;
}

char *write_outcome(const struct outcome *o)
{
	struct outcome_input input = { .role = "capture",
					      .path = "caf\xc3\xa9 \xff.dat" };
	struct outcome_run run = { .version = "1.2.3", .inputs = &input, .nr_inputs = 1,
				   .wall_ns = 5000000, .cpu_ns = 7000000 };
	struct error err = { ERR_NONE, "" };
	char *dir = temp_folder();

	assert_int_equal(outcome_write(o, dir, &run, &err), 0);
	return dir;
}

void engine_fixture_init(struct engine_fixture *fx)
{
	struct engine_opts opts = fixture_opts(fx->variants, NR_VARIANTS, 1);
	struct fake_host h;

	fake_host_init(&h, NORMAL_SPBS, 1);
	fake_host_churn(&h, NR_EVENTS, 80);
	fx->img = fake_host_finish(&h);
	fx->plan = fake_plan(fx->img);
	make_variants(fx->variants);
	opts.check_every = 1009;
	fx->outcome = run_opts(fx->img, fx->plan, &opts);
	fx->dir = write_outcome(fx->outcome);
}

void engine_fixture_fini(struct engine_fixture *fx)
{
	temp_folder_remove(fx->dir);
	outcome_free(fx->outcome);
	demand_plan_free(fx->plan);
	log_image_free(fx->img);
}

void expect_same_files(const char *a, const char *b)
{
	size_t nr;
	const struct csv_table *const *tables = outcome_tables(&nr);

	assert_int_equal(nr, 12);
	for (size_t i = 0; i < nr; i++) {
		size_t len_a, len_b;
		char *x = file_load(a, tables[i]->file, &len_a);
		char *y = file_load(b, tables[i]->file, &len_b);

		assert_int_equal(len_a, len_b);
		assert_memory_equal(x, y, len_a);
		free(x);
		free(y);
	}
}
