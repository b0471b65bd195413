/* SPDX-License-Identifier: GPL-2.0 */
/* What info found out, and its two ways to say it. */
#ifndef SPB_CMD_INFO_H
#define SPB_CMD_INFO_H

#include <stdio.h>

#include "cmd/common/source.h"
#include "cmd/info/info_moves.h"
#include "replay/demand/demand.h"

/** INFO_LOSSES_MAX - losses that are told one by one */
#define INFO_LOSSES_MAX 1000u

/**
 * struct info_loss - events that were lost on @cpu between its events at @from and @to
 * @from: ns; 0: before its first event
 * @events: how many, 0 = unknown
 */
struct info_loss {
	u32 cpu;
	u64 from;
	u64 to;
	u64 events;
};

/**
 * struct info_scan - what the events tell
 * @gap_ns, @gap_from: longest time without any event, and when it began
 * @busiest_events, @busiest_second: most events within one second of the clock, and which
 * @loss: the first @nr_losses of @nr_losses_all
 * @moves: what the host moved on its own
 */
struct info_scan {
	u64 gap_ns;
	u64 gap_from;
	u64 busiest_events;
	u64 busiest_second;
	u64 nr_losses_all;
	u32 nr_losses;
	struct info_loss *loss;
	struct info_moves moves;
};

/** info_scan - read the whole log. Return: 0 or negative enum err_code; info_scan_fini() both */
int info_scan(struct info_scan *s, struct log_reader *r, struct error *err) __must_check;
void info_scan_fini(struct info_scan *s);

/**
 * struct info - all about one input
 * @src: the open input; @meta: of its log; @have: bits of the event kinds it holds
 * @have_moves: some of them are of compaction or migration
 * @bytes: size of the log, 0 when unknown
 * @plan: demand at zone level, NULL when the events do not allow it; then @no_plan says why
 * @odd: what the demand rules met, valid with @plan
 * @scan: what the events tell
 */
struct info {
	struct source src;
	const struct log_meta *meta;
	u32 have;
	bool have_moves;
	u64 bytes;
	struct demand_plan *plan;
	struct error no_plan;
	struct demand_oddities odd;
	struct info_scan scan;
};

/** info_odd - count of row @i of demand_oddity_table */
u64 info_odd(const struct info *info, size_t i);
/** info_lost - all losses: events known, gaps of unknown size */
void info_lost(const struct log_meta *meta, u64 *events, u64 *unknown_gaps);
/** info_answer - does row @i of answer_table hold for this input? */
bool info_answer(const struct info *info, size_t i);

/** info_text - all of it, as people read it */
void info_text(const struct info *info, FILE *out);
/** info_json - Return: 0 or -ERR_IO: no memory */
int info_json(const struct info *info, FILE *out) __must_check;

#endif /* SPB_CMD_INFO_H */
