/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sets of tainted superpageblocks over time. What was recorded comes from spb_pb_taint events,
 * counted on from the state that the model started in; without such events, from the side that
 * follows the recorded placements.
 */
#ifndef SPB_REPLAY_CHECK_TAINT_H
#define SPB_REPLAY_CHECK_TAINT_H

#include "replay/check/check_side.h"

#define TAINT_SAMPLES 200u

/** struct spb_count - pageblocks of a superpageblock with unmovable and reclaimable content */
struct spb_count {
	s64 nr_unmovable;
	s64 nr_reclaimable;
	bool reserved;
};

/**
 * struct taint_track - the recorded set
 * @zones: superpageblocks of each zone; @by_events: from events
 * @next, @step: when the next sample is due, ns of the capture
 */
struct taint_track {
	const struct demand_plan *plan;
	u32 nr_zones;
	struct spb_count **zones;
	bool by_events;
	u64 next;
	u64 step;
};

/** taint_track_init - @open: the side whose initial state is the recorded one */
int taint_track_init(struct taint_track *t, const struct side *open, bool by_events,
		     struct error *err) __must_check;
void taint_track_fini(struct taint_track *t);

/** taint_track_event - a recorded spb_pb_taint */
void taint_track_event(struct taint_track *t, const struct event *e);

/** taint_track_sample - compare the sets at @time where a sample is due, or always with @last */
void taint_track_sample(struct taint_track *t, struct side *sides, u32 nr_sides, u64 time,
			bool last);

#endif /* SPB_REPLAY_CHECK_TAINT_H */
