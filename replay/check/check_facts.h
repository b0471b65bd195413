/* SPDX-License-Identifier: GPL-2.0 */
/* A report as facts, one a row: what check.csv and --json hold. */
#ifndef SPB_REPLAY_CHECK_FACTS_H
#define SPB_REPLAY_CHECK_FACTS_H

#include "replay/check/check.h"
#include "replay/csv/csv.h"

/**
 * struct check_fact - one figure
 * @variant: of the check; @zone: "" for all
 * @side: "open", "follow", "recorded" (the capture, the snapshots), "start" (the model before it)
 * @figure: what; @key: of which, "" for all
 */
struct check_fact {
	const char *variant;
	const char *zone;
	const char *side;
	const char *figure;
	const char *key;
	u64 value;
};

/**
 * check_facts - call @fn for every fact of @r, in a fixed order. Return: what it returned, if not 0
 */
int check_facts(const struct check_report *r, const char *variant,
		int (*fn)(void *ctx, const struct check_fact *fact), void *ctx);

/** struct check_csv_data - what check_csv writes */
struct check_csv_data {
	const struct check_report *report;
	const char *variant;
};

extern const struct csv_table check_csv;

#endif /* SPB_REPLAY_CHECK_FACTS_H */
