// SPDX-License-Identifier: GPL-2.0
/*
 * Where the time of a replay goes, phase by phase, on a log made by `spbreplay parse`: the scan,
 * the residents, decoding, demand, and each variant's operations. CPU time of one thread. Rates of
 * decoding are per event, those of everything else per operation.
 *
 * usage: replay_speed FILE.spblog SNAPSHOT_OR_- FROM ROUNDS VARIANT...	(prints JSON)
 *	FROM: operations of events before this one are done, but not measured: of 0, all count
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/common/memory.h"
#include "cmd/common/variant_json.h"
#include "replay/engine/engine_arm.h"
#include "replay/engine/engine_config.h"
#include "replay/log/log.h"

#ifndef REPLAY_SPEED_NAME
#define REPLAY_SPEED_NAME "replay_speed"
#endif

/** struct input - one log, opened and scanned; @load_s, @scan_s: seconds it took */
struct input {
	const char *path;
	struct snapshot *snapshot;
	struct log_reader *reader;
	struct demand_plan *plan;
	struct event_block events;
	u64 from;
	double load_s;
	double scan_s;
};

/** struct figures - seconds of one pass over the log */
struct figures {
	double init_s;
	double decode_s;
	double demand_s;
	double ops_s;
	u64 nr_ops;
	u64 bytes;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int open_input(struct input *in, const char *snapshot, struct error *err)
{
	struct demand_opts opts = { .t1 = UINT64_MAX, .spb_order = 18 };
	const double t0 = seconds();
	double t1;

	in->reader = log_reader_open(in->path, true, err);
	if (!in->reader || event_block_init(&in->events))
		return -ERR_IO;
	if (strcmp(snapshot, "-") != 0) {
		in->snapshot = snapshot_load(snapshot, err);
		if (!in->snapshot)
			return -(int)err->code;
	}
	opts.snapshot = in->snapshot;
	t1 = seconds();
	in->plan = demand_scan(in->reader, &opts, err);
	in->load_s = t1 - t0;
	in->scan_s = seconds() - t1;
	return in->plan ? 0 : -(int)err->code;
}

static int replay_blocks(struct input *in, struct demand *d, struct arm *arm, struct figures *f,
			 struct error *err)
{
	struct op_block ops = { 0 };
	int ret = log_reader_rewind(in->reader, err);

	while (!ret) {
		const double t0 = seconds();
		double t1, t2;

		ret = log_reader_next(in->reader, &in->events, err);
		t1 = seconds();
		f->decode_s += t1 - t0;
		if (ret <= 0)
			break;
		ret = demand_next(d, &in->events, &ops, err);
		t2 = seconds();
		f->demand_s += t2 - t1;
		if (!ret)
			ret = arm_block(arm, &ops, 0, ops.nr);
		if (in->events.first < in->from)
			continue;
		f->ops_s += seconds() - t2;
		f->nr_ops += ops.nr;
	}
	op_block_fini(&ops);
	return ret;
}

static int replay_once(struct input *in, const struct variant *v, struct figures *f,
		       struct error *err)
{
	const struct engine_opts opts = { .variants = v, .nr_variants = 1, .seed = 1,
					  .spb_order = 18, .jobs = 1 };
	struct arm_setup setup = { .plan = in->plan };
	struct engine_config config;
	struct metrics metrics;
	struct demand *d;
	struct arm arm;
	double t0;
	int ret = engine_config_init(&config, in->plan, &opts, err);

	if (ret)
		return ret;
	setup.config = &config.model;
	d = demand_new(in->plan, err);
	if (!d || metrics_init(&metrics, in->plan->nr_zones, 0))
		return -ERR_IO;
	t0 = seconds();
	ret = arm_init(&arm, v, &metrics, &setup);
	f->init_s += seconds() - t0;
	if (!ret)
		ret = replay_blocks(in, d, &arm, f, err);
	if (arm.err.code)
		*err = arm.err;
	f->bytes = metrics.model_bytes;
	arm_fini(&arm);
	metrics_fini(&metrics);
	demand_free(d);
	engine_config_fini(&config);
	return ret;
}

static double min_of(double a, double b)
{
	return a < b ? a : b;
}

static int measure(struct input *in, const struct variant *v, int rounds, bool first,
		   struct error *err)
{
	const u64 nr_events = log_reader_meta(in->reader)->nr_events;
	struct figures best = { .init_s = 1e9, .decode_s = 1e9, .demand_s = 1e9, .ops_s = 1e9 };
	int ret = 0;

	for (int i = 0; i < rounds && !ret; i++) {
		struct figures f = { 0 };

		ret = replay_once(in, v, &f, err);
		best.init_s = min_of(best.init_s, f.init_s);
		best.decode_s = min_of(best.decode_s, f.decode_s);
		best.demand_s = min_of(best.demand_s, f.demand_s);
		best.ops_s = min_of(best.ops_s, f.ops_s);
		best.nr_ops = f.nr_ops;
		best.bytes = f.bytes;
	}
	if (ret)
		return ret;
	printf("%s\n  {\"program\": \"%s\", \"variant\": \"%s\", \"events\": %llu, "
	       "\"operations\": %llu, \"residents\": %llu, \"load_s\": %.4f, \"scan_s\": %.4f, "
	       "\"init_s\": %.4f, \"decode_s\": %.4f, \"demand_s\": %.4f, \"ops_s\": %.4f, "
	       "\"ns_per_op\": %.2f, \"ops_per_s\": %.0f, \"model_bytes\": %llu}",
	       first ? "[" : ",", REPLAY_SPEED_NAME, v->name, (unsigned long long)nr_events,
	       (unsigned long long)best.nr_ops, (unsigned long long)in->plan->nr_residents,
	       in->load_s, in->scan_s, best.init_s, best.decode_s, best.demand_s, best.ops_s,
	       1e9 * best.ops_s / (double)best.nr_ops, (double)best.nr_ops / best.ops_s,
	       (unsigned long long)best.bytes);
	return 0;
}

int main(int argc, char **argv)
{
	struct input in = { .path = argc > 1 ? argv[1] : NULL };
	const int rounds = argc > 4 ? atoi(argv[4]) : 0;
	struct error err = { ERR_NONE, "" };
	int ret;

	if (argc < 6 || rounds < 1) {
		fprintf(stderr, "usage: " REPLAY_SPEED_NAME " FILE.spblog SNAPSHOT_OR_- FROM ROUNDS VARIANT...\n");
		return ERR_USAGE;
	}
	in.from = strtoull(argv[3], NULL, 10);
	memory_prepare();
	ret = open_input(&in, argv[2], &err);
	for (int i = 5; i < argc && !ret; i++) {
		struct variant v;

		ret = variant_load(argv[i], &v, &err);
		if (!ret)
			ret = measure(&in, &v, rounds, i == 5, &err);
	}
	puts(ret ? "" : "\n]");
	if (ret)
		fprintf(stderr, REPLAY_SPEED_NAME ": %s\n", err.text);
	demand_plan_free(in.plan);
	snapshot_free(in.snapshot);
	event_block_fini(&in.events);
	log_reader_free(in.reader);
	return ret ? -ret : 0;
}
