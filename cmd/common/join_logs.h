/* SPDX-License-Identifier: GPL-2.0 */
/* Several logs of one host, one after another or by CPU, as one. */
#ifndef SPB_CMD_JOIN_LOGS_H
#define SPB_CMD_JOIN_LOGS_H

#include "replay/log/log.h"

/** struct log_part - a log to join; @name: as the user would say it */
struct log_part {
	const char *name;
	struct log_reader *r;
};

/**
 * join_logs - the events of all @nr parts (at least 1) by time and CPU, as parse merges captures
 *
 * Refused, with -ERR_USAGE: logs of different hosts, kernels, clocks or page sizes; made anonymous,
 * since each has task numbers of its own; and events that two of them hold. What is damaged in one
 * makes the whole partial.
 *
 * Return: a writer, owned by the caller, or NULL with @err set.
 */
struct log_writer *join_logs(const struct log_part *parts, u32 nr, struct error *err);

#endif /* SPB_CMD_JOIN_LOGS_H */
