/* SPDX-License-Identifier: GPL-2.0 */
/* Words that reports about single superpageblocks share: times, who asked, who did it. */
#ifndef SPB_CMD_STAMP_H
#define SPB_CMD_STAMP_H

#include "cmd/common/results.h"

#define STAMP_TEXT 40
#define PHRASE_TEXT 256

/** fmt_since - "+13.000000" seconds since the first event, or "-0.5..." before it */
const char *fmt_since(char out[STAMP_TEXT], u64 ns, u64 first_ns);

/** trigger_phrase - what people call a trigger: "trigger 2 (walk)" */
const char *trigger_phrase(const char *trigger);

/** taint_phrase - "CLAIM, order 4 Reclaimable, by dentry-load[2105] on CPU 1, gfp not recorded" */
void taint_phrase(char out[PHRASE_TEXT], const struct csv_data *d, u32 row);

/** pass_is_open - had the pass of this row of defrag.csv not ended when the run did? */
bool pass_is_open(const struct csv_data *d, u32 row);

/** pass_phrase - "moved 98,304 pages, could not move 0; free blocks 0 -> 1", or how far it is */
void pass_phrase(char out[PHRASE_TEXT], const struct csv_data *d, u32 row);

/** text_from_outside - a name as it can be shown on a terminal: control characters are ? */
void text_from_outside(char *out, size_t room, const char *text);

#endif /* SPB_CMD_STAMP_H */
