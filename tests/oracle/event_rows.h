/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an observer was told, as rows of numbers, so that two sides can be compared and printed.
 */
#ifndef SPB_TESTS_EVENT_ROWS_H
#define SPB_TESTS_EVENT_ROWS_H

#include "model/model.h"

#define ROW_FIELDS 14
#define ROWS_KEPT 16384

enum row_kind {
	ROW_MOVED,
	ROW_DROPPED,
	ROW_TAINT,
	ROW_CHANCE,
	ROW_PASS,
	ROW_SHRINK,
	ROW_LIST,
	ROW_EVENT,
	NR_ROW_KINDS
};

#define PFN_GONE UINT64_MAX

/**
 * struct event_rows - rows since the last operation, by kind; @n counts on when the space is full
 * @pfn: if set, where each owner's unit is now (PFN_GONE: dropped)
 */
struct event_rows {
	u64 *pfn;
	u32 n[NR_ROW_KINDS];
	u64 row[NR_ROW_KINDS][ROWS_KEPT][ROW_FIELDS];
};

/* Fields of a ROW_EVENT row that say what the tracepoint was. */
#define ROW_EVENT_KIND 1
#define ROW_EVENT_DETAIL 8

/** event_rows_observer - its context is a struct event_rows */
extern const struct model_observer event_rows_observer;

void event_rows_clear(struct event_rows *r);
/** event_rows_differ - compare; @why gets the first difference: model, then oracle */
bool event_rows_differ(const struct event_rows *model, const struct event_rows *oracle, char *why,
		       size_t len);

#endif /* SPB_TESTS_EVENT_ROWS_H */
