/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table to read: one column a variant, and for each further variant its difference to the
 * first; what a reader looks for first stands first. Where that is too wide, one row a variant.
 */
#ifndef SPB_CMD_TABLE_H
#define SPB_CMD_TABLE_H

#include <stdio.h>

#include "replay/outcome/outcome.h"

/**
 * table_print - print @o; nothing about the machine or the moment, so equal runs print alike
 * @full: also the less telling rows that are the same for all variants
 * @width: columns of the terminal; 0 when there is none: then only many variants are too wide
 */
void table_print(const struct outcome *o, bool full, u32 width, FILE *out);

#endif /* SPB_CMD_TABLE_H */
