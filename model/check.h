/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of model_check(): check.c recounts one superpageblock from its page words, check_zone.c
 * what lies above: lists of superpageblocks, sums, hints, per-CPU lists, the workers' queues.
 */
#ifndef SPB_MODEL_CHECK_H
#define SPB_MODEL_CHECK_H

#include "model/internal.h"

/** struct check - where we are and where to complain; @sb NULL: the zone; @zone NULL: the model */
struct check {
	const struct zone *zone;
	const struct superpageblock *sb;
	char *why;
	size_t len;
};

/** check_broken - write the complaint. Return: false */
bool check_broken(const struct check *c, const char *fmt, ...) __printf(2, 3);

/** check_zone - lists of SPBs, sums, hints of @c->zone */
bool check_zone(const struct check *c);

/** check_workers - queues of all nodes, evacuation requests, what is due when */
bool check_workers(const struct check *c, const struct model *m);

/** check_pcps - per-CPU lists hold what they count, and every page that says it is on one */
bool check_pcps(const struct check *c, const struct model *m);

#endif /* SPB_MODEL_CHECK_H */
