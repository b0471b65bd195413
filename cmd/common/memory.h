/* SPDX-License-Identifier: GPL-2.0 */
/* How this process takes memory, how much it has taken, and how much it will need. */
#ifndef SPB_CMD_MEMORY_H
#define SPB_CMD_MEMORY_H

#include "model/types.h"

/**
 * memory_prepare - large blocks always come from the system, not from what was freed before
 *
 * Page state is sparse: of what calloc() hands out, only the pages written to cost memory. A block
 * that is used again would be cleared, and so written to, as a whole. Call it first in main().
 */
void memory_prepare(void);

#endif /* SPB_CMD_MEMORY_H */
