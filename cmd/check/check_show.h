/* SPDX-License-Identifier: GPL-2.0 */
/* What check prints: text to read, or JSON. */
#ifndef SPB_CMD_CHECK_SHOW_H
#define SPB_CMD_CHECK_SHOW_H

#include <stdio.h>

#include "replay/check/check.h"

/** check_text - print @r of @variant */
void check_text(const struct check_report *r, const char *variant, FILE *out);
/** check_json - print @r as JSON on stdout: facts as in check.csv, and the first disagreements */
int check_json(const struct check_report *r, const char *variant, struct error *err) __must_check;

#endif /* SPB_CMD_CHECK_SHOW_H */
