/* SPDX-License-Identifier: GPL-2.0 */
/* How the results of a report were made: run.json for people. */
#ifndef SPB_CMD_REPORT_MADE_H
#define SPB_CMD_REPORT_MADE_H

#include "cmd/report/report_page.h"

/** part_made - inputs with hashes, variants, seed, oddities, files, what is not modelled */
void part_made(struct page *p);

#endif /* SPB_CMD_REPORT_MADE_H */
