/* SPDX-License-Identifier: GPL-2.0 */
/* The fleet tables as people read them. */
#ifndef SPB_CMD_FLEET_TEXT_H
#define SPB_CMD_FLEET_TEXT_H

#include <stdio.h>

#include "replay/fleet/fleet_report.h"

/** fleet_text - print the tables of every variant but the baseline */
void fleet_text(const struct fleet_report *r, FILE *out);

#endif /* SPB_CMD_FLEET_TEXT_H */
