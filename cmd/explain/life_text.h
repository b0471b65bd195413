/* SPDX-License-Identifier: GPL-2.0 */
/* The life of a superpageblock as text and as JSON. */
#ifndef SPB_CMD_LIFE_TEXT_H
#define SPB_CMD_LIFE_TEXT_H

#include <stdio.h>

#include "cmd/explain/life.h"

/**
 * struct life_view - how to show it
 * @at: tell the state at this time, UINT64_MAX for none; @full: also what is left out otherwise
 */
struct life_view {
	u64 at;
	bool full;
};

/** life_print - the timeline, the state at one moment, and what it is at the end */
void life_print(const struct life *l, const struct life_view *view, FILE *out);

struct json_object;
/** life_json - the same. Return: NULL without memory; the caller puts it */
struct json_object *life_json(const struct life *l, const struct life_view *view);

#endif /* SPB_CMD_LIFE_TEXT_H */
