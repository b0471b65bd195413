// SPDX-License-Identifier: GPL-2.0
#include "replay/base/error.h"

#include <stdarg.h>
#include <stdio.h>

/* Names and words of files are quoted; the message stays one line, and steers no terminal. */
static void make_plain(char *text)
{
	for (; *text; text++)
		*text = plain_char(*text);
}

int err_set(struct error *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (!err || err->code != ERR_NONE)
		return -(int)code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	make_plain(err->text);
	return -(int)code;
}
