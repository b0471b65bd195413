/* SPDX-License-Identifier: GPL-2.0 */
/* A part of a log as a log of its own. */
#ifndef SPB_CMD_CUT_LOG_H
#define SPB_CMD_CUT_LOG_H

#include "replay/base/cpulist.h"

/**
 * struct log_cut - which part
 * @t0, @t1: times in [t0, t1), ns
 * @cpus: NULL: all
 * @zone: events of pages in it, and those without a page; NULL: all
 * @anonymize: as log_writer_anonymize()
 */
struct log_cut {
	u64 t0;
	u64 t1;
	const struct cpulist *cpus;
	const struct log_zone *zone;
	bool anonymize;
};

/**
 * cut_log - copy a part of @r
 *
 * Host, clock and source are those of the whole; counts, losses and quality are the part's.
 *
 * Return: a writer, owned by the caller, or NULL with @err set.
 */
struct log_writer *cut_log(struct log_reader *r, const struct log_cut *cut, struct error *err);

#endif /* SPB_CMD_CUT_LOG_H */
