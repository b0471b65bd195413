/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the script of a report draws, as one JSON object. Long columns are varints of differences in
 * base64: 1,024 superpageblocks over 2,000 samples fit.
 */
#ifndef SPB_CMD_REPORT_JSON_H
#define SPB_CMD_REPORT_JSON_H

#include <stdio.h>

#include "replay/outcome/outcome_view.h"

#define REPORT_EVENTS_MAX 800	/* taints, and passes, that are marked: the first of each variant */

/**
 * report_json - write the object
 * @step: gets N: every N-th sample is in it; more than 1 when all would be too large
 *
 * {
 *   variants: [name], zones: [{name, spbs}], main: index, blocks: pageblocks of one SPB,
 *   t0: "ns of the first sample", step, times: COL,
 *   series: {name: [variant][zone] of COL},
 *   map: [variant][zone] of base64: for each superpageblock the number of changes (0: all as in
 *        the baseline), then for each the samples since the last change and (zigzag of the
 *        change of free_blocks) * 6 + stuck * 3 + category (0 empty, 1 clean, 2 tainted),
 *   taint, defrag: rows, times relative to t0
 * }
 * COL is base64 of zigzag varints, each the difference to the one before.
 *
 * Return: 0 or -ERR_IO without memory.
 */
int report_json(const struct outcome_view *v, FILE *out, u32 *step, struct error *err) __must_check;

#endif /* SPB_CMD_REPORT_JSON_H */
