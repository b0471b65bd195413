/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of a report, part by part; numbers are cells of the CSV files. */
#ifndef SPB_CMD_REPORT_TABLES_H
#define SPB_CMD_REPORT_TABLES_H

#include "cmd/report/report_page.h"

/** part_short - the figures to look at first, and where each variant diverges from the baseline */
void part_short(struct page *p);
/** part_figures - summary.csv and diff.csv, zone by zone */
void part_figures(struct page *p);
/** part_ledger - taint.csv, by comm, order and type, and row by row */
void part_ledger(struct page *p);
/** part_walks - visits.csv as a histogram */
void part_walks(struct page *p);
/** part_defrag - who asked for defrag, what he met (run.json), and each pass */
void part_defrag(struct page *p);
/** part_divergence - divergence.csv */
void part_divergence(struct page *p);

/** table_begin, table_end - a table in a box that scrolls on a screen */
void table_begin(struct page *p, const char *caption);
void table_end(struct page *p);

#endif /* SPB_CMD_REPORT_TABLES_H */
