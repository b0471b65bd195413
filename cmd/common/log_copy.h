/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events from one log to another: ids of tasks and strings belong to a log, so they are looked up.
 */
#ifndef SPB_CMD_LOG_COPY_H
#define SPB_CMD_LOG_COPY_H

#include "replay/log/log.h"

/**
 * struct log_copy - from @r to @w
 * @from, @to: the task of the last event in both, valid when @known: mostly it is that of the next
 */
struct log_copy {
	struct log_reader *r;
	struct log_writer *w;
	u32 from;
	u32 to;
	bool known;
};

/** log_copy_row - row @i of @b, whose extra words are @extra, as an event of the same log */
void log_copy_row(const struct event_block *b, u32 i, const u64 *extra, struct event *ev);
/** log_copy_ids - make the ids of @ev, an event of c->r, those of c->w */
void log_copy_ids(struct log_copy *c, struct event *ev);

#endif /* SPB_CMD_LOG_COPY_H */
