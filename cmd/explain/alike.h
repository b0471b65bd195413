/* SPDX-License-Identifier: GPL-2.0 */
/* Were two runs made in the same way? What differs beside the variants explains figures, too. */
#ifndef SPB_CMD_ALIKE_H
#define SPB_CMD_ALIKE_H

#include "cmd/common/results.h"

/** alike_warn - say what differs in the inputs and settings of two runs */
void alike_warn(const struct results *a, const struct results *b);

/**
 * alike_in_place - is superpageblock N of @a the memory that N of @b is, under the same events?
 *
 * Only then can single ones be held against each other.
 */
bool alike_in_place(const struct results *a, const struct results *b);

#endif /* SPB_CMD_ALIKE_H */
