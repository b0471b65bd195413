/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few tasks that outcome rows name, copied out of the log.
 */
#ifndef SPB_REPLAY_OUTCOME_TASKS_H
#define SPB_REPLAY_OUTCOME_TASKS_H

#include "replay/log/log.h"

/** struct outcome_task - pid and comm of task @id of the log; @comm is owned by the set */
struct outcome_task {
	u32 id;
	u32 pid;
	char *comm;
};

/** struct outcome_tasks - a set; sorted by id once outcome_tasks_load() has run */
struct outcome_tasks {
	struct outcome_task *tasks;
	u32 nr;
	u32 max;
};

/** outcome_tasks_want - @id will be asked for. Return: 0 or -ENOMEM */
int outcome_tasks_want(struct outcome_tasks *t, u32 id) __must_check;
/** outcome_tasks_load - read pid and comm of all wanted tasks from @r. Return: 0 or -ENOMEM */
int outcome_tasks_load(struct outcome_tasks *t, const struct log_reader *r) __must_check;
/** outcome_tasks_find - task @id, or NULL when nobody wanted it */
const struct outcome_task *outcome_tasks_find(const struct outcome_tasks *t, u32 id);
void outcome_tasks_fini(struct outcome_tasks *t);

#endif /* SPB_REPLAY_OUTCOME_TASKS_H */
