/* SPDX-License-Identifier: GPL-2.0 */
/* How well the model answers this capture, where `check -o` left its figures in the folder. */
#ifndef SPB_CMD_REPORT_FIDELITY_H
#define SPB_CMD_REPORT_FIDELITY_H

#include "cmd/report/report_page.h"

/**
 * part_fidelity - events recorded, modelled and agreeing, from check.csv; or that nobody checked
 */
void part_fidelity(struct page *p);

#endif /* SPB_CMD_REPORT_FIDELITY_H */
