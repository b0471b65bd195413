/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes to the user beside results: errors, warnings, notes, all to stderr, one line each,
 * each beginning with "spbreplay: ". Results go to stdout, whose failure is an error too.
 */
#ifndef SPB_CMD_SAY_H
#define SPB_CMD_SAY_H

#include "replay/base/error.h"

/** say_error - print @err. Return: its code, as exit status */
int say_error(const struct error *err);
/** say_warn - print a warning */
void say_warn(const char *fmt, ...) __printf(1, 2);
/** say - print a plain line on stderr */
void say(const char *fmt, ...) __printf(1, 2);

/** stdio_prepare - make fds 0 to 2 safe to use, and failed writes visible */
void stdio_prepare(void);
/** stdout_write - write @bytes, now or with what follows. Return: as stdout_flush() */
int stdout_write(const void *bytes, size_t len, struct error *err) __must_check;
/** stdout_flush - write what is buffered. Return: 0 or -ERR_IO, then nothing is left to write */
int stdout_flush(struct error *err) __must_check;
/** stdout_finish - flush stdout. Return: @status, or ERR_IO after a line when it failed */
int stdout_finish(int status);

#endif /* SPB_CMD_SAY_H */
