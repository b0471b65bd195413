/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Made-up load: a profile drives the model, which plays the kernel; what that kernel would have
 * traced goes to a sink. The machine starts empty. The same options give the same events.
 */
#ifndef SPB_REPLAY_SYNTH_H
#define SPB_REPLAY_SYNTH_H

#include "replay/synth/profile.h"
#include "replay/synth/recorder.h"

#define SYNTH_ZONE_START 0x100000ULL	/* pfn: 4 GiB, where x86-64 has its Normal zone */
#define SYNTH_T0 (1000 * NSEC_PER_SEC)	/* the capture's clock at its first event */

/**
 * struct synth_opts - which load, which machine
 * @variant: the kernel; borrowed
 * @spbs: superpageblocks of 1 GiB; @cpus: at least 1
 * @events, @ns: length: whichever is reached first ends the run; 0: no limit
 * @page_level: requests come from callers: mm_page_alloc is written, and the model's per-CPU
 *	lists (pcp_mode) stand before the zone
 * @seed: of the load, and of the model's hash
 * @stop: when it becomes true the run ends early; may be NULL
 * @progress: called now and then with events written and events to write; may be NULL
 */
struct synth_opts {
	const struct synth_profile *profile;
	const struct variant *variant;
	u32 spbs;
	u32 cpus;
	u64 events;
	u64 ns;
	bool page_level;
	u64 seed;
	const volatile bool *stop;
	void (*progress)(void *ctx, u64 done, u64 total);
	void *progress_ctx;
};

/**
 * struct synth_result - what was made
 * @events, @count: written, in all and by kind; @ns: from the first to the last
 * @allocs, @frees, @failed: of the load
 * @live_max: most units live at once; @model_bytes: memory of the model
 * @moved, @dropped: units that the worker moved or dropped
 * @tainted, @stuck: SPBs that are, at the end
 * @stopped: *stop ended the run
 * @cut: the length ended a scripted profile before its last phase did
 */
struct synth_result {
	u64 events;
	u64 count[NR_EVENT_KINDS];
	u64 ns;
	u64 allocs;
	u64 frees;
	u64 failed;
	u64 live_max;
	u64 model_bytes;
	u64 moved;
	u64 dropped;
	u32 tainted;
	u32 stuck;
	bool stopped;
	bool cut;
};

/** synth_zone - the only zone of a machine of @spbs superpageblocks */
struct model_zone_config synth_zone(u32 spbs);

/**
 * synth_run - make the load
 *
 * Return: 0; -ERR_USAGE when the machine makes no sense; -ERR_IO; what the sink returned.
 */
int synth_run(const struct synth_opts *opts, const struct synth_sink *sink,
	      struct synth_result *res, struct error *err) __must_check;

#endif /* SPB_REPLAY_SYNTH_H */
