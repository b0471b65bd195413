/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recorded load, three variants, and what they made of it: shared by the tests of whole runs.
 */
#ifndef TESTS_LIB_ENGINE_FIXTURE_H
#define TESTS_LIB_ENGINE_FIXTURE_H

#include "replay/engine/engine.h"
#include "tests/lib/csv_file.h"
#include "tests/lib/fake_host.h"

#define NR_VARIANTS 3
#define NR_SAMPLES 50
#define NR_EVENTS 200000
#define NORMAL_SPBS 14

/**
 * struct engine_fixture - the run of all variants by one thread, checked all the way
 * @dir: folder that it was written to
 */
struct engine_fixture {
	struct log_image *img;
	struct demand_plan *plan;
	struct variant variants[NR_VARIANTS];
	struct outcome *outcome;
	char *dir;
};

void engine_fixture_init(struct engine_fixture *fx);
void engine_fixture_fini(struct engine_fixture *fx);

/** fixture_opts - the options of the fixture's run for other variants and threads */
struct engine_opts fixture_opts(const struct variant *v, u32 nr, u32 jobs);
/** run_opts - engine_run(); fails the test on any error */
struct outcome *run_opts(const struct log_image *img, const struct demand_plan *plan,
			 const struct engine_opts *opts);
/** write_outcome - into a new folder, for temp_folder_remove() */
char *write_outcome(const struct outcome *o);
/** expect_same_files - all CSV files of two folders are the same bytes */
void expect_same_files(const char *a, const char *b);

#endif /* TESTS_LIB_ENGINE_FIXTURE_H */
