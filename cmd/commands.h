/* SPDX-License-Identifier: GPL-2.0 */
/* The commands, one file each; main.c lists them. */
#ifndef SPB_CMD_COMMANDS_H
#define SPB_CMD_COMMANDS_H

#include "cmd/common/options.h"

extern const struct command cmd_parse;
extern const struct command cmd_info;
extern const struct command cmd_replay;
extern const struct command cmd_compare;
extern const struct command cmd_diff;
extern const struct command cmd_explain;
extern const struct command cmd_variants;
extern const struct command cmd_cut;
extern const struct command cmd_record;
extern const struct command cmd_snapshot;
extern const struct command cmd_batch;
extern const struct command cmd_merge;
extern const struct command cmd_report;
extern const struct command cmd_export;
extern const struct command cmd_check;
extern const struct command cmd_synth;

#endif /* SPB_CMD_COMMANDS_H */
