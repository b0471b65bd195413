/* SPDX-License-Identifier: GPL-2.0 */
/* docs/metrics.md, written from the column tables, so that it cannot lag behind them. */
#ifndef SPB_CMD_METRICS_DOC_H
#define SPB_CMD_METRICS_DOC_H

#include <stdio.h>

/** print_metrics_doc - every CSV file and column, as Markdown */
void print_metrics_doc(FILE *out);

#endif /* SPB_CMD_METRICS_DOC_H */
