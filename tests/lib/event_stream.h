/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hand-made events for tests of demand: build a stream, run both passes over it, compare the
 * operations as text. An event's time is its index times 10 ns.
 */
#ifndef TESTS_LIB_EVENT_STREAM_H
#define TESTS_LIB_EVENT_STREAM_H

#include "replay/demand/demand.h"

#define NORMAL 0x100000ULL	/* first frame of zone Normal when zones are inferred */

/** struct event_stream - events one after another, as many as a test likes */
struct event_stream {
	u32 nr;
	u32 max;
	struct event *ev;
};

void stream_add(struct event_stream *s, enum event_kind kind, u32 cpu, u64 pfn, u32 order, int mt);
void stream_fini(struct event_stream *s);

/**
 * struct stream_run - what both passes made of a stream
 * @text: operations: "A<handle>:<order>/<type>", "F<handle>:<order>",
 *	"S<handle>><upper>:<order>", each followed by a blank
 */
struct stream_run {
	struct demand_plan *plan;
	struct demand_oddities odd;
	struct op *ops;
	u32 nr_ops;
	u32 nr_handles;
	char *text;
};

/**
 * stream_run - scan and replay in blocks of @block_size events; fails the test on any error and
 * when the plan's counts of operations are not those of the second pass
 */
struct stream_run stream_run(const struct event_stream *s, const struct log_meta *meta,
			     const struct demand_opts *opts, u32 block_size);
void stream_run_fini(struct stream_run *r);

/**
 * stream_expect_oddities - every counter is 0 but the named ones
 * @name: (name, u32 value) pairs, NULL at the end
 */
void stream_expect_oddities(const struct stream_run *r, const char *name, ...);

/** stream_scan - the scan alone, for errors. Return: the plan or NULL with @err set */
struct demand_plan *stream_scan(const struct event_stream *s, const struct log_meta *meta,
				const struct demand_opts *opts, u32 block_size,
				struct error *err);

/** stream_opts - everything, no snapshot */
struct demand_opts stream_opts(void);

#endif /* TESTS_LIB_EVENT_STREAM_H */
