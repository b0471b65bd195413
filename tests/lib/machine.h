/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small machine for model tests: one Normal zone of SPBs of 16 pageblocks, what its observer
 * saw, and short calls to allocate and free.
 */
#ifndef SPB_TESTS_MACHINE_H
#define SPB_TESTS_MACHINE_H

#include "model/internal.h"

#define MACHINE_START 0x10000ULL	/* first pfn */
#define MACHINE_BLOCK 512U		/* pages */
#define MACHINE_BLOCKS 16U		/* pageblocks of an SPB */
#define MACHINE_SPB (MACHINE_BLOCK * MACHINE_BLOCKS)
#define MACHINE_UNITS 200000
#define MACHINE_LOG 4096

/** struct machine - the model and what happened; events are kept in order, up to MACHINE_LOG */
struct machine {
	struct model *m;
	u64 now;
	u32 nr_units;
	u64 pfn[MACHINE_UNITS];
	u32 nr_taints;
	struct model_taint taints[MACHINE_LOG];
	u32 nr_chances;
	struct model_chance chances[MACHINE_LOG];
	u32 nr_passes;
	struct model_defrag_pass passes[MACHINE_LOG];
	u32 nr_events;
	struct model_event events[MACHINE_LOG];
	u32 nr_moves;
	struct model_list_move moves[MACHINE_LOG];
	u32 nr_shrinks;
	u32 nr_dropped;
	struct model_result last;
};

/** machine_variant - defaults, but a reserve of 2 blocks, so that 16-block SPBs make sense */
struct variant machine_variant(void);

/** machine_new - @nr_spbs superpageblocks from pfn 0x10000, nothing allocated, time 600 s */
struct machine *machine_new(const struct variant *v, u32 nr_spbs);
/** machine_new_clipped - the same, the last superpageblock @short_by pages short */
struct machine *machine_new_clipped(const struct variant *v, u32 nr_spbs, u32 short_by);
/** machine_new_page_level - the same with per-CPU lists in front (pcp_mode) */
struct machine *machine_new_page_level(const struct variant *v, u32 nr_spbs);
/** machine_new_config - a machine of any shape; taints, moves and events name zones by index */
struct machine *machine_new_config(const struct variant *v, const struct model_config *config);
void machine_free(struct machine *mc);

/** take - allocate; fails the test when there is nothing. Return: unit number (owner) */
u32 take(struct machine *mc, u32 order, u32 mt);
/** try_take - allocate. Return: unit number, or UINT32_MAX */
u32 try_take(struct machine *mc, u32 order, u32 mt);
/** try_take_on - try_take() from @cpu; the others use CPU 0 of 2 */
u32 try_take_on(struct machine *mc, u16 cpu, u32 order, u32 mt);
/** try_take_gfp - the same with gfp flags, from zone @zone */
u32 try_take_gfp(struct machine *mc, u32 zone, u32 order, u32 mt, u32 gfp);
/** give - free a unit of @order */
void give(struct machine *mc, u32 unit, u32 order);
/** spb_of - SPB index a unit lies in */
u32 spb_of(const struct machine *mc, u32 unit);
/** run_for - let @ns pass */
void run_for(struct machine *mc, u64 ns);
/** the_spb - the SPB itself */
struct superpageblock *the_spb(struct machine *mc, u32 index);
/** check_machine - model_check() must hold */
void check_machine(struct machine *mc);
/** count_verdicts - chances of @trigger with @verdict since the machine began */
u32 count_verdicts(const struct machine *mc, u32 trigger, u32 verdict);
/**
 * events_text - the events of the record, one a line, as the kernel prints them but shorter
 *
 * Pages are named by their distance from the start of the machine in pages. Call free() on it.
 */
char *events_text(const struct machine *mc);
/** forget - start the record of events anew */
void forget(struct machine *mc);

/**
 * taint_spb - make @index (empty) tainted: one unmovable page, other SPBs untouched
 *
 * Needs every SPB before it in the zone to be non-empty or tainted already.
 */
u32 taint_spb(struct machine *mc, u32 index);

#endif /* SPB_TESTS_MACHINE_H */
