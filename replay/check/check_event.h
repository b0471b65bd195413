/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recorded and modelled events in one form, struct event, so that they can be held against each
 * other. String words (zone names) become the index of the first zone of that name, plus 1.
 */
#ifndef SPB_REPLAY_CHECK_EVENT_H
#define SPB_REPLAY_CHECK_EVENT_H

#include "model/model.h"
#include "replay/demand/demand.h"
#include "replay/log/log.h"

#define CHECK_TEXT 160

/** struct check_names - to read recorded names: the log's reader and the zone table */
struct check_names {
	const struct log_reader *reader;
	const struct log_zone *zones;
	u32 nr_zones;
	u32 pageblock_order;
};

/**
 * check_kind_modelled - does the model tell of events of this kind?
 * @page_level: it has per-CPU lists of its own, so it tells their drains; else drains are demand
 */
bool check_kind_modelled(u32 kind, bool page_level);

/** check_event_recorded - event @i of @b; @extra: its extra words */
struct event check_event_recorded(const struct check_names *n, const struct event_block *b, u32 i,
				  const u64 *extra);
/** check_event_modelled - what the model told */
struct event check_event_modelled(const struct check_names *n, const struct model_event *e);

/**
 * check_same_event - do both say the same?
 * @flags_differ: their alloc_flags do not; that alone is no disagreement, since no event of zone
 *	level carries the gfp flags that they come from
 */
bool check_same_event(const struct check_names *n, const struct event *a, const struct event *b,
		      bool *flags_differ);

/** check_event_text - one line of at most CHECK_TEXT bytes */
void check_event_text(const struct check_names *n, const struct event *e, char *text);

/** check_walk_outcome - enum spb_outcome of a spb_alloc_walk */
u32 check_walk_outcome(const struct event *e);

#endif /* SPB_REPLAY_CHECK_EVENT_H */
