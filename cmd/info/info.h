/* SPDX-License-Identifier: GPL-2.0 */
/* What info found out, and its two ways to say it. */
#ifndef SPB_CMD_INFO_H
#define SPB_CMD_INFO_H

#include <stdio.h>

#include "cmd/common/source.h"
#include "replay/demand/demand.h"

/**
 * struct info - all about one input
 * @src: the open input; @meta: of its log; @have: bits of the event kinds it holds
 * @bytes: size of the log, 0 when unknown
 * @plan: demand at zone level, NULL when the events do not allow it; then @no_plan says why
 * @odd: what the demand rules met, valid with @plan
 */
struct info {
	struct source src;
	const struct log_meta *meta;
	u32 have;
	u64 bytes;
	struct demand_plan *plan;
	struct error no_plan;
	struct demand_oddities odd;
};

/** info_odd - count of row @i of demand_oddity_table */
u64 info_odd(const struct info *info, size_t i);
/** info_lost - all losses: events known, gaps of unknown size */
void info_lost(const struct log_meta *meta, u64 *events, u64 *unknown_gaps);
/** info_answer - does row @i of answer_table hold for this input? */
bool info_answer(const struct info *info, size_t i);

void info_text(const struct info *info, FILE *out);
/** info_json - Return: 0 or -ERR_IO: no memory */
int info_json(const struct info *info, FILE *out) __must_check;

#endif /* SPB_CMD_INFO_H */
