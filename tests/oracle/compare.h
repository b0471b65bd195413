/* SPDX-License-Identifier: GPL-2.0 */
/* Everything inside the model against everything inside the oracle. */
#ifndef SPB_TESTS_COMPARE_H
#define SPB_TESTS_COMPARE_H

#include "model/internal.h"
#include "tests/oracle/oracle.h"

/** compare_quick - free pages and counters of each zone. Return: do they differ? (@why says how) */
bool compare_quick(struct model *m, struct oracle *o, char *why, size_t len);
/** compare_full - frames, free lists and their order, bits, labels, counters, SPB lists, hints */
bool compare_full(struct model *m, struct oracle *o, char *why, size_t len);

#endif /* SPB_TESTS_COMPARE_H */
