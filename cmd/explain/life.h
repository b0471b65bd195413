/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of one superpageblock under every variant of a run, as one list of events in order of
 * time: taints, moves between lists, chances to defrag and what they met, passes of the worker.
 */
#ifndef SPB_CMD_LIFE_H
#define SPB_CMD_LIFE_H

#include "cmd/common/results.h"
#include "cmd/common/stamp.h"

/** enum life_kind - at the same moment they come in this order */
enum life_kind {
	LIFE_TAINT,
	LIFE_LIST,
	LIFE_CHANCE,
	LIFE_PASS_START,
	LIFE_PASS_END,
	LIFE_NO_PASS,	/* queued, and not over when the run was */
	NR_LIFE_KINDS
};

/**
 * struct life_event - something that happened, the same in all variants of @variants
 * @time, @until: ns; equal when it took no time
 * @variants: bit by index in the run
 * @order: how many of its kind came before it at this moment
 * @quiet: left out unless all is asked for
 */
struct life_event {
	u64 time;
	u64 until;
	u64 variants;
	u32 order;
	u8 kind;
	bool quiet;
	char text[PHRASE_TEXT];
};

/**
 * struct life - of SPB @spb of @zone
 * @spb_row: row of spb.csv for each variant
 */
struct life {
	const struct results *r;
	const char *zone;
	u64 spb;
	u32 spb_row[RESULTS_MAX_VARIANTS];
	struct life_event *events;
	u32 nr;
	u32 max;
};

/**
 * life_find - collect it
 * @zone: NULL: the only zone of the run that has an SPB of that number and operations
 *
 * Return: 0; -ERR_USAGE when there is no such SPB, or several; -ERR_IO without memory. Needs
 * life_fini() either way.
 */
int life_find(struct life *l, const struct results *r, const char *zone, u64 spb,
	      struct error *err) __must_check;
void life_fini(struct life *l);

/**
 * struct life_moment - what a variant's SPB was at one time
 * @tainted: category; @taint: row of taint.csv that made it so, UINT32_MAX: it was so at the start
 * @list, @other: list it is on; @other: it goes back and forth between the two, or NULL
 * @pass: row of defrag.csv of a pass that is queued or runs, or UINT32_MAX
 * @waiting: it had not ended when the run did
 * @last_pass: the last one that ended, or UINT32_MAX
 * @cooldown_end: ns, of a cooldown known from chances.csv, or 0
 */
struct life_moment {
	bool tainted;
	bool waiting;
	const char *list;
	const char *other;
	u32 taint;
	u32 pass;
	u32 last_pass;
	u64 cooldown_end;
};

/** life_at - the state of variant @variant at @time */
void life_at(const struct life *l, u32 variant, u64 time, struct life_moment *m);

#endif /* SPB_CMD_LIFE_H */
