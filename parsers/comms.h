/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks: the saved command lines of a capture (pid to comm), and the log's task id of each pid.
 */
#ifndef SPB_PARSERS_COMMS_H
#define SPB_PARSERS_COMMS_H

#include "replay/base/error.h"

struct log_writer;

/** struct comm - one saved command line; @name points into the text */
struct comm {
	u32 pid;
	u32 line;
	const char *name;
};

/** struct task_slot - log task of a pid; @used tells a slot from an empty one */
struct task_slot {
	u32 pid;
	u32 task;
	bool used;
};

/**
 * struct comms - the table; all zero is an empty one
 * @sorted: by pid; the last line of a pid is the one kept
 * @others: table to ask for names that this one lacks, NULL: none; tables may form a ring
 * @slot: open-addressed hash of the pids met so far, a power of two of them
 */
struct comms {
	char *text;
	struct comm *sorted;
	u32 nr;
	const struct comms *others;
	struct task_slot *slot;
	u32 nr_slots;
	u32 nr_used;
};

/**
 * comms_load - take over @text: lines of "pid comm"
 *
 * Lines that are something else are left out. Return: 0 or -ERR_IO (no memory; @text is freed).
 */
int comms_load(struct comms *c, char *text, struct error *err) __must_check;
void comms_fini(struct comms *c);
/** comms_find - comm of @pid, also in the other tables; "" when unknown */
const char *comms_find(const struct comms *c, u32 pid);
/** comms_task - task id of @pid in the log. Return: 0 or -ERR_IO (no memory) */
int comms_task(struct comms *c, struct log_writer *w, u32 pid, u32 *task, struct error *err);

#endif /* SPB_PARSERS_COMMS_H */
