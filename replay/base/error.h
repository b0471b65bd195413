/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors as values: a code that is also the exit status, and one line of text that names the
 * input and the place. Libraries fill it in; only cmd/ prints it.
 */
#ifndef SPB_REPLAY_ERROR_H
#define SPB_REPLAY_ERROR_H

#include "model/types.h"

/**
 * enum err_code - what went wrong, as the exit status of the tool
 * @ERR_NONE: nothing
 * @ERR_DIFFERS: results differ (only with --exit-code)
 * @ERR_USAGE: the caller asked for something impossible (options, variants, names)
 * @ERR_DAMAGED: the input is damaged; what could be used was used
 * @ERR_IO: reading, writing or memory failed
 * @ERR_BUG: an invariant of the model broke
 */
enum err_code {
	ERR_NONE = 0,
	ERR_DIFFERS = 1,
	ERR_USAGE = 2,
	ERR_DAMAGED = 3,
	ERR_IO = 4,
	ERR_BUG = 5,
};

#define ERR_TEXT_MAX 512

/**
 * struct error - one error
 * @code: what kind
 * @text: "FILE: what is wrong (offset or event) - what to do", no newline; cut, never overrun
 */
struct error {
	enum err_code code;
	char text[ERR_TEXT_MAX];
};

/**
 * err_set - fill in an error, keep the first one
 * @err: may be NULL; an error that is already set is kept
 * @code: the kind; never ERR_NONE
 * @fmt: printf format of the text
 *
 * Return: the negative code, so that callers can write `return err_set(...)`.
 */
int err_set(struct error *err, enum err_code code, const char *fmt, ...) __printf(3, 4);

/** err_nomem - err_set() for a failed allocation of @what. Analysers see here that it is never 0 */
static inline int err_nomem(struct error *err, const char *what)
{
	(void)err_set(err, ERR_IO, "out of memory for %s - use a smaller --window or more memory",
		      what);
	return -(int)ERR_IO;
}

/** plain_char - @c in what people read: a control character could end a line or steer a terminal */
static inline char plain_char(char c)
{
	return (unsigned char)c < ' ' || c == 127 ? '?' : c;
}

#endif /* SPB_REPLAY_ERROR_H */
