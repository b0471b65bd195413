/* SPDX-License-Identifier: GPL-2.0 */
/* The figures of a report as still pictures (SVG): seen in print and where scripts are off. */
#ifndef SPB_CMD_REPORT_SVG_H
#define SPB_CMD_REPORT_SVG_H

#include "cmd/report/report_page.h"

/** part_lines - series of timeline.csv, one line a variant */
void part_lines(struct page *p);
/** part_maps - spbmap.csv: a heat map of each variant, and its difference to the baseline */
void part_maps(struct page *p);
/** part_strip - the figure into which the script draws defrag passes; the table has them all */
void part_strip(struct page *p);

#endif /* SPB_CMD_REPORT_SVG_H */
