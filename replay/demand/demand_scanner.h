/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the first pass knows while it scans: made from the options before the first block, turned
 * into the plan behind the last (demand_scanner.c), changed by events in between (demand_scan.c).
 */
#ifndef SPB_REPLAY_DEMAND_SCANNER_H
#define SPB_REPLAY_DEMAND_SCANNER_H

#include "replay/demand/demand_core.h"
#include "replay/demand/demand_rules.h"
#include "replay/demand/demand_scan.h"
#include "replay/demand/demand_worker.h"
#include "replay/demand/host_moves.h"
#include "replay/demand/losses.h"
#include "replay/demand/recorded_kernel.h"
#include "replay/initial/labels.h"
#include "replay/initial/residents.h"

/**
 * struct demand_scanner
 * @parked: blocks whose last free went towards a PCP, with the index of that event
 * @found: residents that the events show
 * @guess: zones seen so far, where no table says what they are
 * @scratch: operations of the core, which the first pass throws away
 * @plan: on its way; @max_promoted: room for plan->promoted
 * @wrong: oddities that losses have seen, see take_unexplained()
 * @any_lost: the log has losses; @any_event: the window has an event
 */
struct demand_scanner {
	struct demand_opts opts;
	struct demand_rules rules;
	struct demand_core core;
	struct demand_worker worker;
	struct host_moves moves;
	struct framemap parked;
	struct unit_list found;
	struct zone_guess guess;
	struct op_block scratch;
	struct demand_plan *plan;
	u64 max_promoted;
	struct label_scan labels;
	struct loss_scan losses;
	u64 wrong;
	u64 orphans;
	bool any_lost;
	bool in_window;
	bool any_event;
};

/** demand_scan_enter - the window begins: what is live now is resident, what happened is history */
int demand_scan_enter(struct demand_scanner *s, struct error *err) __must_check;

static inline bool has_pcp_single(const struct log_meta *meta, const struct snapshot *snap)
{
	return kernel_has_pcp_single(meta->kernel || !snap ? meta->kernel : snap->kernel);
}

#endif /* SPB_REPLAY_DEMAND_SCANNER_H */
