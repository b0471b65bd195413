/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A variant held against what a kernel recorded. The demand of a capture goes
 * through the model twice at once:
 *
 * - open loop: every request is the model's own to serve, so one early disagreement changes the
 *   memory that all later decisions start from;
 * - following: after each request the page is put where the recorded kernel took it, so every
 *   decision starts from the recorded state. Possible where requests are removals from the buddy
 *   (levels zone and implied).
 *
 * What each says is compared with the recorded events, event by event.
 */
#ifndef SPB_REPLAY_CHECK_H
#define SPB_REPLAY_CHECK_H

#include "replay/base/hash.h"
#include "replay/check/check_event.h"
#include "replay/engine/engine.h"

enum check_side { SIDE_OPEN, SIDE_FOLLOW, NR_CHECK_SIDES };

/** check_side_name - "open", "follow" */
const char *check_side_name(enum check_side side);

/**
 * struct check_agreement - events of one kind
 * @recorded, @model: how many each side has; @agree: the same in all fields; @differ: both have
 *	one, with other fields. recorded - agree - differ were recorded only, and so on
 */
struct check_agreement {
	u64 recorded;
	u64 model;
	u64 agree;
	u64 differ;
};

/**
 * struct check_placement - where allocations went: the same page frame, else the same pageblock,
 * else the same superpageblock; @other: elsewhere; @none: the model found no page
 */
struct check_placement {
	u64 pfn;
	u64 block;
	u64 spb;
	u64 other;
	u64 none;
};

/** check_placed - all of them */
u64 check_placed(const struct check_placement *p);

/**
 * struct check_taint - the sets of tainted superpageblocks, as a share of their union: Jaccard
 * index
 * @samples: times compared; @sum: of millionths; @min: smallest, at @min_time
 * @both, @recorded, @model: superpageblocks at the end: tainted in both, in either
 */
struct check_taint {
	u64 samples;
	u64 sum;
	u64 min;
	u64 min_time;
	u64 both;
	u64 recorded;
	u64 model;
};

/** enum check_cause - why a followed decision missed the page frame; each is counted once */
enum check_cause {
	CAUSE_GHOST,		/* the recording shows that the model's page was not on the list */
	CAUSE_START_ORDER,	/* recorded page was free since the start: order of lists unknown */
	CAUSE_MODEL_START,	/* the model took such a page instead */
	CAUSE_OTHER_BUDDY,	/* both pages were freed in the capture */
	CAUSE_LABEL,		/* the recorded block has another label in the model */
	CAUSE_NOT_FREE,		/* the recorded page is not free in the model */
	NR_CHECK_CAUSES
};

/** check_cause_name, check_cause_doc - for check.csv, and in a sentence */
const char *check_cause_name(u32 cause);
const char *check_cause_doc(u32 cause);

/**
 * struct check_figures - one side
 * @kinds: by enum event_kind; drains and frees agree when the model has the page at that frame,
 *	and for drains with that label
 * @walks: spb_alloc_walk: [recorded][modelled outcome]; @flags_differ: walks and fall-throughs
 *	whose alloc_flags alone differ
 * @failed_requests: recorded events of requests that the kernel could not serve: no demand
 * @placement: all, by order, and by migratetype
 * @causes: SIDE_FOLLOW: why the frame was missed
 * @labels_shown, @labels_agree: pageblock labels that drains named
 * @labels_set: SIDE_FOLLOW: labels taken over from the recording
 * @ghosts, @ghosts_back: SIDE_FOLLOW: pages that the recording shows were not free though the model
 *	had them free, and of them those that came back unseen (check_follow.h)
 * @not_followed: SIDE_FOLLOW: recorded pages that are not free in the model
 */
struct check_figures {
	struct check_agreement kinds[NR_EVENT_KINDS];
	u64 walks[NR_SPB_OUTCOMES][NR_SPB_OUTCOMES];
	u64 flags_differ;
	u64 failed_requests;
	struct check_placement all;
	struct check_placement by_order[MODEL_MAX_ORDERS];
	struct check_placement by_mt[MIGRATE_TYPES];
	struct check_agreement worker;
	struct check_taint taint;
	u64 causes[NR_CHECK_CAUSES];
	u64 labels_shown;
	u64 labels_agree;
	u64 labels_set;
	u64 ghosts;
	u64 ghosts_back;
	u64 not_followed;
};

/** struct check_fallback - mm_page_alloc_extfrag by what was wanted and found */
struct check_fallback {
	u8 mt;
	u8 order;
	u8 fallback_mt;
	u8 fallback_order;
	u64 recorded;
	u64 model[NR_CHECK_SIDES];
};

/**
 * struct check_labels - pageblocks of one zone with one label
 * @before, @after: as pagetypeinfo counts; @known_before, @known_after: it was there
 * @start, @end: in the model
 */
struct check_labels {
	u32 zone;
	u32 mt;
	bool known_before;
	bool known_after;
	u64 before;
	u64 start;
	u64 after;
	u64 end[NR_CHECK_SIDES];
};

/** struct check_miss - one disagreement; an empty text: nothing on that side */
struct check_miss {
	enum check_side side;
	u64 event;
	u64 time;
	u16 cpu;
	u32 pid;
	char comm[16];
	char recorded[CHECK_TEXT];
	char model[CHECK_TEXT];
};

/**
 * struct check_opts - how to check
 * @seed, @spb_order: as in struct engine_opts
 * @max_misses: first disagreements of each side to keep
 * @after: host after the capture, may be NULL
 * @stop: when it becomes true the check ends early, and the report covers what was done
 */
struct check_opts {
	const struct variant *variant;
	u64 seed;
	u32 spb_order;
	u64 check_every;
	u32 max_misses;
	const struct snapshot *after;
	const volatile bool *stop;
	void (*progress)(void *ctx, u64 done, u64 total);
	void *progress_ctx;
};

/**
 * struct check_report - the result; free with check_report_free()
 * @capture: XXH64 of the capture, as run.json has it; @capture_bytes: its size
 * @follows: SIDE_FOLLOW has figures
 * @recorded_taint: the recorded taint comes from spb_pb_taint events; otherwise from SIDE_FOLLOW
 * @residents_failed: residents that found no place at the start
 */
struct check_report {
	char capture[HASH64_TEXT];
	u64 capture_bytes;
	struct check_figures side[NR_CHECK_SIDES];
	bool follows;
	bool recorded_taint;
	bool partial;
	u64 ops;
	u64 residents_failed;
	u32 nr_fallbacks;
	u32 max_fallbacks;
	struct check_fallback *fallbacks;
	u32 nr_labels;
	struct check_labels *labels;
	u32 nr_zones;
	char (*zone_names)[32];
	u32 nr_misses[NR_CHECK_SIDES];
	u32 max_misses;
	struct check_miss *misses[NR_CHECK_SIDES];
};

/**
 * check_run - hold @opts->variant against the log that @reader has open
 * @report: filled in unless an error is returned, and with -ERR_DAMAGED
 *
 * Return: 0; -ERR_DAMAGED: covers a part; else a negative enum err_code.
 */
int check_run(struct log_reader *reader, const struct demand_plan *plan,
	      const struct check_opts *opts, struct check_report **report,
	      struct error *err) __must_check;
void check_report_free(struct check_report *r);

/** check_disagrees - is there any disagreement in the open loop? */
bool check_disagrees(const struct check_report *r);

#endif /* SPB_REPLAY_CHECK_H */
