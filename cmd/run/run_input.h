/* SPDX-License-Identifier: GPL-2.0 */
/* From options to a demand plan: what replay, compare, batch and check do first. */
#ifndef SPB_CMD_RUN_INPUT_H
#define SPB_CMD_RUN_INPUT_H

#include "cmd/common/level.h"
#include "cmd/common/source.h"
#include "cmd/common/window.h"
#include "cmd/run/run.h"
#include "cmd/run/run_ahead.h"
#include "replay/demand/demand.h"

/**
 * struct run_input - the input of a run
 * @writes: file @i of those that go into opts->output; NULL: those of outcome_write()
 * @after: another snapshot that is read, may be NULL
 * @src: opened by the caller between the two calls; @snapshot, @plan: owned
 * @level: the demand level chosen; @demand: what was asked of the scan
 * @ahead: a scan while a capture is read, for who gives its @watch to source_open()
 */
struct run_input {
	const struct run_opts *opts;
	const char *(*writes)(u32 i);
	const char *after;
	struct source src;
	struct window window;
	struct demand_opts demand;
	const struct level *level;
	struct snapshot *snapshot;
	struct demand_plan *plan;
	struct run_ahead ahead;
};

/** run_input_check - all that can be judged without the input, before any work; @cmd may be NULL */
int run_input_check(struct run_input *in, const struct command *cmd,
		    struct error *err) __must_check;
/** run_input_plan - read snapshot and demand of the open source. Return: 0 or negative */
int run_input_plan(struct run_input *in, struct error *err) __must_check;
void run_input_close(struct run_input *in);

#endif /* SPB_CMD_RUN_INPUT_H */
