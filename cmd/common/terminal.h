/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPB_CMD_TERMINAL_H
#define SPB_CMD_TERMINAL_H

#include <stdio.h>

#include "model/types.h"

/** terminal_width - columns of the terminal that standard output is, 0 when it is none */
u32 terminal_width(void);

/** terminal_text - print @text, a name from outside, by plain_char() */
void terminal_text(FILE *out, const char *text);

#endif /* SPB_CMD_TERMINAL_H */
