/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIGINT, SIGTERM and SIGHUP. While there is nothing to keep, the first one ends the program at
 * once, with a line and the status of partial results. Where results are on their way it sets a
 * flag instead, and files are marked partial; the next one kills. Files are never left
 * half-written: signals wait while they are.
 */
#ifndef SPB_CMD_STOP_H
#define SPB_CMD_STOP_H

#include <stdbool.h>

/**
 * stop_exits - call first: from here on the first signal ends the program. What was ignored stays
 * so
 */
void stop_exits(void);
/** stop_asks - from here on the first signal sets the flag, the next one kills */
void stop_asks(void);
/** stop_kills - from here on signals kill, as without us */
void stop_kills(void);
/** stop_flag - did a signal set it? */
const volatile bool *stop_flag(void);

/** stop_hold - SIGINT, SIGTERM and SIGHUP wait */
void stop_hold(void);
/** stop_release - what waited came too late and is forgotten; the next one kills */
void stop_release(void);
/** stop_hold_for - stop_hold(), unless @path is "-" or a pipe, where writing may take for ever */
void stop_hold_for(const char *path);

#endif /* SPB_CMD_STOP_H */
