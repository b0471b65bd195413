/* SPDX-License-Identifier: GPL-2.0 */
/* One recording from beginning to end. */
#ifndef SPB_CMD_RECORD_RUN_H
#define SPB_CMD_RECORD_RUN_H

#include "replay/base/error.h"

/** struct record_opts - options of record; @command: NULL-terminated words, NULL: none */
struct record_opts {
	const char *output;
	const char *cpus;
	const char *zone;
	u32 seconds;
	u32 buffer_kb;
	u32 min_order;
	u32 limit_mb;
	u32 version;
	bool page_level;
	bool moves;
	bool no_snapshot;
	bool quiet;
	char **command;
};

/** record_run - record, write the files, say what came of it. Return: 0 or a negative code */
int record_run(const struct record_opts *o, struct error *err);

#endif /* SPB_CMD_RECORD_RUN_H */
