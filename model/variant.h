/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A variant: one policy to compare, as a set of knobs. The table of knobs is the only place that
 * knows their names, ranges and meanings; JSON loading, help and printing hang off it.
 */
#ifndef SPB_MODEL_VARIANT_H
#define SPB_MODEL_VARIANT_H

#include "model/types.h"

#define VARIANT_NAME_MAX 64
#define VARIANT_DOC_MAX 256

enum allocator { ALLOCATOR_SPB, ALLOCATOR_VANILLA };
enum pcp_mode { PCP_NONE, PCP_VANILLA, PCP_BUDDY };
enum search_mode { SEARCH_LIST, SEARCH_BITMAP };
enum update_list_mode { UPDATE_LIST_BUCKET, UPDATE_LIST_ALWAYS };
enum defrag_clean { DEFRAG_CLEAN_OFF, DEFRAG_CLEAN_STUB };
enum irq_work_order { IRQ_WORK_LIFO, IRQ_WORK_FIFO };
enum slowpath_mode {
	SLOWPATH_ATOMIC,
	SLOWPATH_DIRECT,
	SLOWPATH_NOFRAGMENT,
	SLOWPATH_KERNEL,
	SLOWPATH_GFP
};

/**
 * struct variant - all knobs; see knob_table for units, ranges and one line on each
 */
struct variant {
	char name[VARIANT_NAME_MAX];
	char doc[VARIANT_DOC_MAX];

	u32 allocator;
	u32 update_list_mode;
	u32 update_list_rotate;
	u32 trigger_update;
	u32 trigger_alloc;
	u32 trigger_fallthrough;
	u32 defrag_clean;

	u32 defrag_cooldown_ms;
	u32 cooldown_bypass_pages;
	u32 tainted_reserve_min;
	u32 tainted_reserve_div;
	u32 aggressive_threshold;

	u32 search;
	u32 hints;
	u32 pass1_whole_first;
	u32 pass_1;
	u32 pass_2;
	u32 pass_2b;
	u32 pass_2c;
	u32 pass_2d;
	u32 pass_3;
	u32 pass_4;
	u32 fallback_claim;
	u32 fallback_steal;
	u32 order10_quirk;
	u32 trigger_reserve;
	u32 pass3_literal;

	u32 slowpath_mode;
	u32 slowpath_unrecorded;
	u32 slowpath_evacuate;
	u32 slowpath_contig;
	u32 highorder_optional;
	u32 relax_nowarn;
	u32 reclaim_gives_pages;
	u32 reclaim_ms;

	u32 highatomic;
	u32 pcp_mode;
	u32 pcp_batch;
	u32 pcp_high_min;
	u32 pcp_high_max;
	u32 pcp_decay_ms;

	u32 worker_threads;
	u32 irq_work_order;
	u32 worker_latency_us;
	u32 migrate_us_per_page;
	u32 migrate_batch;
	u32 migrate_fail_ppm;
	u32 clean_drop_ppm;
	u32 compact_skip;

	u32 evac_deferred;
	u32 evac_throttle_ms;
	u32 evac_candidates;
	u32 evac_pb_per_sb;
	u32 evac_phases;

	u32 shrink_enable;
	u32 shrink_run_us;
	u32 shrink_pages_per_run;
	u32 hz;
};

enum knob_type { KNOB_BOOL, KNOB_UINT, KNOB_ENUM };

/**
 * struct knob - one row of the knob table
 * @name: JSON key; @type: how to read it; @offset: of the u32 in struct variant
 * @min, @max: allowed values (KNOB_UINT)
 * @values: names for KNOB_ENUM in numeric order, NULL-terminated
 * @unit: "ms", "pages", "" ...; @doc: one line; @source: section of the spec
 */
struct knob {
	const char *name;
	enum knob_type type;
	size_t offset;
	u32 min;
	u32 max;
	const char *const *values;
	const char *unit;
	const char *doc;
	const char *source;
};

extern const struct knob knob_table[];
extern const size_t nr_knobs;

/** variant_init - every knob at its default (the SEED arm without the patch: spb-v1-none) */
void variant_init(struct variant *v);
/** knob_find - row of knob @name, or NULL */
const struct knob *knob_find(const char *name);
/** knob_get, knob_set - value of a knob; knob_set returns 0, or -EINVAL when out of range */
u32 knob_get(const struct variant *v, const struct knob *k);
int knob_set(struct variant *v, const struct knob *k, u32 value) __must_check;
/** variant_check - cross-knob rules. Return: NULL, or what is wrong */
const char *variant_check(const struct variant *v);

#endif /* SPB_MODEL_VARIANT_H */
