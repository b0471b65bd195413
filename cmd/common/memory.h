/* SPDX-License-Identifier: GPL-2.0 */
/* How this process takes memory, how much it has taken, and how much it will need. */
#ifndef SPB_CMD_MEMORY_H
#define SPB_CMD_MEMORY_H

#include "replay/base/error.h"

/**
 * memory_prepare - large blocks always come from the system, not from what was freed before
 *
 * Page state is sparse: of what calloc() hands out, only the pages written to cost memory. A block
 * that is used again would be cleared, and so written to, as a whole. Call it first in main().
 */
void memory_prepare(void);

/** memory_held - bytes of memory this process has now; 0 when the system does not say */
u64 memory_held(void);

/** memory_parse - "500M", "16G", "1T" or a number of bytes. Return: 0 or -ERR_USAGE */
int memory_parse(const char *text, u64 *bytes, struct error *err) __must_check;

#endif /* SPB_CMD_MEMORY_H */
