/* SPDX-License-Identifier: GPL-2.0 */
/* Partings and causes as text and as JSON. */
#ifndef SPB_CMD_CAUSES_TEXT_H
#define SPB_CMD_CAUSES_TEXT_H

#include <stdio.h>

#include "cmd/explain/causes.h"

struct json_object;

/** causes_print - @most: superpageblocks to name, the others are counted */
void causes_print(const struct causes *c, u32 most, FILE *out);
/** causes_json - the same, whole. Return: NULL without memory; the caller puts it */
struct json_object *causes_json(const struct causes *c);

#endif /* SPB_CMD_CAUSES_TEXT_H */
